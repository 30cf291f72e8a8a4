import { Ajv, type Options } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { SchemaError } from '#validators/service.mjs'

import type { Path } from '../../text/path.js'
import { isObject, type Json } from '../json.js'
import { placeOf } from '../schema-errors.js'
import { keyedList } from './keyed-list.js'
import { schemaPattern } from './pattern.js'
import { translate } from './translate.js'

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
    if (error instanceof RangeError) return { reason: 'must not be nested so deeply or refer to itself', path: [] }
    return { reason: `must be a schema that can be compiled: ${error instanceof Error ? error.message : ''}`, path: [] }
  }
}

function compiled(schema: Json, isDraft07: boolean, code: NonNullable<Options['code']>): Judge | CompileFault {
  const ajv = isDraft07 ? new Ajv({ ...options, code }) : new Ajv2020({ ...options, code })
  const written = isObject(schema) ? schema : {}
  if (ajv.validateSchema(written) !== true) {
    const [error] = ajv.errors ?? []
    const { path } = placeOf(error?.instancePath ?? '', written)
    return { reason: `must be a valid schema: ${error?.message ?? 'it is none'}`, path }
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
