// Names of Services where people type them, and the words of other tools: each is answered, or the right command is named.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('typed names')

const traffic = (name: string): string =>
  `  traffic:\n    - revisionName: ${name}-v1\n      percent: 100\n    - revisionName: ${name}-v2\n      percent: 0\n      tag: v2\n`
const at = (name: string, namespace = 'shop'): string =>
  service(traffic(name), { name, namespace, revision: `${name}-v2` })

const box = Sandbox.committed({
  'apps/shop.yaml': at('shop'),
  'apps/cart.yaml': at('cart'),
  'auth/login.yaml': at('login', 'auth'),
  'envs/dev/web.yaml': at('web', 'dev'),
  'envs/prod/web.yaml': at('web', 'prod'),
  'bank-a/ledger.yaml': at('ledger', 'bank'),
  'bank-b/gateway.yaml': at('gateway', 'bank'),
  'cart/README.md': 'a path of that name\n',
})

/** The files that a diff changes. */
const changed = (diff: string): readonly string[] =>
  [...diff.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file = '']) => file)

test('a word that is no path is the Service of that name, for every command', () => {
  for (const args of [
    ['apply', 'split', 'shop'],
    ['apply', 'split', 'shop/shop'],
    ['apply', 'split', 'shop', '-n', 'shop'],
    ['next', 'shop'],
    ['set', 'shop', '--traffic', 'v2=20'],
    ['release', 'shop', '--image', ':1.1', '--revision-name', 'shop-v3'],
  ]) {
    const { status, stdout, stderr } = box.run(args)
    assert.equal([status, changed(stdout)], [0, ['apps/shop.yaml']], `${args.join(' ')}: ${stderr}`)
  }
  assert.match(box.run(['status', 'shop']).stderr, /^1 Service: /m)
  assert.match(box.run(['validate', 'shop']).stderr, '1 Knative Service in')
  assert.is(box.run(['apply', 'split', 'shop', 'auth/login', '--format', 'json']).status, 0)
  assert.equal(changed(box.run(['apply', 'split', 'shop', 'auth/login']).stdout), ['apps/shop.yaml', 'auth/login.yaml'])
  assert.equal(changed(box.run(['apply', 'split', 'apps', 'shop']).stdout), ['apps/shop.yaml'], 'a path narrows it')
})

test('a path that is there wins, and a word for several Services moves none', () => {
  const path = box.run(['apply', 'split', 'cart'])
  assert.equal([path.status, path.stdout], [1, ''])
  assert.match(path.stderr, '[KN421 no-services]')
  const several = box.run(['apply', 'split', 'web'])
  assert.equal([several.status, several.stdout], [1, ''])
  assert.match(
    several.stderr,
    /2 match \(dev\/web .*, prod\/web .*\[KN422 ambiguous-service\][^]*help: add `--service \[NAMESPACE\/\]NAME`, a path, or `--all`\n/,
  )
  assert.equal(changed(box.run(['apply', 'split', 'web', '--all']).stdout).length, 2)
  assert.equal(changed(box.run(['apply', 'split', 'web', '-n', 'dev']).stdout), ['envs/dev/web.yaml'])
  assert.equal(changed(box.run(['apply', 'split', 'prod/web']).stdout), ['envs/prod/web.yaml'])
  assert.match(box.run(['status', 'web']).stderr, /^2 Services: /m)
})

test('a namespace narrows every command, and moves several Services for --all alone', () => {
  assert.match(box.run(['status', '--namespace', 'bank']).stderr, /^2 Services: /m)
  assert.match(box.run(['validate', '-n', 'auth']).stderr, '1 Knative Service in')
  assert.match(box.run(['apply', 'split', '-n', 'bank']).stderr, '[KN422 ambiguous-service]')
  assert.equal(changed(box.run(['apply', 'split', '-n', 'bank', '--all']).stdout).length, 2)
  assert.equal(changed(box.run(['next', '-n', 'auth']).stdout), ['auth/login.yaml'])
  const none = box.run(['apply', 'split', '-n', 'bnak'])
  assert.is(none.status, 1)
  assert.match(
    none.stderr,
    /no Knative Service is in the namespace `bnak`.*\[KN420 service-not-found\]\n {2}help: did you mean `--namespace bank`\?/,
  )
  const two = box.run(['status', 'dev/web', '-n', 'prod'])
  assert.equal([two.status, two.stdout], [2, ''])
  assert.match(two.stderr, '`--namespace prod` cannot be combined with `dev/web`')
  assert.is(box.run(['status', '-n', 'A/b']).status, 2)
})

test('globs of directories, and globs of names where no path matches', () => {
  assert.match(box.run(['status', 'bank-*']).stderr, /^2 Services: /m)
  assert.match(box.run(['status', 'bank-*', '!bank-b']).stderr, /^1 Service: /m)
  assert.match(box.run(['status', 'bank-*', '!**/gateway.yaml']).stderr, /^1 Service: /m)
  assert.match(box.run(['status', 'log*']).stderr, /^1 Service: /m)
  assert.match(box.run(['apply', 'split', '*']).stderr, '[KN422 ambiguous-service]')
  assert.match(box.run(['status', 'envs/*']).stderr, /^2 Services: /m)
})

test('a word that is neither is a mistake of the command line, with what was meant', () => {
  for (const args of [
    ['validate', 'shpo'],
    ['status', 'shpo'],
    ['apply', 'split', 'shpo'],
  ]) {
    const { status, stdout, stderr } = box.run(args)
    assert.is(status, 2, args.join(' '))
    assert.match(
      stdout + stderr,
      /`shpo` is neither a path nor a Service: .*\[KN426 unknown-argument\]\n {2}help: did you mean `shop`\?/,
    )
  }
  assert.match(box.run(['validate', 'shpo.yaml']).stderr, 'shpo.yaml: no such file or directory')
})

test('check takes names too, unless a commit has a path of that name', () => {
  const own = Sandbox.committed({
    'apps/shop.yaml': at('shop'),
    'apps/cart.yaml': at('cart'),
    'old/cart.yaml': at('old'),
  })
  own.git('rm', '-r', '--quiet', 'old')
  own.write({
    'apps/shop.yaml': at('shop').replace('percent: 100', 'percent: 90'),
    'apps/cart.yaml': at('cart').replace('percent: 100', 'percent: 90'),
  })
  const files = (args: readonly string[]): readonly string[] => [
    ...new Set(
      [...own.run(['check', '--since', 'HEAD', ...args]).stdout.matchAll(/^(\S+?):\d+:\d+: error/gm)].map(
        ([, file = '']) => file,
      ),
    ),
  ]
  assert.equal(files([]), ['apps/cart.yaml', 'apps/shop.yaml'])
  assert.equal(files(['shop']), ['apps/shop.yaml'])
  assert.equal(own.run(['check', '--since', 'HEAD', '--head', 'HEAD', 'old']).status, 0)
  assert.match(own.run(['check', '--since', 'HEAD', '--head', 'HEAD', 'nope']).stdout, '[KN426 unknown-argument]')
})

test('words of other tools, stages and misspelt words name the right command', () => {
  for (const [line, answer] of [
    ['rollback shop', 'run `kn-rollout apply rollback shop`'],
    ['promote', 'run `kn-rollout apply promote`'],
    ['spilt', 'did you mean `kn-rollout apply split`?'],
    ['statsu', 'did you mean `status`?'],
    ['lint apps', 'run `kn-rollout validate apps`'],
    ['list', 'run `kn-rollout status`'],
    ['undo shop', 'run `kn-rollout apply rollback shop`'],
    ['help rollback', 'unknown command `rollback`: run `kn-rollout apply rollback`'],
    ['apply split shop --dry-run', 'leave it out to see the diff'],
    ['apply split -f apps/shop.yaml', 'name the file without an option'],
    ['set shop --to-revisions shop-v1=90', 'such as `--traffic shop-v1=90,shop-v2=10`'],
    ['set shop --to-latest', 'such as `--traffic @latest=100`'],
    ['set shop --to-tags v2=10', 'such as `--traffic v2=10`'],
    ['create web --image x --min-scale 3', 'use `--scale-min`'],
  ] as const) {
    const { status, stdout, stderr } = box.run(line.split(' '))
    assert.equal([status, stdout], [2, ''], line)
    assert.match(stderr, answer, line)
  }
  assert.match(box.run(['apply', 'spilt', 'shop']).stderr, 'did you mean `split`?')
})

test('no command, help and version are answered', () => {
  const [bare, help, long] = [[], ['help'], ['--help']].map((args) => box.run(args))
  assert.equal(bare, long)
  assert.equal(help, long)
  assert.is(bare?.status, 0)
  assert.match(bare?.stdout ?? '', /kn-rollout apply <stage> \[path\.\.\]/)
  assert.equal(box.run(['help', 'apply']), box.run(['apply', '--help']))
  assert.equal(box.run(['version']), box.run(['--version']))
})

test.run()
