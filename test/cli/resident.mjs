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
const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'process']
const compiled = new Map()

/** A file of the program as a function: compiled once, however often it runs. */
function functionOf(filename) {
  if (!compiled.has(filename)) {
    const text = readFileSync(filename, 'utf8').replace(/^#!.*/, '')
    compiled.set(filename, vm.compileFunction(text, parameters, { filename }))
  }
  return compiled.get(filename)
}

/**
 * Loads the files of the program for one run, and all else as ever. The first file gets to see a `process`, and modules
 * that do not reach around it: for it all output is a device.
 */
function start(seen) {
  const modules = new Map()
  const load = (filename, itsProcess, replaced) => {
    if (modules.has(filename)) return modules.get(filename).exports
    const module = { exports: {} }
    modules.set(filename, module)
    const requireFrom = (id) => {
      const file = path.resolve(folder, id)
      return /^[./]/.test(id) && path.dirname(file) === folder ? load(file, process, {}) : (replaced[id] ?? require(id))
    }
    const own = { ...replaced, ...(filename === main && { 'node:module': { createRequire: () => requireFrom } }) }
    const requireOwn = (id) => own[id] ?? requireFrom(id)
    functionOf(filename)(module.exports, requireOwn, module, filename, folder, itsProcess)
    return module.exports
  }
  load(main, seen, { 'node:fs': { ...fs, fstatSync: () => ({ isCharacterDevice: () => true }) } })
}

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
  start({
    argv: [process.execPath, main, ...args],
    cwd: () => workingDirectory,
    env: environment,
    versions: process.versions,
    get stdin() {
      return Readable.from(stdin.length > 0 ? [Buffer.from(stdin)] : [])
    },
    stdout: current.stdout,
    stderr: current.stderr,
    set exitCode(status) {
      answer(status)
    },
  })
})
