import { type CommentNote, setterOf } from '../edit/tokens.js'
import { equivalentTraffic, revisionText } from '../manifest/traffic.js'
import { codeLabel } from '../pipeline/codes.js'
import type { Compared, NamedCommit, Outcome, ServiceRow } from '../pipeline/request.js'
import { type NamedChange, releaseFieldRows, type TemplateChange } from '../stages/release-fields.js'
import type { Role } from '../stages/roles.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable, unseenIn } from '../text/printable.js'
import { durationText, plural } from '../text/words.js'
import { lineCells, type Paint } from './cells.js'
import { code as inCode } from './markdown-text.js'
import type { ComparedJson } from './public-json.js'
import { Positions, type Render, saysText, type TextPosition } from './report.js'
import { trafficLine, trafficNow } from './traffic-line.js'

/** At most this many lines of a range are shown; of a longer one its first lines and its last. */
const mostLines = 4

/**
 * The lines that a diagnostic is about, numbered, with carets under its range and the line before for context.
 * `''` where there is no such place.
 */
export function frame({ file, range, severity }: Diagnostic, places: Positions, colours: Paint): string {
  const place = places.of(file, range)
  if (!range || places.line(file, place.line) === undefined) return ''
  const last = lastLine(place)
  const gutter = String(last).length + 2
  const row = (label: number | string, text: string): string =>
    `${colours.note(`${String(label).padStart(gutter)} |`)}${text === '' ? '' : ` ${text}`}\n`
  const before = places.line(file, place.line - 1) ?? ''
  let result = before.trim() === '' ? '' : row(place.line - 1, lineCells(before, 0, 0).text)
  for (const number of shownLines(place.line, last)) {
    const line = number === undefined ? undefined : places.line(file, number)
    if (number === undefined || line === undefined) {
      result += row('…', '')
      continue
    }
    const from = number === place.line ? place.column - 1 : line.length - line.trimStart().length
    const to = number === place.endLine ? place.endColumn - 1 : line.trimEnd().length
    const { text, start, width } = lineCells(line, from, to)
    const carets = line.trim() === '' && number !== place.line ? '' : colours[severity]('^'.repeat(width))
    result += row(number, text) + (carets === '' ? '' : row('', ' '.repeat(start) + carets))
  }
  return result
}

/** A range that ends where a line begins does not reach into that line. */
function lastLine({ line, endLine, endColumn }: TextPosition): number {
  return endColumn === 1 && endLine > line ? endLine - 1 : endLine
}

/** The lines from `first` to `last`; undefined stands for those left out. */
function shownLines(first: number, last: number): readonly (number | undefined)[] {
  if (last - first < mostLines) return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return [...Array.from({ length: mostLines - 2 }, (_, index) => first + index), undefined, last]
}

/** What a change does to the template, one line a kind. Values of variables are left out: they may be secrets. */
function templateSummary(template: TemplateChange): string {
  return templateLines(template)
    .map((line) => `  ${printable(line)}\n`)
    .join('')
}

/** The same as lines that nothing is escaped in. */
export function templateLines(template: TemplateChange): readonly string[] {
  const { image, revisionName, restored, spelled } = template
  const lines: string[] = []
  if (restored) lines.push(`template: back to the one of ${restored.revision} at ${restored.commit}`)
  if (image) lines.push(`image of ${image.container}: ${image.before} → ${image.after}`)
  for (const { key } of releaseFieldRows) {
    const changes = template[key]
    if (changes) lines.push(`${key}: ${namedText(changes)}`)
  }
  if (revisionName) lines.push(`revision name: ${revisionName.before ?? '(generated)'} → ${revisionName.after}`)
  if (spelled) lines.push(`defaults written out: ${spelled.join(', ')}`)
  return lines
}

function namedText(changes: readonly NamedChange[]): string {
  return changes.map(({ name, kind }) => `${name} ${kind}`).join(', ')
}

/** The report for people. */
export const textReport: Render = (outcome, { colours, width }) => diagnosticsText(outcome, colours, width)

/**
 * The diagnostics for people and for problem matchers: `file:line:column: severity: message [code name]`, then the lines it
 * is about, what to do, and what the cluster prints. Only the first line of each begins without a space. Notes come without
 * lines: there can be one for every template of a repository. On a terminal of `width` columns lines break at words, and go on indented.
 */
export function diagnosticsText(outcome: Outcome, colours: Paint, width?: number): string {
  const places = new Positions(outcome.files)
  return outcome.diagnostics
    .map((diagnostic) => {
      const { line, column } = places.of(diagnostic.file, diagnostic.range)
      const where =
        diagnostic.file === '' ? '' : `${colours.strong(`${printable(diagnostic.file)}:${line}:${column}:`)} `
      const lines = diagnostic.severity === 'note' ? '' : frame(diagnostic, places, colours)
      const first = `${where}${severityText(diagnostic, colours)} ${messageLine(diagnostic)}`
      return `${broken(first, width)}\n${lines}${adviceLines(diagnostic, width)}`
    })
    .join('')
}

/** Sequences that colour text, which take no place. */
const painted = /\u001B\[[\d;]*m/g

/** A line broken at its blanks where it is longer than the terminal is wide. */
function broken(line: string, width: number | undefined): string {
  if (width === undefined || width < 40 || line.replaceAll(painted, '').length <= width) return line
  const end = line.endsWith('\n') ? '\n' : ''
  const indent = '    '
  const rows = ['']
  let used = 0
  for (const word of line.slice(0, line.length - end.length).split(/(?<=\S)(?= )/)) {
    const length = word.replaceAll(painted, '').length
    const isBreak = used > indent.length && used + length > width
    if (isBreak) rows.push(`${indent}${word.trimStart()}`)
    else rows.push(`${rows.pop() ?? ''}${word}`)
    used = isBreak ? indent.length + word.trimStart().replaceAll(painted, '').length : used + length
  }
  return rows.join('\n') + end
}

/** The message with its code, on one line. */
export function messageLine({ message, code }: Pick<Diagnostic, 'message' | 'code'>): string {
  return `${printable(message)} [${codeLabel(code)}]`
}

/** What to do, and what another program prints, each on an indented line. */
export function adviceLines({ help, says }: Pick<Diagnostic, 'help' | 'says'>, width?: number): string {
  const advice = help === undefined ? '' : broken(`  help: ${printable(help)}\n`, width)
  return says ? `${advice}${broken(`  ${printable(saysText(says))}\n`, width)}` : advice
}

function severityText({ severity }: Diagnostic, colours: Paint): string {
  return colours[severity](`${severity}:`)
}

/** One line a moved Service (`shop/example-service: split: shop-v1 100% → 50%, shop-v2 0% → 50%`), then what a reviewer should look at. */
export function changesText(outcome: Outcome, colours: Paint): string {
  const places = new Positions(outcome.files)
  let text = ''
  for (const { file, changes, also: [other] = [] } of outcome.changes) {
    for (const { service, stage, before, after, roles, template, notes, percentBy } of changes) {
      text += `${colours.strong(printable(service))}: ${printable(stage)}: ${trafficLine(before, after)}\n`
      if (template) text += templateSummary(template)
      text += roleText('stable', roles.stable) + roleText('candidate', roles.candidate)
      if (percentBy !== undefined) text += `  percent (by ${printable(percentBy)})\n`
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
  const places = new Positions(changes.map(({ file }) => file))
  return changes
    .map(({ file, notes = [] }) => {
      const lines = fixes.flatMap((one) => {
        const { line, column } = places.of(one.file, one.range)
        const where = colours.strong(`${printable(one.file)}:${line}:${column}:`)
        return one.file === file.path
          ? [`${where} fixed: ${printable(one.description)} [${codeLabel(one.code)}]\n`]
          : []
      })
      return [...lines, ...notes.map((one) => noteText(one, file.path, places, colours))].join('')
    })
    .join('')
}

function noteText({ kind, text, range }: CommentNote, file: string, places: Positions, colours: Paint): string {
  const { line, column } = places.of(file, range)
  const setter = kind === 'beside' ? setterOf(text) : undefined
  const beside = `this comment is now next to a changed value${setter ? `, which ${setter} will set again` : ''}`
  const what = kind === 'removed' ? 'this comment was removed with its field' : beside
  return `  ${printable(file)}:${line}:${column}: ${colours.note('note:')} ${what}: ${printable(text)}\n`
}

function roleText(name: string, role: Role): string {
  return 'revision' in role
    ? `  ${name} ${printable(revisionText(role.revision))} (by ${printable(role.decidedBy)})\n`
    : ''
}

/** Whether a run looked at anything: a word that means nothing ends it before. */
export function hasLooked({ diagnostics }: Outcome): boolean {
  return diagnostics.every(({ code }) => code !== 'KN426')
}

/** What a run of `validate` looked at and found, in one line. */
export function validatedText(outcome: Outcome): string {
  const isMisled = outcome.diagnostics.some(({ code }) => code === 'KN191')
  return isMisled ? 'nothing validated: the configuration is not valid\n' : `validated ${summaryText(outcome)}`
}

/** How many Services a run looked at, in how many files, and how much it found there. */
export function summaryText(outcome: Outcome): string {
  const { services, routes = 0, files, around = 0, diagnostics, silenced = 0, schema, fixes, fixable = 0 } = outcome
  const count = (severity: string): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  const found = [plural(count('error'), 'error'), plural(count('warning'), 'warning')]
  if (silenced > 0) found.push(`${silenced} ignored`)
  if (fixes && fixes.length > 0) found.push(`${fixes.length} fixed`)
  if (fixable > 0) found.push(`${fixable} fixable with \`--fix\``)
  // What a root builds can stand in files that the run was not given.
  const homes = new Set(services.map(({ file }) => file))
  const where = `${plural(services.length, 'Knative Service')}${routes > 0 ? ` and ${plural(routes, 'Route')}` : ''} in ${plural(Math.max(files.length - around, homes.size), 'file')}`
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
    ...(cloudRun > 0 ? [`${cloudRun} as Cloud Run`] : []),
    ...(patches > 0 ? [`${patches} as ${patches === 1 ? 'a patch' : 'patches'}`] : []),
  ]
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

const mostPlaces = 10

/** A line of a patch that holds more than one sees, by its number in the file that the patch makes or, if it leaves, was made for. */
type UnseenLine = { readonly number: number; readonly characters: readonly string[] }

/**
 * Warns of lines in the patches that are not what they look like: a patch goes out byte by byte, and terminals and web
 * pages obey such characters, or hide them. `''` where there are none.
 */
export function unseenText({ changes }: Outcome, colours: Paint): string {
  const places = changes.flatMap(({ file, patch }) =>
    unseenLines(patch).map(({ number, characters }) => {
      return `${file.path}:${number} (${[...new Set(characters)].slice(0, 3).join(', ')})`
    }),
  )
  if (places.length === 0) return ''
  const left = places.length - mostPlaces
  const list = `${places.slice(0, mostPlaces).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
  const what = `the diff has ${plural(places.length, 'line')} with characters that are hidden or change how it is displayed`
  return `${colours.warning('warning:')} ${what}: ${list}\n`
}

function unseenLines(patch: string): readonly UnseenLine[] {
  const found: UnseenLine[] = []
  let [before, after] = [0, 0]
  for (const line of patch.split('\n')) {
    const [, from, to] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line) ?? []
    if (from !== undefined) {
      before = Number(from)
      after = Number(to)
    } else if (after > 0 && /^[-+ ]/.test(line)) {
      const number = line.startsWith('-') ? before : after
      const characters = unseenIn(textOf(line, number))
      if (characters.length > 0) found.push({ number, characters })
      if (!line.startsWith('+')) before++
      if (!line.startsWith('-')) after++
    }
  }
  return found
}

/** A carriage return at the end of a line and a byte order mark at the start of a file are there for editors. */
function textOf(line: string, number: number): string {
  const text = line.slice(1).replace(/\r$/, '')
  return number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** At most this many Services are named of a kind. */
const mostNamed = 5

/** What a note says of a Service that `next` leaves as it is. */
const kinds = { KN436: 'idle', KN432: 'waiting', KN434: 'back' } as const

function kindOf({ code, severity }: Diagnostic): 'idle' | 'waiting' | 'back' | undefined {
  return severity === 'note' && Object.hasOwn(kinds, code) ? kinds[code as keyof typeof kinds] : undefined
}

/** Whether it says of a Service that it has nothing to do for now. */
export function isResting(diagnostic: Diagnostic): boolean {
  return kindOf(diagnostic) !== undefined
}

/** How many Services a scheduled run leaves as they are, in one line: `8 not in progress, 1 waits (login: 40m)`. */
export function restingText({ diagnostics }: Pick<Outcome, 'diagnostics'>): string {
  const of = (kind: string): readonly Diagnostic[] => diagnostics.filter((one) => kindOf(one) === kind)
  const [idle, waiting, back] = [of('idle'), of('waiting'), of('back')]
  const parts = [
    ...(idle.length > 0 ? [`${idle.length} not in progress`] : []),
    ...(waiting.length > 0
      ? [`${waiting.length} ${waiting.length === 1 ? 'waits' : 'wait'} (${listedServices(waiting, waitText)})`]
      : []),
    ...(back.length > 0 ? [`${back.length} rolled back (${listedServices(back, () => '')})`] : []),
  ]
  return parts.length > 0 ? `${parts.join(', ')}\n` : ''
}

function listedServices(list: readonly Diagnostic[], more: (one: Diagnostic) => string): string {
  const shown = list.slice(0, mostNamed).map((one) => `${printable(one.service ?? '')}${more(one)}`)
  return `${shown.join(', ')}${list.length > shown.length ? ` and ${list.length - shown.length} more` : ''}`
}

/** Rounded up: in so long it is over. */
function waitText({ waits }: Diagnostic): string {
  return waits === undefined ? '' : `: ${durationText(waits > 60 ? Math.ceil(waits / 60) * 60 : waits)}`
}

/** The sides of a change as programs get them, of the shape that `schemas/report.json` promises. */
export function comparedJson({ base, head }: Compared): ComparedJson {
  return { base: commitJson(base), head: head ? commitJson(head) : { workingTree: true } }
}

function commitJson({ ref, commit }: NamedCommit): ComparedJson['base'] {
  return { ref, commit }
}

/** The sides of a change in a few words: `7551c51..working tree`. */
export function comparedText({ base, head }: Compared): string {
  return `${short(base.commit)}..${head ? short(head.commit) : 'working tree'}`
}

/** The sides of a change as a sentence of Markdown: the commits, and what they were asked for as. */
export function comparedMarkdown({ base, head }: Compared): string {
  const from = `Base: ${inCode(short(base.commit))}${base.commit === base.ref ? '' : `, the merge base with ${inCode(base.ref)}`}`
  const named = head && head.commit !== head.ref ? ` (${inCode(head.ref)})` : ''
  return `${from}. Head: ${head ? inCode(short(head.commit)) : 'the working tree'}${named}.`
}

function short(commit: string): string {
  return commit.slice(0, 7)
}

/** At most this many Services get a line of their own. */
const mostRows = 40

/**
 * What `check` looked at: a line for each Service and root with its traffic from the base to the head, then what was found.
 */
export function checkedText(outcome: Outcome & { readonly compared: Compared }): string {
  const { services, routes = 0, diagnostics, compared } = outcome
  if (services.length + routes + diagnostics.length === 0) {
    const { base, head } = compared
    const sides = `${short(base.commit)} and ${head ? short(head.commit) : 'the working tree'}`
    return `nothing checked: no Knative Service differs between ${sides}\n`
  }
  const lines = services.slice(0, mostRows).map((row) => `${wayText(row)}\n`)
  const left = services.length - lines.length
  const more = left > 0 ? `and ${left} more\n` : ''
  return `${lines.join('')}${more}${comparedText(compared)}: ${summaryText(outcome)}`
}

function wayText({ name, namespace, root, way }: ServiceRow): string {
  const label = printable(namespace === undefined ? name : `${namespace}/${name}`)
  const where = root === undefined || root === '.' ? '' : ` (${printable(root)})`
  return `${label}${where}: ${way?.to ? movedText(way, way.to) : 'traffic cannot be read'}`
}

type Way = NonNullable<ServiceRow['way']>

function movedText({ from, isUnknown }: Way, to: NonNullable<Way['to']>): string {
  if (!from) return `${isUnknown ? 'now' : 'new'}: ${trafficNow(to)}`
  return `${equivalentTraffic(from, to) ? 'traffic unchanged: ' : ''}${trafficLine(from, to)}`
}
