import type { Spot } from '../manifest/manifest.js'
import { append } from '../text/collections.js'
import { sha256 } from '../text/hashes.js'
import type { Range, SourceFile } from '../text/source.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import { asMap, type Behavior, type BuiltObject, idOf, withTexts } from './built-object.js'
import { textOf } from './field-specs.js'
import { type Kustomization, listItems, spotIn, type Reference } from './kustomization.js'
import {
  emptyMap,
  type Entry,
  isEmpty,
  isRefusal,
  type MapTree,
  type Refusal,
  textScalar,
  textWithin,
  type Tree,
  treeJson,
  within,
  withoutEntry,
  withValue,
} from './tree.js'

/** An entry of a list of generators, and what it stands for. */
export type Generator = {
  readonly at: Kustomization
  readonly kind: 'ConfigMap' | 'Secret'
  readonly item: Json
  readonly path: readonly (string | number)[]
}

/** The generators of a kustomization in their order. */
export function generatorsOf(at: Kustomization): readonly Generator[] {
  return (['configMapGenerator', 'secretGenerator'] as const).flatMap((key) =>
    listItems(at.value, key).map(({ item, path }) => ({
      at,
      item,
      path,
      kind: key === 'secretGenerator' ? ('Secret' as const) : ('ConfigMap' as const),
    })),
  )
}

/** Reads a file that a generator names; undefined where nothing can be said of it. */
export type Inputs = (reference: Reference) => SourceFile | Refusal

type Pair = { readonly key: string; readonly value: string; readonly spot: Spot }

/**
 * The object that a generator makes, before anything changes its name.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/generators, api/kv/kv.go.
 */
export function generated(generator: Generator, inputs: Inputs): BuiltObject | Refusal {
  const { at, item, kind, path } = generator
  const here = (...more: readonly string[]): Spot => spotIn(at, [...path, ...more])
  const name = textOf(item, 'name')
  if (name === '') return { refused: 'a generator has no `name`', said: 'a configmap must have a name' }
  const pairs = pairsOf(generator, inputs)
  if (isRefusal(pairs)) return pairs
  const entries = new Map<string, Entry>()
  for (const { key, value, spot } of pairs) {
    if (entries.has(key))
      return { refused: `the generator sets the key \`${key}\` twice`, said: 'illegally repeats the key' }
    entries.set(key, { key: spot, value: textScalar(kind === 'Secret' ? base64(value) : value, spot) })
  }
  const data: MapTree = { kind: 'map', spot: here(), entries }
  let tree: Tree = emptyMap(here())
  const put = (keys: readonly string[], text: string, spot: Spot): void => {
    tree = withValue(tree, keys, textScalar(text, spot))
  }
  put(['apiVersion'], 'v1', here())
  put(['kind'], kind, here())
  put(['metadata', 'name'], name, here('name'))
  const namespace = textOf(item, 'namespace')
  if (namespace !== '') put(['metadata', 'namespace'], namespace, here('namespace'))
  if (kind === 'Secret') put(['type'], textOf(item, 'type') || 'Opaque', here('type'))
  if (kind === 'Secret' || pairs.length > 0) tree = withValue(tree, ['data'], data)
  const options = [member(item, 'options'), member(at.value, 'generatorOptions')]
  for (const field of ['labels', 'annotations'] as const)
    for (const option of options.toReversed())
      for (const [key, value] of Object.entries(asObject(member(option, field))))
        if (typeof value === 'string') put(['metadata', field, key], value, here())
  const isFixed = options.some((option) => member(option, 'disableNameSuffixHash') === true)
  const sources = new Set([at.file, ...pairs.map(({ spot }) => spot.file)])
  const behavior = behaviorOf(textOf(item, 'behavior'))
  return { tree: asMap(tree, data), previous: [], prefixes: [], suffixes: [], needsHash: !isFixed, sources, behavior }
}

function asObject(value: Json | undefined): { readonly [key: string]: Json } {
  return isObject(value) ? value : {}
}

function behaviorOf(text: string): Behavior {
  return text === 'merge' || text === 'replace' ? text : 'create'
}

function pairsOf({ at, item, path }: Generator, inputs: Inputs): readonly Pair[] | Refusal {
  const texts = (key: string): readonly Reference[] => {
    const list = member(item, key)
    const items = isList(list) ? list : []
    return items.flatMap((name, index) => (typeof name === 'string' ? [{ name, path: [...path, key, index] }] : []))
  }
  const pairs: Pair[] = []
  const env = textOf(item, 'env')
  for (const reference of [...texts('envs'), ...(env === '' ? [] : [{ name: env, path: [...path, 'env'] }])]) {
    const file = inputs(reference)
    if (isRefusal(file)) return file
    append(pairs, environment(file))
  }
  for (const { name, path: own } of texts('literals')) {
    const sign = name.indexOf('=')
    if (sign <= 0)
      return { refused: `literal \`${name.slice(0, 60)}\` is not \`key=value\``, said: 'invalid literal source' }
    const spot = spotIn(at, own)
    pairs.push({ key: name.slice(0, sign), value: unquoted(name.slice(sign + 1)), spot })
  }
  for (const reference of texts('files')) {
    const named = fileSource(reference.name)
    if (isRefusal(named)) return named
    const file = inputs({ name: named.file, path: reference.path })
    if (isRefusal(file)) return file
    pairs.push({ key: named.key, value: file.text, spot: { file, range: firstLine(file.text) } })
  }
  return pairs
}

function fileSource(source: string): { readonly key: string; readonly file: string } | Refusal {
  const [key = '', file, ...more] = source.split('=')
  if (file === undefined) return { key: source.replace(/\/+$/, '').split('/').at(-1) ?? '', file: source }
  if (key === '' || file === '' || more.length > 0)
    return { refused: `file \`${source.slice(0, 60)}\` of a generator is neither \`path\` nor \`key=path\`` }
  return { key, file }
}

function firstLine(text: string): Range {
  const newline = text.indexOf('\n')
  return { start: 0, end: newline < 0 ? text.length : newline }
}

function environment(file: SourceFile): readonly Pair[] {
  const pairs: Pair[] = []
  let start = 0
  for (const whole of file.text.split('\n')) {
    const range = { start, end: start + whole.length }
    const plain = whole.replace(/\r$/, '')
    const line = (start === 0 ? plain.replace(/^\uFEFF/, '') : plain).trimStart()
    start += whole.length + 1
    if (line === '' || line.startsWith('#')) continue
    const sign = line.indexOf('=')
    const key = sign < 0 ? line : line.slice(0, sign)
    if (key !== '') pairs.push({ key, value: sign < 0 ? '' : line.slice(sign + 1), spot: { file, range } })
  }
  return pairs
}

function unquoted(text: string): string {
  const first = text.charAt(0)
  const isQuoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first)
  return isQuoted ? text.slice(1, -1) : text
}

const lineLength = 70

/** As kustomize writes it: in lines, if it takes more than one. */
function base64(text: string): string {
  const encoded = encode(new TextEncoder().encode(text))
  return encoded.length < lineLength ? encoded : encoded.replaceAll(/.{1,70}/g, '$&\n')
}

function encode(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * The end of the name that kustomize gives an object for its content.
 *
 * Source: sigs.k8s.io/kustomize/api/hasher/hasher.go.
 */
export function hashOf({ tree }: BuiltObject): string {
  const { kind } = idOf({ tree })
  const data = (key: string): Json => {
    const value = within(tree, key)
    return value ? treeJson(value) : ''
  }
  const more = kind === 'Secret' ? 'stringData' : 'binaryData'
  const content: Readonly<Record<string, Json>> = {
    ...(isObject(data(more)) && { [more]: data(more) }),
    data: data('data'),
    kind,
    name: '',
    ...(kind === 'Secret' && { type: textWithin(tree, 'type') }),
  }
  const letters: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }
  return sha256(goJson(content))
    .slice(0, 10)
    .replaceAll(/[013ae]/g, (digit) => letters[digit] ?? digit)
}

/** JSON as Go writes it: keys in the order of their bytes, and some characters as escapes. */
function goJson(value: Json): string {
  if (isList(value)) return `[${value.map(goJson).join(',')}]`
  if (!isObject(value)) return escaped(JSON.stringify(value))
  const members = Object.entries(value)
    .toSorted(([a], [b]) => inBytes(a, b))
    .map(([key, own]) => `${escaped(JSON.stringify(key))}:${goJson(own)}`)
  return `{${members.join(',')}}`
}

function escaped(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function inBytes(a: string, b: string): number {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)]
  const at = left.findIndex((byte, index) => byte !== right[index])
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}

/** What becomes of an object that a generator of the same name replaces, or merges its data into. */
export function absorbed(old: BuiltObject, made: BuiltObject): BuiltObject {
  let tree: Tree = made.tree
  for (const field of ['labels', 'annotations'])
    tree = mergedInto(
      tree,
      within(withTexts(old.tree, field === 'labels' ? 'labels' : 'annotations'), 'metadata', field),
      ['metadata', field],
    )
  if (made.behavior === 'merge')
    for (const field of ['data', 'binaryData']) {
      tree = mergedInto(tree, within(old.tree, field), [field])
      if (isEmpty(within(tree, field))) tree = withoutEntry(tree, [field])
    }
  const name = within(old.tree, 'metadata', 'name')
  if (name) tree = withValue(tree, ['metadata', 'name'], name)
  const namespace = within(old.tree, 'metadata', 'namespace')
  if (namespace) tree = withValue(tree, ['metadata', 'namespace'], namespace)
  const sources = new Set([...old.sources, ...made.sources])
  return { ...old, tree: asMap(tree, made.tree), sources, needsHash: old.needsHash && made.needsHash }
}

/** The members of `more` where the tree has none of its own. */
function mergedInto(tree: Tree, more: Tree | undefined, keys: readonly string[]): Tree {
  if (more?.kind !== 'map' || more.entries.size === 0) return tree
  const own = within(tree, ...keys)
  const entries = new Map([...more.entries, ...(own?.kind === 'map' ? own.entries : [])])
  return withValue(tree, keys, { ...more, entries })
}
