import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { stages } from '../src/stages/table.js'

const test = suite('stages')

test('stand in the order of a rollout', () => {
  assert.equal(
    stages.map(({ name }) => name),
    ['pin', 'preview', 'split', 'promote', 'retire', 'rollback'],
  )
})

test.run()
