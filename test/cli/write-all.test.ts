// All files or none: every call that writing makes fails once, and what is left on the disk is looked at each time.
import fs, { chmodSync, statSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { IoFailure } from '../../src/io/failure.js'
import { writeAll as write, type PendingFile } from '../../src/io/write.js'
import { type FileSystem, patient } from '../../src/io/writing/claim.js'
import { Sandbox } from './sandbox.js'

type Call = { readonly name: string; readonly args: readonly unknown[] }

/** The real file system with a hook before each call. */
function hooked(before: (call: Call, position: number) => void): FileSystem {
  let position = 0
  return new Proxy<FileSystem>(fs, {
    get(target, name, receiver) {
      const original = Reflect.get(target, name, receiver) as unknown
      if (typeof original !== 'function') return original
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

/** Writes as somebody does whose programs keep their state in a folder of its own. */
async function writeAll(pending: readonly PendingFile[], system: FileSystem = fs): Promise<void> {
  const state = new Sandbox()
  await write(pending, { environment: { XDG_STATE_HOME: state.path('state') }, system })
  if (system === fs) assert.equal(fs.readdirSync(state.root), [], 'no record is left')
}

async function failing(attempt: Promise<void>): Promise<unknown> {
  try {
    await attempt
  } catch (error) {
    return error
  }
  throw new Error('it has not failed')
}

async function fails(attempt: Promise<void>, message: RegExp): Promise<void> {
  const error = await failing(attempt)
  assert.instance(error, IoFailure)
  assert.match((error as IoFailure).message, message)
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
await writeAll(
  prepared().pending,
  hooked((call) => calls.push(call)),
)

const test = suite('writeAll')

test('writes all files, keeps their modes and leaves nothing else', async () => {
  const { box, pending } = prepared()
  await writeAll(pending)
  assert.equal(texts(box), fresh)
  assert.equal(fileNames(box), untouched)
  for (const name of names) assert.is(statSync(box.path(name)).mode & 0o777, 0o640)
})

test('flushes every text before the first file is replaced, and the names of the folders behind the last', () => {
  const order = calls.map(({ name }) => name)
  const [first, last] = [order.indexOf('renameSync'), order.lastIndexOf('renameSync')]
  const flushes = order.flatMap((name, at) => (name === 'fsyncSync' ? [at] : []))
  // The record and the folder that it is in, then the texts.
  assert.is(flushes.filter((at) => at < first).length, 2 + names.length)
  assert.is(flushes.filter((at) => at > last).length, 2, 'two folders')
  assert.is(flushes.length, 4 + names.length)
})

test('leaves a record on the disk before it makes any file beside the targets', () => {
  const opened = calls.filter(({ name }) => name === 'openSync').map(({ args }) => String(args[0]))
  assert.match(opened[0] ?? '', /\/state\/kn-rollout\/[0-9a-f]{16}\.json$/)
})

for (const [position, { name }] of calls.entries()) {
  const count = calls.slice(0, position + 1).filter((call) => call.name === name).length
  test(`call ${position + 1} fails: ${name}, its number ${count}`, async () => {
    const { box, pending } = prepared()
    let error: unknown
    try {
      await writeAll(
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

test('a rename that fails half-way over three files puts the first one back', async () => {
  const { box, pending } = prepared()
  const before = box.snapshot()
  let renames = 0
  const system = hooked(({ name }) => {
    if (name === 'renameSync' && ++renames === 2) throw failure('EACCES')
  })
  await fails(writeAll(pending, system), /b\.yaml: permission denied; nothing was written$/)
  assert.equal(box.snapshot(), before)
})

test('on Windows, what another program has open for a moment is replaced after it', async () => {
  const { box, pending } = prepared()
  let renames = 0
  const busy = hooked(({ name }) => {
    if (name === 'renameSync' && ++renames <= 2) throw failure('EBUSY')
  })
  const waits: number[] = []
  await writeAll(
    pending,
    patient(busy, 'win32', (time) => void waits.push(time)),
  )
  assert.equal(waits, [10, 20])
  assert.equal(texts(box), fresh)
  assert.equal(fileNames(box), untouched)
})

test('on Windows, what stays open is named after two seconds, and all files are as they were', async () => {
  const { box, pending } = prepared()
  const before = box.snapshot()
  const busy = hooked(({ name, args }) => {
    if (name === 'renameSync' && String(args[1]).endsWith('b.yaml')) throw failure('EBUSY')
  })
  const attempt = writeAll(
    pending,
    patient(busy, 'win32', () => undefined),
  )
  await fails(attempt, /b\.yaml: another program has it open; nothing was written$/)
  assert.equal(box.snapshot(), before)
})

test('what cannot be put back is named with the place of its text, and the others are put back', async () => {
  const { box, pending } = prepared()
  let renames = 0
  const system = hooked(({ name, args }) => {
    if (name !== 'renameSync') return
    const isBack = String(args[0]).endsWith('-old')
    if (++renames === 3 || (isBack && String(args[1]).endsWith('a.yaml'))) throw failure('EACCES')
  })
  const error = await failing(writeAll(pending, system))
  const left = fileNames(box).filter((name) => !untouched.includes(name))
  assert.is(left.length, 1)
  const backup = box.path(left[0] ?? '')
  assert.is(
    (error as IoFailure).message,
    `${box.path('sub/c.yaml')}: permission denied; ${box.path('a.yaml')} was written and cannot be restored: its former text is in ${backup}`,
  )
  assert.equal(texts(box), [fresh[0], old[1], old[2]])
  assert.is(fs.readFileSync(backup, 'utf8'), old[0])
})

test('a new file that cannot be removed is named', async () => {
  const { box, pending } = withNew()
  const system = hooked(({ name, args }) => {
    if (name === 'renameSync' || (name === 'rmSync' && args[0] === box.path('a.yaml'))) throw failure('EROFS')
  })
  const expected = /b\.yaml: the file system is read-only; .*a\.yaml was written and cannot be removed$/
  await fails(writeAll(pending, system), expected)
  assert.is(box.read('b.yaml'), 'before')
})

test('left-overs that cannot be removed change nothing about the outcome', async () => {
  const { box, pending } = prepared()
  let isStaged = false
  const system = hooked(({ name, args }) => {
    if (name === 'renameSync') isStaged = true
    if (isStaged && name === 'rmSync') throw failure('EACCES')
    if (name === 'renameSync' && String(args[1]).endsWith('b.yaml')) throw failure('ENOSPC')
  })
  await fails(writeAll(pending, system), /b\.yaml: no space left on the disk; nothing was written$/)
  assert.equal(texts(box), old)
})

test('a file that was changed since it was read is refused, and the others with it', async () => {
  const { box, pending } = prepared()
  box.write({ 'b.yaml': 'b.yaml changed\n' })
  const before = box.snapshot()
  await fails(writeAll(pending), /b\.yaml: the file was changed elsewhere after it was read; .*; nothing/)
  assert.equal(box.snapshot(), before)
})

test('a file that went away since it was read is refused', async () => {
  const { box, pending } = prepared()
  fs.rmSync(box.path('b.yaml'))
  await fails(writeAll(pending), /b\.yaml: no such file or directory; nothing was written$/)
  assert.is(box.read('a.yaml'), 'a.yaml before\n')
})

for (const moment of ['openSync', 'fsyncSync', 'closeSync']) {
  test(`a file that changes at the last ${moment} is not overwritten`, async () => {
    const { box, pending } = prepared()
    let seen = 0
    const system = hooked(({ name, args }) => {
      if (name === 'openSync' && String(args[0]).endsWith('-new')) seen++
      if (name === moment && seen === names.length) box.write({ 'a.yaml': 'a.yaml changed\n' })
    })
    await fails(writeAll(pending, system), /a\.yaml: the file was changed elsewhere/)
    assert.equal(texts(box), ['a.yaml changed\n', ...old.slice(1)])
    assert.equal(fileNames(box), untouched)
  })
}

for (const moment of ['linkSync', 'renameSync']) {
  test(`what someone else saves by a rename at the first ${moment} is not lost`, async () => {
    const { box, pending } = prepared()
    let isSaved = false
    const system = hooked(({ name }) => {
      if (name !== moment || isSaved) return
      isSaved = true
      box.write({ '.saved': 'sub/c.yaml changed\n' })
      fs.renameSync(box.path('.saved'), box.path('sub/c.yaml'))
    })
    await fails(writeAll(pending, system), /c\.yaml: the file was changed elsewhere/)
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

test('a new file is written beside one that changes, or neither is, whichever call fails', async () => {
  const counting: string[] = []
  const whole = withNew()
  await writeAll(
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
      await writeAll(pending, system)
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

test('a new file does not take the place of one that came in between', async () => {
  const { box, pending } = withNew()
  const system = hooked(({ name }) => {
    if (name === 'linkSync') box.write({ 'a.yaml': 'someone else' })
  })
  await fails(writeAll(pending, system), /a\.yaml: the file exists already; nothing was written$/)
  assert.is(box.read('a.yaml'), 'someone else')
  assert.is(box.read('b.yaml'), 'before')
  assert.equal(fileNames(box), ['a.yaml', 'b.yaml'])
})

test('a file that is called as the temporary ones is nobody else’s: it stays', async () => {
  const { box, pending } = prepared()
  const others = { '.a.yaml.kn-rollout-new': 'theirs', '.a.yaml.kn-rollout-old': 'theirs' }
  box.write(others)
  await writeAll(pending)
  assert.equal(texts(box), fresh)
  assert.equal(fileNames(box), [...untouched, ...Object.keys(others)].toSorted())
  for (const name of Object.keys(others)) assert.is(box.read(name), 'theirs')
})

test('a temporary file whose name is taken is not overwritten, nor removed', async () => {
  const { box, pending } = prepared()
  let taken = ''
  const system = hooked(({ name, args }) => {
    if (name !== 'openSync' || taken !== '' || !String(args[0]).endsWith('-new')) return
    taken = String(args[0])
    fs.writeFileSync(taken, 'theirs')
  })
  await fails(writeAll(pending, system), /a\.yaml: the file exists already; nothing was written$/)
  assert.is(fs.readFileSync(taken, 'utf8'), 'theirs')
  assert.equal(texts(box), old)
})

for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS']) {
  const unlinked = (also: (call: Call) => void = () => undefined): FileSystem =>
    hooked((call) => {
      if (call.name === 'linkSync') throw failure(code)
      also(call)
    })

  test(`files are written where links are refused with ${code}`, async () => {
    for (const { box, pending } of [prepared(), withNew()]) {
      const before = fileNames(box)
      await writeAll(pending, unlinked())
      for (const { path, after } of pending) assert.is(fs.readFileSync(path, 'utf8'), after)
      assert.equal(
        fileNames(box),
        [...new Set([...before, ...pending.map(({ path }) => path.slice(box.root.length + 1))])].toSorted(),
      )
    }
    const { box, pending } = prepared()
    await writeAll(pending, unlinked())
    assert.is(statSync(box.path('a.yaml')).mode & 0o777, 0o640)
  })

  test(`they are put back there, and a new one does not take the place of another: ${code}`, async () => {
    const { box, pending } = withNew()
    const renames = (name: string) => (call: Call) => {
      if (call.name === 'renameSync' && call.args[1] === box.path(name)) throw failure('EACCES')
    }
    await fails(writeAll(pending, unlinked(renames('b.yaml'))), /b\.yaml: permission denied; nothing was written$/)
    await fails(writeAll(pending, unlinked(renames('a.yaml'))), /a\.yaml: permission denied; nothing was written$/)
    const system = unlinked(({ name, args }) => {
      if (name === 'openSync' && args[0] === box.path('a.yaml')) box.write({ 'a.yaml': 'theirs' })
    })
    assert.equal(fileNames(box), ['b.yaml'])
    await fails(writeAll(pending, system), /a\.yaml: the file exists already; nothing was written$/)
    assert.is(box.read('a.yaml'), 'theirs')
    assert.is(box.read('b.yaml'), 'before')
    assert.equal(fileNames(box), ['a.yaml', 'b.yaml'])
  })
}

for (const kind of ['file', 'folder'] as const) {
  for (const moment of ['before it is looked at', 'before the renames']) {
    test(`a ${kind} that became a link ${moment} is refused, and what it leads to is left alone`, async () => {
      const outside = new Sandbox()
      outside.write({ 'c.yaml': 'sub/c.yaml before\n' })
      const { box, pending } = prepared()
      const swap = (): void => {
        const place = box.path(kind === 'file' ? 'sub/c.yaml' : 'sub')
        fs.renameSync(place, box.path('moved'))
        fs.symlinkSync(kind === 'file' ? outside.path('c.yaml') : outside.root, place)
      }
      if (moment === 'before it is looked at') swap()
      let isSwapped = moment === 'before it is looked at'
      const system = hooked(({ name }) => {
        if (name !== 'renameSync' || isSwapped) return
        isSwapped = true
        swap()
      })
      await fails(writeAll(pending, system), /c\.yaml: .* symbolic link.* after it was read; .*; nothing was written$/)
      assert.is(outside.read('c.yaml'), 'sub/c.yaml before\n')
      assert.equal(fs.readdirSync(outside.root), ['c.yaml'])
      assert.equal([box.read('a.yaml'), box.read('b.yaml')], old.slice(0, 2))
    })
  }
}

test('a folder that cannot be flushed is no failure', async () => {
  const { box, pending } = prepared()
  const system = hooked(({ name, args }) => {
    if (name === 'openSync' && args[1] === 'r') throw failure('EISDIR')
  })
  await writeAll(pending, system)
  assert.equal(texts(box), fresh)
})

test('a file that someone else changes behind the rename is not put back over that', async () => {
  const { box, pending } = prepared()
  const system = hooked(({ name, args }) => {
    if (name !== 'renameSync' || args[1] !== box.path('b.yaml')) return
    box.write({ 'a.yaml': 'theirs' })
    throw failure('EACCES')
  })
  const error = await failing(writeAll(pending, system))
  assert.match((error as IoFailure).message, /a\.yaml was written, and then changed elsewhere: its former text is in /)
  assert.equal(texts(box), ['theirs', ...old.slice(1)])
})

test('a file that was only read must be what it was, too', async () => {
  const { box, pending } = prepared()
  box.write({ 'base.yaml': 'changed' })
  const read = [{ path: box.path('base.yaml'), text: 'as it was' }]
  const environment = { XDG_STATE_HOME: new Sandbox().path('state') }
  await fails(
    write(pending, { environment, read }),
    /base\.yaml: the file was changed elsewhere .*; nothing was written$/,
  )
  assert.equal(texts(box), old)
})

test('short writes are completed', async () => {
  const { box, pending } = prepared()
  const short: FileSystem = {
    ...fs,
    writeSync: ((handle: number, bytes: Uint8Array, offset: number) =>
      fs.writeSync(handle, bytes, offset, Math.min(3, bytes.length - offset))) as typeof fs.writeSync,
  }
  await writeAll(pending, short)
  assert.equal(texts(box), fresh)
})

test.run()
