// `set` by the real program on committed trees: kn's grammar, its order, and where it refuses rather than guesses.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const file = 'apps/shop.yaml'
const one = `  traffic:
    - revisionName: shop-v1 # the old one
      percent: 100
`
const two = `${one}    - revisionName: shop-v2
      percent: 0
      tag: v2
`
const shop = (traffic: string): string => service(traffic, { name: 'shop', revision: 'shop-v2' })

function boxWith(traffic: string): Sandbox {
  return Sandbox.committed({ [file]: shop(traffic) })
}

function trafficOf(box: Sandbox, name = file): readonly string[] {
  type Target = { revisionName?: string; percent?: number; tag?: string }
  const { spec } = parse(box.read(name)) as { spec: { traffic?: readonly Target[] } }
  return (spec.traffic ?? []).map(({ revisionName = '@latest', percent = 0, tag }) => {
    return `${revisionName} ${percent}${tag === undefined ? '' : ` ${tag}`}`
  })
}

/** What a command leaves, taken by `git apply`; the second run of it has nothing to do. */
const leads: readonly (readonly [traffic: string, flags: string, after: readonly string[], twice?: RegExp])[] = [
  [one, '--traffic shop-v1=80,shop-v2=20', ['shop-v1 80', 'shop-v2 20']],
  [one, '--traffic shop-v1=80% --traffic shop-v2=20%', ['shop-v1 80', 'shop-v2 20']],
  [one, '--traffic {{.Service}}-v2=20', ['shop-v1 80', 'shop-v2 20']],
  [one, '--traffic v2=10 --tag shop-v2=v2', ['shop-v1 90', 'shop-v2 10 v2']],
  [one, '--tag @latest=next', ['shop-v1 100', '@latest 0 next']],
  [one, '--traffic @latest=5', ['shop-v1 95', '@latest 5']],
  [one, '--traffic shop-v1=50,shop-00003=50', ['shop-v1 50', 'shop-00003 50']],
  [two, '--traffic v2=100', ['shop-v2 100 v2']],
  [two, '--untag v2', ['shop-v1 100'], /tag\(s\) v2 not present for any revisions of service shop/],
  [two, '--untag v2 --allow-unknown', ['shop-v1 100']],
  [two, '--tag shop-v1=v2 --untag v2', ['shop-v1 100 v2']],
  [two, '--tag shop-v2=canary,shop-v1=old', ['shop-v1 100 old', 'shop-v2 0 v2', 'shop-v2 0 canary']],
  [two, '--tag shop-v9=v9 --allow-unknown', ['shop-v1 100', 'shop-v2 0 v2', 'shop-v9 0 v9']],
  ['', '--traffic shop-v1=100 --allow-unknown', ['shop-v1 100']],
  ['', '--traffic @latest=100 --tag shop-00001=old', ['@latest 100', 'shop-00001 0 old']],
]

/** What is refused: the code or exit code 2, and words of the message. */
const refused: readonly (readonly [traffic: string, flags: string, says: RegExp, status?: number])[] = [
  [
    one,
    '--traffic shop-v1=90,shop-v3=10',
    /`--traffic` names `shop-v3`, which is not in the file \(`shop-v2`, `shop-v1`\)/,
  ],
  [one, '--traffic v2=10', /did you mean `shop-v2`\? add `--allow-unknown` to accept a name that only the cluster has/],
  [two, '--tag v2=x', /did you mean `shop-v2`\? add `--allow-unknown` to accept a name that only the cluster has/],
  [two, '--traffic v22=10', /help: did you mean `v2`\?/],
  [two, '--tag {{.Name}}=x', /the only placeholder is .* \[KN409 invalid-role\]/],
  [
    two,
    '--traffic @lates=10',
    /`--traffic` is `@lates`; must be a revision name, `@latest`, `@current`, `@candidate` or `@previous`/,
  ],
  [two, '--untag v1', /did you mean `--untag v2`\?/],
  [two, '--tag shop-v1=v2', /  kn says: refusing to overwrite existing tag in service/],
  [
    `${two}    - latestRevision: true\n      tag: new\n`,
    '--tag @latest=x',
    /`@latest` already has the tag `new`; must have one tag/,
  ],
  [
    two,
    '--traffic v2=50,shop-v2=50',
    /  kn says: repetition of revision reference shop-v2 is not allowed, use only once with --traffic flag/,
  ],
  [
    two,
    '--traffic shop-v1=10,shop-v2=20',
    /  kn says: unable to allocate the remaining traffic: 70%\. Reason: cannot determine the missing revision/,
  ],
  [
    two,
    '--traffic shop-00003=10',
    /  kn says: unable to allocate the remaining traffic: 90%\. Reason: incorrect number of revisions specified\. Only 1 revision should be missing/,
  ],
  [two, '--tag shop-v1=Bad_Tag', /Knative would reject the result: .* \[KN417 result-rejected\]/],
  [
    two,
    '--traffic shop-v1=60 --traffic shop-v1=40',
    /^kn-rollout: `--traffic` names `shop-v1` twice; kn says: repetition of revision reference shop-v1 is not allowed, use only once with --traffic flag$/m,
    2,
  ],
  [
    two,
    '--traffic @latest=60,@latest=40',
    /repetition of identifier @latest is not allowed, use only once with --traffic flag/,
    2,
  ],
  [
    two,
    '--tag @latest=a --tag @latest=b',
    /repetition of identifier @latest is not allowed, use only once with --tag flag/,
    2,
  ],
  [two, '--traffic shop-v1=60,shop-v2=50', /given traffic percents sum to 110, want <=100/, 2],
  [two, '--traffic shop-v1=101', /expected 0 <= percent <= 100/, 2],
  [two, '--traffic shop-v1=-1', /expected 0 <= percent <= 100/, 2],
  [two, '--traffic shop-v1=ten', /error converting given ten to integer/, 2],
  [
    two,
    '--traffic shop-v1=1.5',
    /`--traffic shop-v1=1\.5` does not end in a whole number; kn says: error converting given 1\.5 to integer value for traffic distribution/,
    2,
  ],
  [two, '--traffic a=b=c', /expecting the value format in value1=value2, given a=b=c/, 2],
  [
    two,
    '--tag shop-v2',
    /`--tag` is `shop-v2`; must be `REV=TAG`, such as `@latest=v2`; kn says: expecting the value format/,
    2,
  ],
  [two, '--tag shop-v2=', /expecting the value format/, 2],
  [two, '--untag v2,', /`--untag` is `v2,`; must have a value between commas/, 2],
  [two, '', /`set` needs `--traffic`, `--tag` or `--untag`; see `kn-rollout set --help`/, 2],
  [two, '--stable shop-v1 --untag v2', /`set` has no option `--stable`/, 2],
]

function set(box: Sandbox, flags: string, ...more: readonly string[]): Ran {
  return box.run(['set', file, ...flags.split(' ').filter((word) => word !== ''), ...more])
}

const test = suite('set')

for (const [traffic, flags, after, twice] of leads) {
  test(`${flags} on ${traffic === '' ? 'nothing' : traffic === one ? 'one' : 'two'}`, () => {
    const box = boxWith(traffic)
    const ran = set(box, flags)
    assert.is(ran.status, 0, ran.stderr)
    box.gitWith({ stdin: ran.stdout }, 'apply', '--whitespace=error')
    assert.equal(trafficOf(box), after)
    const again = set(box, flags)
    assert.is(again.stdout, '')
    assert.is(again.status, twice ? 1 : 0)
    assert.match(again.stderr, twice ?? /nothing to change: percents and tags are already set/m)
  })
}

for (const [traffic, flags, says, status = 1] of refused) {
  test(`${flags} is refused`, () => {
    const box = boxWith(traffic)
    const before = box.snapshot()
    const ran = set(box, flags, '--write')
    assert.is(ran.status, status, ran.stderr)
    assert.is(ran.stdout, '')
    assert.match(ran.stderr, says)
    assert.equal(box.snapshot(), before)
  })
}

test('says by name what moves, and which comments leave', () => {
  const { stderr } = set(boxWith(two), '--traffic v2=100')
  assert.match(stderr, /^shop\/shop: set: shop-v1 100% → 0%, shop-v2 0% → 100%$/m)
  assert.match(stderr, /note: this comment was removed with its field: # the old one/)
})

test('--write writes, --check fails, --format json names the change `set`', () => {
  const box = boxWith(two)
  assert.is(set(box, '--traffic v2=20', '--check').status, 1)
  const report = JSON.parse(set(box, '--traffic v2=20', '--format', 'json').stdout) as {
    changes: readonly { stage: string }[]
  }
  assert.equal(
    report.changes.map(({ stage }) => stage),
    ['set'],
  )
  const written = set(box, '--traffic v2=20', '--write')
  assert.equal([written.status, written.stdout], [0, ''])
  assert.equal(trafficOf(box), ['shop-v1 80', 'shop-v2 20 v2'])
  assert.is(set(box, '--traffic v2=20', '--check').status, 0)
})

test('more than one Service must be chosen, and all move or none', () => {
  const cart = service('  traffic:\n    - revisionName: cart-v1\n      percent: 100\n', {
    name: 'cart',
    revision: 'cart-v2',
  })
  const box = Sandbox.committed({ [file]: shop(one), 'apps/cart.yaml': cart })
  const share = ['--traffic', '{{.Service}}-v2=10']
  const ambiguous = box.run(['set', ...share])
  assert.is(ambiguous.status, 1)
  assert.match(ambiguous.stderr, /KN422/)
  const chosen = box.run(['set', '--service', 'cart', ...share, '--write'])
  assert.is(chosen.status, 0, chosen.stderr)
  assert.equal([trafficOf(box), trafficOf(box, 'apps/cart.yaml')], [['shop-v1 100'], ['cart-v1 90', 'cart-v2 10']])
  const both = box.run(['set', '--all', ...share, '--tag', 'shop-v2=v2', '--write'])
  assert.is(both.status, 1)
  assert.match(both.stderr, /nothing written because of the errors above/)
  assert.equal(trafficOf(box), ['shop-v1 100'])
  const all = box.run(['set', '--all', ...share, '--write'])
  assert.is(all.status, 0, all.stderr)
  assert.equal(trafficOf(box), ['shop-v1 90', 'shop-v2 10'])
})

test('takes a manifest by the standard input', () => {
  const { status, stdout } = new Sandbox().run(['set', '-', '--traffic', 'v2=30', '--write'], { stdin: shop(two) })
  assert.is(status, 0)
  assert.match(stdout, /percent: 70\n.*\n {6}percent: 30/)
})

test.run()
