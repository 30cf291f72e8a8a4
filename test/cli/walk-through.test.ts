// `history` and `diff` on the README's walk-through, on what kustomize builds, and on what they cannot know.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { at } from '../rollouts.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'
import { hour, Timeline } from './timeline.js'

const test = suite('walk-through')
const file = 'example-service.yaml'

/** The commands of the README, a commit an hour. */
const steps = [
  `apply pin ${file} --stable example-service-00001`,
  `release ${file} --image :1.1 --tag v2`,
  `apply split ${file} --percent 10`,
  `apply promote ${file}`,
  `apply retire ${file}`,
  `apply rollback ${file} --stable example-service-00001`,
]

let walked: { readonly line: Timeline; readonly commits: readonly string[] } | undefined
function walkThrough(): NonNullable<typeof walked> {
  if (walked) return walked
  const line = new Timeline({ [file]: service() })
  const commits = [line.head]
  for (const step of steps) {
    line.now += hour
    line.take(...step.split(' '))
    commits.push(line.head)
  }
  walked = { line, commits }
  return walked
}

test('history shows each step, the newest first', () => {
  const { line, commits } = walkThrough()
  const { status, stdout, stderr } = line.run('history', 'example-service')
  assert.equal([status, stderr], [0, ''])
  const [first, second] = ['example-service-00001', 'example-service-00002']
  const rows = [
    `2026-01-01T06:00Z  ${commits[6]}  rollback  ██████████ ${first} 100%`,
    `2026-01-01T05:00Z  ${commits[5]}  retire    ██████████ ${second} 100% (tag v2)`,
    `2026-01-01T04:00Z  ${commits[4]}  promote   ░░░░░░░░░░ ${first} 0%, ${second} 100% (tag v2)`,
    `2026-01-01T03:00Z  ${commits[3]}  90/10     █████████░ ${first} 90%, ${second} 10% (tag v2)`,
    `2026-01-01T02:00Z  ${commits[2]}  preview   ██████████ ${first} 100%, ${second} 0% (tag v2)`,
    `2026-01-01T01:00Z  ${commits[1]}  pin       ██████████ ${first} 100%`,
    `2026-01-01T00:00Z  ${commits[0]}  100       ██████████ @latest 100%`,
  ]
  assert.equal(stdout.split('\n'), [
    `shop/example-service  ${file}  plan blue-green`,
    'SINCE              COMMIT   STAGE     TRAFFIC',
    ...rows,
    '',
  ])
})

type Json = {
  readonly history?: readonly {
    readonly incomplete?: true
    readonly steps: readonly Readonly<Record<string, unknown>>[]
  }[]
  readonly moves?: readonly Readonly<Record<string, unknown>>[]
  readonly compared?: unknown
}

test('history prints the same as JSON, which the schema of reports describes', () => {
  const { line } = walkThrough()
  const { history = [] } = JSON.parse(line.run('history', 'example-service', '--format', 'json').stdout) as Json
  const [only] = history
  assert.is(only?.steps.length, 7)
  assert.is(only?.incomplete, undefined)
  const [newest, , promoted] = only?.steps ?? []
  assert.equal([newest?.['rollback'], newest?.['time']], [true, '2026-01-01T06:00:00Z'])
  assert.equal(promoted?.['traffic'], [
    { revisionName: 'example-service-00001', percent: 0 },
    { revisionName: 'example-service-00002', percent: 100, tag: 'v2' },
  ])
})

test('diff says in words what moved between two commits', () => {
  const { line, commits } = walkThrough()
  const said = (...refs: readonly string[]): string => {
    const { status, stdout } = line.run('diff', ...refs)
    assert.is(status, 0)
    return stdout.replace(/^shop\/example-service: /, '').trimEnd()
  }
  const [first, second] = ['example-service-00001', 'example-service-00002']
  const expected = [
    `latest revision 100% -> 0%, ${first} 0% -> 100% (latest -> pin)`,
    `${second} new at 0%, tag v2 -> ${second}, image example.com/shop:1.0 -> example.com/shop:1.1 (pin -> preview)`,
    `${first} 100% -> 90%, ${second} 0% -> 10% (preview -> 90/10)`,
    `${first} 90% -> 0%, ${second} 10% -> 100% (90/10 -> promote)`,
    `${first} 0% -> removed (promote -> retire)`,
    `${second} 100% -> removed, ${first} 0% -> 100%, tag v2 removed (retire -> pin)`,
  ]
  for (const [index, sentence] of expected.entries())
    assert.is(said(commits[index] ?? '', commits[index + 1] ?? ''), sentence)
  assert.is(said(commits[3] ?? '', commits[3] ?? ''), '')
  assert.match(line.run('diff', 'HEAD', 'HEAD').stderr, `${commits[6]}..${commits[6]}: no Service moved\n`)
})

test('diff compares with the working tree, and with HEAD where nothing else is named', () => {
  const { line } = walkThrough()
  const before = line.box.read(file)
  line.box.write({ [file]: before.replace('shop:1.1', 'shop:1.2') })
  const { stdout, stderr } = line.run('diff')
  assert.is(stdout, 'shop/example-service: image example.com/shop:1.1 -> example.com/shop:1.2\n')
  assert.match(stderr, /^[0-9a-f]{7}\.\.working tree: 1 Service moved\n$/)
  const { moves = [], compared } = JSON.parse(line.run('diff', 'HEAD~1', '--format', 'json').stdout) as Json
  assert.equal(moves[0]?.['stages'], { from: 'retire', to: 'pin' })
  assert.match(JSON.stringify(compared), '"head":{"workingTree":true}')
  line.box.write({ [file]: before.replace('percent: 100', 'percent: 90') })
  const [newest] = line.run('history', 'example-service').stdout.split('\n').slice(2)
  assert.match(newest ?? '', /^not committed {6}– {8}90 +/)
  line.box.write({ [file]: before })
})

test('what is wrong with the words is said, and ends with 2', () => {
  const { line } = walkThrough()
  const cases: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['history'], /`history` needs a service, such as `kn-rollout history/],
    [['history', 'exmple-service'], /KN420/],
    [
      ['diff', 'no-such-branch'],
      /`FROM` is `no-such-branch`, which Git does not know here; name a commit, a branch or a tag; `git log --oneline --all` lists them\n$/,
    ],
    [['diff', 'HEAD', '--output=x'], /--output/],
    [['diff', 'HEAD', '--service', 'cart'], /`--service` is `cart`, but no Service of either side has that name/],
    [['diff', 'a', 'b', 'c'], /unknown|`c`/],
  ]
  for (const [args, said] of cases) {
    const { status, stdout, stderr } = line.run(...args)
    assert.equal([status === 0, stdout], [false, ''], args.join(' '))
    assert.match(stderr, said)
  }
  const outside = new Sandbox()
  assert.match(outside.run(['diff']).stderr, '`diff` needs a Git repository')
})

test('Services that come, go, move to another file or are there twice', () => {
  const line = new Timeline({ 'a.yaml': at('v1=100', 'v1', 'shop'), 'b.yaml': at('v1=100', 'v1', 'cart') })
  line.now += hour
  line.box.git('mv', 'a.yaml', 'moved.yaml')
  line.box.git('rm', '--quiet', 'b.yaml')
  line.commit({ 'c.yaml': at('v1=100', 'v1', 'mail'), 'd.yaml': at('v1=100', 'v1', 'mail') })
  assert.equal(line.run('diff', 'HEAD~1').stdout.split('\n'), [
    'shop/cart: removed, had cart-v1 100%',
    'shop/mail in c.yaml: added, with mail-v1 100%',
    'shop/mail in d.yaml: added, with mail-v1 100%',
    '',
  ])
  assert.is(line.run('diff', 'HEAD~1', '--service', 'shop').stdout, '')
})

/** The traffic of `prod`, as a patch. */
const patch = (percent: number): string => `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: shop, namespace: shop }
spec:
  traffic:
    - { revisionName: shop-v1, percent: ${100 - percent} }
    - { revisionName: shop-v2, percent: ${percent}, tag: v2 }
`

test('history and diff tell what a kustomize root builds, whichever file a commit changed', () => {
  const line = new Timeline({
    'base/shop.yaml': at('v1=100', 'v2', 'shop'),
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'prod/traffic.yaml': patch(0),
    'prod/kustomization.yaml': 'resources: [../base]\npatches: [{ path: traffic.yaml }]\n',
  })
  line.now += hour
  line.commit({ 'prod/traffic.yaml': patch(50) })
  assert.match(
    line.run('diff', 'HEAD~1').stdout,
    /^shop\/shop: shop-v1 100% -> 50%, shop-v2 0% -> 50% \(preview -> split\)\n$/,
  )
  const { stdout } = line.run('history', 'shop')
  assert.match(stdout, 'prod (kustomize root)')
  assert.match(stdout, /T01:00Z {2}\w{7} {2}split .*\n2026-01-01T00:00Z {2}\w{7} {2}preview /)
})

test('a clone that is cut short is said', () => {
  const { line } = walkThrough()
  const clone = new Sandbox()
  clone.git('clone', '--quiet', '--depth', '2', `file://${line.box.root}`, 'clone')
  const { stdout } = clone.run(['history', 'example-service'], { folder: 'clone' })
  assert.match(stdout, /\nnot shown: the history ends here, but the Service is older\n$/)
  const json = clone.run(['history', 'example-service', '--format', 'json'], { folder: 'clone' }).stdout
  assert.is((JSON.parse(json) as Json).history?.[0]?.incomplete, true)
})

test.run()
