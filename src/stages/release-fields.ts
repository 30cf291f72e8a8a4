// The fields that `release` sets besides the image, which kustomizations have a say in: one row each.
import type { FieldWish } from '../edit/wish.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import type { Refusal } from './stage.js'

/** `NAME=VALUE`, or `NAME-` for a value that is to go: how `kn` and `kubectl` write it. */
export type Assignment = { readonly name: string; readonly value: string | undefined }

/** Reads an assignment; undefined where it is none. A value may hold further `=`. */
export function parseAssignment(text: string): Assignment | undefined {
  const equals = text.indexOf('=')
  if (equals > 0) return { name: text.slice(0, equals), value: text.slice(equals + 1) }
  if (equals === 0 || !/^[^\s]+-$/.test(text)) return undefined
  return { name: text.slice(0, -1), value: undefined }
}

/** The first name that is assigned twice. */
export function assignedTwice(assignments: readonly Assignment[]): string | undefined {
  const names = assignments.map(({ name }) => name)
  return names.find((name, index) => names.indexOf(name) < index)
}

/** What became of one named value. Values are left out: they may be secrets. */
export type NamedChange = { readonly name: string; readonly kind: 'added' | 'changed' | 'removed' }

/** The wishes that make a field so, and what reports say of it. */
export type FieldEdits = { readonly fields: readonly FieldWish[]; readonly changes: readonly NamedChange[] }

/** What has a field, a container or the template, and where that is in the Service. */
export type Holder = { readonly value: Json; readonly path: Path }

/** One field that `release` sets. */
type ReleaseField = {
  /** The option, without its dashes. */
  readonly option: string
  /** What the help says of the option. */
  readonly describe: string
  /** What `schemas/report.json` says of its changes. */
  readonly reported: string
  readonly of: 'container' | 'template'
  /** Reads the values of the option; what is wrong with one, as a part of a sentence, where it means nothing. */
  readonly read: (words: readonly string[]) => readonly Assignment[] | string
  /** What is so already needs no wish. */
  readonly edits: (holder: Holder, wanted: readonly Assignment[]) => FieldEdits | Refusal
  /** Where in what has the field changes are, once they are made. */
  readonly placesOf: (holder: Holder, changes: readonly NamedChange[]) => readonly Path[]
}

/**
 * The fields by the names that requests and reports have for them, in the order of reports. To add one: a row here, and a
 * folder of `fixtures/layouts` with its option; options, edits, reports and, by `npm run docs`, their schema follow it.
 */
export const releaseFields = {
  env: {
    option: 'env',
    describe: 'NAME=VALUE to set a variable, NAME- to remove it; repeatable',
    reported: 'The variables of that container which change.',
    of: 'container',
    read: readAssignments,
    edits: envEdits,
    placesOf: ({ value, path }, changes) => {
      const items = member(value, 'env')
      return (isList(items) ? items : []).flatMap((item, index) =>
        changes.some(({ name }) => name === member(item, 'name')) ? [[...path, 'env', index]] : [],
      )
    },
  },
  annotations: {
    option: 'annotation',
    describe: 'NAME=VALUE to set an annotation of the template, NAME- to remove it; repeatable',
    reported: 'The annotations of the template which change.',
    of: 'template',
    read: readAssignments,
    edits: annotationEdits,
    placesOf: ({ path }, changes) => changes.map(({ name }) => [...path, 'metadata', 'annotations', name]),
  },
} as const satisfies Readonly<Record<string, ReleaseField>>

export type ReleaseFieldKey = keyof typeof releaseFields

/** The rows of the table, with their names. */
export const releaseFieldRows: readonly (ReleaseField & { readonly key: ReleaseFieldKey })[] = (
  Object.keys(releaseFields) as ReleaseFieldKey[]
).map((key) => ({ key, ...releaseFields[key] }))

/** What a release is asked to set. */
export type FieldFlags = { readonly [Key in ReleaseFieldKey]?: readonly Assignment[] }

type FieldChanges = { readonly [Key in ReleaseFieldKey]?: readonly NamedChange[] }

/** What a move changes in `spec.template`, for reports. */
export type TemplateChange = FieldChanges & {
  readonly image?: {
    /** The container's name, or the one that the cluster will give it. */
    readonly container: string
    readonly before: string
    readonly after: string
    /** Set where the `images` of a kustomization decide on it, so that they are what changes. */
    readonly isKustomized?: true
  }
  /** `before` is absent where the cluster generated the names so far. */
  readonly revisionName?: { readonly before?: string; readonly after: string }
  /** The commit that the whole template is taken from again, abbreviated, and the revision that it makes. */
  readonly restored?: { readonly commit: string; readonly revision: string }
  /** The paths of defaults that are written out. */
  readonly spelled?: readonly string[]
}

/** Whether a field of a container is to be set. */
export function setsContainer(flags: FieldFlags): boolean {
  return releaseFieldRows.some(({ key, of }) => of === 'container' && (flags[key] ?? []).length > 0)
}

function readAssignments(words: readonly string[]): readonly Assignment[] | string {
  const read: Assignment[] = []
  for (const word of words) {
    const assignment = parseAssignment(word)
    if (!assignment) return `is \`${word}\`; must be NAME=VALUE, or NAME- to remove it`
    read.push(assignment)
  }
  const twice = assignedTwice(read)
  return twice === undefined ? read : `sets \`${twice}\` twice`
}

function envEdits({ value: container, path: at }: Holder, wanted: readonly Assignment[]): FieldEdits | Refusal {
  const path = [...at, 'env']
  const list = member(container, 'env')
  const items = isList(list) ? list : []
  const fields: FieldWish[] = []
  const changes: NamedChange[] = []
  for (const { name, value } of wanted) {
    const [found, second] = items.flatMap((item, index) => (member(item, 'name') === name ? [index] : []))
    if (second !== undefined) {
      const message = `cannot edit \`${name}\` in \`${formatPath(path)}\`: it is duplicated, and only the last one counts`
      return { code: 'KN441', message, help: 'remove one of the two items first', path: [...path, second] }
    }
    if (found === undefined) {
      if (value === undefined) continue
      // An empty text is what a variable without a value has; a cluster keeps no other form of it.
      fields.push({ kind: 'append', path, value: value === '' ? { name } : { name, value } })
      changes.push({ name, kind: 'added' })
      continue
    }
    const own = [...path, found]
    if (value === undefined) {
      fields.push({ kind: 'remove', path: own, prune: true })
      changes.push({ name, kind: 'removed' })
      continue
    }
    if ((member(items[found], 'valueFrom') ?? null) !== null) {
      const message = `cannot set the value of \`${name}\`: \`valueFrom\` already gives it one`
      const help = `change what it refers to, or remove it first with \`--env ${name}-\``
      return { code: 'KN441', message, help, path: [...own, 'valueFrom'] }
    }
    if ((member(items[found], 'value') ?? '') === value) continue
    const place = [...own, 'value']
    fields.push(value === '' ? { kind: 'remove', path: place } : { kind: 'set', path: place, value })
    changes.push({ name, kind: 'changed' })
  }
  return { fields, changes }
}

function annotationEdits({ value: template, path: at }: Holder, wanted: readonly Assignment[]): FieldEdits | Refusal {
  const path = [...at, 'metadata', 'annotations']
  const present = member(template, 'metadata', 'annotations') ?? {}
  const fields: FieldWish[] = []
  const changes: NamedChange[] = []
  if (!isObject(present) && wanted.length > 0) {
    const message = `cannot add an annotation: \`${formatPath(path)}\` is not a mapping`
    return { code: 'KN441', message, help: 'fix the findings of `kn-rollout validate` first', path }
  }
  for (const { name, value } of wanted) {
    const old = member(present, name)
    if (old === value) continue
    const own = [...path, name]
    if (value === undefined) fields.push({ kind: 'remove', path: own, prune: true })
    else fields.push({ kind: 'set', path: own, value })
    changes.push({ name, kind: value === undefined ? 'removed' : old === undefined ? 'added' : 'changed' })
  }
  return { fields, changes }
}
