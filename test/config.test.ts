// The configuration: what it may say, what it says where it is wrong, and that its published schema agrees.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { isLasting } from '../src/codes/code.js'
import { readConfig } from '../src/config/config.js'
import { allCodes } from '../src/pipeline/codes.js'
import { plan } from '../src/pipeline/plan.js'
import { builtInPlans, stages } from '../src/stages/stages.js'
import { templateFault } from '../src/stages/url.js'
import type { Diagnostic } from '../src/text/diagnostic.js'

const test = suite('config')
const codes = allCodes().map(({ code }) => code)
const known = {
  codes: new Map(codes.map((code) => [code, code] as const)),
  stages,
  plans: builtInPlans.map(({ name }) => name),
  templateFault,
}
const schema = JSON.parse(readFileSync(new URL('../schemas/config.json', import.meta.url), 'utf8')) as {
  readonly properties: { readonly rules: { readonly properties: object } }
}
const isConfig = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema)

function read(text: string): ReturnType<typeof readConfig> {
  return readConfig({ path: '.kn-rollout.yaml', text }, known)
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
    const { config, faults } = read(text)
    assert.equal({ config, faults }, { config: { rules, plans: [], services: [] }, faults: [] })
    assert.ok(isConfig(parse(text)))
  })

const bad: readonly (readonly [text: string, at: string, message: RegExp, help?: RegExp])[] = [
  ['- a', '- a', /^`\.kn-rollout\.yaml` is a list; must be a mapping/],
  ['rules', 'rules', /`\.kn-rollout\.yaml` is `rules`; must be a mapping/],
  ['ruls: {}', 'ruls', /^unknown key `ruls`/, /^did you mean `rules`\?$/],
  ['attack: 1', 'attack', /unknown key `attack`/, /^use `rules`, `plans`, `plan`, `services`, `cluster`/],
  ['rules: off', 'rules', /^`rules` is `off`; must be a mapping/],
  ['rules: []', 'rules', /^`rules` is a list; must be a mapping/],
  ['rules: ""', 'rules', /^`rules` is empty; must be a mapping/],
  ['rules:\n  KN3133: off', 'KN3133', /^`rules` has the unknown code `KN3133`/, /^did you mean `KN313`\?$/],
  [
    'rules:\n  numbered-name: off',
    'numbered',
    /`rules` has the unknown code `numbered-name`/,
    /run `kn-rollout explain` to list all codes/,
  ],
  ['rules:\n  KN404: off', 'KN404', /^`rules\.KN404` cannot be set: the severity of `KN404` is fixed/],
  ['rules:\n  KN101: note', 'KN101', /`rules\.KN101` cannot be set: the severity of `KN101` is fixed/],
  ['rules:\n  KN191: off', 'KN191', /`rules\.KN191` cannot be set: the severity of `KN191` is fixed/],
  [
    'rules:\n  KN313: warn',
    'warn',
    /^`rules\.KN313` is `warn`; must be `off`, `note`, `warning` or `error`/,
    /^did you mean `warning`\?$/,
  ],
  [
    'rules:\n  KN313: Off',
    'Off',
    /`rules\.KN313` is `Off`; must be `off`, `note`, `warning` or `error`/,
    /^did you mean `off`\?$/,
  ],
  ['rules:\n  KN313:', 'KN313', /`rules\.KN313` is empty; must be `off`, `note`, `warning` or `error`/],
  ['rules:\n  KN313: false', 'false', /`rules\.KN313` is `false`; must be `off`, `note`, `warning` or `error`/],
  ['rules:\n  KN313: [off]', '[off]', /`rules\.KN313` is a list; must be `off`, `note`, `warning` or `error`/],
]

for (const [text, at, message, help] of bad)
  test(`refuses ${JSON.stringify(text)}`, () => {
    const { config, faults } = read(text)
    assert.equal(config.rules, {})
    assert.is(faults.length, 1)
    const [found] = faults as readonly [Diagnostic]
    assert.is(found.code, 'KN191')
    assert.is(found.severity, 'error')
    assert.match(found.message, message)
    assert.match(found.help ?? '', help ?? /^/)
    assert.is(found.range?.start, text.indexOf(at))
    assert.not.ok(isConfig(parse(text)))
  })

test('takes how the cluster makes URLs', () => {
  const text = 'domain: acme.dev\nurlTemplate: "https://{{.Tag}}---{{.Name}}-abc123-ew.a.run.app"\n'
  const { config, faults } = read(text)
  assert.equal(faults, [])
  assert.ok(isConfig(parse(text)), JSON.stringify(isConfig.errors))
  assert.equal(config.urls, { domain: 'acme.dev', template: 'https://{{.Tag}}---{{.Name}}-abc123-ew.a.run.app' })
})

const badUrls: readonly (readonly [text: string, message: RegExp])[] = [
  ['domain: "https://acme.dev"', /^`domain` is `https:\/\/acme\.dev`; must be a host name such as `acme\.dev`$/],
  ['domain: [a]', /^`domain` is a list; must be the domain of the cluster, /],
  ['domain:', /^`domain` is empty; must be /],
  ['urlTemplate: "{{.Names}}.run"', /^`urlTemplate` has the unknown placeholder `\{\{\.Names\}\}`$/],
  [`urlTemplate: ${'-'.repeat(501)}`, /^`urlTemplate` has more than 500 characters$/],
]
for (const [text, message] of badUrls)
  test(`refuses ${text.slice(0, 40)}`, () => {
    const { faults } = read(text)
    assert.equal(
      faults.map(({ code }) => code),
      ['KN191'],
    )
    assert.match(faults[0]?.message ?? '', message)
  })

/** The steps of a plan as they are read, or what is wrong with them. */
function steps(text: string): readonly string[] {
  const { config, faults } = read(`plans:\n  own: [${text}]\n`)
  return faults.length > 0 ? faults.map((fault) => fault.message) : [JSON.stringify(config.plans[0]?.steps)]
}

test('only a stage that gives the candidate everything takes its tag away', () => {
  assert.equal(steps('{ stage: promote, untag: true }'), ['[{"stage":"promote","untag":true}]'])
  assert.equal(steps('{ stage: all, percent: 100, untag: true }'), ['[{"stage":"all","percent":100,"untag":true}]'])
  assert.equal(steps('{ stage: promote, untag: false }'), ['[{"stage":"promote"}]'])
  assert.match(
    steps('{ stage: split, untag: true }').join(),
    /^`plans\.own\[0\]\.untag` is on a stage that does not give the candidate 100%/,
  )
  assert.match(
    steps('{ stage: promote, untag: maybe }').join(),
    /`plans\.own\[0\]\.untag` is `maybe`; must be true or false/,
  )
  assert.match(steps('{ stage: promote, untag: true, tag: v2 }').join(), /has both `tag` and `untag`$/)
})

test('takes plans, the default one, and who follows which', () => {
  const text = `plan: careful
plans:
  careful:
    - preview
    - { stage: five, percent: 5, soak: 30m }
    - stage: split
      percent: 60
      soak: 1h30m
    - { stage: promote, soak: 2d }
    - retire
  quick: [{stage: all, percent: 100, tag: next}]
services:
  - { name: shop/*, plan: canary }
  - { path: "apps/prod/**", name: cart, plan: quick }
`
  const { config, faults } = read(text)
  assert.equal(faults, [])
  assert.ok(isConfig(parse(text)), JSON.stringify(isConfig.errors))
  assert.equal(config, {
    rules: {},
    plan: 'careful',
    plans: [
      {
        name: 'careful',
        steps: [
          { stage: 'preview' },
          { stage: 'five', percent: 5, soak: 1800 },
          { stage: 'split', percent: 60, soak: 5400 },
          { stage: 'promote', soak: 172_800 },
          { stage: 'retire' },
        ],
      },
      { name: 'quick', steps: [{ stage: 'all', percent: 100, tag: 'next' }] },
    ],
    services: [
      { name: 'shop/*', plan: 'canary' },
      { path: 'apps/prod/**', name: 'cart', plan: 'quick' },
    ],
  })
})

const badPlans: readonly (readonly [text: string, at: string, message: RegExp, help?: RegExp])[] = [
  ['plans: [a]', 'plans', /^`plans` is a list; must be a mapping$/],
  ['plans:\n  a: {}', '{}', /^`plans\.a` is a mapping; must be a list$/],
  ['plans:\n  a:', 'a:', /^`plans\.a` has no stage$/],
  ['plans:\n  A: [promote]', 'A', /^`plans\.A` has a name with other characters/],
  ['plans:\n  canary: [promote]', 'canary', /^`plans\.canary` has the name of a built-in plan$/],
  ['plans:\n  a: [promotte]', 'promotte', /^stage `promotte` is neither built in/, /`promote`?\?$/],
  ['plans:\n  a: [five]', 'five', /^stage `five` is neither built in nor has a `percent`$/, /^add `percent`/],
  ['plans:\n  a: [{percent: 5}]', '{percent', /^`plans\.a\[0\]\.stage` is missing$/],
  ['plans:\n  a: [{stage: }]', 'stage', /^`plans\.a\[0\]\.stage` is empty; must be a name$/],
  ['plans:\n  a: [[]]', '[]]', /^`plans\.a\[0\]` is a list; must be a stage$/],
  [
    'plans:\n  a: [{stage: promote, percent: 90}]',
    'promote',
    /^`plans\.a\[0\]` has a `percent`, but `promote` is a built-in stage with its own$/,
  ],
  [
    'plans:\n  a: [{stage: x, percent: 101}]',
    '101',
    /^`plans\.a\[0\]\.percent` is `101`; must be a whole number from 0 to 100$/,
  ],
  [
    'plans:\n  a: [{stage: x, percent: 5.5}]',
    '5.5',
    /^`plans\.a\[0\]\.percent` is `5\.5`; must be a whole number from 0 to 100$/,
  ],
  ['plans:\n  a: [{stage: X y, percent: 5}]', 'X y', /^stage `X y` has other characters/],
  [
    'plans:\n  a: [{stage: x, percent: 5, soak: 3 days}]',
    '3 days',
    /^`plans\.a\[0\]\.soak` is `3 days`; must be a duration such as `45m`, `1h30m` or `2d`$/,
  ],
  [
    'plans:\n  a: [{stage: x, percent: 5, soak: }]',
    'soak',
    /^`plans\.a\[0\]\.soak` is empty; must be a duration such as `45m`, `1h30m` or `2d`$/,
  ],
  [
    'plans:\n  a: [{stage: x, percent: 5, tag: V2}]',
    'V2',
    /^`plans\.a\[0\]\.tag` is `V2`; must be a DNS label of lower-case letters, digits and `-`$/,
  ],
  ['plans:\n  a: [{stage: x, percent: 5, sok: 1h}]', 'sok', /^unknown key `plans\.a\[0\]\.sok`$/, /`soak`\?$/],
  ['plans:\n  a: [rollback]', 'rollback', /^`plans\.a\[0\]` is `rollback`, which works from every stage$/],
  ['plan: []', '[]', /^`plan` is a list; must be a plan$/],
  ['services: {}', '{}', /^`services` is a mapping; must be a list$/],
  [
    'services:\n  - plan: canary',
    'plan',
    /^`services\[0\]` needs `plan`, `revisions` or `group`, and the `name` or `path` of its Services$/,
  ],
  ['services:\n  - name: a', 'name', /^`services\[0\]` needs `plan`, `revisions` or `group`/],
  ['services:\n  - {name: a, revisions: b}', 'b}', /^`services\[0\]\.revisions` is `b`; must be a list$/],
  ['services:\n  - {name: a, plan: canary, pth: b}', 'pth', /^unknown key `services\[0\]\.pth`$/, /`path`\?$/],
]
/** What only the reader can know: a JSON schema compares no names and no shares. */
const beyondSchema: typeof badPlans = [
  ['plans:\n  a: [retire]', 'retire', /^stage `retire` of `plans\.a` does not follow a stage with 100%$/],
  [
    'plans:\n  a: [promote, preview]',
    'preview',
    /^stage `preview` of `plans\.a` does not raise the percent of `promote` before it$/,
  ],
  ['plans:\n  a: [{stage: x, percent: 5}, {stage: x, percent: 6}]', 'x, percent: 6', /^`plans\.a` has two stages `x`$/],
  ['plan: canry', 'canry', /^`plan` is `canry`; must be a plan$/, /^did you mean `canary`\?$/],
  [
    'services:\n  - {name: a, plan: zzz}',
    'zzz',
    /^`services\[0\]\.plan` is `zzz`; must be a plan$/,
    /^use `blue-green`, `canary`$/,
  ],
]

for (const [text, at, message, help] of [...badPlans, ...beyondSchema])
  test(`refuses ${JSON.stringify(text)}`, () => {
    const { faults } = read(text)
    const found = faults.find((fault) => message.test(fault.message))
    assert.ok(found, faults.map((fault) => fault.message).join('; ') || 'no fault')
    assert.match(found.help ?? '', help ?? /^/)
    if (!text.includes('x, percent: 6')) assert.is(found.range?.start, text.indexOf(at), found.message)
    assert.is(
      isConfig(parse(text)),
      beyondSchema.some(([one]) => one === text),
      text,
    )
  })

test('refuses what is no YAML, two documents and keys that stand twice', () => {
  assert.match(
    read('rules: {').faults[0]?.message ?? '',
    /^file is not valid YAML: flow map in block collection must be sufficiently indented and end with a \}/,
  )
  assert.match(
    read('rules: {}\n---\nrules: {}\n').faults[0]?.message ?? '',
    /`\.kn-rollout\.yaml` has more than one document/,
  )
  assert.match(read('rules:\n  KN313: off\n  KN313: note\n').faults[0]?.message ?? '', /`rules\.KN313` is duplicated/)
})

test('the schema knows exactly the codes that can be set', () => {
  assert.equal(
    Object.keys(schema.properties.rules.properties),
    allCodes().flatMap(({ code, name }) => (isLasting(code) ? [] : [code, name])),
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
