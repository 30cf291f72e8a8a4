// The recipes of docs/bots.md that need `release --adopt`: the command for a bot's branch, and the workflow that runs it.
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { type Box, repository, root } from './action-runs.js'
import { service } from './manifests.js'
import { main, Sandbox } from './sandbox.js'
import { runWorkflow } from './workflow-runs.js'

const test = suite('adopt-recipes')

const pinned = '  traffic:\n    - revisionName: shop-v1\n      percent: 100\n'
const file = 'apps/shop.yaml'

/** A clone on the branch of a bot that has changed the image of one of two Services. */
function bumped(): Box {
  const shop = service(pinned, { name: 'shop', revision: 'shop-v1' })
  const cart = service(pinned.replace('shop-v1', 'cart-v1'), { name: 'cart', revision: 'cart-v1' })
  const box = repository({ [file]: shop, 'apps/cart.yaml': cart })
  box.git('init', '--quiet', '--bare', box.path('.git/remote'))
  box.git('remote', 'add', 'origin', box.path('.git/remote'))
  box.git('push', '--quiet', 'origin', 'main')
  box.git('switch', '--quiet', '--create', 'renovate/shop')
  box.write({ [file]: shop.replace('shop:1.0', 'shop:1.1') })
  box.commitAs('Update the image')
  box.git('push', '--quiet', 'origin', 'renovate/shop')
  assert.match(box.run(['check', '--since', 'main']).stdout, 'KN501')
  return box
}

function assertReady(box: Box): void {
  const { status, stdout, stderr } = box.run(['check', '--since', 'main', '--strict'])
  assert.is(status, 0, stdout + stderr)
  assert.is(box.git('diff', '--name-only', 'main').trim(), file)
  for (const part of ['name: shop-v2\n', 'shop:1.1\n', '- revisionName: shop-v2\n      percent: 0\n      tag: v2\n'])
    assert.match(box.read(file), part)
}

test('`check` refuses the bump as the bot has written it', () => {
  bumped()
})

const hasAdopt = new Sandbox().run(['release', '--help']).stdout.includes('--adopt')

if (hasAdopt) {
  test('the command of the page gives the bump its name and its preview', async () => {
    const page = readFileSync(path.join(root, 'docs/bots.md'), 'utf8')
    const [, command = ''] = /```bash\n(kn-rollout release --adopt .*)\n```/.exec(page) ?? []
    const box = bumped()
    mkdirSync(box.path('.git/bin'))
    symlinkSync(main, box.path('.git/bin/kn-rollout'))
    const { status, log } = await box.started('bash', ['-euo', 'pipefail', '-c', command], {})
    assert.is(status, 0, log)
    box.commitAs('Add the name and the preview')
    assertReady(box)
  })

  test('the workflow pushes it to the branch, once', async () => {
    const box = bumped()
    const github = { 'github.ref_name': 'renovate/shop' }
    const first = await runWorkflow(box, 'adopt.yml', { github })
    assert.is(first.status, 0, first.log)
    assertReady(box)
    const pushed = box.git('rev-parse', 'origin/renovate/shop')
    assert.is(pushed, box.git('rev-parse', 'HEAD'))
    const again = await runWorkflow(box, 'adopt.yml', { github })
    assert.equal([again.status, again.outputs['changed']], [0, 'false'], again.log)
    assert.is(box.git('rev-parse', 'origin/renovate/shop'), pushed)
  })
} else console.log('skipped: this version has no `release --adopt`')

test.run()
