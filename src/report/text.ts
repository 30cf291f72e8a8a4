import type { Outcome } from '../pipeline/outcome.js'
import type { CommentNote } from '../manifest/splice/comments.js'
import { revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Role } from '../stages/roles.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import type { Paint } from './colour.js'
import { frame } from './frame.js'
import { Places } from './position.js'
import type { Render } from './render.js'
import { templateText } from './template.js'
import { plural } from '../text/plural.js'
import { sum } from '../text/sum.js'

/** The report for people. */
export const textReport: Render = (outcome, { colours }) => diagnosticsText(outcome, colours)

/**
 * The diagnostics for people and for problem matchers: `file:line:column: severity: message [code]`, then the lines it
 * is about, then what to do. Only the first line of each begins without a space. Notes come without lines: there can be one
 * for every template of a repository.
 */
export function diagnosticsText(outcome: Outcome, colours: Paint): string {
  const places = new Places(outcome.files)
  return outcome.diagnostics
    .map((diagnostic) => {
      const { line, column } = places.of(diagnostic.file, diagnostic.range)
      const where =
        diagnostic.file === '' ? '' : `${colours.strong(`${printable(diagnostic.file)}:${line}:${column}:`)} `
      const lines = diagnostic.severity === 'note' ? '' : frame(diagnostic, places, colours)
      const help = diagnostic.help === undefined ? '' : `  help: ${printable(diagnostic.help)}\n`
      return `${where}${severityText(diagnostic, colours)} ${printable(diagnostic.message)} [${diagnostic.code}]\n${lines}${help}`
    })
    .join('')
}

function severityText({ severity }: Diagnostic, colours: Paint): string {
  return colours[severity](`${severity}:`)
}

/** One line a moved Service (`shop/example-service: split 100/0 → 50/50`), then what a reviewer should look at. */
export function changesText(outcome: Outcome, colours: Paint): string {
  const places = new Places(outcome.files)
  let text = ''
  for (const { file, changes, also: [other] = [] } of outcome.changes) {
    for (const { service, stage, before, after, roles, template, notes } of changes) {
      const from = before.length === 0 ? '@latest 100' : shares(before, roles)
      text += `${colours.strong(printable(service))}: ${printable(stage)} ${from} → ${shares(after, roles)}\n`
      if (template) text += templateText(template)
      text += roleText('stable', roles.stable) + roleText('candidate', roles.candidate)
      for (const note of notes) {
        text += noteText(note, file.path, places, colours)
      }
    }
    for (const note of other?.notes ?? []) text += noteText(note, file.path, places, colours)
  }
  return text
}

/** One line for everything that was mended, then the comments that a reviewer should look at. */
export function fixesText({ fixes = [], changes }: Outcome, colours: Paint): string {
  const places = new Places(changes.map(({ file }) => file))
  return changes
    .map(({ file, notes = [] }) => {
      const lines = fixes.flatMap((one) => {
        const { line, column } = places.of(one.file, one.range)
        const where = colours.strong(`${printable(one.file)}:${line}:${column}:`)
        return one.file === file.path ? [`${where} fixed: ${printable(one.description)} [${one.code}]\n`] : []
      })
      return [...lines, ...notes.map((one) => noteText(one, file.path, places, colours))].join('')
    })
    .join('')
}

function noteText({ kind, text, range }: CommentNote, file: string, places: Places, colours: Paint): string {
  const { line, column } = places.of(file, range)
  const what =
    kind === 'removed' ? 'this comment left with its entry' : 'this comment now stands beside a changed value'
  return `  ${printable(file)}:${line}:${column}: ${colours.note('note:')} ${what}: ${printable(text)}\n`
}

function roleText(name: string, role: Role): string {
  return 'revision' in role
    ? `  ${name} ${printable(revisionText(role.revision))} (by ${printable(role.decidedBy)})\n`
    : ''
}

/** Stable and candidate as `90/10`, as far as they are in the list; whatever else has a share follows by name. */
function shares(traffic: readonly TrafficTarget[], roles: { readonly stable: Role; readonly candidate: Role }): string {
  const known = [roles.stable, roles.candidate].flatMap((role) => ('revision' in role ? [role.revision] : []))
  const main = known.flatMap((revision) => {
    const own = traffic.filter((target) => sameRevision(target.revision, revision))
    return own.length > 0 ? [sum(own.map(({ percent }) => percent))] : []
  })
  const others = traffic.filter(
    ({ revision, percent }) => percent !== 0 && !known.some((one) => sameRevision(one, revision)),
  )
  const rest = others.map(({ revision, percent }) => `${printable(revisionText(revision))} ${percent}`)
  return [...(main.some((share) => share !== 0) || rest.length === 0 ? [main.join('/') || '0'] : []), ...rest].join(
    ' + ',
  )
}

/** What a run of `validate` looked at and found, in one line. */
export function summaryText(outcome: Outcome): string {
  const { services, files, around = 0, diagnostics, silenced = 0, schema, fixes } = outcome
  const count = (severity: string): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  const found = [plural(count('error'), 'error'), plural(count('warning'), 'warning')]
  if (silenced > 0) found.push(`${silenced} silenced`)
  const fixable = fixes ? 0 : diagnostics.filter(({ remedy }) => remedy).length
  if (fixes && fixes.length > 0) found.push(`${fixes.length} fixed`)
  if (fixable > 0) found.push(`${fixable} potentially fixable with --fix`)
  const where = `${plural(services.length, 'Knative Service')} in ${plural(files.length - around, 'file')}`
  const by = schema ? `, by the ${schema.kind} in ${printable(schema.file)}` : ''
  return `${where}${judgedAs(services)}${by}: ${found.join(', ')}\n`
}

/** How many were not judged as whole Services for a stock Knative. */
function judgedAs(services: Outcome['services']): string {
  const [cloudRun, patches] = [
    services.filter(({ profile }) => profile === 'cloudrun').length,
    services.filter(({ isPatch }) => isPatch).length,
  ]
  const parts = [
    ...(cloudRun > 0 ? [`${cloudRun} judged as Cloud Run`] : []),
    ...(patches > 0 ? [`${patches} judged as ${patches === 1 ? 'a patch' : 'patches'}`] : []),
  ]
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}
