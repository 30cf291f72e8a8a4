import { setterOf } from '../edit/tokens.js'
import { keyOf, type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Change, FileChange, Outcome } from '../pipeline/request.js'
import { routed, shareOf, targetsNaming } from '../stages/place.js'
import { positionIn, stepAfter } from '../stages/position.js'
import { findRoles, type Roles } from '../stages/roles.js'
import { loneName } from '../stages/rolled-back.js'
import { rollback, stageIn } from '../stages/stages.js'
import { defaultScheme, serviceUrl, tagUrl } from '../stages/url.js'
import { grouped } from '../text/collections.js'
import { folderOf } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { optionWords, shellPath, shellWord } from '../text/words.js'
import { code, fitting, prose, series, table } from './markdown-text.js'
import { templateLines } from './text.js'
import { movesOf } from './traffic-line.js'
import type { Positions } from './report.js'

/** How URLs are made, and whether nobody has named the domain. */
export type Urls = NonNullable<Outcome['urls']>

/** What is said of URLs where nobody has named anything. */
export const assumedUrls: Urls = { scheme: defaultScheme, isAssumed: true }

const mostRows = 30
const mostNotes = 20

/**
 * One Service that changes: its targets before and after, where its routes are, what a reviewer should look at. `others`
 * are all files of the change: some move the Service along.
 */
export function changeSection(
  { file }: FileChange,
  change: Change,
  others: readonly FileChange[],
  { places, urls }: { readonly places: Positions; readonly urls: Urls },
): string {
  const name = file.patchPath ?? file.path
  return [
    `### ${code(change.service)} in ${code(name)}\n`,
    ...(change.template ? [templateLines(change.template).map(bullet).join('')] : []),
    targetTable(change),
    ...roleCells(change),
    ...routes(change, urls),
    ...notes([{ file, notes: change.notes }, ...others.flatMap((other) => notesAlong(other, change))], places),
  ].join('\n')
}

function bullet(line: string): string {
  return `- ${line.split(' → ').map(prose).join(' → ')}\n`
}

function targetTable(change: Change): string {
  const [before, after] = [routed(change.before), routed(change.after)]
  const kept = before.map((target) => {
    const next = after.find(({ origin, revision }) => {
      return target.origin === undefined ? sameRevision(revision, target.revision) : origin === target.origin
    })
    return { from: target, to: next }
  })
  const added = after.filter((target) => !kept.some(({ to }) => to === target))
  const rows = [...kept, ...added.map((to) => ({ from: undefined, to }))].map((row) => cells(row, change))
  const left = rows.length - mostRows
  const rest = left > 0 ? [[`… ${left} more`, '', '', '']] : []
  return table(['revision', 'before', 'after', 'tag'], [...rows.slice(0, mostRows), ...rest])
}

type Row = { readonly from?: TrafficTarget | undefined; readonly to?: TrafficTarget | undefined }

function cells({ from, to }: Row, change: Change): readonly string[] {
  const [old, now] = [from, to].map((target) => (target ? revisionText(target.revision) : undefined))
  const names = [...new Set([old, now])].flatMap((name) => (name === undefined ? [] : [code(name)]))
  const role = roleOf(to?.revision ?? from?.revision, change)
  const tags = [...new Set([from ?? to, to ?? from].map((target) => target?.tag))]
  const isUntagged = tags.every((tag) => tag === undefined)
  return [
    names.join(' → ') + role,
    shareCell(from),
    shareCell(to),
    isUntagged ? '' : tags.map((tag) => (tag === undefined ? 'none' : code(tag))).join(' → '),
  ]
}

function roleOf(revision: Revision | undefined, change: Change): string {
  const role = (['stable', 'candidate'] as const).find((one) => {
    const found = change.roles[one]
    return revision && 'revision' in found && sameRevision(found.revision, revision)
  })
  return role === undefined ? '' : ` (${role})`
}

const cellsOfBar = 10

/** A bar of ten cells and the number: neither a small share looks like none, nor a large one like all. */
function shareCell(target: TrafficTarget | undefined): string {
  if (!target) return '–'
  const { percent } = target
  const exact = Math.max(0, Math.min(100, percent)) / cellsOfBar
  const full = exact > 0 && exact < cellsOfBar ? Math.max(1, Math.min(cellsOfBar - 1, Math.round(exact))) : exact
  return `${'█'.repeat(full)}${'░'.repeat(cellsOfBar - full)} ${percent}%`
}

/** What the two roles were told by. */
function roleCells({ roles: { stable, candidate } }: Change): readonly string[] {
  const told = Object.entries({ Stable: stable, Candidate: candidate }).flatMap(([role, found]) => {
    return 'revision' in found
      ? [`${role} is ${code(revisionText(found.revision))}, by ${prose(found.decidedBy)}.`]
      : []
  })
  return told.length === 0 ? [] : [`${told.join(' ')}\n`]
}

function routes({ address, after }: Change, { scheme, isAssumed }: Urls): readonly string[] {
  const tagged = after.flatMap(({ tag, revision }) => (tag === undefined ? [] : [{ tag, revision }])).slice(0, 5)
  if (tagged.length === 0) return []
  const { cloudRun, isLocal } = address
  const isOpen = address.namespace === undefined && !cloudRun
  const about = isOpen ? { ...address, namespace: 'default' } : address
  const tests = tagged.map(
    ({ tag, revision }) => `- Test ${code(revisionText(revision))} at ${code(tagUrl(about, tag, scheme))}`,
  )
  const users = serviceUrl(about, scheme)
  const assumed = isOpen ? `; without a namespace in the file, it uses ${code('default')}` : ''
  const isGuess = isAssumed && !cloudRun && !isLocal && users.includes(scheme.domain)
  const guess = isGuess ? ` Replace ${code(scheme.domain)} with the domain of the cluster${assumed}.` : ''
  const unknown = !isGuess && isOpen ? ` Without a namespace in the file, it uses ${code('default')}.` : ''
  return [`${[...tests, `- Users reach the Service at ${code(users)}.${guess}${unknown}`].join('\n')}\n`]
}

type Noted = Pick<FileChange, 'file'> & Pick<Change, 'notes'>

/** The comments in a file that moves the Service along. */
function notesAlong({ file, also = [] }: FileChange, { service }: Change): readonly Noted[] {
  return also.flatMap((one) => (one.service === service ? [{ file, notes: one.notes }] : []))
}

function notes(noted: readonly Noted[], places: Positions): readonly string[] {
  const lines = noted.flatMap(({ file, notes: own }) =>
    own.map(({ kind, text, range }) => {
      const setter = kind === 'beside' ? setterOf(text) : undefined
      const beside = `is now next to a changed value${setter ? `, which ${setter} will set again` : ''}`
      const what = kind === 'removed' ? 'was removed with its field' : beside
      const at = `${file.patchPath ?? file.path}:${places.of(file.path, range).line}`
      return `- ${code(at)}: the comment ${code(text.trim())} ${what}`
    }),
  )
  if (lines.length === 0) return []
  const left = lines.length - mostNotes
  const shown = [...lines.slice(0, mostNotes), ...(left > 0 ? [`- … ${left} more`] : [])]
  return [`Comments to read again:\n`, `${shown.join('\n')}\n`]
}

/** A revision whose share of the requests is another one afterwards, in percent. */
type Moved = { readonly revision: Revision; readonly before: number; readonly after: number }

/** The shares that a change moves. */
export function shiftsOf(change: Change): readonly Moved[] {
  return movesOf(change.before, change.after).map(({ revision, before = 0, after = 0 }) => ({
    revision,
    before,
    after,
  }))
}

/** What becomes of the users' requests, of tags and of revisions that leave, in sentences. */
export function movementText(change: Change): string {
  return [requests(change), ...tagCells(change), ...leavers(change)].join(' ')
}

function requests(change: Change): string {
  const service = code(change.name)
  const shifts = shiftsOf(change)
  const [lost, gained] = [
    shifts.filter((one) => one.after < one.before),
    shifts.filter((one) => one.after > one.before),
  ]
  const [from, to] = [lost[0], gained[0]]
  if (!from || !to) return `Moves no requests of ${service}.`
  if (lost.length === 1 && gained.length === 1)
    return `Moves ${to.after - to.before}% of the requests of ${service} from ${markedRevision(from.revision)} to ${markedRevision(to.revision)}.`
  const parts = shifts.map((one) => `${markedRevision(one.revision)} from ${one.before}% to ${one.after}%`)
  return `Splits the requests of ${service} again: ${series(parts, 10)}.`
}

function markedRevision(revision: Revision): string {
  return 'name' in revision ? code(revision.name) : `the latest revision (${code('@latest')})`
}

function tagCells({ before, after }: Change): readonly string[] {
  const [had, has] = [before, after].map((traffic) => new Set(traffic.map(tagKey)))
  const given = after.filter((target) => target.tag !== undefined && !had?.has(tagKey(target)))
  const taken = before.filter((target) => target.tag !== undefined && !has?.has(tagKey(target)))
  return [
    ...given
      .slice(0, 5)
      .map(({ tag = '', revision }) => `The tag ${code(tag)} leads to ${code(revisionText(revision))}.`),
    ...taken
      .slice(0, 5)
      .map(({ tag = '', revision }) => `The tag ${code(tag)} no longer leads to ${code(revisionText(revision))}.`),
  ]
}

function tagKey({ tag, revision }: TrafficTarget): string {
  return JSON.stringify([tag, keyOf(revision)])
}

/** The revisions that a change takes out of the list: without a target the cluster may collect them. */
function leaversOf({ before, after }: Change): readonly string[] {
  return revisionsOf(before).flatMap((revision) => {
    return 'name' in revision && targetsNaming(after, revision).length === 0 ? [revision.name] : []
  })
}

function leavers(change: Change): readonly string[] {
  const names = leaversOf(change)
  if (names.length === 0) return []
  const [verb, object] = names.length === 1 ? ['leaves', 'it'] : ['leave', 'them']
  return [`${series(names.map(code))} ${verb} the list, and Knative may garbage-collect ${object}.`]
}

/** Every revision of the targets, once. */
function revisionsOf(traffic: readonly TrafficTarget[]): readonly Revision[] {
  const all = traffic.map(({ revision }) => revision)
  return [...grouped(all, keyOf).values()].flatMap(([first]) => first ?? [])
}

const most = 10
const room = 5000

/** What files, and the snapshot if there is one, do not tell of these changes: what to look at before the merge. */
export function uncheckedList(changes: readonly Change[]): string {
  const open = changes.flatMap((change) => readiness(change) ?? [])
  const left = open.length - most
  const lines = open.slice(0, most)
  if (left > 0) lines.push(`that the revisions of the other ${left} exist and are ready`)
  if (!changes.every(({ shown }) => shown?.isSame))
    lines.push('that the traffic on the cluster is still what the files had before')
  const gaining = changes.flatMap((change) => {
    return shiftsOf(change).flatMap(({ revision, before, after }) => {
      return 'name' in revision && after > before ? [`${code(revision.name)} (${after}%)`] : []
    })
  })
  if (gaining.length > 0)
    lines.push(`that ${series(gaining)} can serve this traffic: scale bounds, quotas, dependencies`)
  return `${fitting(lines, room)
    .shown.map((line) => `- ${line}`)
    .join('\n')}\n`
}

/** What to look up of the revisions that no snapshot shows as ready; undefined where all are shown. */
function readiness({ name, namespace, after, shown, address }: Change): string | undefined {
  const names = revisionsOf(after).flatMap((revision) => ('name' in revision ? [revision.name] : []))
  if (names.length === 0) return `that the latest revision of ${code(name)} is the one that you mean`
  const open = names.filter((one) => !shown?.ready.includes(one))
  if (open.length === 0) return undefined
  const [verb, are] = open.length === 1 ? ['exists', 'is'] : ['exist', 'are']
  const look = address.cloudRun ? listOnCloudRun(address) : lookUp(namespace, open)
  return `that ${series(open.map(code))} ${verb} and ${are} ready, because a revision that is not blocks all traffic changes: ${code(look)}`
}

function lookUp(namespace: string | undefined, names: readonly string[]): string {
  const scope = namespace === undefined ? '' : ` ${optionWords('--namespace', namespace).join(' ')}`
  const end = names.some((one) => one.startsWith('-')) ? ' --' : ''
  return `kubectl get revision${scope}${end} ${names.slice(0, 5).map(shellWord).join(' ')}`
}

function listOnCloudRun({ name, cloudRun }: Change['address']): string {
  const region = cloudRun?.region === undefined ? [] : optionWords('--region', cloudRun.region)
  return ['gcloud run revisions list', ...optionWords('--service', name), ...region].join(' ')
}

/** Lines of shell, to be copied from the root of the repository. */
export type Commands = readonly string[]

/** By what a command names what changed: the overlay where one was named, else the file. */
export type Whereabouts = { readonly file: SourceFile; readonly overlay?: Outcome['overlay'] | undefined }

/** The roles as the changed file tells them, where the command itself did not ask for any. */
function rolesAfter({ roles, after, templateName }: Change): Roles {
  const [stable, candidate] = [roles.stable, roles.candidate].map((role) =>
    'revision' in role ? role.revision : undefined,
  )
  return findRoles({
    traffic: after,
    ...(templateName !== undefined && { templateName }),
    ...(stable && { stable }),
    ...(candidate && { candidate }),
  })
}

/** The command for the stage that follows in the Service's plan, or none where the rollout is over. */
export function nextCommand(at: Whereabouts, change: Change): Commands {
  const { plan, after } = change
  const stage = stageIn(plan, change.stage)?.stage
  const isOver = stage?.isWayBack || stage?.alone === 'candidate'
  if (isOver || (stage?.share === 100 && loneName(after) !== undefined)) return []
  const roles = rolesAfter(change)
  const step = stepAfter(plan, positionIn(plan, after, roles))
  if (!step) return []
  const { name, share } = step.stage
  const { stable, candidate } = roles
  const named = [
    ...('revision' in stable ? optionWords('--stable', revisionText(stable.revision)) : []),
    ...('revision' in candidate ? optionWords('--candidate', revisionText(candidate.revision)) : []),
  ]
  // What nobody knows yet is left to fill in, and refused as it stands.
  if (share !== undefined && !('revision' in candidate)) named.push(...optionWords('--candidate', '<candidate>'))
  const isTagged =
    'revision' in candidate &&
    after.some(({ tag, revision }) => {
      return tag !== undefined && revisionText(revision) === revisionText(candidate.revision)
    })
  if (share === 0 && !isTagged && step.tag === undefined) named.push(...optionWords('--tag', '<tag>'))
  return [commandLine('apply', [name], at, change, named)]
}

/** The command that takes a change back, or none where only the commit itself can be reverted. */
export function backCommand(at: Whereabouts, change: Change): Commands {
  const { plan, stage, after } = change
  if (stage === 'set') return resetCommand(at, change)
  const { stable } = rolesAfter(change)
  if (stageIn(plan, stage)?.stage.isWayBack || !('revision' in stable) || shareOf(after, stable.revision) === 100)
    return []
  const name = revisionText(stable.revision)
  const isGone = !after.some((target) => nameOf(target) === name)
  const back = commandLine('apply', [rollback.name], at, change, optionWords('--stable', name))
  return [...(isGone ? [`# only while the cluster still has ${shellWord(name)}`] : []), back]
}

/** `set` with the shares and tags from before. A revision with its share on two targets has no such command. */
function resetCommand(at: Whereabouts, change: Change): Commands {
  const [before, after] = [routed(change.before), routed(change.after)]
  const served = before.filter(({ percent }) => percent !== 0)
  const names = served.map(nameOf)
  if (new Set(names).size < names.length) return []
  const lost = before.filter((target) => target.tag !== undefined && !holds(after, target))
  const given = after.filter((target) => target.tag !== undefined && !holds(before, target))
  const isUnknown = [...served, ...lost].some((target) => {
    return (
      'name' in target.revision &&
      target.revision.name !== change.templateName &&
      !after.some((one) => nameOf(one) === nameOf(target))
    )
  })
  const words = [
    ...given.flatMap(({ tag = '' }) => optionWords('--untag', tag)),
    ...lost.flatMap((target) => optionWords('--tag', `${nameOf(target)}=${target.tag ?? ''}`)),
    ...served.flatMap((target) => optionWords('--traffic', `${nameOf(target)}=${target.percent}`)),
    ...(isUnknown ? ['--allow-unknown'] : []),
  ]
  return [commandLine('set', [], at, change, words)]
}

function nameOf({ revision }: TrafficTarget): string {
  return revisionText(revision)
}

function holds(traffic: readonly TrafficTarget[], target: TrafficTarget): boolean {
  return traffic.some((one) => one.tag === target.tag && nameOf(one) === nameOf(target))
}

/** The flags are words of a shell already. */
function commandLine(
  command: string,
  words: readonly string[],
  at: Whereabouts,
  { service, isOnly, builtName, name }: Change,
  flags: readonly string[],
): string {
  const { overlay } = at
  // An overlay can build more than this file has.
  const choice = overlay ? optionWords('--service', builtName ?? name) : isOnly ? [] : optionWords('--service', service)
  const place = overlay ? overlayWords(overlay) : [fileWord(at.file)]
  return ['kn-rollout', command, ...words.map(shellWord), ...place, ...choice, ...flags, '--write'].join(' ')
}

/** The words that name an overlay again, from the root of the repository. */
function overlayWords({ file, isShared }: NonNullable<Outcome['overlay']>): readonly string[] {
  const folder = folderOf(file.patchPath ?? file.path) || '.'
  return ['--overlay', shellPath(folder), ...(isShared ? ['--shared'] : [])]
}

/** `-` is the standard input, by whatever name reports call it. */
function fileWord({ path, patchPath }: SourceFile): string {
  return shellPath(path === '(stdin)' ? '-' : (patchPath ?? path))
}
