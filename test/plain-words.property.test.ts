// Plain command lines are read without yargs. Whatever is read that way, yargs must read the same.
import { assert as always, asyncProperty, array, constantFrom, oneof, string, tuple, type Arbitrary } from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plainWords } from '../src/cli/run.js'
import { commands } from '../src/cli/commands.js'
import { declarationsOf } from '../src/cli/options.js'
import { parseWords } from '../src/cli/parse-words.js'

const terminal = { stdout: { write: () => undefined, on: () => undefined } }
const all = Object.entries(commands)

async function byYargs(words: readonly string[]): Promise<unknown> {
  const read = await parseWords(words, { terminal, commands })
  if (!('options' in read)) return read
  const { $0: _, ...options } = read.options
  return options
}

const test = suite('plain words')

const values = [
  'a',
  'shop.yaml',
  '10',
  '1e3',
  '0x1',
  'true',
  'false',
  'text',
  'json',
  'a=b',
  'a,b',
  '@latest',
  '..',
  '1..5',
]
const oddities = [
  '',
  '-',
  '--',
  '-x',
  "'a'",
  '"a"',
  'a b',
  ' ',
  '-1',
  '--write=false',
  '--no-write',
  '__proto__',
  '{{.X}}',
]

/** Words for a command: its options with and without values, some twice, some of nobody, and what is no option. */
function wordsFor(name: string): Arbitrary<readonly string[]> {
  const { options } = declarationsOf(commands[name]?.options ?? (() => undefined))
  const flags = [...options.keys(), 'nothing', 'help', 'version']
  const value = oneof({ weight: 6, arbitrary: constantFrom(...values) }, constantFrom(...oddities), string())
  const piece = oneof(
    tuple(constantFrom(...flags), value).map(([flag, given]) => [`--${flag}`, given]),
    tuple(constantFrom(...flags), value).map(([flag, given]) => [`--${flag}=${given}`]),
    constantFrom(...flags).map((flag) => [`--${flag}`]),
    { weight: 3, arbitrary: value.map((given) => [given]) },
  )
  // A word that a command cannot do without comes first, more often than not.
  const first = constantFrom<readonly string[]>([], ['shop'], ['split'])
  return tuple(first, array(piece, { maxLength: 4 })).map(([start, pieces]) => [...start, ...pieces.flat()])
}

for (const [name, command] of all)
  test(`${name}: what is read without yargs is read as yargs reads it`, async () => {
    let count = 0
    const property = asyncProperty(wordsFor(name), async (words) => {
      const plain = plainWords(words, command)
      if (!plain) return
      count++
      assert.equal({ ...plain }, await byYargs([name, ...words]), words.join(' '))
    })
    await always(property, { numRuns: 300, seed: 20_261_128 })
    assert.ok(count > 0 || name === 'completion', name)
  })

const plainLines: readonly string[] = [
  'apply split shop.yaml',
  'apply split',
  'apply split a.yaml b.yaml --percent 10 --write',
  'apply pin --all --stable {{.Service}}-00001',
  'validate',
  'validate . --strict --format github --format sarif --output=a.txt --output b.sarif',
  'status apps --no-color',
  'check --since origin/main',
  'next --all --ready --service prod/shop --service cart',
  'release shop.yaml --image :1.1 --env A=b --tag v2',
  'explain KN301 --format json',
]
const others = new Set([
  'validate . --strict --format github --format sarif --output=a.txt --output b.sarif',
  'status apps --no-color',
])

for (const line of plainLines)
  test(line, async () => {
    const words = line.split(' ')
    const [name = '', ...rest] = words
    const command = commands[name]
    const plain = command && plainWords(rest, command)
    assert.is(plain === undefined, others.has(line))
    if (plain) assert.equal({ ...plain }, await byYargs(words))
  })

for (const line of [
  'apply',
  'apply split --percent',
  'check',
  'apply split --wirte',
  'validate --format xml',
  'explain KN301 x',
])
  test(`${line}: a mistake is left to yargs`, () => {
    const [name = '', ...rest] = line.split(' ')
    const command = commands[name]
    assert.ok(command)
    assert.is(plainWords(rest, command), undefined)
  })

test.run()
