// The program is bundled file by file, and each file has copies of its own of what it imports. So the errors that `run`
// catches by their class must be thrown by its own file: a copy would end as an internal error, with exit code 3.
import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const dist = new URL('../../dist/', import.meta.url)

const test = suite('cli/bundles')

test('only the file with `run` has the classes of errors that users see', () => {
  const names = readdirSync(dist).filter((name) => name.endsWith('.js'))
  for (const kind of ['IoFailure', 'UsageError', 'Interrupted']) {
    const having = names.filter((name) =>
      new RegExp(`name\\s*=\\s*["'\`]${kind}["'\`]`).test(readFileSync(new URL(name, dist), 'utf8')),
    )
    // What completes words stays silent on errors, whatever their class.
    assert.equal(
      having.filter((name) => name !== 'complete.js'),
      ['run.js'],
      kind,
    )
  }
})

test.run()
