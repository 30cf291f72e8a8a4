import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { findCandidate } from './candidate.js'
import type { Witnesses } from './move.js'
import { findStable } from './stable.js'
import type { Refusal } from './stage.js'

/** A revision that was found for a role, and what it was decided by; or why none could be told. */
export type Role = { readonly revision: Revision; readonly decidedBy: string } | Refusal

export type Roles = { readonly stable: Role; readonly candidate: Role }

/** What the file, the user, Git and the cluster say about the roles. */
export type Clues = Witnesses & {
  readonly traffic: readonly TrafficTarget[]
  /** `spec.template.metadata.name`, if the file brings its own revision name. */
  readonly templateName?: string
  readonly stable?: Revision
  readonly candidate?: Revision
}

/**
 * Tells the two revisions of a rollout from the flags, the file, Git and a saved live object, in that order. The most
 * telling sign wins: the template's name is the revision that the file builds, a single tag is the route under test.
 */
export function findRoles(clues: Clues): Roles {
  const { stable, candidate } = clues
  if (stable && candidate && sameRevision(stable, candidate)) {
    const same: Refusal = {
      code: 'KN403',
      message: `stable and candidate must be two revisions, but both are \`${revisionText(stable)}\``,
      help: 'name another revision with --stable or --candidate',
    }
    return { stable: same, candidate: same }
  }
  const found: Role = candidate ? { revision: candidate, decidedBy: '--candidate' } : findCandidate(clues)
  return { candidate: found, stable: stable ? { revision: stable, decidedBy: '--stable' } : findStable(clues, found) }
}
