import { resolvePlain } from '../yaml/scalar.js'
import { isRefusal, isMissing, isNull, type MapTree, type Refusal, textWithin, type Tree, withEntry } from './tree.js'

/**
 * What a strategic merge patch makes of a tree; undefined where it deletes it. Without merge keys, as of all kinds that
 * are no part of Kubernetes, a list replaces the whole one.
 *
 * Source: sigs.k8s.io/kustomize/kyaml/yaml/merge2/merge2.go, yaml/walk.
 */
export function merged(tree: Tree | undefined, patch: Tree | undefined): Tree | undefined | Refusal {
  const kind = [tree, patch].find((one) => !isMissing(one))?.kind ?? 'map'
  for (const one of [tree, patch])
    if (one && !isMissing(one) && one.kind !== kind)
      return {
        refused: `the patch replaces a ${words[kind]} with a ${words[one.kind]}`,
        said: 'wrong node kind',
      }
  if (kind === 'map') return mergedMap(tree, patch)
  if (patch === undefined) return tree
  if (isNull(patch)) return undefined
  // The quotes are those of the text that was there.
  return patch.kind === 'scalar' && tree?.kind === 'scalar'
    ? { ...patch, isQuoted: tree.isQuoted, ...(tree.shared && { shared: tree.shared }) }
    : patch
}

const words = { map: 'mapping', list: 'list', scalar: 'scalar' } as const

function mergedMap(tree: Tree | undefined, patch: Tree | undefined): Tree | undefined | Refusal {
  const directive = directiveOf(patch)
  const plain = patch?.kind === 'map' && directive !== undefined ? withEntry(patch, '$patch', undefined) : patch
  if (tree === undefined || isNull(tree)) {
    if (directive === 'delete') return undefined
    if (patch === undefined) return isExplicit(tree) ? tree : undefined
    return plain?.kind === 'map' ? fields(plain, plain) : undefined
  }
  if (isNull(patch)) return undefined
  if (directive === 'delete') return undefined
  if (patch?.kind === 'map' && patch.entries.has('$patch') && directive === undefined)
    return {
      refused: `\`$patch\` is \`${textWithin(patch, '$patch')}\`; must be \`delete\`, \`replace\` or \`merge\``,
    }
  if (tree.kind !== 'map') return tree
  if (plain?.kind !== 'map') return fields(tree, undefined)
  return directive === 'replace' ? fields(plain, plain) : fields(tree, plain)
}

/** A null that is spelled is kept where no patch speaks of it. */
function isExplicit(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.text !== ''
}

function fields(into: MapTree, patch: MapTree | undefined): MapTree | Refusal {
  const entries = new Map(into.entries)
  for (const key of new Set([...into.entries.keys(), ...(patch?.entries.keys() ?? [])])) {
    const own = into.entries.get(key)
    const other = patch?.entries.get(key)
    const result = merged(own?.value, other?.value)
    if (result && isRefusal(result)) return result
    const after = result && settled(result)
    if (after === undefined) entries.delete(key)
    else if (after !== own?.value) {
      // What takes the place of all that was there is shown where it stands.
      const shown = after.kind === 'map' ? (own?.key ?? other?.key) : (other?.key ?? own?.key)
      entries.set(key, { key: shown ?? after.spot, value: after })
    }
  }
  return { ...into, entries }
}

/** What a replacement made, and only looks like a number, gets quotes by any patch that passes it. */
function settled(tree: Tree): Tree {
  const isOpen = tree.kind === 'scalar' && tree.tag === '' && !tree.isQuoted
  return isOpen && typeof resolvePlain(tree.text) !== 'string' ? { ...tree, isQuoted: true } : tree
}

function directiveOf(patch: Tree | undefined): 'delete' | 'replace' | 'merge' | undefined {
  if (patch?.kind !== 'map') return undefined
  const text = textWithin(patch, '$patch')
  return text === 'delete' || text === 'replace' || text === 'merge' ? text : undefined
}

/** Whether the patch has lists, which kinds of Kubernetes itself merge by keys. */
export function hasLists(patch: Tree): boolean {
  if (patch.kind === 'list') return true
  return patch.kind === 'map' && [...patch.entries.values()].some(({ value }) => hasLists(value))
}
