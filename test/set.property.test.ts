// `set` against a model of kn's semantics, written as kn has it (knative/client, pkg/kn/traffic/compute.go): one list that
// is changed in place, flag by flag. Another seed or more cases: `KN_SEED=7 KN_RUNS=20000 node test/run.mjs set.property`.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, stringify } from 'yaml'

import { plan } from '../src/pipeline/plan.js'
import type { SetRequest } from '../src/stages/set.js'

const seed = Number(process.env['KN_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['KN_RUNS'] ?? 600)

type Entry = { name: string; percent: number; tag: string }

const tags = ['v1', 'v2', 'old', 'shop-v2'] as const
const names = ['shop-v1', 'shop-v2', 'shop-v3', '@latest', 'shop-00007', 'unknown'] as const

/** Lists as the cluster admits them: shares that sum to 100, each tag once, the latest revision at most once. */
const traffic: fc.Arbitrary<readonly Entry[]> = fc
  .record({
    names: fc.array(fc.constantFrom('shop-v1', 'shop-v2', 'shop-v1', '@latest'), { maxLength: 4 }),
    tags: fc.shuffledSubarray([...tags, '', '', ''], { minLength: 4 }),
    cuts: fc.array(fc.constantFrom(0, 10, 50, 90, 100), { minLength: 3, maxLength: 3 }),
  })
  .map(({ names: chosen, tags: own, cuts }) => {
    const once = chosen.filter((name, index) => name !== '@latest' || chosen.indexOf(name) === index)
    const bounds = [...cuts.slice(0, Math.max(0, once.length - 1)).toSorted((a, b) => a - b), 100]
    return once.map((name, index) => {
      return { name, percent: (bounds[index] ?? 0) - (bounds[index - 1] ?? 0), tag: own[index] ?? '' }
    })
  })

const requests: fc.Arbitrary<SetRequest> = fc
  .record({
    untag: fc.uniqueArray(fc.constantFrom(...tags), { maxLength: 2 }),
    tags: fc.array(fc.record({ revision: fc.constantFrom(...names), tag: fc.constantFrom(...tags) }), { maxLength: 2 }),
    shares: fc.uniqueArray(
      fc.record({ target: fc.constantFrom(...names, ...tags), percent: fc.constantFrom(0, 10, 20, 50, 80, 100) }),
      { maxLength: 3, selector: ({ target }) => target },
    ),
    isSplit: fc.boolean(),
    allowUnknown: fc.boolean(),
  })
  .filter(({ shares }) => shares.reduce((sum, { percent }) => sum + percent, 0) <= 100)
  .map(({ untag, tags: given, shares, isSplit, allowUnknown }) => {
    return { untag, tags: given, ...(isSplit && shares.length > 0 ? { shares } : {}), allowUnknown }
  })

const styles = fc.constantFrom<Style>('block', 'block', 'flow entries', 'flow list', 'no final newline')
const template = 'shop-v2'

/** The list that kn would send, or 'refused'. The comments name what is not kn's: refusals, and revisions from the file. */
function model(
  before: readonly Entry[],
  { untag = [], tags: given = [], shares, allowUnknown }: SetRequest,
): readonly Entry[] | 'refused' {
  const known = new Set([...before.map(({ name }) => name), template])
  // Not kn's: it takes any name.
  const isTaken = (name: string): boolean =>
    allowUnknown === true || name === '@latest' || name === 'shop-00007' || known.has(name)
  const list = before.length > 0 ? before.map((entry) => ({ ...entry })) : [{ name: '@latest', percent: 100, tag: '' }]
  for (const tag of untag) {
    const held = list.find((entry) => entry.tag === tag)
    if (held) held.tag = ''
    else if (!allowUnknown) return 'refused'
  }
  for (const { revision, tag } of given) {
    if (!isTaken(revision)) return 'refused'
    if (list.some((entry) => entry.name === revision && entry.tag === tag)) continue
    if (list.some((entry) => entry.tag === tag)) return 'refused'
    const first = list.find((entry) => entry.name === revision)
    if (first && first.tag === '') first.tag = tag
    else if (first && revision === '@latest') return 'refused'
    else list.push({ name: revision, percent: 0, tag })
  }
  if (shares) {
    for (const entry of list) entry.percent = 0
    const meant = new Set<Entry>()
    let sum = 0
    for (const { target, percent } of shares) {
      sum += percent
      let entry = list.find(({ tag }) => tag === target) ?? list.find(({ name }) => name === target)
      if (!entry) {
        if (!isTaken(target)) return 'refused'
        entry = { name: target, percent: 0, tag: '' }
        list.push(entry)
      }
      // Not kn's: it lets the second win, and the cluster refuses the sum.
      if (meant.has(entry)) return 'refused'
      meant.add(entry)
      entry.percent = percent
    }
    if (sum < 100) {
      // Not kn's: it lists the revisions of the cluster.
      const revisions = new Set(list.map(({ name }) => name))
      if (!revisions.has('@latest')) revisions.add(template)
      for (const { name } of meant) revisions.delete(name)
      const [only, second] = revisions
      if (only === undefined || second !== undefined) return 'refused'
      const entry = list.find(({ name }) => name === only)
      if (entry) entry.percent = 100 - sum
      else list.push({ name: only, percent: 100 - sum, tag: '' })
    }
  }
  return list.filter(({ tag, percent }) => tag !== '' || percent !== 0)
}

type Style = 'block' | 'flow entries' | 'flow list' | 'no final newline'

function manifestOf(list: readonly Entry[], style: Style = 'block'): string {
  const entries = list.map(({ name, percent, tag }) => {
    return { ...(name === '@latest' ? { latestRevision: true } : { revisionName: name }), percent, ...(tag && { tag }) }
  })
  const containers = [{ image: 'example.com/shop:1' }]
  const spec = { template: { metadata: { name: template }, spec: { containers } } }
  const head = stringify({ apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'shop' }, spec })
  if (entries.length === 0) return head
  if (style === 'flow list') return `${head}  traffic: ${JSON.stringify(entries)}\n`
  if (style === 'flow entries')
    return `${head}  traffic:\n${entries.map((one) => `  - ${JSON.stringify(one)}\n`).join('')}`
  const lines = stringify({ traffic: entries }).replaceAll(/^(?=.)/gm, '  ')
  return head + (style === 'block' ? lines : lines.trimEnd())
}

function entriesIn(text: string): readonly Entry[] {
  const { spec } = parse(text) as {
    spec: { traffic?: readonly { revisionName?: string; percent?: number; tag?: string }[] }
  }
  return (spec.traffic ?? []).map(({ revisionName = '@latest', percent = 0, tag = '' }) => ({
    name: revisionName,
    percent,
    tag,
  }))
}

function run(text: string, request: SetRequest): string {
  const { changes, diagnostics } = plan([{ path: 'shop.yaml', text }], { move: { command: 'set', ...request } })
  return diagnostics.some(({ code }) => code.startsWith('KN4')) ? 'refused' : (changes[0]?.text ?? text)
}

const test = suite('set, by a model of kn')

test('gives what kn gives', () => {
  const seen = { refused: 0, changed: 0 }
  fc.assert(
    fc.property(traffic, requests, styles, (before, request, how) => {
      const expected = model(before, request)
      const text = manifestOf(before, how)
      const after = run(text, request)
      if (expected === 'refused' || after === 'refused') assert.is(after, expected)
      else {
        const isUntouched = before.length === 0 && expected.every(({ name, tag }) => name === '@latest' && tag === '')
        assert.equal(entriesIn(after), isUntouched ? [] : expected)
      }
      if (after === 'refused') seen.refused++
      else if (after !== text) seen.changed++
    }),
    { seed, numRuns },
  )
  assert.ok(seen.refused > numRuns / 10 && seen.changed > numRuns / 10, JSON.stringify(seen))
})

test('the split is there after the second run as after the first, whatever tags it takes away', () => {
  fc.assert(
    fc.property(traffic, requests, (before, request) => {
      const first = run(manifestOf(before), request)
      if (first === 'refused' || (request.shares?.some(({ target }) => request.untag?.includes(target)) ?? false))
        return
      const second = run(first, { ...request, allowUnknown: true })
      if (second !== 'refused') assert.equal(sums(entriesIn(second)), sums(entriesIn(first)))
    }),
    { seed, numRuns },
  )
})

function sums(list: readonly Entry[]): number {
  return list.length === 0 ? 100 : list.reduce((sum, { percent }) => sum + percent, 0)
}

test.run()
