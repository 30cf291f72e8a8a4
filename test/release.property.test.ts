import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'

import { plan } from '../src/pipeline/plan.js'
import type { FileChange } from '../src/pipeline/request.js'
import type { ReleaseRequest } from '../src/stages/release.js'
import { applyEdits } from '../src/text/edit.js'
import { layouts, type Layout } from './layouts.js'

/**
 * The laws of a release, over layouts that people and tools write. Another seed or more cases:
 * `KN_SEED=7 KN_RUNS=20000 node test/run.mjs release.property`.
 */
const seed = Number(process.env['KN_SEED'] ?? 20_240_229)
const numRuns = Number(process.env['KN_RUNS'] ?? 250)
const path = 'shop.yaml'
const image = 'quay.io/example/shop:v2'

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }
type Case = { readonly layout: Layout; readonly ask: ReleaseRequest; readonly spell: boolean }

const values = fc.constantFrom('debug', 'on', '', 'a: b # c', 'line\nbreak', '007')
const asks: fc.Arbitrary<ReleaseRequest> = fc
  .record({
    env: fc.option(
      fc
        .tuple(fc.constantFrom('MODE', 'NEW'), fc.option(values, { nil: undefined }))
        .map(([name, value]) => [{ name, value }]),
      { nil: undefined },
    ),
    annotations: fc.option(
      values.map((value) => [{ name: 'example.com/team', value }]),
      { nil: undefined },
    ),
    candidate: fc.constantFrom('@latest', 'shop-00003', undefined),
    revisionName: fc.constantFrom(undefined, undefined, '{{.Service}}-v{{.Next}}'),
  })
  .map(({ env, annotations, candidate, revisionName }) => ({
    image: ':v2',
    tag: 'candidate',
    stable: 'shop-00001',
    ...(env && { env }),
    ...(annotations && { annotations }),
    ...(revisionName !== undefined && { revisionName }),
    ...(candidate !== undefined && revisionName === undefined && { candidate }),
  }))
const cases: fc.Arbitrary<Case> = fc.record({ layout: layouts, ask: asks, spell: fc.boolean() })

function run(text: string, { ask, spell }: Pick<Case, 'ask' | 'spell'>): FileChange | undefined {
  return plan([{ path, text }], { all: true, spell, move: { command: 'release', ...ask } }).changes[0]
}

const known = new Map<string, FileChange | undefined>()

function planned({ layout, ask, spell }: Case): FileChange | undefined {
  const key = JSON.stringify([layout.text, ask, spell])
  if (!known.has(key)) known.set(key, run(layout.text, { ask, spell }))
  return known.get(key)
}

function law(check: (one: Case, change: FileChange) => void): void {
  let changed = 0
  fc.assert(
    fc.property(cases, (one) => {
      const change = planned(one)
      if (!change) return
      changed++
      check(one, change)
    }),
    { seed, numRuns },
  )
  assert.ok(changed > numRuns / 4, `only ${changed} of ${numRuns} cases changed anything`)
}

function documents(text: string): readonly Plain[] {
  const found = parseAllDocuments(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' })
  return 'empty' in found ? [] : found.map((document) => document.toJS({ maxAliasCount: -1 }) as Plain)
}

function isMapping(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isService(value: Plain): boolean {
  return (
    isMapping(value) &&
    value['kind'] === 'Service' &&
    /^serving[.]knative[.]dev\//.test(JSON.stringify(value['apiVersion']).slice(1))
  )
}

function objects(text: string): readonly Plain[] {
  return documents(text).flatMap((value) =>
    isMapping(value) && Array.isArray(value['items']) ? (value['items'] as readonly Plain[]) : [value],
  )
}

/** A copy without what a release may change. */
function rest(value: Plain): Plain {
  if (!isService(value)) return value
  const copy = structuredClone(value) as { readonly spec: unknown }
  const { spec } = copy as {
    spec: { traffic?: unknown; template: { metadata?: unknown; spec: { containers: Record<string, unknown>[] } } }
  }
  delete spec.traffic
  delete spec.template.metadata
  for (const container of spec.template.spec.containers)
    for (const key of ['image', 'env', 'name', 'readinessProbe']) delete container[key]
  return copy as Plain
}

const test = suite('release properties')

test('every image is the new one, and all that was not asked for is as it was', () => {
  law(({ layout }, change) => {
    const moved = change.changes.length
    const images = objects(change.text)
      .filter(isService)
      .map((value) => JSON.stringify(value).includes(`"image":"${image}"`))
    assert.is(images.filter(Boolean).length, moved)
    assert.equal(objects(change.text).map(rest), objects(layout.text).map(rest))
  })
})

test('a second run has nothing to do', () => {
  law(({ ask, spell }, change) => {
    if (change.changes.length < objects(change.text).filter(isService).length) return
    const again = run(change.text, { ask, spell })
    assert.is(again?.patch, undefined)
  })
})

test('the edits lie in the traffic, in the values that change, or between lines', () => {
  law(({ layout }, { edits }) => {
    for (const { range } of edits) {
      if (range.start === range.end) continue
      if (layout.services.some(({ region }) => region.start <= range.start && range.end <= region.end)) continue
      const text = layout.text.slice(range.start, range.end)
      assert.match(text, /^(?:["']?quay\.io\/example\/shop:v1["']?|["']?shop-00002["']?)$|MODE|yes|on|[|>]/)
    }
  })
})

test('no comment is lost but those that are named', () => {
  law(({ layout }, { text, changes }) => {
    const removed = changes
      .flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'removed'))
      .map((note) => note.text)
    for (const { mark } of layout.remarks)
      assert.ok(text.includes(mark) || removed.some((comment) => comment.includes(mark)), `${mark} is lost`)
  })
})

test('the edits make the text', () => {
  law(({ layout }, { edits, text }) => assert.is(applyEdits(layout.text, edits), text))
})

test.run()
