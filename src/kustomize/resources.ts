import { findManifests } from '../manifest/find.js'
import { type Manifest, nodeAt } from '../manifest/manifest.js'
import type { SourceFile } from '../text/source.js'
import { type BuiltObject, isKnativeService } from './built-object.js'
import { treesIn } from './read-tree.js'
import { isEmpty, isNull, isRefusal, type MapTree, type Refusal, textWithin, type Tree, within } from './tree.js'
import { extent } from '../yaml/places.js'

/** The objects among documents as kustomize takes them, those in Lists after all others. */
export function objectsAmong(trees: readonly Tree[]): readonly MapTree[] | Refusal {
  const queue: Tree[] = trees.filter((tree) => !isEmpty(tree))
  const objects: MapTree[] = []
  // What a List holds comes to the end of the queue.
  for (const tree of queue) {
    const kind = textWithin(tree, 'kind')
    const items = within(tree, 'items')
    const isInlined = kind.endsWith('List') && items !== undefined
    if (tree.kind !== 'map' || kind === '')
      return { refused: 'an object has no `kind`', said: 'missing kind in object' }
    if (!kind.endsWith('List') && textWithin(tree, 'metadata', 'name') === '')
      return { refused: `a ${kind} has no name`, said: 'missing metadata.name in object' }
    if (!isInlined) objects.push(tree)
    else if (items.kind === 'list') queue.push(...items.items.filter((item) => !isEmpty(item)))
    else if (!isNull(items)) return { refused: `\`items\` of a ${kind} is not a list`, said: 'expected array' }
  }
  return objects
}

const read = new WeakMap<SourceFile, readonly BuiltObject[] | Refusal>()

/** The objects of a resource file before anything has a say in them; a file that many name is read once. */
export function freshObjects(file: SourceFile): readonly BuiltObject[] | Refusal {
  const known = read.get(file)
  if (known) return known
  const trees = treesIn(file)
  const found = isRefusal(trees) ? trees : objectsAmong(trees)
  const objects = isRefusal(found) ? found : fresh(file, found)
  read.set(file, objects)
  return objects
}

function fresh(file: SourceFile, trees: readonly MapTree[]): readonly BuiltObject[] {
  const hasServices = trees.some(isKnativeService)
  const bases = new Map<string, Manifest>()
  if (hasServices)
    for (const manifest of findManifests(file).manifests) {
      const { start, end } = extent(nodeAt(manifest, []))
      bases.set(`${start}:${end}`, manifest)
    }
  const sources = new Set([file])
  return trees.map((tree) => {
    const { start, end } = tree.spot.range
    const base = isKnativeService(tree) ? bases.get(`${start}:${end}`) : undefined
    return { tree, ...(base && { base }), previous: [], prefixes: [], suffixes: [], needsHash: false, sources }
  })
}
