import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { generatedName, numberOf } from '../src/manifest/names.js'
import { md5 } from '../src/text/hashes.js'

const test = suite('revision number')

test('names revisions as the cluster does', () => {
  for (const [service, number, name] of [
    ['shop', 1, 'shop-00001'],
    ['shop', 42, 'shop-00042'],
    ['shop', 99_999, 'shop-99999'],
    ['shop', 100_000, 'shop-100000'],
    // Seen on a cluster; the one above is as long as a name can be.
    ['a'.repeat(57), 1, `${'a'.repeat(57)}-00001`],
    ['a'.repeat(58), 1, 'aaaaaaaaaaaaaaaaaaaaaaaaadc2f2f2462a0d72358b2f99389458606-00001'],
    ['a'.repeat(57), 100_000, `${'a'.repeat(24)}${md5('a'.repeat(57))}-100000`],
  ] as const) {
    assert.is(generatedName(service, number), name)
    assert.is(numberOf(service, name), number)
    assert.ok(name.length <= 63)
  }
})

test('has no number for what the cluster would not generate', () => {
  for (const name of [
    'shop',
    'shop-v1',
    'shop-0001',
    'shop-00000',
    'shop-000001',
    'shop-00001-abc',
    'shops-00001',
    'my-shop-00001',
    '00001',
    `shop-${'9'.repeat(400)}`,
  ])
    assert.is(numberOf('shop', name), undefined, name)
  assert.is(numberOf('a'.repeat(58), `${'a'.repeat(25)}${md5('b')}-00001`), undefined)
})

test('the number of a generated name is the one it was generated with', () => {
  const service = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
  fc.assert(
    fc.property(service, fc.integer({ min: 1, max: 2_000_000_000 }), (name, number) => {
      const generated = generatedName(name, number)
      return generated.length <= 63 && numberOf(name, generated) === number
    }),
  )
})

test('digests as RFC 1321 and Node do', () => {
  assert.is(md5(''), 'd41d8cd98f00b204e9800998ecf8427e')
  assert.is(md5('message digest'), 'f96b697d7cb7938d525a2f31aaf161d0')
  const long = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(fc.property(long, (text) => md5(text) === createHash('md5').update(text).digest('hex')))
  // Where the padding needs a block of its own, and where it does not.
  for (const length of [55, 56, 63, 64, 119, 120])
    assert.is(md5('x'.repeat(length)), createHash('md5').update('x'.repeat(length)).digest('hex'))
})

test.run()
