// A checkout as Git for Windows makes it: CRLF in the working tree, LF in what Git stores.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sandbox } from './sandbox.js'
import { service } from './manifests.js'

const test = suite('crlf')

const traffic = (stable: number): string =>
  `  traffic: # who answers\n    - revisionName: shop-v1\n      percent: ${stable}\n    - revisionName: shop-v2\n      percent: ${100 - stable}\n      tag: v2\n`
const shop = (stable: number): string => service(traffic(stable), { name: 'shop', revision: 'shop-v2' })

function checkout(): Sandbox {
  const origin = Sandbox.committed({ 'apps/shop.yaml': shop(100), '.kn-rollout.yaml': 'plan: blue-green\n' })
  const box = new Sandbox()
  const settings = ['core.autocrlf=true', 'core.fileMode=false', 'core.symlinks=false'].flatMap((one) => ['-c', one])
  box.git(...settings, 'clone', '--quiet', ...settings, `file://${origin.root}`, '.')
  assert.match(box.read('apps/shop.yaml'), /who answers\r\n/)
  return box
}

test('a checkout with CRLF is no change, and its past is known', () => {
  const box = checkout()
  const { status, stderr } = box.run(['check', '--since', 'HEAD'])
  assert.equal([status, stderr.split(':')[0]], [0, 'nothing checked'])
  const row = JSON.parse(box.run(['status', '--format', 'json']).stdout) as {
    readonly services: readonly { readonly stage: string; readonly since?: { readonly commit: string } }[]
  }
  assert.is(row.services[0]?.stage, 'preview')
  assert.is(row.services[0]?.since?.commit, box.git('rev-parse', 'HEAD').trim())
})

test('the diff of a stage is one that Git applies there, and the commit has plain line ends', () => {
  const [box, written] = [checkout(), checkout()]
  const { status, stdout } = box.run(['apply', 'split', 'apps'])
  assert.is(status, 0)
  assert.match(stdout, /\+ {6}percent: 50\r\n/)
  box.write({ 'change.diff': stdout })
  box.git('apply', '--check', 'change.diff')
  box.git('apply', 'change.diff')
  assert.is(written.run(['apply', 'split', 'apps', '--write']).status, 0)
  assert.is(written.read('apps/shop.yaml'), box.read('apps/shop.yaml'))
  assert.is(box.read('apps/shop.yaml'), shop(50).replaceAll('\n', '\r\n'))
  assert.match(box.run(['check', '--since', 'HEAD']).stderr, /^shop\/shop: shop-v1 100% → 50%, shop-v2 0% → 50%\n/)
  written.commit()
  assert.is(written.git('cat-file', 'blob', 'HEAD:apps/shop.yaml'), shop(50))
})

test.run()
