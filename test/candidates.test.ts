// The files that Git goes by without a word, told while it still searches.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sieve } from '../src/io/candidates.js'

const test = suite('what Git passes over')
const names = Array.from({ length: 20 }, (_, at) => `${at}.yaml`)

/** What is left of the names once Git has told `passed` in that order, in pieces of some length. */
function leftOf(passed: readonly string[], length: number): readonly string[] {
  const sieve = new Sieve(names)
  const early: string[] = []
  for (let at = 0; at < passed.length; at += length) early.push(...sieve.pass(passed.slice(at, at + length)))
  const { left, passed: odd } = sieve.end()
  return [...early, ...left].filter((name) => !odd.has(name))
}

const some = fc.subarray(names)
const length = fc.integer({ min: 1, max: 7 })

test('what is not passed over is left, in its order', () => {
  fc.assert(
    fc.property(some, length, (passed, size) => {
      assert.equal(
        leftOf(passed, size),
        names.filter((name) => !passed.includes(name)),
      )
    }),
  )
})

test('the same where Git tells names in another order, or one that is not known', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...names, 'other.yaml']), length, (passed, size) => {
      const left = leftOf(passed, size)
      assert.equal(new Set(left), new Set(names.filter((name) => !passed.includes(name))))
      assert.is(new Set(left).size, left.length)
    }),
  )
})

test('what was gone by is told before the search ends', () => {
  const sieve = new Sieve(names)
  assert.equal(sieve.pass(['3.yaml', '5.yaml']), ['0.yaml', '1.yaml', '2.yaml', '4.yaml'])
  assert.equal(sieve.pass([]), [])
  assert.equal(sieve.end().left, names.slice(6))
})

test('so many files in one go that no call takes them all', () => {
  const many = Array.from({ length: 200_000 }, (_, at) => `${at}.yaml`)
  const sieve = new Sieve(many)
  assert.is(sieve.pass(many.slice(-1)).length, many.length - 1)
  assert.is(sieve.end().left.length, 0)
})

test.run()
