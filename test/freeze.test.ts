// Freeze windows: when one is open and until when, by the clocks of its time zone; what `next`, `apply` and `check` make of it.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import type { FreezeSpec } from '../src/config/plans.js'
import { plan } from '../src/pipeline/plan.js'
import { readKnown } from '../src/pipeline/settings.js'
import { statusOf } from '../src/pipeline/status.js'
import { frozenAt } from '../src/stages/freeze.js'
import { service } from './cli/manifests.js'
import { baseOf } from './passages.js'
import { at, committed } from './rollouts.js'

const test = suite('freeze')
const schema = JSON.parse(readFileSync(new URL('../schemas/config.json', import.meta.url), 'utf8')) as object
const isConfig = new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(schema)

const seconds = (moment: string): number => Date.parse(moment) / 1000

function read(text: string): { readonly freezes: readonly FreezeSpec[]; readonly faults: readonly string[] } {
  const { config, faults } = readKnown({ path: '.kn-rollout.yaml', text: `freeze:\n${text}` })
  return { freezes: config.freezes ?? [], faults: faults.map(({ message }) => message) }
}

/** `-` where no window is open, else when it ends. */
function until(text: string, moment: string): string {
  const { freezes, faults } = read(text)
  assert.equal(faults, [])
  assert.ok(isConfig(parse(`freeze:\n${text}`)), JSON.stringify(isConfig.errors))
  const frozen = frozenAt(freezes, seconds(moment))
  if (!frozen) return '-'
  return frozen.until === undefined ? 'never' : new Date(frozen.until * 1000).toISOString().replace(':00.000Z', 'Z')
}

const friday = '  - { days: [fri], hours: "16:00-24:00", timeZone: Europe/Berlin }\n'
const weekend = `${friday}  - { days: [sat, sun], timeZone: Europe/Berlin }\n`
const night = '  - { hours: "22:00-06:00", timeZone: Europe/Berlin }\n'
const early = '  - { hours: "00:00-02:30", timeZone: Europe/Berlin }\n'
const late = '  - { hours: "02:30-05:00", timeZone: Europe/Berlin }\n'

const cases: readonly (readonly [what: string, text: string, moment: string, expected: string])[] = [
  ['before it begins', friday, '2026-11-27T14:59:59Z', '-'],
  ['at its first second', friday, '2026-11-27T15:00Z', '2026-11-27T23:00Z'],
  ['at its last second', friday, '2026-11-27T22:59:59Z', '2026-11-27T23:00Z'],
  ['when it has ended', friday, '2026-11-27T23:00Z', '-'],
  ['on another day', friday, '2026-11-26T20:00Z', '-'],
  ['windows that touch are one', weekend, '2026-11-27T20:00Z', '2026-11-29T23:00Z'],
  ['a night, before midnight', night, '2026-11-27T21:30Z', '2026-11-28T05:00Z'],
  ['a night, after midnight', night, '2026-11-28T04:59Z', '2026-11-28T05:00Z'],
  ['a night is of the day on which it begins', night.replace('{', '{ days: [fri],'), '2026-11-29T00:00Z', '-'],
  [
    'a night of Friday lasts into Saturday',
    night.replace('{', '{ days: [fri],'),
    '2026-11-28T03:00Z',
    '2026-11-28T05:00Z',
  ],
  ['dates, both included', '  - { from: 2026-12-21, to: 2027-01-03 }\n', '2027-01-03T23:59Z', '2027-01-04T00:00Z'],
  ['dates, the day after', '  - { from: 2026-12-21, to: 2027-01-03 }\n', '2027-01-04T00:00Z', '-'],
  ['without a zone it is UTC', '  - { days: [sun] }\n', '2026-11-29T00:00Z', '2026-11-30T00:00Z'],
  ['a day that has no end', '  - { from: 2026-12-21 }\n', '2027-01-03T23:59Z', 'never'],
  [
    'a zone half an hour off',
    '  - { hours: "09:00-10:00", timeZone: Asia/Kolkata }\n',
    '2026-06-01T03:45Z',
    '2026-06-01T04:30Z',
  ],
  // On 2026-03-29 the clocks of Berlin go from 02:00 to 03:00, at 01:00Z.
  ['a weekend of 47 hours, in winter time', weekend, '2026-03-27T15:00Z', '2026-03-29T22:00Z'],
  ['a weekend of 47 hours, in summer time', weekend, '2026-03-29T21:59Z', '2026-03-29T22:00Z'],
  ['the Friday after begins an hour earlier', friday, '2026-04-03T14:00Z', '2026-04-03T22:00Z'],
  ['the Friday before does not', friday, '2026-03-27T14:00Z', '-'],
  ['a night that is an hour shorter', night, '2026-03-28T21:00Z', '2026-03-29T04:00Z'],
  ['an end that is left out', early, '2026-03-29T01:29Z', '2026-03-29T01:30Z'],
  ['an end that is left out has come', early, '2026-03-29T01:30Z', '-'],
  ['a start that is left out', late, '2026-03-29T01:29Z', '-'],
  ['a start that is left out has come', late, '2026-03-29T01:30Z', '2026-03-29T03:00Z'],
  // On 2026-10-25 they go from 03:00 back to 02:00, at 01:00Z.
  ['a weekend of 49 hours', weekend, '2026-10-23T14:00Z', '2026-10-25T23:00Z'],
  ['an end that comes twice', early, '2026-10-25T01:29Z', '2026-10-25T01:30Z'],
  ['a start that comes twice', late, '2026-10-25T00:30Z', '2026-10-25T04:00Z'],
]

for (const [what, text, moment, expected] of cases)
  test(what, () => {
    assert.is(until(text, moment), expected)
  })

const bad: readonly (readonly [text: string, message: RegExp, fitsSchema?: true])[] = [
  ['  - { reason: never }', /^`freeze\[0\]` has no time$/],
  ['  - { days: [friday] }', /^`freeze\[0\]\.days` is `friday`; must be one of `sun`, /],
  ['  - { hours: "16-24" }', /^`freeze\[0\]\.hours` is `16-24`; must be a time of the day such as `16:00-24:00`$/],
  ['  - { hours: "24:00-24:00" }', /^`freeze\[0\]\.hours` is /],
  ['  - { hours: "08:00-08:00" }', /^`freeze\[0\]\.hours` is /],
  ['  - { from: 24.12.2026 }', /^`freeze\[0\]\.from` is `24\.12\.2026`; must be a date such as `2026-12-24`$/],
  ['  - { from: 2026-02-30 }', /^`freeze\[0\]\.from` is `2026-02-30`; must be a date/, true],
  ['  - { from: 1970 }', /^`freeze\[0\]\.from` is `1970`; must be a date/],
  ['  - { from: 2026-12-24, to: 2026-12-23 }', /^`freeze\[0\]\.to` is before `freeze\[0\]\.from`$/, true],
  [
    '  - { days: [sat], timeZone: Berlin }',
    /`freeze\[0\]\.timeZone` is `Berlin`; must be the name of a time zone/,
    true,
  ],
  ['  - { days: [sat], zone: UTC }', /^unknown key `freeze\[0\]\.zone`$/],
  ['  days: [sat]', /^`freeze` is a mapping; must be a list$/],
  ['  - { days: [sat] }\n'.repeat(101), /^`freeze` has 101 windows; must have at most 100$/],
]

for (const [text, message, fitsSchema = false] of bad)
  test(`refuses ${text.slice(0, 60).trim()}`, () => {
    const { faults } = read(text)
    assert.is(faults.length, 1)
    assert.match(faults[0] ?? '', message)
    assert.is(isConfig(parse(`freeze:\n${text}`)), fitsSchema)
  })

test('an hour that the change to summer time moves does not let a step through early', () => {
  const configuration = {
    path: '.kn-rollout.yaml',
    text: `freeze:\n${weekend.replace('[fri],', '[fri], reason: no one is on call,')}`,
  }
  const texts = [at('v1=100 v2=0:t', 'v2')]
  const move = { command: 'next' } as const
  const moved = (now: string, more: object = {}): string => {
    const request = { configuration, histories: committed(texts), now: seconds(now), move: { ...move, ...more } }
    const { changes, diagnostics } = plan([{ path: 'shop.yaml', text: texts[0] ?? '' }], request)
    return changes.length > 0 ? 'moved' : diagnostics.map((one) => `${one.severity} ${one.code} ${one.message}`).join()
  }
  const held = 'KN474 cannot move to `split` now: rollouts are frozen until 2026-03-29T22:00Z'
  assert.is(moved('2026-03-27T14:59:59Z'), 'moved')
  assert.is(moved('2026-03-27T15:00Z'), `error ${held} (no one is on call)`)
  assert.is(moved('2026-03-29T21:59:59Z'), `error ${held}`)
  assert.is(moved('2026-03-29T21:59:59Z', { ready: true }), `note ${held}`)
  assert.is(moved('2026-03-29T21:59:59Z', { ignoreFreeze: true }), 'moved')
  assert.is(moved('2026-03-29T22:00Z'), 'moved')
})

const always = (more = ''): { readonly path: string; readonly text: string } => ({
  path: '.kn-rollout.yaml',
  text: `freeze: [{ from: 1970-01-01, reason: audit${more} }]\n`,
})

test('check warns of traffic that moves, of none else, and never of a way back', () => {
  const said = (texts: readonly string[], configuration = always()): string => {
    const request = { base: baseOf(texts.slice(0, -1), 'shop.yaml'), configuration, now: 0 }
    const found = plan([{ path: 'shop.yaml', text: texts.at(-1) ?? '' }], request).diagnostics
    return found.flatMap(({ code, severity, message }) => (code === 'KN531' ? `${severity}: ${message}` : [])).join()
  }
  const [pinned, preview, split, promoted] = ['v1=100', 'v1=100 v2=0:t', 'v1=50 v2=50:t', 'v1=0 v2=100:t'].map((one) =>
    at(one, 'v2'),
  ) as [string, string, string, string]
  const moves =
    'warning: `shop/example-service` moves traffic during a freeze: rollouts are frozen with no end in sight (audit)'
  assert.is(said([pinned, preview, split]), moves)
  assert.is(said([preview, split, promoted]), moves)
  assert.is(said([pinned, preview]), '', 'a preview moves none')
  assert.is(said([preview, split, `# comment\n${split}`]), '', 'a comment moves none')
  assert.is(said([preview, split, preview]), '', 'back, with the candidate kept')
  assert.is(said([preview, split, pinned]), '', 'back, without it')
  assert.is(said([split, promoted, split]), '', 'back by a half')
  assert.is(said([service(), service().replace('shop:1.0', 'shop:2.0')]), moves, 'traffic that follows the template')
  assert.is(said([preview, split], always(', name: "prod/*"')), '', 'a window for others')
  assert.is(said([preview, split], always(', name: "shop/*", path: "shop.yaml"')), moves)
})

test('apply warns of the same', () => {
  const text = at('v1=100 v2=0:t', 'v2')
  const codes = (stage: string): string => {
    const request = {
      configuration: always(),
      histories: committed([text]),
      now: 0,
      move: { command: 'apply', stage } as const,
    }
    const { changes, diagnostics } = plan([{ path: 'shop.yaml', text }], request)
    return `${changes.length} ${diagnostics.map(({ code, severity }) => `${severity} ${code}`).join()}`
  }
  assert.is(codes('split'), '1 warning KN531')
  assert.is(codes('rollback'), '1 ')
})

test('status shows what next waits for', () => {
  const text = at('v1=100 v2=0:t', 'v2')
  const configuration = { path: '.kn-rollout.yaml', text: 'freeze: [{ hours: "00:00-12:00" }]\n' }
  const next = (now: number): unknown =>
    statusOf([{ path: 'shop.yaml', text }], { configuration, histories: committed([text]), now }).rows[0]?.next
  assert.equal(next(3600), { stage: 'split', frozen: { until: 12 * 3600 } })
  assert.equal(next(12 * 3600), { stage: 'split' })
})

test.run()
