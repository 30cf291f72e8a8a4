// Compiled code is kept from run to run only where nobody else can write, and only for the text that it was made of. Real
// processes, with a home of their own: below the user's home, since everybody may write to the folder for scratch files.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { cacheFolder } from '../src/cli/cache-folder.js'
import { main } from './cli/program.js'

const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8')) as {
  readonly version: string
}
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

const kept = (): readonly string[] => {
  const folder = path.join(home ?? '', '.cache/kn-rollout', version)
  return existsSync(folder) ? readdirSync(folder).toSorted() : []
}
const place = (name: string): string => path.join(home ?? '', '.cache/kn-rollout', version, name)

/** How often what is kept was looked at for what is missing. */
const looks = (): number | undefined => readFileSync(place(`stages-${process.version}-${process.arch}`)).at(-1)

if (home !== undefined) {
  test('the first run keeps what it compiled, each command for itself, and the next says the same', () => {
    const first = run(home, ['stages'])
    assert.equal([first.status, first.stderr], [0, ''])
    assert.equal(kept(), ['program.js', `stages-${process.version}-${process.arch}`])
    assert.is(looks(), 0)
    assert.equal(run(home, ['stages']), first)
    assert.is(looks(), 1, 'it was taken, and looked at for what was missing')
    run(home, ['explain', 'KN301'])
    assert.is(kept().length, 3)
    run(home, ['--version'])
    assert.is(kept().length, 3)
  })

  test('what does not fit is refused quietly, and replaced', () => {
    const name = `stages-${process.version}-${process.arch}`
    const good = run(home, ['stages'])
    for (const spoiled of ['', 'x', readFileSync(place(name)).subarray(0, 1000), Buffer.alloc(5000, 7)]) {
      writeFileSync(place(name), spoiled)
      assert.equal(run(home, ['stages']), good)
      assert.ok(readFileSync(place(name)).length > 10_000)
    }
    writeFileSync(place('program.js'), readFileSync(place('program.js')).fill(32, 100, 200))
    assert.equal(run(home, ['stages']), good)
    assert.ok(readFileSync(place('program.js')).equals(readFileSync(path.join(path.dirname(main), 'program.js'))))
  })

  test('Node’s own switch turns it off', () => {
    const other = newHome() ?? ''
    assert.is(run(other, ['stages'], { NODE_DISABLE_COMPILE_CACHE: '1' }).status, 0)
    assert.not.ok(existsSync(path.join(other, '.cache/kn-rollout/', version)))
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
