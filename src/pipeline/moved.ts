import type { TrafficTarget } from '../manifest/traffic.js'
import { routed } from '../stages/place.js'
import { grouped } from '../text/collections.js'
import { isList, type Json, member, sameJson } from '../yaml/json.js'
import type { StatusRow } from './status.js'

/** How one Service differs between two points. */
export type Moved = {
  /** The Service on the second side; one that is removed, on the first. */
  readonly row: StatusRow
  /** The same on the first side, where it is on both. */
  readonly before?: StatusRow
  readonly kind: 'added' | 'changed' | 'removed'
  /** The targets as the cluster has them; absent on the side that lacks the Service, and where they cannot be read. */
  readonly from?: readonly TrafficTarget[]
  readonly to?: readonly TrafficTarget[]
  /** What became of the template; absent where it is the same. */
  readonly template?: TemplateMove
}

/** What of a template differs. */
type TemplateMove = {
  /** Its revision name; a generated one is undefined. */
  readonly name?: { readonly from: string | undefined; readonly to: string | undefined }
  /** The images of its containers, by their place. */
  readonly images: readonly { readonly from: string; readonly to: string }[]
}

/**
 * The Services that differ, by namespace and name. One that moved to another file is the same, as long as no other one has
 * its name. Rows must have their template.
 */
export function movedBetween(older: readonly StatusRow[], newer: readonly StatusRow[]): readonly Moved[] {
  const left = new Set(older)
  const pairs = new Map<StatusRow, StatusRow>()
  for (const keyOf of [placeKey, rootKey, labelKey]) {
    const olds = grouped([...left], keyOf)
    const fresh = grouped(
      newer.filter((row) => !pairs.has(row)),
      keyOf,
    )
    for (const [key, own] of fresh) {
      const [after, second] = own
      const [before, other] = olds.get(key) ?? []
      if (!after || second || !before || other) continue
      pairs.set(after, before)
      left.delete(before)
    }
  }
  const moved = newer.flatMap((row) => {
    const before = pairs.get(row)
    return before ? changed(before, row) : [{ row, kind: 'added' as const, ...sideOf('to', row) }]
  })
  const gone = [...left].map((row): Moved => ({ row, kind: 'removed', ...sideOf('from', row) }))
  return [...moved, ...gone].toSorted((a, b) => (a.row.label < b.row.label ? -1 : Number(a.row.label > b.row.label)))
}

function placeKey({ label, root, file }: StatusRow): string {
  return JSON.stringify([label, root, file])
}

function rootKey({ label, root }: StatusRow): string {
  return JSON.stringify([label, root])
}

function labelKey({ label }: StatusRow): string {
  return label
}

function sideOf(side: 'from' | 'to', { traffic }: StatusRow): Pick<Moved, 'from' | 'to'> {
  return traffic ? { [side]: routed(traffic) } : {}
}

function changed(before: StatusRow, after: StatusRow): readonly Moved[] {
  const template = templateMove(before.template ?? null, after.template ?? null)
  const [from, to] = [before, after].map(({ traffic }) => traffic && routed(traffic))
  if (!template && JSON.stringify(targetsOf(from)) === JSON.stringify(targetsOf(to))) return []
  return [
    {
      row: after,
      before,
      kind: 'changed',
      ...sideOf('from', before),
      ...sideOf('to', after),
      ...(template && { template }),
    },
  ]
}

/** The targets without where they stand, in an order of their own. */
function targetsOf(traffic: readonly TrafficTarget[] | undefined): readonly string[] | undefined {
  return traffic?.map(({ revision, percent, tag }) => JSON.stringify([revision, percent, tag])).toSorted()
}

function templateMove(before: Json, after: Json): TemplateMove | undefined {
  if (sameJson(before, after)) return undefined
  const [from, to] = [before, after].map((template) => {
    const name = member(template, 'metadata', 'name')
    return typeof name === 'string' && name !== '' ? name : undefined
  })
  const [old, fresh] = [before, after].map(imagesOf)
  const images = (fresh ?? []).flatMap((image, index) => {
    const was = old?.[index]
    return was === undefined || was === image ? [] : [{ from: was, to: image }]
  })
  return { ...(from !== to && { name: { from, to } }), images }
}

function imagesOf(template: Json): readonly string[] {
  const containers = member(template, 'spec', 'containers')
  if (!isList(containers)) return []
  return containers.map((container) => {
    const image = member(container, 'image')
    return typeof image === 'string' ? image : ''
  })
}
