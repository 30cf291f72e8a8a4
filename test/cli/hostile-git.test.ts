// What a repository can hold to make Git run something, or look away, when it is only asked about files.
import { chmodSync, existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type RunOptions } from './sandbox.js'

const bad = service('  traffic:\n    - percent: 90\n')

/** What a pull request can commit so that Git takes the folder `apps` for a repository. */
function lookalike(config: string): Readonly<Record<string, string>> {
  return {
    'apps/HEAD': 'ref: refs/heads/main\n',
    'apps/objects/.k': '',
    'apps/refs/.k': '',
    'apps/config': `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n${config}`,
  }
}

/** Commands that ask Git, by the folders that they run in. */
const commands: readonly (readonly [folder: string, ...args: string[]])[] = [
  ['.', 'validate', 'apps'],
  ['.', 'validate', '.'],
  ['.', 'status', 'apps'],
  ['.', 'check', '--since', 'HEAD', 'apps'],
  ['.', 'check', '--since', 'HEAD', '--head', 'HEAD', 'apps'],
  ['.', 'apply', 'pin', 'apps', '--stable', 'shop-v1'],
  ['.', 'next', 'apps'],
  ['.', 'release', 'apps', '--image', 'example.com/shop:2'],
  ['.', 'set', 'apps', '--traffic', 'shop-v1=100'],
  ['.', 'validate', 'apps', '--changed-since', 'HEAD'],
  ['.', 'validate', 'apps', '--fix'],
  ['.', '__complete', 'status', 'apps', '--service', ''],
  ['apps', 'validate'],
  ['apps', 'status'],
  ['apps', 'check', '--since', 'HEAD'],
  ['apps', 'apply', 'pin', '--stable', 'shop-v1'],
  ['apps', 'create', 'other'],
  ['apps', '__complete', 'apply', 'pin', '--service', ''],
]

const test = suite('hostile repositories')

test('a folder that looks like a bare repository starts nothing', () => {
  const trap = new Sandbox()
  const box = new Sandbox()
  box.git('init', '--quiet')
  box.write({
    ...lookalike(`\tfsmonitor = "touch ${trap.path('PWNED')}; false"\n\thooksPath = hooks\n`),
    'apps/shop.yaml': service(),
  })
  box.commit()
  for (const [folder, ...args] of commands) {
    box.run(args, { folder })
    assert.not.ok(existsSync(trap.path('PWNED')), `${args.join(' ')} in ${folder}`)
  }
})

test('a folder that looks like a bare repository hides nothing', () => {
  const box = Sandbox.committed({ ...lookalike(''), 'apps/info/exclude': '*\n', 'apps/shop.yaml': bad })
  box.write({ 'apps/new.yaml': service('  traffic:\n    - percent: 80\n', { name: 'new' }) })
  const both = /^(?=[^]*percent[^]*90)(?=[^]*percent[^]*80)/
  for (const [folder, path] of [
    ['.', 'apps'],
    ['apps', '.'],
  ] as const) {
    const ran = box.run(['validate', path], { folder })
    assert.is(ran.status, 1)
    assert.match(ran.stdout, both)
    const checked = box.run(['check', '--since', 'HEAD', path], { folder })
    assert.is(checked.status, 1)
    assert.match(checked.stdout, both)
    assert.match(box.run(['status', path], { folder }).stdout, /new[^]*example-service|example-service[^]*new/)
    assert.is(box.run(['apply', 'pin', path, '--all', '--stable', 'a', '--check'], { folder }).status, 1)
    const completed = box.run(['__complete', 'status', path, '--service', ''], { folder }).stdout
    assert.match(completed, /^(?=[^]*new\t)(?=[^]*example-service\t)/, completed)
  }
})

/** Programs that a repository's own configuration names, each with the attributes that a pull request can add. */
function armed(trap: string): readonly (readonly [name: string, value: string])[] {
  const run = (name: string): string => `sh -c 'echo ${name} >>${trap}; cat' --`
  return [
    ['filter.x.clean', run('clean')],
    ['filter.x.smudge', run('smudge')],
    ['filter.x.process', run('process')],
    ['filter.x.required', 'true'],
    ['diff.x.textconv', run('textconv')],
    ['diff.x.command', run('command')],
    ['diff.external', run('external')],
    ['merge.x.driver', run('driver')],
    ['core.fsmonitor', run('fsmonitor')],
    ['core.hooksPath', 'hooks'],
    ['core.pager', run('pager')],
    ['core.sshCommand', run('ssh')],
    ['core.askPass', run('askpass')],
    ['core.editor', run('editor')],
    ['pager.log', 'true'],
    ['pager.grep', run('pager.grep')],
    ['gpg.program', run('gpg')],
    ['log.showSignature', 'true'],
    ['credential.helper', `!${run('credential')}`],
    ['protocol.ext.allow', 'always'],
    ['remote.origin.url', `ext::${run('remote')}`],
    ['remote.origin.promisor', 'true'],
    ['diff.ignoreSubmodules', 'none'],
    ['submodule.recurse', 'true'],
    ...['cat-file', 'diff-index', 'diff-tree', 'grep', 'log', 'ls-files', 'ls-tree', 'merge-base', 'rev-parse'].map(
      (name) => [`alias.${name}`, `!${run(`alias ${name}`)}`] as const,
    ),
  ]
}

const hooks = ['post-index-change', 'post-checkout', 'fsmonitor-watchman', 'reference-transaction', 'pre-auto-gc']

test('nothing that the configuration of a clone names is started, whatever attributes say', () => {
  const trap = new Sandbox()
  const log = trap.path('started')
  const box = new Sandbox()
  box.git('init', '--quiet')
  box.write({
    '.gitattributes': '* filter=x diff=x merge=x\n',
    'apps/shop.yaml': service(),
    'apps/same.yaml': service('', { name: 'same' }),
    'apps/kustomization.yaml': 'resources: [shop.yaml, same.yaml]\n',
    ...Object.fromEntries(hooks.map((name) => [`hooks/${name}`, `#!/bin/sh\necho hook ${name} >>${log}\n`])),
  })
  for (const name of hooks) chmodSync(box.path(`hooks/${name}`), 0o755)
  box.commit()
  for (const [name, value] of armed(log)) box.git('config', name, value)
  // The index was written a moment ago, with other times than the files now have: Git would have to compare them.
  box.write({ 'apps/shop.yaml': bad, 'apps/same.yaml': service('', { name: 'same' }), 'apps/new.yaml': service() })
  for (const [folder, ...args] of commands) {
    box.run(args, { folder })
    assert.not.ok(existsSync(log), `${args.join(' ')} in ${folder}: ${existsSync(log) ? trap.read('started') : ''}`)
  }
  const checked = box.run(['check', '--since', 'HEAD'])
  assert.is(checked.status, 1)
  assert.match(checked.stdout, /^apps\/shop\.yaml:\d+:\d+: error: .*90/m)
  assert.match(checked.stderr, /: 2 Knative Services in 2 files: /)
})

test('the traps of this file do go off', () => {
  const trap = new Sandbox()
  const box = Sandbox.committed({ '.gitattributes': '* filter=x\n', 'apps/shop.yaml': service() })
  for (const [name, value] of armed(trap.path('started')).slice(0, 1)) box.git('config', name, value)
  box.write({ 'apps/shop.yaml': bad })
  box.git('diff', '--raw')
  assert.match(trap.read('started'), /^clean\n/)
  const bare = Sandbox.committed({
    ...lookalike(`\tfsmonitor = "touch ${trap.path('PWNED')}; false"\n`),
    'apps/shop.yaml': service(),
  })
  bare.gitWith({ folder: 'apps' }, 'ls-files', '--others')
  assert.ok(existsSync(trap.path('PWNED')))
})

test('a missing object is fetched by no program that a remote names', () => {
  const trap = new Sandbox()
  const box = Sandbox.committed({ 'a.yaml': service() })
  box.git('config', 'uploadpack.allowFilter', 'true')
  box.git('clone', '--quiet', '--no-checkout', '--filter', 'blob:none', `file://${box.root}`, 'clone')
  const folder = 'clone'
  box.gitWith({ folder }, 'config', 'protocol.ext.allow', 'always')
  box.gitWith({ folder }, 'config', 'remote.origin.url', `ext::sh -c "touch% ${trap.path('PWNED')}"`)
  const ran = box.run(['check', '--since', 'HEAD', '--head', 'HEAD', '.'], { folder })
  assert.is(ran.status, 0)
  assert.match(ran.stdout, /^a\.yaml:1:1: note: not checked: .* \[KN128 content-not-checked\]$/m)
  assert.not.ok(existsSync(trap.path('PWNED')))
})

test('line ends that a checkout has made are no change, others are', () => {
  const two = service('', { name: 'two' })
  const box = Sandbox.committed({ 'one.yaml': service(), 'two.yaml': two })
  const about = (): string => box.run(['check', '--since', 'HEAD']).stderr
  box.write({ 'one.yaml': service().replaceAll('\n', '\r\n') })
  assert.match(about(), /^nothing checked: no Knative Service differs /)
  box.write({ 'one.yaml': `${service().replaceAll('\n', '\r\n')}# x\r\n` })
  assert.match(about(), /: 1 Knative Service in 1 file: /)
  box.commit()
  box.write({ 'one.yaml': `${service()}# x\n` })
  assert.match(about(), /: 1 Knative Service in 1 file: /)
})

test('a repository with long hashes is compared as any other', () => {
  const box = new Sandbox()
  box.git('init', '--quiet', '--object-format=sha256')
  box.write({ 'one.yaml': service(), 'two.yaml': service('', { name: 'two' }) })
  box.commit()
  assert.match(box.run(['check', '--since', 'HEAD']).stderr, /^nothing checked: no Knative Service differs /)
  box.write({ 'one.yaml': bad })
  assert.match(box.run(['check', '--since', 'HEAD']).stderr, /: 1 Knative Service in 1 file: 1 error/)
})

test('a linked work tree is a repository like any other, in a hook as well', () => {
  const box = Sandbox.committed({ ...lookalike(''), 'apps/info/exclude': '*\n', 'apps/shop.yaml': service() })
  box.git('worktree', 'add', '--quiet', '-b', 'topic', 'linked')
  box.write({ 'linked/apps/shop.yaml': bad })
  const hook = { GIT_DIR: box.path('.git/worktrees/linked'), GIT_INDEX_FILE: box.path('.git/worktrees/linked/index') }
  for (const environment of [{}, hook])
    for (const folder of ['linked', 'linked/apps']) {
      assert.is(box.run(['validate'], { folder, environment }).status, 1)
      const ran = box.run(['check', '--since', 'HEAD'], { folder, environment })
      assert.match(ran.stderr, /: 1 Knative Service in 1 file: 1 error/)
    }
})

/** A Git that does not know an option, as those before 2.24 do not know `--end-of-options`. */
function olderGit(refused: string): RunOptions {
  const box = new Sandbox()
  const real = (process.env['PATH'] ?? '').split(':').find((folder) => existsSync(`${folder}/git`)) ?? ''
  const refusing = `for word in "$@"; do case "$word" in ${refused}) echo "fatal: bad revision '$word'" >&2; exit 128;; esac; done`
  box.write({ git: `#!/bin/sh\n${refusing}\nexec ${real}/git "$@"\n` })
  chmodSync(box.path('git'), 0o755)
  return { environment: { PATH: `${box.root}:${process.env['PATH'] ?? ''}` } }
}

test('a Git without --end-of-options finds commits', () => {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  box.git('branch', 'base')
  box.write({ 'shop.yaml': bad })
  const ran = box.run(['check', '--since', 'base'], olderGit('--end-of-options'))
  assert.is(ran.status, 1)
  assert.match(ran.stderr, /: 1 Knative Service in 1 file: 1 error/)
  const changed = box.run(['validate', '--changed-since', 'base'], olderGit('--end-of-options'))
  assert.is(changed.status, 1, changed.stderr)
  // Nothing else that is younger than Git 2.20 is asked for either.
  const young = '--no-relative|--diff-merges*|--attr-source*|--format=%\\(object*|--path-format*|--no-lazy-fetch'
  assert.is(box.run(['check', '--since', 'base'], olderGit(young)).status, 1)
})

test('names of commits are never options, whatever Git knows of them', () => {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  for (const name of [
    '--batch',
    '--output=x',
    '-p',
    'HEAD\nHEAD',
    'a b',
    '^HEAD',
    'HEAD..HEAD',
    ':shop.yaml',
    '@{-1}',
    '',
  ])
    for (const flags of [['--since', 'HEAD', `--head=${name}`], [`--since=${name}`]]) {
      const ran = box.run(['check', ...flags])
      assert.is(ran.status, 2, name)
      assert.not.ok(existsSync(box.path('x')))
    }
})

test.run()
