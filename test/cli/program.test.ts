// Most tests run the program without a process of its own: whatever it says and does must be what a process says and does.
import { symlinkSync, unlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { commands } from '../../src/cli/commands.js'
import { run } from '../../src/cli/run.js'
import { service } from './manifests.js'
import { Sandbox, type Ran, type RunOptions } from './sandbox.js'

const test = suite('program')
const broken = service('  traffic:\n    - percent: 90\n', { name: 'brökèn' })
const moved = service('  traffic:\n    - revisionName: shop-v1\n      percent: 100\n', {
  name: 'shop',
  revision: 'shop-v1',
})
const image = 'example.com/shop'

/** What is run in turn, in one folder: every command, every exit code, both streams, each way in. */
const runs: readonly (readonly [args: readonly string[], options?: RunOptions])[] = [
  [[]],
  [['--help']],
  [['--version']],
  [['valdiate']],
  [['stages']],
  [['explain', 'KN301']],
  [['lsp']],
  [['completion', 'bash']],
  [['__complete', '2', 'kn-rollout', 'apply', '']],
  [['validate']],
  [['validate', '--format', 'json', '--output', 'reports/a.json']],
  [['validate', 'gone.yaml']],
  [['validate', 'loop.yaml']],
  [['validate', '../apps/shop.yaml'], { folder: 'reports' }],
  [['validate', '-'], { stdin: broken }],
  [['validate', '-'], { stdin: Uint8Array.of(0xff, 0xfe, 0x41) }],
  [['validate', '--color'], { environment: { NO_COLOR: '1' } }],
  [['validate'], { environment: { FORCE_COLOR: '1', GITHUB_STEP_SUMMARY: 'no/such/folder' } }],
  [['check', '--since', 'HEAD', '.']],
  [['release', 'apps/shop.yaml', '--image', `${image}:2.0`]],
  [['release', 'apps/shop.yaml', '--image', `${image}:2.0`, '--write']],
  [['status', 'apps', '--format', 'json']],
  [['status', '--format', 'html']],
  [['history', 'shop']],
  [['diff', 'HEAD', '--format', 'json']],
  [['next', 'apps/shop.yaml', '--check']],
  [['next', 'apps/shop.yaml', '--write']],
  [['apply', 'rollback', 'apps/shop.yaml', '--write']],
  [['apply', 'rollback', '-'], { stdin: moved }],
  [['set', 'apps/shop.yaml', '--traffic', 'shop-v1=90', '--traffic', 'shop-v2=10', '--write']],
  [['create', 'cart', '--image', `${image}:1.0`, '--output', 'apps/cart.yaml']],
  [['fn'], { stdin: `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n` }],
]

/** A repository whose commits have the same names wherever it stands. */
function prepared(): Sandbox {
  const box = new Sandbox()
  box.git('init', '--quiet')
  box.write({ 'apps/shop.yaml': moved, 'apps/broken.yaml': broken, 'reports/README.md': 'ünïcode 🚀\n' })
  symlinkSync('loop.yaml', box.path('loop.yaml'))
  const date = '1767225600 +0000'
  box.commitAs('state', { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date })
  return box
}

/** What a run leaves, without the place and the time. */
function left(box: Sandbox, ran: Ran): unknown {
  const tree = Object.entries(box.snapshot()).map(([name, state]) => [name, state.replace(/^(\d+) [\d.]* /, '$1 ')])
  const said = { ...ran, stdout: ran.stdout.replaceAll(box.root, '/'), stderr: ran.stderr.replaceAll(box.root, '/') }
  return { said, tree }
}

test('says, ends with and leaves what a process does', () => {
  const [one, other] = [prepared(), prepared()]
  const statuses = new Set<number | null>()
  for (const [args, options = {}] of runs) {
    const clocked = { ...options, environment: { KN_ROLLOUT_NOW: '1767232800', ...options.environment } }
    const ran = one.run(args, clocked)
    assert.equal(left(one, ran), left(other, other.runProcess(args, clocked)), args.join(' '))
    statuses.add(ran.status)
  }
  assert.equal(statuses, new Set([0, 1, 2, 3]))
})

test('every command is among them', () => {
  const missing = Object.keys(commands).filter((name) => !runs.some(([[word]]) => word === name))
  assert.equal(missing, [])
})

test('nothing is remembered from run to run', () => {
  const box = new Sandbox()
  const foreign = moved.replace('revisionName: shop-v1', 'revisionName: cart-v1')
  box.write({ 'apps/shop.yaml': foreign, '.kn-rollout.yaml': 'rules: {KN312: error}\n' })
  const statuses = [
    () => undefined,
    () => box.git('init', '--quiet'),
    () => unlinkSync(box.path('.kn-rollout.yaml')),
  ].map((change) => {
    change()
    const ran = box.run(['validate'], { folder: 'apps' })
    assert.equal(ran, box.runProcess(['validate'], { folder: 'apps' }))
    return ran.status
  })
  // Outside of a repository no configuration above counts, within one it does, until it is gone.
  assert.equal(statuses, [0, 1, 0])
})

test('a fault of the program is told as one, with its trace, and is no fault of the user', async () => {
  for (const [thrown, told] of [
    [new TypeError('boom'), /internal error; report it with this text: TypeError: boom/],
    ['boom', /internal error; report it with this text: boom/],
  ] as const) {
    let talk = ''
    const stream = (isTalk: boolean) => ({
      write(text: string, done: () => void): void {
        if (isTalk) talk += text
        done()
      },
      on: () => undefined,
    })
    const stdin = (): never => {
      throw thrown
    }
    const [stdout, stderr] = [stream(false), stream(true)]
    const world = { workingDirectory: '/', environment: {}, stdin, stdout, stderr }
    assert.is(await run({ ...world, arguments: ['validate', '-'] }), 3)
    assert.match(talk, told)
  }
})

test.run()
