import type { CodeRow } from '../codes/code.js'
import validService, { knownFields, patternWords } from '#validators/service.mjs'

import type { Path } from '../text/path.js'
import type { Remedy } from '../text/remedy.js'
import { repeatedKeys } from './keyed-lists.js'
import type { Manifest } from './manifest.js'
import { explain, type Voice } from './schema-errors.js'

/** What the schema can find wrong: one row a code. */
export const schemaFaults = {
  KN201: {
    name: 'wrong-type',
    severity: 'error',
    title: 'a value of the wrong type',
    fixable: true,
    why: () =>
      'The cluster decodes each field into a type of its own, and a text is no number even if it looks like one. Add or remove quotes; keep in mind that bare words such as yes and on are booleans.',
  },
  KN202: {
    name: 'unknown-field',
    severity: 'error',
    title: 'an unknown field',
    fixable: true,
    why: () =>
      'A misspelt or misplaced field would do nothing, so the cluster refuses the whole manifest. Correct the name, or indent it to where it belongs.',
  },
  KN203: {
    name: 'missing-field',
    severity: 'error',
    title: 'a missing field',
    why: () =>
      'Without this field the cluster cannot make anything of the manifest and refuses it. Mostly it is there already, but misspelt or indented to another place.',
  },
  KN204: {
    name: 'invalid-value',
    severity: 'error',
    title: 'a value that is not allowed',
    why: () =>
      'The value has the right type, but the field does not allow it, and the cluster refuses the manifest. The message lists what it does allow.',
  },
  KN205: {
    name: 'duplicate-item',
    severity: 'error',
    title: 'two list items with the same key',
    why: () =>
      'The items of this list are told apart by a key, such as the name of a container or variable. When two have the same, server-side apply refuses the list and other ways of applying it may lose one: merge or rename them.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

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
