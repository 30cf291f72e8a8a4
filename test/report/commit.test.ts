// The message of a commit: its title and trailers for every stage, how Git reads it, and what hostile texts do to it.
import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { fix } from '../../src/pipeline/fix.js'
import { plan } from '../../src/pipeline/plan.js'
import type { Outcome, Request } from '../../src/pipeline/request.js'
import { commitReport, createdCommit } from '../../src/report/commit.js'
import type { MoveRequest } from '../../src/stages/apply.js'
import { service } from '../cli/manifests.js'
import { at } from '../rollouts.js'
import { hostile, hostileOutcomes, outcomeOf, plainly } from './outcomes.js'

const test = suite('commit')

function outcomeAfter(move: MoveRequest, texts: readonly string[], request: Partial<Request> = {}): Outcome {
  const files = texts.map((text, index) => ({ path: index === 0 ? 'apps/shop.yaml' : `apps/${index}.yaml`, text }))
  return plan(files, { all: true, move, ...request })
}

const messageOf = (outcome: Outcome): string => commitReport(outcome, plainly)
const titleOf = (message: string): string => message.split('\n')[0] ?? ''

/** The trailers as Git reads them. */
function trailersOf(message: string): readonly string[] {
  const { stdout } = spawnSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line !== '')
}

const shop = (targets: string, revision = 'v2'): string =>
  at(targets, revision, 'shop').replace('namespace: shop', 'namespace: bank')
const roles = { stable: 'shop-v1', candidate: 'shop-v2' }

const moves: readonly (readonly [move: MoveRequest, before: string, title: string, stage: string])[] = [
  [{ command: 'apply', stage: 'pin', stable: 'shop-v1' }, shop(''), 'Move bank/shop to pin: shop-v1 0% -> 100%', 'pin'],
  [
    { command: 'apply', stage: 'preview', tag: 'v2', ...roles },
    shop('v1=100'),
    'Move bank/shop to preview: shop-v2 new at 0%',
    'preview',
  ],
  [
    { command: 'apply', stage: 'split', percent: 10, ...roles },
    shop('v1=100 v2=0:v2'),
    'Move bank/shop to split: shop-v2 0% -> 10%',
    'split',
  ],
  [{ command: 'next' }, shop('v1=90 v2=10:v2'), 'Move bank/shop to split: shop-v2 10% -> 50%', 'split'],
  [
    { command: 'apply', stage: 'promote', ...roles },
    shop('v1=50 v2=50:v2'),
    'Move bank/shop to promote: shop-v2 50% -> 100%',
    'promote',
  ],
  [{ command: 'apply', stage: 'retire', ...roles }, shop('v1=0 v2=100:v2'), 'Move bank/shop to retire', 'retire'],
  [
    { command: 'apply', stage: 'rollback', ...roles },
    shop('v1=50 v2=50:v2'),
    'Roll back bank/shop to shop-v1',
    'rollback',
  ],
  [
    { command: 'set', shares: [{ target: 'shop-v2', percent: 25 }] },
    shop('v1=90 v2=10:v2'),
    'Set traffic of bank/shop: shop-v2 10% -> 25%',
    'set',
  ],
  [{ command: 'release', image: ':2.0' }, shop('v1=100', 'v1'), 'Release shop-v2 of bank/shop at 0%', 'release'],
]

for (const [move, before, title, stage] of moves)
  test(`${stage} has its title and trailers`, () => {
    const message = messageOf(outcomeAfter(move, [before]))
    assert.is(titleOf(message), title)
    assert.equal(trailersOf(message), [
      'Rollout-Service: bank/shop',
      `Rollout-Stage: ${stage}`,
      'Rollout-Plan: blue-green',
    ])
  })

test('reads so', () => {
  const move = { command: 'release', image: ':2.0' } as const
  assert.is(
    messageOf(outcomeAfter(move, [shop('v1=100', 'v1')])),
    `Release shop-v2 of bank/shop at 0%

- bank/shop: shop-v2 new at 0%, tag v2 on shop-v2
  apps/shop.yaml
  image of user-container: example.com/shop:1.0 -> example.com/shop:2.0
  revision name: shop-v1 -> shop-v2

Rollout-Service: bank/shop
Rollout-Stage: release
Rollout-Plan: blue-green
`,
  )
})

test('the body says where the stage is in its plan, and how to go back', () => {
  const message = messageOf(outcomeAfter({ command: 'apply', stage: 'split', percent: 10 }, [shop('v1=100 v2=0:v2')]))
  assert.is(
    message.split('\n\n').slice(1, 3).join('\n\n'),
    `- bank/shop: shop-v1 100% -> 90%, shop-v2 0% -> 10%, step 3 of 5 of the
  plan blue-green
  apps/shop.yaml

Roll back:
  kn-rollout apply rollback apps/shop.yaml --stable shop-v1 --write`,
  )
})

test('of several Services the trailers of a stage stand together', () => {
  const texts = [shop('v1=100 v2=0:v2'), at('v1=50 v2=50:v2', 'v2', 'cart'), at('v1=100 v2=0:v2', 'v2', 'mail')]
  const message = messageOf(outcomeAfter({ command: 'next' }, texts))
  assert.is(titleOf(message), 'Move 3 Services to their next stages')
  assert.equal(trailersOf(message), [
    'Rollout-Service: bank/shop',
    'Rollout-Service: shop/mail',
    'Rollout-Stage: split',
    'Rollout-Plan: blue-green',
    'Rollout-Service: shop/cart',
    'Rollout-Stage: promote',
    'Rollout-Plan: blue-green',
  ])
  const promoted = outcomeAfter({ command: 'apply', stage: 'promote' }, texts)
  assert.is(titleOf(messageOf(promoted)), 'Move 3 Services to promote')
})

test('a created Service and what was fixed have messages, too', () => {
  const traffic = [{ revision: { name: 'shop-v1' }, percent: 100 }]
  const created = createdCommit({ label: 'bank/shop', plan: 'canary', traffic })
  assert.is(titleOf(created), 'Create bank/shop with the revision shop-v1')
  assert.equal(trailersOf(created), ['Rollout-Service: bank/shop', 'Rollout-Stage: create', 'Rollout-Plan: canary'])
  const text = service('  traffic:\n    - revisionName: example-service-00001\n      percent: "100"\n')
  const fixed = messageOf(fix([{ path: 'a.yaml', text }], {}, false))
  assert.is(titleOf(fixed), 'Fix 1 finding in a.yaml')
  assert.match(fixed, /^kn-rollout validate --fix: KN\d+ \(1\)$/m)
  assert.equal(trailersOf(fixed), ['Rollout-Service: shop/example-service'])
})

test('what changes nothing has no message, so that Git refuses to commit', () => {
  assert.is(messageOf(outcomeOf({})), '')
  for (const { outcome } of hostileOutcomes) assert.is(messageOf(outcome), '')
})

test('no name gets a title over 72 characters, refers to anything or passes for a trailer', () => {
  const texts = [...hostile, 'fixes #12', 'gh-12', '@admin', 'https://example.com/a/issues/1', 'a'.repeat(2000)]
  const [change] = outcomeAfter({ command: 'next' }, [shop('v1=90 v2=10:v2')]).changes
  for (const text of texts) {
    const nasty = `${text}\n\nRollout-Service: other\nSigned-off-by: me`
    const changes = (change?.changes ?? []).map((one) => ({
      ...one,
      service: nasty,
      stage: text,
      plan: { ...one.plan, name: nasty },
      after: one.after.map((target) => ({ ...target, revision: { name: nasty }, tag: text })),
      template: { image: { container: text, before: text, after: nasty } },
    }))
    const file = { path: nasty, text: '' }
    const message = messageOf(outcomeOf({ changes: change ? [{ ...change, file, changes }] : [] }))
    assert.ok(titleOf(message).length <= 72, titleOf(message))
    assert.is(trailersOf(message).length, 3, message)
    assert.not.match(message, /[^\n\u0020-\u007E]/)
    assert.not.match(message, /#|\bgh-\d|(?<!\w)@|:\/\//i)
    assert.not.match(message, /^Signed-off-by/m)
  }
})

test('the body is wrapped, but for what is one word', () => {
  const text = shop('v1=40 v2=10:v2').replace(/ {2}traffic:[^]*/, '')
  const traffic = Array.from({ length: 12 }, (_, index) => `v${index + 1}=${index < 11 ? 9 : 1}`).join(' ')
  const from = text + shop(traffic, '').replace(/^[^]*? {2}traffic:/, '  traffic:')
  const move = { command: 'set', shares: [{ target: 'shop-v12', percent: 100 }] } as const
  const message = messageOf(outcomeAfter(move, [from]))
  assert.ok(message.split('\n').length > 8, message)
  for (const line of message.split('\n'))
    assert.ok(line.length <= 72 || !line.trim().includes(' ') || line.startsWith('  kn-rollout'), line)
})

test.run()
