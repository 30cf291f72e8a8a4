// A short run of what `test/soak/editing.ts` can go on with for hours. Another seed or more files:
// `KN_SEED=7 KN_RUNS=100000 node test/run.mjs soak-editing`.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { soakEditing } from './soak/editing.js'

const test = suite('soak of editing')

test('nothing throws, every edit can be proved, and what is no YAML is none for kubectl', () => {
  const runs = Number(process.env['KN_RUNS'] ?? 400)
  const { counts, lines, shares } = soakEditing(runs, Number(process.env['KN_SEED'] ?? 20_261_129))
  assert.equal(lines, [])
  assert.ok((counts['changed'] ?? 0) > runs / 5, JSON.stringify(counts))
  const rare = [...shares].filter(([, share]) => share < 2)
  if (runs >= 10_000) assert.equal(rare, [])
})

test.run()
