// Policy comes from the base commit: what a change does to quiet the check that judges it, and what becomes of that.
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const test = suite('policy')

type Found = { readonly file: string; readonly line: number; readonly code: string; readonly severity: string }

const traffic = (...lines: readonly string[]): string => service(`  traffic:\n${lines.join('\n')}\n`, { name: 'shop' })
const full = ['    - revisionName: shop-v1', '      percent: 100'] as const
/** A Service whose only finding is KN312 at its second target; `beside` stands on that line. */
const foreign = (beside = ''): string => traffic(...full, `    - revisionName: cart-v1${beside}`, '      percent: 0')
const ignore = ' # kn-rollout: ignore KN312'
const sound = traffic(...full)
const overfull = (beside = ''): string =>
  service(`  traffic:${beside}\n    - revisionName: shop-v1\n      percent: 90\n`, { name: 'shop' })
const off = 'rules:\n  KN301: off\n  KN312: off\n'

function check(box: Sandbox, ...args: readonly string[]): Ran {
  return box.run(['check', '--since', 'HEAD', ...args])
}

/** What is found, as `file:line code`. */
function found(box: Sandbox, args: readonly string[] = [], folder = '.'): readonly string[] {
  const { stdout, stderr } = box.run(['check', '--since', 'HEAD', '--format', 'json', ...args], { folder })
  assert.is(stderr, '')
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }
  return diagnostics.map(({ file, line, code }) => `${file}:${line} ${code}`)
}

function codes(box: Sandbox, ...args: readonly string[]): string {
  return found(box, args)
    .map((one) => one.replace(/^.* /, ''))
    .toSorted()
    .join(' ')
}

test('a change that switches rules off is judged by the rules of the base, and told', () => {
  const box = Sandbox.committed({ 'shop.yaml': sound })
  box.write({ 'shop.yaml': overfull(), '.kn-rollout.yaml': off })
  const ran = check(box)
  assert.is(ran.status, 1)
  assert.match(ran.stdout, /^shop\.yaml:\d+:3: error: .*\[KN301 traffic-sum\]$/m)
  assert.match(ran.stdout, /`KN301` changes from `error` to `off`: later checks will report less/m)
  assert.match(ran.stdout, /^\.kn-rollout\.yaml:3:3: warning: `KN312` changes from `\w+` to `off`/m)
  assert.match(ran.stderr, /1 Knative Service in 1 file: 1 error, 2 warnings/)
  box.commit()
  const committed = box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'])
  assert.equal([committed.status, committed.stdout], [1, ran.stdout], 'as a commit')
  box.write({ 'shop.yaml': `${overfull()}# more\n` })
  assert.equal(codes(box), '', 'from the next commit on it counts')
})

test('each way to have another configuration is seen through', () => {
  const box = Sandbox.committed({ 'apps/shop.yaml': sound, '.kn-rollout.yaml': 'rules:\n  KN312: error\n' })
  box.write({ 'apps/shop.yaml': foreign() })
  assert.is(check(box).status, 1)
  const attempts: readonly (readonly [what: string, attack: () => void])[] = [
    ['changed', () => box.write({ '.kn-rollout.yaml': off })],
    ['removed', () => rmSync(box.path('.kn-rollout.yaml'))],
    ['nearer', () => box.write({ 'apps/.kn-rollout.yaml': off })],
    [
      'a link',
      () => {
        rmSync(box.path('.kn-rollout.yaml'))
        box.write({ 'other.yaml': off })
        symlinkSync('other.yaml', box.path('.kn-rollout.yaml'))
      },
    ],
  ]
  for (const [what, attack] of attempts) {
    attack()
    const where = what === 'nearer' ? 'apps' : '.'
    const all = found(box, [], where)
    assert.ok(
      all.some((one) => one.endsWith('KN312')),
      `${what}: ${all.join()}`,
    )
    assert.ok(
      all.some((one) => one.endsWith('KN522')),
      `${what}: ${all.join()}`,
    )
    assert.is(box.run(['check', '--since', 'HEAD'], { folder: where }).status, 1, what)
    box.git('add', '--all')
    box.git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', what)
    const ran = box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'], { folder: where })
    assert.equal([ran.status, ran.stdout.includes('KN522')], [1, true], `${what}, committed: ${ran.stdout}`)
    box.git('reset', '--quiet', '--hard', 'HEAD~1')
    box.write({ 'apps/shop.yaml': foreign() })
  }
})

test('what gets louder, plans and other settings are notes; what has no effect is not told', () => {
  const plans = 'plans:\n  careful: [pin, preview, split, promote]\n'
  const box = Sandbox.committed({ 'shop.yaml': sound, '.kn-rollout.yaml': plans })
  box.write({
    '.kn-rollout.yaml':
      'plan: careful\nplans:\n  careful: [pin, preview, promote]\n  other: [pin, promote]\nservices:\n  - {name: shop, plan: other}\nrules:\n  KN312: error\n  KN315: note\n',
  })
  const ran = check(box, '--strict')
  assert.is(ran.status, 0, ran.stdout)
  const lines = ran.stdout.split('\n').filter((line) => line.includes('KN523'))
  assert.equal(
    lines.map((line) => /^\.kn-rollout\.yaml:(\d+):/.exec(line)?.[1]),
    ['1', '3', '4', '5', '8', '9'],
    ran.stdout,
  )
  assert.match(ran.stdout, /`plan` changes from none to `careful`: this takes effect after the merge/)
  for (const text of [`# more\n${plans}`, plans.replaceAll('\n', '\r\n'), `${plans}rules:\n  KN301: error\n`]) {
    box.write({ '.kn-rollout.yaml': text })
    assert.equal(codes(box), '', JSON.stringify(text))
  }
  const bare = Sandbox.committed({ 'shop.yaml': sound })
  bare.write({ '.kn-rollout.yaml': '# nothing yet\n' })
  assert.equal(codes(bare), '', 'a new file that says nothing')
})

test('--config and --no-config stay the operator’s', () => {
  const box = Sandbox.committed({ 'shop.yaml': sound, '.kn-rollout.yaml': 'rules:\n  KN312: error\n' })
  box.write({ 'shop.yaml': foreign(), '.kn-rollout.yaml': off, '.git/ops.yaml': 'rules:\n  KN312: note\n' })
  assert.is(check(box).status, 1)
  const named = check(box, '--config', '.git/ops.yaml')
  assert.is(named.status, 0)
  assert.match(named.stdout, /: note: .*\[KN312 foreign-revision\]/)
  assert.not.match(named.stdout, /KN522/)
  const none = check(box, '--no-config')
  assert.is(none.status, 0)
  assert.match(none.stdout, /: warning: .*\[KN312 foreign-revision\]/)
  assert.is(box.run(['check', '--since', 'HEAD', '--config', 'a', '--no-config']).status, 2)
})

test('a configuration that is not valid stops at the base, and is an error of the file at the head', () => {
  const box = Sandbox.committed({ 'shop.yaml': sound })
  box.write({ 'shop.yaml': overfull(), '.kn-rollout.yaml': '# odd\nrules:\n  KN3011: off\n' })
  const ran = check(box)
  assert.is(ran.status, 2)
  assert.match(ran.stdout, /`rules` has the unknown code `KN3011`/m)
  assert.match(ran.stdout, /\[KN301 traffic-sum\]/, 'the change is judged all the same')
  box.commit()
  box.write({ 'shop.yaml': sound })
  const same = check(box)
  assert.is(same.status, 2)
  assert.match(
    same.stdout,
    /cannot use the configuration of the base commit [0-9a-f]{7}: line 3: `rules` has the unknown code `KN3011`/,
  )
  box.write({ '.kn-rollout.yaml': 'rules: {}\n' })
  const mended = check(box)
  assert.is(mended.status, 2)
  assert.match(
    mended.stdout,
    /cannot use the configuration of the base commit [0-9a-f]{7}: line 3: `rules` has the unknown code `KN3011`/,
  )
  assert.match(mended.stdout, /fix it in a separate change, and check that one with `--no-config` or `--config FILE`/)
  assert.is(check(box, '--no-config').status, 0)
})

test('a link at the base counts if it leads to a file of the commit', () => {
  const box = Sandbox.committed({ 'conf/policy/kn.yaml': 'rules:\n  KN312: error\n', 'apps/shop.yaml': foreign() })
  symlinkSync('policy', box.path('conf/current'))
  symlinkSync('../conf/./current/../current/kn.yaml', box.path('apps/.kn-rollout.yaml'))
  box.commit()
  const run = (): Ran => box.run(['check', '--since', 'HEAD', '.'], { folder: 'apps' })
  assert.is(run().status, 1)
  box.write({ 'conf/policy/kn.yaml': off })
  const changed = run()
  assert.is(changed.status, 1)
  assert.match(changed.stdout, /KN522/, 'and what it leads to is a part of the change')
  box.git('checkout', '--quiet', '.')
  for (const target of [
    '/etc/hostname',
    '../../outside.yaml',
    '../conf',
    'nowhere',
    '.kn-rollout.yaml',
    '../.git/config',
  ]) {
    rmSync(box.path('apps/.kn-rollout.yaml'), { force: true })
    symlinkSync(target, box.path('apps/.kn-rollout.yaml'))
    box.commit()
    rmSync(box.path('apps/.kn-rollout.yaml'))
    const ran = run()
    assert.is(ran.status, 2, target)
    assert.match(
      ran.stderr,
      /not checked: `\.kn-rollout\.yaml` of the base commit [0-9a-f]{7} \(neither a regular file of the repository nor a link to one\); replace it, or add `--config FILE` or `--no-config`/,
    )
    assert.is(ran.stdout, '')
  }
})

test('what has the name of the configuration at the base must be text', () => {
  const box = Sandbox.committed({ 'shop.yaml': sound, '.kn-rollout.yaml': Buffer.from([0x61, 0xff, 0xfe]) })
  rmSync(box.path('.kn-rollout.yaml'))
  const ran = check(box)
  assert.is(ran.status, 2)
  assert.match(ran.stderr, /^kn-rollout: not checked: `\.kn-rollout\.yaml` of the base commit [0-9a-f]{7}: the file /)
  mkdirSync(box.path('.kn-rollout.yaml'))
  box.write({ '.kn-rollout.yaml/x': 'x' })
  box.commit()
  rmSync(box.path('.kn-rollout.yaml'), { recursive: true })
  assert.match(
    check(box).stderr,
    /not checked: `\.kn-rollout\.yaml` of the base commit [0-9a-f]{7} \(neither a regular file of the repository nor a link to one\); replace it, or add `--config FILE` or `--no-config`/,
  )
})

test('a comment that the change adds does not count in it, and says so', () => {
  const box = Sandbox.committed({ 'shop.yaml': foreign() })
  box.write({ 'shop.yaml': foreign(ignore) })
  const ran = check(box, '--strict')
  assert.is(ran.status, 1)
  assert.match(ran.stdout, /^shop\.yaml:(\d+):\d+: warning: .*\[KN312 foreign-revision\]$/m)
  assert.match(ran.stdout, /this change adds the comment that ignores `KN312` here: it counts after the merge/)
  box.commit()
  box.write({ 'shop.yaml': `# more\n${foreign(ignore)}` })
  const next = check(box, '--strict')
  assert.equal([next.status, next.stdout], [0, ''])
  assert.match(next.stderr, /1 ignored/)
  assert.is(box.run(['validate', '--strict']).status, 0)
})

test('a new finding is not ignored by the change that brings it, nor an error by a new reason', () => {
  const box = Sandbox.committed({ 'shop.yaml': sound })
  box.write({ 'shop.yaml': overfull(' # kn-rollout: ignore KN301 -- trust me') })
  assert.is(check(box).status, 1)
  assert.is(codes(box), 'KN301 KN524')
  box.write({ 'shop.yaml': overfull(' # kn-rollout: ignore KN301') })
  box.commit()
  box.write({ 'shop.yaml': overfull(' # kn-rollout: ignore KN301 -- trust me') })
  assert.is(codes(box), 'KN301 KN524', 'without a reason it did not count at the base')
  box.commit()
  box.write({ 'shop.yaml': overfull(' # kn-rollout: ignore KN301 -- for another reason') })
  assert.is(codes(box), '')
})

const moved: readonly (readonly [what: string, text: string, expected: string])[] = [
  ['another line', `# a\n# b\n\n${foreign(ignore)}`, ''],
  ['above instead of beside', foreign().replace('    - revisionName: cart', `   ${ignore}\n$&`), ''],
  ['another spelling', foreign(' ## kn-rollout:ignore KN312,KN312 -- why'), ''],
  [
    'the target in another place of the list',
    traffic(`    - revisionName: cart-v1${ignore}`, '      percent: 0', ...full),
    '',
  ],
  [
    'another target before it',
    traffic(
      ...full,
      '    - revisionName: shop-v0',
      '      percent: 0',
      `    - revisionName: cart-v1${ignore}`,
      '      percent: 0',
    ),
    '',
  ],
  [
    'one more target',
    traffic(
      ...full,
      `    - revisionName: cart-v1${ignore}`,
      '      percent: 0',
      `    - revisionName: cart-v2${ignore}`,
      '      percent: 0',
    ),
    'KN312 KN524',
  ],
  ['another code', foreign(' # kn-rollout: ignore KN313'), 'KN190 KN312'],
  [
    'another field',
    foreign(ignore).replace('percent: 0', `percent: -1${ignore.replace('312', '302')} -- r`),
    'KN302 KN524',
  ],
]

for (const [what, text, expected] of moved)
  test(`a comment of the base is known again: ${what}`, () => {
    const box = Sandbox.committed({ 'shop.yaml': foreign(ignore) })
    box.write({ 'shop.yaml': text })
    const own = codes(box)
      .split(' ')
      .filter((code) => !/^KN(?:301|313|51\d)$/.test(code))
    assert.is(own.join(' '), expected)
  })

test('a comment goes along with its Service to another file, and to no other Service', () => {
  const box = Sandbox.committed({ 'shop.yaml': foreign(ignore), 'z/a.yaml': sound.replaceAll('shop', 'other') })
  mkdirSync(box.path('apps'))
  renameSync(box.path('shop.yaml'), box.path('apps/other.yaml'))
  assert.equal(found(box), [])
  box.write({ 'z/a.yaml': foreign(ignore).replaceAll('shop', 'other') })
  assert.equal(
    found(box).map((one) => one.replace(/:\d+/, '')),
    ['z/a.yaml KN312', 'z/a.yaml KN524'],
  )
  box.git('reset', '--quiet', '--hard')
  rmSync(box.path('apps'), { recursive: true })
  box.write({ 'new.yaml': foreign(ignore).replaceAll('shop', 'new') })
  assert.is(codes(box), 'KN312 KN503 KN524', 'nor to a new one')
})

test('a comment of the base counts for what it stood beside, whatever else is in the file', () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n${foreign(ignore)
    .trimEnd()
    .split('\n')
    .map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)
    .join('\n')}\n`
  const two = `${sound.replaceAll('shop', 'other')}---\n${foreign(ignore)}`
  const flow = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{image: ghcr.io/acme/shop:1.0}]}}, traffic: [{revisionName: shop-v1, percent: 100}, {revisionName: cart-v1, percent: 0}]}${ignore}\n`
  const empty = sound.replace('percent: 100', `percent: 100\n    - ${ignore.trim().replace('312', '201')} -- r`)
  for (const text of [list, two, flow, empty]) {
    const box = Sandbox.committed({ 'shop.yaml': text })
    const before = codes(box, '.')
    box.write({ 'shop.yaml': `# more\n${text}` })
    assert.is(codes(box), before, text)
    assert.not.match(before, /KN312|KN201/, text)
  }
})

test('what stands in no field is known by its line', () => {
  const stray = `a: b # kn-rollout: ignore KN111 -- read by another tool\n---\n`
  const box = Sandbox.committed({ 'shop.yaml': stray + sound })
  box.write({ 'shop.yaml': `# more\n${stray}${sound}` })
  assert.is(codes(box), '')
  box.write({ 'shop.yaml': `${stray.replace('a: b', 'c: d')}${sound}` })
  assert.is(codes(box), 'KN111 KN524')
})

/** With a key that only Cloud Run reads. */
const google = (text: string): string =>
  text.replace('  name: shop\n', '  name: shop\n  annotations:\n    run.googleapis.com/ingress: all\n')

test('keys of Cloud Run do not have its rules judge the change that adds them', () => {
  const lenient = service('', { name: 'shop' }).replace(
    '    spec:\n      containers:',
    '    spec:\n      timeoutSeconds: 3000\n      containers:',
  )
  const box = Sandbox.committed({ 'shop.yaml': service('', { name: 'shop' }) })
  box.write({ 'shop.yaml': google(lenient) })
  assert.match(codes(box), /KN360 .*KN525|KN360 KN525/)
  assert.not.match(codes(box, '--profile', 'cloudrun'), /KN360|KN525/)
  assert.not.match(codes(box, '--profile', 'knative'), /KN525/)
  box.commit()
  box.write({ 'shop.yaml': `# more\n${google(lenient)}` })
  assert.not.match(codes(box), /KN360|KN525/)
})

test('a kustomization that calls a Service a patch is seen through', () => {
  const whole = service(`  traffic:\n${full.join('\n')}\n`, { name: 'shop' })
  const bare = whole.replace(/ {2}template:\n(?: {4,}.*\n)+/, '')
  const box = Sandbox.committed({ 'apps/shop.yaml': whole, 'apps/other.yaml': whole.replaceAll('shop', 'other') })
  box.write({
    'apps/shop.yaml': bare,
    'x/kustomization.yaml': 'resources:\n  - https://example.com/base\npatches:\n  - path: ../apps/shop.yaml\n',
  })
  assert.match(codes(box), /^KN526/)
  assert.equal([check(box, '--strict').status, check(box).status], [1, 0])
  box.commit()
  box.write({ 'apps/shop.yaml': `# more\n${bare}` })
  assert.is(codes(box), 'KN608 KN608', 'what was a patch stays one')
  rmSync(box.path('apps/shop.yaml'))
  assert.not.match(codes(box), /KN519/, 'a patch is no Service that leaves')
})

test('every format tells what the change does to the policy, at its line', () => {
  const box = Sandbox.committed({ 'shop.yaml': foreign() })
  box.write({ 'shop.yaml': foreign(ignore), '.kn-rollout.yaml': off })
  for (const format of ['text', 'json', 'github', 'gitlab', 'sarif', 'junit', 'markdown', 'rdjsonl']) {
    const { stdout } = check(box, '--format', format)
    for (const code of ['KN522', 'KN524', 'KN312']) assert.match(stdout, code, `${format} ${code}`)
    assert.match(stdout, '.kn-rollout.yaml', format)
  }
  assert.match(check(box, '--format', 'github').stdout, /^::warning file=\.kn-rollout\.yaml,line=2,/m)
})

test('commands that edit say where their configuration is not the committed one', () => {
  const said = /^kn-rollout: `(\S+)` (is not committed|differs from the committed configuration): `check` uses/m
  const box = Sandbox.committed({ 'apps/shop.yaml': sound, '.kn-rollout.yaml': 'rules: {}\n' })
  const commands = [
    ['apply', 'preview', '--candidate', 'shop-v2', '--tag', 'v2'],
    ['next'],
    ['release', '--image', ':1.1'],
    ['set', '--traffic', 'shop-v1=100'],
    ['create', 'cart', '--image', 'r.example.com/cart:1.0'],
  ]
  for (const words of commands) assert.not.match(box.run(words).stderr, said, words.join(' '))
  box.write({ '.kn-rollout.yaml': 'rules: {}\r\n' })
  assert.not.match(box.run(['next']).stderr, said, 'line ends are Git’s own business')
  box.write({ '.kn-rollout.yaml': off })
  for (const words of commands) {
    assert.match(box.run(words).stderr, said, words.join(' '))
    assert.not.match(box.run([...words, '--no-config']).stderr, said, words.join(' '))
    assert.not.match(box.run([...words, '--config', '.kn-rollout.yaml']).stderr, said, words.join(' '))
  }
  box.write({ 'apps/.kn-rollout.yaml': off })
  assert.equal(said.exec(box.run(['next'], { folder: 'apps' }).stderr)?.slice(1), [
    '.kn-rollout.yaml',
    'differs from the committed configuration',
  ])
  box.git('rm', '--quiet', '--cached', '.kn-rollout.yaml')
  box.git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'none')
  assert.equal(said.exec(box.run(['next']).stderr)?.slice(1), ['.kn-rollout.yaml', 'is not committed'])
  rmSync(box.path('.git'), { recursive: true })
  assert.not.match(box.run(['next']).stderr, said, 'outside of any repository')
})

test.run()
