// Where the one executable begins: the files of the program, and code that was compiled when it was built, are in it.
import path from 'node:path'
import { getAsset, getRawAsset } from 'node:sea'
import { Script } from 'node:vm'

import { start } from '../src/cli/start.js'

/** What Node gives the script of an executable: it finds Node's own modules only. */
declare const require: NodeJS.Require

type Load = (name: string) => unknown
type Run = (exports: unknown, load: Load, module: { exports: unknown }, file: string, folder: string) => void

/** The files of the program, and `FILE.PURPOSE` for what was compiled of one by a run with this purpose. */
const assets = new Set(getAsset('names', 'utf8').split('\n'))
const purpose = assets.has(`program.js.${process.argv[2] ?? ''}`) ? process.argv[2] : 'any'
const loaded = new Map<string, { exports: unknown }>()

function bytesOf(asset: string): Buffer {
  return Buffer.from(getRawAsset(asset) as ArrayBuffer)
}

/** Where a file would be if it were one: beside the executable. */
function place(name: string): [file: string, folder: string] {
  const folder = path.dirname(process.execPath)
  return [path.join(folder, name), folder]
}

/** Runs a file of the program, once: each is one function as Node makes it of a CommonJS module. */
function load(name: string): unknown {
  const known = loaded.get(name)
  if (known) return known.exports
  const compiled = `${name}.${purpose}`
  const cachedData = assets.has(compiled) ? bytesOf(compiled) : undefined
  const script = new Script(bytesOf(name).toString('utf8'), { filename: name, ...(cachedData && { cachedData }) })
  const run = script.runInThisContext() as Run
  const module = { exports: {} }
  loaded.set(name, module)
  run(
    module.exports,
    (other) => (other.startsWith('./') ? load(other.slice(2)) : require(other)),
    module,
    ...place(name),
  )
  return module.exports
}

start(process, () => ({ exports: load('program.js'), keep: () => undefined }))
