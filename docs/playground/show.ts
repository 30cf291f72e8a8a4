// What came of a run, as elements. All text goes in as text: nothing of a manifest, a name or a message is ever markup.
import { type Change, type Diagnostic, type Outcome, positionOf, type TrafficTarget } from '../../src/index.js'
import { codeOf } from '../../src/pipeline/codes.js'
import { printable, visibleParts } from '../../src/text/printable.js'

/** An element with a class and what is in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  style: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (style !== '') made.className = style
  made.append(...children)
  return made
}

/** Text in which backquotes set off what is typed. */
function proseOf(text: string): readonly (Node | string)[] {
  return printable(text)
    .split('`')
    .map((part, index) => (index % 2 === 1 ? element('code', '', part) : part))
}

const kinds: Readonly<Record<string, string>> = { '+': 'add', '-': 'del', '@': 'hunk', ' ': '' }

/** The lines of a diff, each with its sign. */
export function diffOf({ changes, diagnostics }: Outcome, step: string): readonly Node[] {
  const lines = changes.flatMap(({ patch }) => patch.trimEnd().split('\n'))
  if (lines.length === 0) return [element('p', 'empty', emptyText(step, diagnostics))]
  return lines.map((line) => {
    const isHeader = /^(?:diff |--- |\+\+\+ |index |new file)/.test(line)
    const parts = visibleParts(line.replace(/\r$/, '')).map(({ text, isSpelled }) =>
      isSpelled ? element('span', 'spelled', text) : text,
    )
    return element('span', `row ${isHeader ? 'file' : (kinds[line.charAt(0)] ?? 'file')}`.trim(), ...parts)
  })
}

function emptyText(step: string, diagnostics: readonly Diagnostic[]): string {
  if (step === 'validate') return 'No step is chosen, so nothing changes.'
  const isRefused = diagnostics.some(({ severity }) => severity === 'error')
  return isRefused ? 'Nothing changes: see the findings.' : 'Nothing to change: the manifest is already there.'
}

/** What moves, one block a Service. */
export function movesOf({ changes }: Outcome): readonly Node[] {
  return changes
    .flatMap((file) => file.changes)
    .map((change) => {
      const list = element('ul', '', ...targetsOf(change).map((one) => targetItem(one, change)))
      const title = element('h3', '', `${printable(change.service)}: ${change.stage}`)
      return element('div', 'move', title, list)
    })
}

type Moved = {
  readonly name: string
  readonly from: number | undefined
  readonly to: number | undefined
  readonly tag: string
}

function targetsOf({ before, after }: Change): readonly Moved[] {
  const names = [...new Set([...before, ...after].map(nameOf))]
  return names.map((name) => {
    const [from, to] = [before, after].map((targets) => {
      const own = targets.filter((one) => nameOf(one) === name)
      return own.length === 0 ? undefined : own.reduce((sum, { percent }) => sum + percent, 0)
    })
    const tag = after.find((one) => nameOf(one) === name && one.tag !== undefined)?.tag ?? ''
    return { name, from, to, tag }
  })
}

function nameOf({ revision }: TrafficTarget): string {
  return 'name' in revision ? revision.name : 'latest revision'
}

function targetItem({ name, from, to, tag }: Moved, { roles }: Change): HTMLElement {
  const [before, after] = [from, to].map((percent) => (percent === undefined ? '–' : `${percent}%`))
  const way = to === undefined ? `${before} → removed` : from === undefined ? `new → ${after}` : `${before} → ${after}`
  const role = (['stable', 'candidate'] as const).find((one) => {
    const found = roles[one]
    return 'revision' in found && nameOf({ revision: found.revision, percent: 0 }) === name
  })
  const filled = element('span', role ?? '')
  filled.style.width = `${Math.max(0, Math.min(100, to ?? 0))}%`
  const marks = [role ?? '', tag === '' ? '' : `tag ${printable(tag)}`].filter((one) => one !== '')
  const label = element(
    'span',
    '',
    printable(name),
    element('span', 'tag', marks.length > 0 ? `  ${marks.join(', ')}` : ''),
  )
  const percent = element('span', 'percent', from === to ? (after ?? '') : way)
  const track = element('span', 'track', filled)
  track.setAttribute('aria-hidden', 'true')
  return element('li', '', label, percent, track)
}

/** The findings, the worst first; `onJump` gets the place of one in the manifest. */
export function findingsOf(outcome: Outcome, onJump: (range: { start: number; end: number }) => void): readonly Node[] {
  const { diagnostics } = outcome
  if (diagnostics.length === 0) return [element('li', 'none', 'Nothing found.')]
  const ranks = ['error', 'warning', 'note']
  const items = diagnostics
    .toSorted((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
    .slice(0, mostFindings)
    .map((one) => findingItem(one, outcome, onJump))
  const left = diagnostics.length - items.length
  return left > 0 ? [...items, element('li', 'none', `And ${left} more.`)] : items
}

/** More than anyone reads. */
const mostFindings = 200

function findingItem(
  { severity, message, help, says, code, file, range }: Diagnostic,
  { files }: Outcome,
  onJump: (range: { start: number; end: number }) => void,
): HTMLElement {
  const own = codeOf(code)
  const where = element('div', 'where')
  const source = files.find(({ path }) => path === file)
  if (source && range) {
    const { line, column } = positionOf(source, range)
    const jump = element('button', '', `line ${line}, column ${column}`)
    jump.type = 'button'
    jump.addEventListener('click', () => onJump(range))
    where.append(jump)
  }
  where.append(element('span', '', own ? `${code} ${own.name}` : code))
  if (own)
    where.append(element('details', '', element('summary', '', 'Why'), element('p', 'why', ...proseOf(own.why()))))
  return element(
    'li',
    '',
    element('span', `severity ${severity}`, severity),
    element('p', '', ...proseOf(message)),
    ...(help === undefined ? [] : [element('p', 'more', ...proseOf(help))]),
    ...(says ? [element('p', 'more', `${says.by} says: ${printable(says.text)}`)] : []),
    where,
  )
}

/** How many of what, for the eye and for a screen reader. */
export function countsOf({ diagnostics }: Outcome): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => {
      const count = diagnostics.filter((one) => one.severity === severity).length
      return `${count} ${severity}${count === 1 ? '' : 's'}`
    })
    .join(', ')
}
