import type { Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'

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
