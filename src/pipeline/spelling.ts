import type { Manifest } from '../manifest/manifest.js'
import { wished, type FieldWish } from '../manifest/splice/field-wish.js'
import { isObject } from '../manifest/json.js'
import { missingDefaults } from '../rules/unspelled-name.js'
import type { Facts } from '../stages/move.js'
import { revisionOwners } from '../stages/service-name.js'

/**
 * The wishes that write out what a template with its own name leaves to the cluster, once the other wishes are made: as
 * little as it takes for a later commit to keep the name. A template without a name needs none.
 */
export function spellingFor(manifest: Manifest, fields: readonly FieldWish[], facts: Facts): readonly FieldWish[] {
  const value = wished(manifest.value, fields)
  if (!isObject(value)) return []
  return missingDefaults({ ...manifest, value }, revisionOwners(manifest, facts)).map(({ path, value: written }) => {
    return { kind: 'set', path, value: written }
  })
}
