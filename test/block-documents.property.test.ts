// What is read without the parser is read as the parser reads it: the same nodes with the same ranges, the same values, and
// fields at the same places, or not at all.
import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Composer, type Document, isMap, isScalar, isSeq, Parser } from 'yaml'

import type { Path } from '../src/text/path.js'
import type { ScalarAt } from '../src/yaml/apart.js'
import { blockDocuments } from '../src/yaml/block-documents.js'
import { parseYaml } from '../src/yaml/parse.js'
import { Places } from '../src/yaml/places.js'
import { plainDocuments } from '../src/yaml/plain-documents.js'
import { keyText, readDocument } from '../src/yaml/read.js'
import { layouts } from './layouts.js'

const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/** All that the program looks at in a node. */
function nodeOf(node: unknown): unknown {
  if (isScalar(node)) return [node.value, node.source, node.type, node.range, node.anchor, node.tag]
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [nodeOf(key), nodeOf(value)])
    return ['map', node.flow, node.range, node.anchor, node.tag, pairs]
  }
  if (isSeq(node)) return ['list', node.flow, node.range, node.anchor, node.tag, node.items.map(nodeOf)]
  return node
}

const told = (documents: readonly Document.Parsed[]): unknown =>
  documents.map(({ contents, range, errors }) => [range, nodeOf(contents), errors.map(({ code }) => code)])

function parsed(text: string, offset: number): readonly Document.Parsed[] {
  const parser = new Parser()
  parser.offset = offset
  return [...new Composer(options).compose(parser.parse(text))]
}

/** Whether the text was read; then it has to be as the parser reads it. */
function isRead(text: string, offset = 0): boolean {
  const own = blockDocuments(text, offset)
  if (own) assert.equal(told(own), told(parsed(text, offset)), JSON.stringify(text))
  if (plainDocuments(text, offset)) isPlain(text)
  return own !== undefined
}

/** Whether the text is read without nodes; then it means what the parser's nodes mean, and there is nothing to say of it. */
function isPlain(text: string): boolean {
  const plain = plainDocuments(text)
  if (!plain) return false
  // For edits, nothing is read without the parser.
  const { documents: all, faults } = parseYaml({ path: 'a.yaml', text }, true)
  const read = all.map((document) => ({ document, ...readDocument(document.contents, text) }))
  assert.equal([faults, ...read.map((one) => one.faults)].flat(), [], JSON.stringify(text))
  const [own, theirs] = [plain, read].map((documents) =>
    documents.map(({ document, value }) => [
      value,
      document.range,
      nodeOf(document.contents),
      'places' in document ? document.places : Places.of(document, new Map()),
    ]),
  )
  assert.equal(own, theirs, JSON.stringify(text))
  for (const [index, { document }] of read.entries())
    for (const scalar of scalarsIn(document.contents))
      for (const offset of [scalar.start, scalar.end - 1])
        assert.equal(plain[index]?.document.scalarAt?.(offset), scalar, JSON.stringify(text))
  return true
}

/** The values that are no collections and take up room, and the paths to them. */
function* scalarsIn(node: unknown, path: Path = []): Iterable<ScalarAt> {
  const [start, end] = (isScalar(node) && node.range) || [0, 0]
  if (end > start) yield { start, end, path }
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* scalarsIn(item, [...path, index])
  if (isMap(node))
    for (const { key, value } of node.items) {
      const own = keyText(key, () => undefined)
      if (own !== undefined && own !== '<<') yield* scalarsIn(value, [...path, own])
    }
}

const test = suite('texts that are read without the parser')

// --- texts that are made up ------------------------------------------------------------------------------------------

const scalars =
  `a|1|-1|--flag|a b|a:b|a#b|"a: b"|'a # b'|{}|[]|""|é|😀|~|yes|.inf|1.0|0x1f|010|1e3|1_000|2024-01-01|"1"|a?b|$(A)|a\\b|18446744073709551616|<<|=`.split(
    '|',
  )
const keys = [
  'a',
  'b',
  'spec',
  'example.com/a-b',
  '"c"',
  "'d e'",
  '1',
  '1.50',
  'yes',
  'null',
  '"null"',
  '"<<"',
  '__proto__',
]
const gaps = ['', '', '', '', '\n', '  \n', '# c\n', '  # c\n', '      # c\n', '\n    # c\n\n', '# c\n\n  # d\n']
const ends = ['', '', '', ' ', ' # c', '  # c: d']

/** A value, with what stands behind it on its line and below it. */
type Value = {
  readonly own: string | readonly Value[] | readonly (readonly [string, Value])[]
  readonly end: string
  readonly gap: string
  readonly isFar: boolean
}

const looks = { end: fc.constantFrom(...ends), gap: fc.constantFrom(...gaps), isFar: fc.boolean() }
const scalar: fc.Arbitrary<Value> = fc.record({ own: fc.constantFrom(...scalars), ...looks })
const { pairs } = fc.letrec<{ value: Value; pairs: Value; list: Value }>((tie) => ({
  value: fc.oneof({ depthSize: 'medium' }, scalar, tie('pairs'), tie('list')),
  pairs: fc.record({
    own: fc.array(fc.tuple(fc.constantFrom(...keys), tie('value')), { minLength: 1, maxLength: 4 }),
    ...looks,
  }),
  // A list in a list is left to the parser.
  list: fc.record({ own: fc.array(fc.oneof(scalar, tie('pairs')), { minLength: 1, maxLength: 3 }), ...looks }),
}))

const isPairs = (own: Exclude<Value['own'], string>): own is readonly (readonly [string, Value])[] =>
  Array.isArray(own[0])

/** The lines of a mapping or a list whose members start in a column; the first one may have its blanks already. */
function linesOf({ own }: Value, column: number, isBehind = false): string {
  if (typeof own === 'string') return ''
  const blanks = ' '.repeat(column)
  const written = isPairs(own)
    ? own.map(([key, value]) => `${key}:${behind(value, column)}`)
    : own.map((value) =>
        typeof value.own !== 'string' && isPairs(value.own)
          ? `- ${linesOf(value, column + 2, true)}`
          : `-${behind(value, column)}`,
      )
  return written.map((line, at) => (at === 0 && isBehind ? line : `${blanks}${line}`)).join('')
}

function behind(value: Value, column: number): string {
  const { own, end, gap, isFar } = value
  if (typeof own === 'string') return ` ${own}${end}\n${gap}`
  const inner = isPairs(own) || isFar ? column + 2 : column
  return `${end}\n${gap}${linesOf(value, inner)}`
}

const documents = fc
  .array(fc.tuple(pairs, fc.constantFrom(...gaps)), { minLength: 1, maxLength: 3 })
  .map((all) => all.map(([root, gap]) => `${gap}${linesOf(root, 0)}`).join('---\n'))

test('made-up texts', () => {
  let [read, all] = [0, 0]
  fc.assert(
    fc.property(documents, fc.nat(9), (text, offset) => {
      all++
      if (isRead(text, offset)) read++
    }),
    { numRuns: 800 },
  )
  assert.ok(read > all / 4, `only ${read} of ${all} were read`)
})

// --- texts that are broken -------------------------------------------------------------------------------------------

const bits = [
  ' ',
  '  ',
  ':',
  ': ',
  ' #',
  '#',
  '- ',
  '-',
  '\n',
  '\n\n',
  '"',
  "'",
  '{}',
  '[',
  '&a ',
  '*a',
  '!',
  '|',
  '---\n',
  '? ',
  'é',
  '\u00a0',
  '\\',
  '\n      # c\n',
  '- - ',
  '<<: ',
  '\t',
  '\r\n',
  '...\n',
  '%',
]
const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  gone: fc.nat(3),
  put: fc.constantFrom('', ...bits),
})

function broken(
  text: string,
  cuts: readonly { readonly at: number; readonly gone: number; readonly put: string }[],
): string {
  return cuts.reduce((now, { at, gone, put }) => {
    const place = Math.floor(at * now.length)
    return now.slice(0, place) + put + now.slice(place + gone)
  }, text)
}

test('texts that somebody broke', () => {
  let [read, all] = [0, 0]
  const texts = fc.oneof(
    documents,
    layouts.map(({ text }) => text),
  )
  fc.assert(
    fc.property(texts, fc.array(cut, { minLength: 1, maxLength: 4 }), (text, cuts) => {
      all++
      if (isRead(broken(text, cuts))) read++
    }),
    { numRuns: 2000 },
  )
  assert.ok(read > all / 20, `only ${read} of ${all} were read`)
})

// --- texts that people wrote -----------------------------------------------------------------------------------------

test('what is read without nodes is more than the half of the made-up texts without a fault', () => {
  let [read, all] = [0, 0]
  fc.assert(
    fc.property(documents, (text) => {
      const { documents: found, faults } = parseYaml({ path: 'a.yaml', text })
      if ([faults, ...found.map(({ contents }) => readDocument(contents).faults)].flat().length > 0) return
      all++
      if (isPlain(text)) read++
    }),
    { numRuns: 800 },
  )
  assert.ok(read > all / 2, `only ${read} of ${all} were read`)
})

test('the fixtures', () => {
  const names = readdirSync('fixtures', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
  const texts = names.map((name) => readFileSync(`fixtures/${name}`, 'utf8'))
  for (const reads of [isRead, isPlain]) {
    const read = texts.filter((text) => reads(text))
    assert.ok(read.length > texts.length / 2, `only ${read.length} of ${texts.length} were read`)
  }
})

for (const [what, text] of Object.entries({
  'an anchor': 'a: &b 1\n',
  'a tag': 'a: !c 1\n',
  'a text of two lines': 'a: b\n  c\n',
  'a text of several lines': 'a: |\n  b\n',
  'a mapping in braces': 'a: {b: 1}\n',
  'an escape': 'a: "\\n"\n',
  'a tab': 'a:\tb\n',
  'a tab behind a value': 'a: b\t\n',
  'a tab before a comment': 'a: b\t# c\n',
  'a key of 1,100 letters': `${'a'.repeat(1100)}: b\n`,
  'a key of 1,100 letters in quotes': `"${'a'.repeat(1100)}": b\n`,
  'mappings in mappings, 101 deep': Array.from({ length: 101 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
  'a line end of Windows': 'a: b\r\n',
  'a second colon': 'a: b: c\n',
  'a comment without a blank': 'a: "b"#c\n',
  'an item in a mapping': 'a: 1\n- b\n',
  'a key that is further in': 'a: 1\n  b: 2\n',
  'a document without content': 'a: 1\n---\n---\nb: 2\n',
  'an end of a document': 'a: 1\n...\n',
}))
  test(`left to the parser: ${what}`, () => {
    assert.is(blockDocuments(text, 0), undefined)
  })

test.run()
