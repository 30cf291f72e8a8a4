// Plans: which Service follows which, what their stages do, and where the traffic of a file stands in them.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { TrafficTarget } from '../src/manifest/traffic.js'
import { plan as runPlan } from '../src/pipeline/plan.js'
import { settingsOf } from '../src/pipeline/settings.js'
import type { MoveRequest } from '../src/stages/apply.js'
import { blueGreen, builtInPlans, type RolloutPlan } from '../src/stages/stages.js'
import { positionIn, stepAfter } from '../src/stages/position.js'
import { findRoles } from '../src/stages/roles.js'
import { Sandbox } from './cli/sandbox.js'

const test = suite('plans')
const [, canary = blueGreen] = builtInPlans

function targets(text: string): readonly TrafficTarget[] {
  return text.split(' ').flatMap((word, origin) => {
    const [name = '', percent, tag] = word.split(':')
    if (name === '') return []
    const revision = name === 'latest' ? ({ latest: true } as const) : { name }
    return [{ revision, percent: Number(percent), origin, ...(tag !== undefined && { tag }) }]
  })
}

/** `state stage → next` of a file with that traffic. */
function standing(plan: RolloutPlan, text: string, templateName?: string): string {
  const traffic = targets(text)
  const roles = findRoles({ traffic, ...(templateName !== undefined && { templateName }) })
  const position = positionIn(plan, traffic, roles)
  return `${position.state} ${position.step?.stage.name ?? '-'} → ${stepAfter(plan, position)?.stage.name ?? '-'}`
}

const states: readonly (readonly [plan: RolloutPlan, traffic: string, expected: string, template?: string])[] = [
  [blueGreen, '', 'unpinned - → pin'],
  [blueGreen, 'latest:100', 'unpinned - → pin'],
  [blueGreen, 'a-1:100', 'single pin → preview'],
  [blueGreen, 'a-1:100', 'single pin → preview', 'a-2'],
  [blueGreen, 'a-1:100 a-2:0:v2', 'shared preview → split'],
  [blueGreen, 'a-1:100 a-2:0:v2', 'single pin → preview', 'a-3'],
  [blueGreen, 'a-1:50 a-2:50:v2', 'shared split → promote'],
  [blueGreen, 'a-1:70 a-2:30:v2', 'shared - → split'],
  [blueGreen, 'a-1:40 a-2:60:v2', 'shared - → promote'],
  [blueGreen, 'a-1:0 a-2:100:v2', 'shared promote → retire'],
  [blueGreen, 'a-2:100:v2', 'single retire → preview'],
  [blueGreen, 'a-1:100 latest:0', 'shared preview → split'],
  [blueGreen, 'a-1:50 latest:50:latest', 'shared split → promote'],
  [blueGreen, 'a-1:0 latest:100:latest', 'shared promote → retire'],
  [blueGreen, 'latest:100 a-1:0', 'shared promote → retire'],
  [blueGreen, 'latest:100:latest', 'unpinned - → pin'],
  // A route of its own tells of no rollout: to pin what has it would be to go back.
  [blueGreen, 'latest:100 a-1:0:old', 'unpinned - → -'],
  [blueGreen, 'latest:100 a-1:0:old', 'unpinned - → -', 'a-2'],
  [blueGreen, 'a-1:40 a-2:30 a-3:30', 'odd - → -'],
  [canary, '', 'unpinned - → preview'],
  [canary, 'a-1:100', 'single - → preview'],
  [canary, 'a-1:0 latest:100:latest', 'shared promote → retire'],
  [canary, 'a-1:100 a-2:0:v2', 'shared preview → 10'],
  [canary, 'a-1:90 a-2:10:v2', 'shared 10 → 25'],
  [canary, 'a-1:85 a-2:15:v2', 'shared - → 25'],
  [canary, 'a-1:50 a-2:50:v2', 'shared 50 → promote'],
  [canary, 'a-1:0 a-2:100:v2', 'shared promote → retire'],
]

for (const [plan, traffic, expected, template] of states)
  test(`${plan.name}: ${traffic || 'nothing'}${template === undefined ? '' : ` of ${template}`}`, () => {
    assert.is(standing(plan, traffic, template), expected)
  })

const configuration = {
  path: '.kn-rollout.yaml',
  text: `plan: careful
plans:
  careful: [{ stage: five, percent: 5, tag: next }, { stage: all, percent: 100 }, retire]
services:
  - { name: "bank/*", plan: canary }
  - { path: "apps/**/prod.yaml", plan: blue-green }
`,
}

function service(name: string, path: string, namespace = 'shop'): { readonly path: string; readonly text: string } {
  const text = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  template:
    spec:
      containers:
        - image: ghcr.io/acme/${name}:1
  traffic:
    - revisionName: ${name}-00001
      percent: 100
`
  return { path, text }
}

function move(stage: string, files: readonly { readonly path: string; readonly text: string }[]): readonly string[] {
  const candidate = '{{.Service}}-00002'
  const outcome = runPlan(files, { all: true, configuration, move: { command: 'apply', stage, candidate } })
  const moved = outcome.changes.flatMap(({ changes }) =>
    changes.map(
      ({ service: name, after }) => `${name} ${after.map(({ percent, tag }) => `${percent}${tag ?? ''}`).join('/')}`,
    ),
  )
  return [...moved, ...outcome.diagnostics.map(({ code, message }) => `${code} ${message}`)]
}

test('a stage of a plan moves the Services that follow it, with its own tag', () => {
  assert.equal(move('five', [service('shop', 'shop.yaml')]), ['shop/shop 95/5next'])
  assert.equal(move('25', [service('teller', 'teller.yaml', 'bank')]), ['bank/teller 75/25'])
  assert.equal(move('all', [service('shop', 'shop.yaml')]), ['shop/shop 0/100'])
})

test('a Service of another plan does not have the stage', () => {
  assert.equal(move('five', [service('shop', 'apps/eu/prod.yaml')]), [
    'KN430 cannot apply `five`: the plan `blue-green` has `pin`, `preview`, `split`, `promote`, `retire`',
  ])
})

test('a built-in stage moves every Service, whatever its plan', () => {
  assert.equal(move('split', [service('shop', 'shop.yaml'), service('teller', 'b.yaml', 'bank')]), [
    'shop/shop 95/5next',
    'bank/teller 90/10',
  ])
})

test('a share of one run counts more than the one that the plan gives to split', () => {
  const uneven = { path: '.kn-rollout.yaml', text: 'plan: u\nplans: { u: [preview, { stage: split, percent: 30 }] }\n' }
  const shares = [undefined, 40, 0].map((percent) => {
    const wish: MoveRequest = {
      command: 'apply',
      stage: 'split',
      candidate: 'shop-00002',
      ...(percent !== undefined && { percent }),
    }
    const outcome = runPlan([service('shop', 'shop.yaml')], { configuration: uneven, move: wish })
    return outcome.changes[0]?.changes[0]?.after.map((one) => one.percent) ?? outcome.diagnostics[0]?.code
  })
  assert.equal(shares, [[70, 30], [60, 40], 'KN407'])
})

test('a stage of no plan at all is no stage', () => {
  assert.equal(move('fife', [service('shop', 'shop.yaml')]), ['KN424 unknown stage `fife`'])
})

test('without a configuration there are the built-in plans', () => {
  assert.equal(
    settingsOf({}).plans.map(({ name }) => name),
    ['blue-green', 'canary'],
  )
})

test('a soak is listed as people write it', () => {
  const plan =
    'plans: { slow: [preview, { stage: few, percent: 5, soak: 90m }, { stage: half, percent: 50, soak: 1d }] }\n'
  const { stdout } = Sandbox.committed({ '.kn-rollout.yaml': plan }).run(['stages'])
  assert.match(stdout, /\nslow {8}preview → few \(5 %, soak 1h30m\) → half \(50 %, soak 1d\)/)
})

test('the plans of the configuration are listed, and a wrong one is refused', () => {
  const box = Sandbox.committed({ '.kn-rollout.yaml': configuration.text })
  const listed = box.run(['stages'])
  assert.is(listed.status, 0, listed.stderr)
  assert.match(listed.stdout, /          → stable 100/)
  assert.match(listed.stdout, /\nPlans:\nblue-green {2}pin → preview → split → promote → retire\n/)
  assert.match(listed.stdout, /\ncanary {6}preview → 10 → 25 → 50 → promote → retire\n/)
  assert.match(listed.stdout, /\ncareful {5}five \(5 %, tag next\) → all \(100 %\) → retire\n$/)
  const { plans } = JSON.parse(box.run(['stages', '--format', 'json']).stdout) as { readonly plans: readonly object[] }
  assert.equal(plans.at(-1), {
    name: 'careful',
    stages: [{ name: 'five', percent: 5, tag: 'next' }, { name: 'all', percent: 100 }, { name: 'retire' }],
  })
  assert.not.match(box.run(['stages', '--no-config']).stdout, /careful/)
  box.write({ '.kn-rollout.yaml': 'plan: carefull\n' })
  const refused = box.run(['stages'])
  assert.is(refused.status, 2)
  assert.match(refused.stderr, /`plan` is `carefull`; must be a plan/)
})

test.run()
