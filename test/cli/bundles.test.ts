// The program is one file, so that an error is known by its class wherever it was thrown: a second copy of the class would
// end as an internal error, with exit code 3.
import { readFileSync, readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const dist = new URL('../../dist/', import.meta.url)

const test = suite('cli/bundles')

const textOf = (name: string): string => readFileSync(new URL(name, dist), 'utf8')
const names = readdirSync(dist).filter((name) => name.endsWith('.js'))

test('only the program has the classes of errors that users see', () => {
  for (const kind of ['IoFailure', 'UsageError', 'Unparsed', 'Interrupted']) {
    const having = names.filter((name) => new RegExp(`name\\s*=\\s*["'\`]${kind}["'\`]`).test(textOf(name)))
    assert.equal(having, ['program.js'], kind)
  }
})

test('what few commands need is in files of its own, and nothing else is', () => {
  const rare = [
    'compile-schema.js',
    'examples.js',
    'explain.js',
    'globby.js',
    'more.js',
    'reasons.js',
    'rolldown-runtime.js',
    'sarif.js',
    'server.js',
    'yargs.js',
  ]
  assert.equal(names.toSorted(), [...rare, 'index.js', 'main.js', 'program.js'].toSorted())
})

test('nothing sets flags of the engine', () => {
  for (const name of ['main.js', 'program.js', 'more.js', 'index.js'])
    assert.not.ok(textOf(name).includes('setFlagsFromString'), name)
})

test.run()
