import type { SchemaError } from '#validators/service.mjs'
import { Ajv, type KeywordDefinition, type Options } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'

import type { Matcher } from '../text/automaton.js'
import { goPattern, type PatternFault } from '../text/go-regexp.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { explainError, pointerTarget, type SchemaFinding, type Voice } from './check.js'

/** A word that ajv does not know, and its errors with it. */
const keyedListWord = 'x-kubernetes-list-type'

/**
 * Lists that are maps or sets to the API server: two items with one key are refused. A key that is not there has its
 * default, as it has in a cluster.
 */
const keyedList: KeywordDefinition = {
  keyword: keyedListWord,
  type: 'array',
  schemaType: 'string',
  errors: true,
  compile(listType: unknown, schema): DataValidateFunction {
    const parent = schema as JsonObject
    const keysOf = listType === 'map' ? mapKeys(parent) : listType === 'set' ? setKeys : undefined
    const judge: DataValidateFunction = (data: unknown) => {
      judge.errors = keysOf && isList(data as Json) ? repeated(data as readonly Json[], keysOf) : []
      return judge.errors.length === 0
    }
    return judge
  },
}

type Keys = (item: Json) => JsonObject | undefined

function mapKeys(list: JsonObject): Keys | undefined {
  const names = list['x-kubernetes-list-map-keys']
  if (!isList(names) || names.length === 0) return undefined
  const keys = names.flatMap((key) => {
    if (typeof key !== 'string') return []
    return [{ key, fallback: member(list, 'items', 'properties', key, 'default') ?? '' }]
  })
  return (item) => {
    if (!isObject(item)) return undefined
    return Object.fromEntries(keys.map(({ key, fallback }) => [key, member(item, key) ?? fallback]))
  }
}

const setKeys: Keys = (item) => ({ '': item })

function repeated(items: readonly Json[], keysOf: Keys): NonNullable<DataValidateFunction['errors']> {
  const first = new Map<string, number>()
  return items.flatMap((item, index) => {
    const keys = keysOf(item)
    const identity = JSON.stringify(keys)
    if (keys === undefined) return []
    const earlier = first.get(identity)
    if (earlier !== undefined) return [{ keyword: keyedListWord, params: { earlier, later: index, keys } }]
    first.set(identity, index)
    return []
  })
}

/** Judges a value: the errors of ajv, in their order. */
export type Judge = (value: Json) => readonly SchemaError[]

/** Why a schema cannot judge anything, and where in it. */
export type CompileFault = { readonly reason: string; readonly path: Path }

/** The sizes that Go gives to numbers. Other formats are not judged: an API server ignores those that it does not know. */
const formats: Options['formats'] = {
  int32: { type: 'number', validate: (value: number) => Math.abs(value + 0.5) <= 2 ** 31 },
  int64: { type: 'number', validate: (value: number) => value >= -(2 ** 63) && value < 2 ** 63 },
}

const options: Options = {
  allErrors: true,
  strict: false,
  verbose: true,
  logger: false,
  inlineRefs: false,
  formats,
}

/** How ajv gets its patterns. It tells them apart by their text. */
function patternsOf(isStructural: boolean): NonNullable<Options['code']> {
  const nothing = { test: () => false }
  const regExp = (pattern: string): { readonly test: (text: string) => boolean; readonly toString: () => string } => {
    const matcher = schemaPattern(pattern, isStructural)
    return { test: 'test' in matcher ? matcher.test : nothing.test, toString: () => pattern }
  }
  return { regExp: Object.assign(regExp, { code: 'schemaPattern' }) }
}

/** Compiles a schema of any dialect that its `$schema` names; without one it is of 2020-12. */
export function compile(schema: Json, isStructural: boolean): Judge | CompileFault {
  try {
    const translated = translate(schema, isStructural)
    const [pattern] = translated.faults
    if (pattern) return pattern
    return compiled(translated.schema, isOld(schema), patternsOf(isStructural))
  } catch (error) {
    if (error instanceof RangeError) return { reason: 'is nested too deeply or refers to itself', path: [] }
    return { reason: `cannot be compiled: ${error instanceof Error ? error.message : ''}`, path: [] }
  }
}

function compiled(schema: Json, isDraft07: boolean, code: NonNullable<Options['code']>): Judge | CompileFault {
  const ajv = isDraft07 ? new Ajv({ ...options, code }) : new Ajv2020({ ...options, code })
  const written = isObject(schema) ? schema : {}
  if (ajv.validateSchema(written) !== true) {
    const [error] = ajv.errors ?? []
    const { path } = pointerTarget(error?.instancePath ?? '', written)
    return { reason: `is not a valid schema${error?.message === undefined ? '' : `: ${error.message}`}`, path }
  }
  ajv.addKeyword(keyedList)
  const validate = ajv.compile(written)
  // A schema that refers to itself without end is found out before it judges anything.
  validate({ apiVersion: '', kind: '', metadata: {}, spec: {} })
  return (value) => (validate(value) ? [] : (validate.errors ?? []))
}

/** `$schema` of draft-07 and before; `http://json-schema.org/schema#` stands for the latest of its time. */
function isOld(schema: Json): boolean {
  const named = isObject(schema) ? schema['$schema'] : undefined
  return typeof named === 'string' && /json-schema\.org\/(?:draft-0\d\/)?schema/.test(named)
}

/** What a compiled schema finds wrong with a value. Pure and total. */
export function findingsOf(judge: Judge, value: Json, isCluster: boolean): readonly SchemaFinding[] {
  const voice = voices[isCluster ? 'cluster' : 'file']
  return withoutNulls(judge, value, isCluster).map((error) => explainError(error, value, voice))
}

const file: Voice = { isCluster: false, knownFields, patternWords: () => undefined }
const voices = { file, cluster: { ...file, isCluster: true } } satisfies Readonly<Record<string, Voice>>

function knownFields({ parentSchema }: SchemaError): readonly string[] {
  return Object.keys(parentSchema?.['properties'] ?? {})
}

/**
 * Null is absent to a cluster, unless the schema takes it: members that are null and found wrong are left out, and what
 * is left is judged. Go makes an empty item of one that is null.
 */
function withoutNulls(judge: Judge, value: Json, isCluster: boolean): readonly SchemaError[] {
  const errors = run(judge, value)
  const nulls = new Set(errors.map(({ instancePath }) => instancePath).filter((at) => isNull(at, value)))
  if (nulls.size === 0) return errors
  const left = run(judge, without(value, nulls, ''))
  return isCluster ? left.filter(({ instancePath }) => !isNull(instancePath, value)) : left
}

function run(judge: Judge, value: Json): readonly SchemaError[] {
  try {
    return withoutBranches(judge(value))
  } catch (error) {
    if (error instanceof RangeError) return [endless]
    throw error
  }
}

const endless: SchemaError = { keyword: '$ref', instancePath: '', params: {}, schemaPath: '#' }

function isNull(pointer: string, root: Json): boolean {
  return pointerTarget(pointer, root).data === null
}

function without(value: Json, nulls: ReadonlySet<string>, pointer: string): Json {
  if (isList(value)) return value.map((item, index) => without(item, nulls, `${pointer}/${index}`))
  if (!isObject(value)) return value
  const members = Object.entries(value).flatMap(([key, one]) => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return one === null && nulls.has(at) ? [] : [[key, without(one, nulls, at)] as const]
  })
  return Object.fromEntries(members) satisfies JsonObject
}

const alternatives = new Set(['anyOf', 'oneOf', 'contains', 'propertyNames'])

/**
 * Leaves out what is said twice: why each branch of an alternative does not fit, or each item or name that could, where
 * none does, and that an `if` led to what is wrong. Where all branches ask for a type, they become one error that names them all.
 */
function withoutBranches(errors: readonly SchemaError[]): readonly SchemaError[] {
  let left: SchemaError[] = []
  for (const error of errors) {
    if (error.keyword === 'if') continue
    if (!alternatives.has(error.keyword)) {
      left.push(error)
      continue
    }
    const branches = left.filter((one) => isBranch(one, error))
    left = left.filter((one) => !branches.includes(one))
    left.push(asType(error, branches))
  }
  return left
}

function isBranch({ instancePath, schemaPath }: SchemaError, alternative: SchemaError): boolean {
  if (instancePath !== alternative.instancePath && !instancePath.startsWith(`${alternative.instancePath}/`))
    return false
  const parent = alternative.schemaPath.slice(0, alternative.schemaPath.lastIndexOf('/') + 1)
  const isSibling = schemaPath.startsWith(parent) && !schemaPath.startsWith(`${alternative.schemaPath}/`)
  return !isSibling
}

function asType(alternative: SchemaError, branches: readonly SchemaError[]): SchemaError {
  const own = branches.filter(({ instancePath }) => instancePath === alternative.instancePath)
  const isAboutType =
    branches.length > 0 && own.length === branches.length && own.every(({ keyword }) => keyword === 'type')
  if (!isAboutType) return alternative
  return { ...alternative, keyword: 'type', params: { type: own.flatMap(({ params }) => params['type']) } }
}

/**
 * What a pattern of a schema is looked for with. All are read as the API server reads those of a CRD, which is Go's way;
 * a JSON schema may say `\uXXXX` besides. References back and looks around are refused there as here: nothing that stands
 * in a schema can take more time than the text that it judges.
 */
function schemaPattern(pattern: string, isStructural: boolean): Matcher | PatternFault {
  return goPattern(isStructural ? pattern : pattern.replaceAll(escape, (all, ...halves) => spelled(all, halves)))
}

/** A pair of surrogates, one character, or what else a backslash stands before. */
const escape = /\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})|\\u([0-9A-F]{4})|\\u\{([0-9A-F]+)\}|\\[^]/gi

function spelled(all: string, [high, low, short, long]: readonly (string | undefined)[]): string {
  if (high !== undefined && low !== undefined) {
    const pair = String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16))
    return `\\x{${pair.codePointAt(0)?.toString(16)}}`
  }
  const code = short ?? long
  return code === undefined ? all : `\\x{${code}}`
}

/** Why a pattern cannot be compiled, and where in the schema it stands. */
type UntranslatedPattern = { readonly path: Path; readonly reason: string }

/** What is left of a message for the words of Go. */
const longestReason = 90

/** A schema as ajv takes it. Paths in it are paths in the schema that was written. */
type Translated = { readonly schema: Json; readonly faults: readonly UntranslatedPattern[] }

const maps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'])
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const singles = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
])

/**
 * Takes the words of OpenAPI and of Kubernetes out of a schema. With `isStructural`, it is the schema of a CRD: fields
 * that it does not name are refused as strict validation does, and what Knative's webhook fills in before the API server
 * looks is not missed.
 */
function translate(schema: Json, isStructural: boolean): Translated {
  const translator = new Translator(isStructural)
  return { schema: translator.schema(schema, [], isStructural), faults: translator.faults }
}

class Translator {
  readonly faults: UntranslatedPattern[] = []

  constructor(private readonly isStructural: boolean) {}

  /** `isWhole` where the schema describes a value as a whole: a branch of `anyOf` and the like only adds to one. */
  schema(schema: Json, path: Path, isWhole: boolean): Json {
    if (!isObject(schema)) return schema
    const entries = Object.entries(schema).flatMap(([key, value]) => {
      const translated = this.keyword(key, value, schema, path, isWhole)
      return translated === undefined ? [] : [[key, translated] as const]
    })
    const result: JsonObject = Object.fromEntries(entries)
    return this.isStructural && isWhole ? structural(result) : result
  }

  private pattern(pattern: string, path: Path): void {
    const matcher = schemaPattern(pattern, this.isStructural)
    if ('test' in matcher) return
    const reason = `is not a regular expression that Go accepts (RE2): ${cut(matcher.reason)}`
    this.faults.push({ path, reason })
  }

  private keyword(key: string, value: Json, schema: JsonObject, path: Path, isWhole: boolean): Json | undefined {
    const at = [...path, key]
    if (key === 'patternProperties' && isObject(value))
      for (const pattern of Object.keys(value)) this.pattern(pattern, [...at, pattern])
    if (maps.has(key) && isObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, this.schema(inner, [...at, name], isWhole)]),
      )
    if ((lists.has(key) || key === 'items') && isList(value))
      return value.map((part, index) => this.schema(part, [...at, index], false))
    if (singles.has(key)) return this.schema(value, at, isWhole && key !== 'not')
    switch (key) {
      case '$schema':
      case 'id':
        return typeof value === 'string' ? undefined : value
      case 'nullable':
        return 'type' in schema ? value : undefined
      case 'minimum':
      case 'maximum':
        return schema[exclusive(key)] === true ? undefined : value
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
        // OpenAPI says by true or false whether the limit itself is out.
        return typeof value === 'boolean' ? (value ? schema[key.slice(9).toLowerCase()] : undefined) : value
      case 'pattern':
        if (typeof value === 'string') this.pattern(value, at)
        return value
      case 'required':
        return this.isStructural && isWhole && isList(value) ? value.filter((name) => isMissed(schema, name)) : value
      default:
        return value
    }
  }
}

function cut(text: string): string {
  const characters = Array.from(text)
  return characters.length > longestReason ? `${characters.slice(0, longestReason).join('')}…` : text
}

function exclusive(limit: string): string {
  return `exclusive${limit.charAt(0).toUpperCase()}${limit.slice(1)}`
}

/** Go fills in every required field but lists: what is not there comes as a zero value, and a list as null. */
function isMissed({ properties }: JsonObject, name: Json): boolean {
  const property = isObject(properties) && typeof name === 'string' ? properties[name] : undefined
  return isObject(property) && property['type'] === 'array'
}

const anything: JsonObject = {}

function structural(schema: JsonObject): JsonObject {
  if (schema['x-kubernetes-int-or-string'] === true) {
    // The branches that spell the two types say nothing more.
    const { anyOf: _, ...rest } = schema
    return { ...rest, type: ['integer', 'string'] }
  }
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const own = isObject(schema['properties']) ? schema['properties'] : undefined
  const properties = isEmbedded ? { apiVersion: anything, kind: anything, metadata: anything, ...own } : own
  const named = properties ? { ...schema, properties } : schema
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined
  return isOpen || (schema['type'] !== 'object' && !properties) ? named : { ...named, additionalProperties: false }
}
