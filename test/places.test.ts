// Where fields are, for documents of any size, wherever they begin.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { parseYaml } from '../src/yaml/parse.js'
import { Places } from '../src/yaml/places.js'

const test = suite('places')

/** The texts that the key and the value of a field are found at. */
function foundAt(text: string, places: Places | undefined, path: readonly (string | number)[]): unknown {
  const found = places?.find(path)
  if (!places || !found?.isThere) return undefined
  const [key, value] = [places.keyOf(found.at), places.extentOf(found.at)]
  return [key && text.slice(key.start, key.end), text.slice(value.start, value.end)]
}

for (const [what, before, long] of [
  ['a small document', 0, 10],
  ['a small document far behind', 3_000_000, 10],
  ['one that two bytes can just not count', 0, 65_536],
  ['a large one', 5, 200_000],
  ['a large one far behind', 3_000_000, 200_000],
] as const)
  test(`${what} has its fields where they are`, () => {
    const start = before === 0 ? '' : `# ${'x'.repeat(before)}\n---\n`
    const text = `${start}first: ${'y'.repeat(long)}\nlist:\n  - one\n  - name: two\nlast: end\n`
    const { documents } = parseYaml({ path: 'a.yaml', text }, true)
    const document = documents.at(-1)
    if (!document) throw new Error('no document')
    const places = Places.of(document, new Map())
    assert.equal(foundAt(text, places, ['last']), ['last', 'end'])
    assert.equal(foundAt(text, places, ['list', 0]), [undefined, 'one'])
    assert.equal(foundAt(text, places, ['list', 1, 'name']), ['name', 'two'])
    assert.equal(foundAt(text, places, ['first']), ['first', 'y'.repeat(long)])
    const moved = `${'z'.repeat(9)}${text}`
    assert.equal(foundAt(moved, places?.movedBy(9), ['last']), ['last', 'end'])
    assert.is(foundAt(text, places, ['none']), undefined)
  })

test('the places of thousands of documents do not get mixed up', () => {
  const texts = Array.from({ length: 3000 }, (_, at) => `a${at}: ${'v'.repeat(at % 7)}x\nb: [${at}]\n`)
  const known = new Map<string, string>()
  const all = texts.map((text) => {
    const [document] = parseYaml({ path: 'a.yaml', text }, true).documents
    return document && Places.of(document, known)
  })
  for (const [at, text] of texts.entries()) {
    assert.equal(foundAt(text, all[at], [`a${at}`]), [`a${at}`, `${'v'.repeat(at % 7)}x`])
    assert.equal(foundAt(text, all[at], ['b', 0]), [undefined, `${at}`])
  }
})

test.run()
