// A large file is read one document after the other. It holds what it holds when it is read as a whole, each field at its
// place.
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { type FileReading, findManifests } from '../src/manifest/find.js'
import { locate, type Manifest } from '../src/manifest/manifest.js'
import { Mentions } from '../src/text/mentions.js'
import type { Path } from '../src/text/path.js'
import { documentRanges } from '../src/yaml/apart.js'
import { isList, isObject, type Json } from '../src/yaml/json.js'

const folder = new URL('../fixtures/', import.meta.url)
const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .filter((text) => text.includes('serving.knative.dev'))

const padding = `# ${'x'.repeat(600_000)}\n---\n`

const service = (name: string, more = ''): string =>
  `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: ${name} # ü\nspec:\n  traffic:\n    - percent: 100\n${more}`
const textOf = (parts: readonly string[]): string => padding + parts.join('---\n')

/** Each field, what is not there, and what is below it. */
function* pathsIn(value: Json, path: Path = []): Iterable<Path> {
  yield path
  yield [...path, 'missing']
  yield [...path, 'missing', 0]
  if (isList(value)) for (const [index, item] of value.entries()) yield* pathsIn(item, [...path, index])
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* pathsIn(item, [...path, key])
}

function placesOf(manifest: Manifest): readonly unknown[] {
  return [...pathsIn(manifest.value)].flatMap((path) => [
    [path, locate(manifest, path, 'key'), locate(manifest, path, 'value')],
  ])
}

function shown({ manifests, faults, others, asides, documents }: FileReading): unknown {
  const [own, beside] = [manifests, others].map((all) =>
    all.map((one) => [one.label, one.value, one.root, one.faults, one.document.range, placesOf(one)]),
  )
  return { own, beside, faults, asides, ranges: documents.map(({ range }) => range) }
}

function sameBothWays(text: string): boolean {
  const file = { path: 'all.yaml', text: padding + text }
  const [apart, whole] = [findManifests(file), findManifests(file, true)]
  assert.equal(shown(apart), shown(whole), text.slice(0, 2000))
  return documentRanges(file) !== undefined && apart.manifests.some(({ document }) => document.places !== undefined)
}

test('each fixture, behind a long comment', () => {
  const apart = texts.filter(sameBothWays)
  assert.ok(apart.length > texts.length / 2, `${apart.length} of ${texts.length} are read apart`)
})

test('many of them in one file', () => {
  for (let first = 0; first < texts.length; first += 40) {
    const some = texts
      .slice(first, first + 40)
      .filter((text) => !/^%|\r|^\uFEFF|^\.\.\.|^---(?!\n)|\{\{|^[{[]/m.test(text))
    sameBothWays(some.map((text) => text.replace(/\n*$/, '\n')).join('---\n'))
  }
})

test('documents beside a Service, anchors, keys of all kinds, and a document with a fault', () => {
  const first = texts.find((text) => /^spec:/m.test(text)) ?? ''
  for (const other of [
    'a: 1\n',
    '- 1\n',
    '',
    '# nothing\n',
    'kind: ConfigMap\napiVersion: v1\ndata: &data {a: b}\nmore: *data\n',
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: b, labels: &l {a: b}}\nspec: {template: {metadata: {labels: {<<: *l}}}}\n',
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: b}\n1: a\n"2": b\n? c\nnull: d\nspec:\n',
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: b}\nspec: {template: *nowhere}\n',
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n\tname: b\n',
    'apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: b}}\n  - null\n',
    'apiVersion: serving.knative.dev/v1alpha1\nkind: Service\nmetadata: {name: b}\n',
    'apiVersion: serving.knative.dev/v1\nkind: Route\nmetadata: {name: b}\nspec: {traffic: []}\n',
    'url: http://a/?b=c\n',
  ])
    for (const text of [`${first}---\n${other}`, `${other}---\n${first}`, `---\n${other}---\n---\n${first}---\n`])
      sameBothWays(text)
})

test('another version of a large file is read as if it were the first, and holds once what both have', () => {
  const old = [...['a', 'b', 'c', 'd', 'b'].map((name) => service(name)), service('odd', '      tag: &t t\n')]
  const versions = [
    old,
    old.with(0, service('a', '      tag: t\n')),
    old.toReversed(),
    [...old, service('e'), ...old],
    old.slice(1).toSpliced(2, 1),
    [service('z', '# behind\n'), ...old],
  ]
  for (const [index, before] of versions.entries())
    for (const parts of versions) {
      const [path, text] = [`${index}.yaml`, textOf(parts)]
      const first = findManifests({ path, text: textOf(before) })
      const read = findManifests({ path, text })
      const values = new Set(first.manifests.map(({ value }) => value))
      assert.equal(shown(read), shown(findManifests({ path: `${Math.random()}.yaml`, text })))
      assert.ok(read.manifests.filter(({ value }) => values.has(value)).length >= 2)
      assert.is(new Set(read.manifests.map(({ value }) => value)).size, read.manifests.length)
    }
})

test('many names are looked for in a text as few are, by whole words', () => {
  const names = Array.from({ length: 100 }, (_, index) => `shop-v${index}`)
  const text = names.map((name, index) => (index % 3 === 0 ? `- revisionName: "${name}"\n` : '')).join('')
  const mentions = new Mentions(() => text)
  for (const [index, name] of names.entries()) assert.is(mentions.has(name), text.includes(name), `${index}: ${name}`)
  for (const name of names) assert.is(mentions.has(`${name} `), false)
  assert.is(new Mentions(() => undefined).has('shop'), false)
  const bytes = new Mentions(() => Buffer.from(`é: ${text}`))
  for (const name of names) assert.is(bytes.has(name), text.includes(name), name)
})

test.run()
