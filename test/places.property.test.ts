// Every diagnostic stands at the node that it is about: inside the value at its path, at the key of the field, or, where
// the field is missing, at what is nearest above it. And where a message names what it found, the text there is that.
import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml'

import { plan } from '../src/pipeline/plan.js'
import { rules } from '../src/rules/judge.js'
import type { Diagnostic } from '../src/text/diagnostic.js'
import type { Range } from '../src/text/source.js'
import { resolvePlain } from '../src/yaml/scalar.js'

const enabled = rules.filter(({ optional }) => optional).map(({ code }) => code)

// --- the law ------------------------------------------------------------------------------------------------------------

type Step = string | number

/** The steps of a path as `formatPath` writes it. */
function stepsOf(path: string): readonly Step[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, plain]) => {
    if (index !== undefined) return Number(index)
    return quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted))
  })
}

function spanOf(node: unknown): Range | undefined {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined
  return range ? { start: range[0], end: range[1] } : undefined
}

const inside = (inner: Range, outer: Range | undefined): boolean =>
  outer !== undefined && outer.start <= inner.start && inner.end <= outer.end

/** Everything that a path leads through, the outermost first: keys and values, behind aliases and merge keys too. */
function wayTo(document: Document, from: Node | null, steps: readonly Step[]): { way: unknown[]; isWhole: boolean } {
  const behind = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  const keyOf = (pair: Pair): string => {
    const key = behind(pair.key)
    if (!isScalar(key)) return ''
    const text = String(key.value)
    return key.type === 'PLAIN' ? String(resolvePlain(text)) : text
  }
  const memberOf = (node: unknown, name: string): Pair | undefined => {
    const map = behind(node)
    if (isSeq(map)) return map.items.map((item) => memberOf(item, name)).find((found) => found !== undefined)
    if (!isMap(map)) return undefined
    const own = map.items.findLast((pair) => keyOf(pair) === name)
    return (
      own ??
      map.items.toReversed().flatMap((pair) => (keyOf(pair) === '<<' ? (memberOf(pair.value, name) ?? []) : []))[0]
    )
  }
  const way: unknown[] = [from]
  let current: unknown = from
  for (const step of steps) {
    const node = behind(current)
    const pair = isSeq(node) ? undefined : memberOf(node, String(step))
    if (pair) way.push(pair.key, pair.value, behind(pair.value))
    else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) way.push(node.items[step])
    else return { way, isWhole: false }
    current = pair ? pair.value : way.at(-1)
  }
  return { way, isWhole: true }
}

/** The objects that a diagnostic can be about: a document, or the items of a List. */
function rootsOf({ contents }: Document): readonly (Node | null)[] {
  const items = isMap(contents) ? contents.get('items', true) : undefined
  return [contents, ...(isSeq(items) ? (items.items as Node[]) : [])]
}

function standsRight(documents: readonly Document.Parsed[], range: Range, path: string): boolean {
  return documents.some((document) =>
    rootsOf(document).some((root) => {
      const { way, isWhole } = wayTo(document, root, stepsOf(path))
      const firstKey = isMap(root) ? root.items[0]?.key : undefined
      const end = spanOf(way.at(-1))
      // An empty item is shown at the key of its list.
      const last = way.slice(end && end.end > end.start ? -3 : -4)
      if (last.some((node) => inside(range, spanOf(node)) && (isWhole || !isRoot(node, root)))) return true
      return way.length === 1 && inside(range, spanOf(firstKey))
    }),
  )
}

const isRoot = (node: unknown, root: unknown): boolean => node === root

/** What a message says that it found. */
function foundIn(message: string): string | undefined {
  const said =
    /(?:but is|must not be) (?:the string )?("(?:[^"\\]|\\.)*"|`[^`]*`|-?\d[\d.]*(?:e[+-]?\d+)?|true|false)(?=[:,;. ]|$)/
  const [, found] = said.exec(message) ?? []
  if (found === undefined) return undefined
  return found.startsWith('"') ? String(JSON.parse(found)) : found.replaceAll('`', '')
}

function shows(text: string, found: string): boolean {
  // An alias has its value elsewhere.
  if (text.startsWith('*')) return true
  const read = parseAllDocuments(text, { schema: 'failsafe', logLevel: 'silent' })
  const node = 'empty' in read ? null : read[0]?.contents
  const value = isScalar(node) ? String(node.value) : text
  const plain = resolvePlain(value)
  return text.includes(found) || value === found || (plain !== null && String(plain) === found)
}

/** What is wrong with the place of a diagnostic. */
function misplaced(text: string, documents: readonly Document.Parsed[], diagnostic: Diagnostic): string | undefined {
  const { code, range, path, message } = diagnostic
  const about = `${code} \`${path}\` at ${JSON.stringify(text.slice(range?.start, range?.end))}: ${message}`
  if (!range || range.start < 0 || range.end <= range.start || range.end > text.length) return `nowhere: ${about}`
  if (/^[ \r\n]/.test(text.slice(range.start))) return `before what it is about: ${about}`
  if (path !== undefined && !standsRight(documents, range, path)) return `elsewhere: ${about}`
  const found = foundIn(message)
  if (found === undefined || found === '' || shows(text.slice(range.start, range.end), found)) return undefined
  return `not what it says: ${about}`
}

function misplacedIn(name: string, text: string): { readonly checked: number; readonly wrong: readonly string[] } {
  const { diagnostics } = plan([{ path: name, text }], { enabled })
  // The law's own reader knows no lone carriage return.
  const lines = text.replaceAll(/\r(?!\n)/g, '\n')
  const parsed = parseAllDocuments(lines, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' })
  const documents = 'empty' in parsed ? [] : parsed
  return {
    checked: diagnostics.length,
    wrong: diagnostics.flatMap((diagnostic) => misplaced(text, documents, diagnostic) ?? []),
  }
}

// --- the project's own fixtures, and what becomes of them -------------------------------------------------------------------

const folder = new URL('../fixtures/', import.meta.url)
const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:yaml|yml|json)$/.test(name) && !name.startsWith('schemas'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

const test = suite('places')

test('the law sees a diagnostic that stands elsewhere', () => {
  const text = 'kind: Service\nspec:\n  traffic:\n    - percent: 5\n'
  const documents = parseAllDocuments(text, { schema: 'failsafe' }) as Document.Parsed[]
  const said = (path: string, part: string, message = 'it must be so'): string | undefined => {
    const start = text.indexOf(part)
    const range = { start, end: start + part.length }
    return misplaced(text, documents, { code: 'KN301', severity: 'error', message, file: 'a.yaml', path, range })
  }
  assert.is(said('spec.traffic[0].percent', '5', 'it must be 4, but is 5: x'), undefined)
  assert.is(said('spec.traffic[0].percent', 'percent'), undefined)
  assert.is(said('spec.traffic[0].tag', 'percent: 5'), undefined)
  assert.is(said('metadata.name', 'kind'), undefined)
  assert.match(said('spec.traffic[0].percent', 'traffic') ?? '', /^elsewhere/)
  assert.match(said('metadata.name', 'spec') ?? '', /^elsewhere/)
  assert.match(said('spec.traffic[0].tag', 'kind') ?? '', /^elsewhere/)
  assert.match(said('spec.traffic', '') ?? '', /^nowhere/)
  assert.match(said('spec.traffic', '  traffic') ?? '', /^before/)
  assert.match(said('spec.traffic[0].percent', '5', 'it must be 4, but is 6: x') ?? '', /^not what it says/)
})

test('every diagnostic of the fixtures stands right', () => {
  const all = fixtures.map(({ name, text }) => misplacedIn(name, text))
  assert.equal(
    all.flatMap(({ wrong }) => wrong),
    [],
  )
  assert.ok(all.reduce((sum, { checked }) => sum + checked, 0) > 200)
})

/** Every node and every pair of a text, as the places where it can be broken. */
function spots(text: string): readonly Range[] {
  const found: Range[] = []
  for (const document of parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false }) as Document.Parsed[]) {
    visit(document, (_, node) => {
      const start = isPair(node) ? spanOf(node.key)?.start : spanOf(node)?.start
      const end = isPair(node) ? (spanOf(node.value) ?? spanOf(node.key))?.end : spanOf(node)?.end
      if (start !== undefined && end !== undefined && end > start) found.push({ start, end })
    })
  }
  return found
}

const good = fixtures
  .filter(({ name }) => /^(?:rules|journey)/.test(name))
  .map(({ text }) => text.slice(text.lastIndexOf('\n---\n') + 1))
  .map((text) => ({ text, spots: spots(text) }))
  .filter((one) => one.spots.length > 0)

const odd = [
  'x',
  'X Y',
  '""',
  "''",
  '~',
  '-1',
  '0',
  '101',
  '1e3',
  '0x1F',
  '9223372036854775808',
  'on',
  'No',
  '"true"',
  '1.5',
]
odd.push(
  '[]',
  '{}',
  '[~]',
  '[{}]',
  '{name: a}',
  '{percent: 5}',
  '[a, a]',
  '*gone',
  '&a b',
  '!!int x',
  '',
  'a: b',
  '"a\\nb"',
  '"x',
  "'x",
  '[1',
  '{a: 1',
  'x\n# c\n   y: 1',
)

test('so does every diagnostic of a manifest with one part broken', () => {
  let checked = 0
  const broken = fc
    .constantFrom(...good)
    .chain(({ text, spots: places }) =>
      fc.tuple(
        fc.constant(text),
        fc.constantFrom(...places),
        fc.constantFrom(...odd),
        fc.constantFrom('\n', '\r\n', '\r'),
      ),
    )
  fc.assert(
    fc.property(broken, ([text, { start, end }, value, lineEnd]) => {
      const last = text.slice(start, end).endsWith('\n') ? '\n' : ''
      const changed = text.slice(0, start) + value + last + text.slice(end)
      const found = misplacedIn('broken.yaml', changed.replaceAll(/\r?\n/g, lineEnd))
      checked += found.checked
      assert.equal(found.wrong, [])
    }),
    { numRuns: 1000, seed: 20_261_122 },
  )
  assert.ok(checked > 1000, `${checked} diagnostics`)
})

test.run()
