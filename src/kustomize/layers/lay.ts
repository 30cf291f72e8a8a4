import type { Path } from '../../text/path.js'
import { isList, isObject, type Json, member } from '../../yaml/json.js'
import type { Applier, Laid, Layers, Spot } from './layer.js'

/** A kustomization as a controller builds it: what its file says, and what was written over that, with the place of each. */
export type Overlaid = {
  readonly value: Json
  /** Where a field is that its file does not have; undefined for what the file itself says. */
  readonly spotOf: (path: Path) => Spot | undefined
}

/**
 * The kustomization of the folder with what the controller writes into it before the build: a prefix, a suffix and a
 * namespace in the place of its own, images in the place of those with the same name, and the rest behind its own.
 *
 * Source: argo-cd util/kustomize/kustomize.go Build; fluxcd/pkg kustomize/kustomize_generator.go WriteFile.
 */
export function laidOver(
  kustomization: Json,
  { layers, controller }: Pick<Applier, 'layers' | 'controller'>,
): Overlaid {
  const own = isObject(kustomization) ? kustomization : {}
  const spots = new Map<string, Spot>()
  const fields: Record<string, Json> = {}
  for (const key of ['namePrefix', 'nameSuffix', 'namespace'] as const) {
    const laid = layers[key]
    if (!laid) continue
    fields[key] = laid.value
    spots.set(key, laid.spot)
  }
  const append = (key: string, ownItems: readonly Json[], laid: readonly Laid<Json>[]): void => {
    if (laid.length === 0) return
    fields[key] = [...ownItems, ...laid.map(({ value }) => value)]
    for (const [index, { spot }] of laid.entries()) spots.set(`${key}/${ownItems.length + index}`, spot)
  }
  append('components', itemsIn(own, 'components'), layers.components)
  append('patches', itemsIn(own, 'patches'), layers.patches)
  append('images', keptImages(own, layers), layers.images)
  append('labels', itemsIn(own, 'labels'), pairsOf(layers, controller))
  const { annotations } = layers
  if (annotations && isObject(annotations.value)) {
    const present = member(own, 'commonAnnotations')
    fields['commonAnnotations'] = { ...(isObject(present) && present), ...annotations.value }
    for (const key of Object.keys(annotations.value)) spots.set(`commonAnnotations/${key}`, annotations.spot)
  }
  const spotOf = (path: Path): Spot | undefined => spots.get(String(path[0])) ?? spots.get(path.slice(0, 2).join('/'))
  return { value: { ...own, ...fields }, spotOf }
}

function itemsIn(own: Json, key: string): readonly Json[] {
  const list = member(own, key)
  return isList(list) ? list : []
}

function keptImages(own: Json, { images }: Layers): readonly Json[] {
  const names = new Set<Json | undefined>(images.map(({ value }) => value.name))
  return itemsIn(own, 'images').filter((entry) => !names.has(member(entry, 'name')))
}

/** Labels of Flux reach no template; those of Argo CD do, as `commonLabels`, which a Knative template is no part of. */
function pairsOf({ labels }: Layers, controller: Applier['controller']): readonly Laid<Json>[] {
  return labels
    ? [{ value: { pairs: labels.value, includeSelectors: controller === 'Argo CD' }, spot: labels.spot }]
    : []
}
