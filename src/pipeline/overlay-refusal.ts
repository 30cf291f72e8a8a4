import { rangeIn, type Kustomization } from '../manifest/kustomize/kustomization.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import type { Reason } from './refusal.js'

/** A refusal to edit what an overlay builds, shown where the kustomization says so. */
export function refusalAt(kustomization: Kustomization, path: Path, reason: Reason, service?: string): Diagnostic {
  return {
    severity: 'error',
    ...reason,
    file: kustomization.file.path,
    range: rangeIn(kustomization, path, 'key'),
    path: formatPath(path),
    ...(service !== undefined && { service }),
  }
}

/** A file of a folder as messages name it. */
export function inFolder(folder: string, file: string): string {
  return folder === '.' ? file : `${folder}/${file}`
}
