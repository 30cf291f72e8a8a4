// What people and programs read: the text, the JSON, colours, help.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import manifest from '../../package.json' with { type: 'json' }
import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

type Report = {
  readonly diagnostics: readonly Readonly<Record<string, unknown>>[]
  readonly changes: readonly Readonly<Record<string, unknown>>[]
  readonly services: readonly Readonly<Record<string, unknown>>[]
}

const schema = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
const isReport = ajv.compile(schema)

/** The JSON that a run printed, after the schema has judged it. */
function report({ stdout }: Ran): Report {
  const value: unknown = JSON.parse(stdout)
  assert.ok(isReport(value), ajv.errorsText(isReport.errors))
  return value as Report
}

const traffic = `  traffic:
    # blue
    - revisionName: example-service-00001 # first
      percent: 100 # All traffic goes to this revision
    - revisionName: example-service-00002
      percent: 0
      tag: v2 # A named route
`
const test = suite('report')

test('the text of validate: file, line, column, severity, message, code, help', () => {
  const box = new Sandbox()
  box.write({
    'a b/shop.yaml': `\uFEFF${service(traffic.replace('percent: 0', 'percent: 1'))}`.replaceAll('\n', '\r\n'),
  })
  const { status, stdout, stderr } = box.run(['validate'])
  assert.is(status, 1)
  assert.match(stdout, /  Knative says: Traffic targets sum to 101, want 100/)
  assert.is(stderr, 'validated 1 Knative Service in 1 file: 1 error, 0 warnings\n')
})

test('apply sums a change up in one line, with who is who', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': service(traffic) })
  const { stderr } = box.run(['apply', 'split', 'shop.yaml'])
  const [first, stable, candidate] = stderr.split('\n')
  assert.is(first, 'shop/example-service: split: example-service-00001 100% → 50%, example-service-00002 0% → 50%')
  assert.match(stable ?? '', /^ {2}stable example-service-00001 \(by .+\)$/)
  assert.match(candidate ?? '', /^ {2}candidate example-service-00002 \(by .+\)$/)
})

test('comments beside a changed value and those that left are named with their place', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': service(traffic) })
  const split = box.run(['apply', 'promote', 'shop.yaml', '--write'])
  assert.match(split.stderr, /this comment is now next to a changed value: # All traffic goes to this revision/m)
  const retire = box.run(['apply', 'retire', 'shop.yaml'])
  assert.match(retire.stderr, /^ {2}shop\.yaml:18:43: note: .* was removed with its field: # first$/m)
})

test('the JSON of every kind of run fits schemas/report.json', () => {
  const box = new Sandbox()
  box.write({
    'shop.yaml': service(traffic),
    'dev.yaml': service('', { namespace: 'dev', revision: 'example-service-00001' }),
    'wrong.yaml': service('  traffic:\n    - percent: 90\n', { name: 'wrong' }),
    'latest.yaml': service('  traffic:\n    - latestRevision: true\n      percent: 100\n', { name: 'latest' }),
    'broken.yaml': `${service()}\t- [`,
    'wide.yaml': Buffer.from(service(), 'utf16le'),
    'helm.yaml': service('  traffic: {{ .Values.traffic }}\n'),
    'nameless.yaml': 'apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {}\n',
  })
  const json = ['--format', 'json']
  const all = report(box.run(['validate', ...json]))
  assert.ok(all.diagnostics.length >= 4)
  assert.is(all.services.length, 5)
  const named = all.services.find((one) => one['file'] === 'dev.yaml')
  assert.equal(named, { file: 'dev.yaml', line: 4, namespace: 'dev', name: 'example-service', profile: 'knative' })
  for (const stage of ['pin', 'preview', 'split', 'promote', 'retire', 'rollback'])
    for (const flags of [[], ['--stable', '{{.Service}}-00001', '--candidate', '{{.Service}}-00002']])
      report(box.run(['apply', stage, '--all', ...flags, ...json]))
  report(box.run(['apply', 'split', '--service', 'nope', ...json]))
  report(box.run(['apply', 'pin', '--stable', 'a', '-', ...json], { stdin: service() }))
  const { changes } = report(box.run(['apply', 'promote', 'shop.yaml', '--write', ...json]))
  assert.is(changes.length, 1)
  const { patch, ...rest } = changes[0] ?? {}
  assert.match(String(patch), /^diff --git a\/shop\.yaml b\/shop\.yaml\n/)
  assert.equal(rest, {
    file: 'shop.yaml',
    service: 'shop/example-service',
    stage: 'promote',
    stable: { ...(rest['stable'] as object), revision: 'example-service-00001' },
    candidate: { ...(rest['candidate'] as object), revision: 'example-service-00002' },
    before: [
      { revisionName: 'example-service-00001', percent: 100 },
      { revisionName: 'example-service-00002', percent: 0, tag: 'v2' },
    ],
    after: [
      { revisionName: 'example-service-00001', percent: 0 },
      { revisionName: 'example-service-00002', percent: 100, tag: 'v2' },
    ],
    notes: rest['notes'],
  })
  assert.is((rest['notes'] as readonly unknown[]).length, 1)
})

test('the schema takes nothing else', () => {
  const good = {
    schemaVersion: '1',
    diagnostics: [],
    changes: [],
    services: [{ file: 'a', line: 1, name: 'a', profile: 'knative' }],
  }
  assert.ok(isReport(good))
  for (const bad of [
    { ...good, schemaVersion: '2' },
    { ...good, more: 1 },
    { ...good, services: [{ file: 'a', line: 0, name: 'a', profile: 'knative' }] },
  ])
    assert.not(isReport(bad))
})

test('nothing but the JSON is on stdout, and no talk on stderr', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': service(traffic) })
  const { stdout, stderr } = box.run(['apply', 'split', 'shop.yaml', '--format', 'json'], {
    environment: { FORCE_COLOR: '1' },
  })
  assert.is(stderr, '')
  assert.not.match(stdout, '\u001B')
})

test('--help of each command says what it does, with examples', () => {
  const box = new Sandbox()
  const help = box.run(['--help'])
  assert.is(help.status, 0)
  const commands = [...help.stdout.matchAll(/^ {2}kn-rollout (\w+)/gm)].map(([, name]) => name ?? '')
  for (const known of ['apply', 'next', 'set', 'validate', 'create', 'stages'])
    assert.ok(commands.includes(known), known)
  for (const command of commands) {
    const { status, stdout, stderr } = box.run([command, '--help'])
    assert.equal([status, stderr], [0, ''])
    assert.match(stdout, new RegExp(`^kn-rollout ${command}\\b`))
    assert.match(stdout, new RegExp(`\nExamples:\n  .*\\bkn-rollout ${command}\\b`))
    for (const line of stdout.split('\n')) assert.ok(line.length <= 120, line)
  }
})

test('--help lists what only this command has before what many have', () => {
  const box = new Sandbox()
  for (const [command, own, shared] of [
    ['apply', '--percent', '--write'],
    ['next', '--ignore-soak', '--stable'],
    ['set', '--traffic', '--write'],
    ['release', '--image', '--stable'],
    ['validate', '--fix', '--service'],
    ['check', '--since', '--service'],
    ['status', '--in-progress', '--config'],
  ] as const) {
    const { stdout } = box.run([command, '--help'])
    const [first, second] = [own, shared].map((flag) => stdout.search(new RegExp(`^ .*${flag} `, 'm')))
    assert.ok(first !== undefined && second !== undefined && 0 <= first && first < second, command)
  }
})

test('--help of check does not offer what check refuses', () => {
  const { stdout } = new Sandbox().run(['check', '--help'])
  assert.not.match(stdout, '--changed-since')
})

test('--version is that of the package', () => {
  const { status, stdout } = new Sandbox().run(['--version'])
  assert.equal([status, stdout], [0, `${manifest.version} (models Knative Serving 1.23)\n`])
})

test.run()
