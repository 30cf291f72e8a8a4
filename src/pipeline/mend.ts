import { findManifests, type FileReading } from '../manifest/find.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import type { CommentNote } from '../manifest/splice/comments.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import { proveEdits } from '../manifest/splice/prove.js'
import { wishOf } from '../manifest/splice/remedy-wish.js'
import { spliceFields } from '../manifest/splice/splice-fields.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Edit } from '../text/edit.js'
import type { SourceFile } from '../text/source.js'

/** A remedy at its Service, ready to be made. */
export type Mend = {
  readonly diagnostic: Diagnostic
  readonly manifest: Manifest
  readonly wish: FieldWish
  readonly description: string
}

/** Edits of one file that make some mends, proved. */
export type Mended = {
  readonly mends: readonly Mend[]
  readonly edits: readonly Edit[]
  readonly notes: readonly CommentNote[]
}

/** The mends of the diagnostics that have a remedy; one a place, so that none gets in the way of another. */
export function mendsFor(reading: FileReading, diagnostics: readonly Diagnostic[]): readonly Mend[] {
  const mends: Mend[] = []
  for (const diagnostic of diagnostics) {
    const manifest = ownerOf(reading, diagnostic)
    const found = manifest && diagnostic.remedy && wishOf(manifest, diagnostic.remedy)
    if (!manifest || !found || mends.some((one) => one.manifest === manifest && meet(one.wish, found.wish))) continue
    mends.push({ diagnostic, manifest, ...found })
  }
  return mends.filter((one) => !mends.some((other) => other !== one && isRival(one, other)))
}

/** Whether errors that mends lay open may have a remedy of their own, for the next round, or must not be. */
export type Patience = 'lenient' | 'strict'

/**
 * Makes the mends together or, where that cannot be proved or gives the cluster a new reason to refuse a Service, those
 * that can be made one by one.
 */
export function mend(
  file: SourceFile,
  reading: FileReading,
  mends: readonly Mend[],
  neighbourhood: Neighbourhood,
  patience: Patience,
): Mended | undefined {
  const make = (some: readonly Mend[]): Mended | undefined => attempt(file, reading, some, neighbourhood, patience)
  const all = make(mends)
  if (all || mends.length < 2) return all
  const alone = mends.filter((one) => make([one]))
  return make(alone) ?? make(alone.slice(0, 1))
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
  const after = proveEdits(file, reading, edits, wishes, removed)
  if (!after) return undefined
  const fresh = freshErrors(reading, after, neighbourhood)
  return fresh.some(({ remedy }) => patience === 'strict' || !remedy) ? undefined : { mends, edits, notes }
}

/** The reasons to refuse a Service that the cluster has now, and had not before. */
export function freshErrors(before: FileReading, after: FileReading, around: Neighbourhood): readonly Diagnostic[] {
  const others = around.manifests.filter(({ file }) => file.path !== after.manifests[0]?.file.path)
  return after.manifests.flatMap((manifest, index) => {
    const old = before.manifests[index]
    const known = old ? errorsOf(old, { ...around, manifests: [...others, ...before.manifests] }).map(identity) : []
    const found = errorsOf(manifest, { ...around, manifests: [...others, ...after.manifests] })
    return found.filter((error) => !known.includes(identity(error)))
  })
}

function errorsOf(manifest: Manifest, neighbourhood: Neighbourhood): readonly Diagnostic[] {
  return judge(manifest, neighbourhood).filter(({ severity }) => severity === 'error')
}

function identity({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path])
}

/** The Service that a diagnostic stands in; several of a file may have one name. */
function ownerOf({ manifests }: FileReading, { range, service }: Diagnostic): Manifest | undefined {
  return manifests.find((manifest) => {
    const own = locate(manifest, [])
    return range && manifest.label === service && own.start <= range.start && range.end <= own.end
  })
}

/** Whether both keys were meant to be the same one: which of them cannot be told. */
function isRival(a: Mend, b: Mend): boolean {
  if (a.manifest !== b.manifest || a.wish.kind !== 'rename' || b.wish.kind !== 'rename') return false
  const place = ({ path, to }: typeof a.wish): string => JSON.stringify([...path.slice(0, -1), to])
  return place(a.wish) === place(b.wish)
}

/** Whether one place is the other, or holds it. */
function meet({ path: a }: FieldWish, { path: b }: FieldWish): boolean {
  return (a.length < b.length ? a : b).every((_, index) => a[index] === b[index])
}

/** The file as it can be edited. */
export function readForEditing(file: SourceFile): FileReading {
  return findManifests(file, true)
}
