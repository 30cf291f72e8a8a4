// A report as it leaves the program, however long it is.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { printableLines } from '../src/text/printable.js'

const test = suite('printable')
const seed = Number(process.env['KN_SEED'] ?? 20_261_130)
const numRuns = Number(process.env['KN_RUNS'] ?? 100)

const part = fc.constantFrom(
  'plain words',
  'x'.repeat(9000),
  '\u001B[31mred\u001B[0m',
  '\u001B[2K',
  '::error::no',
  '  ::warning::no',
  '##[error]',
  '\u202E',
  '\u2764\uFE0F',
  '\uFE0F',
  '\uD83D\uDE00',
  '\uD83D',
  '→ … – ×',
  '\t',
  '\r',
)
const line = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''))

test('a long report is shown as its lines are, one by one', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), (lines, isEnded) => {
      const text = lines.join('\n') + (isEnded ? '\n' : '')
      const each = text.split('\n').map((one) => printableLines(one))
      assert.is(printableLines(text), each.join('\n'))
      assert.is(printableLines(printableLines(text)), printableLines(text))
    }),
    { seed, numRuns },
  )
})

test('what acts on a terminal or a runner is spelled wherever it stands', () => {
  const filler = `${'y'.repeat(50)}\n`.repeat(1000)
  const shown = printableLines(`${filler}::set-output::x\n${filler}a\u202Eb\n${filler}##[group]c\n`)
  assert.is(shown.length > 3 * filler.length, true)
  assert.match(shown, /^\\x3a:set-output::x$/m)
  assert.match(shown, /^a\\u202eb$/m)
  assert.not.match(shown, /##\[/)
})

test.run()
