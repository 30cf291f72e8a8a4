import type { ClusterSettings } from '../manifest/cluster-settings.js'
import { isObject, member, type Json } from '../manifest/json.js'
import type { LiveService } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { wished, type FieldWish } from '../manifest/splice/field-wish.js'
import { valueAt } from '../rules/fields.js'
import { missingDefaults } from '../rules/unspelled-name.js'
import type { Facts } from '../stages/move.js'
import { revisionOwners } from '../stages/service-name.js'
import type { Unspelled } from '../rules/unspelled.js'
import { changesOf } from '../rules/update/name-change.js'
import type { Path } from '../text/path.js'

/**
 * The wishes that write out what a template with its own name leaves to the cluster, once the other wishes are made: as
 * little as it takes for a later commit to keep the name. A template without a name needs none.
 */
export function spellingFor(
  manifest: Manifest,
  fields: readonly FieldWish[],
  facts: Facts,
  settings?: ClusterSettings,
): readonly FieldWish[] {
  const value = wished(manifest.value, fields)
  if (!isObject(value)) return []
  const fresh = { ...manifest, value }
  const defaults = missingDefaults(fresh, revisionOwners(manifest, facts), settings)
  return asLive(fresh, defaults, facts.live).map(({ path, value: written }) => ({ kind: 'set', path, value: written }))
}

/**
 * The defaults as the live object has them, and what else it was given that the file does not say: an operator may have
 * more filled in than anybody has stated. Only what the live object has under the very name of the template counts.
 */
function asLive(manifest: Manifest, defaults: readonly Unspelled[], live?: LiveService): readonly Unspelled[] {
  const template = live?.template
  const name = member(template, 'metadata', 'name')
  if (!live || !name || name !== member(manifest.value, 'spec', 'template', 'metadata', 'name')) return defaults
  const held: Json = { spec: { template: template ?? null } }
  const set = defaults.map(({ path, value }) => ({ kind: 'set', path, value }) as const)
  const spelled = member(wished(manifest.value, set), 'spec', 'template')
  const differing = changesOf(template, spelled, spelled)
  const corrected = defaults.map((one) => {
    const own = differing.some((path) => startsWith(path, one.path)) ? valueAt(held, one.path) : undefined
    return own === undefined ? one : { ...one, value: own }
  })
  const others = differing.flatMap((path) => {
    const value = valueAt(held, path) ?? null
    const isSaid =
      defaults.some((one) => startsWith(path, one.path)) || (valueAt(manifest.value, path) ?? null) !== null
    return isSaid || value === null ? [] : [{ path, value }]
  })
  return [...corrected, ...others]
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part)
}
