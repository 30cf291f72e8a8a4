// All files or none: every call that writing makes fails once, and what is left on the disk is looked at each time.
import fs, { chmodSync, statSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { IoFailure } from '../../src/io/failure.js'
import { writeAll, type FileSystem, type PendingFile } from '../../src/io/write.js'
import { Sandbox } from './sandbox.js'

type Call = { readonly name: string; readonly args: readonly unknown[] }

/** The real file system with a hook before each call. */
function hooked(before: (call: Call, position: number) => void): FileSystem {
  let position = 0
  return new Proxy<FileSystem>(fs, {
    get(target, name, receiver) {
      const original = Reflect.get(target, name, receiver) as (...args: readonly unknown[]) => unknown
      return (...args: readonly unknown[]) => {
        before({ name: String(name), args }, position++)
        return original(...args)
      }
    },
  })
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code })
}

const names = ['a.yaml', 'b.yaml', 'sub/c.yaml']

function prepared(): { readonly box: Sandbox; readonly pending: readonly PendingFile[] } {
  const box = new Sandbox()
  for (const name of names) box.write({ [name]: `${name} before\n` })
  for (const name of names) chmodSync(box.path(name), 0o640)
  const pending = names.map((name) => ({
    path: box.path(name),
    before: `${name} before\n`,
    after: `${name} after ünï\n`,
  }))
  return { box, pending }
}

const fileNames = ({ root }: Sandbox): readonly string[] =>
  fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()

const texts = (box: Sandbox): readonly string[] => names.map((name) => box.read(name))
const old = names.map((name) => `${name} before\n`)
const fresh = names.map((name) => `${name} after ünï\n`)
const untouched = fileNames(prepared().box)

const calls: Call[] = []
writeAll(
  prepared().pending,
  hooked((call) => calls.push(call)),
)

const test = suite('writeAll')

test('writes all files, keeps their modes and leaves nothing else', () => {
  const { box, pending } = prepared()
  writeAll(pending)
  assert.equal(texts(box), fresh)
  assert.equal(fileNames(box), untouched)
  for (const name of names) assert.is(statSync(box.path(name)).mode & 0o777, 0o640)
})

test('flushes every text before the first file is replaced', () => {
  const order = calls.map(({ name }) => name)
  assert.is(order.filter((name) => name === 'fsyncSync').length, names.length)
  assert.ok(order.lastIndexOf('fsyncSync') < order.indexOf('renameSync'))
})

for (const [position, { name }] of calls.entries()) {
  const count = calls.slice(0, position + 1).filter((call) => call.name === name).length
  test(`call ${position + 1} fails: ${name}, its number ${count}`, () => {
    const { box, pending } = prepared()
    let error: unknown
    try {
      writeAll(
        pending,
        hooked((_, at) => {
          if (at === position) throw failure('ENOSPC')
        }),
      )
    } catch (thrown) {
      error = thrown
    }
    if (error === undefined) assert.equal(texts(box), fresh)
    else {
      assert.instance(error, IoFailure)
      assert.match((error as IoFailure).message, /\.yaml: no space left on the disk; nothing was written$/)
      assert.equal(texts(box), old)
      assert.equal(fileNames(box), untouched)
    }
  })
}

test('a rename that fails half-way over three files puts the first one back', () => {
  const { box, pending } = prepared()
  const before = box.snapshot()
  let renames = 0
  const system = hooked(({ name }) => {
    if (name === 'renameSync' && ++renames === 2) throw failure('EACCES')
  })
  assert.throws(() => writeAll(pending, system), /b\.yaml: permission denied; nothing was written$/)
  assert.equal(box.snapshot(), before)
})

test('what cannot be put back is named with the place of its text, and the others are put back', () => {
  const { box, pending } = prepared()
  let renames = 0
  const system = hooked(({ name, args }) => {
    if (name !== 'renameSync') return
    const isBack = String(args[0]).endsWith('-old')
    if (++renames === 3 || (isBack && String(args[1]).endsWith('a.yaml'))) throw failure('EACCES')
  })
  const backup = box.path('.a.yaml.kn-rollout-old')
  assert.throws(
    () => writeAll(pending, system),
    (error: unknown) =>
      error instanceof IoFailure &&
      error.message ===
        `${box.path('sub/c.yaml')}: permission denied; ${box.path('a.yaml')} was written and cannot be put back: its former text is in ${backup}`,
  )
  assert.equal(texts(box), [fresh[0], old[1], old[2]])
  assert.is(fs.readFileSync(backup, 'utf8'), old[0])
  assert.equal(fileNames(box), [...untouched, '.a.yaml.kn-rollout-old'].toSorted())
})

test('a new file that cannot be removed is named', () => {
  const { box, pending } = withNew()
  const system = hooked(({ name, args }) => {
    if (name === 'renameSync' || (name === 'rmSync' && args[0] === box.path('a.yaml'))) throw failure('EROFS')
  })
  const expected = /b\.yaml: the file system is read-only; .*a\.yaml was written and cannot be removed$/
  assert.throws(() => writeAll(pending, system), expected)
  assert.is(box.read('b.yaml'), 'before')
})

test('left-overs that cannot be removed change nothing about the outcome', () => {
  const { box, pending } = prepared()
  let isStaged = false
  const system = hooked(({ name, args }) => {
    if (name === 'renameSync') isStaged = true
    if (isStaged && name === 'rmSync') throw failure('EACCES')
    if (name === 'renameSync' && String(args[1]).endsWith('b.yaml')) throw failure('ENOSPC')
  })
  assert.throws(() => writeAll(pending, system), /b\.yaml: no space left on the disk; nothing was written$/)
  assert.equal(texts(box), old)
})

test('a file that was changed since it was read is refused, and the others with it', () => {
  const { box, pending } = prepared()
  box.write({ 'b.yaml': 'b.yaml changed\n' })
  const before = box.snapshot()
  assert.throws(() => writeAll(pending), /b\.yaml: the file was changed by someone else since it was read; .*; nothing/)
  assert.equal(box.snapshot(), before)
})

test('a file that went away since it was read is refused', () => {
  const { box, pending } = prepared()
  fs.rmSync(box.path('b.yaml'))
  assert.throws(() => writeAll(pending), /b\.yaml: no such file or folder; nothing was written$/)
  assert.is(box.read('a.yaml'), 'a.yaml before\n')
})

for (const moment of ['openSync', 'fsyncSync', 'closeSync']) {
  test(`a file that changes at the last ${moment} is not overwritten`, () => {
    const { box, pending } = prepared()
    let seen = 0
    const system = hooked(({ name }) => {
      if (name === moment && ++seen === names.length) box.write({ 'a.yaml': 'a.yaml changed\n' })
    })
    assert.throws(() => writeAll(pending, system), /a\.yaml: the file was changed by someone else/)
    assert.equal(texts(box), ['a.yaml changed\n', ...old.slice(1)])
    assert.equal(fileNames(box), untouched)
  })
}

for (const moment of ['linkSync', 'renameSync']) {
  test(`what someone else saves by a rename at the first ${moment} is not lost`, () => {
    const { box, pending } = prepared()
    let isSaved = false
    const system = hooked(({ name }) => {
      if (name !== moment || isSaved) return
      isSaved = true
      box.write({ '.saved': 'sub/c.yaml changed\n' })
      fs.renameSync(box.path('.saved'), box.path('sub/c.yaml'))
    })
    assert.throws(() => writeAll(pending, system), /c\.yaml: the file was changed by someone else/)
    assert.equal(texts(box), [...old.slice(0, 2), 'sub/c.yaml changed\n'])
    assert.equal(fileNames(box), untouched)
  })
}

/** A file that is new, written together with one that is there. */
function withNew(): { readonly box: Sandbox; readonly pending: readonly PendingFile[] } {
  const box = new Sandbox()
  box.write({ 'b.yaml': 'before' })
  const pending = [
    { path: box.path('a.yaml'), before: undefined, after: 'a.yaml after' },
    { path: box.path('b.yaml'), before: Buffer.from('before'), after: 'b.yaml after' },
  ]
  return { box, pending }
}

test('a new file is written beside one that changes, or neither is, whichever call fails', () => {
  const counting: string[] = []
  const whole = withNew()
  writeAll(
    whole.pending,
    hooked(({ name }) => counting.push(name)),
  )
  assert.equal(fileNames(whole.box), ['a.yaml', 'b.yaml'])
  assert.is(whole.box.read('a.yaml'), 'a.yaml after')
  assert.is(statSync(whole.box.path('a.yaml')).mode & 0o777, 0o666 & ~process.umask())
  assert.ok(counting.includes('linkSync'))
  let failed = 0
  for (const position of counting.keys()) {
    const { box, pending } = withNew()
    const system = hooked((_, at) => {
      if (at === position) throw failure('ENOSPC')
    })
    try {
      writeAll(pending, system)
      assert.is(box.read('b.yaml'), 'b.yaml after')
      assert.is(box.read('a.yaml'), 'a.yaml after')
    } catch (error) {
      failed++
      assert.instance(error, IoFailure)
      assert.equal(fileNames(box), ['b.yaml'], `call ${position}: ${counting[position]}`)
      assert.is(box.read('b.yaml'), 'before')
    }
  }
  assert.ok(failed >= 15, `${failed} calls`)
})

test('a new file does not take the place of one that came in between', () => {
  const { box, pending } = withNew()
  const system = hooked(({ name }) => {
    if (name === 'fsyncSync') box.write({ 'a.yaml': 'someone else' })
  })
  assert.throws(() => writeAll(pending, system), /a\.yaml: the file is there already; nothing was written$/)
  assert.is(box.read('a.yaml'), 'someone else')
  assert.is(box.read('b.yaml'), 'before')
  assert.equal(fileNames(box), ['a.yaml', 'b.yaml'])
})

test('left-overs of a run that was killed are no obstacle', () => {
  const { box, pending } = prepared()
  box.write({ '.a.yaml.kn-rollout-new': 'old', '.a.yaml.kn-rollout-old': 'old' })
  writeAll(pending)
  assert.equal(texts(box), fresh)
  assert.equal(fileNames(box), untouched)
})

test('short writes are completed', () => {
  const { box, pending } = prepared()
  const short: FileSystem = {
    ...fs,
    writeSync: ((handle: number, bytes: Uint8Array, offset: number) =>
      fs.writeSync(handle, bytes, offset, Math.min(3, bytes.length - offset))) as typeof fs.writeSync,
  }
  writeAll(pending, short)
  assert.equal(texts(box), fresh)
})

test.run()
