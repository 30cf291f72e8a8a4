import type { SchemaError } from '#validators/service.mjs'

import { near, nearest } from '../text/nearest.js'
import { formatPath, type Path } from '../text/path.js'
import type { Remedy } from '../text/remedy.js'
import { isList, isObject, member, numeral, type Json, type JsonObject } from './json.js'
import { duplicate } from './keyed-lists.js'
import type { SchemaFinding } from './schema.js'
import { asked, meantAmong } from './schema-words.js'

/** Whose words a schema speaks. */
export type Voice = {
  /** Whether it stands for a cluster: then a message has the cluster's own words as well, so that people find them. */
  readonly isCluster: boolean
  /** The names of the fields that are known where an unknown one was found. */
  readonly knownFields: (error: SchemaError, mapping: Path) => readonly string[]
  /** What a pattern means, and what a cluster says of a value that does not match. */
  readonly patternWords: (pattern: string) => { readonly must?: string; readonly phrase?: string } | undefined
}

/** Turns an error of a schema validator into words and a place; `root` is the object it was found in. */
export function explain(error: SchemaError, root: Json, voice: Voice): SchemaFinding {
  const { path, data } = placeOf(error.instancePath, root)
  const { params } = error
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownField(error, path, data, voice)
    case 'required':
    case 'dependentRequired':
    case 'dependencies':
      return missing([...path, String(params['missingProperty'])], voice)
    case 'type':
      return data === null && voice.isCluster ? missing(path, voice) : wrongType(error, path, data, voice)
    case 'uniqueItems':
      return repeatedItem(path, Number(params['i']), Number(params['j']))
    case 'x-kubernetes-list-type':
      return repeated(params, path)
    case 'false schema':
      return { code: 'KN202', message: `${named(path)} must not be set`, path, part: 'key' }
    default:
      return notAllowed(error, path, data, voice)
  }
}

function unknownField(error: SchemaError, parent: Path, data: Json | undefined, voice: Voice): SchemaFinding {
  const key = String(error.params['additionalProperty'] ?? error.params['unevaluatedProperty'])
  const path = [...parent, key]
  const known = voice.knownFields(error, parent)
  const help = meantAmong(key, known)
  const meant = nearest(key, known)
  const isSure = meant !== undefined && near(key, known).length === 1 && member(data, meant) === undefined
  return {
    code: 'KN202',
    message: `\`${formatPath(path)}\` must not be set, there is no such field: unknown field "${formatPath(path)}"`,
    ...(help === undefined ? {} : { help }),
    path,
    part: 'key',
    ...(isSure && { remedy: { kind: 'rename', path, to: meant } }),
  }
}

function repeated({ earlier, later, keys }: SchemaError['params'], list: Path): SchemaFinding {
  const found = keys as JsonObject
  if ('' in found) return repeatedItem(list, Number(earlier), Number(later))
  return duplicate(list, [Number(earlier), Number(later)], found)
}

function repeatedItem(list: Path, index: number, other: number): SchemaFinding {
  const [earlier, path] = [
    [...list, Math.min(index, other)],
    [...list, Math.max(index, other)],
  ]
  const message = `\`${formatPath(path)}\` must not be the same as \`${formatPath(earlier)}\``
  return { code: 'KN205', message, help: 'keep one of the two items', path }
}

const containers: Path = ['spec', 'template', 'spec', 'containers']

/** Go turns a required list that is absent into null. On the way to the containers, it is they that the cluster misses. */
function missing(path: Path, { isCluster }: Voice): SchemaFinding {
  if (!isCluster) {
    return { code: 'KN203', message: `\`${formatPath(path)}\` must be set, but is missing`, path, part: 'key' }
  }
  const way = path.every((step, index) => step === containers[index])
  const at = way ? containers : path
  const full = formatPath(at)
  return {
    code: 'KN203',
    message: `\`${full}\` must be set, but is missing: "Invalid value: "null": ${full} in body must be of type array: "null""`,
    help: way ? 'list at least one container with its image' : 'write an empty list, `[]`, if there is nothing to say',
    path: at,
    part: 'key',
  }
}

function wrongType({ params }: SchemaError, path: Path, data: Json | undefined, voice: Voice): SchemaFinding {
  const wanted = [params['type']].flat().filter((type) => type !== 'null')
  const found = described(data)
  const advice = wanted.map((type) => adviceFor(String(type), data)).find((text) => text !== undefined)
  const words = wanted.map((type) => typeNames[String(type)] ?? String(type)).join(' or ')
  const said = voice.isCluster ? `: "${undecodable(data, wanted)}"` : ''
  const [only, other] = wanted
  const remedy = other === undefined ? retyped(String(only), path, data) : undefined
  return {
    code: 'KN201',
    message: `${named(path)} must be ${words}, but is ${found}${said}`,
    ...(advice === undefined ? {} : { help: advice }),
    path,
    ...(remedy && { remedy }),
  }
}

/** What the value was surely meant to be. */
function retyped(wanted: string, path: Path, data: Json | undefined): Remedy | undefined {
  if (wanted === 'string' && (typeof data === 'number' || typeof data === 'boolean')) return { kind: 'quote', path }
  if (wanted !== 'integer' || typeof data !== 'string' || !/^(?:0|-?[1-9][0-9]{0,14})$/.test(data)) return undefined
  return { kind: 'number', path, value: Number(data) }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
}

function adviceFor(wanted: string, data: unknown): string | undefined {
  const scalar = typeof data === 'number' || typeof data === 'boolean'
  if (wanted === 'string' && scalar) return `put it in quotes: "${data}"`
  if (wanted === 'integer' && typeof data === 'string' && /^\s*[0-9]+(?:\s*%)?\s*$/.test(data))
    return `write ${Number.parseInt(data, 10)}, without quotes`
  if (wanted === 'boolean' && typeof data === 'string') return 'write true or false, without quotes'
  if (wanted === 'array') return 'begin each item with `- `'
  return undefined
}

function notAllowed({ keyword, params }: SchemaError, path: Path, data: Json | undefined, voice: Voice): SchemaFinding {
  const words = keyword === 'pattern' ? voice.patternWords(String(params['pattern'])) : undefined
  const message = `${named(path)} must ${words?.must ?? asked(keyword, params)}, but is ${described(data)}`
  const isTooLong = voice.isCluster && goLimits.has(Number(params['limit']))
  const said = isTooLong ? undecodable(data, ['integer']) : words?.phrase
  return { code: 'KN204', message: said === undefined ? message : `${message}: "${said}"`, path }
}

/** The ends of the integers that Go has room for: a number beyond them is refused as one of the wrong type is. */
const goLimits: ReadonlySet<number> = new Set([-(2 ** 31), 2 ** 31 - 1, -(2 ** 63), 2 ** 63])

/**
 * What Go says of a value that a field cannot hold. Where it wanted an integer, it shows the number that was none; what
 * may be a text or any number is a quantity, which reads its text itself.
 */
function undecodable(data: unknown, wanted: readonly unknown[]): string {
  if (wanted.includes('string') && wanted.includes('number')) return 'quantities must match the regular expression'
  if (!wanted.includes('integer') || typeof data !== 'number')
    return `cannot unmarshal ${goKind(data)} into Go struct field`
  // Beyond 64 bits a number has become a float on its way, which has no more digits than it needs.
  const digits = Math.abs(data) < 2 ** 63 ? numeral(data) : String(data)
  return `cannot unmarshal number ${digits} into Go struct field`
}

function named(path: Path): string {
  return path.length === 0 ? '`kind: Service`' : `\`${formatPath(path)}\``
}

function described(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return value === null ? 'null' : 'a mapping'
  if (typeof value === 'number') return numeral(value)
  return typeof value === 'string' ? `the string ${JSON.stringify(value)}` : JSON.stringify(value)
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** The path that a JSON pointer means, and the value there. */
export function placeOf(pointer: string, root: Json): { readonly path: Path; readonly data: Json | undefined } {
  const path: (string | number)[] = []
  let data: Json | undefined = root
  for (const part of pointer.split('/').slice(1)) {
    const key: string = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(isList(data) ? Number(key) : key)
    data = isList(data) ? data[Number(key)] : isObject(data) ? data[key] : undefined
  }
  return { path, data }
}
