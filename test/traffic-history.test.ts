// What `history` makes of a past, where traffic follows the template, cannot be read, or is not committed.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { statusOf } from '../src/pipeline/status.js'
import { trafficText } from '../src/report/history.js'
import { at, committed, name } from './rollouts.js'

const test = suite('traffic history')

/** `commit stage traffic` of each step, the newest first; commits are called by their letter. */
function stepsOf(texts: readonly (string | undefined)[], present = texts.at(-1) ?? ''): readonly string[] {
  const histories = committed(texts)
  const { rows } = statusOf([{ path: 'shop.yaml', text: present }], { histories, more: 'history' })
  return (rows[0]?.history?.steps ?? []).map((step) => {
    const traffic = step.traffic ? trafficText(step).replaceAll(`${name}-`, '') : 'unreadable'
    return `${step.brought?.commit.charAt(0) ?? '-'} ${step.isBack ? 'back' : (step.stage ?? '?')} ${traffic}`
  })
}

const newer = (text: string): string => text.replace('shop:1.0', 'shop:2.0')

test('a new template makes a step where traffic follows it, and none where it is pinned', () => {
  assert.equal(stepsOf([at(''), newer(at(''))]), ['b ? @latest 100%', 'a ? @latest 100%'])
  assert.equal(stepsOf([at('v1=100'), newer(at('v1=100'))]), ['a pin v1 100%'])
  const tagged = at('v1=100 @latest=0:next')
  assert.equal(stepsOf([tagged, newer(tagged)]).length, 2, 'the tag leads to another revision')
  assert.equal(stepsOf([at('v1=100 @latest=0'), newer(at('v1=100 @latest=0'))]).length, 1)
  assert.equal(stepsOf([at('', 'v1'), at('', 'v2')]), ['b ? @latest = v2 100%', 'a ? @latest = v1 100%'])
})

test('what looks the same is one step, from its first commit on', () => {
  const [one, two] = [at('v1=100', 'v2'), at('v1=100 v2=0:t', 'v2')]
  assert.equal(stepsOf([one, `# a comment\n${one}`, two, two.replace('tag: t', 'tag: t # x')]), [
    'c preview v1 100%, v2 0% (tag t)',
    'a pin v1 100%',
  ])
})

test('a candidate that was taken back is told from one that was retired', () => {
  const texts = [
    at('v1=100', 'v1'),
    at('v1=50 v2=50:t', 'v2'),
    at('v1=100 v2=0:t', 'v2'),
    at('v1=0 v2=100:t', 'v2'),
    at('v2=100:t', 'v2'),
    at('v1=100', 'v2'),
  ]
  assert.equal(
    stepsOf(texts).map((step) => step.slice(0, 7).trim()),
    ['f back', 'e retir', 'd promo', 'c back', 'b split', 'a pin v'],
  )
})

test('a Service that was dropped and taken up again begins anew, and was not rolled back', () => {
  const [pinned, shared] = [at('v1=100', 'v1'), at('v1=50 v2=50:t', 'v2')]
  const told = stepsOf([pinned, shared, undefined, at('v1=100', 'v2')])
  assert.equal(told, ['d pin v1 100%', 'b split v1 50%, v2 50% (tag t)', 'a pin v1 100%'])
  assert.equal(stepsOf([pinned, undefined, pinned]), ['c pin v1 100%', 'a pin v1 100%'])
  assert.equal(stepsOf([pinned, undefined], pinned), ['- pin v1 100%', 'a pin v1 100%'])
})

test('what is not committed, what cannot be read, and a Service without a past', () => {
  const odd = at('v1=100').replace('percent: 100', 'percent: all')
  assert.equal(stepsOf([at('v1=100'), odd]), ['b ? unreadable', 'a pin v1 100%'])
  assert.equal(stepsOf([at('v1=100')], at('v1=50 v2=50')), ['- split v1 50%, v2 50%', 'a pin v1 100%'])
  const alone = statusOf([{ path: 'new.yaml', text: at('v1=100') }], { histories: new Map(), more: 'history' })
  assert.is(alone.rows[0]?.history, undefined)
})

test.run()
