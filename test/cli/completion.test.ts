// Completion as shells ask for it: by `__complete`, and by the printed scripts in a real bash, and zsh and fish where
// they are installed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { commands } from '../../src/cli/commands.js'
import { recordedOptions } from '../../src/cli/options.js'
import { completionScript, shells } from '../../src/report/completion-script.js'
import { service } from './manifests.js'
import { Sandbox, main, type Ran } from './sandbox.js'

const traffic = `  traffic:
    - revisionName: shop-v1
      percent: 100
    - revisionName: shop-v2
      percent: 0
      tag: next
`
const box = Sandbox.committed({
  'apps/shop.yaml': service(traffic, { name: 'shop', revision: 'shop-v2' }),
  'apps/cart.yaml': service('', { name: 'cart', namespace: 'bank', revision: 'cart-v9' }),
  'evil.yaml': service('', { name: '"$(touch pwned)"', namespace: '"`id`"', revision: '"shop-v1;reboot"' }),
  'option.yaml': service('', { name: '"--write"', revision: '"--force"' }).replace('namespace: shop\n', '\n'),
  '.kn-rollout.yaml': 'plans:\n  careful:\n    - preview\n    - {stage: few, percent: 5}\n    - promote\n',
})
mkdirSync(box.path('.git/bin'))
symlinkSync(main, box.path('.git/bin/kn-rollout'))
const PATH = [box.path('.git/bin'), path.dirname(process.execPath), process.env['PATH']].join(path.delimiter)

/** The words that a line of words may go on with. */
function answers(...words: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = box.run(['__complete', '--', ...words])
  assert.equal([status, stderr], [0, ''])
  return stdout.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')[0] ?? '']))
}

const test = suite('completion')

const cases: readonly (readonly [line: string, wanted: readonly string[]])[] = [
  ['app', ['apply']],
  ['--v', ['--version']],
  ['apply pr', ['preview', 'promote']],
  ['apply fe', ['few']],
  ['apply promote ', []],
  ['apply promote sh', ['shop', 'shop/shop']],
  ['status ap', []],
  ['status -n ba', ['bank']],
  ['apply split cart --candidate ', ['cart-v9', '@latest', '@current', '@candidate', '@previous']],
  ['apply --write p', ['pin', 'preview', 'promote']],
  ['apply -s shop p', ['pin', 'preview', 'promote']],
  ['explain KN301', ['KN301']],
  ['completion ', ['bash', 'zsh', 'fish', 'powershell']],
  ['validate --format j', ['json', 'junit']],
  ['validate --format=j', ['--format=json', '--format=junit']],
  ['validate --fi', ['--fix']],
  ['validate --fix --fi', []],
  ['validate --format json --form', ['--format']],
  ['validate -- --fi', []],
  ['validate --schema ', []],
  ['validate -s ', ['bank/cart', 'shop/shop']],
  ['validate apps/cart.yaml --service ', ['bank/cart']],
  ['apply split --stable shop', ['shop-v2', 'shop-v1']],
  ['apply split --stable=shop-v1', ['--stable=shop-v1']],
  ['apply split apps/cart.yaml --candidate c', ['cart-v9']],
  ['apply split -s cart --candidate ', ['cart-v9', '@latest', '@current', '@candidate', '@previous']],
  ['set --untag ', ['next']],
  ['set --tag shop-v1', ['shop-v1=']],
  ['set --traffic shop-v1=20,n', ['shop-v1=20,next=']],
  ['apply split nowhere --stable ', ['@latest', '@current', '@candidate', '@previous']],
  ['nonsense ', []],
  ['__proto__ ', []],
]
for (const [line, wanted] of cases)
  test(`\`${line}\` goes on with ${wanted.join(' ') || 'nothing'}`, () =>
    assert.equal(answers(...line.split(' ')), wanted))

test('every command, and every option of it, is known with what it means', () => {
  assert.equal(
    answers('').filter((word) => !word.startsWith('-')),
    Object.keys(commands),
  )
  for (const [name, { options }] of Object.entries(commands)) {
    for (const { summary } of recordedOptions(options)) assert.ok(summary, name)
    const { stdout } = box.run([name, '--help'])
    const shown = [...stdout.matchAll(/^ +(?:-\w, )?--([\w-]+)/gm)].map(([, option = '']) => `--${option}`)
    assert.equal(answers(name, '--').toSorted(), [...new Set(shown)].toSorted(), name)
  }
})

test('names of commits are branches and tags', () => {
  box.git('branch', 'topic')
  box.git('tag', 'top-1.0')
  assert.equal(answers('check', '--since', 'to').toSorted(), ['top-1.0', 'topic'])
  assert.equal(answers('check', '--head=to').toSorted(), ['--head=top-1.0', '--head=topic'])
})

test('says nothing about what is wrong, and runs no longer than a shell waits', () => {
  const broken = Sandbox.committed({ 'a.yaml': '{{', '.kn-rollout.yaml': 'plans: 1\n' })
  for (const words of [['--', 'apply', ''], ['--'], [], ['--', 'validate', '-s', '']]) {
    const { status, stderr } = broken.run(['__complete', ...words])
    assert.equal([status, stderr], [0, ''])
  }
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    answers('apply', 'split', '--stable', '')
    return performance.now() - start
  })
  assert.ok(Math.min(...times) < 300, `${Math.min(...times)} ms`)
})

test('offers no name that a shell or this program would take for anything else', () => {
  const targets = ['--write', '=ls', '$(id)', 'a b', 'x\u202Ey', 'x\u200By', 'x\ny', '~', 'fine'].map(
    (tag) => `    - revisionName: a\n      percent: 0\n      tag: ${JSON.stringify(tag)}\n`,
  )
  const odd = Sandbox.committed({
    'a\u202Eb##[error].yaml': service(`  traffic:\n${targets.join('')}`, { name: 'shop' }),
  })
  const ask = (...words: readonly string[]): string => odd.run(['__complete', '--', ...words]).stdout
  assert.is(ask('set', '--untag', ''), 'fine\tshop/shop\n')
  assert.is(ask('set', '--untag=-'), '--untag=--write\tshop/shop\n')
  assert.is(ask('validate', '-s', ''), 'shop/shop\ta\\u202eb\\x23#[error].yaml\n')
})

function inShell(program: string, args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: box.root,
    encoding: 'utf8',
    env: { ...process.env, HOME: box.root, PATH },
  })
  return { status, stdout, stderr }
}

/** What bash would put in place of `$2`, the part of the last word behind its word breaks. */
function inBash(line: string, replaced: string): readonly string[] {
  const { status, stdout, stderr } = inShell('bash', [
    '--norc',
    '-c',
    'source <(kn-rollout completion bash); complete -p kn-rollout >&2; COMP_LINE=$1 COMP_POINT=${#1}; _kn_rollout kn-rollout "$2"; printf "%s\\n" "${COMPREPLY[@]}"',
    'bash',
    line,
    replaced,
  ])
  assert.equal([status, stderr], [0, 'complete -o default -F _kn_rollout kn-rollout\n'])
  return stdout.trim().split('\n')
}

function inFish(line: string): string {
  return inShell('fish', ['--no-config', '-c', `kn-rollout completion fish | source; complete -C '${line}'`]).stdout
}

test('bash', () => {
  assert.equal(inBash('kn-rollout app', 'app'), ['apply'])
  assert.equal(inBash('kn-rollout apply ', '').slice(0, 2), ['pin', 'preview'])
  assert.equal(inBash('kn-rollout apply split --stable=shop', 'shop'), ['shop-v2', 'shop-v1'])
  assert.equal(inBash('kn-rollout apply split --stable=', '')[0], 'cart-v9')
  assert.equal(inBash('kn-rollout apply split --stable @l', '@l'), ['@latest'])
  assert.equal(inBash('kn-rollout set --traffic shop-v1=20,n', '20,n'), ['20,next='])
  assert.equal(inBash('X=1 kn-rollout explain KN301', 'KN301'), ['KN301'])
  assert.equal(inBash('kn-rollout apply split apps/', 'apps/'), [''], 'left to bash')
})

if (spawnSync('zsh', ['--version']).status === 0)
  test('zsh', () => {
    const stubs =
      'compdef() { print -r -- "compdef $*" }; _describe() { print -rl -- "${rows[@]}" }; _files() { print files }'
    const ask = (...words: readonly string[]): string =>
      inShell('zsh', [
        '-f',
        '-c',
        `${stubs}; source <(kn-rollout completion zsh); words=("$@") CURRENT=$#; _kn_rollout`,
        'zsh',
        'kn-rollout',
        ...words,
      ]).stdout
    assert.is(
      ask('app'),
      'compdef _kn_rollout kn-rollout\napply:Move traffic to a stage (prints the diff; `--write` changes the files)\n',
    )
    assert.match(ask('apply', 'split', '--stable', 'shop-v2'), '\nshop-v2:shop/shop\n')
    assert.match(ask('apply', 'split', ''), '\nfiles\n')
  })
else console.log('skipped: zsh is not on the PATH')

if (spawnSync('fish', ['--version']).status === 0)
  test('fish', () => {
    assert.is(
      inFish('kn-rollout app'),
      'apply\tMove traffic to a stage (prints the diff; `--write` changes the files)\n',
    )
    assert.match(inFish('kn-rollout apply split --stable='), '--stable=shop-v2\tshop/shop\n')
  })
else console.log('skipped: fish is not on the PATH')

const pwsh = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command']
/** What PowerShell would offer behind a line. */
function inPowerShell(line: string): readonly string[] {
  const ask = `kn-rollout completion powershell | Out-String | Invoke-Expression
(TabExpansion2 -inputScript '${line.replaceAll("'", "''")}' -cursorColumn ${line.length}).CompletionMatches | ForEach-Object CompletionText`
  const { status, stdout, stderr } = inShell('pwsh', [...pwsh, ask])
  assert.equal([status, stderr], [0, ''])
  return stdout.trim().split(/\r?\n/)
}

if (spawnSync('pwsh', [...pwsh, '1']).status === 0)
  test('PowerShell', () => {
    assert.equal(inPowerShell('kn-rollout app'), ['apply'])
    assert.equal(inPowerShell('kn-rollout apply ').slice(0, 2), ['pin', 'preview'])
    assert.equal(inPowerShell('kn-rollout apply split --stable @l'), ["'@latest'"])
  })
else console.log('skipped: pwsh is not on the PATH')

test('PowerShell says that it asks for an empty word, which it may lose', () => {
  assert.is(box.run(['__complete', '--blank', '--', 'apply']).stdout, box.run(['__complete', '--', 'apply', '']).stdout)
  assert.is(box.run(['__complete', '--blank', '--']).stdout, box.run(['__complete', '--', '']).stdout)
})

test('the script for PowerShell closes what it opens', () => {
  const code = completionScript('powershell')
    .replaceAll(/^\s*#.*$/gm, '')
    .replaceAll(/'(?:[^']|'')*'|"(?:[^"`]|`.)*"/g, '')
  assert.not.match(code, /['"]/)
  const open: string[] = []
  for (const [sign] of code.matchAll(/[(){}[\]]/g))
    if ('({['.includes(sign)) open.push(sign)
    else assert.is(`${open.pop()}${sign}`, { ')': '()', '}': '{}', ']': '[]' }[sign])
  assert.equal(open, [])
})

test('the shells that there are scripts for, and no other', () => {
  for (const shell of shells) assert.is(box.run(['completion', shell]).status, 0)
  const { status, stderr } = box.run(['completion', 'tcsh'])
  assert.is(status, 2)
  assert.match(
    stderr,
    /`shell` is `tcsh`; must be one of bash, zsh, fish, powershell; see `kn-rollout completion --help`/,
  )
})

test('the program is executable by its name, as kn runs its plugins, and the help says so', () => {
  const ran = inShell('kn-rollout', ['--help'])
  assert.is(ran.status, 0, ran.stderr)
  assert.match(ran.stdout, 'kn rollout')
})

test.run()
