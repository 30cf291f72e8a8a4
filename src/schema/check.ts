import validService, { knownFields, patternWords, type SchemaError } from '#validators/service.mjs'

import type { CodeRow } from '../codes/code.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Remedy } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { near, nearest, plural } from '../text/words.js'
import { isList, isObject, type Json, type JsonObject, member, numeral } from '../yaml/json.js'

const podSpec: Path = ['spec', 'template', 'spec']

/**
 * The lists that are maps to the API server, by the field that is the key (`x-kubernetes-list-map-keys` in the schema of
 * the Service resource): two items with one key are refused.
 */
function repeatedKeys(value: Json): readonly SchemaFinding[] {
  const spec = member(value, 'spec', 'template', 'spec')
  if (!isObject(spec)) return []
  const containers = member(spec, 'containers')
  return [
    ...repeated(member(spec, 'volumes'), 'name', [...podSpec, 'volumes']),
    ...repeated(member(spec, 'imagePullSecrets'), 'name', [...podSpec, 'imagePullSecrets']),
    ...(isList(containers) ? containers : []).flatMap((container, index) => {
      const path = [...podSpec, 'containers', index]
      return [
        ...repeated(member(container, 'env'), 'name', [...path, 'env']),
        ...repeated(member(container, 'volumeMounts'), 'mountPath', [...path, 'volumeMounts']),
      ]
    }),
  ]
}

function repeated(list: Json | undefined, key: string, path: Path): readonly SchemaFinding[] {
  if (!isList(list) || list.length < 2) return []
  const first = new Map<string, number>()
  const findings: SchemaFinding[] = []
  for (const [index, item] of list.entries()) {
    const value = member(item, key) ?? ''
    if (typeof value !== 'string') continue
    const earlier = first.get(value)
    if (earlier === undefined) {
      first.set(value, index)
      continue
    }
    findings.push(duplicate(path, [earlier, index], { [key]: value }))
  }
  return findings
}

/** Two items of the list at `path` with the same `keys`: the later one is to blame. */
function duplicate(
  path: Path,
  [earlier, later]: readonly [earlier: number, later: number],
  keys: JsonObject,
): SchemaFinding {
  const [key = '', value = null] = Object.entries(keys)[0] ?? []
  const at = [...path, later, key]
  return {
    code: 'KN205',
    message: `\`${formatPath(at)}\` must not be ${JSON.stringify(value)} as \`${formatPath([...path, earlier, key])}\` is already: "Duplicate value: ${JSON.stringify(keys)}"`,
    help: 'keep one of the two items, or give them different values',
    path: at,
  }
}

/** What a limit of a schema asks for, behind `must`: `be one of "a", "b"`. */
function asked(keyword: string, params: Readonly<Record<string, unknown>>): string {
  const { limit, comparison } = params
  switch (keyword) {
    case 'const':
      return `be ${JSON.stringify(params['allowedValue'])}`
    case 'enum':
      return `be ${oneOf(listed(params['allowedValues']).map((value) => JSON.stringify(value)))}`
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return bound(String(comparison), typeof limit === 'number' ? numeral(limit) : String(limit))
    case 'multipleOf':
      return `be a multiple of ${String(params['multipleOf'])}`
    case 'minLength':
    case 'maxLength':
      return `have ${atMost(keyword)} ${plural(Number(limit), 'character')}`
    case 'minItems':
    case 'maxItems':
      return `have ${atMost(keyword)} ${plural(Number(limit), 'item')}`
    case 'minProperties':
    case 'maxProperties':
      return `have ${atMost(keyword)} ${plural(Number(limit), 'field')}`
    case 'pattern':
      return `match \`${String(params['pattern'])}\``
    case 'format':
      return `fit into \`${String(params['format'])}\``
    case 'anyOf':
    case 'oneOf':
      return 'fit one of the forms that the schema allows'
    case 'contains':
      return 'have an item of the kind that the schema asks for'
    case 'propertyNames':
      return `have no field of the name \`${String(params['propertyName'])}\``
    case '$ref':
      return 'be judged by a schema that does not refer to itself without end'
    case 'not':
      return 'not fit what the schema rules out'
    default:
      return `pass \`${keyword}\` of the schema`
  }
}

/** How many words fit into a line of alternatives. */
const most = 20

/** `a`, or `one of a, b`, cut where there are too many for a line. */
function oneOf(words: readonly string[]): string {
  const shown = words.slice(0, most).join(', ')
  if (words.length > most) return `one of ${shown} and ${words.length - most} more`
  return words.length === 1 ? shown : `one of ${shown}`
}

/** What to write in place of a word that is not known. */
function meantAmong(word: string, known: readonly string[]): string | undefined {
  const meant = nearest(word, known)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  return known.length > 0 ? `known here: ${known.join(', ')}` : undefined
}

function bound(comparison: string, limit: string): string {
  if (comparison === '>=') return `not be less than ${limit}`
  if (comparison === '<=') return `not be more than ${limit}`
  return comparison === '>' ? `be more than ${limit}` : `be less than ${limit}`
}

function atMost(keyword: string): string {
  return keyword.startsWith('max') ? 'at most' : 'at least'
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

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
export function explainError(error: SchemaError, root: Json, voice: Voice): SchemaFinding {
  const { path, data } = pointerTarget(error.instancePath, root)
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
      return repeatedEntry(params, path)
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

function repeatedEntry({ earlier, later, keys }: SchemaError['params'], list: Path): SchemaFinding {
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
export function pointerTarget(pointer: string, root: Json): { readonly path: Path; readonly data: Json | undefined } {
  const path: (string | number)[] = []
  let data: Json | undefined = root
  for (const part of pointer.split('/').slice(1)) {
    const key: string = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(isList(data) ? Number(key) : key)
    data = isList(data) ? data[Number(key)] : isObject(data) ? data[key] : undefined
  }
  return { path, data }
}

/** What the schema can find wrong: one row a code. */
export const schemaFaults = {
  KN201: {
    name: 'wrong-type',
    severity: 'error',
    title: 'List has two items with the same key',
    fixable: true,
    why: () =>
      'The cluster decodes each field into a type of its own, and a text is no number even if it looks like one. Add or remove quotes; keep in mind that bare words such as yes and on are booleans.',
  },
  KN202: {
    name: 'unknown-field',
    severity: 'error',
    title: 'Field is unknown',
    fixable: true,
    why: () =>
      'A misspelt or misplaced field would do nothing, so the cluster refuses the whole manifest. Correct the name, or indent it to where it belongs.',
  },
  KN203: {
    name: 'missing-field',
    severity: 'error',
    title: 'Required field is missing',
    why: () =>
      'Without this field the cluster cannot make anything of the manifest and refuses it. Mostly it is there already, but misspelt or indented to another place.',
  },
  KN204: {
    name: 'invalid-value',
    severity: 'error',
    title: 'Value is not allowed',
    why: () =>
      'The value has the right type, but the field does not allow it, and the cluster refuses the manifest. The message lists what it does allow.',
  },
  KN205: {
    name: 'duplicate-item',
    severity: 'error',
    title: 'List has two items with the same key',
    why: () =>
      'The items of this list are told apart by a key, such as the name of a container or variable. When two have the same, server-side apply refuses the list and other ways of applying it may lose one: merge or rename them.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** The code of a row. */
type SchemaCode = keyof typeof schemaFaults

/** What is wrong with the shape of one field. */
export type SchemaFinding = {
  readonly code: SchemaCode
  readonly message: string
  readonly help?: string
  readonly path: Path
  readonly part?: 'key' | 'value'
  /** The one right answer, where there is one. */
  readonly remedy?: Remedy
}

/** A schema that judges shapes in place of the built-in one. */
export type Shape = {
  /** The file that it was read from. */
  readonly file: string
  readonly kind: 'CustomResourceDefinition' | 'JSON Schema'
  readonly check: (manifest: Pick<Manifest, 'value'>) => readonly SchemaFinding[]
}

/** What is wrong with the shape of a Service, by the schema that is given, else by the built-in one. */
export function checkSchema(manifest: Manifest, shape?: Shape): readonly SchemaFinding[] {
  return shape ? shape.check(manifest) : checkBuiltIn(manifest)
}

const voice: Voice = {
  isCluster: true,
  knownFields: (_, path) => knownFields()[path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')] ?? [],
  patternWords: (pattern) => patternWords()[pattern],
}

/**
 * Judges the shape of a Service by `schemas/service.json`, as the API server does with unknown fields refused and
 * Knative's webhook does when it decodes the object into Go types. Null means absent to both.
 */
export function checkBuiltIn({ value }: Pick<Manifest, 'value'>): readonly SchemaFinding[] {
  const errors = validService(value) ? [] : (validService.errors ?? [])
  return [...errors.map((error) => explainError(error, value, voice)), ...repeatedKeys(value)]
}
