import type { Matcher } from '../text/automaton.js'
import { goPattern, type PatternFault } from '../text/go-regexp.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject } from '../yaml/json.js'

/**
 * What a pattern of a schema is looked for with. All are read as the API server reads those of a CRD, which is Go's way;
 * a JSON schema may say `\uXXXX` besides. References back and looks around are refused there as here: nothing that stands
 * in a schema can take more time than the text that it judges.
 */
export function schemaPattern(pattern: string, isStructural: boolean): Matcher | PatternFault {
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
export function translate(schema: Json, isStructural: boolean): Translated {
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
        Object.entries(value).map(([name, member]) => [name, this.schema(member, [...at, name], isWhole)]),
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
