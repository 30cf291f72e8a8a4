import type { TrafficTarget } from '../manifest/traffic.js'
import type { TrafficStep } from '../pipeline/traffic-history.js'
import { sum } from '../text/collections.js'
import { sha256 } from '../text/hashes.js'
import { printable } from '../text/printable.js'

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for an element or for an attribute in quotes: nothing in it is markup, and what nobody sees is spelled. */
export function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? '')
}

/** Parts of a page, one below the other. */
export function lines(...parts: readonly (string | readonly string[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== '')
    .join('\n')
}

/**
 * A page of its own: it loads nothing, runs nothing, sends nothing, and no markup that might get into it could change that.
 *
 * @param body Markup, in which all text is escaped.
 */
export function page(title: string, style: string, body: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${base64(sha256(style))}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}

function base64(hex: string): string {
  const bytes = Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  )
  return btoa(String.fromCharCode(...bytes))
}

/** The style of the page of `status`: one column on a phone, light and dark as the reader's system has it. */
export const statusStyle = `
:root {
  --page: #ffffff; --card: #f6f8fa; --line: #c9d1d9; --text: #1f2328; --soft: #57606a; --link: #0550ae;
  --warn: #9a3412; --warn-page: #fff4ec; --plot: #e6eaef;
  --r0: #1f6feb; --r1: #c2410c; --r2: #15803d; --r3: #9333ea; --r4: #0e7490; --r5: #be185d; --r6: #a16207; --r7: #475569;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b22; --line: #3d444d; --text: #e6edf3; --soft: #9da7b3; --link: #79c0ff;
    --warn: #ffb77c; --warn-page: #2d1f12; --plot: #262c36;
    --r0: #58a6ff; --r1: #ff9b5e; --r2: #56d364; --r3: #d2a8ff; --r4: #39c5cf; --r5: #ff7eb6; --r6: #e3b341; --r7: #afb8c1;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 1280px; padding: 16px; overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
h1 { font-size: 1.75rem; }
h2 { font-size: 1.25rem; margin: 32px 0 12px; }
h3 { font-size: 1.125rem; }
h4 { font-size: 0.875rem; margin: 16px 0 6px; color: var(--soft); font-weight: 600; }
p { margin: 4px 0; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, .name, .legend, h3, [scope='row'], td .soft { overflow-wrap: anywhere; }
code, .name { font: 0.875rem/1.4 ui-monospace, monospace; }
.soft { color: var(--soft); font-size: 0.875rem; }
.badge { display: inline-block; border: 1px solid var(--line); border-radius: 13px; padding: 0 10px; background: var(--page); }
.warn { color: var(--warn); background: var(--warn-page); border-color: currentColor; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: 0.875rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; }
td.short, time { white-space: nowrap; }
.bar { display: block; width: 100%; min-width: 96px; height: 14px; margin: 5px 0 2px; }
.cards { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; min-width: 0; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 10px 0 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
.legend { list-style: none; margin: 4px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 2px 16px; }
.legend li { display: flex; align-items: baseline; gap: 6px; min-width: 0; }
.swatch { flex: none; width: 12px; height: 12px; }
figure { margin: 0; }
.plot { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 8px; }
.plot { margin-top: 0.9em; }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; margin: -0.7em 0; }
.span { grid-column: 2; display: flex; justify-content: space-between; gap: 8px; }
.area { display: block; width: 100%; height: 140px; }
.area path { stroke: var(--card); stroke-width: 1; vector-effect: non-scaling-stroke; }
.area .hit { fill: transparent; stroke: var(--card); stroke-width: 1; vector-effect: non-scaling-stroke; }
.area a:focus { outline: none; }
.area a:hover .hit, .area a:focus-visible .hit { stroke: var(--text); stroke-width: 3; }
.plain { fill: var(--plot); }
.r0 { fill: var(--r0); } .r1 { fill: var(--r1); } .r2 { fill: var(--r2); } .r3 { fill: var(--r3); }
.r4 { fill: var(--r4); } .r5 { fill: var(--r5); } .r6 { fill: var(--r6); } .r7 { fill: var(--r7); }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--link); padding: 4px 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 1000px) { .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: start; } body { padding: 24px; } }
@media (min-width: 700px) { tbody [scope='row'] { min-width: 12em; } }
@media (max-width: 699px) {
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
  th, td { border: 0; padding: 2px 0; }
  td.short { white-space: normal; }
  td::before { content: attr(data-label) ": "; color: var(--soft); font-size: 0.875rem; }
}
@media (prefers-contrast: more) { :root { --soft: var(--text); --line: currentColor; } }
@media (forced-colors: active) { .area path, .bar rect, .swatch rect { forced-color-adjust: none; } }
@media print { details:not([open]) { display: none; } section { break-inside: avoid; } }
`

/** What a revision has at each step, in percent of the height, one upon another. */
export type Area = {
  readonly key: string
  readonly spans: readonly { readonly start: number; readonly size: number }[]
}

type Step = Pick<TrafficStep, 'traffic' | 'templateName'>

/** What a target is known by in a picture: what follows the latest revision is the one that the template names, if it does. */
export function keyOfTarget({ revision }: TrafficTarget, templateName: string | undefined): string {
  return 'name' in revision ? revision.name : (templateName ?? '@latest')
}

/** A number for each revision, by the order in which they come, the oldest step first. */
export function colourKeys(steps: readonly Step[]): ReadonlyMap<string, number> {
  const keys = new Map<string, number>()
  for (const { traffic = [], templateName } of steps)
    for (const target of traffic) {
      const key = keyOfTarget(target, templateName)
      if (!keys.has(key)) keys.set(key, keys.size)
    }
  return keys
}

/**
 * The areas of the revisions over the steps, the oldest revision at the bottom; one that never had traffic has none. What
 * adds up to more than 100 is drawn in proportion, and nothing is below 0.
 */
export function areasOf(steps: readonly Step[]): readonly Area[] {
  const shares = steps.map(({ traffic = [], templateName }) => {
    const own = new Map<string, number>()
    for (const target of traffic) {
      const key = keyOfTarget(target, templateName)
      own.set(key, (own.get(key) ?? 0) + Math.max(0, target.percent))
    }
    const whole = Math.max(100, sum([...own.values()]))
    return new Map([...own].map(([key, percent]) => [key, (100 * percent) / whole] as const))
  })
  const filled = shares.map(() => 0)
  return [...colourKeys(steps).keys()].flatMap((key) => {
    const spans = shares.map((own, index) => {
      const [start = 0, size] = [filled[index], own.get(key) ?? 0]
      filled[index] = rounded(start + size)
      return { start, size: rounded(size) }
    })
    return spans.some(({ size }) => size > 0) ? [{ key, spans }] : []
  })
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100
}
