import { isMap, isSeq } from 'yaml'

import type { Path } from '../text/path.js'
import { nodeAt } from './locate.js'
import type { Manifest } from './manifest.js'
import { isMergeKey, keyText, rangeOf } from './read.js'

/** A field of an object, from its root, and the offset where its key, or its value, stands. */
export type FieldStart = { readonly path: Path; readonly start: number }

type Located = Pick<Manifest, 'document' | 'root' | 'targets'>

/** Where the fields of an object stand, as far as they are written out in it: what an alias repeats is not followed. */
export function* fieldStarts(manifest: Located): Generator<FieldStart, void> {
  const node = nodeAt(manifest, [])
  yield* startsIn(manifest, node, [])
}

function* startsIn(manifest: Located, node: unknown, path: Path): Generator<FieldStart, void> {
  const { start, end } = rangeOf(node)
  if (end > start) yield { path, start }
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* startsIn(manifest, item, [...path, index])
  if (!isMap(node)) return
  for (const pair of node.items) {
    const key = isMergeKey(pair) ? '<<' : keyText(pair.key, (alias) => manifest.targets.get(alias))
    if (key === undefined) continue
    const own = [...path, key]
    yield { path: own, start: rangeOf(pair.key).start }
    yield* startsIn(manifest, pair.value, own)
  }
}
