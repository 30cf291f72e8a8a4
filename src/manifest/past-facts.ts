import type { Past, PastState } from './past.js'
import { equivalentTraffic } from './equivalent-traffic.js'

/** Since when something is as it is. */
export type Since = {
  readonly commit: string
  /** Committer's date in seconds since 1970. */
  readonly time: number
  /** Set where it may have been so for longer: the older past is not known. */
  readonly isAtLeast?: true
}

/**
 * Since when the traffic is as the file has it now, whatever else changed: of a target `latestRevision` the revision may
 * have. Undefined where that is not committed yet.
 */
export function trafficSince(past: Past): Since | undefined {
  let oldest: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0 || !isPresentTraffic(past, state)) return oldest && sinceOf(oldest)
    oldest = state
  }
  return oldest && { ...sinceOf(oldest), ...(past.gaps().isCut ? { isAtLeast: true } : {}) }
}

/**
 * The template that stood under an own name, in the state that had it first: what the revision was made from. A cluster
 * refuses a later one under the same name.
 */
export function templateOf(past: Past, revisionName: string): PastState | undefined {
  return [...presentLife(past)].findLast(({ templateName }) => templateName === revisionName)
}

/** A name of a revision that was committed. */
export type KnownRevision = Since & {
  readonly name: string
  /** Whether a template had it, so that the revision was made; traffic may name what never was. */
  readonly isOwnName: boolean
  /** The newest life of the Service (`PastState.life`) that names it. */
  readonly life: number
}

/** Every name that a template or a target ever had, each with its first commit, oldest first. */
export function revisionsKnown(past: Past): readonly KnownRevision[] {
  const found = new Map<string, KnownRevision>()
  for (const state of [...past.states].toReversed()) {
    for (const name of namesIn(state)) {
      const first = found.get(name) ?? { name, ...sinceOf(state), isOwnName: false, life: state.life }
      found.set(name, { ...first, isOwnName: first.isOwnName || state.templateName === name, life: state.life })
    }
  }
  return [...found.values()]
}

function* presentLife({ states }: Past): Iterable<PastState> {
  for (const state of states) {
    if (state.life > 0) return
    yield state
  }
}

function isPresentTraffic({ present }: Past, { traffic }: PastState): boolean {
  return present.traffic !== undefined && traffic !== undefined && equivalentTraffic(present.traffic, traffic)
}

function sinceOf({ commit, time }: PastState): Since {
  return { commit, time }
}

function* namesIn({ templateName, traffic }: Pick<PastState, 'templateName' | 'traffic'>): Iterable<string> {
  if (templateName !== undefined) yield templateName
  for (const { revision } of traffic ?? []) if ('name' in revision) yield revision.name
}
