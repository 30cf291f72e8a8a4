import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { githubReport } from '../../src/report/github.js'
import type { Severity } from '../../src/text/diagnostic.js'
import { printable } from '../../src/text/printable.js'
import { diagnosticOf, hostileOutcomes, outcomeOf, plainly, rangeOf } from './outcomes.js'

const test = suite('github')

type Command = {
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** Reads workflow commands as the runner does: by lines, undoing its escapes. */
function commands(log: string): readonly Command[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const match = /^::([a-z]+) ([^]*?)::([^]*)$/.exec(line)
    if (!match) return []
    const [, command = '', list = '', data = ''] = match
    const properties = list.split(',').map((pair) => {
      const at = pair.indexOf('=')
      const value = pair
        .slice(at + 1)
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
      return [pair.slice(0, at), unescaped(value)] as const
    })
    return [{ command, properties: Object.fromEntries(properties), data: unescaped(data) }]
  })
}

function unescaped(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

const text = 'spec:\n  traffic: []\n'
const files = [{ path: 'a.yaml', patchPath: 'apps/shop/a.yaml', text }]

test('names the file by the repository, the place and the code', () => {
  const diagnostics = [
    diagnosticOf({ range: rangeOf(text, '[]'), help: 'do this' }),
    diagnosticOf({ severity: 'warning', range: rangeOf(text, 'spec:\n  traffic') }),
    diagnosticOf({ severity: 'note', file: 'b.yaml' }),
    diagnosticOf({ severity: 'note', file: '../b.yaml' }),
    diagnosticOf({ severity: 'note', file: '' }),
  ]
  assert.is(
    githubReport(outcomeOf({ files, diagnostics }), { ...plainly, folder: 'apps/shop' }),
    [
      '::error file=apps/shop/a.yaml,line=2,endLine=2,col=12,endColumn=14,title=KN301 traffic-sum::it must be so%0Ahelp: do this\n',
      '::warning file=apps/shop/a.yaml,line=1,endLine=2,title=KN301 traffic-sum::it must be so\n',
      '::notice file=apps/shop/b.yaml,line=1,endLine=1,col=1,endColumn=1,title=KN301 traffic-sum::it must be so\n',
      '::notice file=apps/b.yaml,line=1,endLine=1,col=1,endColumn=1,title=KN301 traffic-sum::it must be so\n',
      '::notice title=KN301 traffic-sum::it must be so\n',
    ].join(''),
  )
})

function many(severity: Severity, count: number): readonly ReturnType<typeof diagnosticOf>[] {
  return Array.from({ length: count }, (_, index) =>
    diagnosticOf({ severity, file: `${severity}-${index}.yaml`, message: `${severity} ${index}` }),
  )
}

test('keeps within the limits and says what was cut', () => {
  const diagnostics = [...many('note', 11), ...many('warning', 10), ...many('error', 23)]
  const log = githubReport(outcomeOf({ diagnostics }), plainly)
  const kinds = commands(log).map(({ command }) => command)
  assert.equal(kinds, [
    ...Array.from({ length: 10 }, () => 'error'),
    ...Array.from({ length: 10 }, () => 'warning'),
    ...Array.from({ length: 10 }, () => 'notice'),
  ])
  assert.ok(
    log.endsWith('\n13 more errors, 1 more notice not shown: GitHub accepts 10 annotations of a kind in a step\n'),
  )
})

test('says nothing of a cut where there is none', () => {
  assert.is(githubReport(outcomeOf({}), plainly), '')
  assert.is(githubReport(outcomeOf({ diagnostics: many('error', 10) }), plainly).split('\n').length, 11)
})

test('shows what is in changed files first, and keeps the order otherwise', () => {
  const changed = new Set(['error-11.yaml', 'error-20.yaml'])
  const log = githubReport(outcomeOf({ diagnostics: many('error', 21) }), { ...plainly, changed })
  const expected = [11, 20, 0, 1, 2, 3, 4, 5, 6, 7].map((index) => `error ${index}`)
  assert.equal(
    commands(log).map(({ data }) => data),
    expected,
  )
})

for (const { name, outcome } of hostileOutcomes) {
  test(`carries ${JSON.stringify(name)}`, () => {
    const log = githubReport(outcome, plainly)
    const found = commands(log)
    const shown = printable(name)
    assert.is(log.split(/\r\n|\r|\n/).length, outcome.diagnostics.length + 1)
    assert.equal(
      found.map(({ command }) => command),
      ['error', 'error', 'error', 'warning', 'notice'],
    )
    assert.equal(
      found.map(({ properties }) => properties['file']),
      [shown, shown, undefined, shown, shown],
    )
    for (const { properties, data } of found) {
      assert.is(properties['title'], 'KN301 traffic-sum')
      assert.not.match(data, /[^\P{Cc}\n]/u)
    }
  })
}

test.run()
