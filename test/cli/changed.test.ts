// `--changed-since` and pull requests on GitHub: what is shown first where a format has limits.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran, type RunOptions } from './sandbox.js'

/** A Service that is refused; eleven of them are more than GitHub shows. */
const bad = (name: string): string => service('  traffic:\n    - percent: 90\n', { name })
const names = Array.from({ length: 11 }, (_, index) => `s${index + 10}`)
const files = Object.fromEntries(names.map((name) => [`apps/${name}.yaml`, bad(name)]))

/** The last file has a commit of its own on a branch; `main` has moved on since. */
function branched(): Sandbox {
  const box = Sandbox.committed(files)
  box.git('branch', '-M', 'main')
  box.git('checkout', '--quiet', '-b', 'topic')
  box.write({ 'apps/s20.yaml': `${bad('s20')}# changed\n` })
  box.commit()
  box.git('checkout', '--quiet', 'main')
  box.write({ 'apps/s10.yaml': `${bad('s10')}# moved on\n` })
  box.commit()
  box.git('checkout', '--quiet', 'topic')
  return box
}

function shown({ stdout }: Ran): readonly string[] {
  return [...stdout.matchAll(/file=apps\/(\w+)\.yaml/g)].map(([, name = '']) => name)
}

const github = ['validate', '--format', 'github']
const inTheirOrder = names.slice(0, 10)

function firstOf(box: Sandbox, args: readonly string[], options: RunOptions = {}): readonly string[] {
  const ran = box.run([...github, ...args], options)
  assert.is(ran.status, 1, ran.stderr)
  assert.is(ran.stderr, '')
  assert.is(shown(ran).length, 10)
  assert.match(ran.stdout, '1 more error not shown')
  return shown(ran)
}

const test = suite('changed')

test('files that differ from the merge base come first; what only the other branch changed does not', () => {
  const box = branched()
  assert.equal(firstOf(box, []), inTheirOrder)
  assert.equal(firstOf(box, ['--changed-since', 'main']), ['s20', ...names.slice(0, 9)])
  assert.equal(firstOf(box, ['--changed-since', 'HEAD']), inTheirOrder)
})

test('files of the working tree count: changed, staged, untracked, from any folder', () => {
  const box = branched()
  box.write({ 'apps/s18.yaml': `${bad('s18')}# changed\n`, 'apps/s19.yaml': `${bad('s19')}# staged\n` })
  box.git('add', 'apps/s19.yaml')
  box.write({ 'apps/ünder way.yaml': bad('new') })
  const found = box.run([...github, '--changed-since', 'main'], { folder: 'apps' })
  assert.equal(shown(found).slice(0, 3), ['s18', 's19', 's20'])
  assert.match(found.stdout, /file=apps\/ünder way\.yaml/)
  assert.match(found.stdout, '2 more errors not shown')
})

test('apply takes it as well, and no format without limits changes', () => {
  const box = branched()
  const pin = ['apply', 'pin', '--all', '--stable', '{{.Service}}-00001', '--format', 'github']
  const odd = Object.fromEntries(names.map((name) => [`apps/${name}.yaml`, `${service('', { name })}oops: 1\n`]))
  box.write(odd)
  box.commit()
  box.write({ 'apps/s20.yaml': `${odd['apps/s20.yaml']}# now\n` })
  assert.is(shown(box.run([...pin, '--changed-since', 'HEAD']))[0], 's20')
  const [plain, since] = [[], ['--changed-since', 'HEAD']].map((more) => box.run(['validate', ...more]).stdout)
  assert.is(since, plain)
})

test('on GitHub the base of the pull request is taken where the clone has it', () => {
  const box = branched()
  const environment = { GITHUB_BASE_REF: 'main' }
  assert.equal(firstOf(box, [], { environment }), inTheirOrder, 'no origin')
  box.git('update-ref', 'refs/remotes/origin/main', 'main')
  assert.is(firstOf(box, [], { environment })[0], 's20')
  assert.equal(firstOf(box, ['--changed-since', 'HEAD'], { environment }), inTheirOrder, 'the flag counts more')
  assert.is(box.run(['validate', 'apps/s10.yaml'], { environment: { GITHUB_BASE_REF: '--version' } }).status, 1)
})

const unusable: readonly (readonly [ref: string, said: RegExp])[] = [
  ['gone', /`--changed-since gone`: Git has no such commit here\n$/],
  ['HEAD:apps', /Git has no such commit here/],
  ['main..topic', /Git has no such commit here/],
  ['^main', /Git has no such commit here/],
  ['HEAD@{upstream}', /Git has no such commit here/],
  ['$(touch x)', /Git has no such commit here/],
]
for (const [ref, said] of unusable)
  test(`--changed-since ${ref} is refused with exit code 2`, () => {
    const box = branched()
    for (const args of [github, ['apply', 'pin', '--all', '--write']]) {
      const { status, stdout, stderr } = box.run([...args, '--changed-since', ref])
      assert.equal([status, stdout], [2, ''])
      assert.match(stderr, said)
    }
    assert.is(box.git('status', '--short'), '')
  })

test('what looks like an option of Git never becomes one', () => {
  const box = branched()
  for (const ref of ['--output=x', '-x', '']) {
    const { status, stderr } = box.run(['validate', `--changed-since=${ref}`])
    assert.is(status, 2)
    assert.match(stderr, `kn-rollout: \`--changed-since\` is \`${ref}\`; must be a branch, a tag or a commit`)
  }
  assert.is(box.git('status', '--short'), '')
})

test('no repository, no common history and a shallow clone are said', () => {
  const outside = new Sandbox()
  outside.write({ 'a.yaml': bad('a') })
  const none = outside.run(['validate', '--changed-since', 'main'])
  assert.equal([none.status, none.stderr], [2, 'kn-rollout: `--changed-since main`: Git finds no repository here\n'])

  const headless = branched()
  headless.write({ '.git/HEAD': 'nonsense\n' })
  const broken = headless.run(['validate', '--changed-since', 'main'])
  assert.equal(
    [broken.status, broken.stderr],
    [2, 'kn-rollout: `--changed-since main`: Git finds no repository here\n'],
  )

  const box = branched()
  box.git('checkout', '--quiet', '--orphan', 'apart')
  box.commit()
  const apart = box.run(['validate', '--changed-since', 'main'])
  assert.is(apart.status, 2)
  assert.match(apart.stderr, '`--changed-since main`: it has no commit in common with `HEAD`')

  const shallow = new Sandbox()
  shallow.git('clone', '--quiet', '--depth', '1', '--no-single-branch', `file://${branched().root}`, 'clone')
  const ran = shallow.run(['validate', '--changed-since', 'origin/main'], { folder: 'clone' })
  assert.is(ran.status, 2)
  assert.match(ran.stderr, /the clone is shallow; fetch more history .*`fetch-depth: 0`/)
})

test('Git that cannot be run is said', () => {
  const box = branched()
  const ran = box.run(['validate', 'apps/s10.yaml', '--changed-since', 'main'], { environment: { PATH: '/nowhere' } })
  assert.equal([ran.status, ran.stderr], [2, 'kn-rollout: `--changed-since main`: Git cannot be run\n'])
})

test('the help says that it only orders', () => {
  const { stdout } = new Sandbox().run(['validate', '--help'])
  assert.match(stdout.replaceAll(/\s+/g, ' '), 'Report files changed since this branch, tag or commit first')
})

test.run()
