// What Git lists but nobody can read from here: seen all the same, or said to be not checked.
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { isRoot, Sandbox, type Ran, type RunOptions } from './sandbox.js'

const bad = (name = 'shop'): string => service('  traffic:\n    - percent: 90\n', { name })

/** The notes of a report, a line each, without what is indented below. */
function linesOf({ stdout }: Ran, code: string): readonly string[] {
  return stdout.split('\n').filter((line) => line.includes(` [${code} `))
}

const test = suite('unread')

/** A repository with a submodule `vendor/lib` that holds a Service. */
function withSubmodule(): Sandbox {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  const library = Sandbox.committed({ 'lib.yaml': bad('lib') })
  const allowed = ['-c', 'protocol.file.allow=always']
  box.git(...allowed, 'submodule', '--quiet', 'add', library.root, 'vendor/lib')
  box.commit()
  return box
}

test('a submodule is said once, in every command, checked out or not', () => {
  const box = withSubmodule()
  const said = ['vendor/lib:1:1: note: not checked: submodule `vendor/lib` [KN120 submodule-not-checked]']
  for (const args of [['validate'], ['validate', '.', 'vendor'], ['validate', 'vendor']]) {
    const ran = box.run(args)
    assert.equal([ran.status, linesOf(ran, 'KN120')], [0, said], args.join(' '))
  }
  for (const args of [['status'], ['apply', 'pin', '--stable', 'a'], ['next']])
    assert.match(box.run(args).stderr, 'note: not checked: submodule `vendor/lib` [KN120 submodule-not-checked]')
  assert.equal(linesOf(box.run(['validate'], { folder: 'vendor' }), 'KN120').length, 1)
  assert.equal(linesOf(box.run(['validate', 'shop.yaml']), 'KN120'), [])
  assert.is(box.run(['validate', 'vendor/lib']).status, 1, 'inside it stands a repository of its own')
  rmSync(box.path('vendor/lib'), { recursive: true })
  mkdirSync(box.path('vendor/lib'))
  assert.equal(linesOf(box.run(['validate']), 'KN120'), said)
})

test('a change that moves only the commit of a submodule is said, whatever .gitmodules says', () => {
  const box = withSubmodule()
  const said = ['vendor/lib:1:1: note: not checked: submodule `vendor/lib` [KN120 submodule-not-checked]']
  const check = (...args: readonly string[]): readonly string[] => {
    const ran = box.run(['check', ...args])
    assert.is(ran.status, 0, ran.stderr)
    return linesOf(ran, 'KN120')
  }
  assert.equal(check('--since', 'HEAD'), [], 'it is no part of the change')
  assert.equal(check('--since', 'HEAD', '.'), said, 'it is among the paths')
  box.write({ '.gitmodules': `${box.read('.gitmodules')}\tignore = all\n` })
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
  box.gitWith({ folder: 'vendor/lib' }, ...who, 'commit', '--quiet', '--allow-empty', '--message', 'moved')
  const moved = box.gitWith({ folder: 'vendor/lib' }, 'rev-parse', 'HEAD').trim()
  box.git('update-index', '--cacheinfo', `160000,${moved},vendor/lib`)
  assert.equal(check('--since', 'HEAD'), said)
  box.git(...who, 'commit', '--quiet', '--all', '--message', 'moved')
  assert.equal(check('--since', 'HEAD~1'), said)
  assert.equal(check('--since', 'HEAD~1', '--head', 'HEAD'), said)
  assert.equal(check('--since', 'HEAD~1', '--head', 'HEAD', 'vendor'), said)
  assert.equal(check('--since', 'HEAD~1', '--head', 'HEAD', 'shop.yaml'), [])
  box.git('rm', '--quiet', '--force', 'vendor/lib')
  box.git(...who, 'commit', '--quiet', '--message', 'gone')
  assert.equal(check('--since', 'HEAD~1'), said)
  assert.equal(check('--since', 'HEAD~1', '--head', 'HEAD'), said)
})

/** A repository of which only `one` is checked out. */
function sparse(): Sandbox {
  const box = Sandbox.committed({
    'one/kustomization.yaml': 'resources: [a.yaml]\n',
    'one/a.yaml': service('', { name: 'a' }),
    'two/b.yaml': service('', { name: 'b' }),
    'two/c.yaml': service('', { name: 'c' }),
    'two/notes.md': '',
  })
  box.git('sparse-checkout', 'set', 'one')
  return box
}

test('files outside a sparse checkout are counted in one line', () => {
  const box = sparse()
  const all =
    'two/b.yaml:1:1: note: not checked: outside the sparse checkout (2 files, the first is `two/b.yaml`) [KN121 sparse-not-checked]'
  const ran = box.run(['validate'])
  assert.equal([ran.status, linesOf(ran, 'KN121')], [0, [all]])
  assert.equal(linesOf(box.run(['validate', 'one']), 'KN121'), [all], 'an overlay may be among them')
  assert.match(box.run(['status']).stderr, all)
  assert.match(box.run(['apply', 'pin', 'one/a.yaml', '--stable', 'a']).stderr, 'outside the sparse checkout (2 files')
  // A file that is there all the same is read.
  box.write({ 'two/b.yaml': bad('b') })
  const present = box.run(['validate'])
  assert.is(present.status, 1)
  assert.match(linesOf(present, 'KN121').join(), '(1 file, the first is `two/c.yaml`)')
})

test('a file outside a sparse checkout is not deleted, and a change of it is not passed over', () => {
  const box = sparse()
  const calm = box.run(['check', '--since', 'HEAD'])
  assert.equal([calm.status, calm.stdout], [0, ''])
  assert.match(calm.stderr, /^nothing checked: no Knative Service differs /)
  const changed = box.path('changed')
  writeFileSync(changed, bad('b'))
  const id = box.git('hash-object', '-w', 'changed').trim()
  unlinkSync(changed)
  box.git('update-index', '--cacheinfo', `100644,${id},two/b.yaml`)
  box.git('update-index', '--skip-worktree', 'two/b.yaml')
  const ran = box.run(['check', '--since', 'HEAD'])
  assert.equal(linesOf(ran, 'KN121'), [
    'two/b.yaml:1:1: note: not checked: outside the sparse checkout (1 file, the first is `two/b.yaml`) [KN121 sparse-not-checked]',
  ])
  assert.not.match(ran.stdout, /leave the cluster/)
  // A file that is really gone still is.
  unlinkSync(box.path('one/a.yaml'))
  assert.match(box.run(['check', '--since', 'HEAD']).stdout, /this change removes `shop\/a`/)
})

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`

test('a pointer of Git LFS is said to be one, and nothing else passes for one', () => {
  const box = Sandbox.committed({ 'lfs.yaml': pointer, 'shop.yaml': service() })
  const said = ['lfs.yaml:1:1: note: not checked: the file is a Git LFS pointer [KN122 lfs-not-checked]']
  for (const args of [['validate'], ['validate', 'lfs.yaml'], ['check', '--since', 'HEAD', '.']])
    assert.equal(linesOf(box.run(args), 'KN122'), said, args.join(' '))
  assert.equal(linesOf(box.run(['check', '--since', 'HEAD', '--head', 'HEAD', '.']), 'KN122'), said)
  assert.match(box.run(['status']).stderr, said[0] ?? '')
  box.write({ 'shop.yaml': pointer })
  const turned = box.run(['check', '--since', 'HEAD'])
  assert.match(linesOf(turned, 'KN122').join(), 'shop.yaml:1:1: note')
  box.write({ 'lfs.yaml': `${pointer.split('\n', 1)[0]}\n---\n${bad('lfs')}`, 'shop.yaml': service() })
  const hidden = box.run(['validate'])
  assert.equal([hidden.status, linesOf(hidden, 'KN122')], [1, []])
  assert.match(hidden.stdout, /lfs\.yaml:\d+:\d+: error: .*90/)
})

/** Renames a file to a name that no text can spell. False where the file system takes no such name. */
function renameOddly(box: Sandbox, from: string, bytes: Buffer): boolean {
  try {
    renameSync(box.path(from), Buffer.concat([Buffer.from(`${box.root}/`), bytes]))
    return true
  } catch {
    console.log('skipped: this file system takes no name that is not UTF-8')
    return false
  }
}

test('a file whose name is no UTF-8 is an error, not a gap', () => {
  const box = Sandbox.committed({ 'a/plain.yaml': service('', { name: 'plain' }) })
  const said = String.raw`a/caf\351.yaml:1:1: error: not checked: this file (its name is not UTF-8) [KN123 non-utf8-name]`
  box.write({ 'a/x.yaml': bad('odd'), 'a/y.yaml': 'a: 1\n' })
  if (!renameOddly(box, 'a/x.yaml', Buffer.from('a/caf\u00e9.yaml', 'latin1'))) return
  const lines = (args: readonly string[], options: RunOptions = {}): readonly string[] => {
    const ran = box.run(args, options)
    assert.is(ran.status, 1, `${args.join(' ')}: ${ran.stderr}`)
    return linesOf(ran, 'KN123')
  }
  assert.equal(lines(['validate']), [said], 'untracked')
  assert.equal(lines(['check', '--since', 'HEAD']), [said])
  assert.ok(renameOddly(box, 'a/y.yaml', Buffer.from('a/caf\u00e8.yaml', 'latin1')))
  box.commit()
  assert.equal(lines(['validate']), [said], 'tracked: the other one holds no Service')
  assert.equal(lines(['validate'], { folder: 'a' }), [said.slice(2)])
  assert.equal(lines(['check', '--since', 'HEAD~1']), [said])
  assert.equal(lines(['check', '--since', 'HEAD~1', '--head', 'HEAD']), [said])
  assert.equal(lines(['check', '--since', 'HEAD', '--head', 'HEAD', 'a']), [said])
  assert.is(box.run(['check', '--since', 'HEAD', '--head', 'HEAD']).status, 0, 'it is no part of the change')
  assert.match(box.run(['status']).stderr, said)
})

test('names that differ in case alone are two files', () => {
  const box = Sandbox.committed({ 'shop.yaml': service(), 'Shop.yaml': bad('other') })
  if (box.git('ls-files').trim().split('\n').length < 2) {
    console.log('skipped: this file system does not tell names by their case')
    return
  }
  for (const setting of ['false', 'true']) {
    box.git('config', 'core.ignoreCase', setting)
    box.write({ 'SHOP.yaml': bad('third') })
    for (const args of [['validate'], ['check', '--since', 'HEAD', '.']])
      assert.match(box.run(args).stdout, /^(?=[^]*^SHOP\.yaml:\d+:\d+: error)(?=[^]*^Shop\.yaml:\d+:\d+: error)/m)
    assert.match(box.run(['check', '--since', 'HEAD']).stderr, /: 1 Knative Service in 1 file: 1 error/)
    assert.match(box.run(['check', '--since', 'HEAD', '--head', 'HEAD', '.']).stdout, /^Shop\.yaml:\d+:\d+: error/m)
  }
})

/** Commands with the stream on which they say what they could not look at. */
const everywhere: readonly (readonly ['stdout' | 'stderr', ...args: string[]])[] = [
  ['stdout', 'validate'],
  ['stderr', 'status'],
  ['stderr', 'next'],
  ['stderr', 'apply', 'pin', '--stable', 'a'],
  ['stderr', 'apply', 'pin', 'shop.yaml', '--stable', 'a'],
  ['stderr', 'validate', '--fix'],
  ['stderr', 'check', '--since', 'HEAD'],
  ['stderr', 'check', '--since', 'HEAD', '--head', 'HEAD'],
  ['stderr', 'validate', '--changed-since', 'HEAD'],
]

test('a repository of another user is said by every command, with what to do', () => {
  if (!isRoot) {
    console.log('skipped: only root can make a repository of another user')
    return
  }
  const box = Sandbox.committed({ 'shop.yaml': service(), 'kustomization.yaml': 'resources: [shop.yaml]\n' })
  box.giveAway()
  const remedy = `git config --global --add safe.directory ${box.root}`
  for (const [stream, ...args] of everywhere) {
    const ran = box.run(args)
    assert.match(ran[stream], `run \`${remedy}\``, `${args.join(' ')}: ${ran.stderr}`)
    assert.match(ran[stream], 'Git does not read a repository of another user')
    if (args[0] === 'check') assert.is(ran.status, 3)
  }
  const allowed = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: box.root }
  for (const [stream, ...args] of everywhere)
    assert.not.match(box.run(args, { environment: allowed })[stream], 'safe.directory', args.join(' '))
})

test('a search without Git is said', () => {
  const box = Sandbox.committed({ 'shop.yaml': service(), 'ignored.yaml': bad('ignored') })
  box.write({ '.gitignore': 'ignored.yaml\n' })
  assert.is(box.run(['validate']).status, 1)
  const ran = box.run(['validate'], { environment: { PATH: '/nowhere' } })
  assert.equal(linesOf(ran, 'KN124'), [
    'note: not checked: tracked files that an ignore rule names (git is not on the PATH) [KN124 ignored-not-checked]',
  ])
})

test('a Git that cannot search by expressions still finds what it tracks', () => {
  const box = Sandbox.committed({ 'shop.yaml': service(), 'ignored.yaml': bad('ignored') })
  box.write({
    '.gitignore': 'ignored.yaml\n',
    'bin/git': '#!/bin/sh\nfor w in "$@"; do [ "$w" = grep ] && exit 128; done\nPATH=$OLD exec git "$@"\n',
  })
  const OLD = process.env['PATH'] ?? ''
  const environment = { OLD, PATH: `${box.path('bin')}:${OLD}` }
  box.shell('chmod +x bin/git')
  const ran = box.run(['validate'], { environment })
  assert.equal([ran.status, linesOf(ran, 'KN124')], [1, []])
  assert.match(ran.stdout, /^ignored\.yaml:\d+:\d+: error/m)
})

test('objects of another repository are read, and missed aloud', () => {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  const other = new Sandbox()
  other.git('clone', '--quiet', '--shared', box.root, 'clone')
  other.write({ 'clone/shop.yaml': bad() })
  const folder = 'clone'
  assert.match(other.run(['check', '--since', 'HEAD'], { folder }).stderr, /: 1 Knative Service in 1 file: 1 error/)
  renameSync(box.path('.git'), box.path('gone'))
  const lost = other.run(['check', '--since', 'HEAD'], { folder })
  assert.is(lost.status, 3)
  assert.match(lost.stderr, /^kn-rollout: not checked: [^\n]*(?:alternate|object directory)[^\n]*\n$/)
})

test('commits are read as they are stored, whatever this clone puts in their place', () => {
  const box = Sandbox.committed({ 'shop.yaml': bad() })
  box.write({ 'shop.yaml': service() })
  box.commit()
  const [head, first] = ['HEAD', 'HEAD~1'].map((name) => box.git('rev-parse', name).trim())
  const count = (): string => box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD']).stderr
  const before = count()
  assert.match(before, /: 1 Knative Service in 1 file: /)
  box.git('replace', '-f', `${first}:shop.yaml`, `${head}:shop.yaml`)
  assert.is(count(), before)
  box.git('replace', '--graft', head ?? '')
  assert.is(count(), before)
  box.write({ '.git/info/grafts': `${head}\n` })
  assert.is(count(), before)
})

test.run()
