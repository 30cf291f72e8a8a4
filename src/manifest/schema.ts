import validService, { type SchemaError } from '#validators/service.js'

import type { Severity } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json } from './json.js'
import type { Manifest } from './manifest.js'

/** What the schema can find wrong: one row a code. */
export const schemaFaults = {
  KN201: { severity: 'error', title: 'a value of the wrong type' },
  KN202: { severity: 'error', title: 'an unknown field' },
  KN203: { severity: 'error', title: 'a missing field' },
  KN204: { severity: 'error', title: 'a value that is not allowed' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string }>>

export type SchemaCode = keyof typeof schemaFaults

export type SchemaFinding = {
  readonly code: SchemaCode
  readonly message: string
  readonly help?: string
  readonly path: Path
  readonly part?: 'key' | 'value'
}

/** Judges the shape of a Service by `schemas/service.json`, with `null` meaning absent as the API server has it. */
export function checkSchema(manifest: Manifest): readonly SchemaFinding[] {
  const value = withoutNulls(manifest.value)
  if (validService(value)) return []
  return (validService.errors ?? []).map((error) => explain(error, value))
}

/** The API server drops `null` members before it validates; a `null` in a list stays. */
function withoutNulls(value: Json): Json {
  if (isList(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNulls(item)]])),
  )
}

function explain(error: SchemaError, root: Json): SchemaFinding {
  const path = pathOf(error.instancePath, root)
  const { keyword, params } = error
  if (keyword === 'additionalProperties') {
    const key = String(params['additionalProperty'])
    const full = formatPath([...path, key])
    return {
      code: 'KN202',
      message: `\`${full}\` must not be set: unknown field "${full}"`,
      path: [...path, key],
      part: 'key',
    }
  }
  if (keyword === 'required') {
    const full = formatPath([...path, String(params['missingProperty'])])
    return { code: 'KN203', message: `\`${full}\` must be set: missing field(s): ${full}`, path, part: 'key' }
  }
  const name = path.length === 0 ? 'a Service' : `\`${formatPath(path)}\``
  if (keyword === 'type')
    return {
      code: 'KN201',
      message: `${name} must be of type ${String(params['type'])}, but is ${described(root, path)}`,
      path,
    }
  return {
    code: 'KN204',
    message: `${name} ${error.message ?? 'must be allowed by the schema'}, but is ${described(root, path)}`,
    path,
  }
}

function pathOf(pointer: string, root: Json): Path {
  const path: (string | number)[] = []
  let value: Json | undefined = root
  for (const part of pointer.split('/').slice(1)) {
    const key: string = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(isList(value) ? Number(key) : key)
    value = isList(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined
  }
  return path
}

function described(root: Json, path: Path): string {
  let value: Json | undefined = root
  for (const step of path)
    value = isList(value) ? value[Number(step)] : isObject(value) ? value[String(step)] : undefined
  if (isList(value)) return 'a list'
  if (isObject(value)) return 'a mapping'
  return value === undefined ? 'missing' : value === null ? 'null' : `${typeof value} ${JSON.stringify(value)}`
}
