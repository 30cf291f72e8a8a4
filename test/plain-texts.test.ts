// Every character at every place of a text, as edits write it: the real reader must get that very text back.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { writtenScalar } from '../src/edit/wish.js'
import { scalarOf } from '../src/edit/write-value.js'
import { hasKubectl, readByKubectl } from './kubectl.js'

const ascii = Array.from({ length: 0x5f }, (_, index) => String.fromCharCode(0x20 + index))
const signs = ascii.filter((character) => !/[a-zA-Z1-9]/.test(character))
const others = Array.from({ length: 0x80 }, (_, index) => String.fromCharCode(0x80 + index))
const rare = [0x09, 0x0a, 0x0d, 0x7f, 0x2028, 0x2029, 0x202e, 0x3000, 0xe000, 0xfeff, 0xfffd, 0x1_f389]
const characters = [...ascii, ...others, ...rare.map((code) => String.fromCodePoint(code))]

const places = (one: string): readonly string[] =>
  [one, `${one}a`, `a${one}`, `a${one}b`, `a ${one}b`, `a${one} b`, `a ${one} b`, `a ${one}`, `${one} a`].concat(
    `-${one}`,
    `-a${one}`,
    `a${one}${one}b`,
    `${one}${one}a`,
  )
const pairs = signs.flatMap((one) =>
  signs.flatMap((other) => [`${one}${other}`, `x${one}${other}x`, `x${one}y${other}z`]),
)
const values = [...new Set([...characters.flatMap(places), ...pairs])]

type Writing = (value: string) => string
const written: Readonly<Record<string, Writing>> = {
  'behind a colon': (value) => `{a: ${value}}`,
  'between brackets': (value) => `{a: [${value}]}`,
  'tight, behind a quoted key': (value) => `{"a":${value}}`,
  'as a key between braces': (value) => `{${value}: 1}`,
}

/** The values that kubectl does not give back; all at once, and by halves where it refuses. */
function lost(list: readonly string[], writing: Writing): readonly string[] {
  const lines = list.map((value) => `- ${writing(value)}\n`).join('')
  const [object] = readByKubectl(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: all\nlist:\n${lines}`) ?? []
  if (object) {
    const { list: found } = object as { readonly list: readonly unknown[] }
    return list.filter((value, index) => textIn(found[index]) !== value)
  }
  const middle = Math.ceil(list.length / 2)
  return list.length === 1 ? list : [...lost(list.slice(0, middle), writing), ...lost(list.slice(middle), writing)]
}

function textIn(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  const [[key, value] = []] = Object.entries(item)
  return key === 'a' && value !== 1 ? [value].flat()[0] : value === 1 ? key : undefined
}

const test = suite('plain texts')

if (!hasKubectl) console.log('skipped in part: kubectl is not on the PATH')
for (const quote of ['', "'", '"'] as const) {
  for (const [name, around] of Object.entries(written)) {
    test(`${name}, in ${quote || 'no'} quotes`, () => {
      if (!hasKubectl) return
      const own = name.includes('key between') ? values.filter((value) => value !== 'a') : values
      assert.equal(
        lost(own, (value) => around(scalarOf(value, quote, true))),
        [],
      )
    })
  }
  test(`on a line of its own, in ${quote || 'no'} quotes`, () => {
    if (!hasKubectl) return
    assert.equal(
      lost(values, (value) => `a: ${scalarOf(value, quote, false)} # c`),
      [],
    )
    assert.equal(
      lost(values, (value) => `[${writtenScalar(value, quote)}]`).filter((value) => !values.includes(value)),
      [],
    )
  })
}

test('a version keeps being written without quotes', () => {
  for (const version of ['2.4.0', '1.2.3.4', 'v1.2']) assert.is(scalarOf(version, '', false), version)
  for (const number of ['2.4', '1_0.2.3', '1:2.3.4', '007']) assert.is(scalarOf(number, '', false), `"${number}"`)
})

test.run()
