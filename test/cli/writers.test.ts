// Runs that write at the same time, and runs that are stopped or killed while they write.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { writeChanges } from '../../src/cli/reports.js'
import { Interrupted } from '../../src/io/failure.js'
import { writeAll } from '../../src/io/write.js'
import type { FileSystem } from '../../src/io/writing/claim.js'
import { thisProcess, type WriterProcess, besides, hashOf, recordText } from '../../src/io/writing/record.js'
import type { Outcome } from '../../src/pipeline/request.js'
import { service } from './manifests.js'
import { Sandbox, isRoot, main } from './sandbox.js'

const pin = ['apply', 'pin', '--stable', '{{.Service}}-00001', '--all']
const test = suite('writers')

test('two runs at a time leave the files of one of them, and what killed ones leave is named and put in order', () => {
  const script = fileURLToPath(new URL('../../bench/writers.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '2', '1', '2', '30'], { encoding: 'utf8' })
  assert.is(status, 0, stdout + stderr)
  assert.match(stdout, /^2 pairs: .*\n1 kills at random: .*\n2 kills after the first rename: .*\n0 faults\n$/)
})

type Started = {
  readonly child: ChildProcess
  readonly ended: Promise<{ status: number | null; signal: string | null; said: string }>
}

function start(box: Sandbox, words: readonly string[]): Started {
  const child = spawn(process.execPath, [main, ...words], {
    cwd: box.root,
    env: { PATH: process.env['PATH'], HOME: box.root, GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  return {
    child,
    ended: new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal, said }))),
  }
}

const numbers = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
const many = Array.from({ length: 80 }, (_, index) => `s${String(index).padStart(2, '0')}.yaml`)
const texts = Object.fromEntries(many.map((name) => [name, service('', { name: name.slice(0, 3) })]))
const isWritten = (box: Sandbox) => (name: string) => box.read(name) !== texts[name]
const temporary = (box: Sandbox): readonly string[] =>
  fs.readdirSync(box.root).filter((name) => name.includes('kn-rollout'))

/** Looks until something is so; a child that has ended without it is a failure of what follows. */
function until(isSo: () => boolean): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (const deadline = Date.now() + 60_000; !isSo() && Date.now() < deadline;) Atomics.wait(clock, 0, 0, 0.5)
}

/** Sends a signal to this very process at a call of writing, and gives back what that ends with. */
async function stoppedAt(box: Sandbox, signal: NodeJS.Signals, call: 'renameSync' | 'linkSync'): Promise<unknown> {
  let isSent = false
  const system = new Proxy<FileSystem>(fs, {
    get(target, name, receiver) {
      if (name === call && !isSent) isSent = process.kill(process.pid, signal)
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  const pending = many.map((name) => ({ path: box.path(name), before: texts[name], after: 'after' }))
  try {
    await writeAll(pending, { environment: { HOME: box.root }, signals: process, system })
  } catch (error) {
    return error
  }
  throw new Error('it was not stopped')
}

for (const [signal, status] of Object.entries(numbers)) {
  for (const [call, isDone] of [
    ['linkSync', false],
    ['renameSync', true],
  ] as const) {
    test(`${signal} ${isDone ? 'at the first rename lets all' : 'before the renames lets nothing'} be written`, async () => {
      const box = Sandbox.committed(texts)
      const listening = process.listenerCount(signal)
      const error = await stoppedAt(box, signal as NodeJS.Signals, call)
      assert.instance(error, Interrupted)
      assert.is((error as Interrupted).status, status)
      assert.is(
        (error as Interrupted).message,
        `stopped by ${signal}: ${isDone ? '80 files were' : 'nothing was'} written`,
      )
      assert.is(many.filter(isWritten(box)).length, isDone ? many.length : 0)
      assert.equal([temporary(box), fs.existsSync(box.path('.git/kn-rollout'))], [[], false])
      assert.is(process.listenerCount(signal), listening, 'afterwards it ends the process as ever')
    })
  }

  test(`${signal} while the program writes ends it with ${status}, and what it says is so`, async () => {
    const box = Sandbox.committed(texts)
    // Where the machine is busy, the signal can be late.
    for (let attempt = 1; ; attempt++) {
      box.write(texts)
      const { child, ended } = start(box, [...pin, '--write'])
      until(() => temporary(box).length > 0)
      child.kill(signal as NodeJS.Signals)
      const end = await ended
      const written = many.filter(isWritten(box)).length
      assert.equal([temporary(box), fs.existsSync(box.path('.git/kn-rollout'))], [[], false])
      if (attempt < 10 && written === 80 && end.status !== status) continue
      assert.is(end.status, status, end.said)
      assert.match(end.said, `stopped by ${signal}: ${written === 0 ? 'nothing was' : '80 files were'} written\n`)
      assert.ok(written === 0 || written === 80, `${written} written`)
      return
    }
  })

  test(`${signal} ends a run that writes nothing as it ends any program`, async () => {
    const box = new Sandbox()
    const { child, ended } = start(box, ['validate', '-'])
    child.stdin?.write('# a comment\n')
    // Once it has taken what was written, it waits for more.
    await new Promise((resolve) => child.stdin?.write('x'.repeat(200_000), resolve))
    child.kill(signal as NodeJS.Signals)
    assert.is((await ended).signal, signal)
  })
}

/** A number that no process has any more. */
const dead = (): WriterProcess => ({ ...thisProcess(), pid: spawnSync('true').pid, start: '1' })

type Left = { readonly box: Sandbox; readonly record: string; readonly backup: string; readonly fresh: string }

const files = { 'a.yaml': service(), 'sub/b.yaml': service('', { name: 'b' }) }

/** Half a write of two files: the first is written, the second is not. */
function half(owner: WriterProcess = dead(), room = '.git/kn-rollout', box = Sandbox.committed(files)): Left {
  const recorded = Object.entries(files).map(([name, text], index) => ({
    path: box.path(name),
    id: `${index}`.repeat(12),
    before: hashOf(text),
    after: hashOf(`${text}# new\n`),
  }))
  const [one, other] = recorded
  if (!one || !other) throw new Error('two files are recorded')
  const [{ backup }, { fresh }] = [besides(one), besides(other)]
  fs.renameSync(one.path, backup)
  fs.writeFileSync(one.path, `${files['a.yaml']}# new\n`)
  fs.writeFileSync(fresh, `${files['sub/b.yaml']}# new\n`)
  const record = `${room}/0123456789abcdef.json`
  box.write({ [record]: recordText({ owner, begun: '2026-01-02T03:04:05.000Z', scope: box.root, files: recorded }) })
  fs.chmodSync(path.dirname(box.path(record)), 0o700)
  return { box, record, backup: path.basename(backup), fresh: `sub/${path.basename(fresh)}` }
}

for (const command of [['validate'], ['status'], ['check', '--since', 'HEAD'], [...pin]]) {
  test(`${command[0]} names what a killed run left and what it changed, and touches nothing`, () => {
    const { box, record, backup, fresh } = half()
    const before = box.snapshot()
    const { stderr } = box.run(command)
    assert.match(
      stderr,
      /^kn-rollout: a run was killed while it wrote 2 files \(process \d+ on .*, 2026-01-02T03:04:05\.000Z\): 1 of them changed\n/,
    )
    const lines = [`changed: a.yaml (its former text is in ${backup})`, `left over: ${fresh}`, `left over: ${record}`]
    for (const line of lines) assert.match(stderr, `\n  ${line}\n`)
    assert.match(stderr, '\n  the next command with --write first restores these files\n')
    assert.equal(box.snapshot(), before)
    assert.ok(fs.existsSync(box.path(record)))
  })
}

test('the next run that writes first puts back what was there', () => {
  const { box, record } = half()
  const { status, stderr } = box.run([...pin, '--write'])
  assert.is(status, 0, stderr)
  assert.match(stderr, '1 of them changed\n  restored: a.yaml\n  its leftover files were removed\n')
  const clean = Sandbox.committed(files)
  clean.run([...pin, '--write'])
  for (const name of Object.keys(files)) assert.is(box.read(name), clean.read(name))
  assert.equal([temporary(box), fs.existsSync(box.path(record))], [[], false])
  assert.is(box.git('status', '--short', '--untracked-files=all'), ' M a.yaml\n M sub/b.yaml\n')
})

test('a write that was killed when all was written counts, and only what it left is removed', () => {
  const { box, fresh } = half()
  box.write({ 'sub/b.yaml': `${files['sub/b.yaml']}# new\n` })
  fs.rmSync(box.path(fresh))
  const { status, stderr } = box.run(['validate', '--fix', '--write'])
  assert.is(status, 0, stderr)
  assert.match(stderr, '2 of them changed\n  its leftover files were removed\n')
  assert.is(box.read('a.yaml'), `${files['a.yaml']}# new\n`)
  assert.equal(temporary(box), [])
})

const later: Readonly<Record<string, (left: Left) => void>> = {
  'a file has been changed since': ({ box }) => box.write({ 'a.yaml': 'theirs' }),
  'the other file has been changed since': ({ box }) => box.write({ 'sub/b.yaml': 'theirs' }),
  'the former text is gone': ({ box, backup }) => fs.rmSync(box.path(backup)),
  'the former text is another one': ({ box, backup }) => box.write({ [backup]: 'theirs' }),
  'it has been committed since': ({ box }) => box.commit(),
  'its folder has become a link': ({ box }) => {
    fs.renameSync(box.path('sub'), box.path('moved'))
    fs.symlinkSync('moved', box.path('sub'))
  },
}
for (const [what, change] of Object.entries(later)) {
  test(`nothing is undone, nor written, where ${what}`, () => {
    const left = half()
    const { box, record } = left
    const old = new Date(Date.now() - 60_000)
    fs.utimesSync(box.path(record), old, old)
    change(left)
    const before = box.snapshot()
    const { status, stderr } = box.run([...pin, '--write'])
    assert.is(status, 3, stderr)
    assert.match(stderr, '  check these files, then remove the leftover ones\n')
    assert.match(stderr, /kn-rollout: the files of the killed run need attention first; nothing was written\n$/)
    assert.equal(box.snapshot(), before)
    fs.rmSync(box.path(record))
    assert.is.not(box.run([...pin, 'sub/b.yaml', '--write']).status, 3)
  })
}

/** Tries to write one file without waiting for anyone. */
async function refusal(box: Sandbox): Promise<string> {
  const pending = [{ path: box.path('sub/b.yaml'), before: box.read('sub/b.yaml'), after: 'after' }]
  try {
    await writeAll(pending, { environment: { HOME: box.root }, wait: 0 })
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

test('a command that changes one file of two writes nothing where the other one is no longer what was read', async () => {
  const box = Sandbox.committed(files)
  const [one, other] = Object.entries(files).map(([file, text]) => ({ path: file, text }))
  if (!one || !other) throw new Error('there are two files')
  const changes = [{ file: one, text: 'after' }] as unknown as Outcome['changes']
  const realPaths = new Map([one, other].map((file) => [file.path, box.path(file.path)]))
  const loaded = {
    sources: [one, other],
    realPaths,
    shown: [],
    diagnostics: [],
    unread: [],
    places: new Map<string, string>(),
  }
  const output = { write: () => undefined, on: () => undefined }
  const terminal = { workingDirectory: box.root, environment: { HOME: box.root }, stdout: output, stderr: output }
  const write = (): Promise<void> =>
    writeChanges({ files: [], services: [], diagnostics: [], changes }, loaded, {
      ...terminal,
      arguments: [],
      stdin: () => process.stdin,
    })
  box.write({ [other.path]: 'theirs' })
  let message = ''
  await write().catch((error: unknown) => (message = String(error)))
  assert.match(message, /b\.yaml: the file was changed elsewhere .*; nothing was written$/)
  assert.is(box.read(one.path), one.text)
  box.write({ [other.path]: other.text })
  await write()
  assert.is(box.read(one.path), 'after')
})

const elsewhere = { host: 'elsewhere', place: 'elsewhere', pid: 1, start: '' }
const owners: readonly (readonly [what: string, owner: WriterProcess, age: number, isAtWork: boolean])[] = [
  ['a process that runs', thisProcess(), 0, true],
  ['a process that runs, for hours', thisProcess(), 10_000, true],
  ['a process that has ended', dead(), 0, false],
  ['a process whose number another one has now', { ...thisProcess(), start: '1' }, 0, false],
  ['a process of another system', elsewhere, 0, true],
  ['a process of another system, long ago', elsewhere, 3600, false],
]
for (const [what, owner, age, isAtWork] of owners) {
  test(`${what} ${isAtWork ? 'keeps others from writing' : 'is no obstacle'}`, async () => {
    if (owner.start === '' && owner !== elsewhere && !isAtWork)
      return console.log('  not tested: no start of processes here')
    const { box, record } = half(owner)
    const then = new Date(Date.now() - age * 1000)
    fs.utimesSync(box.path(record), then, then)
    const before = box.snapshot()
    const message = await refusal(box)
    if (isAtWork) {
      assert.match(
        message,
        `another run is writing here (process ${owner.pid} on ${owner.host}, since 2026-01-02T03:04:05.000Z); nothing was written`,
      )
      assert.equal(box.snapshot(), before)
      assert.is.not(/killed/.test(box.run(['validate']).stderr), true)
    } else assert.is(box.read('sub/b.yaml'), 'after', message)
    assert.ok(fs.existsSync(box.path(record)), 'the record of another run stays')
  })
}

const hostile: Readonly<Record<string, (box: Sandbox, outside: Sandbox) => string>> = {
  'leads out': (_, outside) => `../${path.basename(outside.root)}/victim`,
  'is absolute': (_, outside) => outside.path('victim'),
  "is Git's own": () => '.git/config',
  'leads out by a link': (box, outside) => {
    fs.symlinkSync(outside.root, box.path('link'))
    return 'link/victim'
  },
}
for (const [what, nameIn] of Object.entries(hostile)) {
  test(`a record whose path ${what} moves nothing`, () => {
    const [box, outside] = [Sandbox.committed(files), new Sandbox()]
    const name = nameIn(box, outside)
    const victim = path.resolve(box.root, name)
    const id = '0'.repeat(12)
    const { backup } = besides({ path: victim, id })
    outside.write({ victim: 'after' })
    fs.writeFileSync(backup, 'before')
    const [before, config] = [outside.snapshot(), box.read('.git/config')]
    const recorded = { id, before: hashOf('before'), after: hashOf(fs.readFileSync(victim)), path: victim }
    const whole = recordText({ owner: dead(), begun: '2026-01-02T03:04:05.000Z', scope: box.root, files: [recorded] })
    const text = what === 'is absolute' ? whole.replace(/"path": ".*"/, `"path": ${JSON.stringify(victim)}`) : whole
    const record = '.git/kn-rollout/0123456789abcdef.json'
    box.write({ [record]: text })
    // A fresh one that cannot be understood may be one that is being written, and is waited for.
    const old = new Date(Date.now() - 60_000)
    fs.utimesSync(box.path(record), old, old)
    box.run([...pin, '--write'])
    assert.equal(outside.snapshot(), before)
    assert.is(box.read('.git/config'), config)
    assert.ok(fs.existsSync(backup))
  })
}

test('nothing is removed behind a link that a folder of new files has become', () => {
  const [box, outside] = [Sandbox.committed(files), new Sandbox()]
  fs.symlinkSync(outside.root, box.path('link'))
  const recorded = { path: box.path('link/new.yaml'), id: '0'.repeat(12), before: null, after: hashOf('after') }
  fs.writeFileSync(besides(recorded).fresh, 'theirs')
  const text = recordText({ owner: dead(), begun: '2026-01-02T03:04:05.000Z', scope: box.root, files: [recorded] })
  box.write({ '.git/kn-rollout/0123456789abcdef.json': text })
  const before = outside.snapshot()
  assert.is(box.run([...pin, '--write']).status, 3)
  assert.equal(outside.snapshot(), before)
})

test('a record that a pull request brings along is no record', () => {
  const { box, record } = half(dead(), 'kn-rollout')
  for (const name of ['.kn-rollout', '.local/state/elsewhere']) box.write({ [`${name}/a.json`]: box.read(record) })
  box.commit()
  const ran = box.run(['validate'])
  assert.is.not(/killed/.test(ran.stderr), true, ran.stderr)
})

test('a link in the place of the records is not followed', () => {
  const [box, outside] = [Sandbox.committed(files), new Sandbox()]
  fs.symlinkSync(outside.root, box.path('.git/kn-rollout'))
  const { status, stderr } = box.run([...pin, '--write'])
  assert.is(status, 0, stderr)
  assert.equal(fs.readdirSync(outside.root), [])
  assert.ok(fs.lstatSync(box.path('.git/kn-rollout')).isSymbolicLink())
})

test('linked work trees have records of their own', () => {
  const box = Sandbox.committed(files)
  box.git('worktree', 'add', '--quiet', '--detach', 'linked')
  const { backup } = half(dead(), '.git/kn-rollout', box)
  assert.is.not(/killed/.test(box.run(['validate'], { folder: 'linked' }).stderr), true)
  fs.renameSync(box.path('.git/kn-rollout'), box.path('.git/worktrees/linked/kn-rollout'))
  assert.match(box.run(['validate'], { folder: 'linked' }).stderr, 'a run was killed')
  assert.is.not(/killed/.test(box.run(['validate']).stderr), true)
  assert.ok(fs.existsSync(box.path(backup)))
})

test('outside of any repository, records lie in a folder of the user', () => {
  const box = new Sandbox()
  box.write(files)
  const { record } = half(dead(), '.local/state/kn-rollout', box)
  assert.match(box.run(['validate', 'sub']).stderr, 'a run was killed')
  const elsewhereBox = new Sandbox()
  const environment = { HOME: box.root }
  assert.is(box.run(['validate'], { folder: '.', environment }).status, 0)
  assert.is.not(/killed/.test(elsewhereBox.run(['validate'], { environment }).stderr), true, 'about another folder')
  const { status, stderr } = box.run([...pin, '--write'])
  assert.is(status, 0, stderr)
  assert.match(stderr, '  restored: a.yaml\n')
  assert.is(fs.existsSync(box.path(record)), false)
})

test('where Git’s folder takes no record, the folder of the user does', () => {
  const box = Sandbox.committed(files)
  box.giveAway()
  if (isRoot) spawnSync('chown', ['-R', '65534:65534', box.path('.git')])
  fs.chmodSync(box.path('.git'), 0o555)
  const { status, stderr } = box.run([...pin, '--write'], { unprivileged: true })
  fs.chmodSync(box.path('.git'), 0o755)
  assert.is(status, 0, stderr)
  assert.is.not(box.read('a.yaml'), files['a.yaml'])
  assert.equal(temporary(box), [])
})

test.run()
