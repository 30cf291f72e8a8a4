import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../../src/pipeline/plan.js'
import { propose } from '../../src/pipeline/fix.js'
import type { Outcome } from '../../src/pipeline/request.js'
import { rdjsonlReport } from '../../src/report/rdjsonl.js'
import type { Diagnostic } from '../../src/text/diagnostic.js'
import { diagnosticOf, hostileOutcomes, outcomeOf, plainly, rangeOf } from './outcomes.js'

const test = suite('rdjsonl')

type Point = { readonly line: number; readonly column: number }
type Range = { readonly start: Point; readonly end: Point }
type Line = {
  readonly message: string
  readonly location: { readonly path: string; readonly range?: Range }
  readonly severity: string
  readonly suggestions?: readonly { readonly range: Range; readonly text: string }[]
}

function linesOf(outcome: Outcome): readonly Line[] {
  const report = rdjsonlReport(outcome, plainly)
  assert.ok(report === '' || report.endsWith('\n'))
  return report.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
}

/** The text with a suggestion made, by the bytes that reviewdog counts in. */
function suggested(text: string, { range, text: added }: NonNullable<Line['suggestions']>[number]): string {
  const bytes = Buffer.from(text)
  const lines = text.split('\n').map((line) => Buffer.byteLength(line) + 1)
  const offset = ({ line, column }: Point): number => lines.slice(0, line - 1).reduce((a, b) => a + b, 0) + column - 1
  const [before, after] = [bytes.subarray(0, offset(range.start)), bytes.subarray(offset(range.end))]
  return `${before.toString()}${added}${after.toString()}`
}

const text = 'spec:\n  traffic: []\n'

test('gives a line for each diagnostic, named from the working directory', () => {
  const files = [{ path: 'a.yaml', patchPath: 'apps/a.yaml', text }]
  const diagnostics = [diagnosticOf({ range: rangeOf(text, '[]'), help: 'do this' }), diagnosticOf({ file: '' })]
  assert.equal(linesOf(outcomeOf({ files, diagnostics })), [
    {
      message: 'it must be so\nhelp: do this',
      location: { path: 'a.yaml', range: { start: { line: 2, column: 12 }, end: { line: 2, column: 14 } } },
      severity: 'ERROR',
      source: { name: 'kn-rollout' },
      code: { value: 'KN301 traffic-sum' },
    },
    {
      message: 'it must be so',
      location: { path: '.' },
      severity: 'ERROR',
      source: { name: 'kn-rollout' },
      code: { value: 'KN301 traffic-sum' },
    },
  ])
})

test('has a severity for each of ours, and nothing to say of nothing', () => {
  const diagnostics = (['error', 'warning', 'note'] as const).map((severity) => diagnosticOf({ severity }))
  assert.equal(
    linesOf(outcomeOf({ diagnostics })).map(({ severity }) => severity),
    ['ERROR', 'WARNING', 'INFO'],
  )
  assert.is(rdjsonlReport(outcomeOf({}), plainly), '')
})

test('counts columns in bytes, a byte order mark among them, in whatever order they are asked for', () => {
  const odd = '\uFEFFü: é\nü😀: [ü, é]\n'
  const parts = ['é', '[ü, é]', 'ü, é', '[', '😀'].map((part) =>
    diagnosticOf({ range: rangeOf(odd, part), file: 'a.yaml' }),
  )
  const found = linesOf(outcomeOf({ files: [{ path: 'a.yaml', text: odd }], diagnostics: parts }))
  assert.equal(
    found.map(({ location: { range } }) => [range?.start.line, range?.start.column, range?.end.column]),
    [
      [1, 8, 10],
      [2, 9, 17],
      [2, 10, 16],
      [2, 9, 10],
      [2, 3, 7],
    ],
  )
})

test('proposes all edits of a fix as one suggestion', () => {
  const edits = [
    { range: rangeOf(text, '[]'), text: '\n    - percent: 100' },
    { range: rangeOf(text, 'spec'), text: 'ü' },
  ]
  const diagnostics = [diagnosticOf({ fix: { description: 'spell it', edits } })]
  const [line] = linesOf(outcomeOf({ files: [{ path: 'a.yaml', text }], diagnostics }))
  assert.is(line?.suggestions?.length, 1)
  const [only] = line?.suggestions ?? []
  assert.is(only && suggested(text, only), 'ü:\n  traffic: \n    - percent: 100\n')
})

test('what it proposes of a real run mends the file', () => {
  const service =
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop # ü\nspec:\n  traffic: [{percent: "100", latestRevision: true}] # é\n  template: {spec: {containers: [{image: x}]}}\n'
  const sources = [{ path: 'x.yaml', text: service }]
  const found = propose(sources, plan(sources, {}), {})
  const proposed = linesOf(found).flatMap(({ suggestions = [] }) => suggestions)
  assert.is(proposed.length, 1)
  const [only] = proposed
  assert.is(only && suggested(service, only), service.replace('"100"', '100'))
})

test('messages call nobody and link nowhere where reviewdog posts them', () => {
  const diagnostics = [diagnosticOf({ message: 'see [here](http://example.com) @someone #1', help: 'ask @other' })]
  const [line] = linesOf(outcomeOf({ diagnostics }))
  assert.is(line?.message, 'see `[here](http://example.com)` `@someone` `#1`\nhelp: ask `@other`')
})

for (const { name, outcome } of hostileOutcomes)
  test(`carries ${JSON.stringify(name)}`, () => {
    const found = linesOf(outcome)
    assert.is(found.length, outcome.diagnostics.length)
    assert.equal(
      found.map(({ location }) => location.path),
      outcome.diagnostics.map(({ file }) => (file === '' ? '.' : file)),
    )
  })

test('one long line with many diagnostics takes no time', () => {
  const long = `[${'"é", '.repeat(50_000)}]`
  const diagnostics: readonly Diagnostic[] = Array.from({ length: 5000 }, (_, index) =>
    diagnosticOf({ range: { start: 1 + index * 50, end: 3 + index * 50 } }),
  )
  const begun = performance.now()
  assert.is(linesOf(outcomeOf({ files: [{ path: 'a.yaml', text: long }], diagnostics })).length, 5000)
  assert.ok(performance.now() - begun < 5000)
})

test.run()
