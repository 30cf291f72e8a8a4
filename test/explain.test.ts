// Every code has a reason and, where text can show it, examples that are what they claim to be.
import { existsSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { codes } from '../src/pipeline/codes.js'
import { explanationOf, explanations, nearestCode } from '../src/pipeline/explain.js'
import { plan } from '../src/pipeline/plan.js'
import { whys } from '../src/pipeline/why.js'
import { baseOf } from './passages.js'

const root = new URL('../', import.meta.url)
const test = suite('explain')

/** Where a code is reported in a text, by line; after what was committed before it, if anything. */
function linesOf(code: string, text: string, before: readonly string[] | undefined): readonly number[] {
  if (existsSync(new URL(`fixtures/policy/${code}.yaml`, root))) return linesOfPolicy(code, text, before?.at(-1) ?? '')
  const base = before ? { base: { ...baseOf(before, 'x.yaml'), asked: new Set(['x.yaml']) } } : {}
  const { diagnostics } = plan([{ path: 'x.yaml', text }], { enabled: [code], ...base })
  return diagnostics
    .filter((diagnostic) => diagnostic.code === code)
    .map(({ range }) => text.slice(0, range?.start ?? 0).split('\n').length)
}

/** The same for a text that is a configuration. */
function linesOfPolicy(code: string, text: string, before: string): readonly number[] {
  const [old, fresh] = [before, text].map((one) => ({ path: '.kn-rollout.yaml', text: one }))
  const policy = { base: '7551c51', ...(old && { before: old }), ...(fresh && { after: fresh }) }
  const { diagnostics } = plan([], { ...(old && { configuration: old }), policy })
  return diagnostics
    .filter((diagnostic) => diagnostic.code === code)
    .map(({ range }) => text.slice(0, range?.start ?? 0).split('\n').length)
}

function hasFixture(code: string): boolean {
  return ['rules', 'guards', 'policy'].some((room) => existsSync(new URL(`fixtures/${room}/${code}.yaml`, root)))
}

test('every code has a reason of its own, and every reason a code', () => {
  assert.equal(
    explanations.map(({ code }) => code),
    codes.map(({ code }) => code),
  )
  assert.equal(
    Object.keys(whys).toSorted(),
    codes.map(({ code }) => code),
  )
  assert.is(new Set(Object.values(whys)).size, codes.length)
})

for (const { code, why, example } of explanations) {
  test(`${code} is explained in one to three sentences`, () => {
    assert.ok(why.length >= 40, 'too short to help')
    assert.ok(why.length <= 320, 'too long to read')
    assert.match(why, /^\S[^\n]*\.$/)
    assert.ok((why.match(/[.](?= [A-Z`]|$)/g) ?? []).length <= 3, 'more than three sentences')
  })

  test(`${code} has an example if there is a fixture`, () => {
    assert.is(example !== undefined, hasFixture(code))
    if (!example) return
    assert.equal([...new Set(linesOf(code, example.bad, example.before))], example.marks)
    assert.ok(example.marks.length > 0)
    assert.equal(linesOf(code, example.good, example.before), [])
    assert.not.match(example.bad + example.good, /# KN\d|^#/m)
  })
}

test('a code is found in any case, and one that is nearly right is guessed', () => {
  assert.is(explanationOf('kn301')?.code, 'KN301')
  assert.is(explanationOf('KN999'), undefined)
  assert.is(nearestCode('kn3011'), 'KN301')
  assert.is(nearestCode('traffic'), undefined)
})

test('neither the library nor what every command loads carries the reasons and examples', () => {
  const texts = [whys['KN301'] ?? '', 'go-containerregistry/pkg/name'].map((text) => text.slice(0, 40))
  const has = (name: string) => texts.map((text) => readFileSync(new URL(`dist/${name}`, root), 'utf8').includes(text))
  assert.is(has('explain.js')[0], true)
  assert.is(has('program.js')[0], false)
  assert.is(has('index.js')[0], false)
})

test('the reference names every code', () => {
  const page = readFileSync(new URL('docs/rules.md', root), 'utf8')
  for (const { code, why } of explanations) {
    assert.ok(page.includes(`\n## ${code}\n`), code)
    assert.ok(page.includes(why), code)
  }
})

test.run()
