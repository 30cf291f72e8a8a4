import { member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { findRoles, type Role } from './roles.js'
import { isRefusal, type Refusal, type Stage } from './stage.js'

/** What the user asks for: a stage and, where the file does not tell, the roles. */
export type StageRequest = {
  readonly stage: Stage
  /** A revision name, in which `{{.Service}}` stands for the service's name, or `@latest`. */
  readonly stable?: string
  readonly candidate?: string
  readonly tag?: string
  /** The candidate's share in percent. */
  readonly percent?: number
}

/** The traffic that a stage wants for one Service, and how its roles were found. */
export type Wish = {
  readonly before: readonly TrafficTarget[]
  readonly after: readonly TrafficTarget[]
  readonly stable: Role
  readonly candidate: Role
}

/** Asks the stage what it wants. Targets that cannot be read are no refusal here: the edit would meet them too. */
export function wishFor(manifest: Manifest, request: StageRequest): Wish | Refusal | undefined {
  const before = readTraffic(manifest)
  if (!before) return undefined
  const stable = request.stable === undefined ? undefined : parseRevision(request.stable, manifest, '--stable')
  if (stable && isRefusal(stable)) return stable
  const candidate =
    request.candidate === undefined ? undefined : parseRevision(request.candidate, manifest, '--candidate')
  if (candidate && isRefusal(candidate)) return candidate
  const template = member(manifest.value, 'spec', 'template', 'metadata', 'name')
  const roles = findRoles({
    traffic: before,
    ...(typeof template === 'string' && template !== '' ? { templateName: template } : {}),
    ...(stable ? { stable } : {}),
    ...(candidate ? { candidate } : {}),
  })
  const after = request.stage.apply({
    traffic: before,
    stable: revisionOf(roles.stable),
    candidate: revisionOf(roles.candidate),
    ...(request.tag === undefined ? {} : { tag: request.tag }),
    ...(request.percent === undefined ? {} : { percent: request.percent }),
  })
  return isRefusal(after) ? after : { before, after, ...roles }
}

function revisionOf(role: Role): Revision | Refusal {
  return isRefusal(role) ? role : role.revision
}

/** `@latest`, or a name with `{{.Service}}` filled in. */
function parseRevision(text: string, { name }: Manifest, flag: string): Revision | Refusal {
  if (text === '@latest') return { latest: true }
  if (text.startsWith('@') || text.trim() === '') {
    return {
      code: 'KN409',
      message: `${flag} must be a revision name or \`@latest\`, but is \`${text}\``,
      help: `write ${flag} @latest, or a name such as ${flag} {{.Service}}-00001`,
    }
  }
  const filled = text.replaceAll(/\{\{\s*\.Service\s*\}\}/g, name)
  if (!filled.includes('{{') && (name !== '' || filled === text)) return { name: filled }
  return {
    code: 'KN409',
    message: `${flag} must not hold a placeholder besides \`{{.Service}}\` of a named service, but is \`${text}\``,
    help: `write the whole revision name, such as ${flag} shop-v1`,
  }
}
