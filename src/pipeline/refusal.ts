import { type Kustomization, rangeIn } from '../kustomize/kustomization.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import type { Remark } from '../stages/stage.js'
import type { Diagnostic, Says } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'

/** What a refusal says; where it shows is told by the Service and a path in it. */
export type Reason = {
  readonly code: string
  readonly message: string
  readonly help: string
  readonly says?: Says
  /** The field that it is about, where that is not told by what is done. */
  readonly path?: Path
  /** What has that field, if it is not the Service or patch that is edited. */
  readonly at?: Manifest
}

/** A refusal of one Service as a diagnostic, shown at the field it is about. */
export function refuse(manifest: Manifest, reason: Reason, path: Path = reason.path ?? traffic): Diagnostic {
  const { code, message, help, says } = reason
  return { code, severity: 'error', message, help, ...(says && { says }), ...fieldPlace(manifest, path, reason.at) }
}

/** A remark on one Service as a diagnostic, shown at its traffic. */
export function remarkOn(manifest: Manifest, { code, severity, message, help, waits }: Remark): Diagnostic {
  const more = { ...(help !== undefined && { help }), ...(waits !== undefined && { waits }) }
  return { code, severity, message, ...more, ...fieldPlace(manifest, traffic) }
}

const traffic: Path = ['spec', 'traffic']

function fieldPlace(
  manifest: Manifest,
  path: Path,
  at: Manifest = manifest,
): Pick<Diagnostic, 'file' | 'range' | 'path' | 'service'> {
  return {
    file: at.file.path,
    range: locate(at, path, 'key'),
    path: formatPath(path),
    service: manifest.label,
  }
}

/** The edit does not read back as what was asked for. */
export const unproved: Reason = {
  code: 'KN416',
  message: 'cannot edit the file: the edit does not read back as intended',
  help: 'write `spec.traffic`, and the other fields to change, as plain block lines and run this again',
}

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
