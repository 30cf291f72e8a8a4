import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { otherKindRemarks } from '../src/manifest/other-kinds.js'
import { ownFaults } from '../src/manifest/live.js'
import { plan } from '../src/pipeline/plan.js'
import { routeRules } from '../src/rules/traffic.js'
import { judge, rules } from '../src/rules/judge.js'
import { schemaFaults } from '../src/schema/check.js'
import type { Diagnostic } from '../src/text/diagnostic.js'
import { yamlFaults } from '../src/yaml/faults.js'
import { clusterOf } from './fixture-cluster.js'

// A fixture carries its own expectations: ` # KN301` at the end of a line means that a diagnostic of that code starts
// on the line, and no other line may have an error. The first documents are bad, the last one is good. A comment with
// `cluster:` says what an operator has set in the cluster.

const folder = new URL('../fixtures/rules/', import.meta.url)
const fixtures = readdirSync(folder).toSorted()

function expectations(text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const codes = / #((?: KN\d{3})+)$/.exec(line)?.[1]?.trim().split(' ') ?? []
    return codes.map((code) => `${index + 1} ${code}`)
  })
}

function lineOf(text: string, { range }: Diagnostic): number {
  return text.slice(0, range?.start ?? 0).split('\n').length
}

/** How many of them rules found. */
function ruleErrors(found: readonly Diagnostic[]): number {
  return found.filter(({ code }) => code.startsWith('KN3')).length
}

for (const name of fixtures) {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const code = name.replace('.yaml', '')
  const { diagnostics } = plan([{ path: name, text }], { enabled: [code], ...clusterOf(text) })
  const spoken = diagnostics.filter((diagnostic) => diagnostic.severity === 'error' || diagnostic.code === code)

  test(`${name} says what its comments expect`, () => {
    const found = spoken.map((diagnostic) => `${lineOf(text, diagnostic)} ${diagnostic.code}`)
    assert.equal(found, expectations(text))
    assert.ok(found.some((line) => line.endsWith(code)))
  })

  test(`${name} has the same errors where nothing else is asked for`, () => {
    const { manifests, others } = findManifests({ path: name, text })
    for (const manifest of manifests) {
      const around = { manifests, others, enabled: new Set([code]) }
      const errors = judge(manifest, around).filter(({ severity }) => severity === 'error')
      const only = judge(manifest, { ...around, isOnlyErrors: true })
      assert.equal(
        only.filter(({ severity }) => severity === 'error'),
        errors,
      )
      assert.is(only.filter(({ code: found }) => found.startsWith('KN3')).length, ruleErrors(errors))
    }
  })

  test(`${name} ends with a document that is fine`, () => {
    const last = text.slice(text.lastIndexOf('\n---\n'))
    assert.ok(last.length < text.length)
    assert.is(expectations(last).length, 0)
  })

  test(`${name} speaks in one line, of a field, and says what must be`, () => {
    for (const { message } of spoken.filter(({ severity }) => severity !== 'note')) {
      assert.ok(message.length <= 160, message)
      assert.not.match(message, /\bmust not\b|\.$/)
      if (code !== 'KN101') assert.match(message, /`[^`]+`|^mapping key|^ignore comment/)
      assert.not.match(message, /[\n\r]/)
    }
  })

  test(`${name} points at text`, () => {
    for (const { range } of spoken) assert.ok(range && range.end > range.start)
  })
}

// Faults of bytes and of size: no text that anyone would read shows them. The configuration and what a cluster answered are
// no manifests.
const noText = new Set(['KN102', 'KN104', 'KN110', 'KN114', 'KN125', 'KN191', 'KN192'])

test('every code has a fixture, and every fixture a code', () => {
  const tables = { ...otherKindRemarks, ...yamlFaults, ...ownFaults, ...schemaFaults }
  const codes = [...Object.keys(tables), ...[...rules, ...routeRules].map((rule) => rule.code)]
  assert.is(new Set(codes).size, codes.length)
  assert.equal(
    fixtures,
    codes
      .filter((code) => !noText.has(code))
      .toSorted()
      .map((code) => `${code}.yaml`),
  )
})

test('rules take a value of any shape', () => {
  const shapes = ['null', '[]', '{}', 'x', '1', '[null]', '[[]]', '{a: {}}', '[{}]']
  const places = [
    'metadata',
    'spec',
    'spec: {template',
    'spec: {traffic',
    'spec: {template: {metadata',
    'spec: {template: {spec',
  ]
  const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\n'
  for (const place of places) {
    for (const shape of shapes) {
      const text = `${head}${place}: ${shape}${'}'.repeat(place.split('{').length - 1)}\n`
      assert.ok(plan([{ path: 'x.yaml', text }], {}).diagnostics.length >= 0, text)
    }
  }
})

test.run()
