import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { paint } from '../../src/report/cells.js'
import { frame } from '../../src/report/text.js'
import { Positions } from '../../src/report/report.js'
import type { Range } from '../../src/text/source.js'
import { diagnosticOf, rangeOf } from './outcomes.js'

const test = suite('frame')

function shown(text: string, range: Range | undefined, isColoured = false): string {
  const places = new Positions([{ path: 'a.yaml', text }])
  return frame(diagnosticOf(range ? { range } : {}), places, paint(isColoured))
}

/** A frame's lines, each behind a bar so that the margin is plain to see. */
function golden(lines: string): string {
  return lines.replaceAll(/^ *>/gm, '').replace(/^\n/, '').trimEnd() + '\n'
}

test('marks a value and shows the line before', () => {
  const text = 'spec:\n  traffic:\n    - percent: 101\n'
  assert.is(
    shown(text, rangeOf(text, '101')),
    golden(`
      >  2 |   traffic:
      >  3 |     - percent: 101
      >    |                ^^^`),
  )
})

test('shows no line before the first one, and none that is blank', () => {
  assert.is(shown('kind: x\n', { start: 0, end: 4 }), '  1 | kind: x\n    | ^^^^\n')
  assert.is(shown('\n \t\nkind: x\n', { start: 4, end: 8 }), '  3 | kind: x\n    | ^^^^\n')
})

test('marks an empty range, the end of a line and the end of a file with one caret', () => {
  assert.is(shown('a: b\n', { start: 3, end: 3 }), '  1 | a: b\n    |    ^\n')
  assert.is(shown('a: b\n', { start: 4, end: 4 }), '  1 | a: b\n    |     ^\n')
  assert.is(shown('a: b\n', { start: 5, end: 5 }), '  1 | a: b\n  2 |\n    | ^\n')
  assert.is(shown('', { start: 0, end: 0 }), '  1 |\n    | ^\n')
})

test('marks every line of a short range, from its indentation on', () => {
  const text = 'a:\n  b: 1\n\n  c: 2  \nd: 3\n'
  assert.is(
    shown(text, { start: 0, end: text.indexOf('d') }),
    golden(`
      >  1 | a:
      >    | ^^
      >  2 |   b: 1
      >    |   ^^^^
      >  3 |
      >  4 |   c: 2  ${''}
      >    |   ^^^^`),
  )
})

test('leaves out the middle of a long range', () => {
  const text = Array.from({ length: 12 }, (_, index) => `k${index + 1}: v\n`).join('')
  assert.is(
    shown(text, { start: 0, end: text.length - 1 }),
    golden(`
      >   1 | k1: v
      >     | ^^^^^
      >   2 | k2: v
      >     | ^^^^^
      >   … |
      >  12 | k12: v
      >     | ^^^^^^`),
  )
})

test('keeps the carets in line behind tabs, wide characters and marks without width', () => {
  assert.is(shown('\ta:\tx\n', { start: 4, end: 5 }), '  1 |     a:  x\n    |         ^\n')
  assert.is(shown('日本: x\n', { start: 4, end: 5 }), '  1 | 日本: x\n    |       ^\n')
  assert.is(shown('日本: x\n', { start: 0, end: 2 }), '  1 | 日本: x\n    | ^^^^\n')
  assert.is(shown('😀: x\n', { start: 4, end: 5 }), '  1 | 😀: x\n    |     ^\n')
  assert.is(shown('e\u0301: x\n', { start: 4, end: 5 }), '  1 | e\u0301: x\n    |    ^\n')
})

test('spells control characters instead of obeying them', () => {
  assert.is(
    shown('a: \u001B[31m\u202E x\n', { start: 10, end: 11 }),
    '  1 | a: \\x1b[31m\\u202e x\n    |                   ^\n',
  )
})

test('takes CRLF, a lone CR and a byte order mark as they are', () => {
  assert.is(shown('a: 1\r\nb: 2\r\n', { start: 9, end: 10 }), '  1 | a: 1\n  2 | b: 2\n    |    ^\n')
  assert.is(shown('a: 1\rb: 2\r', { start: 8, end: 9 }), '  1 | a: 1\n  2 | b: 2\n    |    ^\n')
  assert.is(shown('\uFEFFa: 1\n', { start: 4, end: 5 }), '  1 | a: 1\n    |    ^\n')
})

test('cuts long lines around the range', () => {
  const line = `${'x'.repeat(500)}HERE${'y'.repeat(500)}`
  const cut = shown(`${line}\n`, rangeOf(line, 'HERE'))
  assert.is(cut, `  1 | …${'x'.repeat(40)}HERE${'y'.repeat(75)}…\n    | ${' '.repeat(41)}^^^^\n`)
  assert.match(shown(`${line}\n`, { start: 0, end: 1004 }), new RegExp(`^ {2}1 \\| x{120}…\n {4}\\| \\^{120}\n$`))
  assert.match(shown(`${line}\n`, { start: 1003, end: 1004 }), /^ {2}1 \| …y{41}\n {4}\| {42}\^\n$/)
})

test('cuts no character in two', () => {
  const line = `${'😀'.repeat(300)}x${'😀'.repeat(300)}`
  for (const start of [0, 598, 600, 601, 1199]) {
    const cut = shown(line, { start, end: start + 1 })
    assert.not.match(cut, /\p{Surrogate}/u)
    assert.ok(cut.split('\n').every((row) => row.length < 140))
  }
})

test('stays fast on a line of megabytes', () => {
  const line = '\u0301'.repeat(4_000_000)
  const start = performance.now()
  assert.ok(shown(line, { start: 2_000_000, end: 3_000_000 }).length < 1000)
  assert.ok(performance.now() - start < 1000)
})

test('shows nothing where there is no place', () => {
  assert.is(shown('a: 1\n', undefined), '')
  assert.is(
    frame(diagnosticOf({ file: 'gone.yaml', range: { start: 0, end: 0 } }), new Positions([]), paint(false)),
    '',
  )
})

test('colours the gutter and the carets', () => {
  assert.is(
    shown('a: 1\n', { start: 3, end: 4 }, true),
    '\u001B[1;36m  1 |\u001B[0m a: 1\n\u001B[1;36m    |\u001B[0m    \u001B[1;31m^\u001B[0m\n',
  )
})

test.run()
