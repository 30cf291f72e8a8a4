import { isScalar } from 'yaml'

import { nodeAt } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isJsonText, type Json, member } from '../yaml/json.js'
import { resolvePlain } from '../yaml/scalar.js'
import {
  asMap,
  type BuiltObject,
  changed,
  gvkOf,
  idOf,
  idsOf,
  isKnativeService,
  keyOfId,
  mayHave,
  remembered,
  sameId,
  withNotes,
  withoutNotes,
  withTexts,
} from './built-object.js'
import { textOf } from './field-specs.js'
import { operated } from './json-patch.js'
import { type Kustomization, listItems, type Reference, spotIn } from './kustomization.js'
import { isObjectText } from './patch-paths.js'
import { objectsAmong, type Placing, placingInside, treesIn } from './resources.js'
import { isTarget } from './selector.js'
import {
  isEmpty,
  isMissing,
  isNull,
  isRefusal,
  type MapTree,
  type Refusal,
  textWithin,
  type Tree,
  withEntry,
  within,
  withoutEntry,
  withValue,
} from './tree.js'

/** One entry of a list of patches, read. */
type LaidPatch = {
  readonly at: Kustomization
  /** Where the kustomization has it. */
  readonly path: Path
  /** Where its text stands. */
  readonly file: SourceFile
  readonly target?: Json
  readonly options: { readonly name: boolean; readonly kind: boolean }
  /** Whether it stands in `patches`, by which kustomize remembers names. */
  readonly isCommon: boolean
  readonly body: { readonly merges: readonly MapTree[] } | { readonly operations: Tree }
}

/** Reads a file that a kustomization names. */
type Files = (reference: Reference) => SourceFile | Refusal

type PatchList = 'patchesStrategicMerge' | 'patches' | 'patchesJson6902'

/** The patches of one list of a kustomization, up to the first that kustomize refuses. */
export function* readPatches(
  at: Kustomization,
  key: PatchList,
  files: Files,
): Generator<{ readonly path: Path; readonly patch: LaidPatch | Refusal }, void> {
  for (const { item, path } of listItems(at.value, key)) {
    const source = sourceOf(at, item, path, files)
    if (isRefusal(source)) {
      yield { path, patch: source }
      return
    }
    const target = key === 'patchesStrategicMerge' ? undefined : (member(item, 'target') ?? undefined)
    const body = bodyOf(at, source, key)
    if (isRefusal(body)) {
      yield { path: source.path, patch: body }
      return
    }
    const options = member(item, 'options')
    const patch = {
      at,
      path: source.path,
      file: source.file,
      isCommon: key === 'patches',
      options: { name: member(options, 'allowNameChange') === true, kind: member(options, 'allowKindChange') === true },
      body,
      ...(target !== undefined && target !== null && { target }),
    }
    yield { path: source.path, patch }
  }
}

type PatchSource = {
  readonly path: Path
  readonly file: SourceFile
  readonly text: SourceFile
  readonly placing?: Placing
}

function sourceOf(at: Kustomization, item: Json, path: Path, files: Files): PatchSource | Refusal {
  const isPlain = typeof item === 'string'
  const inline = isPlain ? (isObjectText(item) ? item : '') : textOf(item, 'patch')
  const name = isPlain ? (inline === '' ? item : '') : textOf(item, 'path')
  if (inline.trim() === '' && name === '')
    return { refused: 'a patch has neither `patch` nor `path`', said: 'must specify one of patch and path' }
  if (inline.trim() !== '' && name !== '')
    return { refused: 'a patch has both `patch` and `path`', said: "can't be set at the same time" }
  if (name === '') {
    const own = isPlain ? path : [...path, 'patch']
    const node = nodeAt(at, own)
    const spot = spotIn(at, own)
    const placing = placingInside(isScalar(node) ? node : undefined, spot)
    return { path: own, file: at.file, text: { path: at.file.path, text: inline }, placing }
  }
  const own = isPlain ? path : [...path, 'path']
  const file = files({ name, path: own })
  return isRefusal(file) ? file : { path: own, file, text: file }
}

/** What a text of a patch holds, read once, however many kustomizations lead to it. */
const bodies = new WeakMap<object, Map<string, LaidPatch['body'] | Refusal>>()

function bodyOf(
  at: Kustomization,
  { path, file, text, placing }: PatchSource,
  key: PatchList,
): LaidPatch['body'] | Refusal {
  const isInline = file !== text
  const known = bodies.get(isInline ? at : file) ?? new Map<string, LaidPatch['body'] | Refusal>()
  bodies.set(isInline ? at : file, known)
  const place = isInline ? formatPath(path) : key
  const body = known.get(place) ?? readBody(text, placing, key)
  known.set(place, body)
  return body
}

function readBody(text: SourceFile, placing: Placing | undefined, key: PatchList): LaidPatch['body'] | Refusal {
  const trees = treesIn(text, placing)
  if (isRefusal(trees)) return trees
  const [operations] = trees
  const isJsonPatch = operations?.kind === 'list' && key !== 'patchesStrategicMerge'
  // Only what begins otherwise is read as YAML.
  if (isJsonPatch && text.text.startsWith('[') && !isJsonText(text.text))
    return { refused: 'a patch that begins with `[` is not JSON', said: 'unable to parse SM or JSON patch' }
  if (isJsonPatch)
    return isEmpty(operations) ? { refused: 'a patch is empty', said: 'patch appears to be empty' } : { operations }
  if (key === 'patchesJson6902') return { refused: 'a JSON patch is not a list of operations' }
  const merges = objectsAmong(trees)
  if (isRefusal(merges)) return merges
  return merges.length > 0 ? { merges } : { refused: 'a patch is empty', said: 'unable to parse SM or JSON patch' }
}

/**
 * What becomes of all objects by a patch.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/builtins/PatchTransformer.go and its kin.
 */
export function laid(patch: LaidPatch, objects: readonly BuiltObject[]): readonly BuiltObject[] | Refusal {
  const { body, target } = patch
  if ('operations' in body) {
    if (target === undefined) return { refused: 'a JSON patch has no `target`', said: 'must specify a target' }
    if (!patch.isCommon && textOf(target, 'name') === '')
      return { refused: 'a JSON patch has no `name` of its target', said: 'must specify the target name' }
    return each(objects, target, (object) => withOperations(patch, body.operations, object))
  }
  if (target !== undefined) {
    const [merge, second] = body.merges
    if (second)
      return { refused: 'several patches in one item have a `target`', said: 'Multiple Strategic-Merge Patches' }
    const after = merge ? each(objects, target, (object) => withMerge(patch, asCopied(merge, object), object)) : objects
    return isRefusal(after) ? after : (clash(after) ?? after)
  }
  let result = objects
  for (const merge of body.merges) {
    const after = withNamed(patch, merge, result)
    if (isRefusal(after)) return after
    result = after
  }
  return result
}

/** Two objects of one name, which kustomize refuses. The names of all of them come to those that are known. */
export function clash(objects: readonly BuiltObject[], known = new Set<string>()): Refusal | undefined {
  for (const object of objects) {
    const id = idOf(object)
    const key = keyOfId(id)
    if (known.has(key))
      return {
        refused: `${id.kind} \`${id.name}\` is twice in the build`,
        said: 'already registered id',
      }
    known.add(key)
  }
  return undefined
}

function each(
  objects: readonly BuiltObject[],
  target: Json,
  change: (object: BuiltObject) => BuiltObject | undefined | Refusal,
): readonly BuiltObject[] | Refusal {
  const result: BuiltObject[] = []
  for (const object of objects) {
    const isMeant = isTarget(target, object)
    if (typeof isMeant !== 'boolean') return isMeant
    const after = isMeant ? change(object) : object
    if (after === undefined) continue
    if (isRefusal(after)) return after
    result.push(after)
  }
  return result
}

function withNamed(
  patch: LaidPatch,
  merge: MapTree,
  objects: readonly BuiltObject[],
): readonly BuiltObject[] | Refusal {
  const id = idOf({ tree: merge })
  const meant = objects.filter((object) => mayHave(object, id.name) && idsOf(object).some((one) => sameId(one, id)))
  const [object, second] = meant
  const label = `${id.kind} \`${id.name}\`${id.namespace === '' ? '' : ` in \`${id.namespace}\``}`
  if (!object) return { refused: `the patch matches no object (${label})`, said: 'no matches for Id' }
  if (second) return { refused: `the patch matches several objects (${label})`, said: 'multiple matches for Id' }
  const after = withMerge(patch, patch.isCommon ? merge : asCopied(merge, object), object)
  if (after && isRefusal(after)) return after
  return objects.flatMap((one) => (one === object ? (after ?? []) : [one]))
}

/** The patch as kustomize copies it for each object: labels and annotations become texts, a null among them as well. */
function asCopied(merge: MapTree, { tree }: BuiltObject): MapTree {
  const texts = withTexts(withTexts(merge, 'labels'), 'annotations')
  const version = within(tree, 'apiVersion')
  return version ? withEntry(texts, 'apiVersion', version) : texts
}

const ownGroups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions'])

function withMerge(patch: LaidPatch, merge: MapTree, before: BuiltObject): BuiltObject | undefined | Refusal {
  const isRenaming = patch.options.name || patch.options.kind
  const object = isRenaming ? allowing(patch, remembered(before)) : before
  const result = merged(object.tree, merge)
  if (result && isRefusal(result)) return result
  if (result?.kind !== 'map' || result.entries.size === 0) return undefined
  const { name, namespace } = idOf(object)
  let tree = result
  const own = within(object.tree, 'kind')
  if (!patch.options.kind && own) tree = withEntry(tree, 'kind', own)
  const ownName = within(object.tree, 'metadata', 'name')
  if (!patch.options.name && ownName) tree = asMap(withValue(tree, ['metadata', 'name'], ownName), tree)
  const place = within(object.tree, 'metadata', 'namespace')
  tree =
    namespace === '' || !place
      ? asMap(withoutEntry(tree, ['metadata', 'namespace']), tree)
      : asMap(withValue(tree, ['metadata', 'namespace'], place), tree)
  const isUnclear = ownGroups.has(gvkOf(tree).group) && !isKnativeService(tree) && hasLists(merge)
  const after = changed(object, tree, patch.file, patch.at.file)
  return isUnclear && name !== '' ? { ...after, hasUnclearLists: true } : after
}

function allowing({ options }: LaidPatch, object: BuiltObject): BuiltObject {
  const allowed = [...(options.name ? ['allowNameChange'] : []), ...(options.kind ? ['allowKindChange'] : [])]
  return { ...object, allowed: [...(object.allowed ?? []), ...allowed] }
}

function withOperations(patch: LaidPatch, operations: Tree, before: BuiltObject): BuiltObject | Refusal {
  const object = patch.isCommon ? remembered(before) : before
  const result = operated(withNotes(object), operations)
  if (isRefusal(result)) return result
  if (result.kind !== 'map') return { refused: 'the result of a JSON patch is not a mapping' }
  return changed(object, withTexts(withoutNotes(result), 'annotations'), patch.file, patch.at.file)
}

/**
 * What a strategic merge patch makes of a tree; undefined where it deletes it. Without merge keys, as of all kinds that
 * are no part of Kubernetes, a list replaces the whole one.
 *
 * Source: sigs.k8s.io/kustomize/kyaml/yaml/merge2/merge2.go, yaml/walk.
 */
function merged(tree: Tree | undefined, patch: Tree | undefined): Tree | undefined | Refusal {
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
function hasLists(patch: Tree): boolean {
  if (patch.kind === 'list') return true
  return patch.kind === 'map' && [...patch.entries.values()].some(({ value }) => hasLists(value))
}
