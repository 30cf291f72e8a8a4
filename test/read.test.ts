import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { locate } from '../src/manifest/manifest.js'
import { plan } from '../src/pipeline/plan.js'
import { yamlFaults } from '../src/yaml/faults.js'
import type { Json } from '../src/yaml/json.js'
import { parseYaml } from '../src/yaml/parse.js'
import { readDocument } from '../src/yaml/read.js'

// What kubectl 1.32 makes of a text; each row was tried with `kubectl label --local`.

function read(text: string): { readonly values: readonly Json[]; readonly codes: readonly string[] } {
  const { documents, faults } = parseYaml({ path: 'shop.yaml', text })
  const readings = documents.map(({ contents }) => readDocument(contents))
  const all = [...faults, ...readings.flatMap((reading) => reading.faults)]
  return {
    values: readings.map(({ value }) => value),
    codes: all.map(({ code }) => code).filter((code) => yamlFaults[code].severity === 'error'),
  }
}

const accepted: readonly (readonly [what: string, text: string, value: Json])[] = [
  ['the last of equal keys', 'a: 1\na: 2\n', { a: 2 }],
  ['an infinite number that is overwritten', 'a: .inf\na: 2\n', { a: 2 }],
  ['keys as text', '1: a\non: b\n2.5: c\n.inf: d\n', { '1': 'a', true: 'b', '2.5': 'c', '.inf': 'd' }],
  ['an alias', 'a: &x {b: 1}\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
  ['a merge under what follows', 'a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n', { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } }],
  ['a merge over what stands before', 'a: {b: 0, <<: {b: 1}}\n', { a: { b: 1 } }],
  ['the first of several merged mappings', 'a: {<<: [{b: 1}, {b: 2}]}\n', { a: { b: 1 } }],
  ['a quoted << as a key', 'a: {"<<": 1}\n', { a: { '<<': 1 } }],
  ['a local tag as text', 'a: !x 1\nb: ! 12\n', { a: '1', b: '12' }],
  ['lone carriage returns as line ends', 'a: 1\rb:\r  - c\r', { a: 1, b: ['c'] }],
  ['CRLF', 'a: 1\r\nb: |\r\n  c\r\n', { a: 1, b: 'c\n' }],
  ['a byte order mark', '\uFEFFa: 1\n', { a: 1 }],
  ['a comment without a space before it', 'a: "b"#c\nd: |#e\n  f\n', { a: 'b', d: 'f\n' }],
  ['tabs after a value and after a colon', 'a:\tb\t\nc: d\t# e\n', { a: 'b', c: 'd' }],
  ['tabs and little indentation in brackets', 'a:\n  b: [\n{\n\tc: 1\n}\n  ]\n', { a: { b: [{ c: 1 }] } }],
  ['quotes over lines of no indentation', 'a:\n  b: "c\nd"\n', { a: { b: 'c d' } }],
  ['a no-break space as a character', 'a: b\u00A0\n', { a: 'b\u00A0' }],
  ['nothing behind `...`', 'a: 1\n...\nb: [\n', { a: 1 }],
  ['JSON', '{"a": [1, 2.0, "x"]}\n', { a: [1, 2, 'x'] }],
  ['the escapes of JSON in JSON', '{"a": "b\\/\\ud83d\\ude00"}\n', { a: 'b/\u{1F600}' }],
  ['a backslash before a slash', 'a: "b\\\\/"\n', { a: 'b\\/' }],
  ['flow style behind a separator', '---\n{a: 1,}\n', { a: 1 }],
  ['flow style at once, as kubectl does since it tries JSON first', '{a: 1,}\n', { a: 1 }],
  ['a merge key by its tag', 'a: {!!merge "<<": {b: 1}, ? c : 2}\n', { a: { b: 1, c: 2 } }],
  ['a block scalar that ends the file as a whole line', 'a: |\n  b', { a: 'b\n' }],
  [
    'colons inside brackets that no value begins with',
    'a: [b:c, d :e, "f":g, h: i]\n',
    { a: ['b:c', 'd :e', { f: 'g' }, { h: 'i' }] },
  ],
  ['a dash and a colon at the end as text', 'a: [-, b:, {c: -, d: e:}]\n', { a: ['-', 'b:', { c: '-', d: 'e:' }] }],
  ['what stands in for them where it stands itself', 'a: [b:, "\uE03A"]\n', { a: [{ b: null }, '\uE03A'] }],
  ['a key over two lines behind a question mark', 'a: {? b\n  c : d, e\n  f}\n', { a: { 'b c': 'd', 'e f': null } }],
  ['a blank of Unicode in a line of dashes that separates', '\n---\u00A0# b\na: 1\n', { a: 1 }],
  ['quotes over lines that are indented too little', 'a:\n  b: "c\n  d\n\n  \\\n  e"\n', { a: { b: 'c d\ne' } }],
  ['the same with single quotes and CRLF', "a:\r\n  b: 'c\r\nd'\r\n", { a: { b: 'c d' } }],
  ['words over lines in brackets', 'a:\n  b: [c\n\nd, {e: f\n  g}]\n', { a: { b: ['c\nd', { e: 'f g' }] } }],
  ['such words with CRLF', 'a: {\r\nb: 1\r\n\r\n0},  # c\r\n'.replace(',', ''), { a: { b: '1\n0' } }],
  ['an escaped quote at the end of a line', 'a:\n  b: "c\\"\n  d"\n', { a: { b: 'c" d' } }],
  ['a block scalar where its key stands', 'a:\n  b: # c\n\n  |\n    d\n  e:\n  - f\n', { a: { b: 'd\n', e: ['f'] } }],
  ['a block scalar with a tag and where its dash stands', '-\n>-\n  a\n- !!str\n|\n b\n', ['a', 'b\n']],
  ['a tab before JSON', '\t{"a": 1}\n', { a: 1 }],
  ['__proto__ as any other key', '__proto__: {a: 1}\n', JSON.parse('{"__proto__": {"a": 1}}') as Json],
]

for (const [what, text, value] of accepted)
  test(`reads ${what}`, () => assert.equal(read(text), { values: [value], codes: [] }))

const refused: readonly (readonly [what: string, text: string, code: string])[] = [
  ['a tab where a key could begin', 'a:\n\tb: 1\n', 'KN101'],
  ['a tab behind a dash', 'a:\n  -\tb\n', 'KN101'],
  ['a line with nothing but a tab', 'a:\n  b: c\n\t\n  d: e\n', 'KN101'],
  ['a question mark in a list in brackets', 'a: [b?c]\n', 'KN101'],
  ['a control character', 'a: b\0c\n', 'KN101'],
  ['a document marker in brackets', 'a: [b,\n---\nc]\n', 'KN101'],
  ['what is no JSON behind two JSON objects', '{"a": 1}{"b": 2}\n---\nc: 3\n', 'KN101'],
  ['a colon at the beginning of a value in brackets', 'a: [b, :8080]\n', 'KN101'],
  ['a colon behind the colon in braces', 'a: {b: :c}\n', 'KN101'],
  ['a brace close behind a colon', 'a: {b:{c: d}}\n', 'KN101'],
  ['a key over two lines in braces', 'a: {b\n  c: d}\n', 'KN101'],
  ['a colon on the next line in braces', 'a: {"b"\n  : d}\n', 'KN101'],
  ['a key of more than 1024 characters in braces', `a: {\n  ${'b'.repeat(1025)}: c}\n`, 'KN101'],
  ['an escape that only JSON has', 'a: "b\\\\\\/"\n', 'KN101'],
  ['half of a pair of surrogates', 'a: "\\ud83d\\ude00"\n', 'KN101'],
  ['a list as a key', '? [a]\n: b\n', 'KN106'],
  ['null as a key', '~: b\n', 'KN106'],
  ['an alias without an anchor', 'a: *x\n', 'KN107'],
  ['an alias in its own anchor', 'a: &x [*x]\n', 'KN107'],
  ['an anchor of odd characters', 'a: &x.y 1\n', 'KN107'],
  ['a merge of null', 'a: {<<: null}\n', 'KN107'],
  ['a merge of an alias to a list', 'a: &x [{b: 1}]\nc: {<<: *x}\n', 'KN107'],
  ['an infinite number', 'a: .inf\n', 'KN108'],
  ['a text that does not fit its tag', 'a: !!int b\n', 'KN108'],
  ['a key that does not fit its tag', '!!int a: b\n', 'KN108'],
  ['a quote that is escaped at the end', 'a: "b\\"\nc: "d"\n', 'KN101'],
  ['a key in quotes over two lines', 'a:\n  "b\nc": d\n', 'KN101'],
  ['a colon that stands deeper than its question mark', 'a:\n  ? b\n    : c\n', 'KN101'],
  ['a list over two lines as a key', 'a:\n  [b,\nc]: d\n', 'KN101'],
  ['a block scalar before its key', 'a:\n  b:\n|\n    c\n', 'KN101'],
  ['a comment close behind the dashes of the first line', '---#b\na: 1\n', 'KN109'],
  ['a comment close behind the second of two lines of dashes', 'a: 1\n---\n---#b\nc: 2\n', 'KN109'],
  ['a blank of Unicode in the first line', '---\u00A0\na: 1\n', 'KN109'],
  ['a directive', '%YAML 1.1\n---\na: 1\n', 'KN109'],
  ['a value behind the dashes', '--- a\n', 'KN109'],
  ['a word close behind the dashes', 'a: 1\n---b: 2\n', 'KN109'],
  ['four dashes', 'a: 1\n----\nb: 2\n', 'KN109'],
  ['dashes at the beginning of a line in quotes', 'a: "b\n---- c"\n', 'KN109'],
  ['a document of nothing but dots', 'a: 1\n---\n...\n', 'KN109'],
]

for (const [what, text, code] of refused)
  test(`refuses ${what}`, () => assert.ok(read(text).codes.includes(code), text))

const shown: readonly (readonly [what: string, text: string, line: number, part: string, code?: string])[] = [
  ['a quote that is never closed, where it opens', 'a:\n  b: "x\n  c: {}\n', 2, '"'],
  ['a key in such a quote', "a: 1\n'b: 2\n", 2, "'"],
  ['such a quote before another document', 'a: "x\n---\nb: 1\n', 1, '"'],
  ['a bracket that is never closed, at the last character', 'a: [1\n\n', 1, '1'],
  ['a wrong indentation, at what is indented', 'a:\n    b: 1\n  # c\n\n   d: 1\n', 5, 'd'],
  ['the same with carriage returns alone', 'a:\r    b: 1\r  # c\r\r   d: 1\r', 5, 'd'],
  ['a tab, which is to blame itself', 'a:\n\tb: 1\n', 2, '\t'],
  ['a key that is not there, at its colon', 'a:\n  b: 1\n\n  # c\n  :\n    d: 1\n', 5, ':', 'KN106'],
  ['such a key behind a question mark', 'a:\n  ? # c\n  : 1\n', 3, ':', 'KN106'],
  ['a question mark and nothing else, at that', 'a:\n  ?\n', 2, '?', 'KN106'],
]

for (const [what, text, line, part, code = 'KN101'] of shown)
  test(`shows ${what}`, () => {
    const whole = `apiVersion: serving.knative.dev/v1\n${text}`
    const [fault] = findManifests({ path: 'x', text: whole }).faults
    assert.is(fault?.code, code)
    assert.is(whole.slice(fault?.range.start, fault?.range.end), part)
    assert.is(whole.slice(0, fault?.range.start).split(/\r\n?|\n/).length, line + 1)
  })

const helpOf = (text: string): string | undefined =>
  findManifests({ path: 'x', text: `apiVersion: serving.knative.dev/v1\n${text}` }).faults[0]?.help

test('a tab is told from other faults by what to do about it', () => {
  assert.is(helpOf('a:\n\tb: 1\n'), 'use spaces in place of the tab')
  assert.is(helpOf('a:\n  b: c\n\n\t# d\n'), 'use spaces in place of the tab')
  assert.is(helpOf('a: [1\n'), undefined)
})

test('reads JSON objects one behind the other as documents', () => {
  const text = ' {"a": "}{"}{"b": [{}]}\n{\n"c": 3\n}\n'
  assert.equal(read(text), { values: [{ a: '}{' }, { b: [{}] }, { c: 3 }], codes: [] })
  const { documents } = parseYaml({ path: 'shop.json', text })
  assert.equal(
    documents.map(({ range: [start, end] }) => text.slice(start, end)),
    ['{"a": "}{"}', '{"b": [{}]}', '{\n"c": 3\n}'],
  )
})

test('warns where only older kubectl stumble', () => {
  for (const text of ['{a: 1}\n', '{"a": 1}\n---\n{"b": 2}\n', '{"a": 1} # b\n'])
    assert.equal(
      parseYaml({ path: 'x', text }).faults.map(({ code }) => code),
      ['KN113'],
    )
  for (const text of ['---\n{a: 1}\n', '\uFEFF{"a": 1}\n', '{"a": 1}{"b": 2}\n', '[a]\n'])
    assert.equal(parseYaml({ path: 'x', text }).faults, [])
})

test('aliases do not multiply the work', () => {
  const levels = Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`)
  assert.ok(read(`a0: &a0 [x]\n${levels.join('\n')}\n`).codes.includes('KN107'))
})

const service = (name: string, more = ''): string =>
  `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: ${name}\n${more}`

test('finds Services by group, in documents and in lists', () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${service('b').trimEnd().replaceAll('\n', '\n  ')}\n`
  const text = `${service('a')}---\n${list}---\napiVersion: v1\nkind: Service\nmetadata: {name: c}\n`
  const { manifests, faults } = findManifests({ path: 'shop.yaml', text })
  assert.equal(
    manifests.map(({ name, root }) => [name, root]),
    [
      ['a', []],
      ['b', ['items', 0]],
    ],
  )
  assert.is(faults.length, 0)
})

function codes(text: string): readonly string[] {
  return findManifests({ path: 'x', text }).faults.map(({ code }) => code)
}

test('a document beside a Service has to be an object; an empty one does not count', () => {
  assert.equal(codes(`${service('a')}---\n# nothing\n---\n~\n`), [])
  assert.equal(codes(`${service('a')}---\na: b\n`), ['KN111'])
  assert.equal(codes(`${service('a')}---\n? <<\n: {apiVersion: v1, kind: ConfigMap}\n`), [])
})

const strays: readonly (readonly [text: string, reason: string, said: string])[] = [
  ['apiVersion: v1\nkind:\n', 'it has no `kind`', "Object 'Kind' is missing"],
  ['apiVersion: v1\nkind: [Pod]\n', 'its `kind` is not a string', "Object 'Kind' is missing"],
  ['kind: Pod\n', 'it has no `apiVersion`', "Object 'apiVersion' is missing"],
  ['apiVersion: 1\nkind: Pod\n', 'its `apiVersion` is not a string', 'cannot unmarshal number into Go struct field'],
  ['apiVersion: on\nkind: Pod\n', 'its `apiVersion` is not a string', 'cannot unmarshal bool into Go struct field'],
  ['- a\n', 'it is a list', 'cannot unmarshal array into Go value'],
  ['text\n', 'it is a string', 'cannot unmarshal string into Go value'],
]

test('says in the words of kubectl what a document beside a Service lacks', () => {
  for (const [text, reason, said] of strays) {
    const [fault] = findManifests({ path: 'x', text: `${service('a')}---\n${text}` }).faults
    assert.is(fault?.message, `document next to a Service is not a Kubernetes object: ${reason}`)
    assert.equal(fault?.says, { by: 'kubectl', text: said })
  }
})

test('what cannot be read beside a Service stops kubectl there', () => {
  assert.equal(codes(`apiVersion: v1\nkind: Pod\n~: a\n---\n${service('a')}`), ['KN106'])
  assert.equal(codes('apiVersion: v1\nkind: Pod\n~: a\n'), [])
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${service('b').trimEnd().replaceAll('\n', '\n  ')}\n`
  assert.equal(codes(`${list}- a: .inf\n`), ['KN108'])
})

test('very many faults, and very many lines with nothing but dots, cost no more than their number', () => {
  const many = 130_000
  const faulty = `${service('a')}${':\n'.repeat(many)}`
  const said = plan([{ path: 'x', text: faulty }], {}).diagnostics.filter(({ code }) => code === 'KN106')
  assert.is(said.length, many)
  const dotted = `${service('a')}${'...\n'.repeat(many)}`
  const start = performance.now()
  assert.equal(codes(dotted), [])
  assert.ok(performance.now() - start < 20_000)
})

test('what cannot be read and may be a Service is not passed over', () => {
  const text = service('a').replace('kind: Service', 'kind: *service')
  assert.equal(codes(text), ['KN107'])
})

test('an anchor ends with its document: the next one cannot say by an alias what it is', () => {
  const [first, second] = [service('a'), service('b')]
  const text = `${first.replace(': serving', ': &api serving')}---\n${second.replace(/serving.*/, '*api')}`
  const { manifests, faults } = findManifests({ path: 'x', text })
  assert.equal([manifests.map(({ name }) => name), faults.map(({ code }) => code)], [['a'], ['KN107']])
  assert.is(text.slice(faults[0]?.range.start, faults[0]?.range.end), '*api')
  assert.equal(codes('kind: Service\napiVersion: *api\n'), ['KN107'])
  assert.equal(codes('x: &api v1\napiVersion: *api\nkind: ConfigMap\n'), [])
})

test('finds the text of a value, also behind aliases and merges, and the key of a parent for a missing one', () => {
  const text = service('a', 'spec:\n  base: &b {tag: x, percent: 5}\n  traffic:\n  - <<: *b\n    percent: 10\n')
  const [manifest] = findManifests({ path: 'x', text }).manifests
  assert.ok(manifest)
  const at = (...path: (string | number)[]): string => {
    const { start, end } = locate(manifest, path)
    return text.slice(start, end)
  }
  assert.is(at('spec', 'traffic', 0, 'percent'), '10')
  assert.is(at('spec', 'traffic', 0, 'tag'), 'x')
  assert.is(at('spec', 'template', 'spec'), 'spec')
})

const itemOf = (name: string, more: string): string =>
  `  - apiVersion: serving.knative.dev/v1\n    kind: Service\n    metadata: {name: ${name}${more}}\n`

test('a fault in a List belongs to the Service that it stands in', () => {
  const text = `apiVersion: v1\nkind: List\nmetadata: {a: 1, a: 2}\nitems:\n${itemOf('shop', '')}${itemOf('cart', ', name: cart')}`
  const { manifests } = findManifests({ path: 'all.yaml', text })
  const faults = manifests.map(({ name, faults: own }) => `${name}: ${own.map(({ code }) => code).join(' ')}`)
  assert.equal(faults, ['shop: ', 'cart: KN105'])
})

test.run()
