import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import type { Change, FileChange } from '../pipeline/outcome.js'
import { defaultScheme, serviceUrl, tagUrl } from '../stages/url.js'
import { routed } from '../stages/shares.js'
import { code, prose, table } from './markdown-text.js'
import type { Places } from './position.js'
import { templateLines } from './template.js'

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
  places: Places,
): string {
  const name = file.patchPath ?? file.path
  return [
    `### ${code(change.service)} in ${code(name)}\n`,
    ...(change.template ? [templateLines(change.template).map(bullet).join('')] : []),
    targetTable(change),
    ...roles(change),
    ...routes(change),
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
    share(from),
    share(to),
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
function share(target: TrafficTarget | undefined): string {
  if (!target) return '–'
  const { percent } = target
  const exact = Math.max(0, Math.min(100, percent)) / cellsOfBar
  const full = exact > 0 && exact < cellsOfBar ? Math.max(1, Math.min(cellsOfBar - 1, Math.round(exact))) : exact
  return `${'█'.repeat(full)}${'░'.repeat(cellsOfBar - full)} ${percent} %`
}

/** What the two roles were told by. */
function roles({ roles: { stable, candidate } }: Change): readonly string[] {
  const told = Object.entries({ Stable: stable, Candidate: candidate }).flatMap(([role, found]) => {
    return 'revision' in found
      ? [`${role} is ${code(revisionText(found.revision))}, by ${prose(found.decidedBy)}.`]
      : []
  })
  return told.length === 0 ? [] : [`${told.join(' ')}\n`]
}

function routes({ name, builtName = name, namespace, after }: Change): readonly string[] {
  const about = { name: builtName, namespace: namespace ?? 'default' }
  const tagged = after.flatMap(({ tag, revision }) => (tag === undefined ? [] : [{ tag, revision }])).slice(0, 5)
  if (tagged.length === 0) return []
  const tests = tagged.map(
    ({ tag, revision }) => `- Test ${code(revisionText(revision))} at ${code(tagUrl(about, tag, defaultScheme))}`,
  )
  const assumed = namespace === undefined ? `; the file names no namespace, so it says ${code('default')}` : ''
  const where = `Users reach the Service at ${code(serviceUrl(about, defaultScheme))}. ${code(defaultScheme.domain)} stands for the domain of the cluster${assumed}.`
  return [`${[...tests, `- ${where}`].join('\n')}\n`]
}

type Noted = Pick<FileChange, 'file'> & Pick<Change, 'notes'>

/** The comments in a file that moves the Service along. */
function notesAlong({ file, also = [] }: FileChange, { service }: Change): readonly Noted[] {
  return also.flatMap((one) => (one.service === service ? [{ file, notes: one.notes }] : []))
}

function notes(noted: readonly Noted[], places: Places): readonly string[] {
  const lines = noted.flatMap(({ file, notes: own }) =>
    own.map(({ kind, text, range }) => {
      const what = kind === 'removed' ? 'left with its entry' : 'now stands beside a changed value'
      const at = `${file.patchPath ?? file.path}:${places.of(file.path, range).line}`
      return `- ${code(at)}: the comment ${code(text.trim())} ${what}`
    }),
  )
  if (lines.length === 0) return []
  const left = lines.length - mostNotes
  const shown = [...lines.slice(0, mostNotes), ...(left > 0 ? [`- … ${left} more`] : [])]
  return [`Comments to read again:\n`, `${shown.join('\n')}\n`]
}
