import { type Document, isMap, isScalar, isSeq } from 'yaml'

import { type FileReading, findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { grouped } from '../text/collections.js'
import { applyEdits, type Edit } from '../text/edit.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isList, isObject, type Json, sameJson } from '../yaml/json.js'
import { readDocument } from '../yaml/read.js'
import { commentTokens } from './tokens.js'
import type { ServiceWish } from './traffic.js'
import { wished } from './wish.js'

/**
 * The block scalar that ends the text without a line end, if one does. kubectl adds that line end before it reads, so its
 * value has one; kustomize does not, and there the value would change with anything that an edit puts behind it.
 */
export function cutOff(text: string, documents: readonly Document[]): string | undefined {
  if (text.endsWith('\n')) return undefined
  let node: unknown = documents.at(-1)?.contents
  while (isMap(node) || isSeq(node)) {
    const last: unknown = node.items.at(-1)
    node = isMap(node) ? node.items.at(-1)?.value : last
  }
  if (!isScalar(node) || typeof node.value !== 'string' || node.range?.[1] !== text.length) return undefined
  return node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED' ? node.value : undefined
}

/** What each edited Service is to look like; a list alone is its traffic. */
type Wishes = ReadonlyMap<Manifest, readonly TrafficTarget[] | ServiceWish>

/**
 * Reads the edited text again and compares. The result is the new reading if, and only if, every wished traffic and
 * field is exactly there, every other value of every document is as it was, and no comment is gone but the named ones.
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
  if (cutOff(file.text, before.documents) !== cutOff(text, after.documents)) return undefined
  for (const [index, manifest] of before.manifests.entries()) {
    const wish = wishFor(manifest, wishes)
    if (wish.fields && !wish.traffic) continue
    const found = after.manifests[index]
    if (!found || !sameTraffic(wish.traffic ?? readTraffic(manifest), readTraffic(found))) return undefined
  }
  const wishing = grouped(
    before.manifests.filter((manifest) => wishes.has(manifest)),
    ({ document }) => document,
  )
  const asWished = before.documents.every((document, index) => {
    const own = wishing.get(document) ?? []
    const [old, fresh] = [document, after.documents[index]].map((one) => readDocument(one?.contents ?? null).value)
    const wanted = own.reduce((value, manifest) => withFields(value, manifest.root, wishFor(manifest, wishes)), old)
    const moved = own.filter((manifest) => wishFor(manifest, wishes).traffic)
    return sameJson(withoutTraffic(wanted, moved), withoutTraffic(fresh, moved))
  })
  if (!asWished) return undefined
  const kept = [...commentsOf(text), ...comments.removed].toSorted()
  return sameJson(kept, [...commentsOf(file.text), ...(comments.added ?? [])].toSorted()) ? after : undefined
}

function wishFor(manifest: Manifest, wishes: Wishes): ServiceWish {
  const wish = wishes.get(manifest) ?? {}
  return isTraffic(wish) ? { traffic: wish } : wish
}

function isTraffic(wish: readonly TrafficTarget[] | ServiceWish): wish is readonly TrafficTarget[] {
  return Array.isArray(wish)
}

/** The document with the wishes made for the fields of the object at `root`. */
function withFields(value: Json | undefined, root: Path, { fields }: ServiceWish): Json | undefined {
  if (!fields || value === undefined) return value
  const [step, ...rest] = root
  if (step === undefined) return wished(value, fields)
  if (isList(value))
    return value.map((item, index) => (index === step ? (withFields(item, rest, { fields }) ?? null) : item))
  return isObject(value) ? { ...value, [step]: withFields(value[step], rest, { fields }) ?? null } : value
}

function sameTraffic(a: readonly TrafficTarget[] | undefined, b: readonly TrafficTarget[] | undefined): boolean {
  if (!a || !b) return a === b
  return (
    a.length === b.length &&
    a.every((target, index) => {
      const other = b[index]
      return (
        other !== undefined &&
        sameRevision(target.revision, other.revision) &&
        target.percent === other.percent &&
        target.tag === other.tag
      )
    })
  )
}

function withoutTraffic(value: Json | undefined, manifests: readonly Manifest[]): Json | undefined {
  return manifests.reduce<Json | undefined>((rest, { root }) => dropTraffic(rest, [...root, 'spec']), value)
}

function dropTraffic(value: Json | undefined, path: Manifest['root']): Json | undefined {
  const [step, ...rest] = path
  if (isList(value)) return value.map((item, index) => (index === step ? (dropTraffic(item, rest) ?? null) : item))
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  if (step === undefined) return Object.fromEntries(entries.filter(([key]) => key !== 'traffic'))
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === step ? (dropTraffic(item, rest) ?? null) : item]),
  )
}

/** Every comment, in the order of the text. */
export function commentsOf(text: string): readonly string[] {
  return commentTokens(text).map(({ start, end }) => text.slice(start, end))
}
