// schemas/config.json and the reader of .kn-rollout.yaml agree, as far as a JSON schema can say what the reader knows.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { readKnown } from '../src/pipeline/settings.js'

type Shape = { readonly [Key: string]: unknown }

const schema = JSON.parse(readFileSync(new URL('../schemas/config.json', import.meta.url), 'utf8')) as Shape
const isConfig = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema)

/** What the reader says of a value, without what only it can know: names that are compared, and what adds up. */
function faultsOf(value: unknown): { readonly faults: readonly string[]; readonly isBeyond: boolean } {
  const text = JSON.stringify(value)
  const faults = readKnown({ path: '.kn-rollout.yaml', text }).faults.map(({ message }) => message)
  return { faults, isBeyond: faults.length > 0 && faults.every((fault) => beyond.test(fault)) }
}

const beyond = new RegExp(
  [
    'must be a plan$',
    'has two stages',
    'does not raise the percent',
    'does not follow a stage with 100%',
    'sets `KN\\d+` twice',
    'must be the name of a time zone',
    'is before `freeze',
    'is greater than',
    'must be a date such as .2026-12-24.$',
    'placeholders besides those',
    'a name; `\\{\\{\\.Name\\}\\}`',
  ].join('|'),
)

const scalar = fc.constantFrom<unknown>('', 'a', 'shop', 'true', 'off', '7', 7, 0, 100, 101, -1, 1.5, true, false, null)
const odd = fc.oneof({ arbitrary: scalar, weight: 4 }, fc.constantFrom<unknown>([], {}, [null], ['a'], { a: 1 }, [[]]))
/** A value that fits most of the time. */
const mostly = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: good, weight: 12 }, { arbitrary: odd, weight: 1 })
const some = (...values: readonly unknown[]): fc.Arbitrary<unknown> => mostly(fc.constantFrom(...values))
/** A few of the keys, and now and then one that nobody knows. */
function object(shape: Readonly<Record<string, fc.Arbitrary<unknown>>>, most = 3): fc.Arbitrary<unknown> {
  const known = fc.shuffledSubarray(Object.keys(shape), { maxLength: Math.min(most, Object.keys(shape).length) })
  const isOdd = fc.integer({ min: 0, max: 20 }).map((die) => die === 0)
  return fc.tuple(known, isOdd).chain(([keys, withUnknown]) => {
    const chosen = Object.fromEntries(keys.map((key) => [key, shape[key] ?? odd]))
    return fc.record(withUnknown ? { ...chosen, unknown: odd } : chosen)
  })
}
const list = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => mostly(fc.array(item, { maxLength: 2 }))

const step = fc.oneof(
  some('preview', 'split', 'promote', 'rollback', 'few'),
  object({
    stage: some('preview', 'split', 'promote', 'retire', 'rollback', 'few', 'UP', 7, true),
    percent: some(5, 50, 100, '5', '050', '100', '101', 5.5),
    tag: some('v2', 'V2', 'a-', 2, true),
    soak: some('45m', '1h30m', '2d', '3 days', 'm', '1000000d'),
    untag: some(true, false, 'true', 'false', 'yes'),
  }),
)
const choice = object({
  name: some('shop/*', 5),
  path: some('apps/**'),
  plan: some('canary'),
  group: some('all'),
  revisions: list(some('shop-v1', '')),
})
const cluster = object({
  features: mostly(object({ 'multi-container': some('enabled', 'Disabled', 'on'), _example: odd })),
  defaults: mostly(
    object({
      'revision-timeout-seconds': some('300', 300, '1e3'),
      'enable-service-links': some('default', true, 'False', 'no'),
      'revision-cpu-request': some('100m', 1, '1x'),
      'container-name-template': some('user-container', '{{.Name}}', '{{.Nope}}'),
    }),
  ),
})
const freeze = object({
  days: list(some('fri', 'sun', 'friday')),
  hours: some('16:00-24:00', '22:00-6:00', '8:00-08:00', '25:00-26:00', '24:00-24:00'),
  from: some('2026-12-20', '2026-02-30', '2026-13-01', '20.12.2026'),
  to: some('2027-01-02'),
  timeZone: some('Europe/Berlin', 'Nowhere/Else'),
  reason: some('holidays'),
  name: some('shop'),
  path: some('apps/**'),
})
const configuration = object(
  {
    rules: mostly(
      object({
        'traffic-sum': some('off', 'note', 'warning', 'error', 'loud'),
        KN312: some('off'),
        KN404: some('off'),
      }),
    ),
    plans: mostly(object({ own: list(step), canary: list(step), 'Not-A-Label': list(step) })),
    plan: some('blue-green', 'canary', 'nowhere'),
    services: list(mostly(choice)),
    cluster: mostly(cluster),
    freeze: list(mostly(freeze)),
    domain: some('acme.dev', 'https://acme.dev', 'a-', 'acme.dev:8080'),
    urlTemplate: some('{{.Name}}.{{.Domain}}', '{{- .Name -}}', '{{.Names}}', 'a}}', 'x'.repeat(501)),
  },
  1,
)

const test = suite('config-schema')

const parts: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'a configuration': configuration,
  'a stage of a plan': step.map((one) => ({ plans: { own: [one] } })),
  'a choice of Services': choice.map((one) => ({ services: [one] })),
  'a freeze': freeze.map((one) => ({ freeze: [one] })),
  'the settings of a cluster': cluster.map((one) => ({ cluster: one })),
}
for (const [what, part] of Object.entries(parts))
  test(`the schema takes of ${what} what the reader takes, and refuses what it refuses`, () => {
    let taken = 0
    fc.assert(
      fc.property(part, (value) => {
        const { faults, isBeyond } = faultsOf(value)
        const isTaken = isConfig(value)
        if (faults.length === 0) taken++
        if (faults.length === 0) assert.ok(isTaken, JSON.stringify(isConfig.errors))
        else if (!isBeyond) assert.not.ok(isTaken, faults.join('; '))
      }),
      { numRuns: 300 },
    )
    assert.ok(taken > 30, `${taken} were taken`)
  })

const table: readonly (readonly [value: unknown, isTaken: boolean])[] = [
  [{ services: [{ name: 'shop', revisions: ['shop-00007'] }] }, true],
  [{ services: [{ path: 'apps/**', group: 'all' }] }, true],
  [{ services: [{ revisions: ['shop-00007'] }] }, false],
  [{ services: [{ name: 'shop' }] }, false],
  [{ services: [{ name: 'shop', revisions: [''] }] }, false],
  [{ services: [{ name: 'shop', plan: 'canary', revisions: null }] }, true],
  [{ cluster: { features: { _example: 'x' } } }, true],
  [{ plans: { own: [{ stage: 'all', percent: 100, untag: 'true' }] } }, true],
  [{ plans: { own: ['preview', { stage: 'split', percent: 50, untag: true }] } }, false],
  [{ plans: { own: [{ stage: 'promote', untag: true, tag: 'v2' }] } }, false],
  [{ freeze: [{ days: null }] }, true],
  [{ plans: { own: [{ stage: 'few', percent: '050' }] } }, true],
  [{ plan: 'canary', domain: 'acme.dev' }, true],
]
for (const [value, isTaken] of table)
  test(`${JSON.stringify(value)} is ${isTaken ? 'taken' : 'refused'} by both`, () => {
    assert.equal([faultsOf(value).faults.length === 0, isConfig(value)], [isTaken, isTaken])
  })

test('every key, at any depth, says what it is for, and every example is one', () => {
  const bare: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const [index, one] of value.entries()) visit(one, `${path}/${index}`)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [key, one] of Object.entries(value)) {
      if (key === 'examples' || key === 'enum') continue
      if (key === 'if' || key === 'then' || key === 'else' || key === 'allOf') continue
      if (key === 'properties')
        for (const [name, own] of Object.entries(one as Shape))
          if (typeof (own as Shape)['description'] !== 'string') bare.push(`${path}/${name}`)
      visit(one, `${path}/${key}`)
    }
  }
  visit(schema, '')
  assert.equal(bare, [])
  const { examples, properties, $schema, $id, title } = schema
  assert.equal([$schema, typeof $id, typeof title], ['http://json-schema.org/draft-07/schema#', 'string', 'string'])
  const shown = [
    ...(examples as readonly unknown[]),
    ...Object.entries(properties as Record<string, Shape>).flatMap(([key, own]) =>
      ((own['examples'] ?? []) as readonly unknown[]).map((one) => ({ [key]: one })),
    ),
  ]
  assert.ok(shown.length > 6)
  for (const one of shown) {
    const { faults, isBeyond } = faultsOf(one)
    assert.ok(faults.length === 0 || isBeyond, `${JSON.stringify(one)}: ${faults.join()}`)
    assert.ok(isConfig(one), JSON.stringify(one))
  }
})

function readIn(name: string): Shape {
  return JSON.parse(readFileSync(new URL(`../schemas/${name}`, import.meta.url), 'utf8')) as Shape
}

/** A schema as JSON without its patterns, and without the numbers that JavaScript rounds. */
function without(text: string): string {
  return text.replaceAll(/"pattern":"(?:[^"\\]|\\.)*",?/g, '').replaceAll(/,(?=\})|922337203685477\d+/g, '')
}

test('the schema of Services for kubeconform has no pattern that Go cannot read, and is as strict in all else', () => {
  const [own, whole] = [readIn('serving.knative.dev/service_v1.json'), readIn('service.json')]
  const patterns: string[] = []
  JSON.stringify(own, (key, value: unknown) => {
    if (key === 'pattern' && typeof value === 'string') patterns.push(value)
    return value
  })
  assert.ok(patterns.length > 4)
  assert.equal(
    patterns.filter((pattern) => /\(\?[=!<]|\\[1-9u0]/.test(pattern)),
    [],
  )
  const [{ $id: _own, ...rest }, { $id: _whole, ...wanted }] = [own, whole]
  assert.is(without(JSON.stringify(rest)), without(JSON.stringify(wanted)))
})

test('has no reference beside other keys, which draft 07 passes over', () => {
  const found = JSON.stringify(schema, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value
    return Object.keys(value).length === 1 ? value : 'BESIDE'
  })
  assert.not.match(found, 'BESIDE')
  assert.not.match(found, '$defs')
})

test.run()
