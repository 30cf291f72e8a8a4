// The built program, run to its end: as a process, or by one thread that runs it again and again for a tenth of the time.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'

export const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

export type ProgramRun = {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdin?: string | Uint8Array
}

/** In milliseconds: no command of a test takes a tenth of it. */
const patience = 120_000

class Resident {
  private readonly isDone = new Int32Array(new SharedArrayBuffer(4))
  private readonly port: MessagePort
  private count = 0

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const thread = new Worker(new URL('resident.mjs', import.meta.url), {
      workerData: { main, port: port2, isDone: this.isDone },
      transferList: [port2],
    })
    this.port = port1
    thread.unref()
    port1.unref()
  }

  run(args: readonly string[], { folder, environment, stdin = '' }: ProgramRun): Ran {
    Atomics.store(this.isDone, 0, 0)
    const run = ++this.count
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has one other end
    this.port.postMessage({ run, args, folder, environment, stdin: Buffer.from(stdin) })
    Atomics.wait(this.isDone, 0, 0, patience)
    const answer: { readonly message: { readonly run: number; readonly ran: Ran } } | undefined = receiveMessageOnPort(
      this.port,
    )
    if (!answer) throw new Error(`kn-rollout ${args.join(' ')} has not ended after ${patience} ms`)
    const { message } = answer
    if (message.run !== run) throw new Error(`the run before this one went on behind its end: ${message.ran.stderr}`)
    return message.ran
  }
}

let resident: Resident | undefined

/**
 * Runs the program without a process of its own: the same files from the same first line, but standard streams, exit
 * code, environment and working directory are handed to it. program.test.ts holds the two side by side.
 */
export function runProgram(args: readonly string[], run: ProgramRun): Ran {
  resident ??= new Resident()
  return resident.run(args, run)
}

/** Runs the program as users do. */
export function runProcess(args: readonly string[], { folder, environment, stdin = '' }: ProgramRun): Ran {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    env: environment,
    input: stdin,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (error) throw error
  return { status, stdout, stderr }
}
