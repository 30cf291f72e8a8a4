import { knownFields, patternWords, rootShape, type SchemaError } from '#validators/service.mjs'

import { near, nearest } from '../text/nearest.js'
import { formatPath, type Path } from '../text/path.js'
import type { Remedy } from '../text/remedy.js'
import { isList, isObject, member, type Json } from './json.js'
import type { SchemaFinding } from './schema.js'

/** Turns an error of the schema validator into words and a place; `root` is the object it was found in. */
export function explain(error: SchemaError, root: Json): SchemaFinding {
  const { path, data } = placeOf(error.instancePath, root)
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(error, path, data)
    case 'required':
      return missing([...path, String(error.params['missingProperty'])])
    case 'type':
      return data === null ? missing(path) : wrongType(error, path, data)
    default:
      return notAllowed(error, path, data)
  }
}

function unknownField({ params }: SchemaError, parent: Path, data: Json | undefined): SchemaFinding {
  const key = String(params['additionalProperty'])
  const path = [...parent, key]
  const known = fieldsAt(parent)
  const meant = nearest(key, known)
  const isSure = meant !== undefined && near(key, known).length === 1 && member(data, meant) === undefined
  return {
    code: 'KN202',
    message: `\`${formatPath(path)}\` must not be set, there is no such field: unknown field "${formatPath(path)}"`,
    help: meant === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${meant}\`?`,
    path,
    part: 'key',
    ...(isSure && { remedy: { kind: 'rename', path, to: meant } }),
  }
}

/** The names that the schema knows at a path. */
function fieldsAt(path: Path): readonly string[] {
  const shape = path.reduce<string>((found, step) => {
    return found.startsWith('*') ? found.slice(1) : (knownFields[found]?.[step] ?? '')
  }, rootShape)
  return Object.keys(knownFields[shape] ?? {})
}

const containers: Path = ['spec', 'template', 'spec', 'containers']

/** Go turns a required list that is absent into null. On the way to the containers, it is they that the cluster misses. */
function missing(path: Path): SchemaFinding {
  const way = path.every((step, index) => step === containers[index])
  const full = formatPath(way ? containers : path)
  return {
    code: 'KN203',
    message: `\`${full}\` must be set, but is missing: ${full} in body must be of type array: "null"`,
    help: way ? 'list at least one container with its image' : 'write an empty list, `[]`, if there is nothing to say',
    path: path.slice(0, -1),
    part: 'key',
  }
}

function wrongType({ params }: SchemaError, path: Path, data: Json | undefined): SchemaFinding {
  const wanted = [params['type']].flat().filter((type) => type !== 'null')
  const found = described(data)
  const advice = wanted.map((type) => adviceFor(String(type), data)).find((text) => text !== undefined)
  const [only, other] = wanted
  const remedy = other === undefined ? retyped(String(only), path, data) : undefined
  return {
    code: 'KN201',
    message: `${named(path)} must be ${wanted.map((type) => typeNames[String(type)] ?? type).join(' or ')}, but is ${found}: "cannot unmarshal ${goKind(data)} into Go struct field"`,
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
  if (wanted === 'integer' && typeof data === 'string' && /^\s*[0-9]+\s*%?\s*$/.test(data))
    return `write ${Number.parseInt(data, 10)}, without quotes`
  if (wanted === 'boolean' && typeof data === 'string') return 'write true or false, without quotes'
  if (wanted === 'array') return 'begin each item with `- `'
  return undefined
}

function notAllowed({ keyword, params }: SchemaError, path: Path, data: Json | undefined): SchemaFinding {
  const words = keyword === 'pattern' ? patternWords[String(params['pattern'])] : undefined
  const message = `${named(path)} must ${words?.must ?? allowed(keyword, params)}, but is ${described(data)}`
  return { code: 'KN204', message: words?.phrase === undefined ? message : `${message}: "${words.phrase}"`, path }
}

function allowed(keyword: string, params: SchemaError['params']): string {
  switch (keyword) {
    case 'const':
      return `be ${JSON.stringify(params['allowedValue'])}`
    case 'minimum':
      return `not be less than ${String(params['limit'])}`
    case 'maximum':
      return `not be more than ${String(params['limit'])}`
    case 'exclusiveMaximum':
      return `be less than ${String(params['limit'])}`
    default:
      return `pass \`${keyword}\` of the schema`
  }
}

function named(path: Path): string {
  return path.length === 0 ? '`kind: Service`' : `\`${formatPath(path)}\``
}

function described(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return value === null ? 'null' : 'a mapping'
  return typeof value === 'string' ? `the string ${JSON.stringify(value)}` : JSON.stringify(value)
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** The path that a JSON pointer means, and the value there. */
function placeOf(pointer: string, root: Json): { readonly path: Path; readonly data: Json | undefined } {
  const path: (string | number)[] = []
  let data: Json | undefined = root
  for (const part of pointer.split('/').slice(1)) {
    const key: string = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(isList(data) ? Number(key) : key)
    data = isList(data) ? data[Number(key)] : isObject(data) ? data[key] : undefined
  }
  return { path, data }
}
