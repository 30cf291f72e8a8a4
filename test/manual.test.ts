// The manual page: that it says what `--help` says, that it is up to date, and how it looks.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { manual } from '../docs/manual.js'
import { commands } from '../src/cli/commands.js'
import { recordedOptions } from '../src/cli/options.js'

const page = fileURLToPath(new URL('../docs/kn-rollout.1', import.meta.url))

const test = suite('manual')

test('is up to date', () => {
  assert.is(readFileSync(page, 'utf8'), manual(), 'run `npm run docs`')
})

test('has every command, and no line of text that is a request', () => {
  const text = manual()
  for (const [name, { summary }] of Object.entries(commands)) {
    assert.match(text, `\n.SS ${name}`)
    assert.match(text.replaceAll('\\-', '-').replaceAll(/\\f[BIR]/g, ''), summary.replaceAll('`', ''))
  }
  const known = /^\.(?:\\"|TH|SH|SS|TP|PP|RS|RE|nf|fi|B|BR|I)(?: |$)/
  assert.equal(
    text.split('\n').filter((line) => /^[.']/.test(line) && !known.test(line)),
    [],
  )
  assert.not.match(text, /[^\u0000-\u007E]/)
})

/** The page as a terminal shows it, and what the formatter complains of; undefined where there is none. */
function rendered(): { readonly text: string; readonly complaints: string } | undefined {
  const env = { ...process.env, MANWIDTH: '100', MANPAGER: 'cat', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' }
  for (const [program, ...args] of [
    ['man', '--warnings', '--no-hyphenation', '-l', page],
    ['groff', '-man', '-Tutf8', '-ww', '-P-c', page],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env })
    // Bold and underlined letters are struck twice.
    if (status === 0) return { text: stdout.replaceAll(/.\u0008/g, ''), complaints: stderr }
  }
  return undefined
}

const shown = rendered()
if (shown)
  test('looks like a manual page, with every option', () => {
    assert.is(shown.complaints, '')
    const { text } = shown
    for (const heading of ['NAME', 'SYNOPSIS', 'COMMANDS', 'EXIT STATUS', 'SEE ALSO'])
      assert.match(text, `\n${heading}\n`)
    for (const { options } of Object.values(commands))
      for (const { name } of recordedOptions(options)) assert.match(text, `--${name}`)
    assert.match(text, '{{.Service}}')
    assert.not.match(text, /`|\\/)
  })
else console.log('skipped: neither man nor groff is on the PATH')

test.run()
