import type { Manifest } from '../manifest/manifest.js'
import { readTraffic, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { cluesOf } from './clues.js'
import { unknownRevision } from './known-revisions.js'
import type { Wish, Witnesses } from './move.js'
import type { Remark } from './remark.js'
import { parseRevision } from './revision.js'
import { findRoles, type Role, type Roles } from './roles.js'
import { isRefusal, type Refusal, type Stage } from './stage.js'

/** What the user says of the roles, where the file does not tell. */
export type RoleFlags = {
  /** A revision name, in which `{{.Service}}` stands for the service's name, or `@latest`. */
  readonly stable?: string
  readonly candidate?: string
}

/** What the user says besides the stage. */
export type StageFlags = RoleFlags & {
  readonly tag?: string
  /** The candidate's share in percent. */
  readonly percent?: number
  /** Whether a promotion takes the stable revision out of the list. */
  readonly dropStable?: boolean
  /** Whether a rollback keeps the candidate at 0 percent, with its tag. */
  readonly keep?: boolean
}

/** The traffic of a Service with the roles in it. */
export type Standing = Roles & {
  readonly before: readonly TrafficTarget[]
  /** Set where the candidate is in no target any more, and only Git shows it. */
  readonly isLost?: true
  /** What there is to say of the revisions that the flags name. */
  readonly remarks: readonly Remark[]
}

/** Tells the roles in the file's traffic, or in an earlier one; undefined where the traffic cannot be read. */
export function standingOf(
  manifest: Manifest,
  flags: RoleFlags,
  witnesses: Witnesses = {},
  before: readonly TrafficTarget[] | undefined = readTraffic(manifest),
): Standing | Refusal | undefined {
  if (!before) return undefined
  const stable = flagged(flags.stable, '--stable', manifest, witnesses)
  if (isRefusal(stable)) return stable
  const candidate = flagged(flags.candidate, '--candidate', manifest, witnesses)
  if (isRefusal(candidate)) return candidate
  const roles = findRoles({
    ...cluesOf(manifest, before, witnesses),
    ...(stable.revision && { stable: stable.revision }),
    ...(candidate.revision && { candidate: candidate.revision }),
  })
  return { before, remarks: [...stable.remarks, ...candidate.remarks], ...roles }
}

type Flagged = { readonly revision?: Revision; readonly remarks: readonly Remark[] }

function flagged(text: string | undefined, flag: string, manifest: Manifest, witnesses: Witnesses): Flagged | Refusal {
  if (text === undefined) return { remarks: [] }
  const revision = parseRevision(text, manifest, flag, witnesses)
  if (isRefusal(revision)) return revision
  const remark = 'name' in revision ? unknownRevision(revision.name, flag, manifest, witnesses) : undefined
  return { revision, remarks: remark ? [remark] : [] }
}

/** What a stage wants of a Service that stands so. */
export function wishFor(
  stage: Stage,
  standing: Standing,
  { tag, percent, keep, dropStable }: StageFlags,
): Wish | Refusal {
  const after = stage.apply({
    traffic: standing.before,
    stable: revisionOf(standing.stable),
    candidate: revisionOf(standing.candidate),
    ...(tag === undefined ? {} : { tag }),
    ...(percent === undefined ? {} : { percent }),
    ...(keep === undefined ? {} : { keep }),
    ...(dropStable === undefined ? {} : { dropStable }),
  })
  return isRefusal(after) ? after : { stage: stage.name, after, ...standing }
}

function revisionOf(role: Role): Revision | Refusal {
  return isRefusal(role) ? role : role.revision
}
