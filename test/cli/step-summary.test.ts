// `--step-summary` and the Markdown of `check`: what GitHub Actions shows beside a run.
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const traffic = (stable: number): string => `  traffic:
    - revisionName: shop-v1
      percent: ${stable}
    - revisionName: shop-v2
      percent: ${100 - stable}
      tag: v2
`
const shop = (lines: string): string => service(lines, { name: 'shop', revision: 'shop-v2' })

/** A change: one Service moves on, one is broken, one is new, one has only a new comment. */
function changed(): Sandbox {
  const box = Sandbox.committed({
    'shop.yaml': shop(traffic(100)),
    'cart.yaml': service('', { name: 'cart' }),
    'odd.yaml': service('  traffic: {}\n', { name: 'odd' }),
  })
  box.write({
    'shop.yaml': shop(traffic(50)),
    'cart.yaml': `${service('', { name: 'cart' })}# a note\n`,
    'new.yaml': service('  traffic:\n    - latestRevision: true\n      percent: 90\n', { name: 'new' }),
    'odd.yaml': `${service('  traffic: {}\n', { name: 'odd' })}# a note\n`,
  })
  return box
}

const variable = 'GITHUB_STEP_SUMMARY'
const check = ['check', '--since', 'HEAD']

function summarized(box: Sandbox, args: readonly string[]): Ran {
  return box.run([...args, '--step-summary'], { environment: { [variable]: box.path('.git/summary.md') } })
}

const test = suite('step summary')

test('check --format markdown: a row for each Service, the findings folded', () => {
  const box = changed()
  const { status, stdout } = box.run([...check, '--format', 'markdown'])
  assert.is(status, 1)
  const [counts = '', sides, , head, , ...rows] = stdout.split('\n')
  const commit = box.git('rev-parse', '--short=7', 'HEAD').trim()
  assert.is(sides, `Base: \`${commit}\`, the merge base with \`HEAD\`. Head: the working tree.`)
  assert.match(counts, /^4 Knative Services in 4 files: 2 errors, /)
  assert.is(head, '| Service | from → to | found |')
  assert.is(rows[0], '| `shop/cart` | as it was: `@latest` 100 % | no findings |')
  assert.is(rows[1], '| `shop/new` | new: `@latest` 90 % | **1 error** (KN301) |')
  assert.is(rows[2], '| `shop/odd` | cannot be read | **1 error** (KN201) |')
  assert.match(
    rows[3] ?? '',
    /^\| `shop\/shop` \| `shop-v1` 100 % and `shop-v2` 0 % → `shop-v1` 50 % and `shop-v2` 50 % \| (?:no findings|\d \w+)/,
  )
  assert.match(stdout, /^<details><summary>Findings<\/summary>\n\n\| severity \| where \|[^]*KN301[^]*<\/details>$/m)
})

test('the Markdown names both commits, and what they were asked for as', () => {
  const box = changed()
  box.commit()
  const [base = '', head = ''] = ['HEAD~1', 'HEAD'].map((name) => box.git('rev-parse', name).trim())
  const sidesOf = (since: string, to: string): string =>
    box.run(['check', '--since', since, '--head', to, '--format', 'markdown']).stdout.split('\n')[1] ?? ''
  const [from, to] = [`\`${base.slice(0, 7)}\``, `\`${head.slice(0, 7)}\``]
  assert.is(sidesOf('HEAD~1', 'HEAD'), `Base: ${from}, the merge base with \`HEAD~1\`. Head: ${to} (\`HEAD\`).`)
  assert.is(sidesOf(base, head), `Base: ${from}. Head: ${to}.`)
})

test('without a Service the Markdown has no table', () => {
  const { stdout } = Sandbox.committed({ 'README.md': 'x' }).run([...check, '--format', 'markdown'])
  assert.match(stdout, /^0 Knative Services in 0 files: .*\.\nBase: .*\.\n$/)
})

test('of very many Services the first are shown, and the report stays within the limit of a comment', () => {
  const box = Sandbox.committed({ 'a.txt': '' })
  const names = Array.from({ length: 130 }, (_, index) => `s${index}`)
  box.write(Object.fromEntries(names.map((name) => [`${name}.yaml`, service(traffic(90), { name })])))
  const { stdout } = box.run([...check, '--format', 'markdown'])
  assert.match(stdout, '… 30 more Services')
  assert.ok(Buffer.byteLength(stdout) < 65_536)
})

for (const args of [
  check,
  ['validate'],
  ['apply', 'promote', 'shop.yaml'],
  ['next', 'shop.yaml'],
  ['validate', '--fix'],
])
  test(`${args.join(' ')} --step-summary appends what --format markdown prints`, () => {
    const box = changed()
    box.write({ '.git/summary.md': 'before\n' })
    const plain = box.run(args)
    const ran = summarized(box, args)
    assert.equal(ran, plain, 'everything else is as without it')
    const { stdout } = box.run([...args, '--format', 'markdown'])
    assert.is(box.read('.git/summary.md'), `before\n${stdout}\n`)
    assert.is(summarized(box, [...args, '--format', 'github']).status, plain.status)
    assert.is(box.read('.git/summary.md'), `before\n${stdout}\n${stdout}\n`)
  })

test('a summary that GitHub would drop is never made', () => {
  const box = changed()
  const [most, note] = [1024 * 1024, 'A report of kn-rollout is missing here: the summary has no room for it.\n']
  for (const [size, wanted] of [
    [most - 200, note],
    [most - 10, ''],
    [most + 10, ''],
  ] as const) {
    box.write({ '.git/summary.md': 'x'.repeat(size) })
    assert.is(summarized(box, ['validate']).status, 1)
    assert.is(box.read('.git/summary.md').slice(size), wanted)
  }
})

test('a summary that cannot be written ends the run, which says so', () => {
  const full = '/dev/full'
  if (!existsSync(full)) return
  const box = changed()
  const { status, stdout, stderr } = box.run(['validate', '--step-summary'], { environment: { [variable]: full } })
  assert.equal([status, stdout], [3, ''])
  assert.match(stderr, /^kn-rollout: GITHUB_STEP_SUMMARY: no space left on the disk; the report was not written$/m)
})

test('outside of GitHub Actions it is a usage error, before anything is done', () => {
  const box = changed()
  const before = box.read('shop.yaml')
  for (const environment of [{}, { [variable]: '' }]) {
    const { status, stdout, stderr } = box.run(['apply', 'promote', 'shop.yaml', '--write', '--step-summary'], {
      environment,
    })
    assert.equal([status, stdout], [2, ''])
    assert.match(
      stderr,
      'kn-rollout: `--step-summary` works only in GitHub Actions: `GITHUB_STEP_SUMMARY` does not name a file',
    )
  }
  const nowhere = box.run(['validate', '--step-summary'], { environment: { [variable]: box.path('no/where.md') } })
  assert.is(nowhere.status, 2)
  assert.match(nowhere.stderr, 'GITHUB_STEP_SUMMARY: the directory of the report, `.`, does not exist')
  const folder = box.run(['validate', '--step-summary'], { environment: { [variable]: box.root } })
  assert.equal(
    [folder.status, folder.stderr],
    [2, 'kn-rollout: GITHUB_STEP_SUMMARY: is a directory; a report needs a file\n'],
  )
  assert.is(box.read('shop.yaml'), before)
})

test.run()
