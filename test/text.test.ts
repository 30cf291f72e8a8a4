import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Positions } from '../src/report/report.js'
import { append, highest } from '../src/text/collections.js'
import { applyEdits, type Edit } from '../src/text/edit.js'
import { formatPatch } from '../src/text/patch.js'
import { formatPath } from '../src/text/path.js'
import { decode, columnOf, lineBreak, lineEnd, lineStart, nextLine } from '../src/text/source.js'
import { nearest } from '../src/text/words.js'

const seed = Number(process.env['KN_SEED'] ?? 20_240_229)
const sizeLimit = 8 * 1024 * 1024

// --- arbitraries --------------------------------------------------------------------------------------------------------

const line = fc.constantFrom('', 'a', 'b', 'a', '- c: ü', '---', '+++', '\\ No newline', '@@ -1 +1 @@', ' d\t')
const texts = fc
  .record({
    lines: fc.array(line, { maxLength: 40 }),
    ends: fc.constantFrom('\n', '\r\n'),
    isEnded: fc.boolean(),
    mark: fc.constantFrom('', '\uFEFF'),
  })
  .map(({ lines, ends, isEnded, mark }) => mark + lines.join(ends) + (isEnded ? ends : ''))

type Sketch = { readonly from: number; readonly size: number; readonly text: string }
const sketches: fc.Arbitrary<readonly Sketch[]> = fc.array(
  fc.record({
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.nat({ max: 6 }),
    text: fc.constantFrom('', 'x', 'x\n', '\nx', 'a\nb\n', '\r\n'),
  }),
  { maxLength: 4 },
)

/** Edits of a text that do not overlap, made from places in it. */
function editsOf(text: string, found: readonly Sketch[]): readonly Edit[] {
  const edits: Edit[] = []
  let floor = 0
  for (const { from, size, text: added } of found.toSorted((a, b) => a.from - b.from)) {
    const start = Math.max(floor, Math.floor(from * text.length))
    const end = Math.min(text.length, start + size)
    edits.push({ range: { start, end }, text: added })
    floor = end
  }
  return edits
}

const edited = fc.tuple(texts, sketches).map(([text, found]) => ({ text, edits: editsOf(text, found) }))

function replace(text: string, from: string, to: string): Edit {
  const start = text.indexOf(from)
  return { range: { start, end: start + from.length }, text: to }
}

function patchOf(text: string, edits: readonly Edit[], path = 'a.yaml'): string {
  return formatPatch({ path, text }, edits)
}

// --- edits --------------------------------------------------------------------------------------------------------------

const test = suite('text')

test('no edits give back the very text', () => {
  fc.assert(
    fc.property(texts, (text) => assert.is(applyEdits(text, []), text)),
    { seed },
  )
})

test('edits keep every character outside of them, in any order they come', () => {
  fc.assert(
    fc.property(edited, ({ text, edits }) => {
      const expected = edits.reduceRight(
        (found, { range, text: added }) => found.slice(0, range.start) + added + found.slice(range.end),
        text,
      )
      assert.is(applyEdits(text, edits), expected)
      const places = edits.map(({ range }) => range.start)
      if (new Set(places).size === places.length) assert.is(applyEdits(text, edits.toReversed()), expected)
    }),
    { seed },
  )
})

test('two insertions at one place keep their order, also before what is replaced there', () => {
  const here = { start: 1, end: 1 }
  const edits = [
    { range: { start: 1, end: 2 }, text: 'X' },
    { range: here, text: '1' },
    { range: here, text: '2' },
  ]
  assert.is(applyEdits('abc', edits), 'a12Xc')
})

test('edits at the start and at the end reach every character', () => {
  const [start, end, all] = [
    { range: { start: 0, end: 1 }, text: 'X' },
    { range: { start: 3, end: 3 }, text: 'Y' },
    { range: { start: 0, end: 3 }, text: '' },
  ]
  assert.is(applyEdits('abc', [end, start]), 'XbcY')
  assert.is(applyEdits('abc', [all]), '')
  assert.is(applyEdits('', [{ range: { start: 0, end: 0 }, text: 'new' }]), 'new')
})

test('edits that overlap, turn around or leave the text are a bug of the caller', () => {
  const bad: readonly (readonly [number, number])[][] = [
    [
      [0, 2],
      [1, 3],
    ],
    [[2, 1]],
    [[0, 9]],
    [[-1, 0]],
  ]
  for (const ranges of bad) {
    assert.throws(() =>
      applyEdits(
        'abc',
        ranges.map(([start, end]) => ({ range: { start, end }, text: '' })),
      ),
    )
  }
})

// --- patches ------------------------------------------------------------------------------------------------------------

test('edits that change nothing give no patch', () => {
  assert.is(patchOf('a\n', []), '')
  assert.is(patchOf('a\n', [replace('a\n', 'a', 'a')]), '')
  assert.is(patchOf('', []), '')
})

test('a patch shows three lines around a change', () => {
  const text = '1\n2\n3\n4\n5\n6\n7\n8\n9\n'
  assert.is(
    patchOf(text, [replace(text, '5', 'five')]),
    'diff --git a/a.yaml b/a.yaml\n--- a/a.yaml\n+++ b/a.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  )
})

test('near changes share a hunk, far ones have their own, and the lines are counted on', () => {
  const text = Array.from({ length: 40 }, (_, index) => `${index + 1}.\n`).join('')
  const hunks = (...numbers: readonly number[]): readonly string[] => {
    const edits = numbers.map((number) => replace(text, `\n${number}.`, `\n${number}.\nnew`))
    return patchOf(text, edits).match(/^@@.*@@$/gm) ?? []
  }
  assert.equal(hunks(10), ['@@ -8,6 +8,7 @@'])
  assert.equal(hunks(10, 12), ['@@ -8,8 +8,10 @@'])
  assert.equal(hunks(10, 16), ['@@ -8,12 +8,14 @@'])
  assert.equal(hunks(10, 17), ['@@ -8,6 +8,7 @@', '@@ -15,6 +16,7 @@'])
  assert.equal(hunks(30, 10), ['@@ -8,6 +8,7 @@', '@@ -28,6 +29,7 @@'])
})

test('a missing newline at the end is told', () => {
  const marker = '\\ No newline at end of file'
  assert.is(patchOf('a', [replace('a', 'a', 'b')]).split(marker).length, 3)
  assert.is(patchOf('a', [replace('a', 'a', 'a\n')]).split(marker).length, 2)
  assert.is(patchOf('a\n', [replace('a\n', 'a\n', 'a')]).split(marker).length, 2)
  assert.not.match(patchOf('a\n', [replace('a\n', 'a', 'b')]), 'No newline')
})

test('a file that was or becomes empty is counted from line 0', () => {
  assert.match(patchOf('', [{ range: { start: 0, end: 0 }, text: 'a\n' }]), '@@ -0,0 +1 @@\n+a\n')
  assert.match(patchOf('a\n', [replace('a\n', 'a\n', '')]), '@@ -1 +0,0 @@\n-a\n')
})

test('the patch names the file by its path in the repository', () => {
  const edits = [replace('a\n', 'a', 'b')]
  assert.match(formatPatch({ path: '../x.yaml', patchPath: 'k8s/x.yaml', text: 'a\n' }, edits), '--- a/k8s/x.yaml\n')
})

/** Lets git apply and take back patches of many files at once. */
function throughGit(
  files: readonly { readonly path: string; readonly text: string; readonly edits: readonly Edit[] }[],
): void {
  const folder = mkdtempSync(join(tmpdir(), 'text-'))
  const git = (...words: readonly string[]): void => {
    const flags = ['-c', 'core.autocrlf=false', '-c', 'core.safecrlf=false']
    execFileSync('git', [...flags, ...words], { cwd: folder, stdio: 'pipe' })
  }
  const changed = files.flatMap(({ path, text, edits }) => {
    const patch = formatPatch({ path, text }, edits)
    assert.is(patch === '', applyEdits(text, edits) === text, path)
    return patch === '' ? [] : [{ path, text, patch, after: applyEdits(text, edits) }]
  })
  try {
    git('init', '-q')
    for (const { path, text } of changed) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    writeFileSync(join(folder, 'all.patch'), changed.map(({ patch }) => patch).join(''))
    git('apply', '--whitespace=nowarn', 'all.patch')
    for (const { path, after } of changed) assert.is(readFileSync(join(folder, path), 'utf8'), after, path)
    git('apply', '--whitespace=nowarn', '-R', 'all.patch')
    for (const { path, text } of changed) assert.is(readFileSync(join(folder, path), 'utf8'), text, path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('git takes patches of odd names', () => {
  const names = [
    'plain.yaml',
    'two words.yaml',
    ' spaces at both ends ',
    'folder one/file two.yaml',
    'größer/日本/🎉.yaml',
    '"quoted".yaml',
    "it's.yaml",
    'back\\slash.yaml',
    'tab\there.yaml',
    'new\nline.yaml',
    'return\rhere.yaml',
    'bell\u0007 and\u007F delete.yaml',
    'quoted "and" two words.yaml',
    '-dash.yaml',
    'a b/c b/d.yaml',
    'b/a.yaml',
    '#hash [x] {y} *.yaml',
    'next\u0085line.yaml',
    'separator\u2028here.yaml',
  ]
  const text = 'a: 1\nb: 2\n'
  for (const path of names) throughGit([{ path, text, edits: [replace(text, '1', '3')] }])
})

test('git takes patches of any edits, and takes them back', () => {
  const found = fc.sample(edited, { seed, numRuns: 400 })
  throughGit(
    found
      .filter(({ text, edits }) => text !== '' && applyEdits(text, edits) !== '')
      .map((one, index) => ({ path: `${index}.yaml`, ...one })),
  )
})

test('the patch of a small change in a large file is quick', () => {
  const text = 'key: value\n'.repeat(200_000)
  const start = performance.now()
  const edits = [
    { range: { start: 5, end: 10 }, text: 'first' },
    { range: { start: text.length - 6, end: text.length - 1 }, text: 'last' },
  ]
  assert.is(patchOf(text, edits).split('\n@@ ').length, 3)
  assert.ok(performance.now() - start < 1000)
})

// --- lines and places -----------------------------------------------------------------------------------------------------

test('lines begin and end where they do, whatever their ends', () => {
  const text = '\uFEFFab\r\ncd\n\ne'
  assert.equal(
    [0, 1, 3, 5, 7, 8, 9].map((offset) => lineStart(text, offset)),
    [0, 0, 0, 5, 5, 8, 9],
  )
  assert.equal(
    [0, 3, 5, 7, 8, 9, 10].map((offset) => lineEnd(text, offset)),
    [3, 3, 7, 7, 8, 10, 10],
  )
  assert.equal(
    [0, 3, 4, 5, 8, 9].map((offset) => nextLine(text, offset)),
    [5, 5, 5, 8, 9, 10],
  )
  assert.equal(
    [1, 2, 5, 6, 9].map((offset) => columnOf(text, offset)),
    [0, 1, 0, 1, 0],
  )
  assert.is(lineEnd(text, 4), 3, 'between the two characters of a line end')
})

test('a new line ends as the one that it is put behind, or as the first of the file', () => {
  assert.is(lineBreak('a\r\nb\n'), '\r\n')
  assert.is(lineBreak('a\nb\r\n'), '\n')
  assert.is(lineBreak('a\nb\r\n', 3), '\r\n', 'of the line there')
  assert.is(lineBreak('a\nb\r\nc', 5), '\n', 'the last line has none')
  assert.is(lineBreak('\nb\r\n'), '\n')
  assert.is(lineBreak('a'), '\n')
})

test('places count lines and columns from 1, a byte order mark in none', () => {
  const places = new Positions([{ path: 'a', text: '\uFEFFab\r\nü🎉d\r\n\ne' }])
  const shown = (start: number, end = start): string => {
    const { line: from, column, endLine, endColumn } = places.of('a', { start, end })
    return `${from}:${column}-${endLine}:${endColumn}`
  }
  assert.is(shown(0, 1), '1:1-1:1')
  assert.is(shown(1, 3), '1:1-1:3')
  assert.is(shown(5, 9), '2:1-2:5')
  assert.is(shown(12, 13), '4:1-4:2')
  assert.is(shown(13), '4:2-4:2')
  assert.equal(places.of('a', undefined), { line: 1, column: 1, endLine: 1, endColumn: 1 })
  assert.equal(places.of('other', { start: 3, end: 4 }), { line: 1, column: 1, endLine: 1, endColumn: 1 })
})

// --- the rest -------------------------------------------------------------------------------------------------------------

test('what is decoded encodes to the very bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = new TextEncoder().encode(text)
      const decoded = decode(bytes)
      if ('text' in decoded) assert.equal(new TextEncoder().encode(decoded.text), bytes)
      else assert.ok(text.includes('\0'), 'only what looks like UTF-16 is refused')
    }),
    { seed },
  )
  assert.equal(decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), { text: '\uFEFFa' })
  assert.equal(decode(new Uint8Array()), { text: '' })
})

function fault(...bytes: readonly number[]): string {
  const found = decode(Uint8Array.from(bytes))
  return 'text' in found ? found.text : `${found.reason}: ${found.message}`
}

test('bytes that are no UTF-8 are shown as a text with the place of the first', () => {
  const found = decode(Uint8Array.from([0xf0, 0x9f, 0x98, 0x80, 0x0a, 0xe9, 0x61]))
  const shown = 'reason' in found ? found.shown : undefined
  assert.equal(shown, { text: '😀\n\uFFFDa', range: { start: 3, end: 4 } })
})

test('bytes that are no UTF-8 are a fault that says where', () => {
  assert.match(fault(0x61, 0x0a, 0xe9, 0x61), /^utf-8: .* in line 2 \(byte 3\)$/)
  assert.match(fault(0xc3, 0xbc, 0xc3), /^utf-8: .* in line 1 \(byte 3\)$/)
  assert.match(fault(0xef, 0xbf, 0xbd, 0xff), /^utf-8: .* in line 1 \(byte 4\)$/, 'behind a genuine U+FFFD')
  assert.match(fault(0xed, 0xa0, 0x80), /^utf-8: /, 'half of a surrogate pair')
  assert.match(fault(0xff, 0xfe, 0x61, 0x00), /^utf-16: /)
  assert.match(fault(0xfe, 0xff, 0x00, 0x61), /^utf-16: /)
  assert.match(fault(0x61, 0x00, 0x62, 0x00), /^utf-16: /, 'without a mark')
  assert.match(fault(0x00, 0x61, 0x00, 0x62), /^utf-16: /)
})

test('what is too large is not decoded', () => {
  const found = decode(new Uint8Array(sizeLimit + 1))
  assert.is('reason' in found && found.reason, 'size')
  assert.ok('text' in decode(new Uint8Array(sizeLimit).fill(0x61)))
})

test('paths are written as people write them', () => {
  assert.is(formatPath(['spec', 'traffic', 0, 'percent']), 'spec.traffic[0].percent')
  assert.is(formatPath(['metadata', 'annotations', 'a.b/c']), 'metadata.annotations["a.b/c"]')
  assert.is(formatPath(['items', 12]), 'items[12]')
  assert.is(formatPath([]), '')
  assert.is(formatPath(['', '0', 'a"b', '_x-y']), '[""]["0"]["a\\"b"]._x-y')
})

test('the nearest word is found only if it is near', () => {
  assert.is(nearest('prmote', ['promote', 'preview']), 'promote')
  assert.is(nearest('PIN', ['pin', 'split']), 'pin')
  assert.is(nearest('zebra', ['promote', 'preview']), undefined)
  assert.is(nearest('pin', []), undefined)
})

test('lists are as long as they like', () => {
  const numbers = Array.from({ length: 300_000 }, (_, at) => at)
  const list: number[] = []
  append(list, numbers)
  assert.is(list.length, numbers.length)
  assert.is(highest(list), 299_999)
  assert.is(highest([]), -Infinity)
})

test.run()
