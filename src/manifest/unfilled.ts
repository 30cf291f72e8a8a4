import { isMap, isScalar, isSeq, type Pair, type Scalar } from 'yaml'

import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { isMergeKey, keyText, rangeOf } from '../yaml/read.js'
import { readByYaml3, resolvePlain, scalarText } from '../yaml/scalar.js'
import { type Manifest, nodeAt, type Part } from './manifest.js'

/** What others put in the place of a value, before it is applied or after it was read here. */

/**
 * The spellings of what is filled in later: Helm and Go templates, GitHub and Backstage, Flux and envsubst, Tekton and
 * kustomize, Azure and Octopus, the vault plugin of Argo CD, ERB, spruce, and signs around capitals. None of them looks
 * at a character more than a few times.
 */
const spellings = [
  /\$?\{\{[^{}\n]*\}\}/,
  /\$\{[A-Za-z_][^{}\n]*\}/,
  /\$\([\w.-]+\)/,
  /\$[A-Z_][A-Z0-9_]*/,
  /#\{[^{}\n]*\}#?/,
  /<path:[^<>\n]*>/,
  /<%[^%\n]*%>/,
  /\[\[[^[\]\n]*\]\]/,
  /\(\([^()\n]*\)\)/,
  /([@%])[A-Z][A-Z0-9_]*\1/,
  /__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__/,
  /<[A-Z][A-Z0-9_-]*>/,
] as const
const signs = /[$#<[(@%{]|__/

/** The placeholder in a text that is filled in before it is applied, if there is one. */
export function placeholderIn(text: string): string | undefined {
  if (!signs.test(text)) return undefined
  for (const spelling of spellings) {
    const found = spelling.exec(text)?.[0]
    if (found !== undefined) return found
  }
  return undefined
}

/** The placeholder that stands for a value, or in it. To YAML, `[[ x ]]` is a list in a list. */
export function placeholderFor(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return placeholderIn(value)
  const [inner] = isList(value) && value.length === 1 ? value : []
  const [word] = isList(inner) && inner.length === 1 ? inner : []
  return typeof word === 'string' ? `[[ ${word} ]]` : undefined
}

/** Whether a value is what sops has made of it. */
export function isEncrypted(value: Json | undefined): boolean {
  return typeof value === 'string' && /^ENC\[[A-Z0-9_]+,/.test(value)
}

/** Whether sops has encrypted parts of an object, and has written down how. */
export function isSealed(value: JsonObject): boolean {
  const sops = member(value, 'sops')
  return isObject(sops) && ['mac', 'lastmodified', 'version'].some((key) => member(sops, key) !== undefined)
}

/** Whether an edit of any value breaks the seal: sops then takes the file for one that a stranger has changed. */
export function isSealedWhole(value: JsonObject): boolean {
  return isSealed(value) && member(value, 'sops', 'mac_only_encrypted') !== true
}

/** The places of what sops has encrypted. */
export function* encryptedIn(value: Json, path: Path = []): Generator<Path, void> {
  if (isEncrypted(value)) yield path
  if (isList(value)) for (const [index, item] of value.entries()) yield* encryptedIn(item, [...path, index])
  if (isObject(value))
    for (const [key, item] of Object.entries(value))
      if (path.length > 0 || key !== 'sops') yield* encryptedIn(item, [...path, key])
}

/** A place where the readers of one repository do not agree on what it says. */
type Ambiguity = { readonly message: string; readonly help: string; readonly path: Path; readonly part: Part }

/**
 * Where kubectl and Argo CD (go-yaml v2) read another value than kustomize and Flux (go-yaml v3) do. Aliases are not
 * followed: what they stand for is looked at where it stands.
 */
export function* ambiguities(manifest: Manifest): Iterable<Ambiguity> {
  // What kustomize has read is written out, and means one thing.
  if (manifest.spotOf) return
  const { file, document, root } = manifest
  const [first, , last] = document.range
  const isAlone = root.length === 0
  const { start, end } = isAlone ? { start: first, end: last } : rangeOf(nodeAt(manifest, []))
  const text = file.text.slice(start, end)
  if (doubtful.some((sign) => sign.test(text))) yield* inNode(nodeAt(manifest, []), manifest.value, [])
}

/** What a text must have for its readers to disagree: a merge key, a word that can be a boolean, or a date. */
const doubtful = [/<</, /\b(?:[yY](?:es|ES)?|[nN][oO]?|[oO](?:[nN]|ff|FF))\b/, /\d{4}-\d{1,2}-\d/]

function* inNode(node: unknown, value: Json | undefined, path: Path): Iterable<Ambiguity> {
  if (isScalar(node)) {
    const other = isPlain(node) ? readByYaml3(scalarText(node)) : undefined
    if (other !== undefined && value !== undefined) yield scalar(scalarText(node), value, other, path)
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries())
      yield* inNode(item, isList(value) ? value[index] : undefined, [...path, index])
  } else if (isMap(node)) {
    const lastMerge = node.items.findLastIndex((pair) => isMergeKey(pair))
    for (const [index, pair] of node.items.entries()) {
      const key = isMergeKey(pair) ? undefined : keyText(pair.key, () => undefined)
      if (key === undefined) continue
      const at = [...path, key]
      yield* inKey(pair, key, at)
      const read = isObject(value) ? value[key] : undefined
      if (index < lastMerge && isOverlaid(pair, read)) yield overlaid(at)
      else yield* inNode(pair.value, read, at)
    }
  }
}

function scalar(text: string, value: Json, other: string, path: Path): Ambiguity {
  return {
    message: `\`${formatPath(path)}\` is ${JSON.stringify(value)} to kubectl, but ${JSON.stringify(other)} to kustomize and Flux`,
    help: typeof value === 'string' ? `put it in quotes: "${text}"` : `write ${JSON.stringify(value)}`,
    path,
    part: 'value',
  }
}

function* inKey({ key: node }: Pair, key: string, path: Path): Iterable<Ambiguity> {
  const text = isScalar(node) && isPlain(node) ? scalarText(node) : key
  if (text === key || typeof resolvePlain(text) !== 'boolean' || readByYaml3(text) === undefined) return
  yield {
    message: `the key \`${text}\` of \`${formatPath(path)}\` is ${JSON.stringify(key)} to kubectl, but ${JSON.stringify(text)} to kustomize and Flux`,
    help: `write "${text}"`,
    path,
    part: 'key',
  }
}

/** go-yaml v2 lets a merge key win over what stands before it, v3 never. */
function isOverlaid({ value: node }: Pair, read: Json | undefined): boolean {
  if (!isScalar(node) || read === undefined) return false
  return (isPlain(node) ? resolvePlain(scalarText(node)) : scalarText(node)) !== read
}

function overlaid(path: Path): Ambiguity {
  return {
    message: `\`${formatPath(path)}\` is before the merge key \`<<\`: kubectl uses the merged value, kustomize and Flux use this one`,
    help: 'move `<<` to the top of the mapping',
    path,
    part: 'value',
  }
}

function isPlain({ type, tag }: Scalar): boolean {
  return (type === 'PLAIN' || type === undefined) && tag === undefined
}
