import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { ownNamePath } from '../src/manifest/names.js'
import { readStored } from '../src/manifest/past.js'
import { type ReadService, readingOf, rememberReading } from '../src/manifest/version-reading.js'
import type { FileHistory, FileVersion } from '../src/text/words.js'
import { isHarmless } from '../src/yaml/faults.js'
import { member } from '../src/yaml/json.js'

const service = (name: string): string => `# Owner: team a
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  labels: {app: ${name}, tier: web}
spec:
  template:
    metadata:
      annotations:
        note: "a: b" # as it is
        long: |
          value: 1
    spec:
      containers:
        - image: example.com/${name}:1.0
          args: [a, 'b', "c"]
  traffic:
    # Für alle: 100 → später weniger
    - revisionName: ${name}-00001
      percent: 100
`

const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  key: value
  other: 5
`

const list = `apiVersion: v1
kind: List
items:
  - apiVersion: serving.knative.dev/v1
    kind: Service
    metadata: {name: in-list}
    spec: {template: {spec: {containers: [{image: "a/b:1"}]}}}
  - apiVersion: v1
    kind: ConfigMap
    data:
      key: value
`

/** What may come in the place of a word: values of all kinds, and what YAML reads in another way. */
const words = [
  'b',
  '1.0',
  '0x1F',
  '1e3',
  'on',
  'null',
  '~',
  '.inf',
  '.nan',
  '1:30',
  'a:b',
  'a:',
  'a#b',
  '#b',
  '-',
  '- a',
  'a b',
  '"a b"',
  "'a'",
  '"a\\nb"',
  '"',
  "'",
  '[a]',
  '{a: b}',
  '{{ x }}',
  '*a',
  '&a b',
  '!!str 1',
  '|',
  '>',
  '%',
  '',
  'a\n  b',
  'v1',
  'Service',
  'List',
  'shop',
  'serving.knative.dev/v1',
  '---',
  '...',
  '\n---\n',
  '\t',
  '\r',
  '{',
  '1_000',
  '017',
]

type Step = { readonly at: number; readonly word: string; readonly isLine: boolean }

/** Puts a word in the place of one, or of a line. */
function edited(text: string, { at, word, isLine }: Step): string {
  const places = [...text.matchAll(isLine ? /^.*$/gm : /[^\s,:[\]{}"'#]+/g)]
  const place = places[at % Math.max(1, places.length)]
  if (!place) return text
  return text.slice(0, place.index) + word + text.slice(place.index + place[0].length)
}

const names = ['shop', 'cart', 'in-list', 'b', 'v1', 'a', 'a b', 'Service', 'List', '1.0', '017', 'on']

type Shown = { readonly name: string; readonly value: unknown; readonly isSound: boolean }

const shown = (own: readonly Shown[]): readonly Shown[] =>
  own.map(({ name, value, isSound }) => ({ name, value, isSound }))

/** Where somebody looks at Services alone. */
const looks: readonly (readonly (readonly string[])[])[] = [
  [['spec', 'traffic'], ownNamePath],
  [['metadata', 'annotations']],
  [['metadata', 'labels', 'tier']],
  [['spec', 'template', 'spec']],
]

const seen = (own: readonly ReadService[], paths: readonly (readonly string[])[]): unknown =>
  own.map(({ name, isSound, value }) => [name, isSound, ...paths.map((path) => member(value, ...path))])

/** How often a Service stood for that of another version. */
let shared = 0

function hold(history: FileHistory, text: string, id: string): void {
  const bytes = (): Buffer => Buffer.from(text)
  const reading = readingOf(history, { commit: id, time: 0, path: 'a.yaml', id, text, bytes })
  const { manifests, faults } = findManifests({ path: 'a.yaml', text })
  for (const name of new Set([...names, ...manifests.map((one) => one.name)])) {
    const own = manifests
      .filter((one) => one.name === name && one.namespace === undefined)
      .map(({ value, faults: found }) => ({ name, value, isSound: found.every(isHarmless) }))
    const named = { name, namespace: undefined }
    const read = reading?.servicesOf(named) ?? []
    assert.equal(shown(read), shown(own), text)
    for (const paths of looks) {
      const alike = reading?.servicesAlike?.(named, paths)
      if (alike) assert.equal(seen(alike, paths), seen(read, paths), text)
      if (alike?.[0] && alike[0].value !== read[0]?.value) shared++
    }
    for (const { documentIn } of read) {
      const document = documentIn(() => text)
      assert.ok(text.includes(document) && document.includes('serving.knative'), text)
      assert.ok(
        findManifests({ path: 'a.yaml', text: document }).manifests.some((one) => one.name === name),
        text,
      )
    }
  }
  assert.is(reading?.isSound, faults.every(isHarmless), text)
}

test('a version is read by what it shares with the one before as it is read by itself', () => {
  const parts = fc.array(fc.constantFrom(service('shop'), service('cart'), configMap, list), {
    minLength: 1,
    maxLength: 3,
  })
  const steps = fc.array(
    fc.record({
      at: fc.nat(80),
      word: fc.constantFrom(...words),
      isLine: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(
      parts,
      fc.boolean(),
      steps,
      fc.boolean(),
      fc.boolean(),
      (documents, isMarked, edits, isKept, isOnePlace) => {
        const history: FileHistory = { versions: [], isCut: false }
        const first = (isMarked ? '---\n' : '') + documents.join('---\n')
        let text = first
        hold(history, text, '0')
        for (const [index, edit] of edits.entries()) {
          text = edited(isKept ? text : first, isOnePlace ? { ...edit, at: edits[0]?.at ?? 0 } : edit)
          hold(history, text, `${index + 1}`)
        }
      },
    ),
    { includeErrorInReport: true, numRuns: Number(process.env['RUNS'] ?? 400) },
  )
  assert.ok(shared > 0, 'no Service stood for another')
})

test('a large text that was read is held once, and its bytes are those of its version', () => {
  const padding = `---\napiVersion: v1\nkind: ConfigMap\ndata:\n  größe: "${'ä'.repeat(600_000)}"\n`
  const text = `${service('shop')}${padding}---\n${service('cart')}`
  const older = text.replace('cart:1.0', 'cart:0.9')
  const file = { path: 'a.yaml', text }
  const history: FileHistory = { versions: [], isCut: false }
  rememberReading(history, text, findManifests(file))
  const held: string[] = []
  for (const [id, one] of [text, older, text].entries()) {
    const holdAs = (own: string): unknown => held.push(own)
    const version = {
      commit: '',
      id: `${id}`,
      time: 0,
      path: 'a.yaml',
      text: one,
      bytes: () => Buffer.from(one),
      holdAs,
    }
    const own = findManifests({ path: 'a.yaml', text: one }).manifests.find((manifest) => manifest.name === 'cart')
    const found = readStored(history, version, { name: 'cart', namespace: undefined })
    if (typeof found === 'string') throw new Error(found)
    assert.equal(found.value, own?.value)
    assert.match(found.text, one === older ? 'cart:0.9' : 'cart:1.0')
    if (one === older) assert.ok(readingOf(history, version)?.servicesAlike, 'it was compared byte by byte')
  }
  assert.equal(held, [text])
})

test('of a version that was read, no text is asked for again, however many Services it has', () => {
  const own = Array.from({ length: 10 }, (_, at) => `app-${at}`)
  const first = own.map(service).join('---\n')
  const bumped = first.replaceAll(':1.0', ':1.1')
  const remade = first.replaceAll('spec:\n', 'spec:\n  # made anew\n')
  for (const lineEnd of ['\n', '\r\n']) {
    let asked = 0
    const versions = [first, bumped, remade].map((one, at): FileVersion => {
      const text = one.replaceAll('\n', lineEnd)
      const stored = { commit: `${at}`, id: `${at}`, time: 0, path: 'a.yaml', bytes: () => Buffer.from(text) }
      return Object.defineProperty({ ...stored, text }, 'text', {
        get() {
          asked++
          return text
        },
      })
    })
    const history: FileHistory = { versions, isCut: false }
    for (const name of own) {
      for (const version of versions) {
        const found = readStored(history, version, { name, namespace: undefined })
        if (typeof found === 'string') throw new Error(found)
        assert.match(found.text, `name: ${name}`)
      }
    }
    assert.ok(asked <= 2 * versions.length, `${asked}`)
  }
})

test.run()
