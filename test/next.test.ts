// What `next` and `rollback` make of a past, without a repository.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { revisionText } from '../src/manifest/traffic.js'
import { plan } from '../src/pipeline/plan.js'
import type { Request } from '../src/pipeline/request.js'
import type { MoveRequest } from '../src/stages/apply.js'
import { derivedTag } from '../src/stages/place.js'
import { durationText, utcMinute } from '../src/text/words.js'
import { at, committed, name } from './rollouts.js'

const test = suite('moves with a past')
const next = { command: 'next' } as const
const rollback = { command: 'apply', stage: 'rollback' } as const
const configuration = {
  path: '.kn-rollout.yaml',
  text: 'plan: slow\nplans:\n  slow: [{ stage: pin, soak: 10m }, preview, { stage: split, soak: 45s }, promote, retire]\n',
}

/** The traffic that a move leaves, or the codes of what is said instead. */
function moved(move: MoveRequest, texts: readonly (string | undefined)[], request: Partial<Request> = {}): string {
  const text = texts.at(-1) ?? ''
  const { changes, diagnostics } = plan([{ path: 'shop.yaml', text }], {
    histories: committed(texts),
    ...request,
    move,
  })
  const [change] = changes.flatMap((file) => file.changes)
  if (!change) return diagnostics.map(({ code, severity }) => `${severity} ${code}`).join(' ')
  return change.after
    .map(({ revision, percent, tag }) => {
      return `${revisionText(revision).replace(`${name}-`, '')}=${percent}${tag === undefined ? '' : `:${tag}`}`
    })
    .join(' ')
}

const pasts: readonly (readonly [
  what: string,
  move: MoveRequest,
  texts: readonly (string | undefined)[],
  to: string,
])[] = [
  [
    'a revision that everything once went to by its template was rolled back by a pin',
    next,
    [at('', 'v1'), at('', 'v2'), at('v1=100', 'v2')],
    'error KN434',
  ],
  [
    'a pin of the template is no rollback',
    next,
    [at('', 'v1'), at('v1=100', 'v1'), at('v1=100', 'v2')],
    'v1=100 v2=0:v2',
  ],
  [
    'a share that was only lowered is a rollback, too',
    next,
    [at('v1=50 v2=50:t', 'v2'), at('v1=80 v2=20:t', 'v2')],
    'error KN434',
  ],
  [
    'who went on by name after a rollback goes on',
    next,
    [at('v1=50 v2=50:t', 'v2'), at('v1=100 v2=0:t', 'v2'), at('v1=90 v2=10:t', 'v2')],
    'v1=50 v2=50:t',
  ],
  [
    'versions that cannot be read are passed by',
    next,
    [
      at('v1=50 v2=50:t', 'v2'),
      at('v1=100 v2=0', 'v2').replace('percent: 100', 'percent: all'),
      'serving.knative.dev/: [',
      at('v1=100 v2=0:t', 'v2'),
    ],
    'error KN434',
  ],
  [
    'a Service that was deleted in between has no past',
    next,
    [at('v1=50 v2=50:t', 'v2'), undefined, at('v1=100 v2=0:t', 'v2')],
    'v1=50 v2=50:t',
  ],
  [
    'the way back leads over a split to the one before',
    rollback,
    [at('v1=100'), at('v1=50 v2=50:t'), at('v2=100:t')],
    'v1=100',
  ],
  [
    'the way back leads to a template that served without a name in the traffic',
    rollback,
    [at('', 'v1'), at('', 'v2'), at('v2=100:t', 'v2')],
    'v1=100',
  ],
  [
    'a revision that served before another one still, is not the way back',
    rollback,
    [at('v0=100'), at('v1=100'), at('v1=0 v2=100:t'), at('v2=100:t')],
    'v1=100',
  ],
  [
    'a way back of a former life is none',
    rollback,
    [at('v1=100'), at('v2=100:t'), undefined, at('v2=100:t')],
    'error KN402',
  ],
  ['a way back that has no name is not guessed', rollback, [at('v0=100'), at(''), at('v2=100:t')], 'error KN402'],
  ['a named revision that still has a route is no lone one', rollback, [at('v1=100'), at('v1=0 v2=100:t')], 'v1=100'],
]

for (const [what, move, texts, to] of pasts)
  test(what, () => {
    assert.is(moved(move, texts), to)
  })

test('a Service that Git knows as removed is counted as it stands', () => {
  const request = { histories: committed([at('v1=50 v2=50:t', 'v2'), undefined]) }
  assert.is(moved(next, [at('v1=100 v2=0:t', 'v2')], request), 'v1=50 v2=50:t')
})

test('the soak of any stage counts, with seconds and without a clock, too', () => {
  const texts = [at('v1=100', 'v1'), at('v1=100', 'v2')]
  assert.is(moved(next, texts, { configuration, now: 599 }), 'error KN432')
  assert.is(moved(next, texts, { configuration, now: 600 }), 'v1=100 v2=0:v2')
  assert.is(moved(next, texts, { configuration }), 'error KN432')
  const split = [at('v1=50 v2=50:t', 'v2')]
  assert.is(moved(next, split, { configuration, now: 44 }), 'error KN432')
  assert.is(moved(next, split, { configuration, now: 45 }), 'v1=0 v2=100:t')
  assert.is(moved(next, texts, { configuration, now: 600, histories: committed(texts, true) }), 'v1=100 v2=0:v2')
})

const half = (image: string): string => at('v1=50 @latest=50').replace('1.0', image)

test('the soak of the latest revision begins anew with each template', () => {
  const texts = [half('1.0'), half('2.0')]
  assert.is(moved(next, texts, { configuration, now: 60 + 44 }), 'error KN432')
  assert.is(moved(next, texts, { configuration, now: 60 + 45 }), 'v1=0 @latest=100')
  const edited = { configuration, histories: committed(texts) }
  assert.is(moved(next, [half('3.0')], { ...edited, now: 60 + 44 }), 'error KN432', 'a template that is not committed')
})

function cut(...texts: readonly string[]): string {
  return moved(next, texts, { histories: committed(texts, true) })
}

test('a history that ends early is enough where it shows the candidate rise', () => {
  assert.is(cut(at('v1=100 v2=0:t', 'v2')), 'error KN433')
  assert.is(cut(at('v1=100', 'v2')), 'error KN433')
  assert.is(cut(at('v1=100', 'v1'), at('v1=100', 'v2')), 'v1=100 v2=0:v2')
  assert.is(cut(at('v1=100 v2=0:t', 'v2'), at('v1=50 v2=50:t', 'v2')), 'v1=0 v2=100:t')
  assert.is(cut(at('v1=0 v2=100:t', 'v2')), 'v2=100:t')
  assert.is(cut(at('v1=50 @latest=50')), 'error KN433')
  assert.is(cut(at('v1=50 @latest=50').replace('1.0', '2.0'), at('v1=50 @latest=50')), 'v1=0 @latest=100')
})

test('a run without histories asks for them', () => {
  const { needsPast } = plan([{ path: 'shop.yaml', text: at('v1=100 v2=0:t', 'v2') }], { move: next })
  assert.is(needsPast, true)
})

const tags: readonly (readonly [service: string, revision: string, tag: string])[] = [
  ['shop', 'shop-v2', 'v2'],
  ['shop', 'shop-00002', 'v2'],
  ['shop', 'shop-123456', 'v123456'],
  ['shop', 'shop-2', 'v2'],
  ['shop', 'green', 'green'],
  ['shop', 'shop-', 'v'],
  ['shop', 'Shop_2', 'shop-2'],
  ['s'.repeat(50), `${'s'.repeat(50)}-2024-01-02-a`, 'v2024-01-02'],
  ['s'.repeat(63), 'green', 'g'],
]

for (const [service, revision, tag] of tags)
  test(`the tag of ${revision} is ${tag}`, () => {
    assert.is(derivedTag(service, { name: revision }), tag)
    assert.match(tag, /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/)
  })

test('the tag of the latest revision says so', () => {
  assert.is(derivedTag('shop', { latest: true }), 'latest')
})

test('stretches of time are short, moments are of one place', () => {
  assert.equal([0, 59, 60, 3600, 90_061].map(durationText), ['0s', '59s', '1m', '1h', '1d1h1m1s'])
  assert.equal([0, 1_767_225_659, 1e18, -1e18].map(utcMinute), [
    '1970-01-01T00:00Z',
    '2026-01-01T00:00Z',
    '+275760-09-13T00:00Z',
    '-271821-04-20T00:00Z',
  ])
})

test('a Service that no commit has is moved on from its file', () => {
  const text = at('v1=100 v2=0:t', 'v2')
  assert.is(moved(next, [text], { histories: committed([undefined]) }), moved(next, [text]))
  assert.is(moved(next, [text], { histories: committed([text, undefined]) }), moved(next, [text]))
})

test.run()
