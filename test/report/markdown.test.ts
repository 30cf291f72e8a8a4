// The body of a pull request: read whole once, then what it says case by case, what hostile texts do to it, how long it gets.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../../src/pipeline/plan.js'
import type { Change, FileChange, Outcome } from '../../src/pipeline/request.js'
import { code, prose } from '../../src/report/markdown-text.js'
import { markdownReport } from '../../src/report/markdown.js'
import type { MoveRequest } from '../../src/stages/apply.js'
import { builtInPlans } from '../../src/stages/stages.js'
import { shellWord } from '../../src/text/words.js'
import { service } from '../cli/manifests.js'
import { diagnosticOf, hostile, hostileOutcomes, outcomeOf, plainly } from './outcomes.js'

const limit = 65_536

const two = `  traffic:
    - revisionName: shop-v1 # answers the users
      percent: 100
    - revisionName: shop-v2
      percent: 0 # see #12
      tag: v2
`
const shop = (traffic: string): string => service(traffic, { name: 'shop', revision: 'shop-v2' })
const bare = (text: string): string => text.replace('  namespace: shop\n', '')

function outcomeAfter(move: MoveRequest, ...texts: readonly string[]): Outcome {
  const files = texts.map((text, index) => ({ path: index === 0 ? 'apps/shop.yaml' : `apps/${index}.yaml`, text }))
  return plan(files, { all: true, move })
}

function bodyOf(move: MoveRequest, ...texts: readonly string[]): string {
  return markdownReport(outcomeAfter(move, ...texts), plainly)
}

/** The part under a heading. */
function part(body: string, title: string): string {
  return body.split(/^(?=### |<details>)/m).find((one) => one.startsWith(`### ${title}`)) ?? ''
}

/** What is left where all code is taken out, by CommonMark's rule: a run of back-quotes ends at the next one as long. */
function withoutCode(body: string): string {
  const open = body.replaceAll(/^(`{3,})\w*\n[^]*?^\1$/gm, '')
  return open
    .split('\n')
    .map((line) => line.replaceAll(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, ''))
    .join('\n')
}

/** The number of cells in every row of every table, as GitHub splits them: at bars without a backslash before them. */
function columns(body: string): readonly number[] {
  const rows = body
    .replaceAll(/^(`{3,})\w*\n[^]*?^\1$/gm, '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return rows.map((row) => row.replaceAll(/\\./g, '').split('|').length - 2)
}

const test = suite('markdown')

test('reads so', () => {
  const body = bodyOf({ command: 'apply', stage: 'split', percent: 10 }, bare(shop(two)))
  assert.is(
    body,
    `Moves \`shop\` to the stage \`split\`, step 3 of 5 of the plan \`blue-green\` (pin → preview → **split** → promote → retire). Moves 10% of the requests of \`shop\` from \`shop-v1\` to \`shop-v2\`.

### \`shop\` in \`apps/shop.yaml\`

| revision | before | after | tag |
| --- | --- | --- | --- |
| \`shop-v1\` (stable) | ██████████ 100% | █████████░ 90% |  |
| \`shop-v2\` (candidate) | ░░░░░░░░░░ 0% | █░░░░░░░░░ 10% | \`v2\` |

Stable is \`shop-v1\`, by the target with the most traffic that is not the candidate. Candidate is \`shop-v2\`, by \`spec.template.metadata.name\`.

- Test \`shop-v2\` at \`http://v2-shop.default.example.com\`
- Users reach the Service at \`http://shop.default.example.com\`. Replace \`example.com\` with the domain of the cluster; without a namespace in the file, it uses \`default\`.

Comments to read again:

- \`apps/shop.yaml:21\`: the comment \`# see #12\` is now next to a changed value

### Not checked

Not visible in the files:

- that \`shop-v1\` and \`shop-v2\` exist and are ready, because a revision that is not blocks all traffic changes: \`kubectl get revision shop-v1 shop-v2\`
- that the traffic on the cluster is still what the files had before
- that \`shop-v2\` (10%) can serve this traffic: scale bounds, quotas, dependencies

### Next step

\`\`\`sh
kn-rollout apply split apps/shop.yaml --stable shop-v1 --candidate shop-v2 --write
\`\`\`

### Roll back

\`\`\`sh
kn-rollout apply rollback apps/shop.yaml --stable shop-v1 --write
\`\`\`

<details><summary>The diff</summary>

\`\`\`diff
diff --git a/apps/shop.yaml b/apps/shop.yaml
--- a/apps/shop.yaml
+++ b/apps/shop.yaml
@@ -16,7 +16,7 @@
               port: 0
   traffic:
     - revisionName: shop-v1 # answers the users
-      percent: 100
+      percent: 90
     - revisionName: shop-v2
-      percent: 0 # see #12
+      percent: 10 # see #12
       tag: v2
\`\`\`

</details>
`,
  )
})

const pin = { command: 'apply', stage: 'pin', stable: 'shop-v1' } as const
const share = (target: string, percent: number) => ({ target, percent })

/** What a body says of one Service: the first words that must be in it, then the command that follows, then the way back. */
const sayings: readonly (readonly [
  name: string,
  move: MoveRequest,
  traffic: string,
  says: string,
  next: string,
  back: string,
])[] = [
  [
    'a pin',
    pin,
    '',
    'Moves 100% of the requests of `shop` from the latest revision (`@latest`) to `shop-v1`.',
    "kn-rollout apply preview apps/shop.yaml --stable shop-v1 --candidate shop-v2 --tag '<tag>' --write",
    'Revert the commit',
  ],
  [
    'a preview',
    { command: 'apply', stage: 'preview', tag: 'next' },
    two.split('    - revisionName: shop-v2')[0] ?? '',
    'Moves no requests of `shop`. The tag `next` leads to `shop-v2`.',
    'kn-rollout apply split apps/shop.yaml',
    'Revert the commit',
  ],
  [
    'a promotion',
    { command: 'apply', stage: 'promote' },
    two,
    'Moves 100% of the requests of `shop` from `shop-v1` to `shop-v2`.',
    'kn-rollout apply retire apps/shop.yaml --stable shop-v1 --candidate shop-v2 --write',
    'kn-rollout apply rollback apps/shop.yaml --stable shop-v1 --write',
  ],
  [
    'a retirement',
    { command: 'apply', stage: 'retire' },
    two.replace('percent: 0', 'percent: 1').replace('100', '0').replace('percent: 1', 'percent: 100'),
    'Moves no requests of `shop`. `shop-v1` leaves the list, and Knative may garbage-collect it.',
    'No stage of the plan follows.',
    '# only while the cluster still has shop-v1\nkn-rollout apply rollback apps/shop.yaml --stable shop-v1 --write',
  ],
  [
    'a rollback',
    { command: 'apply', stage: 'rollback', stable: 'shop-v1' },
    two.replace('100', '40').replace('percent: 0', 'percent: 60'),
    'to the stage `rollback`: send all traffic to the stable revision and remove the candidate, from any state. Moves 60% of the requests of `shop` from `shop-v2` to `shop-v1`. The tag `v2` no longer leads to `shop-v2`. `shop-v2` leaves the list, and Knative may garbage-collect it.',
    'No stage of the plan follows.',
    'Revert the commit',
  ],
  [
    'a set',
    { command: 'set', untag: ['v2'], tags: [{ revision: 'shop-v1', tag: 'old' }], shares: [share('shop-v2', 30)] },
    two,
    'Sets percents and tags of `shop/shop`. Moves 30% of the requests of `shop` from `shop-v1` to `shop-v2`. The tag `old` leads to `shop-v1`. The tag `v2` no longer leads to `shop-v2`.',
    'kn-rollout apply split apps/shop.yaml --stable shop-v1 --candidate shop-v2 --write',
    'kn-rollout set apps/shop.yaml --untag old --tag shop-v2=v2 --traffic shop-v1=100 --write',
  ],
  [
    'a set of three',
    { command: 'set', shares: [share('shop-v1', 50), share('@latest', 20), share('shop-00003', 30)] },
    two,
    'Splits the requests of `shop` again: `shop-v1` from 100% to 50%, the latest revision (`@latest`) from 0% to 20% and `shop-00003` from 0% to 30%.',
    'No stage of the plan follows.',
    'kn-rollout set apps/shop.yaml --traffic shop-v1=100 --write',
  ],
  [
    'a set that empties',
    { command: 'set', shares: [share('v2', 100)] },
    two,
    '`shop-v1` leaves the list, and Knative may garbage-collect it.',
    'kn-rollout apply',
    'kn-rollout set apps/shop.yaml --traffic shop-v1=100 --allow-unknown --write',
  ],
]

for (const [name, move, traffic, says, next, back] of sayings) {
  test(`says of ${name} what moves, what follows and how to get back`, () => {
    const body = bodyOf(move, shop(traffic))
    assert.ok(body.includes(says), body)
    assert.ok(part(body, 'Next step').includes(next), part(body, 'Next step'))
    assert.ok(part(body, 'Roll back').includes(back), part(body, 'Roll back'))
  })
}

test('shows entries that come, go and change their revision', () => {
  const pinned = bodyOf(pin, shop('  traffic:\n    - latestRevision: true\n      percent: 100\n'))
  assert.match(pinned, '| `@latest` → `shop-v1` (stable) | ██████████ 100% | ██████████ 100% |  |')
  const added = bodyOf(
    {
      command: 'set',
      untag: ['v2'],
      tags: [{ revision: 'shop-00007', tag: 'x' }],
      shares: [share('shop-v1', 99), share('x', 1)],
    },
    shop(two),
  )
  assert.match(added, '| `shop-v1` | ██████████ 100% | █████████░ 99% |  |')
  assert.match(added, '| `shop-v2` | ░░░░░░░░░░ 0% | – | `v2` |')
  assert.match(added, '| `shop-00007` | – | █░░░░░░░░░ 1% | `x` |')
  assert.match(added, /- `apps\/shop\.yaml:22`: the comment `# see #12` was removed with its field/)
  const moved = bodyOf(
    { command: 'set', untag: ['v2'], tags: [{ revision: 'shop-v1', tag: 'v2' }] },
    shop(two.replace('100', '50').replace('percent: 0', 'percent: 50')),
  )
  assert.match(moved, '| none → `v2` |')
  assert.match(moved, '| `v2` → none |')
})

test('names the Service where its file holds more than one, and many by their number', () => {
  const both = bodyOf({ command: 'apply', stage: 'split' }, `${shop(two)}---\n${shop(two).replaceAll('shop', 'cart')}`)
  assert.match(both, /^Moves `shop\/shop` and `cart\/cart` to/)
  assert.match(both, 'kn-rollout apply promote apps/shop.yaml --service cart/cart --stable cart-v1')
  const texts = Array.from({ length: 80 }, (_, index) => shop(two).replaceAll('shop', `shop${index}`))
  const many = bodyOf({ command: 'apply', stage: 'split' }, ...texts)
  assert.match(many, /^Moves `shop0\/shop0`, .* and 75 more to the stage .* Requests of 80 Services move\.$/m)
  assert.match(many, /^… \d+ more Services: run `git diff`$/m)
  assert.match(many, /^# … \d+ more$/m)
  assert.match(many, '- that the revisions of the other 70 exist and are ready')
  assert.ok(many.length < limit, `${many.length}`)
})

test('says where a Service was refused, and that there are findings', () => {
  const third = shop('  traffic:\n    - revisionName: a\n      percent: 100\n').replaceAll('shop', 'cart')
  const body = bodyOf(
    { command: 'apply', stage: 'split', candidate: '{{.Service}}-v2', stable: '{{.Service}}-v1' },
    shop(two),
    third,
  )
  assert.match(body, /\*\*There are errors: read them before you merge\.\*\*/)
  assert.match(
    body,
    /^### Findings\n\n\| severity \| where \| what \| code \|\n\| --- \| --- \| --- \| --- \|\n\| error \| `apps\/1\.yaml:\d+:3` \| /m,
  )
  assert.match(
    body,
    /<br>help: name the two revisions of the rollout with `--stable` and `--candidate`, .*\| KN404 third-revision \|$/m,
  )
})

test('is a table of findings where nothing changes', () => {
  const outcome = outcomeOf({
    diagnostics: [
      diagnosticOf({ severity: 'note', code: 'KN313', message: 'a note' }),
      diagnosticOf({ message: '`spec.traffic` must sum to 100 percent, but sums to 90', help: 'mend it' }),
      diagnosticOf({ file: '', message: 'of no file' }),
    ],
    silenced: 2,
  })
  assert.is(
    markdownReport(outcome, plainly),
    `Nothing is changed. 0 Knative Services in 0 files: 2 errors, 0 warnings, 1 note, 2 ignored.

| severity | where | what | code |
| --- | --- | --- | --- |
| error | \`a.yaml:1:1\` | \`spec.traffic\` must sum to 100 percent, but sums to 90<br>help: mend it | KN301 traffic-sum |
| error |  | of no file | KN301 traffic-sum |
| note | \`a.yaml:1:1\` | a note | KN313 idle-target |
`,
  )
  assert.is(
    markdownReport(outcomeOf({}), plainly),
    'Nothing is changed. 0 Knative Services in 0 files: 0 errors, 0 warnings, 0 notes.\n',
  )
  const many = markdownReport(outcomeOf({ diagnostics: Array.from({ length: 60 }, () => diagnosticOf({})) }), plainly)
  assert.match(many, /\n\n… 10 more: run `kn-rollout validate`\n$/)
})

// --- hostile texts ------------------------------------------------------------------------------------------------------

const nasty = [
  ...hostile,
  'a | b || \\| c \\\\| d',
  '``` \n```\n@someone',
  '@someone and @org/team, someone@example.com',
  '#123 GH-12 owner/repo#1 0123abc JIRA-1',
  'http://evil.example www.evil.example https://x',
  '</details><img src=x onerror=alert(1)>',
  '![x](http://evil.example/p.png) [ref]: x',
  '`@someone` `` ``` ` @someone `',
  '$x$ :tada: **b** _i_ ~~s~~ ',
  '`',
  '',
  '---',
  '`'.repeat(2000),
  'x|'.repeat(9000),
  '@a '.repeat(9000),
]

function hostileChange(name: string): FileChange {
  const revision = { name }
  const change: Change = {
    service: `${name}/${name}`,
    name,
    namespace: name,
    address: { name, namespace: name },
    templateName: name,
    plan: builtInPlans[0] ?? { name: '', steps: [] },
    isOnly: false,
    stage: 'split',
    before: [
      { revision, percent: 100, tag: name, origin: 0 },
      { revision: { name: `${name}2` }, percent: 0, origin: 1 },
    ],
    after: [
      { revision, percent: 1e300, tag: `${name}x`, origin: 0 },
      { revision: { name: `${name}2` }, percent: -5, tag: name, origin: 1 },
    ],
    roles: { stable: { revision, decidedBy: name }, candidate: { revision: { name: `${name}2` }, decidedBy: name } },
    notes: [{ kind: 'removed', text: name, range: { start: 0, end: 1 } }],
  }
  const set = { ...change, stage: 'set' }
  return {
    file: { path: name, text: name },
    edits: [],
    text: name,
    patch: `+${name}\n`.repeat(3),
    changes: [change, set],
  }
}

/** Lists nothing that GitHub would make a link, a mention, an image, or HTML of. */
function assertInert(body: string): void {
  const open = withoutCode(body).replaceAll(/<br>|<\/?details>|<\/?summary>/g, '')
  assert.not.match(open, /[@<>[\]\\$~&{}]|#\d|https?:|www\.|`/)
  assert.is(/[\p{Cc}\p{Surrogate}]/u.test(body.replaceAll(/[\n\t]/g, '')), false)
  assert.equal(
    [...new Set(columns(body))].filter((count) => count !== 4),
    [],
  )
  assert.ok(body.length < limit, `${body.length} characters`)
  assert.ok(new TextEncoder().encode(body).length < limit)
}

for (const name of nasty) {
  test(`${JSON.stringify(name).slice(0, 40)} links, calls and breaks nothing`, () => {
    const diagnostics = [
      diagnosticOf({ file: name, message: name, help: name }),
      diagnosticOf({ message: `must not be \`${name}\`, ${name}`, help: `\`${name}${name}\`x` }),
    ]
    const changes = Array.from({ length: 3 }, () => hostileChange(name))
    assertInert(markdownReport(outcomeOf({ changes, diagnostics }), plainly))
    assertInert(markdownReport(outcomeOf({ diagnostics }), plainly))
  })
}

for (const { name, outcome } of hostileOutcomes) {
  test(`an outcome of ${JSON.stringify(name)} breaks nothing`, () => assertInert(markdownReport(outcome, plainly)))
}

test('many hostile Services with many findings stay within the limit', () => {
  for (const name of nasty) {
    const changes = Array.from({ length: 300 }, () => hostileChange(name))
    const diagnostics = Array.from({ length: 300 }, () => diagnosticOf({ message: name, help: name, file: name }))
    assertInert(markdownReport(outcomeOf({ changes, diagnostics }), plainly))
  }
})

test('a long diff is cut, and says by how much', () => {
  const patch = Array.from({ length: 9000 }, (_, index) => `+line ${index}\n`).join('')
  const [one] = outcomeAfter({ command: 'apply', stage: 'split' }, shop(two)).changes
  if (!one) throw new Error('there must be a change')
  const body = markdownReport(outcomeOf({ changes: [{ ...one, patch }] }), plainly)
  const [, shown = ''] = /\+line (\d+)\n```\n\n… /.exec(body) ?? []
  assert.match(body, `… ${9000 - 1 - Number(shown)} more lines: run \`git diff\``)
  assert.ok(body.length > limit / 2 && body.length < limit, `${body.length}`)
  const wide = markdownReport(outcomeOf({ changes: [{ ...one, patch: `+${'x'.repeat(5000)}\n` }] }), plainly)
  assert.match(wide, /x… 4001 more characters\n/)
})

test('code and prose keep what they can', () => {
  assert.is(code('shop-v1'), '`shop-v1`')
  assert.is(code('a`b'), '``a`b``')
  assert.is(code('`a'), '`` `a ``')
  assert.is(code(''), '(empty)')
  assert.is(
    prose('`a` must be 0 or 1 (not 2): see --help, and/or DNS'),
    '`a` must be 0 or 1 (not 2): see --help, and/or DNS',
  )
  assert.is(prose('ask @me in #12, not 0123abcd'), 'ask `@me` in `#12,` not `0123abcd`')
  assert.is(prose('`x`<`y'), '`x` `<` `y`')
  assert.is(prose('a``b`c`'), 'a(empty)b`c`')
})

test('words for a shell say what was meant', () => {
  assert.is(shellWord('apps/shop.yaml'), 'apps/shop.yaml')
  assert.is(shellWord("it's"), `'it'\\''s'`)
  assert.is(shellWord('$(x) y'), "'$(x) y'")
  assert.is(shellWord('`y`'), String.raw`$'\x60y\x60'`)
  assert.is(shellWord("a\n'b\\"), String.raw`$'a\x0a\x27b\x5c'`)
})

test('long lists of one Service are cut, with the number of what is left', () => {
  const entries = Array.from({ length: 35 }, (_, index) => {
    return `    - revisionName: shop-v${index} # no ${index}\n      percent: ${index === 0 ? 100 : 0}\n      tag: t${index}\n`
  })
  const untag = Array.from({ length: 35 }, (_, index) => `t${index}`)
  const body = bodyOf(
    { command: 'set', untag, shares: [share('@latest', 100)] },
    shop(`  traffic:\n${entries.join('')}`),
  )
  assert.match(body, /^\| … 6 more \| {2}\| {2}\| {2}\|$/m)
  assert.match(body, /^- … 15 more$/m)
  assert.match(body, '`shop-v4` and 30 more leave the list, and Knative may garbage-collect them.')
  assert.match(body, '- that the latest revision of `shop` is the one that you mean')
})

test('a share on two targets of one revision has no command that leads back', () => {
  const halves = `  traffic:
    - revisionName: shop-v1
      percent: 50
    - revisionName: shop-v1
      percent: 50
      tag: half
`
  const body = bodyOf({ command: 'set', shares: [share('half', 20), share('shop-v2', 80)] }, shop(halves))
  assert.match(part(body, 'Roll back'), 'Revert the commit')
})

test('the same outcome gives the same body', () => {
  const move = { command: 'apply', stage: 'promote' } as const
  assert.is(bodyOf(move, shop(two)), bodyOf(move, shop(two)))
})

test.run()
