import { readNamed } from '../io/text-file.js'
import type { SourceFile } from '../text/source.js'
import { UsageError, refuseRepeated } from './usage.js'

/** The file that `--live` names. @throws UsageError, or IoFailure where it cannot be read. */
export function liveFor(option: string | undefined, workingDirectory: string): { readonly live?: SourceFile } {
  refuseRepeated('live', option)
  if (option === undefined) return {}
  if (option === '') throw new UsageError('--live must name a file, but is empty')
  return { live: readNamed(option, workingDirectory) }
}
