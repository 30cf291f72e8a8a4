import { revisionsKnown } from '../manifest/past-facts.js'
import { sameJson } from '../manifest/json.js'
import type { Past, PastState } from '../manifest/past.js'
import type { ServiceShape } from '../manifest/past-version.js'
import { generatedName, numberOf } from '../manifest/revision-number.js'
import type { Revision, TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/sum.js'
import { namesIn } from './names.js'
import { higherNumber } from './revision-order.js'

/** How a Service stood before a change of its traffic. */
type StoodBefore = Pick<ServiceShape, 'templateName' | 'traffic'> & {
  /** The number that the cluster gave to what the template makes, where that can be counted. */
  readonly number?: number
}

/** The one revision that has everything, where the list names no other one. */
export function loneName(traffic: readonly TrafficTarget[]): string | undefined {
  const [name, second] = namesIn(traffic)
  if (name === undefined || second !== undefined || traffic.some(({ revision }) => 'latest' in revision))
    return undefined
  return sum(traffic.map(({ percent }) => percent)) === 100 ? name : undefined
}

/**
 * The candidate that a change took out of the list while another revision got everything: somebody went back. What a
 * retirement takes out is the older one, and no candidate. Where neither the template's name nor a number tells which of
 * two is older, Git does.
 */
export function takenBack(
  { traffic, templateName, number }: StoodBefore,
  after: readonly TrafficTarget[],
  { service, past }: { readonly service: string; readonly past?: Past | undefined },
): Revision | undefined {
  const stable = loneName(after)
  if (stable === undefined || !traffic) return undefined
  const names = namesIn(traffic)
  const lost = names.filter((name) => name !== stable)
  const hadLatest = traffic.length === 0 || traffic.some(({ revision }) => 'latest' in revision)
  if (templateName !== undefined && templateName !== stable && (hadLatest || lost.includes(templateName))) {
    const isBack = names.includes(stable) || isLater(templateName, stable, past)
    return isBack ? { name: templateName } : undefined
  }
  if (hadLatest && templateName === undefined) {
    if (names.includes(stable)) return { latest: true }
    // To pin what serves is no way back: only an older number is.
    if (number !== undefined && number > (numberOf(service, stable) ?? number))
      return { name: generatedName(service, number) }
  }
  const later = lost.find((name) => isLater(name, stable, past))
  return later === undefined ? undefined : { name: later }
}

function isLater(name: string, other: string, past: Past | undefined): boolean {
  const higher = higherNumber([name, other])
  if (higher !== undefined) return higher === name
  const known = past ? revisionsKnown(past).map((one) => one.name) : []
  return known.includes(other) && known.indexOf(name) > known.indexOf(other)
}

/**
 * The number of the revision that the template of a state makes, counted from the first commit of the Service: each change
 * of the template makes one. Undefined where not all of the past is known.
 */
export function countedNumber(past: Past, state: ServiceShape): number | undefined {
  const states = [past.present, ...past.states].filter((one) => !isFormer(one))
  const { isCut, unread } = past.gaps()
  if (isCut || unread > 0) return undefined
  const older = states.slice(states.indexOf(state))
  const changes = older.filter((one, index) => index > 0 && !sameJson(one.template, older[index - 1]?.template))
  return changes.length + 1
}

/** The same for a state in which everything goes to that revision, without a name; undefined for any other. */
export function openNumber(past: Past, state: ServiceShape): number | undefined {
  const isOpen = state.templateName === undefined && state.traffic?.every(({ revision }) => 'latest' in revision)
  return isOpen ? countedNumber(past, state) : undefined
}

function isFormer(state: ServiceShape | PastState): boolean {
  return 'life' in state && state.life > 0
}
