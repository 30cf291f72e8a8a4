import { isMap, isScalar, isSeq } from 'yaml'

import { type FileReading, findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { grouped } from '../text/collections.js'
import { applyEdits, type Edit } from '../text/edit.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isList, isObject, type Json, sameJson } from '../yaml/json.js'
import { readDocument } from '../yaml/read.js'
import { commentTokens } from './tokens.js'
import { type FieldWish, wished } from './wish.js'

/**
 * The block scalar that ends the text without a line end, if one does. kubectl adds that line end before it reads, so its
 * value has one; kustomize does not, and there the value would change with anything that an edit puts behind it.
 */
function cutOff(text: string, documents: FileReading['documents']): CutOff | undefined {
  if (text.endsWith('\n')) return undefined
  let node: unknown = documents.at(-1)?.contents
  while (isMap(node) || isSeq(node)) {
    const last: unknown = node.items.at(-1)
    node = isMap(node) ? node.items.at(-1)?.value : last
  }
  if (!isScalar(node) || typeof node.value !== 'string' || node.range?.[1] !== text.length) return undefined
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return undefined
  // The line end of a `|-` is no part of its value.
  const [start] = node.range
  return /^[|>]\d*-/.test(text.slice(start, start + 4)) ? undefined : { start, value: node.value }
}

type CutOff = { readonly start: number; readonly value: string }

/** Whether such a scalar still ends the text after the edits, or went with what they take away; and no other one came. */
function isCutOffStill(old: CutOff | undefined, fresh: CutOff | undefined, edits: readonly Edit[]): boolean {
  if (fresh) return old?.value === fresh.value
  return old === undefined || edits.some(({ range }) => range.start <= old.start && old.start < range.end)
}

/** What is wished of each edited object. */
export type Wishes = ReadonlyMap<Manifest, readonly FieldWish[]>

/**
 * Reads the edited text again and compares. The result is the new reading if, and only if, every wished field
 * is exactly there, every other value of every document is as it was, and no comment is gone but the named ones.
 */
export function proveEdits(
  file: SourceFile,
  before: FileReading,
  edits: readonly Edit[],
  wishes: Wishes,
  comments: { readonly removed: readonly string[]; readonly added?: readonly string[] },
): FileReading | undefined {
  const text = applyEdits(file.text, edits)
  const after = findManifests({ ...file, text })
  if (after.documents.length !== before.documents.length || after.manifests.length !== before.manifests.length)
    return undefined
  if (!isCutOffStill(cutOff(file.text, before.documents), cutOff(text, after.documents), edits)) return undefined
  const wishing = grouped(
    before.manifests.filter((manifest) => wishes.has(manifest)),
    ({ document }) => document,
  )
  const asWished = before.documents.every((document, index) => {
    const own = wishing.get(document) ?? []
    const [old, fresh] = [document, after.documents[index]].map((one) => readDocument(one?.contents ?? null).value)
    const wanted = own.reduce((value, manifest) => withFields(value, manifest.root, wishes.get(manifest) ?? []), old)
    return sameJson(wanted, fresh)
  })
  if (!asWished) return undefined
  const kept = [...commentsOf(text), ...comments.removed].toSorted()
  return sameJson(kept, [...commentsOf(file.text), ...(comments.added ?? [])].toSorted()) ? after : undefined
}

/** The document with the wishes made for the fields of the object at `root`. */
function withFields(value: Json | undefined, root: Path, fields: readonly FieldWish[]): Json | undefined {
  if (value === undefined) return value
  const [step, ...rest] = root
  if (step === undefined) return wished(value, fields)
  if (isList(value))
    return value.map((item, index) => (index === step ? (withFields(item, rest, fields) ?? null) : item))
  return isObject(value) ? { ...value, [step]: withFields(value[step], rest, fields) ?? null } : value
}

/** Every comment, in the order of the text. */
export function commentsOf(text: string): readonly string[] {
  return commentTokens(text).map(({ start, end }) => text.slice(start, end))
}
