// Comments and configurations by the real program: what is found where, what a run ends with, what it says.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const test = suite('quiet')
const schema = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object
const isReport = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)

/** A Service that routes to another one's revision; the comment stands beside that. */
function foreign(comment = ''): string {
  return service(`  traffic:\n    - revisionName: cart-v1${comment}\n      percent: 100\n`)
}

function report({ stdout }: Ran): { readonly silenced?: number; readonly diagnostics: readonly { code: string }[] } {
  const value: unknown = JSON.parse(stdout)
  assert.ok(isReport(value), JSON.stringify(isReport.errors))
  return value as ReturnType<typeof report>
}

test('a silenced finding is counted, and missing from every report', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': foreign(' # kn-rollout: ignore KN312 -- until spring') })
  const text = box.run(['validate', '--strict'])
  assert.equal(text, {
    status: 0,
    stdout: '',
    stderr: 'validated 1 Knative Service in 1 file: 0 errors, 0 warnings, 1 ignored\n',
  })
  const json = report(box.run(['validate', '--format', 'json']))
  assert.is(json.silenced, 1)
  assert.equal(json.diagnostics, [])
  box.write({ 'shop.yaml': foreign() })
  assert.not.ok('silenced' in report(box.run(['validate', '--format', 'json'])))
})

/** A Service whose image is refused, with a comment beside it. */
function unfilled(reason: string): string {
  return foreign()
    .replace('cart', 'example-service')
    .replace('shop:1.0', `SHOP:1.0 # kn-rollout: ignore KN370${reason}`)
}

test('a silenced error fails no run and blocks no writing; one without a reason does both', () => {
  const box = new Sandbox()
  const words = ['apply', 'preview', 'shop.yaml', '--candidate', 'example-service-v2', '--tag', 'v2', '--write']
  box.write({ 'shop.yaml': unfilled('') })
  const loud = box.run(words)
  assert.is(loud.status, 1)
  assert.match(
    loud.stderr,
    /write `REGISTRY\/REPOSITORY:TAG` with a lower-case repository, or `…@sha256:…` with 64 digits; add a reason to the comment to ignore an error: ` -- reason`/,
  )
  assert.is(box.read('shop.yaml'), unfilled(''))
  box.write({ 'shop.yaml': unfilled(' -- filled in by the pipeline') })
  const quiet = box.run(words)
  assert.is(quiet.status, 0, quiet.stderr)
  assert.match(box.read('shop.yaml'), /tag: v2/)
})

test('an idle comment is shown where it stands', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': foreign(' # kn-rollout: ignore KN312, KN3113') })
  const { status, stdout } = box.run(['validate'])
  assert.is(status, 0)
  assert.match(stdout, /ignore comment names the unknown code `KN3113`/)
})

test('the nearest configuration counts, up to the root of the repository', () => {
  const box = Sandbox.committed({ 'apps/shop/shop.yaml': foreign(), '.kn-rollout.yaml': 'rules: {KN312: error}\n' })
  const validate = (folder: string, ...more: readonly string[]): Ran => box.run(['validate', ...more], { folder })
  assert.is(validate('.').status, 1)
  assert.match(validate('apps/shop').stdout, /^shop\.yaml:17:\d+: error: /)
  box.write({ 'apps/.kn-rollout.yaml': 'rules: {KN312: off}\n' })
  assert.is(validate('apps/shop').status, 0)
  assert.is(validate('apps/shop').stdout, '')
  assert.is(validate('.').status, 1)
  assert.is(validate('.', '--config', 'apps/.kn-rollout.yaml').stdout, '')
  assert.match(validate('apps/shop', '--no-config').stdout, /: warning: /)
})

test('outside of a repository only the working directory is looked at', () => {
  const box = new Sandbox()
  box.write({ 'apps/shop.yaml': foreign(), '.kn-rollout.yaml': 'rules: {KN312: error}\n' })
  assert.is(box.run(['validate'], { folder: 'apps' }).status, 0)
  assert.is(box.run(['validate']).status, 1)
})

test('a configuration above the repository is another one’s', () => {
  const box = new Sandbox()
  box.write({ 'inner/shop.yaml': foreign(), '.kn-rollout.yaml': 'rules: {KN312: error}\n' })
  box.git('init', '--quiet', 'inner')
  assert.is(box.run(['validate'], { folder: 'inner' }).status, 0)
})

test('a lowered error lets apply write', () => {
  const box = new Sandbox()
  const text = foreign().replace('cart', 'example-service').replace('shop:1.0', 'SHOP:1.0')
  box.write({ 'shop.yaml': text, '.kn-rollout.yaml': 'rules:\n  KN370: warning\n' })
  const words = ['apply', 'preview', 'shop.yaml', '--candidate', 'example-service-v2', '--tag', 'v2', '--write']
  assert.is(box.run([...words, '--no-config']).status, 1)
  assert.is(box.read('shop.yaml'), text)
  assert.is(box.run(words).status, 0)
})

test('what a stage would break stays refused, whatever the configuration says', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': foreign().replace('cart', 'example-service'), '.kn-rollout.yaml': 'rules: {KN303: off}\n' })
  const { status, stdout } = box.run([
    'apply',
    'preview',
    'shop.yaml',
    '--candidate',
    'example-service-v2',
    '--tag',
    'V_2',
  ])
  assert.is(status, 1)
  assert.is(stdout, '')
})

test('a wrong configuration ends the run with 2, and says where', () => {
  const box = Sandbox.committed({ 'apps/shop.yaml': foreign(), '.kn-rollout.yaml': 'rules:\n  KN313: warn\n' })
  const { status, stdout, stderr } = box.run(['validate'], { folder: 'apps' })
  assert.is(status, 2)
  assert.match(stdout, /did you mean `warning`\?/)
  assert.is(stderr, 'nothing validated: the configuration is not valid\n')
  assert.equal(
    report(box.run(['validate', '--format', 'json'])).diagnostics.map(({ code }) => code),
    ['KN191'],
  )
  const before = box.snapshot()
  const applied = box.run(['apply', 'pin', 'apps', '--stable', 'cart-v1', '--write', '--force'])
  assert.is(applied.status, 2)
  assert.is(applied.stdout, '')
  assert.match(applied.stderr, /\[KN191 invalid-config\]/)
  assert.equal(box.snapshot(), before)
  assert.is(box.run(['validate', '--output', 'apps/shop.yaml']).status, 2)
  assert.equal(box.snapshot(), before)
})

const wrong: readonly (readonly [words: readonly string[], said: RegExp])[] = [
  [['--config', 'none.yaml'], /none\.yaml: no such file or directory/],
  [['--config', ''], /`--config` is empty; must be a file/],
  [['--config'], /^kn-rollout: `--config` needs a value; see/],
  [['--config', 'a.yaml', '--no-config'], /`--config` and `--no-config` cannot be combined/],
  [['--no-config', '--config', 'a.yaml'], /`--config` and `--no-config` cannot be combined/],
  [['--config', 'a.yaml', '--config', 'a.yaml'], /`--config` is given twice/],
  [['--config', 'wide.yaml'], /wide\.yaml: the file is UTF-16; must be UTF-8/],
]

for (const [words, said] of wrong)
  test(`refuses ${words.join(' ')}`, () => {
    const box = new Sandbox()
    box.write({ 'shop.yaml': foreign(), 'a.yaml': '', 'wide.yaml': Buffer.from('\uFEFFrules: {}', 'utf16le') })
    for (const command of [['validate'], ['apply', 'pin']]) {
      const { status, stderr } = box.run([...command, 'shop.yaml', ...words])
      assert.match(stderr, said)
      assert.is(status, 2)
    }
  })

test('a folder is no configuration', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': foreign(), 'conf/x': '' })
  const { status, stderr } = box.run(['validate', '--config', 'conf'])
  assert.is(status, 2)
  assert.is(stderr, 'kn-rollout: conf: it is a directory\n')
})

test.run()
