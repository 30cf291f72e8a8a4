// The page: what is typed becomes a state, a state is run, and what comes of it is shown.
import { stageText } from '../../src/report/status.js'
import { printable } from '../../src/text/printable.js'
import { Editor } from './editor.js'
import { fieldsOf, type Ran, run, summaryOf } from './run.js'
import { countsOf, diffOf, element, findingsOf, movesOf } from './show.js'
import { firstState, fragmentOf, type State, stateIn, steps, textFields, tickFields } from './state.js'

function byId<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page lacks ${id}`)
  return found
}

const [failure, gutter, moves, diff, findings, summary, standing, shared, stepSummary] = [
  'failure',
  'gutter',
  'moves',
  'diff',
  'findings',
  'summary',
  'standing',
  'shared',
  'step-summary',
].map((id) => byId(id, HTMLElement)) as [
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
]
const area = byId('manifest', HTMLTextAreaElement)
const step = byId('step', HTMLSelectElement)
const service = byId('service', HTMLSelectElement)
const take = byId('take', HTMLButtonElement)
const editor = new Editor(area, gutter)

/** What went wrong with the page itself. A manifest never gets here: what is wrong with one is a finding. */
function fail(what: string, error: unknown): void {
  failure.textContent = `${what}: ${error instanceof Error ? error.message : String(error)}`
  failure.hidden = false
}

function guarded(what: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    fail(what, error)
  }
}

function stateNow(): State {
  const texts = textFields.map((id) => {
    const field = id === 'service' ? service : byId(id, HTMLInputElement)
    return [id, field.value] as const
  })
  const ticks = tickFields.map((id) => [id, byId(id, HTMLInputElement).checked] as const)
  return {
    manifest: area.value,
    step: step.value,
    texts: Object.fromEntries(texts) as State['texts'],
    ticks: Object.fromEntries(ticks) as State['ticks'],
  }
}

function restore({ manifest, step: chosen, texts, ticks }: State): void {
  area.value = manifest
  step.value = chosen
  for (const id of textFields) if (id !== 'service') byId(id, HTMLInputElement).value = texts[id]
  service.replaceChildren(option('', 'All Services'), ...(texts.service === '' ? [] : [option(texts.service)]))
  service.value = texts.service
  for (const id of tickFields) byId(id, HTMLInputElement).checked = ticks[id]
  update()
}

function option(value: string, text = value): HTMLOptionElement {
  const made = element('option', '', text)
  made.value = value
  return made
}

/** The Services to choose from, as long as there are several. */
function showServices({ rows }: Ran, takes: ReadonlySet<string>): void {
  const labels = [...new Set(rows.map(({ label }) => label))]
  const chosen = service.value
  if (chosen !== '' && !labels.includes(chosen)) labels.push(chosen)
  service.replaceChildren(option('', 'All Services'), ...labels.map((label) => option(label)))
  service.value = chosen
  const field = service.closest<HTMLElement>('[data-field]')
  if (field) field.hidden = !takes.has('service') || (labels.length < 2 && chosen === '')
}

function showStanding({ rows: [first, second] }: Ran): void {
  standing.hidden = !first || second !== undefined
  if (first) standing.textContent = `now: ${printable(stageText(first))}`
}

let latest: Ran | undefined

function update(): void {
  guarded('This page failed', () => {
    const takes = fieldsOf(step.value)
    for (const field of document.querySelectorAll<HTMLElement>('[data-field]'))
      field.hidden = !takes.has(field.dataset['field'] as 'tag')
    const state = stateNow()
    stepSummary.textContent = summaryOf(state)
    const ran = run(state, Math.floor(Date.now() / 1000))
    latest = ran
    showServices(ran, takes)
    showStanding(ran)
    const { outcome } = ran
    moves.replaceChildren(...movesOf(outcome))
    diff.replaceChildren(...diffOf(outcome, step.value))
    take.hidden = outcome.changes.length === 0
    findings.replaceChildren(...findingsOf(outcome, (range) => editor.select(range)))
    summary.textContent = countsOf(outcome)
    editor.show(outcome.diagnostics)
    failure.hidden = true
  })
}

let waiting: ReturnType<typeof setTimeout> | undefined

/** Typing comes in bursts: what was typed is run when it pauses. A link that was made before is no longer one to this. */
function updateSoon(): void {
  clearTimeout(waiting)
  waiting = setTimeout(update, 120)
  shared.hidden = true
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search)
}

async function share(): Promise<void> {
  const link = `#${await fragmentOf(stateNow())}`
  history.replaceState(null, '', link)
  const isCopied = await copied(location.href)
  const how = isCopied ? 'Link copied.' : 'The link is in the address bar.'
  shared.textContent = `${how} It holds the manifest itself; nothing was sent.`
  shared.hidden = false
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

async function open(): Promise<void> {
  try {
    restore((await stateIn(location.hash.slice(1))) ?? firstState())
  } catch (error) {
    restore(firstState())
    fail('This link cannot be opened', error)
  }
}

function listen(): void {
  window.addEventListener('error', ({ error, message }) => fail('This page failed', error ?? message))
  window.addEventListener('unhandledrejection', ({ reason }) => fail('This page failed', reason))
  window.addEventListener('hashchange', () => void open())
  byId('form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
  byId('form', HTMLFormElement).addEventListener('input', updateSoon)
  area.addEventListener('input', updateSoon)
  byId('share', HTMLButtonElement).addEventListener('click', () => {
    share().catch((error: unknown) => fail('The link cannot be made', error))
  })
  byId('reset', HTMLButtonElement).addEventListener('click', () => {
    restore(firstState())
    updateSoon()
  })
  take.addEventListener('click', () => {
    const [change] = latest?.outcome.changes ?? []
    if (!change) return
    area.value = change.text
    updateSoon()
    area.focus()
  })
}

guarded('This page cannot start', () => {
  const titles: Readonly<Record<string, string>> = { validate: 'Validate only', release: 'Release a new image' }
  step.replaceChildren(...steps.map((name) => option(name, titles[name] ?? `Apply ${name}`)))
  listen()
  void open()
})
