// Where the program writes without Node's streams: files, pipes whose reader waits, is gone, or is slow.
import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { outputTo } from '../src/cli/start.js'
import type { Output } from '../src/cli/terminal.js'

const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-test-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A stream that notes what it gets. */
function noting(): Output & { readonly chunks: Buffer[]; readonly listeners: unknown[] } {
  const [chunks, listeners]: [Buffer[], unknown[]] = [[], []]
  return {
    chunks,
    listeners,
    write(text, done) {
      chunks.push(Buffer.from(text))
      done()
    },
    on: (_, listener) => listeners.push(listener),
  }
}

const listener = (): void => undefined
const noStream = (): Output => {
  throw new Error('no stream is needed')
}
const written = (output: Output, text: string): Promise<Error | null | undefined> =>
  new Promise((resolve) => {
    output.write(text, resolve)
  })

const test = suite('output')

test('a file gets every byte at once, without a stream', async () => {
  const file = path.join(folder, 'file')
  const descriptor = openSync(file, 'w')
  const output = outputTo(descriptor, noStream)
  assert.equal([output.fd, output.isTTY], [descriptor, undefined])
  assert.is(await written(output, 'ünïcode 🚀\n'), undefined)
  assert.is(await written(output, 'x'.repeat(300_000)), undefined)
  closeSync(descriptor)
  assert.is(readFileSync(file, 'utf8'), `ünïcode 🚀\n${'x'.repeat(300_000)}`)
})

test('a device, and what is closed, is left to Node', () => {
  const stream = noting()
  const descriptor = openSync('/dev/null', 'w')
  assert.is(
    outputTo(descriptor, () => stream),
    stream,
  )
  closeSync(descriptor)
  assert.is(
    outputTo(descriptor, () => stream),
    stream,
  )
})

test('what goes wrong is handed back', async () => {
  const file = path.join(folder, 'file')
  const descriptor = openSync(file, 'r')
  const error = await written(outputTo(descriptor, noStream), 'x')
  assert.match(String(error), 'EBADF')
  closeSync(descriptor)
})

test('a reader that takes no more for now gets the rest from a stream, and all that follows', async () => {
  const pipe = path.join(folder, 'pipe')
  const { status } = spawnSync('mkfifo', [pipe])
  if (status !== 0) {
    console.log('skipped: mkfifo is not on the PATH')
    return
  }
  const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  const stream = noting()
  const output = outputTo(descriptor, () => stream)
  output.on('error', listener)
  const text = 'é'.repeat(100_000)
  assert.is(await written(output, text), undefined)
  assert.is(await written(output, 'end'), undefined)
  assert.equal(stream.listeners, [listener])
  const taken = Buffer.alloc(300_000)
  const length = readSync(descriptor, taken)
  assert.ok(length > 0 && length < 200_000)
  assert.is(Buffer.concat([taken.subarray(0, length), ...stream.chunks]).toString('utf8'), `${text}end`)
  closeSync(descriptor)
})

test.run()
