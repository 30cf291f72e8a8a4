import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  asPrefix,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  goDuration,
  goFloat,
  goInteger,
  hour,
  isImageReference,
  labelValue,
  type NameCheck,
  qualifiedName,
  second,
} from '../src/rules/go-values.js'
import { isQuantity, nearest } from '../src/text/words.js'

// The small languages of Go and Kubernetes, by example.

const durations: readonly (readonly [text: string, nanoseconds: number | undefined])[] = [
  ['0', 0],
  ['-0', 0],
  ['380s', 380 * second],
  ['1h30m', 1.5 * hour],
  ['1.5h', 1.5 * hour],
  ['.5s', second / 2],
  ['2000ms', 2 * second],
  ['1us', 1000],
  ['1µs', 1000],
  ['-1m', -60 * second],
  ['+1m', 60 * second],
  ['', undefined],
  ['380', undefined],
  ['1d', undefined],
  ['1 h', undefined],
  ['h', undefined],
  ['.s', undefined],
  ['9999999h', undefined],
]

for (const [text, value] of durations)
  test(`the duration ${JSON.stringify(text)} is ${value}`, () => assert.is(goDuration(text), value))

test('integers have digits and a sign, nothing else', () => {
  for (const [text, value] of [
    ['5', 5],
    ['+5', 5],
    ['-5', -5],
    ['007', 7],
  ] as const)
    assert.is(goInteger(text), value)
  for (const text of ['', '1.0', '1e3', '1_000', ' 5', '0x5', 'ten']) assert.is(goInteger(text), undefined)
})

test('floats are what strconv.ParseFloat reads', () => {
  for (const [text, value] of [
    ['1', 1],
    ['-.5', -0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['+Inf', Infinity],
    ['infinity', Infinity],
    ['1_000.2_5', 1000.25],
    ['1e1_0', 1e10],
    ['0x1p4', 16],
    ['-0x_1.8P-1', -0.75],
  ] as const)
    assert.is(goFloat(text), value)
  assert.ok(Number.isNaN(goFloat('NaN')))
  for (const text of ['', '70%', '1e400', 'x', '.', '1e', ' 1', '+nan']) assert.is(goFloat(text), undefined)
  for (const text of ['_1', '1_', '1__0', '1_e2', '1e_2', '0x10', '0xp1', '0x1_p1', '0x1p9999'])
    assert.is(goFloat(text), undefined)
})

test('quantities have a number and one of the suffixes', () => {
  for (const text of ['1', '0.5', '.5', '5.', '-1', '100m', '1k', '512M', '512Mi', '1e3', '1E-3', '2Ei', 'm'])
    assert.ok(isQuantity(text), text)
  for (const text of ['', '512MB', '512 Mi', '512mi', 'x', '1e', '1ee3', '1..5', ' 1'])
    assert.not.ok(isQuantity(text), text)
})

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const images: readonly (readonly [text: string, fine: boolean])[] = [
  ['nginx', true],
  ['nginx:1.27', true],
  ['nginx:', true],
  ['acme/shop', true],
  ['ghcr.io/acme/shop:2.1.0', true],
  ['ghcr.io/acme/shop:V2_a.b-c', true],
  ['localhost:5000/shop', true],
  ['[::1]:5000/shop', true],
  [`nginx@${digest}`, true],
  [`ghcr.io/acme/shop:2.1.0@${digest}`, true],
  ['ko://example.com/acme/shop', true],
  ['a', false],
  ['a:1', false],
  ['localhost:5000/x', false],
  ['Nginx', false],
  ['ghcr.io/Acme/shop', false],
  ['$IMAGE', false],
  ['acme/shop shop', false],
  ['nginx:a:b', false],
  ['host:port/acme/shop', false],
  [`nginx:${'v'.repeat(128)}`, true],
  [`nginx:${'v'.repeat(129)}`, false],
  ['nginx@sha256:abc', false],
  [`nginx@${digest}@${digest}`, false],
]

for (const [text, fine] of images)
  test(`the image ${text.slice(0, 40)} is ${fine ? 'fine' : 'refused'}`, () => assert.is(isImageReference(text), fine))

const long = 'a'.repeat(63)
const names: readonly (readonly [what: string, check: NameCheck, fine: readonly string[], wrong: readonly string[]])[] =
  [
    [
      'DNS-1035 labels',
      dns1035Label,
      ['a', 'a-1', 'a--b', long],
      ['', '1a', '-a', 'a-', 'A', 'a.b', 'a_b', 'é', 'a\n', `${long}a`],
    ],
    ['DNS-1035 prefixes', asPrefix(dns1035Label), ['a-', 'a', 'ab'], ['-', '1b-', 'Ab-', `${long}a-`]],
    ['DNS-1123 labels', dns1123Label, ['1', '1a', 'a-b'], ['', '-', 'a.b', 'A']],
    ['DNS-1123 subdomains', dns1123Subdomain, ['a.b', '1.2', 'a-b.c'], ['', '.', 'a..b', 'a.-b', 'a@b', 'A.b']],
    [
      'qualified names',
      qualifiedName,
      ['a', 'A_b.c-d', 'a.b/C', '2024-01-01', long],
      ['', '/a', 'a/', 'a/b/c', 'A/b', 'a b', '-a', `${long}a`],
    ],
    ['label values', labelValue, ['', 'A', 'a.b_c-d', long], ['a b', '-a', 'a-', 'a/b', `${long}a`]],
  ]

for (const [what, check, fine, wrong] of names)
  test(what, () => {
    for (const text of fine) assert.is(check(text), undefined, text)
    for (const text of wrong) assert.type(check(text), 'string', text)
  })

test('a near name is found, a far one is not', () => {
  const known = ['revisionName', 'percent', 'tag', 'url']
  assert.is(nearest('revisonName', known), 'revisionName')
  assert.is(nearest('Percent', known), 'percent')
  assert.is(nearest('tags', known), 'tag')
  assert.is(nearest('weight', known), undefined)
  assert.is(nearest('x', []), undefined)
})

test.run()
