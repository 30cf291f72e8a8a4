// Comments that silence findings: where they reach, what they must say, what they cannot do.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import { readIgnores } from '../src/yaml/ignores.js'

const test = suite('silence')

const head = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - image: ghcr.io/acme/shop:2.1.0
`
const foreign = '    - revisionName: cart-v1'

/** A Service whose only finding is KN312 at its first target. */
function shop(above: string, beside = ''): string {
  return `${head}  traffic:\n${above}${foreign}${beside}\n      percent: 100\n`
}

function judge(text: string, request: Request = {}): Outcome {
  return plan([{ path: 'shop.yaml', text }], request)
}

function codes({ diagnostics }: Outcome): readonly string[] {
  return diagnostics.map(({ code }) => code)
}

const silencing: readonly (readonly [what: string, text: string])[] = [
  ['beside the finding', shop('', ' # kn-rollout: ignore KN312')],
  ['above the finding', shop('    # kn-rollout: ignore KN312\n')],
  ['above, in the first column', shop('# kn-rollout: ignore KN312\n')],
  ['with a reason', shop('', ' # kn-rollout: ignore KN312 -- the old team, KN404 is no part of this')],
  ['above another comment', shop('    # kn-rollout: ignore KN312 -- a reason\n    # of two lines\n')],
  ['without spaces', shop('', ' #kn-rollout:ignore KN312')],
  ['CRLF', shop('    # kn-rollout: ignore KN312 -- r\n').replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${shop('', ' # kn-rollout: ignore KN312')}`],
]

for (const [what, text] of silencing)
  test(`silences ${what}`, () => {
    const outcome = judge(text)
    assert.equal(codes(outcome), [])
    assert.is(outcome.silenced, 1)
  })

const idle: readonly (readonly [what: string, text: string, message: RegExp, help: RegExp])[] = [
  [
    'two lines above',
    shop('    # kn-rollout: ignore KN312\n\n'),
    /unused ignore comment: no `KN312` on its line or on the line below/,
    /^remove it, or move it/,
  ],
  [
    'beside the line above',
    shop('').replace('traffic:', 'traffic: # kn-rollout: ignore KN312'),
    /no `KN312`/,
    /^remove/,
  ],
  ['another code', shop('', ' # kn-rollout: ignore KN313'), /no `KN313` on its line/, /^remove/],
  [
    'no such code',
    shop('', ' # kn-rollout: ignore KN3122'),
    /ignore comment names the unknown code `KN3122`/,
    /did you mean `KN312`/,
  ],
  [
    'lower case',
    shop('', ' # kn-rollout: ignore kn312'),
    /ignore comment names the unknown code `kn312`/,
    /did you mean `KN312`/,
  ],
  [
    'a reason without its sign',
    shop('', ' # kn-rollout: ignore because'),
    /ignore comment names the unknown code `because`/,
    /^write `# kn-rollout/,
  ],
  [
    'no codes',
    shop('', ' # kn-rollout: ignore -- KN312'),
    /ignore comment names no code/,
    /^write `# kn-rollout: ignore KN312 -- reason`$/,
  ],
  [
    'a misspelling',
    shop('', ' # kn-rollout: ignroe KN312'),
    /unknown word `ignroe` after `kn-rollout:`; the only one is `ignore`/,
    /^write/,
  ],
  [
    'a refusal',
    shop('', ' # kn-rollout: ignore KN404 -- r'),
    /ignore comment names `KN404`, which no comment can hide/,
    /remove it from the comment, and fix the finding/,
  ],
  [
    'itself',
    shop('', ' # kn-rollout: ignore KN190 -- r'),
    /ignore comment names `KN190`, which no comment can hide/,
    /remove it from the comment, and fix the finding/,
  ],
]

for (const [what, text, message, help] of idle)
  test(`reports what silences nothing: ${what}`, () => {
    const outcome = judge(text)
    assert.equal(codes(outcome), ['KN312', 'KN190'])
    assert.is(outcome.silenced, undefined)
    const [, found] = outcome.diagnostics
    assert.is(found?.severity, 'warning')
    assert.match(found?.message ?? '', message)
    assert.match(found?.help ?? '', help)
    assert.ok(found?.range && text.slice(found.range.start).length > 0 && found.range.end > found.range.start)
  })

test('several codes are separated by commas or spaces, and each answers for itself', () => {
  for (const list of ['KN312,KN313', 'KN312, KN313', 'KN313 KN312']) {
    const { diagnostics, silenced } = judge(shop('', ` # kn-rollout: ignore ${list}`))
    assert.is(silenced, 1)
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['KN190'],
    )
    assert.match(diagnostics[0]?.message ?? '', /`KN313`/)
  }
})

/** A Service with 101 percent, and a comment beside them. */
function overfull(comment: string): string {
  return shop('').replace('cart', 'shop').replace('100', `101 # kn-rollout: ${comment}`)
}

test('an error is silenced for a reason only, and says so', () => {
  for (const comment of ['ignore KN302', 'ignore KN302 --', 'ignore KN302 -- ']) {
    const { diagnostics } = judge(overfull(comment))
    const found = diagnostics.find(({ code }) => code === 'KN302')
    assert.match(
      found?.help ?? '',
      /use a whole number from 0 to 100: how many of 100 requests this target gets; add a reason to the comment to ignore an error: ` -- reason`/,
    )
    assert.not.ok(diagnostics.some(({ code }) => code === 'KN190'))
  }
  assert.not.ok(codes(judge(overfull('ignore KN302 -- tried out'))).includes('KN302'))
})

test('text inside scalars is data', () => {
  const literal = `${head}        - image: ghcr.io/acme/log:1.0.0\n          args:\n            - |\n              # kn-rollout: ignore KN312\n            - "# kn-rollout: ignore KN999"\n            - a# kn-rollout: ignore KN999\n`
  assert.equal(readIgnores(literal), [])
  assert.is(readIgnores('a: |-\n  # kn-rollout: ignore KN1\n# kn-rollout: ignore KN2\n').length, 1)
  assert.is(readIgnores('a: [1, # kn-rollout: ignore KN1\n  2]\n').length, 1)
  assert.equal(readIgnores('# kn-rollout: see the handbook\n# use kn-rollout: ignore KN1\n'), [])
})

test('a comment knows its place in the text', () => {
  const text = '\uFEFFa: 1 # kn-rollout: ignore KN1, KN2 -- x\n'
  const [found] = readIgnores(text)
  assert.ok(found)
  assert.is(text.slice(found.range.start, found.range.end), '# kn-rollout: ignore KN1, KN2 -- x')
  assert.equal(
    found.codes.map(({ range }) => text.slice(range.start, range.end)),
    ['KN1', 'KN2'],
  )
})

test('is silent on files without a Service, and on what was not judged', () => {
  const other = 'apiVersion: v1 # serving.knative.dev/\nkind: Service # kn-rollout: ignore KN312\n'
  assert.equal(codes(judge(other)), [])
  const fine = shop('', ' # kn-rollout: ignore KN313').replace('cart', 'shop')
  assert.equal(codes(judge(fine)), ['KN190'])
  const two = `${fine}---\n${head.replace('shop', 'cart')}`
  assert.equal(codes(judge(two, { services: ['cart'] })), [])
  const optional = shop('', ' # kn-rollout: ignore KN315').replace('cart', 'shop')
  assert.equal(codes(judge(optional)), [])
  assert.equal(codes(judge(optional, { enabled: ['KN315'] })), ['KN190'])
  assert.equal(codes(judge(fine, { severities: { KN313: 'off' } })), [])
})

test('a stage goes on beside a silenced finding and never over what the cluster would refuse', () => {
  const traffic = `  traffic:\n    - revisionName: shop-v1\n      percent: 100\n    - revisionName: shop-v2\n      percent: 0\n      tag: v2\n`
  const move = { command: 'apply', stage: 'split', stable: 'shop-v1', candidate: 'shop-v2' } as const
  const bad = `${head}        - image: X # kn-rollout: ignore KN370 -- filled in later\n          name: log\n${traffic}`
  const { diagnostics, changes, silenced } = judge(
    bad.replace('spec:\n  t', 'spec: # kn-rollout: ignore KN377 -- r\n  t'),
    { move },
  )
  assert.is(changes.length, 1)
  assert.ok((silenced ?? 0) > 0)
  assert.not.ok(diagnostics.some(({ code }) => code === 'KN370' || code === 'KN190'))
})

test.run()
