import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'

import { proveEdits } from '../src/edit/prove.js'
import { spliceService, type ServiceWish } from '../src/edit/traffic.js'
import type { FieldWish } from '../src/edit/wish.js'
import { findManifests } from '../src/manifest/find.js'
import type { Manifest } from '../src/manifest/manifest.js'
import { readTraffic } from '../src/manifest/traffic.js'
import { applyEdits, type Edit } from '../src/text/edit.js'
import { formatPatch } from '../src/text/patch.js'
import type { Path } from '../src/text/path.js'
import { isList, isObject, type Json, type JsonObject } from '../src/yaml/json.js'
import { layouts } from './layouts.js'
import { templates, type Written } from './templates.js'

/**
 * The laws of field edits, over layouts that people and tools write and wishes for any field. Another seed or more cases:
 * `KN_SEED=7 KN_RUNS=20000 node test/run.mjs fields.property`.
 */
const seed = Number(process.env['KN_SEED'] ?? 20_240_229)
const numRuns = Number(process.env['KN_RUNS'] ?? 400)

/** Numbers that choose among what a Service offers. */
type Choice = { readonly kind: number; readonly at: number; readonly value: Json; readonly prune: boolean }
type Case = { readonly layout: Written; readonly choices: readonly Choice[]; readonly moves: boolean }

const scalars = fc.constantFrom<Json>(
  'v2',
  'quay.io/a/b:v2@sha256:0a',
  '8080',
  'true',
  'on',
  '',
  7,
  false,
  null,
  'a: b # c',
)
const anything = fc.oneof(
  { weight: 3, arbitrary: scalars },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Json>(
      { tcpSocket: {}, successThreshold: 1 },
      {},
      [],
      { name: 'A', value: '1' },
      ['--port=80', { deep: [[], ['x', 'it\'s, "so"']] }],
      [{ name: 'a', list: ['b'] }, 'c\nd'],
    ),
  },
)
const choices = fc.array(
  fc.record({ kind: fc.nat({ max: 6 }), at: fc.nat({ max: 999 }), value: anything, prune: fc.boolean() }),
  { minLength: 1, maxLength: 5 },
)
const cases: fc.Arbitrary<Case> = fc.record({
  layout: fc.oneof(layouts, templates),
  choices,
  moves: fc.boolean(),
})

// --- wishes for what is there -------------------------------------------------------------------------------------------

type Found = { readonly path: Path; readonly value: Json }

function everything(value: Json, path: Path = []): readonly Found[] {
  const inner = isList(value)
    ? value.flatMap((item, index) => everything(item, [...path, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => everything(item, [...path, key]))
      : []
  return [{ path, value }, ...inner]
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((step, index) => step === path[index])
}

const fixed = new Set(['', 'metadata.name', 'spec.template'])

/** Wishes that do not contradict each other, and leave alone what makes the object a Service. */
function wishesFor(value: JsonObject, chosen: readonly Choice[]): readonly FieldWish[] {
  const places = everything(value).filter(({ path }) => {
    return !(path.length === 1 && path[0] !== 'status') && !isWithin(path, ['spec', 'traffic'])
  })
  const own = places.filter(({ path }) => !fixed.has(path.join('.')))
  const wishes: FieldWish[] = []
  for (const [number, { kind, at, value: wanted, prune }] of chosen.entries()) {
    const wish = wishFor(kind, own, places, at, wanted, prune, `new-${number}`)
    const clashes = wishes.some(({ path }) => wish && (isWithin(wish.path, path) || isWithin(path, wish.path)))
    if (wish && !clashes) wishes.push(wish)
  }
  return wishes
}

function wishFor(
  kind: number,
  own: readonly Found[],
  all: readonly Found[],
  at: number,
  value: Json,
  prune: boolean,
  fresh: string,
): FieldWish | undefined {
  const pick = (found: readonly Found[]): Found | undefined => found[at % Math.max(found.length, 1)]
  const mapping = pick(all.filter((one) => isObject(one.value)))
  const named = pick(own.filter(({ path }) => typeof path.at(-1) === 'string'))
  const single = pick(own.filter((one) => !isObject(one.value) && !isList(one.value)))
  const list = pick(own.filter((one) => isList(one.value)))
  const part = pick(own)
  const isSingle = !isObject(value) && !isList(value)
  if (kind === 0 && single) return { kind: 'set', path: single.path, value: isSingle ? value : 'v3' }
  if (kind === 1 && mapping) return { kind: 'set', path: [...mapping.path, fresh], value }
  if (kind === 2 && mapping) return { kind: 'set', path: [...mapping.path, fresh, 'metadata', 'a/b'], value }
  if (kind === 3 && list) return { kind: 'append', path: list.path, value }
  if (kind === 4 && mapping) return { kind: 'append', path: [...mapping.path, fresh], value }
  if (kind === 5 && part) return { kind: 'remove', path: part.path, prune }
  return named ? { kind: 'rename', path: named.path, to: `${fresh}/x` } : undefined
}

// --- an own way to make wishes come true, which shares no code with the tool -----------------------------------------------

type Loose = { [key: string | number]: unknown }

function model(value: Json, wishes: readonly FieldWish[]): unknown {
  const result = structuredClone(value) as unknown as Loose
  const at = (path: Path, makes: boolean): Loose => {
    let found = result
    for (const step of path) {
      if (makes) found[step] ??= {}
      found = (found as Loose | undefined)?.[step] as Loose
    }
    return found
  }
  for (const wish of wishes) {
    const [parent, name] = [wish.path.slice(0, -1), wish.path.at(-1) ?? '']
    if (wish.kind === 'set') at(parent, true)[name] = wish.value
    if (wish.kind === 'append') at(parent, true)[name] = [...((at(parent, true)[name] ?? []) as unknown[]), wish.value]
    if (wish.kind === 'remove' && Array.isArray(at(parent, false))) at(parent, false)[name] = undefined
  }
  for (const { kind, path } of wishes) if (kind === 'remove') delete at(path.slice(0, -1), false)[path.at(-1) ?? '']
  for (const wish of wishes) {
    if (wish.kind !== 'remove' || !wish.prune) continue
    for (let up = wish.path.slice(0, -1); up.length > 0; up = up.slice(0, -1)) {
      const parent = at(up.slice(0, -1), false)
      if (!parent || Object.values(at(up, false) ?? { gone: true }).length > 0) break
      delete parent[up.at(-1) ?? '']
    }
  }
  for (const wish of wishes) {
    if (wish.kind !== 'rename') continue
    const parent = at(wish.path.slice(0, -1), false)
    parent[wish.to] = parent[wish.path.at(-1) ?? '']
    delete parent[wish.path.at(-1) ?? '']
  }
  return dense(result)
}

/** Lists without the holes that removed items leave. */
function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((_, index) => index in value).map(dense)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dense(item)]))
}

// --- running the engine ---------------------------------------------------------------------------------------------------

type Result = {
  readonly text: string
  readonly edits: readonly Edit[]
  readonly wishes: ReadonlyMap<Manifest, ServiceWish>
  readonly removed: readonly string[]
  readonly refusals: readonly string[]
}

const path = 'apps/shop.yaml'
const known = new Map<string, Result>()

/** Every law runs over the same cases, so each is worked out once. */
function spliced(one: Case): Result {
  const key = JSON.stringify([one.layout.text, one.choices, one.moves])
  const result = known.get(key) ?? splice(one)
  known.set(key, result)
  return result
}

function splice({ layout: { text }, choices: chosen, moves }: Case): Result {
  const file = { path, text }
  const reading = findManifests(file, true)
  const wishes = new Map<Manifest, ServiceWish>()
  const proofs = new Map<Manifest, readonly FieldWish[]>()
  const [edits, removed, refusals]: [Edit[], string[], string[]] = [[], [], []]
  for (const manifest of reading.manifests) {
    const current = readTraffic(manifest)
    const traffic = moves && current ? [...current, { revision: { name: 'shop-00009' }, percent: 0 }] : undefined
    // Pruning could take `spec` with it, and the traffic.
    const careful = moves ? chosen.map((one) => ({ ...one, prune: false })) : chosen
    const wish = { fields: wishesFor(manifest.value, careful), ...(traffic && { traffic }) }
    const found = spliceService(manifest, wish)
    if ('code' in found) {
      refusals.push(`${found.code} ${found.message}`)
      continue
    }
    wishes.set(manifest, wish)
    proofs.set(manifest, [...wish.fields, ...found.moved])
    edits.push(...found.edits)
    removed.push(...found.notes.flatMap(({ kind, text: comment }) => (kind === 'removed' ? [comment.trimEnd()] : [])))
  }
  const proved = proveEdits(file, reading, edits, proofs, { removed })
  assert.ok(proved, 'the proof must hold')
  return { text: applyEdits(text, edits), edits, wishes, removed, refusals }
}

function law(check: (one: Case, result: Result) => void): void {
  let changed = 0
  fc.assert(
    fc.property(cases, (one) => {
      const result = spliced(one)
      if (result.edits.length > 0) changed++
      check(one, result)
    }),
    { seed, numRuns, reporter },
  )
  assert.ok(changed > numRuns / 2, `only ${changed} of ${numRuns} cases changed anything`)
}

function reporter(details: fc.RunDetails<[Case]>): void {
  const [found] = details.counterexample ?? []
  if (!details.failed || !found) return
  const { text } = found.layout
  const { manifests } = findManifests({ path, text }, true)
  const wishes = manifests.map(({ value }) => JSON.stringify(wishesFor(value, found.choices)))
  const after = manifests.map((manifest) => {
    const made = spliceService(manifest, { fields: wishesFor(manifest.value, found.choices) })
    return 'code' in made ? made.message : safely(text, made.edits)
  })
  const shown = [
    `seed ${seed}: ${String(details.errorInstance)}`,
    `moves: ${found.moves}`,
    ...wishes,
    JSON.stringify(text),
    text,
    '--- after',
    ...after,
  ]
  const error = new Error(shown.join('\n'))
  error.stack = error.name
  throw error
}

function safely(text: string, edits: readonly Edit[]): string {
  try {
    return applyEdits(text, edits)
  } catch (error) {
    return `${String(error)}: ${JSON.stringify(edits)}`
  }
}

const test = suite('fields')

for (const version of ['1.1', '1.2'] as const) {
  test(`what is wished is there, for readers of YAML ${version}`, () => {
    law(({ layout: { text } }, result) => {
      if (result.refusals.length > 0 || /\r(?!\n)/.test(text)) return
      const [before, after] = [text, result.text].map((one) => servicesIn(one, version))
      for (const [index, { fields = [], traffic }] of [...result.wishes.values()].entries()) {
        const [wanted, found] = [model(before?.[index] ?? null, fields) as Loose, structuredClone(after?.[index])]
        for (const one of [wanted, found as unknown as Loose]) if (traffic) delete (one['spec'] as Loose)['traffic']
        assert.equal(found, wanted)
      }
    })
  })
}

/** The Services of a text as a YAML library reads them. */
function servicesIn(text: string, version: '1.1' | '1.2'): readonly Json[] {
  const documents = parseAllDocuments(text, { version, uniqueKeys: false, logLevel: 'silent' })
  const values = 'empty' in documents ? [] : documents.map((one) => one.toJS({ maxAliasCount: -1 }) as Json)
  const objects = values.flatMap((one) => (isObject(one) && isList(one['items']) ? one['items'] : [one]))
  return objects.filter((one) => isObject(one) && one['apiVersion'] === 'serving.knative.dev/v1')
}

test('little is refused', () => {
  let refused = 0
  law((_, { refusals }) => {
    for (const refusal of refusals)
      assert.match(refusal, /^KN412 .* other places of the file|^KN411 .* the alias|^KN414 .*: a line ends in/)
    refused += refusals.filter((refusal) => refusal.startsWith('KN414')).length
  })
  assert.ok(refused < numRuns / 50, `${refused} refusals`)
})

test('every byte outside the edits is equal', () => {
  law(({ layout: { text } }, { edits, text: after }) => {
    let [position, shift] = [0, 0]
    for (const { range, text: added } of edits.toSorted(
      (a, b) => a.range.start - b.range.start || a.range.end - b.range.end,
    )) {
      assert.is(after.slice(position + shift, range.start + shift), text.slice(position, range.start))
      shift += added.length - (range.end - range.start)
      position = range.end
    }
    assert.is(after.slice(position + shift), text.slice(position))
  })
})

test('a wish that is granted changes nothing', () => {
  law((_, { text, wishes, refusals }) => {
    if (refusals.length > 0) return
    const after = findManifests({ path, text }, true).manifests
    for (const [index, { fields = [] }] of [...wishes.values()].entries()) {
      const manifest = after[index]
      if (!manifest) continue
      const again = fields.filter(
        ({ kind, path: at }) => kind !== 'append' && !at.some((step) => typeof step === 'number'),
      )
      const moved = fields.some(({ kind }) => kind === 'rename')
      const made = spliceService(manifest, { fields: moved ? [] : again })
      assert.equal('code' in made ? made : made.edits, [])
    }
  })
})

test('comments stay but for those that are named', () => {
  law(({ layout: { text, remarks } }, { text: after, removed }) => {
    for (const { mark } of remarks) {
      const isNamed = removed.some((comment) => comment.includes(mark))
      assert.is(after.includes(mark), !isNamed, `${mark} in ${text.length} characters`)
    }
  })
})

test('git takes the patch, and takes it back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patches-'))
  const git = (...words: readonly string[]): void => {
    const flags = ['-c', 'core.autocrlf=false', '-c', 'core.safecrlf=false']
    execFileSync('git', [...flags, ...words], { cwd: folder, stdio: 'pipe' })
  }
  try {
    git('init', '-q')
    const found = fc.sample(cases, { seed, numRuns: numRuns / 4 }).map((one, index) => {
      const file = { path: `${index} größer.yaml`, text: one.layout.text }
      const { text, edits } = spliced(one)
      return { file, text, patch: formatPatch(file, edits) }
    })
    const check = (expected: 'before' | 'after'): void => {
      for (const { file, text } of found)
        assert.is(readFileSync(join(folder, file.path), 'utf8'), expected === 'after' ? text : file.text)
    }
    for (const { file } of found) writeFileSync(join(folder, file.path), file.text)
    writeFileSync(join(folder, 'all.patch'), found.map(({ patch }) => patch).join(''))
    git('apply', '--whitespace=nowarn', 'all.patch')
    check('after')
    git('apply', '--whitespace=nowarn', '-R', 'all.patch')
    check('before')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test.run()
