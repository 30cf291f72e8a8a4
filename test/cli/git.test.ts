// The one runner of Git: what it guards against, and how it ends, with the real Git and with made-up ones.
import { chmodSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { askGit, runGit, type Environment } from '../../src/io/git/run.js'
import { Sandbox } from './sandbox.js'

const environment: Environment = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: '/nowhere' }

/** A sandbox whose Git is a shell script. */
function scripted(script: string): { readonly root: string; readonly environment: Environment } {
  const box = new Sandbox()
  box.write({ 'bin/git': `#!/bin/sh\n${script}\n` })
  chmodSync(box.path('bin/git'), 0o755)
  return { root: box.root, environment: { ...environment, PATH: `${box.path('bin')}:${process.env['PATH'] ?? ''}` } }
}

async function asked(script: string): ReturnType<typeof askGit> {
  const { root, environment: own } = scripted(script)
  return askGit(root, own, ['status'])
}

const linesOf = ({ output }: { readonly output: string }): readonly string[] => output.trimEnd().split('\n').toSorted()

const test = suite('git')

test('hands on no variable of a hook, and sets what guards it', async () => {
  const { root, environment: own } = scripted('env | grep -E "^(GIT_|LC_ALL)" | sort')
  const hook = {
    ...own,
    GIT_DIR: '/x',
    GIT_INDEX_FILE: '/x/index',
    GIT_TRACE: '1',
    GIT_EXEC_PATH: '/exec',
    LC_ALL: 'de',
  }
  const guards = [
    `GIT_CEILING_DIRECTORIES=${root.replace(/\/[^/]*$/, '')}`,
    'GIT_EXEC_PATH=/exec',
    'GIT_ALLOW_PROTOCOL=none',
    'GIT_NO_LAZY_FETCH=1',
    'GIT_OPTIONAL_LOCKS=0',
    'LC_ALL=C',
  ]
  assert.equal(linesOf(await askGit(root, hook, [])), guards.toSorted())
  assert.equal(linesOf(await askGit(root, hook, [], { isBelowTop: true })), guards.slice(1).toSorted())
})

test('tells how it ended, in words of Git where it has any', async () => {
  const silent = { talk: '', output: '' }
  assert.equal(await asked('exit 0'), { how: 'done', reason: '', ...silent })
  assert.equal(await asked('exit 1'), { how: 'no', reason: 'git ended with 1', ...silent })
  assert.equal(await asked('exit 2'), { how: 'failed', reason: 'git ended with 2', ...silent })
  assert.equal(await asked('kill -9 $$'), { how: 'failed', reason: 'git ended with a signal', ...silent })
  const talking = await asked('printf "\nwarning: odd\nerror: the disk\nfatal: gone\n" >&2; exit 1')
  assert.equal([talking.how, talking.reason], ['failed', 'the disk'])
  const warned = await asked('echo out; echo "warning: odd" >&2')
  assert.equal(warned, { how: 'done', reason: '', talk: 'warning: odd\n', output: 'out\n' })
  const plain = await asked('echo "something else" >&2; exit 128')
  assert.equal([plain.how, plain.reason], ['failed', 'something else'])
})

test('a character that comes in two pieces stays one', async () => {
  const { reason } = await asked(String.raw`printf 'fatal: \303' >&2; sleep 0.1; printf '\274n\n' >&2; exit 128`)
  assert.is(reason, 'ün')
})

test('says why it could not start', async () => {
  const { root } = new Sandbox()
  const { how, reason } = await askGit(root, { PATH: root }, ['status'])
  assert.equal([how, reason], ['unstarted', 'git is not on the PATH'])
  const long = await askGit(root, environment, ['x'.repeat(10_000_000)])
  assert.equal([long.how, long.reason], ['unstarted', 'there are too many arguments'])
  const { root: other, environment: own } = scripted('')
  chmodSync(`${other}/bin/git`, 0o644)
  const closed = await askGit(other, { ...own, PATH: `${other}/bin` }, [])
  assert.equal([closed.how, closed.reason], ['unstarted', 'permission denied'])
})

test('ends the run once it is enough, however much there is', async () => {
  const { root, environment: own } = scripted('echo $$; exec yes')
  const heard: string[] = []
  const onOutput = (chunk: Buffer): boolean => heard.push(chunk.toString()) < 2
  const ending = await runGit(root, own, { arguments: [], onOutput })
  assert.equal(ending, { how: 'done', reason: '', talk: '' })
  assert.is(heard.length, 2)
  const id = Number(heard[0]?.split('\n', 1)[0])
  assert.throws(() => process.kill(id, 0), /ESRCH/)
})

test('a listener that throws ends the run and is heard', async () => {
  const { root, environment: own } = scripted('exec yes')
  let calls = 0
  const onOutput = (): boolean => {
    calls++
    throw new Error('a bug')
  }
  let thrown: unknown
  await runGit(root, own, { arguments: [], onOutput }).catch((error: unknown) => (thrown = error))
  assert.is(thrown instanceof Error && thrown.message, 'a bug')
  assert.is(calls, 1)
})

test('a Git that does not read its input is no broken pipe', async () => {
  const { root, environment: own } = scripted('exec 0<&-; echo "fatal: no" >&2; exit 128')
  const input = 'x'.repeat(1_000_000)
  const ending = await runGit(root, own, { arguments: [], input, onOutput: () => true })
  assert.equal([ending.how, ending.reason], ['failed', 'no'])
  const echo = scripted('cat')
  let length = 0
  const onOutput = (chunk: Buffer): boolean => (length += chunk.length) > 0
  await runGit(echo.root, echo.environment, { arguments: [], input, onOutput })
  assert.is(length, input.length)
})

test.run()
