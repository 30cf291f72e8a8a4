import validService, { knownFields, patternWords } from '#validators/service.mjs'

import type { Severity } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import type { Remedy } from '../text/remedy.js'
import { repeatedKeys } from './keyed-lists.js'
import type { Manifest } from './manifest.js'
import { explain, type Voice } from './schema-errors.js'

/** What the schema can find wrong: one row a code. */
export const schemaFaults = {
  KN201: { severity: 'error', title: 'a value of the wrong type', fixable: true },
  KN202: { severity: 'error', title: 'an unknown field', fixable: true },
  KN203: { severity: 'error', title: 'a missing field' },
  KN204: { severity: 'error', title: 'a value that is not allowed' },
  KN205: { severity: 'error', title: 'two list items with the same key' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string; fixable?: true }>>

/** The code of a row. */
export type SchemaCode = keyof typeof schemaFaults

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
  return [...errors.map((error) => explain(error, value, voice)), ...repeatedKeys(value)]
}
