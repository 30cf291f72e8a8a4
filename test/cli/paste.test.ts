// Commands that reports print to be pasted, pasted: into a real bash, and a zsh where there is one, as people have them,
// with their history. Each gets exactly the words that were meant, and nothing else runs.
import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { printableLines } from '../../src/text/printable.js'
import { inQuotes, optionWords, shellPath, shellWord } from '../../src/text/words.js'
import { asName, attacks } from './hostile.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const odd: readonly string[] = [
  '=ls',
  '=ls.yaml',
  '~root.yaml',
  '~',
  '!!',
  '!x.yaml',
  "it's!x",
  "a'\n!!'b",
  '-rf',
  '--write',
  'a b.yaml',
  '$(touch pwned).yaml',
  '`touch pwned`.yaml',
  '${HOME} $HOME',
  'a\\b\\n',
  'a\\\n!b',
  '{a,b}.yaml',
  '*.yaml',
  '[a-z].yaml',
  '?',
  '#c',
  '%1',
  '^a^b',
  'a;b&c|d>e<f(g)',
  'a=~root:~root',
  'tab\tand\nline\rend',
  'a\u2028b\u2029c\u0085d',
  'a\u202E\u2066b\u200Bc',
  'ü 日本 😀 e\u0301 \u26A0\uFE0F',
  '##[error]x',
  "''",
  "'",
  '"',
  '<tag>',
]

const shells = [
  { name: 'bash', args: ['--norc', '--noprofile', '-i'], prologue: 'set -o histexpand; shopt -s extglob' },
  { name: 'zsh', args: ['-f', '-i'], prologue: 'setopt banghist extendedglob' },
] as const
const box = new Sandbox()

/** What a shell makes of lines that are typed into it: the words that each hands to a program. */
function typed(shell: (typeof shells)[number], lines: readonly string[]): readonly (readonly string[])[] {
  const input = [
    shell.prologue,
    'echo remembered',
    `kn-rollout() { printf '%s\\0' "$@"; printf '\\1\\0'; }; printf '\\2'`,
    ...lines,
    '',
  ].join('\n')
  const { stdout, error } = spawnSync(shell.name, shell.args, {
    cwd: box.root,
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: box.root, LC_ALL: 'C.UTF-8', TERM: 'dumb' },
  })
  if (error) throw error
  const [, found = ''] = stdout.split('\u0002')
  return found
    .split('\u0001\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1))
}

/** The line as a report shows it. */
const shown = (words: readonly string[]): string => printableLines(`kn-rollout ${words.join(' ')}`)

const test = suite('paste')

for (const shell of shells) {
  if (spawnSync(shell.name, ['--version']).status !== 0) {
    console.log(`skipped: ${shell.name} is not on the PATH`)
    continue
  }
  test(`${shell.name} gets the words that are meant`, () => {
    const texts = [...odd, ...attacks.map((one) => one.replaceAll('\0', ''))]
    assert.equal(
      typed(
        shell,
        texts.map((one) => shown([shellWord(one), inQuotes(one), '--', shellWord(one)])),
      ),
      texts.map((one) => [one, one, '--', one]),
    )
    assert.is(
      box.git('--version') !== '' && spawnSync('ls', [box.root], { encoding: 'utf8' }).stdout.includes('pwned'),
      false,
    )
  })

  test(`${shell.name} gets any words`, () => {
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom(...odd, ...attacks, ..."'|\\|!|`|$|#|=|~|-|\n".split('|')),
          fc.string({ unit: 'binary', maxLength: 6 }),
        ),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((parts) => parts.join('').replaceAll(/[\0\u0001\u0002\uD800-\uDFFF]/gu, ''))
    const many = fc.array(text, { minLength: 40, maxLength: 40 })
    fc.assert(
      fc.property(many, (texts) => {
        const found = typed(
          shell,
          texts.map((one) => shown([shellWord(one), ...optionWords('--service', one)])),
        )
        assert.equal(
          found,
          texts.map((one) => [one, ...(one.startsWith('-') ? [`--service=${one}`] : ['--service', one])]),
        )
      }),
      { numRuns: 5, seed: Number(process.env['KN_SEED'] ?? 20_261_122) },
    )
  })
}

test('a file is never an option, and a plain word stays plain', () => {
  assert.is(shellPath('-x.yaml'), './-x.yaml')
  assert.is(shellPath('-'), '-')
  assert.is(shellPath('apps/shop.yaml'), 'apps/shop.yaml')
  assert.is(shellWord('=ls.yaml'), "'=ls.yaml'")
  assert.is(shellWord('a\u0085'), String.raw`$'a\xc2\x85'`)
  assert.is(shellWord(''), "''")
})

const two = `  traffic:
    - revisionName: shop-v1
      percent: 100
    - revisionName: shop-v2
      percent: 0
`

const names = [...new Set([...odd.filter((one) => one !== '-'), ...attacks].map((one) => `${asName(one)}.yaml`))]
const own = Sandbox.committed(
  Object.fromEntries(names.map((name) => [name, service(two, { name: 'shop', revision: 'shop-v2' })])),
)

/** The one command that a run prints about a file. */
function printedAbout(name: string, args: readonly string[], pattern: RegExp): string {
  const { stdout, stderr } = own.run([...args, `./${name}`])
  const [, line] = pattern.exec(stdout + stderr) ?? []
  if (line === undefined) throw new Error(`no command about ${JSON.stringify(name)}: ${stdout}${stderr}`)
  return line
}

const bodies = ['apply', 'preview', '--tag', 'next', '--format', 'markdown'] as const

const manifest = own.read(names[0] ?? '')

/** The commands that are printed about each file, and what each is to be typed as: the same for every shell. */
let printed: readonly string[] | undefined
function printedLines(): readonly string[] {
  if (printed) return printed
  const next = names.map((name) => printedAbout(name, bodies, /### Next step\n\n```sh\n(.*)\n```/))
  for (const name of names) own.write({ [name]: service('', { name: 'shop', revision: 'shop-v2' }) })
  const helps = names.map((name) => printedAbout(name, ['next'], /`(kn-rollout apply STAGE [^`]*)`/))
  for (const name of names) own.write({ [name]: manifest })
  printed = [...next, ...helps.map((line) => line.replace('STAGE', 'preview --tag next --write'))]
  return printed
}

/** The words that each of them is, by the first shell. */
let known: readonly (readonly string[])[] | undefined

for (const shell of shells.filter(({ name }) => spawnSync(name, ['--version']).status === 0))
  test(`what is printed about a file is about that file, pasted into ${shell.name}`, () => {
    const words = typed(shell, printedLines())
    assert.is(words.length, 2 * names.length)
    // The same words do the same, whichever shell they were typed into.
    if (known) return assert.equal(words, known)
    known = words
    for (const [index, args] of words.entries()) {
      const { status, stderr } = own.run(args)
      assert.is(status, 0, `${args.join(' ')}: ${stderr}`)
      const changed = names.filter((name) => own.read(name) !== manifest)
      assert.equal(changed, [names[index % names.length]], args.join(' '))
      for (const name of changed) own.write({ [name]: manifest })
    }
    assert.is(own.git('status', '--short'), '')
  })

test.run()
