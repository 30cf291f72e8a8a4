import type { Manifest } from '../manifest/manifest.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf } from '../text/path.js'
import { optionWords, shellPath } from '../text/shell-word.js'
import { thisService } from '../text/this-service.js'

/** Reports cut what is longer, and would leave a command that names another file. */
const longest = 200

/** Completes the commands in the helps of a run with the file, or the overlay, that they are about. */
export function pasteable(
  diagnostics: readonly Diagnostic[],
  manifests: readonly Manifest[],
  overlay: string | undefined,
): readonly Diagnostic[] {
  if (!diagnostics.some(({ help }) => help?.includes(thisService))) return diagnostics
  const counts = new Map<string, number>()
  for (const { file } of manifests) counts.set(file.path, (counts.get(file.path) ?? 0) + 1)
  return diagnostics.map((diagnostic) => {
    const { help, file, service } = diagnostic
    if (!help?.includes(thisService)) return diagnostic
    const choice = service && counts.get(file) !== 1 ? ` ${optionWords('--service', service).join(' ')}` : ''
    const words =
      overlay === undefined
        ? `${shellPath(file === '(stdin)' ? '-' : file)}${choice}`
        : `--overlay ${shellPath(folderOf(overlay) || '.')}`
    return { ...diagnostic, help: help.replaceAll(thisService, () => (words.length > longest ? 'FILE' : words)) }
  })
}
