import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { needsQuotes, resolvePlain, resolveTagged } from '../src/yaml/scalar.js'

// How kubectl reads plain scalars: YAML 1.1 by go-yaml v2, then JSON. Each row was tried with `kubectl label --local`.
const plain: readonly (readonly [source: string, value: boolean | null | number | string])[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ['yEs', 'yEs'],
  ['nUll', 'nUll'],
  ['0', 0],
  ['-0', 0],
  ['+5', 5],
  ['-5', -5],
  ['1_000', 1000],
  ['050', 40],
  ['0o50', 40],
  ['08', 8],
  ['0x32', 50],
  ['0X1f', 31],
  ['0b11', 3],
  ['-0b11', -3],
  ['50.0', 50],
  ['100.', 100],
  ['.5', 0.5],
  ['1e1', 10],
  ['1E+2', 100],
  ['1e400', '1e400'],
  ['9223372036854775807', 2 ** 63 - 1024],
  ['9223372036854775808', 2 ** 63],
  ['-9223372036854775808', -(2 ** 63)],
  ['-9223372036854775809', -(2 ** 63) - 2048],
  ['999999999999999999999', 1e21],
  ['9'.repeat(400), '9'.repeat(400)],
  ['0x7FFFFFFFFFFFFFFF', 2 ** 63 - 1024],
  ['0xFFFFFFFFFFFFFFFF', 2 ** 64],
  ['0x10000000000000000', '0x10000000000000000'],
  ['-0x8000000000000001', '-0x8000000000000001'],
  ['1:40', '1:40'],
  ['12:30:45', '12:30:45'],
  ['2024-01-01', '2024-01-01'],
  ['_1', '_1'],
  ['1_', 1],
  ['._5', '._5'],
  ['0x', '0x'],
  ['1e', '1e'],
  ['-', '-'],
  ['.', '.'],
  ['1.2.3', '1.2.3'],
  ['\u00A05', '\u00A05'],
  ['shop-00001', 'shop-00001'],
]

for (const [source, value] of plain)
  test(`plain ${JSON.stringify(source)} is ${JSON.stringify(value)}`, () => assert.is(resolvePlain(source), value))

test('infinite and undefined numbers stay numbers, for the reader to refuse', () => {
  assert.is(resolvePlain('.inf'), Infinity)
  assert.is(resolvePlain('-.INF'), -Infinity)
  assert.ok(Number.isNaN(resolvePlain('.NaN')))
  assert.is(resolvePlain('.InF'), '.InF')
})

const tagged: readonly (readonly [tag: string, source: string, value: boolean | null | number | string | undefined])[] =
  [
    ['int', '100', 100],
    ['int', '0x10', 16],
    ['int', '1.5', undefined],
    ['int', 'ten', undefined],
    ['float', '100', 100],
    ['float', 'x', undefined],
    ['bool', 'yes', true],
    ['bool', '1', undefined],
    ['null', '~', null],
    ['null', '0', undefined],
    ['str', '100', '100'],
    ['str', 'on', 'on'],
    ['binary', 'c2hvcA==', 'shop'],
    ['binary', 'shop!', undefined],
    ['timestamp', '2024-01-01', '2024-01-01'],
    ['timestamp', 'today', undefined],
    ['set', 'x', 'x'],
  ]

for (const [tag, source, value] of tagged)
  test(`!!${tag} ${source} is ${JSON.stringify(value)}`, () => assert.is(resolveTagged(tag, source), value))

test('what any reader could take for something else needs quotes', () => {
  for (const text of [
    'on',
    'y',
    '00002',
    '1e3',
    '0x1F',
    '12:30',
    '2024-01-01',
    '',
    '~',
    '1_0',
    '0o7',
    'a b',
    '- a',
    'a: b',
  ])
    assert.ok(needsQuotes(text), text)
  for (const text of ['shop-00002', 'candidate', 'v1', 'a/b', 'HELLO', 'a.b', 'blue_green'])
    assert.not.ok(needsQuotes(text), text)
})

test.run()
