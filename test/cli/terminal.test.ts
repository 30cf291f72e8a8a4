// Colours and control characters: what a terminal gets to see.
import { chmodSync } from 'node:fs'
import { Readable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { type Output, print, type Terminal } from '../../src/cli/terminal.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const escape = '\u001B'
const pin = ['apply', 'pin', 'shop.yaml', '--stable', 'example-service-00001']
const wrong = service('  traffic:\n    - percent: 90\n', { name: 'wrong' })

function prepared(): Sandbox {
  const box = new Sandbox()
  box.write({ 'shop.yaml': service(), 'wrong.yaml': wrong })
  return box
}

/** Runs on a terminal of its own, if the system can make one. */
function onTerminal(
  box: Sandbox,
  line: string,
  environment: Readonly<Record<string, string>> = {},
): string | undefined {
  const { stdout } = box.shell(`command -v script >/dev/null || exit 0; script -qec "$KN ${line}" /dev/null`, {
    environment: { TERM: 'xterm', ...environment },
  })
  if (stdout === '') console.log('  not tested: a real terminal (`script` of util-linux is not there)')
  return stdout === '' ? undefined : stdout
}

const test = suite('terminal')

test('no colour in pipes', () => {
  const box = prepared()
  for (const args of [pin, ['validate'], ['--help'], ['stages']]) {
    const { stdout, stderr } = box.runProcess(args, { environment: { TERM: 'xterm-256color' } })
    assert.not.match(stdout + stderr, escape)
  }
})

test('colour in pipes when it is asked for', () => {
  const box = prepared()
  for (const [args, environment] of [
    [[...pin, '--color'], {}],
    [pin, { FORCE_COLOR: '1' }],
    [pin, { FORCE_COLOR: '1', NO_COLOR: '' }],
  ] as const) {
    const { stdout, stderr } = box.runProcess(args, { environment })
    assert.match(stdout, `${escape}[32m+`)
    assert.match(stdout, `${escape}[36m@@`)
    assert.match(stderr, `${escape}[1mshop/example-service${escape}[0m`)
  }
  assert.match(box.run(['validate', '--color']).stdout, `${escape}[1;31merror:${escape}[0m`)
})

test('what takes a while is said on a terminal until it is done', () => {
  const box = prepared()
  const long = `# ${'a long comment '.repeat(50)}\n`.repeat(700)
  box.write({ 'long.yaml': long + service('', { name: 'long' }) })
  box.git('init', '--quiet')
  box.commit()
  for (const [line, said] of [
    ['status', 'reading 3 files'],
    ['validate', 'validating 3 files'],
    ['check --since empty', 'checking 3 files'],
  ] as const) {
    const shown = onTerminal(box, line)
    if (shown === undefined) return
    assert.match(shown, `\r${said}\r${escape}[K`)
    assert.not.match(box.runProcess(line.split(' ')).stderr, said)
  }
  assert.not.match(onTerminal(box, 'validate shop.yaml') ?? '', 'validating')
})

test('no colour where NO_COLOR, --no-color or FORCE_COLOR=0 say so', () => {
  const box = prepared()
  for (const [args, environment] of [
    [pin, { NO_COLOR: '1' }],
    [pin, { NO_COLOR: '1', FORCE_COLOR: '1' }],
    [pin, { FORCE_COLOR: '0' }],
    [[...pin, '--no-color'], { FORCE_COLOR: '1' }],
  ] as const) {
    const { stdout, stderr } = box.runProcess(args, { environment })
    assert.not.match(stdout + stderr, escape)
  }
})

test('colour on a terminal, unless it is dumb or NO_COLOR says no', () => {
  const box = prepared()
  const coloured = onTerminal(box, 'validate')
  if (coloured === undefined) return
  assert.match(coloured, escape)
  assert.not.match(onTerminal(box, 'validate', { NO_COLOR: '1' }) ?? '', escape)
  assert.not.match(onTerminal(box, 'validate', { TERM: 'dumb' }) ?? '', escape)
})

test('the counter of a long run leaves no warning and no line behind', () => {
  const box = new Sandbox()
  for (let index = 0; index < 3000; index++) box.write({ [`f${index}.yaml`]: `# serving.knative.dev/\na: ${index}\n` })
  const shown = onTerminal(box, 'validate')
  if (shown === undefined) return
  assert.match(shown, 'reading 100/3000 files')
  assert.not.match(shown, 'Warning')
  assert.match(shown, `\r${escape}[Kvalidated 0 Knative Services in 3000 files`)
})

test('what `check` waits for is said on a terminal, and taken away', () => {
  const names = Array.from({ length: 20 }, (_, index) => `shop-${index}`)
  const box = Sandbox.committed(Object.fromEntries(names.map((name) => [`${name}.yaml`, service('', { name })])))
  box.write(Object.fromEntries(names.map((name) => [`${name}.yaml`, `${service('', { name })}# a note\n`])))
  const shown = onTerminal(box, 'check --since HEAD')
  if (shown === undefined) return
  assert.match(shown, `\rreading the history of 20 files\r${escape}[K`)
  box.git('checkout', '--quiet', 'shop-0.yaml')
  assert.not.match(onTerminal(box, 'check --since HEAD') ?? '', 'reading the history')
})

test('control characters of manifests are shown, not obeyed', () => {
  const evil = String.raw`"\e[31mred\a\u202Eabc\u0085\u009b"`
  const box = new Sandbox()
  box.write({
    'a.yaml': service('  traffic:\n    - percent: 90\n', { name: evil }),
    'b.yaml': service(`  traffic:\n    - revisionName: ${evil}\n      percent: 90\n      ${evil}: 1\n`, {
      namespace: evil,
    }),
  })
  for (const args of [['validate'], ['apply', 'pin', '.'], ['apply', 'pin', '--all', '--stable', 'x\u001B[31m']]) {
    const { stdout, stderr } = box.run(args)
    assert.not.match(stdout + stderr, /[^\P{Cc}\n]|[\u202E]/u)
    assert.match(stdout + stderr, String.raw`\x1b[31m`)
  }
})

test('control characters of file names are shown, not obeyed', () => {
  const name = 'ev\u001B[31mil.yaml'
  const box = new Sandbox()
  box.write({ [name]: wrong })
  assert.match(box.run(['validate']).stdout, String.raw`ev\x1b[31mil.yaml:`)
  for (const path of [`no${name}`, `${name}*.nope`]) {
    const { status, stderr } = box.run(['validate', path])
    assert.is(status, 2)
    assert.not.match(stderr, escape)
  }
  box.giveAway()
  chmodSync(box.path(name), 0o000)
  const unreadable = box.run(['validate'], { unprivileged: true })
  assert.is(unreadable.status, 3)
  assert.not.match(unreadable.stderr, escape)
})

test('a patch of a file with an odd name is one that Git takes', () => {
  const name = 'od\u001B[31md "shop"\tñ.yaml'
  const box = Sandbox.committed({ [name]: service() })
  const { stdout } = box.run(['apply', 'pin', '--stable', 'example-service-00001'])
  assert.not.match(stdout.replaceAll('\\t', ''), escape)
  box.gitWith({ stdin: stdout }, 'apply')
  assert.match(box.read(name), 'revisionName: example-service-00001')
})

test('a long text is written whole, piece by piece, and not on into what was closed', async () => {
  const text = `${'x'.repeat(65_535)}\u{1F600}${'y'.repeat(65_535)}\u{1F600}${'é→'.repeat(40_000)}`
  const written: Buffer[] = []
  let isClosed = false
  const stdout: Output = {
    write(piece, done) {
      if (isClosed) return done(Object.assign(new Error('closed'), { code: 'EPIPE' }))
      written.push(Buffer.from(piece))
      return done()
    },
    on: () => undefined,
  }
  const terminal: Terminal = {
    arguments: [],
    workingDirectory: '/',
    environment: {},
    stdin: () => Readable.from([]),
    stdout,
    stderr: stdout,
  }
  await print(terminal, text)
  assert.ok(written.length > 3)
  assert.is(Buffer.concat(written).toString(), text)
  isClosed = true
  const failure = await print(terminal, text).catch((error: unknown) => error)
  assert.match(String(failure), /stdout was closed before everything was written/)
})

test.run()
