import { revisionsOn } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/names.js'
import { fetchOr, revisionsKnown } from '../manifest/past.js'
import { readTraffic, type Revision, revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { nearest } from '../text/words.js'
import { cluesOf, findRoles, namesIn, type Role, type Roles, servedBefore, type Wish, type Witnesses } from './roles.js'
import { isRefusal, type Refusal, type Remark, remarkOf, type Stage } from './stage.js'

type Names = Pick<Witnesses, 'builtNames'>

/**
 * The name by which the cluster knows the Service that this traffic is for: the one that kustomizations build, else that in
 * the file.
 */
export function serviceName({ name }: Pick<Manifest, 'name'>, { builtNames }: Names): string {
  return fitting(builtNames?.traffic ?? []) ?? name
}

/** The same for a revision that the template and the traffic name, or why no name is one for all that is built. */
export function namingService({ name }: Pick<Manifest, 'name'>, { builtNames }: Names): string | Refusal {
  const names = [...new Set([...(builtNames?.traffic ?? []), ...(builtNames?.revision ?? [])])]
  return names.length === 0 ? name : (fitting(names) ?? severalNames('KN444', names))
}

/** The names that the revision of the template may start with: of the Services whose revision the file names, else its own. */
export function revisionOwners({ name }: Pick<Manifest, 'name'>, { builtNames }: Names): readonly string[] {
  const names = builtNames?.revision ?? []
  return names.length > 0 ? names : [name]
}

/** Why `{{.Service}}` stands for no name; undefined where it does. */
function unclearService({ builtNames }: Names): Refusal | undefined {
  const names = builtNames?.traffic ?? []
  return names.length === 0 || fitting(names) !== undefined ? undefined : severalNames('KN409', names)
}

/** Whether the numbers of generated names belong to more than one Service. */
export function severalServices({ builtNames }: Names): Refusal | undefined {
  const names = builtNames?.traffic ?? []
  return names.length < 2 ? undefined : severalNames('KN444', names)
}

/** What starts with the longest name, `shop-blue`, starts with `shop` as well. */
function fitting(names: readonly string[]): string | undefined {
  const longest = names.reduce((a, b) => (b.length > a.length ? b : a), '')
  const isForAll = names.every((name) => name === longest || longest.startsWith(`${name}-`))
  return isForAll && longest !== '' ? longest : undefined
}

function severalNames(code: 'KN409' | 'KN444', names: readonly string[]): Refusal {
  const listed = names
    .toSorted()
    .slice(0, 3)
    .map((name) => `\`${name}\``)
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return {
    code,
    message: `cannot name one revision for all: kustomizations build ${listed.join(', ')}${more} from this file`,
    help: 'give each overlay a patch with `spec.template.metadata.name` and `spec.traffic`, and choose one with `--overlay`',
  }
}

/** The revisions of a Service that its template, its traffic, a saved live object or Git names, each once. */
export function knownRevisions(manifest: Manifest, witnesses: Witnesses = {}): readonly string[] {
  const past = witnesses.past?.()
  const inGit = past ? revisionsKnown(past).map(({ name }) => name) : []
  return [...new Set([...atHand(manifest, witnesses), ...inGit])]
}

/**
 * What to say of a revision that a flag names and nothing knows, where all of the past is known. A cluster may have it all
 * the same, so it is no refusal; and names that clusters generate are none of the files' business before a flag names them.
 */
function unknownRevision(name: string, flag: string, manifest: Manifest, witnesses: Witnesses): Remark | undefined {
  const service = serviceName(manifest, witnesses)
  if (numberOf(service, name) !== undefined || atHand(manifest, witnesses).includes(name)) return undefined
  const names = knownRevisions(manifest, witnesses)
  if (names.includes(name)) return undefined
  const gaps = witnesses.past?.()?.gaps()
  if (!gaps || gaps.isCut || gaps.unread > 0) return undefined
  // The Service's name at the front would make all of them alike.
  const ends = new Map(names.map((known) => [endOf(known, service), known]))
  const close = ends.get(nearest(endOf(name, service), ends.keys()) ?? '')
  const live = witnesses.live ? ', Git or the snapshot' : ' or Git'
  return remarkOf({
    code: 'KN438',
    message: `\`${flag}\` names \`${name}\`, which is not in the file${live}: a missing revision will block all traffic`,
    help: close === undefined ? 'compare with `kubectl get revisions`' : `did you mean \`${close}\`?`,
  })
}

function endOf(revision: string, service: string): string {
  return revision.startsWith(`${service}-`) ? revision.slice(service.length + 1) : revision
}

function atHand(manifest: Manifest, { live, ...witnesses }: Witnesses): readonly string[] {
  const { traffic, templateName } = cluesOf(manifest, readTraffic(manifest) ?? [], witnesses)
  return [
    ...(templateName === undefined ? [] : [templateName]),
    ...namesIn(traffic),
    ...(live ? revisionsOn(live) : []),
  ]
}

/**
 * The revision that a flag names: a name with `{{.Service}}` filled in, `@latest`, or one of those that the file and Git
 * tell: `@current` and `@candidate` are its roles, `@previous` is what served before `@current`.
 */
export function parseRevision(
  text: string,
  manifest: Manifest,
  flag: string,
  witnesses: Witnesses = {},
): Revision | Refusal {
  if (text === '@latest') return { latest: true }
  if (text === '@current' || text === '@candidate' || text === '@previous') return told(text, manifest, flag, witnesses)
  const name = serviceName(manifest, witnesses)
  if (text.startsWith('@') || text.trim() === '') {
    return {
      code: 'KN409',
      message: `\`${flag}\` is \`${text}\`; must be a revision name, \`@latest\`, \`@current\`, \`@candidate\` or \`@previous\``,
      help: `write \`${flag} @latest\`, or a name such as \`${flag} {{.Service}}-00001\``,
    }
  }
  const filled = text.replaceAll(/\{\{\s*\.Service\s*\}\}/g, name)
  const unclear = filled === text ? undefined : unclearService(witnesses)
  if (unclear) return unclear
  if (!filled.includes('{{') && (name !== '' || filled === text)) return { name: filled }
  return {
    code: 'KN409',
    message: `\`${flag}\` is \`${text}\`; the only placeholder is \`{{.Service}}\`, and only for a Service with a name`,
    help: `write the whole revision name, such as \`${flag} shop-v1\``,
  }
}

function told(
  word: '@current' | '@candidate' | '@previous',
  manifest: Manifest,
  flag: string,
  witnesses: Witnesses,
): Revision | Refusal {
  const { stable, candidate } = findRoles(cluesOf(manifest, readTraffic(manifest) ?? [], witnesses))
  const role = word === '@candidate' ? candidate : stable
  if (isRefusal(role)) return role
  if (word !== '@previous') return role.revision
  const past = witnesses.past?.()
  const served = past && 'name' in role.revision ? servedBefore(past, role.revision.name) : undefined
  if (served) return { name: served.name }
  return {
    code: 'KN409',
    message: `cannot determine \`${flag} @previous\`: Git shows no revision with all traffic before \`${revisionText(role.revision)}\``,
    help: fetchOr(`write a name such as \`${flag} {{.Service}}-00001\``, past),
  }
}

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
  /** Whether a promotion takes the candidate's tags away. */
  readonly untag?: boolean
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
  { tag, percent, keep, dropStable, untag }: StageFlags,
): Wish | Refusal {
  const after = stage.apply({
    traffic: standing.before,
    stable: revisionOf(standing.stable),
    candidate: revisionOf(standing.candidate),
    ...(tag === undefined ? {} : { tag }),
    ...(percent === undefined ? {} : { percent }),
    ...(keep === undefined ? {} : { keep }),
    ...(dropStable === undefined ? {} : { dropStable }),
    ...(untag === undefined ? {} : { untag }),
  })
  return isRefusal(after) ? after : { stage: stage.name, after, ...standing }
}

function revisionOf(role: Role): Revision | Refusal {
  return isRefusal(role) ? role : role.revision
}
