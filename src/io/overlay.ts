import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/names.js'
import { isKustomization, kindOf, slashes } from './paths.js'

/** The kustomization of an overlay as users name it, and its folder, absolute, symbolic links followed. */
export type OverlayFile = { readonly path: string; readonly folder: string }

/**
 * The kustomization of a folder, or the very file; undefined where there is none.
 *
 * @throws IoFailure where the system does not tell.
 */
export function overlayKustomization(name: string, workingDirectory: string): OverlayFile | undefined {
  const wanted = path.resolve(workingDirectory, name)
  const kind = name === '' ? undefined : kindOf(wanted, name)
  if (kind === undefined) return undefined
  const candidates = kind === 'folder' ? kustomizationNames.map((one) => path.join(wanted, one)) : [wanted]
  const file = candidates.find((one) => isKustomization(one) && existsSync(one))
  if (file === undefined) return undefined
  const place = realpathSync.native(file)
  return { path: slashes(path.relative(workingDirectory, place)), folder: path.dirname(place) }
}
