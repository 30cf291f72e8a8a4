// The configuration: what it may say, what it says where it is wrong, and that its published schema agrees.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { readConfig } from '../src/manifest/config.js'
import { isLasting } from '../src/manifest/own-faults.js'
import { codes as table } from '../src/pipeline/codes.js'
import { plan } from '../src/pipeline/plan.js'
import type { Diagnostic } from '../src/text/diagnostic.js'

const test = suite('config')
const codes = table.map(({ code }) => code)
const schema = JSON.parse(readFileSync(new URL('../schemas/config.json', import.meta.url), 'utf8')) as {
  readonly properties: { readonly rules: { readonly properties: object } }
}
const isConfig = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

function read(text: string): ReturnType<typeof readConfig> {
  return readConfig({ path: '.kn-rollout.yaml', text }, codes)
}

const good: readonly (readonly [text: string, rules: object])[] = [
  ['', {}],
  ['# nothing yet\n', {}],
  ['~', {}],
  ['{}', {}],
  ['rules:\n', {}],
  ['rules: {}', {}],
  ['rules:\n  KN313: off\n  KN315: "warning"\n', { KN313: 'off', KN315: 'warning' }],
  ['{"rules": {"KN301": "note"}}', { KN301: 'note' }],
  ['rules:\n  KN313: &quiet off\n  KN312: *quiet\n', { KN313: 'off', KN312: 'off' }],
]

for (const [text, rules] of good)
  test(`takes ${JSON.stringify(text)}`, () => {
    assert.equal(read(text), { config: { rules }, faults: [] })
    assert.ok(isConfig(parse(text)))
  })

const bad: readonly (readonly [text: string, at: string, message: RegExp, help?: RegExp])[] = [
  ['- a', '- a', /^`\.kn-rollout\.yaml` must be a mapping, but is a list$/],
  ['rules', 'rules', /must be a mapping, but is `rules`$/],
  ['ruls: {}', 'ruls', /^`ruls` must be a known key, but is not$/, /^did you mean `rules`\?$/],
  ['plan_of_attack: 1', 'plan', /must be a known key/, /^the keys are `rules`$/],
  ['rules: off', 'rules', /^`rules` must be a mapping, but is `off`$/],
  ['rules: []', 'rules', /^`rules` must be a mapping, but is a list$/],
  ['rules: ""', 'rules', /^`rules` must be a mapping, but is empty$/],
  ['rules:\n  KN3133: off', 'KN3133', /^`rules` must name codes, but `KN3133` is none$/, /^did you mean `KN313`\?$/],
  ['rules:\n  numbered-name: off', 'numbered', /must name codes/, /README/],
  ['rules:\n  KN404: off', 'KN404', /^`rules` must not set `KN404`: it is an error or a note wherever it is found$/],
  ['rules:\n  KN101: note', 'KN101', /must not set `KN101`/],
  ['rules:\n  KN191: off', 'KN191', /must not set `KN191`/],
  [
    'rules:\n  KN313: warn',
    'warn',
    /^`rules\.KN313` must be `off`, `note`, `warning` or `error`, but is `warn`$/,
    /^did you mean `warning`\?$/,
  ],
  ['rules:\n  KN313: Off', 'Off', /but is `Off`$/, /^did you mean `off`\?$/],
  ['rules:\n  KN313:', 'KN313', /but is empty$/],
  ['rules:\n  KN313: false', 'false', /but is `false`$/],
  ['rules:\n  KN313: [off]', '[off]', /but is a list$/],
]

for (const [text, at, message, help] of bad)
  test(`refuses ${JSON.stringify(text)}`, () => {
    const { config, faults } = read(text)
    assert.equal(config, { rules: {} })
    assert.is(faults.length, 1)
    const [found] = faults as readonly [Diagnostic]
    assert.is(found.code, 'KN191')
    assert.is(found.severity, 'error')
    assert.match(found.message, message)
    assert.match(found.help ?? '', help ?? /^/)
    assert.is(found.range?.start, text.indexOf(at))
    assert.not.ok(isConfig(parse(text)))
  })

test('refuses what is no YAML, two documents and keys that stand twice', () => {
  assert.match(read('rules: {').faults[0]?.message ?? '', /^must be valid YAML: /)
  assert.match(read('rules: {}\n---\nrules: {}\n').faults[0]?.message ?? '', /must be one document, but has more$/)
  assert.match(
    read('rules:\n  KN313: off\n  KN313: note\n').faults[0]?.message ?? '',
    /`rules\.KN313` must not stand twice/,
  )
})

test('the schema knows exactly the codes that can be set', () => {
  assert.equal(
    Object.keys(schema.properties.rules.properties),
    codes.filter((code) => !isLasting(code)),
    'run `npm run docs`',
  )
})

const file = {
  path: 'shop.yaml',
  text: 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  traffic:\n    - revisionName: cart-v1\n      percent: 99\n  template:\n    spec:\n      containers:\n        - image: ghcr.io/acme/shop:2.1.0\n',
}

function severitiesFound(severities: Parameters<typeof plan>[1]['severities']): readonly string[] {
  const { diagnostics } = plan([file], severities ? { severities } : {})
  return diagnostics.map(({ code, severity }) => `${code} ${severity}`)
}

test('severities are lowered, raised and turned off', () => {
  assert.equal(severitiesFound(undefined), ['KN301 error', 'KN312 warning'])
  assert.equal(severitiesFound({ KN301: 'note', KN312: 'error' }), ['KN301 note', 'KN312 error'])
  assert.equal(severitiesFound({ KN301: 'off', KN312: 'off' }), [])
})

test('a severity turns an optional rule on', () => {
  const fresh = { path: 'a.yaml', text: file.text.replace(/ {2}traffic:[^]*?(?= {2}template)/, '') }
  assert.equal(plan([fresh], {}).diagnostics, [])
  assert.is(plan([fresh], { severities: { KN315: 'error' } }).diagnostics[0]?.severity, 'error')
  assert.equal(plan([fresh], { severities: { KN315: 'off' }, enabled: ['KN315'] }).diagnostics, [])
})

test('what cannot be read stays an error', () => {
  const broken = { path: 'a.yaml', text: `${file.text}a: [` }
  assert.is(plan([broken], { severities: { KN101: 'off' } }).diagnostics[0]?.severity, 'error')
})

test('the request counts more than the file', () => {
  const configuration = { path: '.kn-rollout.yaml', text: 'rules: {KN301: off, KN312: off}' }
  assert.equal(plan([file], { configuration }).diagnostics, [])
  assert.is(plan([file], { configuration, severities: { KN301: 'note' } }).diagnostics.length, 1)
})

test.run()
