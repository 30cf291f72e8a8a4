import { isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Manifest } from '../manifest.js'
import { rangeOf } from '../read.js'
import { insideOf, obstacle, type Field } from './in-the-way.js'
import type { Obstacle } from './obstacle.js'
import { isObstacle, stepTo } from './step.js'

/** The nodes that an edit of `spec.traffic` works on. */
export type Reach = {
  readonly spec: YAMLMap
  /** The `traffic` member of `spec`, if there is one, and its list, if it has one. */
  readonly pair?: Pair
  readonly list?: YAMLSeq
}

const traffic: Field = { name: '`spec.traffic`', member: 'an entry of `spec.traffic`' }

/** Walks to `spec.traffic`, as far as it is there. */
export function reachTraffic(manifest: Manifest): Reach | Obstacle {
  let node: unknown = manifest.document.contents
  for (const step of manifest.root) {
    const found = stepTo(manifest, node, step, traffic)
    if (isObstacle(found)) return found
    node = found.node
  }
  const found = stepTo(manifest, node, 'spec', traffic)
  if (isObstacle(found)) return found
  const spec = found.node
  if (!isMap(spec) || spec.items.length === 0) {
    const message = '`spec` must be a mapping with at least one member to take a `traffic` list'
    return obstacle('KN414', message, found.pair?.key ?? node, 'write `spec:` with its template first')
  }
  const member = stepTo(manifest, spec, 'traffic', traffic)
  if (isObstacle(member)) return member
  return member.pair ? reachList(manifest, { spec, pair: member.pair }) : { spec }
}

function reachList(manifest: Manifest, reach: Reach & { readonly pair: Pair }): Reach | Obstacle {
  const { value } = reach.pair
  const blocked = insideOf(manifest, value, traffic)
  if (blocked) return blocked
  if (!isSeq(value)) return reach
  const odd = value.items.find((item) => !isMap(item))
  if (odd === undefined) return { ...reach, list: value }
  const message = 'every entry of `spec.traffic` must be a mapping to be edited'
  if (isSeq(odd) || (isScalar(odd) && rangeOf(odd).end > rangeOf(odd).start))
    return obstacle('KN414', message, odd, 'write its members, as in `revisionName: …`, behind one dash')
  return obstacle('KN414', message, reach.pair.key, 'remove the empty entries first')
}
