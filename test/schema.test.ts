import { test } from 'uvu'
import * as assert from 'uvu/assert'

import schema from '#schemas/service.json' with { type: 'json' }

import { plan } from '../src/pipeline/plan.js'
import { rules } from '../src/rules/judge.js'

// The schema is read by editors as well: what it says has to be there and to be true.

type Schema = { readonly [key: string]: unknown }

function* properties(node: unknown, path = ''): Iterable<readonly [path: string, property: Schema]> {
  if (typeof node !== 'object' || node === null) return
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties')
      for (const [name, member] of Object.entries(value as Schema)) yield [`${path}.${name}`, member as Schema]
    yield* properties(value, `${path}.${key}`)
  }
}

const all = [...properties(schema)]

test('every field has a type and one line that says what it is for', () => {
  assert.ok(all.length > 200)
  for (const [path, property] of all) {
    if (path.endsWith('.port')) continue
    assert.type(property['description'], 'string', path)
    assert.not.match(String(property['description']), /\n/)
    const typed = ['type', '$ref', 'const'].some((key) => key in property)
    assert.ok(typed || path.endsWith('.fieldsV1'), path)
  }
})

test('every rule that the schema leaves a value to is there', () => {
  const codes: ReadonlySet<string> = new Set(rules.map(({ code }) => code))
  for (const [path, property] of all) if ('x-rule' in property) assert.ok(codes.has(String(property['x-rule'])), path)
})

function findings(...lines: readonly string[]): readonly (readonly [code: string, path: string | undefined])[] {
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\n${lines.join('\n')}\n`
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], {})
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code, path }) => [code, path])
}

const spec = 'spec: {template: {spec: {containers: [{image: shop, %s}]}}}'

function container(fields: string): string {
  return spec.replace('%s', fields)
}

function delayed(delay: string): string {
  return container(`livenessProbe: {exec: {}, initialDelaySeconds: ${delay}}`)
}

function idle(seconds: string): string {
  return container('').replace('containers', `idleTimeoutSeconds: ${seconds}, containers`)
}

function status(text: string): readonly string[] {
  return findings(container(''), `status: ${text}`).map(([code]) => code)
}

test('null is as good as nothing', () => {
  assert.equal(findings(container('args: ~, env: null, ports: , resources: {limits: {cpu: ~}}')), [])
  assert.equal(findings(container('args: [~], livenessProbe: ~')), [])
  assert.equal(findings('spec: {template: {spec: {containers: ~}}}'), [['KN203', 'spec.template.spec.containers']])
  assert.equal(findings('spec: ~'), [['KN203', 'spec.template.spec.containers']])
})

test('unknown fields are refused but where the cluster keeps them', () => {
  assert.equal(findings(container('stdin: true')), [['KN202', 'spec.template.spec.containers[0].stdin']])
  assert.equal(findings(container('name: a'), 'status: {phase: x}'), [['KN202', 'status.phase']])
  assert.equal(findings('spec: {template: {metadata: {anything: 1}, spec: {containers: [{image: shop}]}}}'), [])
})

function help(fields: string): string | undefined {
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\n${fields}\n`
  return plan([{ path: 'shop.yaml', text }], {}).diagnostics.find(({ code }) => code === 'KN202')?.help
}

test('an unknown field is answered with what is known there', () => {
  assert.is(help(container('images: a')), 'did you mean `image`?')
  assert.match(help(container('env: [{name: A, from: b}]')) ?? '', /^use one of name, value, valueFrom/)
  assert.is(help(container('resources: {limit: {}}')), 'did you mean `limits`?')
  assert.is(help('specs: {}'), 'did you mean `spec`?')
})

test('integers have the size that Go gives them', () => {
  assert.equal(findings(delayed('2147483647')), [])
  assert.equal(findings(delayed('1e1')), [])
  assert.is(findings(delayed('2147483648'))[0]?.[0], 'KN204')
  assert.is(findings(delayed('1.5'))[0]?.[0], 'KN201')
  assert.equal(findings(idle('9223372036854775807')), [])
  assert.is(findings(idle('9223372036854775808'))[0]?.[0], 'KN204')
})

test('a port is a number or a name, a quantity a number or a text', () => {
  assert.equal(findings(container('livenessProbe: {tcpSocket: {port: http}}')), [])
  assert.is(findings(container('livenessProbe: {tcpSocket: {port: 1.5}}'))[0]?.[0], 'KN201')
  assert.equal(findings(container('resources: {requests: {cpu: 0.5, memory: " 1Gi "}}')), [])
  assert.is(findings(container('resources: {requests: {cpu: true}}'))[0]?.[0], 'KN201')
})

test('times and URLs have to be ones', () => {
  assert.equal(
    status('{url: "https://shop.example.com/", conditions: [{lastTransitionTime: "2024-01-31T12:00:00Z"}]}'),
    [],
  )
  assert.equal(status('{url: "12:30"}'), ['KN204'])
  assert.equal(status('{conditions: [{lastTransitionTime: today}]}'), ['KN204'])
})

function timeErrors(time: string): readonly string[] {
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop, creationTimestamp: "${time}"}\n${container('')}\n`
  return plan([{ path: 'shop.yaml', text }], {}).diagnostics.flatMap(({ code, severity }) =>
    severity === 'error' ? [code] : [],
  )
}

test('a time is one that Go reads, day by day and year by year', () => {
  const days = ['2024-01-31', '2024-04-30', '2024-02-29', '2000-02-29', '0000-02-29', '2023-02-28']
  for (const day of days) assert.equal(timeErrors(`${day}T2:00:00,5+24:60`), [], day)
  for (const day of ['2024-04-31', '2023-02-29', '1900-02-29', '2024-02-30', '2024-00-01'])
    assert.equal(timeErrors(`${day}T00:00:00Z`), ['KN204'], day)
})

test('a quantity may stand among blanks, but not among tabs and line ends', () => {
  for (const text of [' 1 ', '\u00A01Gi'])
    assert.equal(findings(container(`resources: {limits: {cpu: ${JSON.stringify(text)}}}`)), [])
  for (const text of ['\t1', '1\n', ' '])
    assert.is(findings(container(`resources: {limits: {cpu: ${JSON.stringify(text)}}}`))[0]?.[0], 'KN204')
})

test.run()
