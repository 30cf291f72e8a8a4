import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { shareOf } from './shares.js'
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
  const open = names.filter((name) => !stable || !sameRevision(stable, { name }))
  const tagged = names.filter((name) => traffic.some((target) => isNamed(target, name) && target.tag !== undefined))
  const later = names.length === 2 ? laterByNumber(names) : undefined
  const onlyTagged = names.length === 2 && tagged.length === 1 ? tagged[0] : undefined
  const isBuilt =
    templateName !== undefined && (stable ? !isName(stable, templateName) : names.some((name) => name !== templateName))
  // A template that still builds the older of two revisions does not speak for the one under test.
  const isOutdated =
    tagged.length === 1 &&
    templateName !== undefined &&
    names.every((name) => {
      return name === templateName || (name === tagged[0] && laterByNumber([name, templateName]) === name)
    })
  if (isBuilt && !isOutdated) return { revision: { name: templateName }, decidedBy: '`spec.template.metadata.name`' }
  const [only] = open
  if (names.length === 2 && open.length === 1 && only !== undefined) {
    return { revision: { name: only }, decidedBy: 'the other of the two targets' }
  }
  if (onlyTagged !== undefined)
    return { revision: { name: onlyTagged }, decidedBy: 'the only tagged one of the two targets' }
  if (later !== undefined) return { revision: { name: later }, decidedBy: 'the higher trailing number' }
  if (names.length === 1 && traffic.some(({ revision }) => 'latest' in revision)) {
    return { revision: { latest: true }, decidedBy: '`latestRevision: true` beside a pinned target' }
  }
  return {
    code: 'KN401',
    message: `the candidate must be known, but the file does not tell which revision that is${known(names)}`,
    help: 'name it with --candidate, for example --candidate {{.Service}}-00002',
  }
}

function findStable({ traffic, templateName }: Clues, candidate: Role): Role {
  const other = 'revision' in candidate ? candidate.revision : undefined
  const names = namesIn(traffic).filter((name) => !other || !sameRevision(other, { name }))
  const shares = names.map((name) => ({ name, share: shareOf(traffic, { name }) }))
  const most = Math.max(...shares.map(({ share }) => share))
  const leading = shares.filter(({ share }) => share === most)
  const [first] = leading
  if (leading.length === 1 && first) {
    const decidedBy = other
      ? 'the target with the most traffic that is not the candidate'
      : 'the target with the most traffic'
    return { revision: { name: first.name }, decidedBy }
  }
  if (templateName !== undefined && names.length === 0 && !(other && isName(other, templateName))) {
    return { revision: { name: templateName }, decidedBy: '`spec.template.metadata.name`' }
  }
  return {
    code: 'KN402',
    message: `the stable revision must be known, but the file does not tell which one serves today${known(names)}`,
    help: 'look it up with `kubectl get ksvc` and name it with --stable, for example --stable {{.Service}}-00001',
  }
}

function isNamed({ revision }: TrafficTarget, name: string): boolean {
  return isName(revision, name)
}

function isName(revision: Revision, name: string): boolean {
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
