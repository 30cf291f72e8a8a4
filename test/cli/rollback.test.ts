// The way back through the real program, in real commits: users off what fails at once, and nothing broken left behind.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'
import { hour, Timeline } from './timeline.js'

const test = suite('rollback at the command line')
const file = 'shop.yaml'

/** A Service with all defaults written, in its split. */
function split(): Timeline {
  const line = new Timeline({ 'README.md': '' })
  line.run('create', 'shop', '--image', 'example.com/shop:1.0', '--output', file)
  line.commit()
  for (const command of [
    ['release', file, '--image', ':1.1'],
    ['next', file],
  ]) {
    line.now += hour
    line.take(...command)
  }
  line.now += hour
  return line
}

test('a rollback is one commit that check takes without a word, and next does not undo', () => {
  const line = split()
  const back = line.run('apply', 'rollback', file)
  assert.match(back.stdout, /\n-    - revisionName: shop-v2\n-      percent: 50\n-      tag: v2\n/)
  line.box.gitWith({ stdin: back.stdout }, 'apply', '--whitespace=error')
  assert.equal([line.run('apply', 'rollback', file).stdout, line.run('check', '--since', 'HEAD').status], ['', 0])
  assert.not.match(line.run('check', '--since', 'HEAD').stdout, /KN5/)
  line.commit()
  assert.is(line.run('apply', 'rollback', file).stdout, '')
  assert.match(line.run('next', file).stderr, /\[KN434 rolled-back-candidate\]/)
  assert.match(line.run('status', file).stdout, /pin \(rolled back from split\)/)
  assert.match(line.run('release', file, '--image', ':1.2', '--format', 'markdown').stdout, /`shop-v2` was rolled back/)
})

test('with --restore-template nothing broken is left, and later commits of the traffic get in', () => {
  const line = split()
  const first = line.box.git('show', `HEAD~2:${file}`)
  const back = line.run('apply', 'rollback', file, '--restore-template')
  assert.match(back.stderr, /\n {2}template: back to the one of shop-v1 at [0-9a-f]{7}\n/)
  line.box.gitWith({ stdin: back.stdout }, 'apply', '--whitespace=error')
  assert.is(line.box.read(file), first)
  const checked = line.run('check', '--since', 'HEAD')
  assert.equal([checked.status, checked.stdout], [0, ''])
  assert.match(checked.stderr, /0 errors, 0 warnings\n$/)
  line.commit()
  assert.is(line.run('apply', 'rollback', file, '--restore-template').stdout, '')
  line.now += hour
  line.box.write({ [file]: line.box.read(file).replace('percent: 100', 'percent: 100\n      tag: now') })
  const later = line.run('check', '--since', 'HEAD')
  assert.is(later.status, 0, later.stdout)
  assert.not.match(later.stdout, /error:/)
})

test('where an overlay decides on the template, its files are named', () => {
  const line = new Timeline({
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'base/shop.yaml': service('  traffic:\n    - revisionName: shop-v1\n      percent: 100\n', {
      name: 'shop',
      revision: 'shop-v1',
    }),
    'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: template.yaml}]\n',
    'prod/template.yaml':
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop, namespace: shop}\nspec: {template: {metadata: {name: shop-v2}}}\n',
  })
  line.commit({
    'base/shop.yaml': line.box
      .read('base/shop.yaml')
      .replace('percent: 100', 'percent: 50\n    - revisionName: shop-v2\n      percent: 50'),
  })
  const refused = line.run('apply', 'rollback', 'base/shop.yaml', '--restore-template', '--stable', 'shop-v1')
  assert.equal([refused.status, refused.stdout], [1, ''])
  assert.match(refused.stderr, /cannot restore `spec\.template`: `prod\/template\.yaml` overrides it/)
  assert.is(line.run('apply', 'rollback', 'base/shop.yaml', '--stable', 'shop-v1').status, 0)
})

const misplaced: readonly (readonly [stage: string, flag: string])[] = [
  ['promote', '--keep'],
  ['promote', '--restore-template'],
  ['rollback', '--drop-stable'],
]
for (const [stage, flag] of misplaced)
  test(`${flag} belongs to another stage than ${stage}`, () => {
    const ran = Sandbox.committed({ [file]: service() }).run(['apply', stage, file, flag])
    assert.equal([ran.status, ran.stdout], [2, ''])
    assert.match(ran.stderr, new RegExp(`^kn-rollout: \`${flag}\` works only with the stage `))
  })

test.run()
