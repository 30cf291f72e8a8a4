import { member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { parseRevision } from './revision.js'
import { findRoles, type Role, type Roles } from './roles.js'
import { isRefusal, type Refusal, type Stage } from './stage.js'
import type { Wish } from './move.js'

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
}

/** The traffic of a Service with the roles in it. */
export type Standing = Roles & { readonly before: readonly TrafficTarget[] }

/** Tells the roles; undefined where the traffic cannot be read. */
export function standingOf(manifest: Manifest, flags: RoleFlags): Standing | Refusal | undefined {
  const before = readTraffic(manifest)
  if (!before) return undefined
  const stable = flags.stable === undefined ? undefined : parseRevision(flags.stable, manifest, '--stable')
  if (stable && isRefusal(stable)) return stable
  const candidate = flags.candidate === undefined ? undefined : parseRevision(flags.candidate, manifest, '--candidate')
  if (candidate && isRefusal(candidate)) return candidate
  const template = member(manifest.value, 'spec', 'template', 'metadata', 'name')
  const roles = findRoles({
    traffic: before,
    ...(typeof template === 'string' && template !== '' ? { templateName: template } : {}),
    ...(stable ? { stable } : {}),
    ...(candidate ? { candidate } : {}),
  })
  return { before, ...roles }
}

/** What a stage wants of a Service that stands so. */
export function wishFor(stage: Stage, standing: Standing, { tag, percent }: StageFlags): Wish | Refusal {
  const after = stage.apply({
    traffic: standing.before,
    stable: revisionOf(standing.stable),
    candidate: revisionOf(standing.candidate),
    ...(tag === undefined ? {} : { tag }),
    ...(percent === undefined ? {} : { percent }),
  })
  return isRefusal(after) ? after : { stage: stage.name, after, ...standing }
}

function revisionOf(role: Role): Revision | Refusal {
  return isRefusal(role) ? role : role.revision
}
