// Lines that people read: who had what and who has what, what was looked at, what was not written; and the percent of a split.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('lines')

const plans =
  'plan: careful\nplans:\n  careful: [preview, {stage: few, percent: 5}, {stage: half, percent: 50}, promote, retire]\n'
const at = (stable: number, name = 'ledger'): string => {
  const traffic = `  traffic:\n    - revisionName: ${name}-v1\n      percent: ${stable}\n    - revisionName: ${name}-v2\n      percent: ${100 - stable}\n      tag: v2\n`
  return service(traffic, { name, namespace: 'bank', revision: `${name}-v2` })
}
/** The line of a change in what is said. */
const line = (stderr: string): string => /^bank\/ledger: .*$/m.exec(stderr)?.[0] ?? stderr

test('a split without a percent takes the next one of the plan, and a second run changes nothing', () => {
  const box = Sandbox.committed({ 'a.yaml': at(100), '.kn-rollout.yaml': plans })
  const first = box.run(['apply', 'split', 'ledger', '--write'])
  assert.is(line(first.stderr), 'bank/ledger: split: ledger-v1 100% → 95%, ledger-v2 0% → 5%')
  assert.match(first.stderr, '  percent (by the plan careful, stage few)\nwrote 1 file: a.yaml\n')
  const again = box.run(['apply', 'split', 'ledger', '--write'])
  assert.equal([again.status, box.read('a.yaml')], [0, at(95)], again.stderr)
  box.commit()
  assert.is(
    line(box.run(['apply', 'split', 'ledger', '--write']).stderr),
    'bank/ledger: split: ledger-v1 95% → 50%, ledger-v2 5% → 50%',
  )
  box.commit()
  const last = box.run(['apply', 'split', 'ledger'])
  assert.equal([last.status, last.stdout], [0, ''], 'the last percent stays')
})

test('past the last percent a split is refused, and a lower one must be given', () => {
  for (const configuration of [plans, 'rules: {}\n']) {
    const box = Sandbox.committed({ 'a.yaml': at(10), '.kn-rollout.yaml': configuration })
    const { status, stdout, stderr } = box.run(['apply', 'split', 'a.yaml'])
    assert.equal([status, stdout], [1, ''])
    assert.match(stderr, /has 90%, which is past the last percent of the plan `.+` \(50%\) \[KN459 no-next-percent\]\n/)
    const [, promote = '', lower = ''] =
      /help: run `kn-rollout (.+?)`, or give the percent: `kn-rollout (.+?)`/.exec(stderr) ?? []
    assert.is(box.run(promote.split(' ')).status, 0)
    assert.is(line(box.run(lower.split(' ')).stderr), 'bank/ledger: split: ledger-v2 90% → 50%, ledger-v1 10% → 50%')
  }
  const none = Sandbox.committed({
    'a.yaml': at(100),
    '.kn-rollout.yaml': 'plan: bold\nplans: {bold: [preview, promote]}\n',
  })
  assert.match(
    none.run(['apply', 'split', 'a.yaml']).stderr,
    /the plan `bold` has no stage that splits the traffic \[KN459 no-next-percent\]/,
  )
  const built = Sandbox.committed({ 'a.yaml': at(90) })
  assert.is(
    line(built.run(['apply', 'split', 'a.yaml']).stderr),
    'bank/ledger: split: ledger-v1 90% → 50%, ledger-v2 10% → 50%',
  )
  assert.is(
    line(built.run(['apply', 'split', 'a.yaml', '--percent', '25%']).stderr),
    'bank/ledger: split: ledger-v1 90% → 75%, ledger-v2 10% → 25%',
  )
})

test('a pin to the latest revision is refused, with the way to its name', () => {
  const box = Sandbox.committed({ 'a.yaml': service('', { name: 'shop' }) })
  const { status, stdout, stderr } = box.run(['apply', 'pin', 'a.yaml', '--stable', '@latest'])
  assert.equal([status, stdout], [1, ''])
  assert.match(
    stderr,
    /cannot pin to `@latest`.*\[KN409 invalid-role\][^]*help: use the name that `kubectl get ksvc NAME .*--live FILE/,
  )
})

test('every change says who had what, and who has what', () => {
  const box = Sandbox.committed({ 'a.yaml': at(0) })
  for (const [args, wanted] of [
    [['apply', 'rollback'], 'rollback: ledger-v2 100% → 0%, ledger-v1 0% → 100%'],
    [['apply', 'retire'], 'retire: ledger-v1 0% (removed), ledger-v2 100%'],
    [['next'], 'retire: ledger-v1 0% (removed), ledger-v2 100%'],
    [['set', '--traffic', 'ledger-v1=30'], 'set: ledger-v2 100% → 70%, ledger-v1 0% → 30%'],
    [['set', '--untag', 'v2'], 'set: ledger-v1 0% (removed), ledger-v2 100% (no tag v2)'],
  ] as const) {
    const { stdout, stderr } = box.run([...args, 'a.yaml'])
    assert.is(line(stderr), `bank/ledger: ${wanted}`)
    assert.ok(stdout.startsWith('diff --git '))
    assert.ok(stderr.endsWith('not written: run again with `--write` to change 1 file\n'), stderr)
  }
  box.write({
    'a.yaml': service('  traffic:\n    - revisionName: ledger-v2\n      percent: 100\n', {
      name: 'ledger',
      namespace: 'bank',
      revision: 'ledger-v2',
    }),
  })
  assert.is(
    line(box.run(['release', 'a.yaml', '--image', ':1.1']).stderr),
    'bank/ledger: release: ledger-v2 100%, ledger-v3 0% (new, tag v3)',
  )
})

test('check says of every Service and root how its traffic moves, and what it looked at', () => {
  const box = Sandbox.committed({
    'base/a.yaml': at(100),
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'b.yaml': at(100, 'web'),
    'notes.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: serving.knative.dev/v1}\n',
  })
  box.write({
    'envs/dev/kustomization.yaml': 'resources: [../../base]\n',
    'envs/prod/kustomization.yaml': 'resources: [../../base]\n',
  })
  box.commit()
  const idle = box.run(['check', '--since', 'HEAD'])
  assert.match(idle.stderr, /^nothing checked: no Knative Service differs between [0-9a-f]{7} and the working tree\n$/)
  box.write({ 'base/a.yaml': at(50), 'c.yaml': service('', { name: 'cart', namespace: 'bank' }) })
  const { stderr } = box.run(['check', '--since', 'HEAD'])
  for (const root of ['envs/dev', 'envs/prod'])
    assert.match(stderr, `bank/ledger (${root}): ledger-v1 100% → 50%, ledger-v2 0% → 50%\n`)
  assert.match(stderr, 'bank/cart: new: @latest 100%\n')
  assert.match(stderr, /^[0-9a-f]{7}\.\.working tree: 3 Knative Services in /m)
  assert.match(box.run(['check', '--since', 'HEAD', 'b.yaml']).stderr, 'bank/web: traffic unchanged: web-v1 100%\n')
  box.commit()
  box.write({
    'notes.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {a: serving.knative.dev/v1}\n',
  })
  const vain = box.run(['check', '--since', 'HEAD', '--strict'])
  assert.is(vain.status, 1)
  assert.match(
    vain.stdout,
    /^notes\.yaml:1:1: warning: nothing checked although `notes\.yaml` changed: .* \[KN118 change-not-checked\]$/m,
  )
})

test.run()
