// What a file can be known by, looked for in bytes: the quick way has to find what the plain one does.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { canHold } from '../src/io/open.js'
import { aliasedVersion, hasNearSign, hasOddSign, marker } from '../src/manifest/other-kinds.js'
import { isPointer } from '../src/text/source.js'

const test = suite('signs')

const wide = Buffer.from(marker, 'utf16le')
const plainly = [Buffer.from(marker), Buffer.from(aliasedVersion), wide, wide.subarray(1)]
const nearly = ['traffic', 'apiVersion: s', 'apiVersion: "s', '"apiVersion": "s']

function canHoldPlainly(bytes: Buffer): boolean {
  if (plainly.some((sign) => bytes.includes(sign)) || isPointer(bytes)) return true
  if (nearly.some((sign) => bytes.includes(sign)) && hasNearSign(bytes.toString('latin1'))) return true
  return ['\\', 'binary', '%'].some((sign) => bytes.includes(sign)) && hasOddSign(bytes.toString())
}

const piece = fc.oneof(
  fc.constantFrom(
    'apiVersion',
    'apiVersio',
    '"',
    "'",
    ':',
    ' ',
    '*',
    's',
    'k',
    '/',
    'v1',
    '\n',
    '\r\n',
    '\t',
    '\0',
    'ü',
  ),
  fc.constantFrom(
    'serving',
    'serving.knative.dev/',
    'serving.knative.dev',
    'serving.kserve.io/v1',
    'servin.knativ.dev/v1',
  ),
  fc.constantFrom(
    'apiVersion: ',
    '"apiVersion": "',
    'apiVersion: "',
    'traffic:',
    'kind: Service',
    '%',
    '\\x73',
    '!!binary',
  ),
)
const bytesOf = (pieces: readonly string[], from: number, isWide: boolean): Buffer =>
  Buffer.from(pieces.join(''), isWide ? 'utf16le' : 'utf8').subarray(from)

test('are found wherever a look for each of them finds one', () => {
  const counts = { yes: 0, no: 0 }
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(3), fc.boolean(), (pieces, from, isWide) => {
      const bytes = bytesOf(pieces, from, isWide)
      const expected = canHoldPlainly(bytes)
      counts[expected ? 'yes' : 'no']++
      assert.is(canHold(bytes), expected, JSON.stringify(bytes.toString('latin1')))
    }),
    { numRuns: Number(process.env['RUNS'] ?? 3000) },
  )
  assert.ok(counts.yes > 100 && counts.no > 100)
})

test.run()
