// The thread behind program.ts: runs the built program again and again, each time from its first line, in modules of its
// own. It sees a process that is not there, and needs no new one: starting Node takes longer than most commands do.
import fs, { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Readable } from 'node:stream'
import vm from 'node:vm'
import { workerData } from 'node:worker_threads'

const { main, port, isDone } = workerData
const require = createRequire(main)
const folder = path.dirname(main)
const scripts = new Map()

/** Stands in for `vm.Script`: a file is compiled once, however often it runs. */
function CompiledOnce(text, options) {
  const known = scripts.get(options.filename) ?? new vm.Script(text, options)
  scripts.set(options.filename, known)
  return known
}

/** What the first file finds in place of modules that reach around its process: for it, all output is a device. */
const around = {
  'node:fs': { ...fs, fstatSync: (fd) => (fd > 2 ? fs.fstatSync(fd) : { isCharacterDevice: () => true }) },
  'node:vm': { ...vm, Script: CompiledOnce },
}
const requireAround = (id) => around[id] ?? require(id)
const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'process']
const start = vm.compileFunction(readFileSync(main, 'utf8').replace(/^#!.*/, ''), parameters, { filename: main })

const textOf = ({ chunks }) => Buffer.concat(chunks).toString('utf8')

function stream() {
  const chunks = []
  const write = (text, done) => {
    chunks.push(Buffer.from(text))
    process.nextTick(done)
  }
  return { chunks, write, on: () => undefined }
}

let current
function answer(status, complaint = '') {
  port.postMessage({
    run: current.run,
    ran: { status, stdout: textOf(current.stdout), stderr: textOf(current.stderr) + complaint },
  })
  Atomics.store(isDone, 0, 1)
  Atomics.notify(isDone, 0)
}
// What would end a process ends this run.
process.on('uncaughtException', (error) => answer(1, `${error?.stack ?? error}\n`))

port.on('message', ({ run, args, folder: workingDirectory, environment, stdin }) => {
  current = { run, stdout: stream(), stderr: stream() }
  for (const file of Object.keys(require.cache)) if (path.dirname(file) === folder) delete require.cache[file]
  const seen = {
    argv: [process.execPath, main, ...args],
    cwd: () => workingDirectory,
    env: environment,
    versions: process.versions,
    get stdin() {
      return Readable.from(stdin.length > 0 ? [Buffer.from(stdin)] : [])
    },
    stdout: current.stdout,
    stderr: current.stderr,
    on: () => undefined,
    off: () => undefined,
    set exitCode(status) {
      answer(status)
    },
  }
  start({}, requireAround, { exports: {} }, main, folder, seen)
})
