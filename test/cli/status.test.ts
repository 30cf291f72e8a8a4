// `status` in real repositories, with dates that are set: what people and programs see.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran, type RunOptions } from './sandbox.js'

const test = suite('status')
const [start, hour] = [1_767_225_600, 3600]
const schema = JSON.parse(readFileSync(new URL('../../schemas/status.json', import.meta.url), 'utf8')) as object
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
const isStatus = ajv.compile(schema)

type Row = Readonly<Record<string, unknown>>
type Report = { readonly services: readonly Row[]; readonly diagnostics: readonly Row[]; readonly counts: Row }

/** The JSON that a run printed, after the schema has judged it. */
function report({ stdout }: Ran): Report {
  const value: unknown = JSON.parse(stdout)
  assert.ok(isStatus(value), ajv.errorsText(isStatus.errors))
  return value as Report
}

function at(name: string, ...targets: readonly string[]): string {
  const entries = targets.map((target) => {
    const [to = '', percent = '', tag] = target.split(' ')
    return `    - revisionName: ${name}-${to}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
  })
  return service(targets.length === 0 ? '' : `  traffic:\n${entries.join('')}`, { name })
}

function commit(box: Sandbox, hours: number, files: Readonly<Record<string, string>>): void {
  box.write(files)
  box.git('add', '--all')
  const date = `${start + hours * hour} +0000`
  const environment = { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date }
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
  box.gitWith({ environment }, ...who, 'commit', '--quiet', '--message', 'state')
}

/** Six Services in six states. */
function six(): Sandbox {
  const box = new Sandbox()
  box.git('init', '--quiet')
  commit(box, 0, {
    '.kn-rollout.yaml': `plans:
  careful: [preview, { stage: tenth, percent: 10, soak: 6h }, { stage: half, percent: 50, soak: 2h }, promote, retire]
services:
  - { name: checkout, plan: careful }
  - { name: search, plan: canary }
`,
    'apps/blog.yaml': at('blog'),
    'apps/cart.yaml': at('cart', 'v1 100', 'v2 0 v2'),
    'apps/checkout.yaml': at('checkout', 'v7 90', 'v8 10 v8'),
    'apps/login.yaml': at('login', 'v4 50', 'v5 50 v5'),
    'apps/mail.yaml': at('mail', '1 40', '2 30', '3 30'),
    'apps/search.yaml': at('search', '00011 70', '00012 30 next'),
  })
  commit(box, 25, { 'apps/checkout.yaml': at('checkout', 'v7 50', 'v8 50 v8') })
  commit(box, 26, { 'apps/login.yaml': at('login', 'v4 100', 'v5 0 v5') })
  box.write({ 'apps/cart.yaml': at('cart', 'v1 50', 'v2 50 v2') })
  return box
}

function status(box: Sandbox, args: readonly string[] = [], options: RunOptions = {}): Ran {
  const environment = { KN_ROLLOUT_NOW: String(start + 26.25 * hour), ...options.environment }
  return box.run(['status', ...args], { ...options, environment })
}

test('six Services in six states, as text', () => {
  const { status: code, stdout, stderr } = status(six(), ['--domain', 'acme.dev'])
  assert.equal(stdout.split('\n'), [
    'SERVICE        PLAN        STAGE                             AGE            NEXT            TRAFFIC          STABLE        CANDIDATE     TAG   FILE                  URL',
    'shop/blog      blue-green  latest                            1d 2h          –               ██████ 100       –             –             –     apps/blog.yaml:4      http://blog.shop.acme.dev',
    'shop/cart      blue-green  split                             not committed  promote         ███░░░ 50/50     cart-v1       cart-v2       v2    apps/cart.yaml:4      http://v2-cart.shop.acme.dev',
    'shop/checkout  careful     half                              1h 15m         promote in 45m  ███░░░ 50/50     checkout-v7   checkout-v8   v8    apps/checkout.yaml:4  http://v8-checkout.shop.acme.dev',
    'shop/login     blue-green  preview (rolled back from split)  15m            –               ██████ 100/0     login-v4      login-v5      v5    apps/login.yaml:4     http://v5-login.shop.acme.dev',
    'shop/mail      blue-green  3 revisions                       1d 2h          –               ██▒▒░░ 40/30/30  mail-1        –             –     apps/mail.yaml:4      http://mail.shop.acme.dev',
    'shop/search    canary      70/30                             1d 2h          50              ████░░ 70/30     search-00011  search-00012  next  apps/search.yaml:4    http://next-search.shop.acme.dev',
    '',
  ])
  assert.is(stderr, '6 Services: 3 rolling out, 1 rolled back, 1 unrecognized\n')
  assert.is(code, 0)
})

test('six Services in six states, as Markdown', () => {
  const { status: code, stdout, stderr } = status(six(), ['--format', 'markdown'])
  assert.equal(stdout.split('\n'), [
    '| Service | Stage | Age | Next | Traffic | Stable | Candidate | Tag | Plan | File |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    '| `shop/blog` | latest | 1d 2h |  | `██████████ 100` |  |  |  | blue-green | `apps/blog.yaml:4` |',
    '| `shop/cart` | split | not committed | promote | `█████░░░░░ 50/50` | `cart-v1` | `cart-v2` | [`v2`](http://v2-cart.shop.example.com) | blue-green | `apps/cart.yaml:4` |',
    '| `shop/checkout` | half | 1h 15m | promote in 45m | `█████░░░░░ 50/50` | `checkout-v7` | `checkout-v8` | [`v8`](http://v8-checkout.shop.example.com) | careful | `apps/checkout.yaml:4` |',
    '| `shop/login` | preview (rolled back from split) | 15m |  | `██████████ 100/0` | `login-v4` | `login-v5` | [`v5`](http://v5-login.shop.example.com) | blue-green | `apps/login.yaml:4` |',
    '| `shop/mail` | 3 revisions | 1d 2h |  | `████▒▒▒░░░ 40/30/30` | `mail-1` |  |  | blue-green | `apps/mail.yaml:4` |',
    '| `shop/search` | 70/30 | 1d 2h | 50 | `███████░░░ 70/30` | `search-00011` | `search-00012` | [`next`](http://next-search.shop.example.com) | canary | `apps/search.yaml:4` |',
    '',
    '6 Services: 3 rolling out, 1 rolled back, 1 unrecognized',
    '',
  ])
  assert.match(stderr, 'URLs use the domain example.com; add --domain for yours\n6 Services: ')
  assert.is(code, 0)
})

test('the JSON fits schemas/status.json, whatever there is to tell', () => {
  const box = six()
  const { services, counts } = report(status(box, ['--format', 'json']))
  assert.equal(counts, { services: 6, rolling: 3, rolledBack: 1, odd: 1 })
  assert.equal(
    services.map(({ name, shown, since, next }) => [name, shown, Object.keys(since ?? {}), next]),
    [
      ['blog', 'latest', ['commit', 'time', 'seconds'], undefined],
      ['cart', 'split', ['notCommitted'], { stage: 'promote' }],
      [
        'checkout',
        'half',
        ['commit', 'time', 'seconds'],
        { stage: 'promote', soak: { seconds: 2 * hour, until: '2026-01-02T03:00:00Z' } },
      ],
      ['login', 'preview (rolled back from split)', ['commit', 'time', 'seconds'], undefined],
      ['mail', '3 revisions', ['commit', 'time', 'seconds'], undefined],
      ['search', '70/30', ['commit', 'time', 'seconds'], { stage: '50' }],
    ],
  )
  assert.equal(services[3]?.['rolledBack'], { from: 50, to: 0, stage: 'split' })
  const { commit: hash, time, seconds } = (services[2]?.['since'] ?? {}) as Row
  assert.equal([hash, time, seconds], [box.git('rev-parse', 'HEAD~1').trim(), '2026-01-02T01:00:00Z', 1.25 * hour])
  box.write({
    'nameless.yaml': 'apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {}\n',
    'odd.yaml': service('  traffic:\n    - percent: many\n', { name: 'odd' }),
    'latest.yaml': service('  traffic:\n    - latestRevision: true\n      percent: 100\n', { name: 'latest' }),
    'broken.yaml': `${service()}\t- [`,
    'wide.yaml': Buffer.from(service(), 'utf16le'),
  })
  const odd = report(status(box, ['--format', 'json', '--no-git']))
  assert.is(odd.services.length, 9)
  assert.is(odd.services[0]?.['since'], undefined)
  assert.equal(new Set(odd.diagnostics.map(({ code }) => code)), new Set(['KN101', 'KN102']))
  const missing = status(box, ['--format', 'json', '--service', 'nope'])
  assert.equal([missing.status, report(missing).diagnostics.map(({ code }) => code)], [1, ['KN102', 'KN420']])
  report(status(box, ['-', '--format', 'json'], { stdin: service() }))
})

test('step 11 of the procedure: no traffic reaches the first revision any more', () => {
  const box = Sandbox.committed({ 'shop.yaml': at('shop', 'v1 50', 'v2 50 v2') })
  assert.is(box.run(['apply', 'promote', 'shop.yaml', '--write']).status, 0)
  const { stdout } = box.run(['status', 'shop.yaml'])
  assert.match(stdout, /shop\/shop +blue-green +promote +not committed +retire +░░░░░░ 0\/100 +shop-v1 +shop-v2 +v2/)
})

test('--in-progress, --stage and --service choose', () => {
  const box = six()
  const names = (...args: readonly string[]): string => {
    const { stdout } = status(box, args)
    return stdout
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ')[0]?.replace('shop/', ''))
      .join(' ')
      .trim()
  }
  assert.is(names('--in-progress'), 'cart checkout login mail search')
  assert.is(names('--stage', 'half', '--stage', 'latest'), 'blog checkout')
  assert.is(names('--service', '*ch*', '--no-git'), 'checkout search')
  assert.is(names('apps/mail.yaml', 'apps/b*'), 'blog mail')
  const filtered = status(box, ['--stage', 'odd'])
  assert.match(filtered.stderr, '6 Services: 3 rolling out, 1 rolled back, 1 unrecognized; 1 shown\n')
})

test('--no-git leaves the times out', () => {
  const { stdout } = status(six(), ['--no-git'])
  assert.not.match(stdout, / AGE /)
  assert.match(stdout, /shop\/checkout +careful +half +promote \(soak 2h\) /)
})

test('outside of a repository, and in a shallow clone, the reason is said', () => {
  const outside = new Sandbox()
  outside.write({ 'shop.yaml': at('shop', 'v1 100') })
  const alone = status(outside)
  assert.is(alone.status, 0)
  assert.match(alone.stdout, /shop\/shop +blue-green +pin +unknown /)
  assert.match(alone.stderr, 'shop.yaml: Git does not show when it started: it is in no Git repository\n')
  const stdin = status(outside, ['-'], { stdin: at('shop', 'v1 100') })
  assert.match(stdin.stderr, '(stdin): Git does not show when it started: it is in no file\n')
  const rolling = status(outside, ['-'], { stdin: at('shop', 'v1 100', 'v2 0 v2') })
  assert.match(rolling.stdout, / preview +unknown +split \(not checked\) /)
  assert.match(
    rolling.stderr,
    '(stdin): Git does not show when it started, nor whether the candidate was rolled back: it is in no file\n',
  )
  const box = six()
  commit(box, 26, {})
  box.git('clone', '--quiet', '--depth', '1', `file://${box.root}`, 'clone')
  assert.match(status(box, ['clone/apps/blog.yaml']).stdout, /latest +≥ 15m /)
  const shallow = status(box, ['clone/apps/checkout.yaml'])
  assert.match(shallow.stdout, / half +≥ 15m +promote \(not checked\) /)
  assert.match(
    shallow.stderr,
    'clone/apps/checkout.yaml: the history does not show whether the candidate was rolled back\n',
  )
  report(status(box, ['clone', '--format', 'json']))
})

test('ASCII where the locale is not UTF-8', () => {
  const box = six()
  for (const environment of [{ LC_ALL: 'C' }, { LC_ALL: '', LANG: 'de_DE.ISO-8859-1' }, { LC_ALL: '' }]) {
    const { stdout } = status(box, [], { environment })
    assert.not.match(stdout, /[^\x00-\x7F]/)
    assert.match(stdout, '###--- 50/50')
  }
  assert.match(status(box, [], { environment: { LC_ALL: '', LANG: 'en_US.utf8' } }).stdout, '███░░░ 50/50')
})

test('colours as everywhere', () => {
  const box = six()
  const escape = '\u001B'
  assert.not.match(status(box).stdout, escape)
  assert.match(status(box, ['--color']).stdout, `${escape}[1;33mpreview (rolled back from split)`)
  const never = status(box, [], { environment: { NO_COLOR: '1', FORCE_COLOR: '1' } })
  assert.not.match(never.stdout + never.stderr, escape)
})

test('on a terminal the table fits', () => {
  const box = six()
  for (const columns of [40, 80, 200]) {
    const environment = { TERM: 'xterm', NO_COLOR: '1' }
    const line = `command -v script >/dev/null || exit 0; script -qec "stty cols ${columns}; $KN status apps" /dev/null`
    const { stdout } = box.shell(line, { environment })
    if (stdout === '') return console.log('  not tested: a real terminal (`script` of util-linux is not there)')
    const lines = stdout.split('\r\n')
    const table = lines.slice(
      0,
      lines.findIndex((text) => text.startsWith('URLs')),
    )
    assert.ok(table.length >= 7)
    for (const text of table) assert.ok(text.length <= columns, `${columns}: ${text}`)
  }
})

test('hostile names are shown, not obeyed', () => {
  const box = Sandbox.committed({
    'ev\u001B[31mil.yaml': service('', { name: String.raw`"a|\e[31m\u202E"`, namespace: String.raw`"\x07"` }),
  })
  for (const format of ['text', 'markdown']) {
    const { stdout, stderr } = status(box, ['--format', format])
    assert.not.match(stdout + stderr, /[^\P{Cc}\n]|\u202E/u)
    assert.match(stdout, '31m')
  }
})

test('findings do not fail it; what is asked for wrongly does', () => {
  const box = six()
  box.write({
    'wrong.yaml': service('  traffic:\n    - percent: 90\n', { name: 'wrong' }),
    'broken.yaml': `${service()}\t- [`,
  })
  const found = status(box)
  assert.is(found.status, 0)
  assert.match(found.stdout, /shop\/wrong +blue-green +90 /)
  assert.match(found.stderr, /^broken\.yaml:\d+:\d+: error: .* \[KN101 invalid-yaml\]$/m)
  for (const [args, message] of [
    [['--stage', 'splitt'], 'did you mean `split`?'],
    [['--domain', ''], '`--domain` is empty'],
    [['--url-template', '{{.Nope}}'], '`--url-template` has the unknown placeholder `{{.Nope}}`'],
    [['--domain', 'a', '--domain', 'b'], '`--domain` is given twice'],
    [['--format', 'xml'], '`--format` is `xml`; must be one of text, json, markdown, html; see'],
    [['nowhere'], '`nowhere` is neither a path nor a Service'],
  ] as const) {
    const { status: code, stdout, stderr } = status(box, args)
    assert.equal([code, stdout], [2, ''], args.join(' '))
    assert.match(stderr, message)
  }
  const [told, judged] = ['status', 'validate'].map((command) => box.run([command, '--service', 'nope']))
  const lost = /--service `nope` matches none of the 7 Knative Services in the files/
  assert.equal([told?.status, told?.stdout, judged?.status], [1, '', 1])
  assert.is(lost.exec(told?.stderr ?? '')?.[0], lost.exec(judged?.stdout ?? '')?.[0])
  assert.match(told?.stderr ?? '', lost)
  box.write({ '.kn-rollout.yaml': 'nope: 1\n' })
  const invalid = status(box)
  assert.equal([invalid.status, invalid.stdout], [2, ''])
  assert.match(invalid.stderr, '[KN191 invalid-config]')
})

test('a Service is shown as its kustomization applies it, and a patch is none', () => {
  const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\n  namespace: shop\nspec:\n'
  const box = Sandbox.committed({
    'kustomization.yaml':
      'resources: [shop.yaml]\npatches:\n  - path: scale.yaml\n  - path: moved.yaml\n  - path: none.yaml\n',
    'shop.yaml': at('shop', 'v1 100'),
    'scale.yaml': `${head}  template:\n    metadata:\n      annotations: {a.b/c: d}\n`,
    'moved.yaml': `${head}  traffic: [{revisionName: shop-v1, percent: 100}]\n`,
    'none.yaml': `${head}  traffic: []\n`,
  })
  const { stdout, stderr } = status(box, ['scale.yaml', 'moved.yaml', 'none.yaml'])
  assert.match(stdout, /^shop\/shop +\. +blue-green +latest +.* none\.yaml:7 /m)
  assert.match(stderr, '1 Service: 0 rolling out, 0 unrecognized\n')
  const [row] = report(status(box, ['scale.yaml', '--format', 'json'])).services
  assert.equal([row?.['file'], row?.['root'], row?.['state']], ['none.yaml', '.', 'unpinned'])
  const moved = box.run(['next', 'scale.yaml'])
  assert.equal([moved.status, moved.stdout], [1, ''])
  assert.match(moved.stderr, '[KN421 no-services]')
})

test('an empty repository has nothing to show', () => {
  const box = Sandbox.committed({ 'README.md': 'x' })
  const { status: code, stdout, stderr } = status(box)
  assert.equal([code, stdout, stderr], [0, '', '0 Services: 0 rolling out, 0 unrecognized\n'])
})

test('--url-template makes the URLs', () => {
  const box = Sandbox.committed({ 'shop.yaml': at('shop', 'v1 100', 'v2 0 v2') })
  const { stdout } = status(box, ['--url-template', 'https://{{.Tag}}.{{.Name}}.run'])
  assert.match(stdout, 'https://v2.shop.run\n')
})

test('--help shows the options', () => {
  const { stdout } = new Sandbox().run(['status', '--help'])
  for (const flag of ['--stage', '--in-progress', '--no-git', '--domain', '--url-template', '--format'])
    assert.match(stdout, flag)
})

test.run()
