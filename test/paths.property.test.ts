// A path from one place to another: the short way has to lead where the long one does.
import path from 'node:path'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { isKustomization, relativePath } from '../src/io/paths.js'
import { kustomizationNames } from '../src/kustomize/folders.js'

const test = suite('paths')

const part = fc.constantFrom('a', 'b', 'a.yaml', '.git', '...', '..', '.', '', 'two words', 'ü')
const place = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)

test('is the same as that of Node, however the two are written', () => {
  let below = 0
  fc.assert(
    fc.property(place, place, fc.boolean(), fc.constantFrom('', '/'), (from, rest, isBelow, slash) => {
      const to = isBelow ? `${from}${slash}${rest.slice(1)}` : rest
      const expected = path.relative(from, to)
      if (!expected.startsWith('..')) below++
      assert.is(relativePath(from, to), expected, `${from} → ${to}`)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 2000) },
  )
  assert.ok(below > 100)
})

test('what is a kustomization is told by the last part of its name alone', () => {
  const end = fc.constantFrom(
    ...kustomizationNames,
    'kustomization.yaml.gz',
    'kustomization',
    'my-kustomization.yaml',
    'a',
  )
  const slashes = fc.constantFrom('', '', '/', '//')
  let found = 0
  fc.assert(
    fc.property(fc.constantFrom('', '/', './'), fc.array(part), end, slashes, (start, parts, name, behind) => {
      const file = `${start}${[...parts, name].join('/')}${behind}`
      const expected = kustomizationNames.some((one) => one === path.basename(file))
      if (expected) found++
      assert.is(isKustomization(file), expected, file)
    }),
  )
  assert.ok(found > 10)
})

test.run()
