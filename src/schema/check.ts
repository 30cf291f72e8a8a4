import validService, { knownFields, patternWords, type SchemaError } from '#validators/service.mjs'

import type { CodeRow } from '../codes/code.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Remedy, Says } from '../text/diagnostic.js'
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
    message: `\`${formatPath(at)}\` is ${described(value)}, which \`${formatPath([...path, earlier, key])}\` already uses`,
    says: { by: 'Kubernetes', text: `Duplicate value: ${JSON.stringify(keys)}` },
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
      return 'have an item that the schema requires'
    case 'propertyNames':
      return `have no field \`${String(params['propertyName'])}\``
    case '$ref':
      return 'be validated by a schema that does not refer to itself endlessly'
    case 'not':
      return 'not match what the schema excludes'
    default:
      return `pass \`${keyword}\` of the schema`
  }
}

/** How many names of fields a help has room for. */
const mostNames = 7

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
  if (known.length === 0) return undefined
  const rest = known.length > mostNames ? ` and ${known.length - mostNames} more` : ''
  return `use one of ${known.slice(0, mostNames).join(', ')}${rest}`
}

function bound(comparison: string, limit: string): string {
  if (comparison === '>=') return `be at least ${limit}`
  if (comparison === '<=') return `be at most ${limit}`
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
      return { code: 'KN202', message: `${named(path)} is set, which the schema does not allow`, path, part: 'key' }
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
    message: `unknown field \`${formatPath(path)}\``,
    ...(voice.isCluster && { says: { by: 'Kubernetes', text: `unknown field "${formatPath(path)}"` } }),
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
  const message = `\`${formatPath(path)}\` is the same as \`${formatPath(earlier)}\``
  return { code: 'KN205', message, help: 'keep one of the two items', path }
}

const containers: Path = ['spec', 'template', 'spec', 'containers']

/** Go turns a required list that is absent into null. On the way to the containers, it is they that the cluster misses. */
function missing(path: Path, { isCluster }: Voice): SchemaFinding {
  if (!isCluster) {
    return { code: 'KN203', message: `\`${formatPath(path)}\` is missing`, path, part: 'key' }
  }
  const way = path.every((step, index) => step === containers[index])
  const at = way ? containers : path
  const full = formatPath(at)
  return {
    code: 'KN203',
    message: `\`${full}\` is missing`,
    says: { by: 'Kubernetes', text: `Invalid value: "null": ${full} in body must be of type array: "null"` },
    help: way ? 'add at least one container with its image' : 'write an empty list, `[]`',
    path: at,
    part: 'key',
  }
}

function wrongType({ params }: SchemaError, path: Path, data: Json | undefined, voice: Voice): SchemaFinding {
  const wanted = [params['type']].flat().filter((type) => type !== 'null')
  const found = described(data)
  const advice = wanted.map((type) => adviceFor(String(type), data)).find((text) => text !== undefined)
  const words = wanted.map((type) => typeNames[String(type)] ?? String(type)).join(' or ')

  const [only, other] = wanted
  const remedy = other === undefined ? retyped(String(only), path, data) : undefined
  return {
    code: 'KN201',
    message: `${named(path)} is ${found}; must be ${words}`,
    ...(voice.isCluster && { says: { by: 'Knative', text: undecodable(data, wanted) } }),
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
  if (wanted === 'array') return 'start each item with `- `'
  return undefined
}

function notAllowed({ keyword, params }: SchemaError, path: Path, data: Json | undefined, voice: Voice): SchemaFinding {
  const words = keyword === 'pattern' ? voice.patternWords(String(params['pattern'])) : undefined
  const message = `${named(path)} is ${described(data)}; must ${words?.must ?? asked(keyword, params)}`
  const isTooLong = voice.isCluster && goLimits.has(Number(params['limit']))
  const said = isTooLong ? undecodable(data, ['integer']) : words?.phrase
  return { code: 'KN204', message, ...(said !== undefined && { says: { by: 'Knative', text: said } }), path }
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
  if (typeof value !== 'string') return JSON.stringify(value)
  return JSON.stringify(value.length > mostShown ? `${value.slice(0, mostShown)}…` : value)
}

/** As much of a found text as a message shows. */
const mostShown = 40

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
    title: 'Field has the wrong type',
    fixable: true,
    why: () =>
      'Knative decodes each field into one type, and a string is not a number even if it looks like one. Add or remove quotes; bare words such as `yes` and `on` are booleans.',
  },
  KN202: {
    name: 'unknown-field',
    severity: 'error',
    title: 'Field is unknown',
    fixable: true,
    why: () =>
      'A misspelled or misplaced field would have no effect, so Kubernetes rejects the whole manifest. Correct the name, or indent it to the right place.',
  },
  KN203: {
    name: 'missing-field',
    severity: 'error',
    title: 'Required field is missing',
    why: () =>
      'Knative rejects a manifest without this field. It is often there already, but misspelled or indented to another place.',
  },
  KN204: {
    name: 'invalid-value',
    severity: 'error',
    title: 'Value is not allowed',
    why: () =>
      'The value has the right type, but the field does not allow it, so Knative rejects the manifest. The message lists the allowed values.',
  },
  KN205: {
    name: 'duplicate-item',
    severity: 'error',
    title: 'List has two items with the same key',
    why: () =>
      'A key identifies each item of this list, such as the name of a variable or a volume, or the path of a mount. Kubernetes rejects a list with two items of one key. Merge them, or rename one.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** The code of a row. */
type SchemaCode = keyof typeof schemaFaults

/** What is wrong with the shape of one field. */
export type SchemaFinding = {
  readonly code: SchemaCode
  readonly message: string
  readonly help?: string
  readonly says?: Says
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
