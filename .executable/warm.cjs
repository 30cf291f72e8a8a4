// Runs the program as the executable will, and keeps the code that is compiled on the way: an executable that gets it
// compiles next to nothing.
//
//   node warm.cjs FOLDER PURPOSE WORD…
//
// FOLDER has the files of the program, each as one function. Writes FILE.PURPOSE beside each that this run has needed.
const { readFileSync, writeFileSync } = require('node:fs')
const path = require('node:path')
const { Script } = require('node:vm')

const [, , folder, purpose, ...words] = process.argv
const loaded = new Map()

function load(name) {
  const known = loaded.get(name)
  if (known) return known.module.exports
  const script = new Script(readFileSync(path.join(folder, name), 'utf8'), { filename: name })
  const module = { exports: {} }
  loaded.set(name, { module, script })
  const find = (other) => (other.startsWith('./') ? load(other.slice(2)) : require(other))
  script.runInThisContext()(module.exports, find, module, path.join(folder, name), folder)
  return module.exports
}

/** What is printed counts for nothing here. */
const silent = { write: (_text, done) => void done?.(), on: () => silent }
const terminal = {
  arguments: words,
  workingDirectory: process.cwd(),
  environment: process.env,
  stdin: () => process.stdin,
  stdout: silent,
  stderr: silent,
  signals: process,
}
load('program.js')
  .run(terminal)
  .then(() => {
    for (const [name, { script }] of loaded)
      writeFileSync(path.join(folder, `${name}.${purpose}`), script.createCachedData())
  })
