import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { allCodes } from '../../src/pipeline/codes.js'
import { explanationOf } from '../../src/pipeline/explain.js'
import { plan } from '../../src/pipeline/plan.js'
import type { Outcome } from '../../src/pipeline/request.js'
import { sarifReport } from '../../src/report/sarif.js'
import { uriOf } from '../../src/report/report.js'
import type { Diagnostic } from '../../src/text/diagnostic.js'
import { printable } from '../../src/text/printable.js'
import { diagnosticOf, hostileOutcomes, outcomeOf, plainly, rangeOf } from './outcomes.js'

const test = suite('sarif')

type Location = {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string }
    readonly region: Readonly<Record<string, number>>
  }
}
type Result = {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly message: { readonly text: string }
  readonly locations?: readonly [Location]
  readonly fixes?: unknown
}
type Rule = {
  readonly id: string
  readonly name: string
  readonly fullDescription: { readonly text: string }
  readonly help: { readonly markdown: string }
}
type Log = {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly version: string; readonly rules: readonly Rule[] } }
      readonly results: readonly Result[]
    },
  ]
}

/** The schema of SARIF 2.1.0. It is of draft 4, of which it uses nothing that draft 7 reads otherwise but its name. */
const schemaFile = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  unicodeRegExp: false,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': (text: string) => /^(?:[\w.~!$&'()*+,;=:@/?#-]|%[\dA-F]{2})*$/.test(text),
    'date-time': true,
  },
})
const validate = ajv.compile(schema)

/** The log of an outcome, proved by the schema. */
function logOf(outcome: Outcome): Log {
  const log: unknown = JSON.parse(sarifReport(outcome, plainly))
  assert.ok(validate(log), JSON.stringify(validate.errors, undefined, 2))
  return log as Log
}

const text = 'spec:\n  traffic: []\n'
const files = [{ path: 'a.yaml', patchPath: 'apps/my shop/a.yaml', text }]

test('the schema refuses what is no log', () => {
  assert.not.ok(validate({ version: '2.1.0' }))
  assert.not.ok(validate({ version: '2.1.0', runs: [{ results: [] }] }))
})

test('names the tool, its version and a rule for each code', () => {
  const log = logOf(outcomeOf({}))
  const { driver } = log.runs[0].tool
  assert.equal(
    driver.rules.map(({ id }) => id),
    allCodes().map(({ code }) => code),
  )
  assert.match(JSON.stringify(log), '"name":"kn-rollout","version":"1.2.3"')
  assert.equal(log.runs[0].results, [])
})

test('a rule has its name, why it matters, and the page of `explain` with its examples', () => {
  const { driver } = logOf(outcomeOf({})).runs[0].tool
  assert.is(driver.version, '1.2.3')
  for (const { id, name, fullDescription, help } of driver.rules) {
    const explained = explanationOf(id)
    assert.is(name, explained?.name)
    const first = (explained?.why ?? '').split('. ')[0] ?? 'none'
    assert.ok(fullDescription.text.startsWith(first.replaceAll(/[{}]/g, '$&$&')), id)
    assert.ok(fullDescription.text.length <= 1024, `${id}: ${fullDescription.text.length}`)
    assert.ok(help.markdown.startsWith(`**${id} ${name}** (`), id)
    assert.ok(help.markdown.includes(explained?.why ?? 'none'), id)
    assert.is(help.markdown.includes('Bad:\n\n```yaml\n'), explained?.example !== undefined, id)
  }
  const sum = driver.rules.find(({ id }) => id === 'KN301')?.help.markdown ?? ''
  assert.match(sum, /\nBad:\n\n```yaml\n[^]*?\n```\n\nGood:\n\n```yaml\n[^]*?\n```\n/)
  assert.match(sum, /\nSource: `.*`\n$/)
})

test('gives a result for each diagnostic, with its rule and place', () => {
  const diagnostics = [diagnosticOf({ range: rangeOf(text, '[]'), help: 'do this', service: 'shop' })]
  const [result] = logOf(outcomeOf({ files, diagnostics })).runs[0].results
  assert.equal(result, {
    ruleId: 'KN301',
    ruleIndex: allCodes().findIndex(({ code }) => code === 'KN301'),
    level: 'error',
    message: { text: 'it must be so\nhelp: do this' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'apps/my%20shop/a.yaml', uriBaseId: '%SRCROOT%' },
          region: { startLine: 2, startColumn: 12, endLine: 2, endColumn: 14 },
        },
        logicalLocations: [{ fullyQualifiedName: 'shop', kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'knRollout/v1': '5df13bad17e886c5' },
  })
})

test('proposes a fix as replacements', () => {
  const edits = [
    { range: rangeOf(text, '[]'), text: '\n    - percent: 100' },
    { range: rangeOf(text, 'spec'), text: '' },
    { range: { start: text.length, end: text.length }, text: '# end\n' },
  ]
  const diagnostics = [diagnosticOf({ fix: { description: 'spell it', edits } })]
  const [result] = logOf(outcomeOf({ files, diagnostics })).runs[0].results
  assert.equal(result?.fixes, [
    {
      description: { text: 'spell it' },
      artifactChanges: [
        {
          artifactLocation: { uri: 'apps/my%20shop/a.yaml', uriBaseId: '%SRCROOT%' },
          replacements: [
            {
              deletedRegion: { startLine: 2, startColumn: 12, endLine: 2, endColumn: 14 },
              insertedContent: { text: '\n    - percent: 100' },
            },
            { deletedRegion: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 5 } },
            {
              deletedRegion: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 1 },
              insertedContent: { text: '# end\n' },
            },
          ],
        },
      ],
    },
  ])
})

test('holds what a real run finds', () => {
  const service =
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  traffic: [{percent: 101, url: x}]\n'
  const { results } = logOf(plan([{ path: 'x.yaml', text: service }], {})).runs[0]
  assert.ok(results.length > 1)
  for (const { ruleId, ruleIndex } of results) assert.is(allCodes()[ruleIndex]?.code, ruleId)
})

test('writes no links but its own', () => {
  const diagnostics = [
    diagnosticOf({ message: 'see [here](http://example.com), `spec.traffic[0].percent` (and [1]) \\[b](1) {0}' }),
  ]
  const [result] = logOf(outcomeOf({ diagnostics })).runs[0].results
  assert.is(
    result?.message.text,
    String.raw`see [here]\x28http://example.com), \`spec.traffic[0].percent\` (and [1]) \[b]\x281) {{0}}`.replaceAll(
      '\\`',
      '`',
    ),
  )
})

test('encodes names, and bases those below the root on it', () => {
  assert.equal(uriOf('a b/ü?#%.yaml'), { uri: 'a%20b/%C3%BC%3F%23%25.yaml', uriBaseId: '%SRCROOT%' })
  assert.equal(uriOf('c:x.yaml'), { uri: 'c%3Ax.yaml', uriBaseId: '%SRCROOT%' })
  assert.equal(uriOf('../x y.yaml'), { uri: '../x%20y.yaml' })
  assert.equal(uriOf('/srv/x y.yaml'), { uri: 'file:///srv/x%20y.yaml' })
  assert.equal(uriOf('D:/x y.yaml'), { uri: 'file:///D:/x%20y.yaml' })
})

for (const { name, outcome } of hostileOutcomes) {
  test(`carries ${JSON.stringify(name)}`, () => {
    const { results } = logOf(outcome).runs[0]
    const shown = name
      .split('\n')
      .map(printable)
      .join('\n')
      .replaceAll('](', String.raw`]\x28`)
    assert.is(results.length, outcome.diagnostics.length)
    for (const { message, locations } of results) {
      assert.not.match(message.text, /\]\(/)
      assert.ok(message.text.replaceAll('{{', '{').replaceAll('}}', '}').includes(shown))
      if (!locations) continue
      const { uri } = locations[0].physicalLocation.artifactLocation
      assert.is(decodeURIComponent(uri), name.replaceAll(/\p{Surrogate}/gu, '\uFFFD'))
    }
  })
}

function many(severity: 'error' | 'note', count: number): readonly Diagnostic[] {
  return Array.from({ length: count }, (_, index) => diagnosticOf({ severity, message: `${severity} ${index}` }))
}

test('keeps within what GitHub takes: the worst, those of changed files first, and says what was cut', () => {
  const changed = diagnosticOf({ severity: 'note', file: 'changed.yaml', message: 'changed' })
  const outcome = outcomeOf({ diagnostics: [...many('note', 2), ...many('error', 24_999), changed] })
  const log = JSON.parse(sarifReport(outcome, { ...plainly, changed: new Set(['changed.yaml']) })) as Log
  assert.ok(validate(log))
  const [{ results, ...run }] = log.runs
  assert.is(results.length, 25_000)
  assert.equal([results[0]?.message.text, results.at(-1)?.message.text], ['error 0', 'changed'])
  assert.match(JSON.stringify(run), '2 more results not shown: GitHub accepts 25000 results in a run')
  const whole = sarifReport(outcomeOf({ diagnostics: many('error', 25_000) }), plainly)
  assert.not.match(whole, 'not shown')
})

test.run()
