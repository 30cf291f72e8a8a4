import { findManifests, type FileReading } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { CommentNote } from '../manifest/splice/comments.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import { proveEdits } from '../manifest/splice/prove.js'
import { spliceFields } from '../manifest/splice/splice-fields.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Edit } from '../text/edit.js'
import type { SourceFile } from '../text/source.js'
import { mendsFor, type Mend } from './mends.js'

/** Edits of one file that make some mends, proved. */
export type Mended = {
  readonly mends: readonly Mend[]
  readonly edits: readonly Edit[]
  readonly notes: readonly CommentNote[]
}

/** Whether errors that mends lay open may have a remedy of their own, for the next round, or must not be. */
export type Patience = 'lenient' | 'strict'

/**
 * How often a file is read again to find out which of its mends can be made: enough to find some that cannot among any
 * number, and less often where it is large. What is left after that stays as it is.
 */
function mostAttempts({ text }: SourceFile): number {
  return Math.max(6, Math.min(40, Math.floor(1_000_000 / (text.length + 1))))
}

/**
 * Makes the mends together or, where that cannot be proved or gives the cluster a new reason to refuse a Service, those
 * that can be made without the others.
 */
export function mend(
  file: SourceFile,
  reading: FileReading,
  mends: readonly Mend[],
  neighbourhood: Neighbourhood,
  patience: Patience,
): Mended | undefined {
  const make = (some: readonly Mend[]): Mended | undefined => attempt(file, reading, some, neighbourhood, patience)
  const parts = provable(mends, make, mostAttempts(file))
  const [first] = parts
  if (!first || parts.length === 1) return first
  return make(parts.flatMap((part) => part.mends)) ?? first
}

/** A mend with edits of its own. */
export type MendAlone = Mend & { readonly edits: readonly Edit[] }

/**
 * The mends that can be made, each with the edits that make it and no other. Those that go together are proved together;
 * of those that stand in each other's way some are tried.
 */
export function mendEach(
  file: SourceFile,
  reading: FileReading,
  found: readonly Diagnostic[],
  neighbourhood: Neighbourhood,
): readonly MendAlone[] {
  const make = (some: readonly Mend[]): Mended | undefined => attempt(file, reading, some, neighbourhood, 'strict')
  const mends = mendsFor(reading, found)
  const taken = new Set(mends.map(({ diagnostic }) => diagnostic))
  const most = mostAttempts(file)
  const rivals = found.filter((one) => !taken.has(one)).slice(0, most)
  const parts = [
    ...provable(mends, make, most),
    ...rivals.flatMap((one) => provable(mendsFor(reading, [one]), make, 1)),
  ]
  return parts
    .flatMap((part) => part.mends)
    .flatMap((one) => {
      const splice = spliceFields(one.manifest, [one.wish])
      return 'code' in splice ? [] : [{ ...one, edits: splice.edits }]
    })
}

/** The mends in parts that can be made, each without the others; one part where they can all be made together. */
function provable(
  mends: readonly Mend[],
  make: (some: readonly Mend[]) => Mended | undefined,
  most: number,
): readonly Mended[] {
  const made: Mended[] = []
  const waiting = [mends]
  let attempts = 0
  for (let some = waiting.pop(); some && attempts < most; some = waiting.pop()) {
    attempts++
    const part = make(some)
    if (part) made.push(part)
    else if (some.length > 1) {
      const middle = Math.ceil(some.length / 2)
      waiting.push(some.slice(middle), some.slice(0, middle))
    }
  }
  return made
}

function attempt(
  file: SourceFile,
  reading: FileReading,
  mends: readonly Mend[],
  neighbourhood: Neighbourhood,
  patience: Patience,
): Mended | undefined {
  if (mends.length === 0) return undefined
  const wishes = new Map<Manifest, { fields: FieldWish[] }>()
  for (const { manifest, wish } of mends) {
    const own = wishes.get(manifest) ?? { fields: [] }
    own.fields.push(wish)
    wishes.set(manifest, own)
  }
  const [edits, notes]: [Edit[], CommentNote[]] = [[], []]
  for (const [manifest, { fields }] of wishes) {
    const splice = spliceFields(manifest, fields)
    if ('code' in splice) return undefined
    edits.push(...splice.edits)
    notes.push(...splice.notes)
  }
  const removed = notes.flatMap(({ kind, text }) => (kind === 'removed' ? [text.trimEnd()] : []))
  const after = proveEdits(file, reading, edits, wishes, { removed })
  if (!after) return undefined
  const fresh = freshErrors(reading, after, neighbourhood)
  return fresh.some(({ remedy }) => patience === 'strict' || !remedy) ? undefined : { mends, edits, notes }
}

/** The reasons to refuse a Service that the cluster has now, and had not before: what other files say gives none. */
export function freshErrors(before: FileReading, after: FileReading, around: Neighbourhood): readonly Diagnostic[] {
  const [then, now] = [before, after].map(({ manifests }) => ({ ...around, manifests }))
  return after.manifests.flatMap((manifest, index) => {
    const old = before.manifests[index]
    const known = new Set(old && then ? errorsOf(old, then).map(identity) : [])
    return now ? errorsOf(manifest, now).filter((error) => !known.has(identity(error))) : []
  })
}

function errorsOf(manifest: Manifest, neighbourhood: Neighbourhood): readonly Diagnostic[] {
  return judge(manifest, neighbourhood).filter(({ severity }) => severity === 'error')
}

function identity({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path])
}

/** The file as it can be edited. */
export function readForEditing(file: SourceFile): FileReading {
  return findManifests(file, true)
}
