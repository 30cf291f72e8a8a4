// Laws of what is told of a Service's past, over random histories. Another seed or more cases:
// `KN_SEED=7 KN_RUNS=20000 node test/run.mjs status.property`.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { statusOf } from '../src/pipeline/status.js'
import { at, committed } from './rollouts.js'

const test = suite('laws of status')
const seed = Number(process.env['KN_SEED'] ?? 20_261_130)
const numRuns = Number(process.env['KN_RUNS'] ?? 300)

const lists =
  '|@latest=100|v1=100|v1=50 @latest=50|v1=90 v2=10:v2|00001=100|v1=100 @latest=0:next|v1=100 @latest=0|@latest=60 v2=40:v2'
const traffic = fc.constantFrom(...lists.split('|'))
const version = fc
  .record({ traffic, template: fc.constantFrom('', 'v1', 'v2'), image: fc.constantFrom('1.0', '2.0') })
  .map(({ traffic: list, template, image }) => at(list, template).replace('1.0', image))
const removed = undefined
const past = fc.array(fc.oneof({ weight: 5, arbitrary: version }, fc.constant(removed)), { maxLength: 6 })

test('the age in the table is that of the newest row of the history', () => {
  fc.assert(
    fc.property(past, version, fc.boolean(), fc.boolean(), (older, text, isCommitted, isCut) => {
      const histories = committed(isCommitted ? [...older, text] : older, isCut)
      const { rows } = statusOf([{ path: 'shop.yaml', text }], { histories, now: 1000, more: 'history' })
      const [row] = rows
      const [step] = row?.history?.steps ?? []
      const since = row?.since
      const told = since && 'commit' in since ? since.commit : Object.keys(since ?? {}).join()
      assert.is(told, step?.brought?.commit ?? 'notCommitted')
    }),
    { seed, numRuns },
  )
})

test.run()
