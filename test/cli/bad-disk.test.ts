// What the outside world can get in the way with: rights, a full disk, links that lead away, a reader that goes.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, isRoot } from './sandbox.js'

const pin = ['apply', 'pin', '--stable', '{{.Service}}-00001']
const outcome = ({ status, stdout, stderr }: ReturnType<Sandbox['run']>): readonly unknown[] => [status, stdout, stderr]

const test = suite('bad disk')

for (const kind of ['in a repository', 'outside of any']) {
  test(`a folder without permission is named, ${kind}`, () => {
    const files = { 'apps/secret/shop.yaml': service(), 'apps/shop.yaml': service() }
    const box = kind === 'outside of any' ? new Sandbox() : Sandbox.committed(files)
    box.write(files)
    box.giveAway()
    chmodSync(box.path('apps/secret'), 0o000)
    const inside = box.run(['validate', 'apps'], { unprivileged: true })
    const itself = box.run(['validate', 'apps/secret'], { unprivileged: true })
    const file = box.run(['validate', 'apps/secret/shop.yaml'], { unprivileged: true })
    chmodSync(box.path('apps/secret'), 0o755)
    assert.equal(outcome(inside), [3, '', 'kn-rollout: apps/secret: permission denied\n'])
    assert.equal(outcome(itself), [3, '', 'kn-rollout: apps/secret: permission denied\n'])
    assert.equal(outcome(file), [3, '', 'kn-rollout: apps/secret/shop.yaml: permission denied\n'])
  })
}

test('a folder that can be listed, and not looked into, is named', () => {
  const files = {
    's/s.yaml': service(),
    'k/kustomization.yaml': 'resources: [../c.yaml]\n',
    'c.yaml': service('', { name: 'c' }),
  }
  const box = Sandbox.committed(files)
  box.write({ 's/s.yaml': `${service()}# changed\n` })
  if (isRoot) spawnSync('chown', ['-R', '65534:65534', box.root])
  for (const [folder, args] of [
    ['s', ['validate']],
    ['s', ['check', '--since', 'HEAD']],
    ['s', ['status']],
    ['k', ['check', '--since', 'HEAD', 'c.yaml']],
  ] as const) {
    chmodSync(box.path(folder), 0o644)
    const ran = box.run(args, { unprivileged: true })
    chmodSync(box.path(folder), 0o755)
    assert.match(ran.stderr, new RegExp(String.raw`^kn-rollout: ${folder}/\S+: permission denied\n$`), args.join(' '))
    assert.is(ran.status, 3, ran.stdout)
  }
})

test('a file that cannot be read is named', () => {
  const box = Sandbox.committed({ 'a.yaml': service(), 'b.yaml': service('', { name: 'b' }) })
  box.giveAway()
  chmodSync(box.path('b.yaml'), 0o000)
  const ran = box.run([...pin, '--all', '--write'], { unprivileged: true })
  assert.equal(outcome(ran), [3, '', 'kn-rollout: b.yaml: permission denied\n'])
  assert.is(box.read('a.yaml'), service())
})

test('a read-only file keeps all files from being written', () => {
  const box = Sandbox.committed({ 'a.yaml': service(), 'b.yaml': service('', { name: 'b' }) })
  chmodSync(box.path('b.yaml'), 0o444)
  const before = box.snapshot()
  const { status, stderr } = box.run([...pin, '--all', '--write'])
  assert.is(status, 3)
  assert.match(stderr, /^kn-rollout: (?:.*\/)?b\.yaml: the file is read-only; nothing was written\n$/)
  assert.equal(box.snapshot(), before)
})

test('a folder that takes no new file keeps all files from being written', () => {
  const box = Sandbox.committed({ 'a.yaml': service(), 'sub/b.yaml': service('', { name: 'b' }) })
  box.giveAway()
  chmodSync(box.path('sub'), 0o555)
  const before = box.snapshot()
  const { status, stderr } = box.run([...pin, '--all', '--write'], { unprivileged: true })
  assert.is(status, 3)
  assert.match(stderr, /^kn-rollout: (?:.*\/)?sub\/b\.yaml: permission denied; nothing was written\n$/)
  assert.equal(box.snapshot(), before)
  chmodSync(box.path('sub'), 0o755)
})

test('a full disk keeps all files as they were', () => {
  const box = new Sandbox()
  mkdirSync(box.path('disk'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', box.path('disk')])
  if (mounted.status !== 0) return console.log('  not tested: a full disk (no right to mount one)')
  try {
    const padding = `# ${'x'.repeat(12_000)}\n`
    for (const name of ['a', 'b', 'c']) box.write({ [`disk/${name}.yaml`]: service('', { name }) + padding })
    const before = box.snapshot()
    const { status, stderr } = box.run([...pin, 'disk', '--all', '--write'])
    assert.is(status, 3)
    assert.match(stderr, /^kn-rollout: .*\.yaml: no space left on the disk; nothing was written\n$/)
    assert.equal(box.snapshot(), before)
  } finally {
    spawnSync('umount', [box.path('disk')])
  }
})

/** Runs something on a small disk of its own; says so where none can be mounted. */
function onDisk(what: string, use: (box: Sandbox, remount: (how: string) => void) => void): void {
  const box = Sandbox.committed({ 'README.md': '' })
  mkdirSync(box.path('disk'))
  const mount = (how: string): number | null =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', how, 'tmpfs', box.path('disk')]).status
  if (mount('size=64k') !== 0) return console.log(`  not tested: ${what} (no right to mount one)`)
  try {
    use(box, (how) => assert.is(mount(`remount,${how}`), 0))
  } finally {
    spawnSync('umount', [box.path('disk')])
  }
}

const kustomization = 'resources:\n  - cart.yaml # first\n'
const create = ['create', 'shop', '--image', 'ghcr.io/acme/shop:1.0', '--output', 'disk/shop.yaml']
const disks: readonly (readonly [
  what: string,
  reason: string,
  spoil: (box: Sandbox, remount: (how: string) => void) => void,
])[] = [
  [
    'a full disk',
    'no space left on the disk',
    (box) => {
      // Until not even an empty page is free.
      for (let size = 64 * 1024, at = 0; size >= 1; size = Math.floor(size / 2), at++)
        try {
          writeFileSync(box.path(`disk/fill${at}`), Buffer.alloc(size))
        } catch {
          continue
        }
    },
  ],
  ['a read-only disk', 'the file system is read-only', (_, remount) => remount('ro')],
]
for (const [what, reason, spoil] of disks) {
  for (const isListed of [false, true]) {
    test(`create on ${what} says so and leaves nothing${isListed ? ', nor an entry in the kustomization' : ''}`, () => {
      onDisk(what, (box, remount) => {
        box.write({ 'disk/cart.yaml': service('', { name: 'cart' }) })
        if (isListed) box.write({ 'disk/kustomization.yaml': kustomization })
        spoil(box, remount)
        const before = box.snapshot()
        const { status, stdout, stderr } = box.run(create)
        assert.equal([status, stdout], [3, ''], stderr)
        assert.is(stderr, `kn-rollout: ${box.path('disk/shop.yaml')}: ${reason}; nothing was written\n`)
        assert.equal(box.snapshot(), before)
        assert.is(existsSync(box.path('.git/kn-rollout')), false)
        const report = box.run(['validate', 'disk', '--format', 'json', '--output', 'disk/report.json'])
        assert.equal(
          [report.status, report.stderr],
          [3, `kn-rollout: disk/report.json: ${reason}; the report was not written\n`],
        )
        assert.equal(box.snapshot(), before)
      })
    })
  }
}

test('a report removes no file but its own', () => {
  const others = { '.r.json.kn-rollout-new': 'theirs', '.r.json.kn-rollout-old': 'theirs' }
  const box = Sandbox.committed({ 'a.yaml': service(), 'r.json': '', ...others })
  chmodSync(box.path('r.json'), 0o640)
  assert.is(box.run(['validate', '--format', 'json', '--output', 'r.json']).status, 0)
  assert.is(box.git('status', '--short', '--untracked-files=all'), ' M r.json\n')
  assert.is(statSync(box.path('r.json')).mode & 0o777, 0o640)
  assert.equal(
    Object.keys(others).map((name) => box.read(name)),
    ['theirs', 'theirs'],
  )
})

test('a repository that is read-only whole is named, not the place of the record', () => {
  onDisk('a read-only repository', (box, remount) => {
    remount('size=1m')
    box.write({ 'disk/a.yaml': service() })
    for (const words of [
      ['init', '--quiet'],
      ['add', '--all'],
    ])
      box.git('-C', 'disk', ...words)
    remount('ro')
    const { status, stderr } = box.run([...pin, '--write'], { folder: 'disk', environment: { HOME: box.path('disk') } })
    assert.is(status, 3)
    assert.is(
      stderr.split('\n').at(-2),
      `kn-rollout: ${box.path('disk/a.yaml')}: the file system is read-only; nothing was written`,
    )
  })
})

test('a link out of the repository is refused and its target left alone', () => {
  const outside = new Sandbox()
  outside.write({ 'shop.yaml': service() })
  const box = Sandbox.committed({ 'README.md': '' })
  symlinkSync(outside.path('shop.yaml'), box.path('link.yaml'))
  const before = [box.snapshot(), outside.snapshot()]
  for (const mode of [[], ['--write'], ['--write', '--force']]) {
    const { status, stdout, stderr } = box.run([...pin, 'link.yaml', ...mode])
    assert.equal([status, stdout], [1, ''])
    assert.match(stderr, /the symbolic link leads out of the repository/)
  }
  assert.equal([box.snapshot(), outside.snapshot()], before)
})

test('a linked folder out of the repository is refused as well', () => {
  const outside = new Sandbox()
  outside.write({ 'shop.yaml': service() })
  const box = Sandbox.committed({ 'README.md': '' })
  symlinkSync(outside.root, box.path('link'))
  const before = outside.snapshot()
  for (const path of ['link/shop.yaml', 'link']) {
    const { status, stderr } = box.run([...pin, path, '--write'])
    assert.is(status, 1, stderr)
    assert.match(stderr, '[KN423 outside-repository]')
  }
  assert.equal(outside.snapshot(), before)
})

test('a link inside is followed; link, mode and the one text stay', () => {
  const box = Sandbox.committed({ 'real/shop.yaml': service() })
  chmodSync(box.path('real/shop.yaml'), 0o640)
  symlinkSync('real/shop.yaml', box.path('link.yaml'))
  symlinkSync('real', box.path('linked'))
  const { status, stdout, stderr } = box.run([...pin, '--write', 'link.yaml', 'linked/shop.yaml', 'real/shop.yaml'])
  assert.equal([status, stdout], [0, ''], stderr)
  assert.match(stderr, 'wrote 1 file: ')
  assert.ok(lstatSync(box.path('link.yaml')).isSymbolicLink())
  assert.is(statSync(box.path('real/shop.yaml')).mode & 0o777, 0o640)
  assert.match(box.read('real/shop.yaml'), 'revisionName: example-service-00001')
  assert.equal(readdirSync(box.path('real')), ['shop.yaml'])
})

test('a patch names the file behind a link', () => {
  const box = Sandbox.committed({ 'real/shop.yaml': service() })
  symlinkSync('real', box.path('linked'))
  const { stdout } = box.run([...pin, 'linked/shop.yaml'])
  box.gitWith({ stdin: stdout }, 'apply')
  assert.match(box.read('real/shop.yaml'), 'revisionName: example-service-00001')
})

test('links that lead nowhere or in circles are named', () => {
  const box = new Sandbox()
  symlinkSync('nowhere.yaml', box.path('broken.yaml'))
  symlinkSync('loop.yaml', box.path('loop.yaml'))
  assert.equal(outcome(box.run(['validate', 'broken.yaml'])), [
    2,
    '',
    'kn-rollout: broken.yaml: no such file or directory\n',
  ])
  assert.equal(outcome(box.run(['validate', 'loop.yaml'])), [3, '', 'kn-rollout: loop.yaml: too many symbolic links\n'])
  const { status, stdout } = box.run(['validate', '.', '--format', 'github'])
  assert.is(status, 1)
  assert.match(stdout, /broken\.yaml.*leads nowhere/)
  assert.match(stdout, /loop\.yaml.*leads in a circle/)
})

test('a file with two names is moved once', () => {
  const box = Sandbox.committed({ 'a.yaml': service() })
  linkSync(box.path('a.yaml'), box.path('b.yaml'))
  const { status } = box.run([...pin, '--all', '--write'])
  assert.is(status, 0)
  assert.match(box.read('a.yaml'), 'example-service-00001')
  assert.is(box.read('a.yaml'), box.read('b.yaml'))
})

test('a reader that goes ends the run with one line', () => {
  const box = new Sandbox()
  // Each report is longer than what a pipe holds.
  const long = 's'.repeat(200)
  for (let index = 0; index < 220; index++) box.write({ [`${long}${index}.yaml`]: service('', { name: `s${index}` }) })
  for (const command of [
    'validate --format json',
    'apply pin --all --stable x',
    'apply pin --all --stable x --format json',
  ]) {
    const { stdout } = box.shell(`{ $KN ${command} 2>errors; echo $? >status; } | head -c 1`)
    assert.is(stdout.length, 1)
    assert.is(box.read('status'), '3\n', command)
    const errors = box
      .read('errors')
      .split('\n')
      .filter((line) => /closed|error|EPIPE|^ {4}at /.test(line))
    assert.equal(errors, ['kn-rollout: stdout was closed before everything was written'])
  }
})

if (!isRoot) console.log('  note: not root, so files keep their owner')
test.run()
