// `next` and the way back over real commits, whose dates are set.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { at, name } from '../rollouts.js'
import { Sandbox, type Ran } from './sandbox.js'
import { hour, midnight, Timeline } from './timeline.js'

type Target = { revisionName?: string; percent: number; tag?: string }

const file = 'shop.yaml'

/** The traffic of a file as `at` takes it. */
function shown(text: string, label = name): string {
  const { traffic = [] } = (parse(text) as { spec: { traffic?: readonly Target[] } }).spec
  return traffic
    .map(({ revisionName = '@latest', percent, tag }) => {
      return `${revisionName.replace(`${label}-`, '')}=${percent}${tag === undefined ? '' : `:${tag}`}`
    })
    .join(' ')
}

/** Runs a command, takes its patch, and commits that. */
function take(line: Timeline, ...args: readonly string[]): string {
  line.take(...args)
  return shown(line.box.read(file))
}

const test = suite('next')

test('leads through blue-green, commit by commit, and rests at its end', () => {
  const line = new Timeline({ [file]: at('', 'v1') })
  assert.is(take(line, 'next', file), 'v1=100')
  const early = line.run('next', file)
  assert.equal([early.status, early.stdout], [0, ''])
  assert.is(
    early.stderr,
    `${file}:18:3: note: nothing to roll out: \`example-service-v1\` has all traffic, and no other revision is known [KN436 no-next-stage]
  help: run \`kn-rollout release shop.yaml --image IMAGE\`, or add \`--candidate\` or \`--live FILE\`
nothing to do
`,
  )
  line.commit({ [file]: at('v1=100', 'v2') })
  const states = ['v1=100 v2=0:v2', 'v1=50 v2=50:v2', 'v1=0 v2=100:v2', 'v2=100:v2']
  for (const state of states) assert.is(take(line, 'next'), state)
  const last = line.run('next', '--check')
  assert.equal([last.status, last.stdout], [0, ''])
  assert.match(last.stderr, /note: nothing to roll out/)
})

test('leads through canary for generated names, with the candidate named once', () => {
  const line = new Timeline({ [file]: at('00001=100'), '.kn-rollout.yaml': 'plan: canary\n' })
  assert.is(take(line, 'next', file, '--candidate', '{{.Service}}-00002'), '00001=100 00002=0:v2')
  const states = ['90 10', '75 25', '50 50', '0 100'].map((shares) => {
    const [stable = '', candidate = ''] = shares.split(' ')
    return `00001=${stable} 00002=${candidate}:v2`
  })
  for (const state of states) assert.is(take(line, 'next', file), state)
  assert.is(take(line, 'next', file), '00002=100:v2')
})

test('starts with what a saved live object names as created last', () => {
  const line = new Timeline({ [file]: at('00001=100') })
  const live = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  namespace: shop
status:
  latestCreatedRevisionName: ${name}-00002
  latestReadyRevisionName: ${name}-00002
`
  line.box.write({ 'live.yaml': live })
  const ran = line.run('next', file, '--live', 'live.yaml', '--write')
  assert.is(ran.status, 0, ran.stderr)
  assert.is(shown(line.box.read(file)), '00001=100 00002=0:v2')
  assert.match(ran.stderr, /candidate example-service-00002 \(by `status\.latestCreatedRevisionName` in live\.yaml\)\n/)
})

const careful = `plan: careful
plans:
  careful:
    - preview
    - { stage: few, percent: 5, soak: 1h30m }
    - { stage: all, percent: 100, soak: 1d }
    - retire
`

test('a stage lasts for its soak, counted from its commit', () => {
  const line = new Timeline({ [file]: at('v1=100 v2=0:v2', 'v2'), '.kn-rollout.yaml': careful })
  line.now = hour
  assert.is(take(line, 'next', file), 'v1=95 v2=5:v2')
  const few = line.head
  line.now = 2 * hour
  line.commit({ 'README.md': 'something else\n', [file]: `# moved\n${line.box.read(file)}` })
  const early = line.run('next', file)
  assert.equal([early.status, early.stdout], [1, ''])
  assert.match(
    early.stderr,
    `error: cannot leave \`few\` yet: 30m of its 1h30m soak are left, until 2026-01-01T02:30Z (started in ${few}) [KN432 soak-not-over]\n`,
  )
  assert.match(early.stderr, '\n  help: run this again after that time, or add `--ignore-soak`\n')
  assert.is(line.run('next', file, '--check').status, 1)
  const forced = line.run('next', file, '--ignore-soak', '--check')
  assert.is(forced.status, 1)
  assert.match(forced.stdout, /^\+ {6}percent: 100$/m)
  const scheduled = line.run('next', file, '--ready', '--write')
  assert.equal([scheduled.status, scheduled.stdout], [0, ''])
  assert.is(scheduled.stderr, '1 waits (shop/example-service: 30m)\nnothing to do\n')
  line.now = 2.5 * hour
  assert.is(take(line, 'next', file), 'v1=0 v2=100:v2')
  line.now += 23 * hour
  assert.match(
    line.run('next', file).stderr,
    /cannot leave `all` yet: 1h of its 1d soak are left, until \S+ \(started in [0-9a-f]{7}\)/,
  )
  line.now += hour
  assert.is(take(line, 'next', file), 'v2=100:v2')
})

test('the clock may be anything but nonsense', () => {
  const line = new Timeline({ [file]: at('v1=95 v2=5:v2', 'v2'), '.kn-rollout.yaml': careful })
  const now = line.box.run(['next', file])
  assert.is(now.status, 0, now.stderr)
  const wrong = line.box.run(['next', file], { environment: { KN_ROLLOUT_NOW: 'noon' } })
  assert.equal(
    [wrong.status, wrong.stderr],
    [2, 'kn-rollout: `KN_ROLLOUT_NOW` is `noon`; must be seconds since 1970\n'],
  )
})

/** What is said of a soak, and of a rollback, where nothing is in Git. */
const unsoaked = (why: string): RegExp =>
  new RegExp(
    String.raw`cannot leave \`few\` \(soak 1h30m\): no history shows when the stage started \(${why}\) \[KN433 unknown-stage-start\]\n[^]*  help: run this on the file in its repository, or add \`--ignore-soak\`\n`,
  )
const notChecked = (why: string): string =>
  `: note: not checked: whether \`example-service-v2\` was rolled back (${why}) [KN455 rollback-not-checked]\n  help: run this on the file in its repository\n`

test('what is not committed has no soak, nor has what no repository holds', () => {
  const text = at('v1=95 v2=5:v2', 'v2')
  const line = new Timeline({ '.kn-rollout.yaml': careful })
  line.box.write({ [file]: text })
  const expected = /commit the traffic first, or add `--ignore-soak`/
  assert.match(line.run('next', file).stderr, expected)
  assert.is(line.run('next', file, '--ready').status, 1)
  const folder = new Sandbox()
  folder.write({ [file]: text, '.kn-rollout.yaml': careful })
  assert.match(folder.run(['next', file]).stderr, unsoaked('it is in no Git repository'))
  assert.match(folder.run(['next', '-'], { stdin: text }).stderr, unsoaked('it is in no file'))
  assert.is(folder.run(['next', file, '--ignore-soak']).status, 0)
  const piped = folder.run(['next', '-', '--ignore-soak', '--write'], { stdin: text })
  assert.is(shown(piped.stdout), 'v1=0 v2=100:v2')
})

test('what has no history moves, and that nobody could tell a rollback from it is said', () => {
  const text = at('v1=100 v2=0:v2', 'v2')
  const line = new Timeline({ [file]: text })
  const outside = new Sandbox()
  outside.write({ [file]: text })
  for (const [ran, why] of [
    [line.box.run(['next', '-'], { stdin: text }), 'it is in no file'],
    [outside.run(['next', file]), 'it is in no Git repository'],
  ] as const) {
    assert.is(ran.status, 0)
    assert.match(ran.stdout, '+      percent: 50')
    assert.match(ran.stderr, notChecked(why))
  }
  assert.not.match(line.run('next', file).stderr, 'not checked')
  assert.not.match(line.box.run(['apply', 'split', '-'], { stdin: text }).stderr, 'not checked', 'by name')
  const pinned = line.box.run(['next', '-'], { stdin: at('v1=0 v2=100:v2', 'v2') })
  assert.match(pinned.stderr, 'example-service: retire: example-service-v1 0% (removed), example-service-v2 100%\n')
  assert.not.match(pinned.stderr, 'not checked', 'what is promoted was not taken back')
})

/** The command that a help shows. */
const helpOf = (ran: Ran): string => / `(kn-rollout apply split .*)`\n/.exec(ran.stderr)?.[1] ?? ran.stderr

test('the commands in a help can be pasted: with the file, quoted, and the Service where it is not alone', () => {
  const text = at('v1=100 v2=0:v2', 'v2')
  const other = text.replaceAll('example-service', 'other')
  const line = new Timeline({ 'my shop.yaml': at('v1=50 v2=50:v2', 'v2'), 'two.yaml': at('v1=50 v2=50:v2', 'v2') })
  line.commit({ 'my shop.yaml': text, 'two.yaml': `${text}---\n${other}` })
  const pasted = helpOf(line.run('next', 'my shop.yaml'))
  assert.is(pasted, "kn-rollout apply split 'my shop.yaml'")
  assert.is(line.box.shell(pasted.replace('kn-rollout', '$KN')).status, 0)
  const chosen = helpOf(line.run('next', 'two.yaml', '--service', 'example-service'))
  assert.match(chosen, /^kn-rollout apply split two\.yaml --service \S*example-service$/)
  assert.is(line.box.shell(chosen.replace('kn-rollout', '$KN')).status, 0)
  const piped = line.box.run(['next', '-'], { stdin: at('v1=40 v2=30 v3=30', 'v2') })
  assert.match(piped.stderr, 'run `kn-rollout apply rollback -`, or another stage by its name')
})

test('a shallow clone that hides what happened moves nothing that may have been rolled back', () => {
  const line = new Timeline({ [file]: at('v1=100 v2=0:v2', 'v2') })
  line.now = hour
  line.commit({ [file]: at('v1=50 v2=50:v2', 'v2') })
  line.now = 2 * hour
  line.commit({ [file]: at('v1=100 v2=0:v2', 'v2') })
  const cloned = (depth: number, ...args: readonly string[]): Ran => {
    const clone = new Sandbox()
    clone.git('clone', '--quiet', '--depth', String(depth), `file://${line.box.root}`, 'shallow')
    return clone.run(['next', file, ...args], { folder: 'shallow' })
  }
  const hidden = cloned(1, '--ready', '--ignore-soak')
  assert.equal([hidden.status, hidden.stdout], [1, ''])
  assert.match(
    hidden.stderr,
    `: error: cannot roll out \`example-service-v2\`: the history here ends at ${line.head} (2026-01-01T02:00Z) and does not show whether it was rolled back [KN433 unknown-stage-start]\n`,
  )
  assert.match(
    hidden.stderr,
    /fetch more history \(`git fetch --unshallow`, `fetch-depth: 0` in GitHub Actions\), or run `kn-rollout apply split shop\.yaml`/,
  )
  assert.match(cloned(2).stderr, /\[KN434 rolled-back-candidate\]/)
})

test('a shallow clone that hides since when a stage lasts is told from one that shows enough', () => {
  const plans = 'plan: slow\nplans:\n  slow: [{ stage: pin, soak: 1h }, preview, promote]\n'
  const line = new Timeline({ [file]: at('v1=100', 'v1'), '.kn-rollout.yaml': plans })
  line.now = hour
  line.commit({ [file]: at('v1=100', 'v2') })
  line.now = 2 * hour
  line.commit({ 'README.md': 'more\n' })
  const clone = new Sandbox()
  clone.git('clone', '--quiet', '--depth', '1', `file://${line.box.root}`, 'shallow')
  clone.write({ [`shallow/${file}`]: at('v1=100', 'v3') })
  const run = (seconds: number): Ran =>
    clone.run(['next', file], { folder: 'shallow', environment: { KN_ROLLOUT_NOW: String(midnight + seconds) } })
  const hidden = run(2.5 * hour)
  assert.is(hidden.status, 1)
  assert.match(
    hidden.stderr,
    /cannot leave `pin` \(soak 1h\): the history here ends at [0-9a-f]{7} \(\S+\) and does not show when the stage started/,
  )
  assert.match(hidden.stderr, /help: fetch more history \(`git fetch --unshallow`, /)
  assert.is(run(3 * hour).status, 0)
})

test('a second run before the commit skips no stage', () => {
  const line = new Timeline({ [file]: at('v1=100', 'v1') })
  line.commit({ [file]: at('v1=100', 'v2') })
  assert.is(line.run('next', file, '--write', '--tag', 'trial').status, 0)
  const once = line.box.read(file)
  assert.is(shown(once), 'v1=100 v2=0:trial')
  const again = line.run('next', file, '--write')
  assert.equal([again.status, again.stdout], [0, ''])
  assert.match(again.stderr, /commit it; the next stage follows from the committed one/)
  assert.is(line.box.read(file), once)
  line.box.write({ [file]: at('v1=70 v2=30:trial', 'v2') })
  const other = line.run('next', file, '--write')
  assert.is(other.status, 1)
  assert.match(
    other.stderr,
    `: error: cannot determine the next stage: \`spec.traffic\` differs from ${line.head} [KN435 uncommitted-traffic]\n`,
  )
})

test('what was rolled back is not rolled out again by itself', () => {
  const line = new Timeline({ [file]: at('v1=100 v2=0:v2', 'v2') })
  assert.is(take(line, 'next', file), 'v1=50 v2=50:v2')
  assert.is(take(line, 'apply', 'rollback', file), 'v1=100')
  const refused = line.run('next', file)
  assert.equal([refused.status, refused.stdout], [1, ''])
  assert.match(
    refused.stderr,
    `: error: cannot roll out \`example-service-v2\` again: it was rolled back (removed at 50% by ${line.head}) [KN434 rolled-back-candidate]\n`,
  )
  assert.match(refused.stderr, '\n  help: release another revision, or run `kn-rollout apply preview shop.yaml`\n')
  assert.is(line.run('next', file, '--ready', '--check').status, 0)
  assert.is(take(line, 'apply', 'preview', file, '--tag', 'v2'), 'v1=100 v2=0:v2')
  assert.is(take(line, 'next', file), 'v1=50 v2=50:v2')
})

test('who keeps the candidate goes on from where it was', () => {
  const line = new Timeline({ [file]: at('v1=50 v2=50:v2', 'v2') })
  assert.is(take(line, 'apply', 'rollback', file, '--keep'), 'v1=100 v2=0:v2')
  assert.match(
    line.run('next', file).stderr,
    /cannot roll out `example-service-v2` again: it was rolled back \(moved from 50% to 0% by [0-9a-f]{7}\)/,
  )
  assert.is(take(line, 'apply', 'split', file), 'v1=50 v2=50:v2')
  assert.is(take(line, 'next', file), 'v1=0 v2=100:v2')
})

test('after a rollback another revision goes its way', () => {
  const line = new Timeline({ [file]: at('v1=50 v2=50:v2', 'v2') })
  take(line, 'apply', 'rollback', file)
  line.commit({ [file]: at('v1=100 v2=0:v2', 'v3') })
  assert.is(take(line, 'next', file), 'v1=100 v2=0:v2 v3=0:v3')
  assert.is(take(line, 'next', file), 'v1=50 v2=0:v2 v3=50:v3')
})

test('a revision that was taken out of the list by hand was rolled back as well', () => {
  const line = new Timeline({ [file]: at('v1=50 v2=50:v2', 'v2') })
  line.commit({ [file]: at('v1=100', 'v2') })
  assert.match(
    line.run('next', file).stderr,
    /cannot roll out `example-service-v2` again: it was rolled back \(removed at 50% by [0-9a-f]{7}\)/,
  )
})

test('@latest is another candidate with every template', () => {
  const line = new Timeline({ [file]: at('') })
  line.commit({ [file]: at('00001=100 @latest=0:latest') })
  assert.is(take(line, 'next', file), '00001=50 @latest=50:latest')
  take(line, 'apply', 'rollback', file, '--keep')
  assert.match(
    line.run('next', file).stderr,
    /cannot roll out `@latest` again: it was rolled back \(moved from 50% to 0% by [0-9a-f]{7}\)/,
  )
  line.commit({ [file]: line.box.read(file).replace('shop:1.0', 'shop:2.0') })
  assert.is(take(line, 'next', file), '00001=50 @latest=50:latest')
})

test('the soak of @latest begins again with every template', () => {
  const line = new Timeline({ [file]: at('00001=95 @latest=5:latest'), '.kn-rollout.yaml': careful })
  line.now = hour
  line.commit({ [file]: line.box.read(file).replace('shop:1.0', 'shop:2.0') })
  line.now = 2 * hour
  assert.match(
    line.run('next', file).stderr,
    /cannot leave `few` yet: 30m of its 1h30m soak are left, until \S+ \(started in [0-9a-f]{7}\)/,
  )
  line.now = 2.5 * hour
  assert.is(line.run('next', file).status, 0)
})

const resting: readonly (readonly [what: string, text: string, status: number, said: RegExp])[] = [
  ['everything goes to the latest', at(''), 0, /run `kn-rollout apply pin shop\.yaml --stable REVISION`/],
  ['three shares', at('v1=40 v2=30 v3=30', 'v3'), 1, /error: .*KN4/],
  [
    'a third share beside two known roles',
    at('v0=10 v1=50 v2=40:v2', 'v2'),
    1,
    /`spec\.traffic` matches no stage of the plan `blue-green`: `example-service-v0` 10%, `example-service-v1` 50%, `example-service-v2` 40%/,
  ],
  ['two that cannot be told apart', at('blue=50 green=50'), 1, /\[KN402 unknown-stable\]/],
  ['both roles by one flag', at('v1=100'), 1, /\[KN403 same-roles\]/],
]

for (const [what, text, status, said] of resting) {
  test(`leaves it: ${what}`, () => {
    const line = new Timeline({ [file]: text })
    const flags = what.startsWith('both') ? ['--stable', `${name}-v1`, '--candidate', `${name}-v1`] : []
    const ran = line.run('next', file, ...flags)
    assert.equal([ran.status, ran.stdout], [status, ''])
    assert.match(ran.stderr, said)
  })
}

test('a plan without `retire` ends where the candidate has everything', () => {
  const plans = 'plan: short\nplans:\n  short: [preview, promote]\n'
  const line = new Timeline({ [file]: at('v1=0 v2=100:v2', 'v2'), '.kn-rollout.yaml': plans })
  const ran = line.run('next', file)
  assert.is(ran.status, 0)
  assert.match(
    ran.stderr,
    'the plan `short` has no later stage: it ends with the stage `promote` [KN436 no-next-stage]\n',
  )
})

const tags: readonly (readonly [candidate: string, flags: readonly string[], tag: string])[] = [
  ['v2', [], 'v2'],
  ['00012', [], 'v12'],
  ['2024-spring', [], 'v2024-spring'],
  ['v2', ['--tag', 'trial'], 'trial'],
]

for (const [candidate, flags, tag] of tags) {
  test(`the route of ${candidate}${flags.length > 0 ? ' by --tag' : ''} is named ${tag}`, () => {
    const line = new Timeline({ [file]: at('v1=100') })
    const named = ['--candidate', `{{.Service}}-${candidate}`]
    assert.is(take(line, 'next', file, ...named, ...flags), `v1=100 ${candidate}=0:${tag}`)
  })
}

test('a tag that another target has is refused, one of the plan goes first', () => {
  const line = new Timeline({ [file]: at('v1=100:v2', 'v1') })
  line.commit({ [file]: at('v1=100:v2', 'v2') })
  assert.match(line.run('next', file).stderr, /tag `v2` already belongs to `example-service-v1`/)
  line.commit({ '.kn-rollout.yaml': 'plan: own\nplans:\n  own: [{ stage: preview, tag: next }, promote]\n' })
  assert.is(take(line, 'next', file), 'v1=100:v2 v2=0:next')
})

test('Services move together, or none is written, and every reason is shown', () => {
  const [soaking, free, back] = ['cart', 'shop', 'bank'].map((label) => `${label}.yaml`) as [string, string, string]
  const line = new Timeline({
    '.kn-rollout.yaml': careful,
    [free]: at('v1=100 v2=0:v2', 'v2', 'shop'),
    [soaking]: at('v1=95 v2=5:v2', 'v2', 'cart'),
    [back]: at('v1=50 v2=50:v2', 'v2', 'bank'),
  })
  line.commit({ [back]: at('v1=100 v2=0:v2', 'v2', 'bank') })
  const before = line.box.snapshot()
  const refused = line.run('next', '--all', '--write')
  assert.is(refused.status, 1)
  assert.match(refused.stderr, /cart\.yaml:\d+:\d+: error: cannot leave `few` yet: .* \[KN432 soak-not-over\]/)
  assert.match(
    refused.stderr,
    /cannot roll out `bank-v2` again: it was rolled back \(moved from 50% to 0% by [0-9a-f]{7}\)/,
  )
  assert.equal(line.box.snapshot(), before)
  const shownOnly = line.run('next', '--all')
  assert.equal([shownOnly.status, shownOnly.stdout], [1, ''])
  assert.match(shownOnly.stderr, /\nno diff: kn-rollout changes all chosen Services or none, see the errors above\n$/)
  const told = JSON.parse(line.run('next', '--all', '--format', 'json').stdout) as {
    readonly changes: readonly object[]
    readonly withheld: readonly object[]
  }
  assert.equal([told.changes.length, told.withheld.length], [0, 1], 'a program is told what could move')
  const ready = line.run('next', '--all', '--ready', '--write')
  assert.is(ready.status, 0, ready.stderr)
  assert.equal(line.box.git('diff', '--name-only'), `${free}\n`)
  assert.is(shown(line.box.read(free), 'shop'), 'v1=95 v2=5:v2')
  assert.match(
    ready.stderr,
    /\n1 waits \(shop\/cart: 1h30m\), 1 rolled back \(shop\/bank\)\nwrote 1 file: shop\.yaml\n$/,
  )
  const one = line.run('next', '--service', 'cart', '--format', 'json')
  assert.equal(
    (JSON.parse(one.stdout) as { diagnostics: readonly { code: string }[] }).diagnostics.map(({ code }) => code),
    ['KN432'],
  )
})

const retired = ['v1=100', 'v1=100 v2=0:v2', 'v1=0 v2=100:v2', 'v2=100:v2']

function retiredLine(template = true): Timeline {
  const [first = '', ...rest] = retired
  const line = new Timeline({ [file]: at(first, template ? 'v1' : '') })
  for (const state of rest) {
    line.now += hour
    line.commit({ [file]: at(state, template ? 'v2' : '') })
  }
  return line
}

test('rollback after retire finds the way back in Git, with the smallest diff', () => {
  const line = retiredLine()
  line.now += hour
  const ran = line.run('apply', 'rollback', file)
  assert.is(ran.status, 0, ran.stderr)
  assert.match(
    ran.stdout,
    /\n-    - revisionName: example-service-v2\n\+    - revisionName: example-service-v1\n       percent: 100\n-      tag: v2\n$/,
  )
  assert.match(
    ran.stderr,
    new RegExp(
      `: note: \`example-service-v1\` is in no target since 2026-01-01T03:00Z \\(${line.head}\\): Knative keeps such a revision for at least 15 hours \\[KN437 collected-revision\\]\n` +
        '  help: run `kubectl get revision example-service-v1` before you merge; the template in [0-9a-f]{7} made this revision\n',
    ),
  )
  assert.match(
    ran.stderr,
    /\n  stable example-service-v1 \(by the traffic at [0-9a-f]{7}\)\n  candidate example-service-v2 \(by the only target\)\n/,
  )
  line.box.gitWith({ stdin: ran.stdout }, 'apply')
  const again = line.run('apply', 'rollback', file)
  assert.equal([again.status, again.stdout], [0, ''])
  line.commit()
  assert.match(
    line.run('next', file).stderr,
    /cannot roll out `example-service-v2` again: it was rolled back \(removed at 100% by [0-9a-f]{7}\)/,
  )
})

test('a revision that may be collected by now is warned of', () => {
  const line = retiredLine(false)
  line.now += 16 * hour
  const ran = line.run('apply', 'rollback', file)
  assert.is(ran.status, 0, ran.stderr)
  assert.match(ran.stderr, /run `kubectl get revision example-service-v1` before you merge/)
  assert.is(line.run('apply', 'rollback', file, '--strict').status, 1)
  const named = line.run('apply', 'rollback', file, '--stable', '@previous')
  assert.is(named.stdout, ran.stdout)
})

test('a revision that is exempt from collection is only noted', () => {
  const exempt = at('v1=100', 'v1').replace(
    '    metadata:\n',
    '    metadata:\n      annotations:\n        serving.knative.dev/no-gc: "true"\n',
  )
  const line = new Timeline({ [file]: exempt })
  line.commit({ [file]: at('v2=100:v2', 'v2') })
  line.now += 100 * hour
  assert.match(
    line.run('apply', 'rollback', file).stderr,
    /`example-service-v1` is in no target since \S+ \([0-9a-f]{7}\): Knative keeps such a revision for at least 15 hours, and this one for good/,
  )
})

test('rollback without a past says what to name, and leaves a fresh pin alone', () => {
  const line = new Timeline({ [file]: at('v2=100:v2', 'v2') })
  const lost = line.run('apply', 'rollback', file)
  assert.is(lost.status, 1)
  assert.match(
    lost.stderr,
    /cannot determine the revision that served before `example-service-v2`: neither the file nor Git shows it/,
  )
  line.commit({ [file]: at('v1=100', 'v1') })
  const fresh = new Timeline({ [file]: at('v1=100', 'v1') })
  const idle = fresh.run('apply', 'rollback', file)
  assert.equal([idle.status, idle.stdout], [0, ''])
})

test.run()
