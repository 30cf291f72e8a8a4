// `--format commit` as users have it: what Git commits with it, and the workflow that opens a pull request for each Service.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { at } from '../rollouts.js'
import { Sandbox } from './sandbox.js'

const test = suite('commits')
const root = fileURLToPath(new URL('../../', import.meta.url))

const rolling = (name: string, targets = 'v1=100 v2=0:v2'): string =>
  at(targets, 'v2', name).replace('namespace: shop', 'namespace: bank')

/** The title of the last commit, and its trailers as Git reads them. */
function committedAs(box: Sandbox): readonly string[] {
  return box
    .git('log', '-1', '--format=%s%n%(trailers:only)')
    .split('\n')
    .filter((line) => line !== '')
}

function commitWith(box: Sandbox, message: string): void {
  box.git('add', '--all')
  box.gitWith({ stdin: message }, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--file', '-')
}

test('what every command prints is a message that Git takes, with its trailers', () => {
  const box = Sandbox.committed({ 'apps/ledger.yaml': rolling('ledger') })
  const steps: readonly (readonly [line: string, title: string, stage: string])[] = [
    ['apply split apps/ledger.yaml --percent 10', 'Move bank/ledger to split: ledger-v2 0% -> 10%', 'split'],
    ['next apps/ledger.yaml', 'Move bank/ledger to split: ledger-v2 10% -> 50%', 'split'],
    ['set apps/ledger.yaml --traffic ledger-v2=60', 'Set traffic of bank/ledger: ledger-v2 50% -> 60%', 'set'],
    ['apply rollback apps/ledger.yaml', 'Roll back bank/ledger to ledger-v1', 'rollback'],
    ['release apps/ledger.yaml --image :2.0', 'Release ledger-v3 of bank/ledger at 0%', 'release'],
  ]
  for (const [line, title, stage] of steps) {
    const ran = box.run([...line.split(' '), '--write', '--format', 'commit'])
    assert.is(ran.status, 0, `${line}: ${ran.stderr}`)
    commitWith(box, ran.stdout)
    const trailers = ['Rollout-Service: bank/ledger', `Rollout-Stage: ${stage}`, 'Rollout-Plan: blue-green']
    assert.equal(committedAs(box), [title, ...trailers])
  }
})

test('create and validate --fix have messages, too, and nothing to commit has none', () => {
  const box = Sandbox.committed({ 'readme.txt': 'x' })
  const created = ['create', 'shop', '--image', 'example.com/shop:1.0', '-n', 'bank', '--format', 'commit']
  const refused = box.run(created)
  assert.equal([refused.status, refused.stdout], [2, ''])
  assert.match(refused.stderr, /`--format commit` needs `--output FILE`/)
  const made = box.run([...created, '--output', 'shop.yaml'])
  assert.match(made.stderr, /^shop\.yaml written\n/)
  commitWith(box, made.stdout)
  assert.equal(committedAs(box), [
    'Create bank/shop with the revision shop-v1',
    'Rollout-Service: bank/shop',
    'Rollout-Stage: create',
    'Rollout-Plan: blue-green',
  ])
  box.write({ 'shop.yaml': box.read('shop.yaml').replace('percent: 100', 'percent: "100"') })
  box.commit()
  const fixed = box.run(['validate', '--fix', '--write', '--format', 'commit'])
  commitWith(box, fixed.stdout)
  assert.equal(committedAs(box), ['Fix 1 finding in shop.yaml', 'Rollout-Service: bank/shop'])
  assert.is(box.run(['validate', '--fix', '--format', 'commit']).stdout, '')
})

type Step = { readonly name?: string; readonly run?: string; readonly env?: Readonly<Record<string, string>> }

/** The step of the workflow that opens pull requests. */
function loop(): string {
  const text = readFileSync(path.join(root, 'docs/workflows/next-each.yml'), 'utf8')
  const { jobs } = parse(text) as { readonly jobs: { readonly next: { readonly steps: readonly Step[] } } }
  return jobs.next.steps.at(-1)?.run ?? ''
}

function opened(): Sandbox {
  const box = Sandbox.committed({
    'apps/cart.yaml': rolling('cart'),
    'apps/ledger.yaml': rolling('ledger', 'v1=50 v2=50:v2'),
    'apps/mail.yaml': rolling('mail', 'v1=40 v2=30 v3=30'),
    'apps/shop.yaml': rolling('shop').replace('namespace: bank', 'namespace: shop'),
  })
  box.git('branch', '-M', 'main')
  box.git('init', '--quiet', '--bare', box.path('.git/remote'))
  box.git('remote', 'add', 'origin', box.path('.git/remote'))
  mkdirSync(box.path('.git/bin'))
  mkdirSync(box.path('.git/kn-rollout'))
  symlinkSync(path.join(root, 'dist'), box.path('.git/kn-rollout/dist'))
  const script = `#!/bin/sh
[ "$2" = list ] && { [ -e "$0.$4.opened" ] && echo 1 || echo 0; exit 0; }
printf '%s\\n' "$2 $*" | cut -d' ' -f1,3- >>'${box.path('.git/gh.log')}'
mkdir -p "$(dirname "$0.$4.opened")" && touch "$0.$4.opened"
`
  writeFileSync(box.path('.git/bin/gh'), script)
  chmodSync(box.path('.git/bin/gh'), 0o755)
  return box
}

function runLoop(box: Sandbox, waves = ''): { readonly log: string; readonly calls: readonly string[] } {
  writeFileSync(box.path('.git/gh.log'), '')
  const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', loop()], {
    cwd: box.root,
    encoding: 'utf8',
    env: {
      PATH: `${box.path('.git/bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: box.root,
      GIT_CONFIG_GLOBAL: '/dev/null',
      RUNNER_TEMP: box.path('.git'),
      BASE: 'main',
      WAVES: waves,
    },
  })
  assert.is(ran.status, 0, ran.stdout + ran.stderr)
  const calls = readFileSync(box.path('.git/gh.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return { log: ran.stderr, calls }
}

test('the workflow opens a pull request for each Service that can move, and renews it', () => {
  const box = opened()
  const { log, calls } = runLoop(box)
  assert.match(log, /bank\/mail|mail\.yaml/, 'what cannot move is in the log')
  assert.equal(
    calls.map((line) => / --title (.*) --body-file /.exec(line)?.[1]),
    [
      'Move bank/cart to split: cart-v2 0% -> 50%',
      'Move bank/ledger to promote: ledger-v2 50% -> 100%',
      'Move shop/shop to split: shop-v2 0% -> 50%',
    ],
  )
  for (const line of calls) assert.match(line, /^create /)
  assert.is(box.git('diff', '--name-only', 'main', 'origin/kn-rollout/bank/cart').trim(), 'apps/cart.yaml')
  assert.is(box.git('diff', '--name-only', 'main', 'origin/kn-rollout/shop/shop').trim(), 'apps/shop.yaml')
  assert.match(
    box.git('log', '-1', '--format=%(trailers:key=Rollout-Stage,valueonly)', 'origin/kn-rollout/bank/ledger'),
    'promote',
  )
  box.git('switch', '--quiet', 'main')
  for (const line of runLoop(box).calls) assert.match(line, /^edit /)
})

test('waves move together, but for what was rolled back', () => {
  const box = opened()
  box.write({ 'apps/mail.yaml': rolling('mail') })
  box.commit()
  const { calls } = runLoop(box, 'bank bank/*\nrest shop/*\n')
  assert.equal(
    calls.map((line) => / --title (.*) --body-file /.exec(line)?.[1]),
    ['Move 2 Services to their next stages', 'Move shop/shop to split: shop-v2 0% -> 50%'],
  )
  assert.equal(box.git('diff', '--name-only', 'main', 'origin/kn-rollout/bank').trim().split('\n'), [
    'apps/cart.yaml',
    'apps/ledger.yaml',
  ])
})

test.run()
