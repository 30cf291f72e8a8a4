// Another seed or more cases: `KN_SEED=7 KN_RUNS=5000 node test/run.mjs guarded.property`.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { holdGuarded } from './guarded-trees.js'

const seed = Number(process.env['KN_SEED'] ?? 20_261_129)
const numRuns = Number(process.env['KN_RUNS'] ?? 24)

const test = suite('guarded properties')

test('nothing that a command writes is an error of its commit', () => {
  const { runs, written, commands } = holdGuarded({ seed, numRuns })
  const counts = [...commands].map(([command, count]) => `${command} ${count}`).join(', ')
  assert.ok(written * 2 >= runs, `${written} of ${runs} write: ${counts}`)
})

test.run()
