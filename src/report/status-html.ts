import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { isOffPlan, isRolling, type Status, type StatusRow } from '../pipeline/status.js'
import type { TrafficStep } from '../pipeline/traffic-history.js'
import { routed } from '../stages/place.js'
import { plural, shortCommit, utcMinute, utcSecond } from '../text/words.js'
import { unicodeGlyphs } from './cells.js'
import { gapsText, stepText, trafficText } from './history.js'
import { type Area, areasOf, colourKeys, escaped, keyOfTarget, lines, page, statusStyle } from './status-page.js'
import { footnotes, type StatusCells, statusCells, statusSummary } from './status.js'

/** Seconds since 1970, and the address to put a commit's hash to, if there is one. */
export type PageOptions = { readonly now: number; readonly commitPrefix?: string | undefined }

/** More steps would be too narrow to point at. */
const mostSteps = 40

/** The status as one page that needs nothing else. Rows should have their history. */
export function statusHtml(status: Status, options: PageOptions): string {
  const all = statusCells(status, { now: options.now, glyphs: unicodeGlyphs })
  const shown = status.rows.flatMap((row, index) => {
    const cells = all[index]
    return cells ? [new Card(row, cells, `s${index + 1}`, options)] : []
  })
  const notes = [
    ...footnotes(status),
    ...status.diagnostics.map(({ file, message }) => (file === '' ? message : `${file}: ${message}`)),
  ]
  const body = lines(
    '<header>',
    '<h1>Rollouts</h1>',
    `<p>${escaped(statusSummary(status))}</p>`,
    `<p class="soft">Read from files and Git at ${timeTag(options.now)}. No cluster was queried.</p>`,
    '</header>',
    '<main>',
    shown.length === 0 ? '<p>No Knative Service was found.</p>' : overview(shown),
    shown.length === 0 ? '' : '<h2>Services</h2>',
    shown.length === 0
      ? ''
      : lines(
          '<div class="cards">',
          shown.map((card) => card.section()),
          '</div>',
        ),
    notes.length === 0
      ? ''
      : lines(
          '<h2>Not shown</h2>',
          '<ul>',
          notes.map((note) => `<li>${escaped(note)}</li>`),
          '</ul>',
        ),
    '</main>',
  )
  return page('Rollouts', statusStyle, body)
}

function overview(cards: readonly Card[]): string {
  const hasRoots = cards.some((card) => card.root !== '')
  const heads = ['Service', ...(hasRoots ? ['Root'] : []), 'Stage', 'Traffic', 'Age', 'Next step']
  return lines(
    '<h2 id="overview">Overview</h2>',
    '<table role="table" aria-labelledby="overview">',
    '<thead role="rowgroup"><tr role="row">',
    heads.map((head) => `<th role="columnheader" scope="col">${head}</th>`),
    '</tr></thead>',
    '<tbody role="rowgroup">',
    cards.map((card) => card.row(hasRoots)),
    '</tbody></table>',
  )
}

/** One Service of the page. */
class Card {
  private readonly colours: ReadonlyMap<string, number>
  /** Oldest first. */
  private readonly steps: readonly TrafficStep[]

  constructor(
    private readonly service: StatusRow,
    private readonly cells: StatusCells,
    private readonly id: string,
    private readonly options: PageOptions,
  ) {
    this.steps = (service.history?.steps ?? []).slice(0, mostSteps).toReversed()
    this.colours = colourKeys([...this.steps, { traffic: this.traffic }])
  }

  private get traffic(): readonly TrafficTarget[] {
    return this.service.traffic ? routed(this.service.traffic) : []
  }

  get root(): string {
    return this.cells.root
  }

  row(hasRoot: boolean): string {
    const { service, root, time, next } = this.cells
    return lines(
      '<tr role="row">',
      `<th role="rowheader" scope="row"><a href="#${this.id}">${escaped(service)}</a></th>`,
      hasRoot ? `${cell('Root')}<span class="name">${escaped(root) || '–'}</span></td>` : '',
      `${cell('Stage')}${this.badge()}</td>`,
      `${cell('Traffic')}${this.bar()}<span class="soft">${this.sharesText()}</span></td>`,
      `${cell('Age', 'short')}${escaped(time) || '–'}</td>`,
      `${cell('Next step')}${escaped(next) || '–'}</td>`,
      '</tr>',
    )
  }

  section(): string {
    const { service, root, plan, next, file, stable, candidate } = this.cells
    const facts: readonly (readonly [string, string])[] = [
      ['Stage', this.badge()],
      ['Age', this.age()],
      ['Next step', escaped(next) || '–'],
      ['Plan', `<span class="name">${escaped(plan)}</span>`],
      ['Root', root === '' ? '' : `<span class="name">${escaped(root)}</span>`],
      ['Stable', stable === '' ? '' : `<span class="name">${escaped(stable)}</span>`],
      ['Candidate', candidate === '' ? '' : `<span class="name">${escaped(candidate)}</span>`],
      ['File', `<span class="name">${escaped(file)}</span>`],
    ]
    return lines(
      `<section aria-labelledby="${this.id}">`,
      `<h3 id="${this.id}" tabindex="-1">${escaped(service)}</h3>`,
      '<dl class="facts">',
      facts.flatMap(([name, value]) => (value === '' ? [] : [`<dt>${name}</dt><dd>${value}</dd>`])),
      '</dl>',
      '<h4>Traffic</h4>',
      this.bar(),
      this.legend(this.traffic),
      this.past(),
      '</section>',
    )
  }

  private badge(): string {
    const isStriking = isOffPlan(this.service) || this.service.rolledBack !== undefined
    const sign = isStriking ? '⚠ ' : isRolling(this.service) ? '▶ ' : ''
    const mark = sign === '' ? '' : `<span aria-hidden="true">${sign}</span>`
    return `<span class="badge${isStriking ? ' warn' : ''}">${mark}${escaped(this.cells.stage)}</span>`
  }

  private age(): string {
    const { since } = this.service
    const age = escaped(this.cells.time) || '–'
    if (!since || !('time' in since)) return age
    return `${age}, since ${timeTag(since.time)} in ${this.commit(since.commit)}`
  }

  private sharesText(): string {
    const served = this.traffic.filter(({ percent }) => percent > 0)
    return served.map(({ revision, percent }) => `${escaped(revisionText(revision))} ${percent}%`).join(', ')
  }

  private bar(): string {
    const areas = areasOf([{ traffic: this.traffic, ...this.template() }])
    const rects = areas.flatMap(({ key, spans: [span] }) => {
      if (!span || span.size === 0) return []
      return [`<rect x="${span.start}" y="0" width="${span.size}" height="10" class="${this.colour(key)}"/>`]
    })
    const label = this.sharesText() || 'traffic cannot be read'
    return `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}"><rect width="100" height="10" class="plain"/>${rects.join('')}</svg>`
  }

  /** What the template is named, so that what follows it has the colour of that revision. */
  private template(): Pick<TrafficStep, 'templateName'> {
    const name = this.service.history?.steps[0]?.templateName
    return name === undefined ? {} : { templateName: name }
  }

  private legend(traffic: readonly TrafficTarget[]): string {
    const items = traffic.map((target) => {
      const key = keyOfTarget(target, this.template().templateName)
      const tag = target.tag === undefined ? '' : ` <span class="soft">tag ${escaped(target.tag)}</span>`
      return `<li>${this.swatch(key)}<span><span class="name">${escaped(revisionText(target.revision))}</span> ${target.percent}%${tag}</span></li>`
    })
    return items.length === 0 ? '' : lines('<ul class="legend">', items, '</ul>')
  }

  private past(): string {
    const { history } = this.service
    if (!history || this.steps.length === 0) return ''
    const left = history.steps.length - this.steps.length
    const gaps = gapsText(history)
    return lines(
      '<h4>History</h4>',
      this.figure(),
      left > 0 ? `<p class="soft">${plural(left, 'older step')} not shown.</p>` : '',
      gaps === '' ? '' : `<p class="soft">${escaped(gaps.trim())}.</p>`,
      this.table(),
    )
  }

  private figure(): string {
    const { steps } = this
    const areas = areasOf(steps)
    const [first, last] = [steps[0], steps.at(-1)]
    const keys = areas.map(({ key }) => `<li>${this.swatch(key)}<span class="name">${escaped(key)}</span></li>`)
    return lines(
      '<figure>',
      '<div class="plot">',
      '<div class="scale soft" aria-hidden="true"><span>100%</span><span>50%</span><span>0%</span></div>',
      `<svg class="area" viewBox="0 0 ${steps.length * 100} 100" preserveAspectRatio="none" role="group" aria-label="Percent of the requests by revision, ${plural(steps.length, 'step')}, the oldest first">`,
      `<rect width="${steps.length * 100}" height="100" class="plain"/>`,
      areas.map((area) => `<path class="${this.colour(area.key)}" d="${outline(area)}"/>`),
      steps.map((step, index) => this.hit(step, index)),
      '</svg>',
      `<div class="span soft"><span>${first?.brought ? timeTag(first.brought.time, 'day') : ''}</span><span>${last?.brought ? timeTag(last.brought.time, 'day') : 'not committed'}</span></div>`,
      '</div>',
      '<figcaption><span class="soft">A column is a commit that changed the traffic, the oldest on the left.</span>',
      '<ul class="legend">',
      keys,
      '</ul></figcaption>',
      '</figure>',
    )
  }

  /** The place of a step, to point at and to follow. */
  private hit(step: TrafficStep, index: number): string {
    const { brought } = step
    const when = brought ? `${utcMinute(brought.time)} ${shortCommit(brought.commit)}` : 'not committed'
    const what = step.traffic ? trafficText(step) : 'cannot be read'
    const label = escaped(`${when}: ${[stepText(step), what].filter((text) => text !== '').join(', ')}`)
    const rect = `<rect class="hit" x="${index * 100}" y="0" width="100" height="100"><title>${label}</title></rect>`
    const { commitPrefix } = this.options
    if (commitPrefix === undefined || !brought) return rect
    return `<a href="${escaped(commitPrefix + brought.commit)}" aria-label="${label}">${rect}</a>`
  }

  private table(): string {
    const rows = this.steps.toReversed().map((step) => {
      const { brought } = step
      return lines(
        '<tr role="row">',
        `<th role="rowheader" scope="row">${brought ? timeTag(brought.time) : 'not committed'}</th>`,
        `${cell('Commit')}${brought ? this.commit(brought.commit) : '–'}</td>`,
        `${cell('Stage')}${escaped(stepText(step)) || '–'}</td>`,
        `${cell('Traffic')}${step.traffic ? escaped(trafficText(step)) : 'cannot be read'}</td>`,
        '</tr>',
      )
    })
    const heads = ['Since', 'Commit', 'Stage', 'Traffic']
    return lines(
      `<details><summary>All steps as a table<span class="hidden"> of ${escaped(this.cells.service)}</span></summary>`,
      `<table role="table" aria-label="${escaped(`Steps of ${this.cells.service}`)}">`,
      '<thead role="rowgroup"><tr role="row">',
      heads.map((head) => `<th role="columnheader" scope="col">${head}</th>`),
      '</tr></thead>',
      '<tbody role="rowgroup">',
      rows,
      '</tbody></table></details>',
    )
  }

  private commit(hash: string): string {
    const { commitPrefix } = this.options
    const shown = `<code>${escaped(shortCommit(hash))}</code>`
    return commitPrefix === undefined ? shown : `<a href="${escaped(commitPrefix + hash)}">${shown}</a>`
  }

  private colour(key: string): string {
    return `r${(this.colours.get(key) ?? 0) % 8}`
  }

  private swatch(key: string): string {
    return `<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" class="${this.colour(key)}"/></svg>`
  }
}

function cell(label: string, kind = ''): string {
  return `<td role="cell" data-label="${label}"${kind === '' ? '' : ` class="${kind}"`}>`
}

function timeTag(seconds: number, form: 'minute' | 'day' = 'minute'): string {
  const minute = utcMinute(seconds)
  const shown = form === 'day' ? minute.replace(/T.*$/, '') : minute.replace('T', ' ').replace('Z', ' UTC')
  return `<time datetime="${utcSecond(seconds)}">${shown}</time>`
}

/** The edge of an area: along its upper side to the right, along its lower side back. */
function outline({ spans }: Area): string {
  const top = spans.map(({ start, size }, index) => `V${100 - start - size}H${(index + 1) * 100}`)
  const bottom = spans.map(({ start }, index) => `V${100 - start}H${index * 100}`).toReversed()
  return `M0 ${100 - (spans[0]?.start ?? 0)}${top.join('')}${bottom.join('')}Z`
}
