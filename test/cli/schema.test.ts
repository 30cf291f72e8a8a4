// `--schema` through the real program: what judges, what the reports say of it, and what is refused before any work.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const folder = new URL('../../', import.meta.url)
const crds = readFileSync(new URL('fixtures/schemas/crds.yaml', folder), 'utf8').replace(
  'imagePullPolicy:',
  'readinessProbe: { type: object, x-kubernetes-preserve-unknown-fields: true }\n                              imagePullPolicy:',
)
const isReport = new Ajv2020({ strictRequired: false }).compile(
  JSON.parse(readFileSync(new URL('schemas/report.json', folder), 'utf8')) as object,
)
/** A team's own rule: every Service says who owns it. */
const owned = JSON.stringify(
  {
    type: 'object',
    properties: { metadata: { type: 'object', required: ['labels'] } },
  },
  undefined,
  2,
)
const good = service()
const odd = good.replace('      containers:', '      serviceAccountName: shop\n      containers:')

const test = suite('schema')

function boxWith(files: Readonly<Record<string, string | Uint8Array>>): Sandbox {
  return Sandbox.committed({ 'crds.yaml': crds, 'owned.json': owned, 'shop.yaml': good, ...files })
}

test("a cluster's own CRD judges in place of the built-in schema", () => {
  const box = boxWith({ 'shop.yaml': odd })
  assert.is(box.run(['validate', 'shop.yaml']).status, 0)
  const { status, stdout, stderr } = box.run(['validate', 'shop.yaml', '--schema', 'crds.yaml'])
  assert.is(status, 1)
  assert.match(stdout, /unknown field `spec\.template\.spec\.serviceAccountName`/)
  assert.match(stdout, '  help: use one of containers, timeoutSeconds, nodeSelector, extra, odd\n')
  assert.is(
    stderr,
    'validated 1 Knative Service in 1 file, by the CustomResourceDefinition in crds.yaml: 1 error, 0 warnings\n',
  )
})

test('a JSON schema judges, and the report says so', () => {
  const box = boxWith({})
  const { status, stdout } = box.run(['validate', 'shop.yaml', '--schema', 'owned.json', '--format', 'json'])
  assert.is(status, 1)
  const report = JSON.parse(stdout) as { schema: unknown; diagnostics: readonly { code: string; path: string }[] }
  assert.ok(isReport(report))
  assert.equal(report.schema, { file: 'owned.json', kind: 'JSON Schema' })
  assert.equal(
    report.diagnostics.map(({ code, path }) => [code, path]),
    [['KN203', 'metadata.labels']],
  )
  assert.not.match(box.run(['validate', 'shop.yaml', '--format', 'json']).stdout, '"schema"')
})

test('--fix mends by it, also what only it knows', () => {
  const box = boxWith({ 'shop.yaml': good.replace('      containers:', '      extr: {}\n      containers:') })
  const { stdout, stderr } = box.run(['validate', 'shop.yaml', '--schema', 'crds.yaml', '--fix'])
  assert.match(stdout, /^\+ {6}extra: \{\}$/m, stderr)
})

test('apply judges by it as well: the diff is shown, and --write holds back', () => {
  const box = boxWith({})
  const pin = ['apply', 'pin', 'shop.yaml', '--stable', 'example-service-00001', '--schema', 'owned.json']
  const shown = box.run(pin)
  assert.is(shown.status, 1)
  assert.match(shown.stdout, /^diff --git a\/shop\.yaml/)
  assert.match(shown.stderr, /`metadata\.labels` is missing/)
  assert.is(box.run([...pin, '--write']).status, 1)
  assert.is(box.read('shop.yaml'), good)
  assert.is(
    box.run(['apply', 'pin', 'shop.yaml', '--stable', 'example-service-00001', '--schema', 'crds.yaml']).status,
    0,
  )
})

const refused: readonly (readonly [schema: string, content: string | undefined, said: RegExp])[] = [
  ['gone.yaml', undefined, /gone\.yaml: no such file or directory/],
  ['.', undefined, /\.: it is a directory/],
  ['', undefined, /`--schema` is empty; must be a file/],
  [
    'bad.json',
    '{\n  "type": "text"\n}\n',
    /bad\.json:2:11: is not a valid schema: must be equal to one of the allowed values/,
  ],
  [
    'bad.yaml',
    'type: object\nproperties: [\n',
    /bad\.yaml:2:13: file is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a \]/,
  ],
  [
    'route.yaml',
    crds.split('\n---\n')[0],
    /route\.yaml:5:9: defines `routes\.serving\.knative\.dev`; must define `services\.serving\.knative\.dev`/,
  ],
  [
    'note.yaml',
    'hello: 1\n',
    /note\.yaml: is neither a JSON schema nor the CustomResourceDefinition of Knative Services/,
  ],
]
for (const [schema, content, said] of refused)
  test(`--schema ${schema || "''"} is refused with exit code 2, and nothing is done`, () => {
    const box = boxWith(content === undefined ? {} : { [schema]: content })
    const pin = ['apply', 'pin', 'shop.yaml', '--stable', 'example-service-00001', '--write']
    for (const args of [['validate', 'shop.yaml'], pin]) {
      const { status, stdout, stderr } = box.run([...args, '--schema', schema])
      assert.equal([status, stdout], [2, ''])
      assert.match(stderr, said)
    }
    assert.is(box.read('shop.yaml'), good)
  })

test('bytes that are no text are refused, and so is a second schema', () => {
  const box = boxWith({ 'wide.json': Buffer.from(`\uFEFF${owned}`, 'utf16le') })
  const wide = box.run(['validate', '--schema', 'wide.json'])
  assert.equal([wide.status, wide.stderr], [2, 'kn-rollout: wide.json: the file is UTF-16; must be UTF-8\n'])
  assert.is(box.run(['validate', '--schema', 'owned.json', '--schema', 'crds.yaml']).status, 2)
})

test('a pattern that loses itself ends all the same', () => {
  const pattern = JSON.stringify({ properties: { metadata: { properties: { name: { pattern: '^(a+)+$' } } } } })
  const box = boxWith({ 'slow.json': pattern, 'shop.yaml': service('', { name: `${'a'.repeat(40)}-b` }) })
  const started = performance.now()
  assert.match(box.run(['validate', 'shop.yaml', '--schema', 'slow.json']).stdout, /must match `\^\(a\+\)\+\$`/)
  assert.ok(performance.now() - started < 10_000)
})

test.run()
