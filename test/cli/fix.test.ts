// `validate --fix` on real trees: what it prints, writes and exits with, each time run twice.
import { chmodSync, readFileSync } from 'node:fs'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const schema = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
const isReport = ajv.compile(schema)

const wrong = service(
  '  traffic:\n    - latestRevision: true\n      percent: "100" # all of it\nstatus: {observedGeneration: 1}\n',
)
const right = service('  traffic:\n    - latestRevision: true\n      percent: 100 # all of it\n')
const other = service('  traffic:\n    - revisonName: other-00001\n      percent: 90\n', { name: 'other' })
const otherLeft = other.replace('revisonName', 'revisionName')
const test = suite('fix on the command line')

function tree(): Sandbox {
  return Sandbox.committed({ 'a b/shop.yaml': wrong, 'other.yaml': other, 'fine.yaml': service('', { name: 'fine' }) })
}

test('the patch goes to stdout and git takes it; what is left decides', () => {
  const box = tree()
  const first = box.run(['validate', '--fix'])
  assert.is(first.status, 1)
  assert.match(first.stdout, /^diff --git a\/a b\/shop\.yaml b\/a b\/shop\.yaml\n/)
  assert.match(
    first.stderr,
    /a b\/shop\.yaml:18:16: fixed: write `spec\.traffic\[0\]\.percent` as 100, without quotes \[KN201 wrong-type\]/m,
  )
  assert.match(first.stderr, /this comment is now next to a changed value: # all of it/m)
  assert.match(first.stderr, /  Knative says: Traffic targets sum to 90, want 100/m)
  assert.match(first.stderr, /^validated 3 Knative Services in 3 files: 1 error, \d warnings?, 3 fixed$/m)
  assert.equal([box.read('a b/shop.yaml'), box.read('other.yaml')], [wrong, other], 'nothing was written')
  box.write({ 'fix.patch': first.stdout })
  box.git('apply', 'fix.patch')
  assert.equal([box.read('a b/shop.yaml'), box.read('other.yaml')], [right, otherLeft])
  const second = box.run(['validate', '--fix'])
  assert.is(second.stdout, '')
  assert.is(second.status, 1)
  assert.not.match(second.stderr, /fixed/)
})

test('--write writes the files, and --check fails while there is something to mend', () => {
  const box = tree()
  const one = ['validate', 'a b', '--fix']
  assert.is(box.run([...one]).status, 0)
  assert.is(box.run([...one, '--check']).status, 1)
  const written = box.run([...one, '--write'])
  assert.equal([written.status, written.stdout], [0, ''])
  assert.match(
    written.stderr,
    /^wrote 1 file: .+\nvalidated 1 Knative Service in 1 file: 0 errors, 0 warnings, 2 fixed$/m,
  )
  assert.is(box.read('a b/shop.yaml'), right)
  const again = box.run([...one, '--write'])
  assert.equal([again.status, again.stdout], [0, ''])
  assert.is(again.stderr, 'validated 1 Knative Service in 1 file: 0 errors, 0 warnings\n')
  assert.is(box.run([...one, '--check']).status, 0)
})

test('all files are written or none', () => {
  const box = tree()
  box.run(['validate', 'a b', 'other.yaml', '--fix'])
  chmodSync(box.path('other.yaml'), 0o444)
  const { status, stderr } = box.run(['validate', '--fix', '--write'])
  assert.is(status, 3)
  assert.match(stderr, /other\.yaml: the file is read-only; nothing was written\n$/)
  assert.is(box.read('a b/shop.yaml'), wrong)
})

test('the standard input is handed on, mended', () => {
  const box = new Sandbox()
  const mended = box.run(['validate', '--fix', '--write', '-'], { stdin: wrong })
  assert.equal([mended.status, mended.stdout], [0, right])
  const left = box.run(['validate', '--fix', '--write', '-'], { stdin: other })
  assert.equal([left.status, left.stdout], [1, otherLeft])
  const fine = box.run(['validate', '--fix', '--write', '-'], { stdin: right })
  assert.equal([fine.status, fine.stdout], [0, right])
  assert.match(
    box.run(['validate', '--fix', '-'], { stdin: wrong }).stdout,
    /^diff --git a\/stdin\.yaml b\/stdin\.yaml\n/,
  )
})

test('one Service of several is mended', () => {
  const box = tree()
  const { stdout } = box.run(['validate', '--fix', '--service', 'shop/other'])
  assert.match(stdout, /^diff --git a\/other\.yaml/)
  assert.not.match(stdout, /shop\.yaml/)
})

test('a program reads what is mended, with its patch', () => {
  const box = tree()
  const { stdout, stderr } = box.run(['validate', '--fix', '--format', 'json'])
  assert.is(stderr, '')
  const value = JSON.parse(stdout) as {
    fixes: readonly Readonly<Record<string, unknown>>[]
    diagnostics: readonly unknown[]
  }
  assert.ok(isReport(value), ajv.errorsText(isReport.errors))
  const [first, ...rest] = value.fixes
  const { patch, notes, ...known } = first ?? {}
  assert.equal(known, {
    code: 'KN201',
    description: 'write `spec.traffic[0].percent` as 100, without quotes',
    file: 'a b/shop.yaml',
    line: 18,
    column: 16,
    path: 'spec.traffic[0].percent',
    service: 'shop/example-service',
  })
  assert.match(String(patch), /^diff --git /)
  assert.is((notes as readonly unknown[]).length, 1)
  assert.is(rest.length, 2)
  const plain = box.run(['validate', '--format', 'json']).stdout
  assert.not.match(plain, /"fixes"/)
  assert.ok(isReport(JSON.parse(plain)))
})

test('code scanning gets the changes with its results', () => {
  const box = tree()
  const { stdout } = box.run(['validate', '--format', 'sarif'])
  const { runs } = JSON.parse(stdout) as {
    runs: readonly { results: readonly { ruleId: string; fixes?: readonly { description: { text: string } }[] }[] }[]
  }
  const fixes = runs[0]?.results.flatMap(
    (one) => one.fixes?.map(({ description }) => `${one.ruleId} ${description.text}`) ?? [],
  )
  assert.equal(fixes, [
    'KN201 write `spec.traffic[0].percent` as 100, without quotes',
    'KN354 remove `status`',
    'KN202 rename `spec.traffic[0].revisonName` to `revisionName`',
  ])
  assert.is(box.run(['validate', 'fine.yaml', '--format', 'sarif']).status, 0)
})

test('without --fix the summary says what it could do, and nothing is written', () => {
  const box = tree()
  const { stderr } = box.run(['validate', 'a b'])
  assert.is(stderr, 'validated 1 Knative Service in 1 file: 1 error, 1 warning, 2 fixable with `--fix`\n')
})

for (const [words, message] of [
  [['--write'], '`--write` needs `--fix`: `validate` alone changes nothing'],
  [['--check'], '`--check` needs `--fix`: `validate` alone changes nothing'],
  [['--fix', '--check', '--write'], '`--check` and `--write` cannot be combined'],
] as const)
  test(`refused: ${words.join(' ')}`, () => {
    const { status, stdout, stderr } = tree().run(['validate', ...words])
    assert.equal([status, stdout, stderr], [2, '', `kn-rollout: ${message}\n`])
  })

test.run()
