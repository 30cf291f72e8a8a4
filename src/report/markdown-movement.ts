import { keyOf, revisionText, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import type { Change } from '../pipeline/outcome.js'
import { routed, shareOf, targetsOf } from '../stages/shares.js'
import { grouped } from '../text/grouped.js'
import { code, series } from './markdown-text.js'

/** A revision whose share of the requests is another one afterwards, in percent. */
export type Shift = { readonly revision: Revision; readonly before: number; readonly after: number }

/** The shares that a change moves. */
export function shiftsOf(change: Change): readonly Shift[] {
  const [before, after] = [routed(change.before), routed(change.after)]
  return revisionsOf([...before, ...after])
    .map((revision) => ({ revision, before: shareOf(before, revision), after: shareOf(after, revision) }))
    .filter((shift) => shift.before !== shift.after)
}

/** What becomes of the users' requests, of tags and of revisions that leave, in sentences. */
export function movementText(change: Change): string {
  return [requests(change), ...tags(change), ...leavers(change)].join(' ')
}

function requests(change: Change): string {
  const service = code(change.name)
  const shifts = shiftsOf(change)
  const [lost, gained] = [
    shifts.filter((one) => one.after < one.before),
    shifts.filter((one) => one.after > one.before),
  ]
  const [from, to] = [lost[0], gained[0]]
  if (!from || !to) return `Moves no requests of ${service}.`
  if (lost.length === 1 && gained.length === 1)
    return `Moves ${to.after - to.before} % of the requests of ${service} from ${named(from.revision)} to ${named(to.revision)}.`
  const parts = shifts.map((one) => `${named(one.revision)} from ${one.before} to ${one.after} %`)
  return `Shares the requests of ${service} anew: ${series(parts, 10)}.`
}

function named(revision: Revision): string {
  return 'name' in revision ? code(revision.name) : `whatever revision is the latest (${code('@latest')})`
}

function tags({ before, after }: Change): readonly string[] {
  const [had, has] = [before, after].map((traffic) => new Set(traffic.map(tagKey)))
  const given = after.filter((target) => target.tag !== undefined && !had?.has(tagKey(target)))
  const taken = before.filter((target) => target.tag !== undefined && !has?.has(tagKey(target)))
  return [
    ...given
      .slice(0, 5)
      .map(({ tag = '', revision }) => `The tag ${code(tag)} leads to ${code(revisionText(revision))}.`),
    ...taken
      .slice(0, 5)
      .map(({ tag = '', revision }) => `The tag ${code(tag)} no longer leads to ${code(revisionText(revision))}.`),
  ]
}

function tagKey({ tag, revision }: TrafficTarget): string {
  return JSON.stringify([tag, keyOf(revision)])
}

/** The revisions that a change takes out of the list: without a target the cluster may collect them. */
export function leaversOf({ before, after }: Change): readonly string[] {
  return revisionsOf(before).flatMap((revision) => {
    return 'name' in revision && targetsOf(after, revision).length === 0 ? [revision.name] : []
  })
}

function leavers(change: Change): readonly string[] {
  const names = leaversOf(change)
  if (names.length === 0) return []
  const [verb, object] = names.length === 1 ? ['leaves', 'it'] : ['leave', 'them']
  return [`${series(names.map(code))} ${verb} the list, and the cluster may collect ${object}.`]
}

/** Every revision of the targets, once. */
export function revisionsOf(traffic: readonly TrafficTarget[]): readonly Revision[] {
  const all = traffic.map(({ revision }) => revision)
  return [...grouped(all, keyOf).values()].flatMap(([first]) => first ?? [])
}
