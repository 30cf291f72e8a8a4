import { readdirSync, readFileSync } from 'node:fs'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { fix, propose } from '../src/pipeline/fix.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import { paint } from '../src/report/cells.js'
import { fixesText, summaryText } from '../src/report/text.js'
import { applyEdits, rangeBefore, type Edit } from '../src/text/edit.js'

/** What `validate --fix` mends, and what it leaves alone. Files as they are and as they must become stand in fixtures/fix. */
const root = new URL('../fixtures/fix/', import.meta.url)
const test = suite('fix')

function run(text: string, request: Request = {}, isWritten = false, more: object = {}): Outcome {
  return fix([{ path: 'shop.yaml', text, ...more }], request, isWritten)
}

/** A Service with lines behind its metadata and in its only container. */
function shop(metadata = '', container = '', behind = ''): string {
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
${metadata}spec:
  template:
    spec:
      containers:
        - image: quay.io/example/shop:v1
${container}${behind}`
}

function patched({ changes }: Outcome): readonly string[] {
  const lines = changes.flatMap(({ patch }) => patch.split('\n').slice(3))
  return lines.filter((line) => /^[-+]/.test(line))
}

function codes({ diagnostics }: Outcome): readonly string[] {
  return diagnostics.map(({ code, path = '' }) => `${code} ${path}`)
}

for (const name of readdirSync(root)) {
  const file = readdirSync(new URL(`${name}/`, root)).find((found) => found.startsWith('before.')) ?? ''
  const [before, after] = [file, file.replace('before', 'after')].map((one) => {
    return readFileSync(new URL(`${name}/${one}`, root), 'utf8')
  })
  test(`fixtures/fix/${name}`, () => {
    const source = { path: file, text: before ?? '' }
    const found = plan([source], {}).diagnostics
    const first = fix([source], {}, true)
    assert.is(first.changes[0]?.text, after)
    assert.ok((first.fixes?.length ?? 0) >= found.filter(({ remedy }) => remedy).length)
    assert.equal(first.diagnostics, [], 'nothing is left')
    const second = fix([{ ...source, text: after ?? '' }], {}, true)
    assert.equal([second.changes, second.fixes], [[], []], 'the second run has nothing to do')
  })
}

test('what is done is said, in the places of the file before', () => {
  const text = shop('  uid: a # which\n  labels:\n    a: 1 # one\n', '', 'status: {observedGeneration: 1}\n')
  const outcome = run(text)
  assert.is(
    fixesText(outcome, paint(false)),
    [
      'shop.yaml:5:3: fixed: remove `metadata.uid` [KN354 cluster-set-field]',
      'shop.yaml:7:8: fixed: put `metadata.labels.a` in quotes: "1" [KN201 wrong-type]',
      'shop.yaml:13:1: fixed: remove `status` [KN354 cluster-set-field]',
      '  shop.yaml:5:10: note: this comment was removed with its field: # which',
      '  shop.yaml:7:10: note: this comment is now next to a changed value: # one',
      '',
    ].join('\n'),
  )
  assert.is(summaryText(outcome), '1 Knative Service in 1 file: 0 errors, 0 warnings, 3 fixed\n')
  const before = plan([{ path: 'shop.yaml', text }], {})
  const counted = { ...before, fixable: outcome.fixes?.length ?? 0 }
  assert.is(summaryText(counted), '1 Knative Service in 1 file: 1 error, 2 warnings, 3 fixable with `--fix`\n')
})

test('a finding that stays has the reason in its help', () => {
  const alias = shop('', '', 'x: &a {percent: "100"}\n').replace(/\n$/, '\n')
  const reasons = [
    shop('  labels: &l\n    a: 1\n  annotations: *l\n'),
    shop('  labels:\n    ? a\n    : 1\n  uid: a\n'),
    alias,
  ].flatMap((text) => run(text).diagnostics.flatMap(({ remedy, help }) => (remedy ? [help] : [])))
  assert.ok(reasons.length > 0)
  for (const help of reasons) assert.match(help ?? '', /^fix it manually: \S/)
})

test('what is left is placed in the file before, or in the file that was written', () => {
  const text = shop('  uid: a\n', '          command: 1\n          image: 5\n          args: {}\n')
  const line = (isWritten: boolean): number => {
    const { diagnostics, changes } = run(text, {}, isWritten)
    const range = diagnostics.find(({ path }) => path?.endsWith('.args'))?.range
    const shown = isWritten ? changes[0]?.text : text
    assert.is(shown?.slice(range?.start, range?.end), '{}')
    return shown?.slice(0, range?.start).split('\n').length ?? 0
  }
  assert.is(line(false), line(true) + 1)
})

test('a range of the text after is found in the text before', () => {
  const edits: readonly Edit[] = [
    { range: { start: 2, end: 5 }, text: 'x' },
    { range: { start: 7, end: 7 }, text: 'yyy' },
  ]
  assert.is(applyEdits('0123456789', edits), '01x56yyy789')
  const places = [0, 2, 3, 5, 6, 8, 10].map((start) => rangeBefore(edits, { start, end: start }).start)
  assert.equal(places, [0, 2, 5, 7, 7, 7, 9])
})

const left: readonly (readonly [string, string, string])[] = [
  ['a number that is not plain', shop('', '          ports: [{containerPort: " 80"}]\n'), 'KN201'],
  ['a number in percent', shop('', '', '  traffic: [{latestRevision: true, percent: "100%"}]\n'), 'KN201'],
  ['a number with a tag', shop('', '          env: [{name: A, value: !!int 8080}]\n'), 'KN201'],
  ['a value behind an alias', shop('  generateName: &n 5\n  labels: {a: *n}\n'), 'KN201'],
  ['a name that is near two', shop('', '          pors: []\n          port: []\n'), 'KN202'],
  ['a name that is there already', shop('', '          imag: quay.io/a/b\n'), 'KN202'],
  ['a field that nothing is near to', shop('', '          stdin: true\n'), 'KN202'],
  [
    'a text that would be refused',
    shop('', '', '  traffic: [{latestRevision: true, percent: 100, tag: 1}]\n'),
    'KN201',
  ],
  ['a list where a text must be', shop('  labels: {a: []}\n'), 'KN201'],
]
for (const [title, text, code] of left)
  test(`left alone: ${title}`, () => {
    const outcome = run(text)
    if (title !== 'a value behind an alias') assert.equal(patched(outcome), [])
    assert.ok(
      outcome.diagnostics.some((one) => one.code === code),
      codes(outcome).join(', '),
    )
  })

test('a new error undoes what has laid it open, not the rest', () => {
  const text = shop('  uid: a\n').replace('containers:', 'continers:').replace('quay.io/example/shop:v1', '"a b"')
  const outcome = run(text)
  assert.equal(patched(outcome), ['-  uid: a'])
  assert.equal(codes(outcome), ['KN203 spec.template.spec.containers', 'KN202 spec.template.spec.continers'])
})

test('one that cannot be mended keeps none of the others', () => {
  const text = shop('  uid: a\n  labels: {a: &a 1}\n  annotations: {b: *a}\n', '          args: [1]\n')
  assert.equal(patched(run(text)), ['-  uid: a', '-          args: [1]', '+          args: ["1"]'])
})

test('what is silenced, off or of another Service stays', () => {
  const text = shop('  uid: a # kn-rollout: ignore KN354 -- kept\n  labels: {a: 1}\n')
  assert.equal(patched(run(text)), ['-  labels: {a: 1}', '+  labels: {a: "1"}'])
  assert.equal(patched(run(text, { severities: { KN201: 'off' } })), [])
  assert.equal(patched(run(text, { services: ['other'] })), [])
})

test('the Services of other files are judged with it', () => {
  const [one, two] = ['a', 'b'].map((path) => ({ path: `${path}.yaml`, text: shop('  uid: a\n') }))
  const files = [one, two, { path: 'c.yaml', text: 'a: b\n' }].flatMap((file) => file ?? [])
  const outcome = fix(files, {}, true)
  assert.equal(
    outcome.changes.map(({ file }) => file.path),
    ['a.yaml', 'b.yaml'],
  )
  assert.equal(
    outcome.fixes?.map(({ file, code }) => `${file} ${code}`),
    ['a.yaml KN354', 'b.yaml KN354'],
  )
  assert.equal(outcome.files.length, 3)
})

test('a change is proposed for each diagnostic that has one', () => {
  const text = shop(
    '  uid: a\n  labels: {a: 1, b: []}\n',
    '',
    '  traffic: [{latestRevision: true, percent: 100, tag: 1}]\n',
  )
  const files = [
    { path: 'shop.yaml', text },
    { path: 'fine.yaml', text: shop().replace('name: shop', 'name: fine') },
  ]
  const outcome = propose(files, plan(files, {}), {})
  const made = outcome.diagnostics.flatMap(({ fix: own }) => (own ? [own] : []))
  assert.equal(
    made.map(({ description }) => description),
    ['remove `metadata.uid`', 'put `metadata.labels.a` in quotes: "1"'],
  )
  assert.ok(made[1] && applyEdits(text, made[1].edits).includes('labels: {a: "1", b: []}'))
  assert.equal(outcome.diagnostics.length, 4)
})

test.run()
