// What a release refuses for want of a clear wish, what it takes over from a bot, a hotfix, and Services that move together.
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { at } from '../rollouts.js'
import { Sandbox } from './sandbox.js'
import { hour, Timeline } from './timeline.js'

const test = suite('release cases')
const pinned = at('v1=100', 'v1', 'shop')
const line = (stderr: string): string => /^shop\/shop: .*$/m.exec(stderr)?.[0] ?? stderr

test('a tag is no image, in the manifest and in the images of an overlay', () => {
  const box = Sandbox.committed({
    'base/shop.yaml': pinned,
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'dev/kustomization.yaml': 'resources: [../base]\nimages:\n  - name: example.com/shop\n    newTag: 2.3.1\n',
  })
  for (const tag of ['1.1.0', 'v2', 'latest', '2025-01-01'])
    for (const where of [['base/shop.yaml'], ['--overlay', 'dev']]) {
      const { status, stdout, stderr } = box.run(['release', ...where, '--image', tag])
      assert.equal([status, stdout], [1, ''], `${tag} ${where.join(' ')}`)
      assert.match(stderr, `help: use \`--image :${tag}\` for another version of the same image`)
    }
  const alone = Sandbox.committed({ 'shop.yaml': pinned })
  for (const image of ['shop', 'vault', '1shop:2', 'example.com/shop:3'])
    assert.is(alone.run(['release', 'shop.yaml', '--image', image]).status, 0, image)
  const { stdout } = box.run(['release', '--overlay', 'dev', '--image', ':2.4.0'])
  assert.match(stdout, /^-.*newTag: 2\.3\.1\n\+ +newTag: 2\.4\.0$/m, 'no quotes that the file did not use')
})

test('one whole image is refused for Services of several repositories', () => {
  const cart = at('v1=100', 'v1', 'cart')
  const box = Sandbox.committed({
    'shop.yaml': pinned,
    'cart.yaml': cart.replace('example.com/shop', 'example.com/cart'),
  })
  const refused = box.run(['release', '--all', '--image', 'example.com/shop:2.0'])
  assert.equal([refused.status, refused.stdout], [1, ''])
  assert.match(
    refused.stderr,
    /cannot give one image to 2 Services of 2 repositories: .*\[KN441 field-not-editable\][^]*help: use `--image :TAG`/,
  )
  assert.is(box.run(['release', '--all', '--image', ':2.0']).status, 0)
  assert.is(box.run(['release', 'shop', '--image', 'example.com/shop:2.0']).status, 0)
  box.write({ 'cart.yaml': cart })
  assert.is(box.run(['release', '--all', '--image', 'mirror.example.com/shop:2.0']).status, 0, 'all of one repository')
})

test("a name of Cloud Run's own is followed by a proposed one", () => {
  const text = pinned.replaceAll('shop-v1', 'shop-00005-kop')
  const { status, stderr } = Sandbox.committed({ 'shop.yaml': text }).run(['release', 'shop.yaml', '--image', ':1.1'])
  assert.is(status, 0, stderr)
  assert.is(line(stderr), 'shop/shop: release: shop-00005-kop 100%, shop-v6 0% (new, tag v6)')
})

test('the image bump of a bot is adopted in its branch, once', () => {
  for (const isCommitted of [true, false]) {
    const time = new Timeline({ 'shop.yaml': pinned })
    assert.match(time.run('release', 'shop', '--adopt').stderr, '[KN446 nothing-to-release]')
    const bumped = pinned.replace('shop:1.0', 'shop:1.1')
    if (isCommitted) time.commit({ 'shop.yaml': bumped })
    else time.box.write({ 'shop.yaml': bumped })
    const { status, stderr } = time.run('release', 'shop', '--adopt', '--write')
    assert.is(status, 0, stderr)
    assert.is(line(stderr), 'shop/shop: release: shop-v1 100%, shop-v2 0% (new, tag v2)')
    assert.is(time.box.read('shop.yaml'), at('v1=100 v2=0:v2', 'v2', 'shop').replace('shop:1.0', 'shop:1.1'))
    const again = time.run('release', 'shop', '--adopt')
    assert.equal([again.status, again.stdout], [0, ''])
    time.commit()
    assert.equal(time.run('release', 'shop', '--adopt').stdout, '')
    assert.is(time.run('check', '--since', isCommitted ? 'HEAD~2' : 'HEAD~1', '--strict').status, 0)
  }
  const box = Sandbox.committed({ 'shop.yaml': pinned })
  assert.match(
    box.run(['release', 'shop', '--adopt', '--image', ':2']).stderr,
    '`--adopt` cannot be combined with `--image`',
  )
})

test('a bump is adopted by a name of the version, by a generated one, and in an overlay', () => {
  const named = pinned.replaceAll('shop-v1', 'shop-1-0')
  const versioned = new Timeline({ 'shop.yaml': named })
  versioned.commit({ 'shop.yaml': named.replace('shop:1.0', 'shop:1.1') })
  assert.match(line(versioned.run('release', 'shop', '--adopt').stderr), 'shop-1-1 0% (new, tag ')
  const plain = at('00001=100', '', 'shop')
  const generated = new Timeline({ 'shop.yaml': plain })
  assert.equal(generated.run('release', 'shop', '--adopt').stdout, '')
  generated.commit({ 'shop.yaml': plain.replace('shop:1.0', 'shop:1.1') })
  assert.is(
    line(generated.run('release', 'shop', '--adopt', '--write').stderr),
    'shop/shop: release: shop-00001 100%, shop-00002 0% (new, tag v2)',
  )
  assert.equal(generated.run('release', 'shop', '--adopt').stdout, '')
  const built = new Timeline({
    'base/shop.yaml': pinned,
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'prod/kustomization.yaml': overlay('"1.0"'),
  })
  built.commit({ 'prod/kustomization.yaml': overlay('"1.1"') })
  const adopted = built.run('release', '--overlay', 'prod', '--adopt', '--write')
  assert.is(line(adopted.stderr), 'shop/shop: release: shop-v1 100%, shop-v2 0% (new, tag v2)')
  assert.equal(built.run('release', '--overlay', 'prod', '--adopt').stdout, '')
})

test('the new tag of an overlay is adopted where the overlay has the name and the traffic, once', () => {
  const patch = `${pinned.slice(0, pinned.indexOf('spec:'))}spec:
  template:
    metadata:
      name: shop-v1
  traffic:
    - revisionName: shop-v1
      percent: 100
`
  const patches = 'patches:\n  - path: patch.yaml\n'
  for (const isCommitted of [true, false]) {
    const time = new Timeline({
      'base/shop.yaml': pinned,
      'base/kustomization.yaml': 'resources: [shop.yaml]\n',
      'prod/kustomization.yaml': overlay('"1.0"') + patches,
      'prod/patch.yaml': patch,
    })
    const adopt = ['release', '--overlay', 'prod', '--adopt']
    assert.match(time.run(...adopt).stderr, '[KN446 ')
    const bumped = { 'prod/kustomization.yaml': overlay('"1.1"') + patches }
    if (isCommitted) time.commit(bumped)
    else time.box.write(bumped)
    const adopted = time.run(...adopt, '--write')
    assert.is(line(adopted.stderr), 'shop/shop: release: shop-v1 100%, shop-v2 0% (new, tag v2)')
    assert.is(time.box.read('base/shop.yaml'), pinned)
    assert.match(
      time.box.read('prod/patch.yaml'),
      /name: shop-v2\n {2}traffic:[^]*revisionName: shop-v2\n {6}percent: 0\n/,
    )
    assert.equal(time.run(...adopt).stdout, '')
    time.commit()
    assert.equal(time.run(...adopt).stdout, '')
    assert.is(time.run('check', '--since', isCommitted ? 'HEAD~2' : 'HEAD~1').status, 0)
  }
})

test('the hotfix page runs as it stands, from the refusal that names it', () => {
  const time = new Timeline({ 'shop.yaml': at('v1=95 v2=5:v2', 'v2', 'shop') })
  const refused = time.run('release', 'shop', '--image', ':1.0.1')
  assert.is(refused.status, 1)
  assert.match(
    refused.stderr,
    /\[KN443 rollout-in-progress\][^]*help: run `kn-rollout apply rollback shop\.yaml`, merge, then release \(docs\/hotfix\.md\)/,
  )
  const page = readFileSync(new URL('../../docs/hotfix.md', import.meta.url), 'utf8')
  const commands = [...page.matchAll(/^(?:kn-rollout|git) .*$/gm)].map(([command]) => command)
  assert.is(commands.length, 3)
  for (const command of commands) {
    if (command.startsWith('git ')) time.commit()
    else assert.is(time.run(...command.split(' ').slice(1)).status, 0, command)
  }
  const ends = at('v1=100 v3=0:v3', 'v3', 'shop').replace('shop:1.0', 'shop:1.0.1')
  assert.is(time.box.read('shop.yaml'), ends)
  time.commit()
  assert.is(time.run('apply', 'promote', 'shop').status, 0)
})

const overlay = (tag: string): string =>
  `resources: [../base]\nimages:\n  - name: example.com/shop\n    newTag: ${tag}\n`

const group =
  'services:\n  - {name: "shop/*", group: pair}\nplans: {slow: [preview, {stage: few, percent: 5, soak: 1h}, promote]}\nplan: slow\n'
const pair = (shop: string, cart: string): Readonly<Record<string, string>> => ({
  'shop.yaml': at(shop, 'v2', 'shop'),
  'cart.yaml': at(cart, 'v2', 'cart'),
})

test('a group moves together, waits together, and not from two stages', () => {
  const time = new Timeline({ '.kn-rollout.yaml': group, ...pair('v1=100 v2=0:v2', 'v1=100 v2=0:v2') })
  time.take('next', 'shop')
  assert.is(time.box.git('show', '--format=', '--name-only'), 'cart.yaml\nshop.yaml\n')
  time.now = 2 * hour
  time.commit({ 'cart.yaml': at('v1=100 v2=0:v2', 'v2', 'cart') })
  const mixed = time.run('next', 'shop')
  assert.equal([mixed.status, mixed.stdout], [1, ''])
  assert.match(
    mixed.stderr,
    /cannot move the group `pair`: `shop\/\w+` is at `\w+`, `shop\/\w+` at `\w+` \[KN470 mixed-group\]/,
  )
  time.commit({ 'cart.yaml': at('v1=95 v2=5:v2', 'v2', 'cart') })
  const early = time.run('next', '--all', '--due')
  assert.equal([early.status, early.stdout], [0, ''])
  assert.match(early.stderr, /^2 wait \(.*shop\/cart: 1h.*\)\nnothing to do\n$/)
  time.now = 4 * hour
  const both = time.run('next', 'cart', '--due')
  assert.match(both.stdout, 'a/cart.yaml')
  assert.match(both.stdout, 'a/shop.yaml')
})

test('a scheduled run starts nothing, and counts what waits in one line', () => {
  const time = new Timeline({
    '.kn-rollout.yaml': 'plans: {slow: [preview, {stage: few, percent: 5, soak: 1h}, promote]}\nplan: slow\n',
    'a.yaml': at('v1=100', 'v2', 'idle'),
    'b.yaml': at('', 'v1', 'latest'),
    'c.yaml': at('v1=95 v2=5:v2', 'v2', 'login'),
    'd.yaml': at('v1=100 v2=0:v2', 'v2', 'shop'),
  })
  time.now = 1200
  const { status, stdout, stderr } = time.run('next', '--all', '--due')
  assert.equal([status, [...stdout.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file]) => file)], [0, ['d.yaml']], stderr)
  assert.match(
    stderr,
    /\n2 not in progress, 1 waits \(shop\/login: 40m\)\nnot written: run again with `--write` to change 1 file\n$/,
  )
  assert.not.match(stderr, /KN43\d/)
  assert.equal(time.run('next', '--all', '--ready'), time.run('next', '--all', '--due'), 'its former name')
  assert.not.match(time.run('next', '--help').stdout, '--ready')
})

test.run()
