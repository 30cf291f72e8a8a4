// Schemas that users hand over: a cluster's own CustomResourceDefinition, and JSON schemas of every dialect.
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import type { Shape } from '../src/schema/check.js'
import { readShape, type ShapeFault } from '../src/schema/file.js'
import type { Diagnostic } from '../src/text/diagnostic.js'

const crds = readFileSync(new URL('../fixtures/schemas/crds.yaml', import.meta.url), 'utf8')

function read(text: string): Shape | ShapeFault {
  return readShape({ path: 'schema.yaml', text })
}

function shapeOf(text: string): Shape {
  const shape = read(text)
  if ('check' in shape) return shape
  throw new Error(shape.message)
}

const cluster = shapeOf(crds)
const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\n'

function judged(shape: Shape, text: string): readonly Diagnostic[] {
  return plan([{ path: 'shop.yaml', text }], { shape }).diagnostics.filter(({ code }) => code.startsWith('KN2'))
}

/** What a schema says of a spec: code, path, and the text that it points at. */
function said(shape: Shape, spec: string): readonly string[] {
  const text = `${head}spec: ${spec}\n`
  return judged(shape, text).map(({ code, path, range }) => {
    return `${code} ${path}: ${text.slice(range?.start, range?.end)}`
  })
}

const container = (fields: string): string => `{template: {spec: {containers: [{image: shop, ${fields}}]}}}`
const pod = (fields: string): string => `{template: {spec: {containers: [{image: shop}], ${fields}}}}`
const at = 'spec.template.spec'
const first = `${at}.containers[0]`

const test = suite('shape')

test('a CRD is found among the documents of a release, and in a List', () => {
  assert.equal([cluster.kind, cluster.file], ['CustomResourceDefinition', 'schema.yaml'])
  const [, definition = ''] = crds.split('\n---\n')
  const indented = definition.replaceAll(/^/gm, '  ').replace('  ', '- ')
  assert.is(shapeOf(`apiVersion: v1\nkind: List\nitems:\n${indented}`).kind, 'CustomResourceDefinition')
})

const taken: readonly string[] = [
  container(''),
  container('name: ~, args: [~, a], env: [{name: A}, {name: B, value: ~}], workingDir: null'),
  container('env: [{value: a}]'),
  container('resources: {limits: {cpu: 1, memory: 64Mi, "a/b": ~}}'),
  container('ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}]'),
  pod('timeoutSeconds: 5.0, odd: 12'.replace('12', '"12"')),
  pod('extra: {apiVersion: v1, kind: A, metadata: {a: 1}, spec: {}}'),
  `{template: {metadata: {name: shop-v1, anything: [1]}, spec: {containers: [{image: shop}]}}, traffic: [~, {percent: 100, tag: ~}]}`,
]
for (const spec of taken) test(`a CRD takes ${spec}`, () => assert.equal(said(cluster, spec), []))

const refused: readonly (readonly [spec: string, ...said: string[]])[] = [
  ['{}', `KN203 ${at}.containers: spec`],
  ['{template: {spec: {containers: ~}}}', `KN203 ${at}.containers: containers`],
  [container('stdin: true'), `KN202 ${first}.stdin: stdin`],
  [container('stdin: ~'), `KN202 ${first}.stdin: stdin`],
  [pod('nodeSelector: {disk: ssd}'), `KN202 ${at}.nodeSelector.disk: disk`],
  [pod('extra: {apiVersion: v1, status: {}}'), `KN202 ${at}.extra.status: status`],
  [container('name: 1'), `KN201 ${first}.name: 1`],
  [container(`name: ${'a'.repeat(64)}`), `KN204 ${first}.name: ${'a'.repeat(64)}`],
  [container('imagePullPolicy: Sometimes'), `KN204 ${first}.imagePullPolicy: Sometimes`],
  [container('image: a b').replace('image: shop, ', ''), `KN204 ${first}.image: a b`],
  [container('resources: {limits: {cpu: 0.5}}'), `KN201 ${first}.resources.limits.cpu: 0.5`],
  [container('env: [{name: A}, {name: A}]'), `KN205 ${first}.env[1].name: A`],
  [container('env: [{}, {}]'), `KN205 ${first}.env[1].name: {}`],
  [container('args: [a, b, a]'), `KN205 ${first}.args[2]: a`],
  [
    container('ports: [{containerPort: 80}, {containerPort: 80, protocol: TCP}]'),
    `KN205 ${first}.ports[1].containerPort: 80`,
  ],
  [container('ports: [{containerPort: 2147483648}]'), `KN204 ${first}.ports[0].containerPort: 2147483648`],
  [pod('timeoutSeconds: 0'), `KN204 ${at}.timeoutSeconds: 0`],
  [pod('timeoutSeconds: 601'), `KN204 ${at}.timeoutSeconds: 601`],
  [
    '{template: {spec: {containers: [{image: shop}]}}, traffic: [{percent: "50", revisonName: a}]}',
    'KN201 spec.traffic[0].percent: "50"',
    'KN202 spec.traffic[0].revisonName: revisonName',
  ],
]
for (const [spec, ...expected] of refused)
  test(`a CRD refuses ${spec.slice(0, 120)}`, () => assert.equal(said(cluster, spec), expected))

test('a CRD judges by the version that the manifest names, and metadata as every cluster does', () => {
  const text = `${head}spec: ${container('')}\n`
  const [version] = judged(cluster, text.replace('/v1', '/v1beta1'))
  assert.is(version?.code, 'KN204')
  assert.match(version?.message ?? '', '`apiVersion` is `serving.knative.dev/v1beta1`')
  const [label] = judged(cluster, text.replace('{name: shop}', '{name: shop, labels: {a: 1}}'))
  assert.is(label?.path, 'metadata.labels.a')
})

test('the words of a CRD say what is known and what was meant', () => {
  const [meant] = judged(cluster, `${head}spec: ${pod('timeoutSecond: 1')}\n`)
  assert.is(meant?.help, 'did you mean `timeoutSeconds`?')
  const [policy] = judged(cluster, `${head}spec: ${container('imagePullPolicy: x')}\n`)
  assert.match(policy?.message ?? '', '`spec.template.spec.containers[0].imagePullPolicy` is "x"')
  const [port] = judged(cluster, `${head}spec: ${container('ports: [{containerPort: -2147483649}]')}\n`)
  assert.match(port?.message ?? '', '`spec.template.spec.containers[0].ports[0].containerPort` is -2147483649')
  const [amount] = judged(cluster, `${head}spec: ${container('resources: {limits: {cpu: true}}')}\n`)
  assert.match(amount?.message ?? '', '`spec.template.spec.containers[0].resources.limits.cpu` is true')
})

test('without a CRD, rules of Knative judge as ever', () => {
  const text = `${head}spec: {template: {spec: {containers: [{image: shop}]}}, traffic: [{percent: 90}]}\n`
  const found = plan([{ path: 'shop.yaml', text }], { shape: cluster }).diagnostics
  assert.equal(
    found.map(({ code }) => code),
    ['KN301'],
  )
})

/** A JSON schema around the spec. */
const json = (spec: object, more: object = {}): string =>
  JSON.stringify({ type: 'object', ...more, properties: { spec } })

const dialects: readonly (readonly [name: string, schema: string, spec: string, said: readonly string[]])[] = [
  ['2020-12 without a name', json({ required: ['traffic'] }), '{a: 1}', ['KN203 spec.traffic: spec']],
  [
    'draft-07 with a list of items',
    json(
      { properties: { a: { items: [{ type: 'string' }], additionalItems: false } } },
      { $schema: 'http://json-schema.org/draft-07/schema#' },
    ),
    '{a: [1]}',
    ['KN201 spec.a[0]: 1'],
  ],
  [
    'the latest of its time, with definitions',
    JSON.stringify({
      $schema: 'http://json-schema.org/schema#',
      id: 'https://example.com/service.json',
      definitions: { spec: { type: 'object', additionalProperties: false, properties: { template: {} } } },
      properties: { spec: { $ref: '#/definitions/spec' } },
    }),
    '{templates: 1}',
    ['KN202 spec.templates: templates'],
  ],
  [
    'one of OpenAPI',
    json(
      { properties: { a: { nullable: true }, b: { type: 'number', minimum: 1, exclusiveMinimum: true } } },
      { $schema: 'https://spec.openapis.org/oas/3.0/schema' },
    ),
    '{a: ~, b: 1}',
    ['KN204 spec.b: 1'],
  ],
  [
    'one that nobody knows, with formats and words of its own',
    json({ properties: { a: { format: 'shoe-size' } }, 'x-team': [] }, { $schema: 'urn:us', discriminator: 'kind' }),
    '{a: x}',
    [],
  ],
  [
    'null members are absent',
    json({ properties: { a: { type: 'string' } }, required: ['a'] }),
    '{a: ~}',
    ['KN203 spec.a: a'],
  ],
  [
    'null items are not',
    json({ properties: { a: { items: { type: 'string' } } } }),
    '{a: [~]}',
    ['KN201 spec.a[0]: ~'],
  ],
  [
    'alternatives are one error',
    json({ properties: { a: { anyOf: [{ type: 'string' }, { type: 'object', required: ['b'] }] } } }),
    '{a: {c: 1}}',
    ['KN204 spec.a: {c: 1}'],
  ],
  [
    'conditions are said by what they ask for',
    `{"properties": {"spec": {"if": {"required": ["a"]}, "then": {"required": ["b"]}}}}`,
    '{a: 1}',
    ['KN203 spec.b: spec'],
  ],
  [
    'dependent fields, sizes, false',
    json({
      properties: {
        a: { minItems: 2, uniqueItems: true },
        b: false,
        c: { multipleOf: 2 },
        d: { not: { type: 'string' } },
      },
      dependentRequired: { a: ['z'] },
      minProperties: 9,
    }),
    '{a: [1], b: 1, c: 3, d: x}',
    [
      'KN204 spec: {a: [1], b: 1, c: 3, d: x}',
      'KN203 spec.z: spec',
      'KN204 spec.a: [1]',
      'KN202 spec.b: b',
      'KN204 spec.c: 3',
      'KN204 spec.d: x',
    ],
  ],
  [
    'words that are seldom used',
    json({
      properties: {
        a: { contains: { const: 1 } },
        b: { propertyNames: { maxLength: 2 } },
        c: { prefixItems: [{}], items: false },
      },
    }),
    '{a: [2], b: {long: 1}, c: [1, 2]}',
    ['KN204 spec.a: [2]', 'KN204 spec.b: {long: 1}', 'KN204 spec.c: [1, 2]'],
  ],
  [
    'alternatives of types are one type',
    json({ properties: { a: { anyOf: [{ type: 'string' }, { type: 'boolean' }] } } }),
    '{a: 1}',
    ['KN201 spec.a: 1'],
  ],
  [
    'a circle that only some values enter',
    json({ properties: { a: { anyOf: [{ $ref: '#/properties/spec/properties/a' }] } } }),
    '{a: 1}',
    [`KN204 : ${head}spec: {a: 1}`],
  ],
  ['equal items', json({ properties: { a: { uniqueItems: true } } }), '{a: [1, 2, 1]}', ['KN205 spec.a[2]: 1']],
  ['no other fields', json({ properties: { a: {} }, unevaluatedProperties: false }), '{b: 1}', ['KN202 spec.b: b']],
]
for (const [name, schema, spec, expected] of dialects)
  test(`a JSON schema: ${name}`, () => {
    const shape = shapeOf(schema)
    assert.is(shape.kind, 'JSON Schema')
    assert.equal([...said(shape, spec)].toSorted(), [...expected].toSorted())
  })

const messageOf = (properties: object, spec: string): string =>
  judged(shapeOf(json({ properties })), `${head}spec: ${spec}\n`)
    .map((one) => one.message)
    .join('\n')

test('seldom words, and a schema without end, are said so that one can act on them', () => {
  assert.is(
    messageOf({ a: { contains: { const: 1 } } }, '{a: [2]}'),
    '`spec.a` is a list; must have an item that the schema requires',
  )
  assert.is(
    messageOf({ a: { propertyNames: { maxLength: 2 } } }, '{a: {long: 1}}'),
    '`spec.a` is a mapping; must have no field `long`',
  )
  assert.is(
    messageOf({ a: { prefixItems: [{}], items: false } }, '{a: [1, 2]}'),
    '`spec.a` is a list; must pass `items` of the schema',
  )
  assert.is(
    messageOf({ a: { anyOf: [{ $ref: '#/properties/spec/properties/a' }] } }, '{a: 1}'),
    '`kind: Service` is a mapping; must be validated by a schema that does not refer to itself endlessly',
  )
})

test('of several JSON schemas the one about a Service is taken', () => {
  const route = '{"type": "object", "properties": {"kind": {"enum": ["Route"]}}, "required": ["route"]}'
  const service = '{"type": "object", "properties": {"kind": {"const": "Service"}}, "required": ["extra"]}'
  const [found] = judged(shapeOf(`---\n${route}\n---\n${service}\n---\napiVersion: v1\nkind: ConfigMap\n`), head)
  assert.is(found?.message, '`extra` is missing')
})

const broken: readonly (readonly [name: string, text: string, message: RegExp, at?: string])[] = [
  ['nothing', '', /is neither a JSON schema nor the CustomResourceDefinition of Knative Services/],
  ['a manifest', `${head}spec: {}\n`, /is neither a JSON schema nor the CustomResourceDefinition of Knative Services/],
  [
    'no YAML',
    'type: [object\n',
    /^file is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a \]/,
  ],
  ['a bad alias', 'type: *a\n', /alias `\*a`/, '*a'],
  [
    'another CRD',
    crds.split('\n---\n')[0] ?? '',
    /defines `routes\.serving\.knative\.dev`; must define `services\.serving\.knative\.dev`/,
    'routes.serving.knative.dev',
  ],
  [
    'an old CRD',
    crds.replaceAll('io/v1\n', 'io/v1beta1\n'),
    /`apiVersion` is "apiextensions\.k8s\.io\/v1beta1"; must be `apiextensions\.k8s\.io\/v1`/,
    'apiextensions.k8s.io/v1beta1',
  ],
  ['nothing served', crds.replaceAll('served: true', 'served: false'), /`spec\.versions` has no served version/],
  [
    'no schema',
    crds.replaceAll('openAPIV3Schema:', 'other:'),
    /a served version has no `schema\.openAPIV3Schema`/,
    'schema',
  ],
  [
    'an unknown type',
    json({ type: 'text' }),
    /is not a valid schema: must be equal to one of the allowed values/,
    '"text"',
  ],
  [
    'a bad pattern',
    json({ pattern: '(' }),
    /is not a regular expression that Go accepts \(RE2\): missing closing \): `\(`/,
    '"("',
  ],
  [
    'a look ahead',
    json({ pattern: '(?=(a+)+b)' }),
    /is not a regular expression that Go accepts \(RE2\): invalid or unsupported Perl syntax: `\(\?=`/,
    '"(?=(a+)+b)"',
  ],
  [
    'a look back',
    json({ pattern: '(?<=a)b' }),
    /is not a regular expression that Go accepts \(RE2\): invalid named capture: `\(\?<=a\)b`/,
    '"(?<=a)b"',
  ],
  [
    'a reference back in a CRD',
    crds.replace('maxLength: 63', String.raw`pattern: '(a+)+\1'`),
    /is not a regular expression that Go accepts \(RE2\): invalid escape sequence: `\\1`/,
    String.raw`'(a+)+\1'`,
  ],
  [
    'a reference back in the name of fields',
    json({ patternProperties: { [String.raw`(a)\1`]: {} } }),
    /is not a regular expression that Go accepts \(RE2\): invalid escape sequence: `\\1`/,
  ],
  [
    'a bad pattern in a CRD',
    crds.replace('maxLength: 63', "pattern: '['"),
    /is not a regular expression that Go accepts \(RE2\): missing closing \]: `\[`/,
    "'['",
  ],
  [
    'a reference to elsewhere',
    json({ $ref: 'https://example.com/a.json' }),
    /cannot be compiled: can't resolve reference https:\/\/example\.com\/a\.json from id #/,
  ],
  ['a circle', json({ $ref: '#/properties/spec' }), /is nested too deeply or refers to itself/],
  ['depth', `{"type":"object","properties":{"a":${'{"not":'.repeat(3000)}{}${'}'.repeat(3000)}}}`, /nested|deep|stack/],
]
for (const [name, text, message, place] of broken)
  test(`is no schema: ${name}`, () => {
    const fault = read(text)
    if ('check' in fault) throw new Error('it was taken')
    assert.match(fault.message, message)
    assert.not.match(fault.message, /\n/)
    if (place !== undefined) assert.is(text.slice(fault.range?.start, fault.range?.end), place)
  })

test('patterns of Go mean what they mean to Go', () => {
  const shape = shapeOf(
    json({ properties: { a: { pattern: String.raw`(?i)\A[[:alpha:]]+\z` }, b: { pattern: String.raw`^\p{Lu}$` } } }),
  )
  assert.equal(said(shape, '{a: Abc, b: Ä}'), [])
  assert.equal(said(shape, '{a: a1, b: ä}'), ['KN204 spec.a: a1', 'KN204 spec.b: ä'])
})

test('a JSON schema may spell characters as JavaScript does', () => {
  const shape = shapeOf(json({ properties: { a: { pattern: String.raw`^\u0041\u{42}\ud83d\uDE00\\u$` } } }))
  assert.equal(said(shape, String.raw`{a: 'AB😀\u'}`), [])
  assert.equal(said(shape, '{a: AB}'), ['KN204 spec.a: AB'])
})

test('a schema of many fields judges', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`field${index}`, { type: 'string' }]),
  )
  assert.equal(said(shapeOf(json({ properties, additionalProperties: false })), '{field7: 1, other: 2}'), [
    'KN201 spec.field7: 1',
    'KN202 spec.other: other',
  ])
})

test.run()
