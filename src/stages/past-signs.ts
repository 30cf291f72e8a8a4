import { revisionsKnown } from '../manifest/past-facts.js'
import type { Past, PastState } from '../manifest/past.js'
import type { Revision } from '../manifest/traffic.js'
import type { Clues, Role } from './roles.js'
import { shareOf } from './shares.js'
import { shortCommit } from '../text/version.js'

/** A revision that had everything, as a commit shows. */
export type Served = { readonly name: string; readonly commit: string; readonly sign: 'traffic' | 'template' }

/** As messages cite it: `the template at 3fa2b1c`. */
export function citationOf({ sign, commit }: Served): string {
  return `the ${sign} at ${shortCommit(commit)}`
}

/**
 * The share of a revision in a state of the past, in percent. What went to the latest revision was the share of the one
 * that the template builds, where it has a name.
 */
export function shareThen(
  { traffic, templateName }: Pick<PastState, 'traffic' | 'templateName'>,
  revision: Revision,
): number {
  if (!traffic) return 0
  const toLatest = traffic.length === 0 ? 100 : shareOf(traffic, { latest: true })
  if ('latest' in revision) return toLatest
  return shareOf(traffic, revision) + (revision.name === templateName ? toLatest : 0)
}

/** What the last commit sends everything to. Undefined where it does not say so by a name. */
export function headServing({ past }: Clues): Served | undefined {
  const known = past?.()
  if (!known) return undefined
  for (const state of known.states) return state.life === 0 ? servingIn(state) : undefined
  return undefined
}

/** What everything went to before a revision first had a share: its way back. Undefined where no name is known. */
export function servedBefore(past: Past, name: string): Served | undefined {
  let found: { readonly served: Served | undefined } | undefined
  for (const state of past.states) {
    if (state.life > 0) break
    if (shareThen(state, { name }) > 0) found = undefined
    else if (!found && isServedByOne(state)) found = { served: servingIn(state) }
  }
  return found?.served
}

function isServedByOne({ traffic }: PastState): boolean {
  return traffic !== undefined && traffic.filter(({ percent }) => percent > 0).length < 2
}

function servingIn({ traffic, templateName, commit }: PastState): Served | undefined {
  if (!traffic) return undefined
  const target = traffic.find(({ percent }) => percent === 100)
  if (target && 'name' in target.revision) return { name: target.revision.name, commit, sign: 'traffic' }
  if (templateName === undefined || (traffic.length > 0 && !target)) return undefined
  return { name: templateName, commit, sign: 'template' }
}

/** Of two revisions, the one that Git saw later; one that is not committed yet is later than one that is. */
export function laterInGit({ past }: Clues, [a = '', b = '']: readonly string[]): Role | undefined {
  const known = past?.()
  if (!known) return undefined
  const revisions = revisionsKnown(known)
  const [first, second] = [a, b].map((name) => revisions.findIndex((one) => one.name === name))
  if (first === undefined || second === undefined || (first < 0 && second < 0)) return undefined
  const commitAt = (index: number): string => revisions[index]?.commit ?? ''
  if (commitAt(first) === commitAt(second)) return undefined
  if (first < 0 || second < 0) {
    return { revision: { name: first < 0 ? a : b }, decidedBy: 'Git, where it is not committed yet' }
  }
  const name = first > second ? a : b
  return {
    revision: { name },
    decidedBy: `Git, where it came later (${shortCommit(commitAt(Math.max(first, second)))})`,
  }
}
