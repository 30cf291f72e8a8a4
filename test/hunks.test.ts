// Diffs of large changes, and several rounds of edits as one.
import { array, assert as assertProperty, constantFrom, nat, property, tuple } from 'fast-check'
import { applyPatch } from 'diff'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { applyEdits, composedEdits, type Edit } from '../src/text/edit.js'
import { hunksOf, formatPatch } from '../src/text/patch.js'

const test = suite('hunks')

const texts = array(constantFrom('a\n', 'b\n', '\n', 'c\r\n', 'dd\n', 'e'), { maxLength: 30 }).map((lines) =>
  lines.join(''),
)
/** Places in thousandths of a text, and what is written there. */
const wishes = array(tuple(nat(1000), nat(1000), texts), { maxLength: 5 })

function editsOf(text: string, wanted: readonly (readonly [number, number, string])[]): readonly Edit[] {
  const cuts = wanted.flatMap(([a, b]) => [a, b].map((share) => Math.floor((share / 1000) * text.length)))
  const ordered = cuts.toSorted((a, b) => a - b)
  return wanted.map(([, , by], index) => {
    return { range: { start: ordered[2 * index] ?? 0, end: ordered[2 * index + 1] ?? 0 }, text: by }
  })
}

test('hunks that are told by edits make of the text what the edits do', () => {
  assertProperty(
    property(texts, wishes, (text, wanted) => {
      const edits = editsOf(text, wanted)
      let shift = 0
      const hunks = hunksOf(text, edits, 3).map((hunk) => {
        const { oldStart, oldLines, newLines, lines } = hunk
        const [from, to] = [oldStart - (oldLines === 0 ? 1 : 0), oldStart + shift - (newLines === 0 ? 1 : 0)]
        shift += newLines - oldLines
        return `@@ -${from},${oldLines} +${to},${newLines} @@\n${lines.join('\n')}\n`
      })
      const patched =
        hunks.length === 0
          ? text
          : applyPatch(text, `--- a\n+++ b\n${hunks.join('')}`, { autoConvertLineEndings: false })
      assert.is(patched, applyEdits(text, edits))
    }),
    { numRuns: 500, seed: 20_261_128 },
  )
})

test('rounds of edits come to one list of edits', () => {
  assertProperty(
    property(texts, wishes, wishes, (text, first, second) => {
      const rounds = [editsOf(text, first)]
      const between = applyEdits(text, rounds[0] ?? [])
      rounds.push(editsOf(between, second))
      assert.is(applyEdits(text, composedEdits(text, rounds)), applyEdits(between, rounds[1] ?? []))
    }),
    { numRuns: 500, seed: 20_261_128 },
  )
})

function line(index: number): string {
  return `line ${index}\n`
}

test('many changes close to each other are told line by line', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => line(index)).join('')
  let at = 0
  const edits = Array.from({ length: 10_000 }, (_, index) => {
    const range = { start: at, end: at + 4 }
    at += line(2 * index).length + line(2 * index + 1).length
    return { range, text: 'LINE' }
  })
  const patch = formatPatch({ path: 'a.yaml', text }, edits)
  assert.is(patch.match(/^-line \d+$/gm)?.length, 10_000)
  assert.is(patch.match(/^\+LINE \d+$/gm)?.length, 10_000)
  assert.is(patch.match(/^ line \d+$/gm)?.length, 10_000)
})

test.run()
