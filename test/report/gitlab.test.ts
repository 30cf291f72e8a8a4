import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { Outcome } from '../../src/pipeline/request.js'
import { gitlabReport } from '../../src/report/gitlab.js'
import { printable } from '../../src/text/printable.js'
import { diagnosticOf, hostileOutcomes, outcomeOf, plainly, rangeOf } from './outcomes.js'

const test = suite('gitlab')

type Issue = {
  readonly description: string
  readonly check_name: string
  readonly fingerprint: string
  readonly severity: string
  readonly location: { readonly path: string; readonly lines: { readonly begin: number; readonly end: number } }
}

function issues(outcome: Outcome): readonly Issue[] {
  return JSON.parse(gitlabReport(outcome, plainly)) as readonly Issue[]
}

const text = 'spec:\n  traffic:\n    []\n'

test('gives an issue for each diagnostic', () => {
  const files = [{ path: 'a.yaml', patchPath: 'apps/a.yaml', text }]
  const diagnostics = [diagnosticOf({ range: rangeOf(text, 'traffic:\n    []'), help: 'do this' })]
  assert.equal(issues(outcomeOf({ files, diagnostics })), [
    {
      type: 'issue',
      description: 'it must be so; do this',
      check_name: 'KN301 traffic-sum',
      categories: ['Bug Risk'],
      fingerprint: 'cdb61b9e51ed026a',
      severity: 'major',
      location: { path: 'apps/a.yaml', lines: { begin: 2, end: 3 } },
    },
  ])
})

test('is an empty list where nothing was found', () => {
  assert.is(gitlabReport(outcomeOf({}), plainly), '[]\n')
})

test('has a severity of GitLab for each of ours', () => {
  const diagnostics = (['error', 'warning', 'note'] as const).map((severity) => diagnosticOf({ severity }))
  assert.equal(
    issues(outcomeOf({ diagnostics })).map(({ severity }) => severity),
    ['major', 'minor', 'info'],
  )
})

/** The fingerprints of diagnostics that differ in one thing each, but for the first two, below the lines `above`. */
function printsBelow(above: string): readonly string[] {
  const moved = `${above}${text}`
  const range = rangeOf(moved, '[]')
  const parts = [{}, {}, { path: 'spec' }, { service: 'shop' }, { code: 'KN302' }, { file: 'b.yaml' }, { message: '' }]
  const diagnostics = parts.map((part) => diagnosticOf({ range, ...part }))
  return issues(outcomeOf({ files: [{ path: 'a.yaml', text: moved }], diagnostics })).map((issue) => issue.fingerprint)
}

test('keeps a fingerprint when lines move, and gives every diagnostic its own', () => {
  assert.equal(printsBelow(''), printsBelow('# a line\n'))
  assert.is(new Set(printsBelow('')).size, 7)
  for (const fingerprint of printsBelow('')) assert.match(fingerprint, /^[\da-f]{16}$/)
})

for (const { name, outcome } of hostileOutcomes) {
  test(`carries ${JSON.stringify(name)}`, () => {
    const found = issues(outcome)
    assert.equal(
      found.map(({ location }) => location.path),
      [name, name, name, name, '.'],
    )
    for (const { description } of found) assert.ok(description.includes(printable(name)))
    assert.is(new Set(found.map(({ fingerprint }) => fingerprint)).size, found.length)
  })
}

test.run()
