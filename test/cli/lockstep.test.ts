// Two Services that move by one command, or not at all.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { at } from '../rollouts.js'
import { Timeline } from './timeline.js'

const [shop, cart] = ['shop.yaml', 'cart.yaml']

function both(shopTraffic: string, cartTraffic: string, revision: string): Readonly<Record<string, string>> {
  return { [shop]: at(shopTraffic, revision, 'shop'), [cart]: at(cartTraffic, revision, 'cart') }
}

const test = suite('lockstep')

test('two Services go all the way together, each commit with both', () => {
  const line = new Timeline(both('v1=100', 'v1=100', 'v1'))
  const commands = [
    ['release', '--all', '--image', ':1.1'],
    ['next', '--all'],
    ['apply', 'rollback', '--all', '--keep'],
    ['apply', 'promote', '--all'],
    ['next', '--all'],
  ]
  for (const command of commands) {
    line.take(...command)
    assert.is(line.box.git('show', '--format=', '--name-only'), `${cart}\n${shop}\n`, command.join(' '))
    const ends = [shop, cart].map((file) => line.box.read(file).replaceAll(/shop|cart/g, ''))
    assert.is(ends[0], ends[1])
  }
  assert.match(line.box.read(shop), /\n {2}traffic:\n {4}- revisionName: shop-v2\n {6}percent: 100\n {6}tag: v2\n$/)
})

test('the body of a release says what it changes, and no value of a variable', () => {
  const line = new Timeline(both('v1=100', 'v1=100', 'v1'))
  const ran = line.run('release', shop, '--image', ':1.1', '--env', 'KEY=secret', '--format', 'markdown')
  assert.match(
    ran.stdout,
    /Releases a new revision of `shop\/shop`, with a separate tag URL\. Moves no requests of `shop`\. The tag `v2` leads to `shop-v2`\./,
  )
  assert.match(
    ran.stdout,
    /\n- image of user-container: `example.com\/shop:1.0` → `example.com\/shop:1.1`\n- env: KEY added\n- revision name: shop-v1 → shop-v2\n\n\| revision /,
  )
  assert.not.match(ran.stdout.split('<details>')[0] ?? '', /secret/)
})

type Report = { readonly changes: readonly unknown[]; readonly withheld?: readonly { readonly patch?: string }[] }

test('an error that a Service has of its own leaves the changes of the JSON as they are', () => {
  const line = new Timeline(both('v1=100 v2=0:v2', 'v1=100 v2=0:v2', 'v2'))
  line.box.write({ [cart]: line.box.read(cart).replace('spec:\n', 'spec:\n  nothing: 1\n') })
  const { status, stdout } = line.run('apply', 'split', '--all', '--format', 'json')
  const { changes, withheld } = JSON.parse(stdout) as Report
  assert.equal([status, changes.length, withheld], [1, 2, undefined])
})

const cases: readonly (readonly [what: string, command: readonly string[], codes: readonly string[]])[] = [
  ['one of two', ['release', '--all', '--image', ':2'], ['KN443']],
  ['one of two', ['apply', 'retire', '--all'], ['KN408']],
  ['one of two', ['next', '--all'], ['KN434']],
  ['both', ['apply', 'split', '--all', '--percent', '0'], ['KN407', 'KN407']],
  ['both', ['apply', 'pin', '--all', '--stable', '{{.Nothing}}'], ['KN409', 'KN409']],
]

for (const [what, command, codes] of cases)
  test(`${what} must refuse: ${command.join(' ')}`, () => {
    const line = new Timeline(both('v1=50 v2=50:v2', 'v1=50 v2=50:v2', 'v2'))
    line.commit(both(command[0] === 'next' ? 'v1=100 v2=0:v2' : 'v1=0 v2=100:v2', 'v1=50 v2=50:v2', 'v2'))
    if (command[0] === 'release') line.commit(both('v1=100 v2=0:v2', 'v1=50 v2=50:v2', 'v2'))
    const before = line.box.snapshot()
    const inJson = JSON.parse(line.run(...command, '--format', 'json').stdout) as Report
    assert.equal(inJson.changes, [])
    assert.is(inJson.withheld?.length, what === 'both' ? undefined : 1)
    for (const one of inJson.withheld ?? []) assert.is(one.patch, undefined)
    const shown = line.run(...command)
    assert.equal([shown.status, shown.stdout], [1, ''])
    assert.equal(
      [...shown.stderr.matchAll(/: error: .*\[(KN4\d+) [\w-]+\]$/gm)].map(([, code]) => code),
      codes,
      shown.stderr,
    )
    const written = line.run(...command, '--write')
    assert.equal([written.status, written.stdout], [1, ''])
    assert.match(
      written.stderr,
      /nothing written because of the errors above; --force writes if only the manifest itself has errors/,
    )
    assert.equal(line.box.snapshot(), before)
  })

test.run()
