import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import type { Refusal } from './stage.js'

/** A revision that was found for a role, and what it was decided by; or why none could be told. */
export type Role = { readonly revision: Revision; readonly decidedBy: string } | Refusal

export type Roles = { readonly stable: Role; readonly candidate: Role }

/** What the file and the user say about the roles. */
export type Clues = {
  readonly traffic: readonly TrafficTarget[]
  /** `spec.template.metadata.name`, if the file brings its own revision name. */
  readonly templateName?: string
  readonly stable?: Revision
  readonly candidate?: Revision
}

/**
 * Tells the two revisions of a rollout from the flags and the file alone, in that order. The most telling sign wins:
 * the template's name is the revision that the file builds, a single tag is the route under test.
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

function findCandidate({ traffic, templateName, stable }: Clues): Role {
  const names = namesIn(traffic)
  const others = names.filter((name) => name !== templateName)
  const template: Revision | undefined = templateName === undefined ? undefined : { name: templateName }
  if (template && (stable ? !sameRevision(template, stable) : others.length > 0)) {
    return { revision: template, decidedBy: '`spec.template.metadata.name`' }
  }
  const open = names.filter((name) => !stable || !sameRevision(stable, { name }))
  if (names.length === 2) {
    const [only] = open
    if (open.length === 1 && only !== undefined)
      return { revision: { name: only }, decidedBy: 'the other of the two targets' }
    const tagged = names.filter((name) => traffic.some((target) => isNamed(target, name) && target.tag !== undefined))
    const [single] = tagged
    if (tagged.length === 1 && single !== undefined)
      return { revision: { name: single }, decidedBy: 'the only tagged one of the two targets' }
    const later = laterByNumber(names)
    if (later !== undefined) return { revision: { name: later }, decidedBy: 'the higher trailing number' }
  }
  const latest = traffic.find((target) => 'latest' in target.revision)
  if (latest && names.length === 1)
    return { revision: { latest: true }, decidedBy: '`latestRevision: true` beside a pinned target' }
  return {
    code: 'KN401',
    message: `the candidate must be known, but the file does not tell which revision that is${known(names)}`,
    help: 'name it with --candidate, for example --candidate {{.Service}}-00002',
  }
}

function findStable({ traffic, templateName }: Clues, candidate: Role): Role {
  const other = 'revision' in candidate ? candidate.revision : undefined
  const names = namesIn(traffic).filter((name) => !other || !sameRevision(other, { name }))
  const shares = names.map((name) => ({
    name,
    share: traffic.filter((target) => isNamed(target, name)).reduce((sum, { percent }) => sum + percent, 0),
  }))
  const most = Math.max(...shares.map(({ share }) => share))
  const leading = shares.filter(({ share }) => share === most)
  const [first] = leading
  if (leading.length === 1 && first)
    return { revision: { name: first.name }, decidedBy: 'the target with the most traffic that is not the candidate' }
  const template: Revision | undefined = templateName === undefined ? undefined : { name: templateName }
  if (template && names.length === 0 && !(other && sameRevision(other, template))) {
    return { revision: template, decidedBy: '`spec.template.metadata.name`' }
  }
  return {
    code: 'KN402',
    message: `the stable revision must be known, but the file does not tell which one serves today${known(names)}`,
    help: 'look it up with `kubectl get ksvc` and name it with --stable, for example --stable {{.Service}}-00001',
  }
}

function isNamed({ revision }: TrafficTarget, name: string): boolean {
  return 'name' in revision && revision.name === name
}

function namesIn(traffic: readonly TrafficTarget[]): readonly string[] {
  return [...new Set(traffic.flatMap(({ revision }) => ('name' in revision ? [revision.name] : [])))]
}

/** Of two names that differ only in the number at their end, the one with the higher number. */
function laterByNumber([a, b]: readonly string[]): string | undefined {
  const [left, right] = [a, b].map((name) => /^(.*?)(\d+)$/.exec(name ?? ''))
  if (!left || !right || left[1] !== right[1] || Number(left[2]) === Number(right[2])) return undefined
  return Number(left[2]) > Number(right[2]) ? left[0] : right[0]
}

function known(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (\`spec.traffic\` names ${names.map((name) => `\`${name}\``).join(', ')})`
}
