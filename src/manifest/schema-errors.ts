import { knownFields, type SchemaError } from '#validators/service.mjs'

import { nearest } from '../text/nearest.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json } from './json.js'
import type { SchemaFinding } from './schema.js'

/** Turns an error of the schema validator into words and a place; `root` is the object it was found in. */
export function explain(error: SchemaError, root: Json): SchemaFinding {
  const { path, data } = placeOf(error.instancePath, root)
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(error, path)
    case 'required':
      return missingContainers(path)
    case 'type':
      return data === null ? missingContainers(path) : wrongType(error, path, data)
    default:
      return notAllowed(error, path, data)
  }
}

function unknownField({ params, schemaPath }: SchemaError, parent: Path): SchemaFinding {
  const key = String(params['additionalProperty'])
  const path = [...parent, key]
  const known = knownFields[schemaPath] ?? []
  const meant = nearest(key, known)
  return {
    code: 'KN202',
    message: `\`${formatPath(path)}\` must not be set, there is no such field: unknown field "${formatPath(path)}"`,
    help: meant === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${meant}\`?`,
    path,
    part: 'key',
  }
}

const containers: Path = ['spec', 'template', 'spec', 'containers']

/** The schema requires nothing but the way to the containers. */
function missingContainers(parent: Path): SchemaFinding {
  return {
    code: 'KN203',
    message: `\`${formatPath(containers)}\` must be set, but is missing: spec.template.spec.containers in body must be of type array: "null"`,
    help: 'list at least one container with its image',
    path: parent,
    part: 'key',
  }
}

function wrongType({ params }: SchemaError, path: Path, data: Json | undefined): SchemaFinding {
  const wanted = [params['type']].flat().filter((type) => type !== 'null')
  const found = described(data)
  const advice = wanted.map((type) => adviceFor(String(type), data)).find((text) => text !== undefined)
  return {
    code: 'KN201',
    message: `${named(path)} must be ${wanted.map((type) => typeNames[String(type)] ?? type).join(' or ')}, but is ${found}: "cannot unmarshal ${goKind(data)} into Go struct field"`,
    ...(advice === undefined ? {} : { help: advice }),
    path,
  }
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
  return { code: 'KN204', message: `${named(path)} ${allowed(keyword, params)}, but is ${described(data)}`, path }
}

function allowed(keyword: string, params: SchemaError['params']): string {
  switch (keyword) {
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`
    case 'minimum':
      return `must not be less than ${String(params['limit'])}`
    case 'maximum':
      return `must not be more than ${String(params['limit'])}`
    case 'exclusiveMaximum':
      return `must be less than ${String(params['limit'])}`
    case 'pattern':
      return String(params['pattern']).includes('KMGTPE')
        ? 'must be a quantity such as 250m or 512Mi: "quantities must match the regular expression"'
        : 'must be a time such as 2024-01-31T12:00:00Z: "parsing time"'
    default:
      return `must pass \`${keyword}\` of the schema`
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
