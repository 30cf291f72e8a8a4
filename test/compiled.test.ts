// Compiled code is kept from run to run only where nobody else can write, and only for the text that it was made of. Real
// processes, with a home of their own: below the user's home, since everybody may write to the folder for scratch files.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { cacheFolder } from '../src/cli/compiled.js'
import { main } from './cli/program.js'

const user = process.getuid?.()

/** A home that counts as the user's own, or none where this machine has no such place. */
function newHome(): string | undefined {
  try {
    const home = mkdtempSync(path.join(homedir(), '.kn-rollout-test-'))
    process.on('exit', () => rmSync(home, { recursive: true, force: true }))
    if (cacheFolder({ HOME: home }, user) !== undefined) return home
  } catch {
    // Said below.
  }
  return undefined
}

function run(home: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'], HOME: home, ...more }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { env, cwd: '/', encoding: 'utf8' })
  return { status, stdout, stderr }
}

const test = suite('compiled')
const home = newHome()
if (home === undefined) console.log('skipped: this user has no home that nobody else can write to')

const all = path.join(home ?? '', '.cache/kn-rollout')
const { ino } = statSync(path.join(path.dirname(main), 'program.js'))
/** The folder of the program that the tests run. */
const own = (): string => path.join(all, readdirSync(all).find((name) => name.endsWith(`-${ino}`)) ?? 'none')
const kept = (): readonly string[] => (existsSync(own()) ? readdirSync(own()).toSorted() : [])
const stages = `stages-${process.version}-${process.arch}`
const place = (): string => path.join(own(), stages)
/** How often what is kept was looked at for what is missing. */
const looks = (): string =>
  readFileSync(place())
    .toString('latin1', readFileSync(place()).length - 256)
    .slice(0, 1)

if (home !== undefined) {
  test('the first run keeps what it compiled, each command for itself, and the next says the same', () => {
    const first = run(home, ['stages'])
    assert.equal([first.status, first.stderr], [0, ''])
    assert.equal(kept(), [stages])
    assert.is(looks(), '0')
    assert.equal(run(home, ['stages']), first)
    assert.is(looks(), '1', 'it was taken, and looked at for what was missing')
    run(home, ['explain', 'KN301'])
    assert.is(kept().length, 2)
    run(home, ['--version'])
    assert.is(kept().length, 2)
  })

  test('what is damaged in whatever way is refused quietly, and replaced', () => {
    const good = run(home, ['stages'])
    const whole = readFileSync(place())
    const flipped = (at: number): Buffer => {
      const copy = Buffer.from(whole)
      copy[at] = (copy[at] ?? 0) ^ 0x5a
      return copy
    }
    const half = (whole.length - 256) / 2
    const spoiled = [
      Buffer.alloc(0),
      Buffer.alloc(256),
      Buffer.alloc(5000, 7),
      Buffer.alloc(whole.length),
      whole.subarray(0, 1000),
      whole.subarray(0, -1),
      whole.subarray(1),
      Buffer.concat([whole, whole]),
      ...[0, 8, 50, Math.floor(half / 3), half - 1, half, Math.floor(half * 1.7), whole.length - 250].map(flipped),
    ]
    for (const [index, content] of spoiled.entries()) {
      writeFileSync(place(), content)
      assert.equal(run(home, ['stages']), good, `${index}`)
      assert.is(looks(), '0', `${index}: it was not taken`)
      assert.ok(Math.abs(readFileSync(place()).length - whole.length) < whole.length / 10)
    }
    assert.equal(
      kept().filter((name) => name.startsWith('stages')),
      [stages],
    )
  })

  test('what belongs to another text is refused, though that is as long', () => {
    const folder = path.join(home, 'dist')
    cpSync(path.dirname(main), folder, { recursive: true })
    const start = path.join(folder, 'main.js')
    const env = { HOME: home }
    const runThere = () => spawnSync(process.execPath, [start, 'stages'], { env, cwd: '/', encoding: 'utf8' })
    const { stdout: before } = runThere()
    assert.is(readdirSync(all).length, 2, 'another place is another program')
    assert.match(before, 'promote')
    const program = path.join(folder, 'program.js')
    writeFileSync(program, readFileSync(program, 'latin1').replaceAll('promote', 'PROMOTE'), 'latin1')
    const { status, stdout } = runThere()
    assert.equal([status, stdout.includes('promote'), stdout.includes('PROMOTE')], [0, false, true])
  })

  test('only so many programs are remembered', () => {
    for (let index = 0; index < 12; index++) {
      mkdirSync(path.join(all, `old-${index}`))
      utimesSync(path.join(all, `old-${index}`), 1, 1)
    }
    rmSync(place(), { force: true })
    run(home, ['stages'])
    assert.is(readdirSync(all).length, 8)
    assert.ok(kept().includes(stages))
  })

  test('Node’s own switch turns it off', () => {
    const other = newHome() ?? ''
    assert.is(run(other, ['stages'], { NODE_DISABLE_COMPILE_CACHE: '1' }).status, 0)
    assert.equal(readdirSync(path.join(other, '.cache/kn-rollout')), [])
  })

  test('a folder that others can read, a repository and a foreign link are no place for it', () => {
    const other = newHome() ?? ''
    const folder = path.join(other, '.cache/kn-rollout')
    chmodSync(folder, 0o755)
    assert.is(cacheFolder({ HOME: other }, user), undefined)
    chmodSync(folder, 0o700)
    assert.is(cacheFolder({ HOME: other }, user), folder)
    assert.is(cacheFolder({ HOME: other }, (user ?? 0) + 1), undefined)
    chmodSync(path.join(other, '.cache'), 0o777)
    assert.is(cacheFolder({ HOME: other }, user), undefined)
    chmodSync(path.join(other, '.cache'), 0o700)
    mkdirSync(path.join(other, '.git'))
    assert.is(cacheFolder({ HOME: other }, user), undefined)
    rmSync(folder, { recursive: true })
    assert.is(cacheFolder({ HOME: other }, user), undefined)
    assert.not.ok(existsSync(folder))
    rmSync(path.join(other, '.git'), { recursive: true })
    symlinkSync(path.join(other, 'elsewhere'), folder)
    mkdirSync(path.join(other, 'elsewhere'), { mode: 0o755 })
    assert.is(cacheFolder({ HOME: other }, user), undefined)
  })

  test('XDG_CACHE_HOME says where, if it is absolute', () => {
    const other = newHome() ?? ''
    assert.is(cacheFolder({ HOME: '/', XDG_CACHE_HOME: path.join(other, 'c') }, user), path.join(other, 'c/kn-rollout'))
    assert.is(cacheFolder({ HOME: other, XDG_CACHE_HOME: 'c' }, user), path.join(other, '.cache/kn-rollout'))
  })
}

test('the shared folder for scratch files is no place for it, and no home is none', () => {
  const shared = mkdtempSync(path.join(tmpdir(), 'kn-rollout-test-'))
  try {
    assert.is(cacheFolder({ HOME: shared }, user), undefined)
    assert.equal(readdirSync(shared), [])
    for (const environment of [{}, { HOME: '' }, { HOME: 'x' }]) assert.is(cacheFolder(environment, user), undefined)
    assert.is(cacheFolder({ HOME: shared }, undefined), undefined)
  } finally {
    rmSync(shared, { recursive: true })
  }
})

test.run()
