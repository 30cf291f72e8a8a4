// Every code has a reason and, where text can show it, examples that are what they claim to be.
import { existsSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { classOf } from '../src/codes/code.js'
import { allCodes } from '../src/pipeline/codes.js'
import { explanationOf, explanations, nearestCode } from '../src/pipeline/explain.js'
import { plan } from '../src/pipeline/plan.js'
import { clusterOf } from './fixture-cluster.js'
import { baseOf } from './passages.js'

const root = new URL('../', import.meta.url)
const test = suite('explain')

/** Where a code is reported in a text, by line; after what was committed before it, if anything. */
function linesOf(code: string, text: string, before: readonly string[] | undefined): readonly number[] {
  if (existsSync(new URL(`fixtures/policy/${code}.yaml`, root))) return linesOfPolicy(code, text, before?.at(-1) ?? '')
  const base = before ? { base: { ...baseOf(before, 'x.yaml'), asked: new Set(['x.yaml']) } } : {}
  const fixture = new URL(`fixtures/rules/${code}.yaml`, root)
  const cluster = existsSync(fixture) ? clusterOf(readFileSync(fixture, 'utf8')) : {}
  const { diagnostics } = plan([{ path: 'x.yaml', text }], { enabled: [code], ...base, ...cluster })
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

test('a code is defined once, whole, and by a name of its own', () => {
  const codes = allCodes()
  assert.is(new Set(codes.map(({ code }) => code)).size, codes.length)
  assert.is(new Set(codes.map(({ name }) => name)).size, codes.length)
  assert.is(new Set(codes.map(({ why }) => why())).size, codes.length)
  for (const { code, name, severity, title } of codes) {
    assert.match(code, /^KN[1-6]\d\d$/)
    assert.match(name, /^[a-z0-9]+(?:-[a-z0-9]+){0,3}$/, `${code}: 1 to 4 words with dashes`)
    assert.ok(['error', 'warning', 'note'].includes(severity), code)
    assert.ok(title.length > 8, code)
    assert.ok(classOf(code), `${code} has a class`)
  }
})

test('what restates a rule of Knative says where Knative says it', () => {
  for (const { code, source } of allCodes())
    if (classOf(code) === 'rules') assert.ok(source !== undefined && source.length > 10, code)
})

for (const { code, why, example } of explanations()) {
  test(`${code} is explained in a few sentences`, () => {
    assert.ok(why.length >= 40, 'too short to help')
    assert.ok(why.length <= 360, 'too long to read')
    assert.match(why, /^\S[^\n]*\.$/)
    assert.ok((why.match(/[.](?= [A-Z`]|$)/g) ?? []).length <= 5, 'more than five sentences')
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
  assert.is(explanationOf('traffic-sum')?.code, 'KN301')
  assert.is(nearestCode('trafic-sum'), 'traffic-sum')
  assert.is(nearestCode('nothing like it'), undefined)
})

test('neither the library nor what every command loads carries the examples', () => {
  const example = explanationOf('KN301')?.example?.good ?? ''
  assert.ok(example.length > 40)
  const holders = ['examples.js', 'explain.js', 'program.js', 'index.js'].filter((name) => {
    return readFileSync(new URL(`dist/${name}`, root), 'utf8')
      .replaceAll(String.raw`\n`, '\n')
      .includes(example)
  })
  assert.equal(holders, ['examples.js'])
})

test('what every command loads carries no reason', () => {
  const why = explanationOf('KN301')?.why.slice(0, 60) ?? ''
  assert.ok(why.length > 40)
  const has = (name: string): boolean => readFileSync(new URL(`dist/${name}`, root), 'utf8').includes(why)
  assert.equal([has('reasons.js'), has('program.js')], [true, false])
})

test('the reference names every code', () => {
  const page = readFileSync(new URL('docs/rules.md', root), 'utf8')
  for (const { code, why } of explanations()) {
    assert.ok(page.includes(`\n### ${code}\n`), code)
    assert.ok(page.includes(why), code)
  }
})

test.run()
