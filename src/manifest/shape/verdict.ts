import type { SchemaError } from '#validators/service.mjs'

import { isList, isObject, type Json, type JsonObject } from '../json.js'
import type { SchemaFinding } from '../schema.js'
import { explain, placeOf, type Voice } from '../schema-errors.js'
import type { Judge } from './compile.js'

/** What a compiled schema finds wrong with a value. Pure and total. */
export function findingsOf(judge: Judge, value: Json, isCluster: boolean): readonly SchemaFinding[] {
  const voice = voices[isCluster ? 'cluster' : 'file']
  return withoutNulls(judge, value, isCluster).map((error) => explain(error, value, voice))
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
  return placeOf(pointer, root).data === null
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
