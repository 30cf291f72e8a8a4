import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { textReport } from '../../src/report/text.js'
import { diagnosticOf, hostileOutcomes, outcomeOf, plainly, rangeOf } from './outcomes.js'

const test = suite('text')

type Matcher = {
  readonly owner: string
  readonly severity?: string
  readonly pattern: readonly [Readonly<Record<string, string | number>>]
}
const file = new URL('../../docs/problem-matcher.json', import.meta.url)
const { problemMatcher } = JSON.parse(readFileSync(file, 'utf8')) as { readonly problemMatcher: readonly Matcher[] }

/** What GitHub would make of a log: for each matching line the groups by the names that the matcher gives them. */
function matches(log: string): readonly Readonly<Record<string, string>>[] {
  return log.split('\n').flatMap((line) =>
    problemMatcher.flatMap(({ severity, pattern: [{ regexp, ...groups }] }) => {
      const match = new RegExp(String(regexp)).exec(line)
      if (!match) return []
      const named = Object.entries(groups).map(([name, group]) => [name, match[Number(group)] ?? ''] as const)
      return [{ ...(severity === undefined ? {} : { severity }), ...Object.fromEntries(named) }]
    }),
  )
}

const text = 'spec:\n  traffic: []\n'
const files = [{ path: 'a.yaml', text }]

test('says where, what, the lines and what to do', () => {
  const diagnostics = [diagnosticOf({ range: rangeOf(text, '[]'), help: 'do this' })]
  assert.is(
    textReport(outcomeOf({ files, diagnostics }), plainly),
    `a.yaml:2:12: error: it must be so [KN301 traffic-sum]\n  1 | spec:\n  2 |   traffic: []\n    |            ^^\n  help: do this\n`,
  )
})

test('a note is one line', () => {
  const diagnostics = [diagnosticOf({ severity: 'note', range: rangeOf(text, '[]') })]
  assert.is(
    textReport(outcomeOf({ files, diagnostics }), plainly),
    'a.yaml:2:12: note: it must be so [KN301 traffic-sum]\n',
  )
})

test('the problem matcher reads errors, warnings and notes', () => {
  const range = rangeOf(text, '[]')
  const diagnostics = (['error', 'warning', 'note'] as const).map((severity) => diagnosticOf({ severity, range }))
  const shared = { file: 'a.yaml', line: '2', column: '12', message: 'it must be so', code: 'KN301' }
  assert.equal(matches(textReport(outcomeOf({ files, diagnostics }), plainly)), [
    { ...shared, severity: 'error' },
    { ...shared, severity: 'warning' },
    { ...shared, severity: 'notice' },
  ])
})

test('the problem matcher takes no line of a manifest for a diagnostic', () => {
  const forged = 'b.yaml:1:1: error: forged [KN999]\n'
  const diagnostics = [diagnosticOf({ range: { start: 0, end: forged.length - 1 }, help: forged, message: forged })]
  const found = matches(textReport(outcomeOf({ files: [{ path: 'a.yaml', text: forged }], diagnostics }), plainly))
  assert.equal(
    found.map((match) => match['file']),
    ['a.yaml'],
  )
})

for (const { name, outcome } of hostileOutcomes) {
  test(`shows ${JSON.stringify(name)} without obeying it`, () => {
    const shown = textReport(outcome, plainly)
    assert.not.match(shown, /[^\P{Cc}\n]|[\u2028\u2029\u202E]/u)
    assert.is(
      shown.split('\n').filter((line) => line.endsWith(' [KN301 traffic-sum]')).length,
      outcome.diagnostics.length,
    )
  })
}

test.run()
