import { overlayKustomization, type OverlayFile } from '../io/overlay.js'
import type { EditOptions } from './edit-options.js'
import { UsageError, refuseRepeated } from './usage.js'

/**
 * The kustomization that `--overlay` names, by its folder or itself.
 *
 * @throws UsageError where there is none, or it is given beside paths, or --shared without it.
 */
export function overlayIn(
  { overlay, shared, path }: Pick<EditOptions, 'overlay' | 'shared' | 'path'>,
  workingDirectory: string,
): OverlayFile | undefined {
  refuseRepeated('overlay', overlay)
  if (overlay === undefined) {
    if (shared) throw new UsageError('--shared must be given together with --overlay: it is about what overlays share')
    return undefined
  }
  if (path.length > 0)
    throw new UsageError('--overlay must not be given together with paths: it finds the files of the overlay itself')
  const found = overlayKustomization(overlay, workingDirectory)
  if (found) return found
  throw new UsageError(`--overlay must name a folder with a kustomization, but \`${overlay}\` is none`)
}
