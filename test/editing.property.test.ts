import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isMap, isScalar, isSeq, parseAllDocuments, type Document, type YAMLSeq } from 'yaml'

import { plan } from '../src/pipeline/plan.js'
import type { FileChange } from '../src/pipeline/request.js'
import type { StageRequest } from '../src/stages/apply.js'
import { stages } from '../src/stages/stages.js'
import { layouts, promoted, revisions, type Layout, type Target } from './layouts.js'

/**
 * The laws of editing, over layouts that people and tools write and every stage. Another seed or more cases:
 * `KN_SEED=7 KN_RUNS=20000 node test/run.mjs editing`.
 */
const seed = Number(process.env['KN_SEED'] ?? 20_240_229)
const numRuns = Number(process.env['KN_RUNS'] ?? 400)
const path = 'apps/shop.yaml'

type Ask = StageRequest
type Case = { readonly layout: Layout; readonly ask: Ask }

const role = fc.constantFrom(...revisions.slice(0, 2), '@latest', '00002')
const asks: fc.Arbitrary<Ask> = fc
  .record({
    stage: fc.constantFrom(...stages.map(({ name }) => name)),
    roles: fc.oneof(
      { weight: 3, arbitrary: fc.constant({ stable: 'shop-00001', candidate: 'shop-00002' }) },
      { weight: 1, arbitrary: fc.constant({ stable: 'shop-00001' }) },
      { weight: 1, arbitrary: fc.constant({ candidate: 'shop-00002' }) },
      { weight: 1, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.record({ stable: role, candidate: role }) },
    ),
    tag: fc.constantFrom('v2', undefined, 'v2', 'on', 'yes'),
    percent: fc.constantFrom(undefined, undefined, 10, 99, 0),
  })
  .map(({ stage, roles, tag, percent }) => {
    return {
      stage,
      ...roles,
      ...(tag === undefined ? {} : { tag }),
      ...(percent === undefined ? {} : { percent }),
    }
  })
const cases: fc.Arbitrary<Case> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ layout: layouts, ask: asks }) },
  {
    weight: 1,
    arbitrary: fc.record({
      layout: promoted,
      ask: fc.constant({ stage: 'retire', stable: 'shop-00001', candidate: 'shop-00002' }),
    }),
  },
)

// --- running the tool -------------------------------------------------------------------------------------------------

type Result = {
  readonly change: FileChange | undefined
  readonly refusals: readonly string[]
}

function run(text: string, ask: Ask, name = path): Result {
  const { changes, diagnostics } = plan([{ path: name, text }], { all: true, move: { command: 'apply', ...ask } })
  const refusals = diagnostics.filter(({ code }) => code.startsWith('KN4')).map(({ code }) => code)
  return { change: changes[0], refusals }
}

const known = new Map<string, Result>()

/** Every law runs over the same cases, so each is planned once. */
function planned({ layout, ask }: Case): Result {
  const key = JSON.stringify([layout.text, ask])
  const result = known.get(key) ?? run(layout.text, ask)
  known.set(key, result)
  return result
}

function law(check: (one: Case, change: FileChange) => void): void {
  let changed = 0
  fc.assert(
    fc.property(cases, (one) => {
      const { change } = planned(one)
      if (change) changed++
      if (change) check(one, change)
    }),
    { seed, numRuns, reporter },
  )
  assert.ok(changed > numRuns / 4, `only ${changed} of ${numRuns} cases changed anything`)
}

function reporter(details: fc.RunDetails<[Case]>): void {
  if (!details.failed) return
  const [found] = details.counterexample ?? []
  fail(found ? report(found.layout.text, found.ask, String(details.errorInstance)) : fc.defaultReportMessage(details))
}

/** The text says everything; a stack would only repeat it. */
function fail(message: string | undefined): never {
  const error = new Error(message ?? 'failed')
  error.stack = error.name
  throw error
}

function report(text: string, ask: Ask, error: string): string {
  const { change, refusals } = run(text, ask)
  return [
    `seed ${seed}: ${error}`,
    `--- ${JSON.stringify(ask)}`,
    JSON.stringify(text),
    `--- before\n${text}`,
    change ? `--- patch\n${change.patch}` : `--- refused: ${refusals.join(', ')}`,
  ].join('\n')
}

// --- an own reading of the text, which shares no code with the tool ---------------------------------------------------------

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }
type Version = '1.1' | '1.2'

function parsed(text: string, version: Version): readonly Document[] {
  const documents = parseAllDocuments(text, { version, uniqueKeys: false, logLevel: 'silent' })
  return 'empty' in documents ? [] : documents
}

const read = new Map<string, readonly Plain[]>()

function valuesOf(text: string, version: Version): readonly Plain[] {
  const key = version + text
  const values = read.get(key) ?? parsed(text, version).map((document) => document.toJS({ maxAliasCount: -1 }) as Plain)
  read.set(key, values)
  return values
}

/** The values, or undefined where this reading takes the text for broken or knows fewer line ends than YAML 1.1. */
function readable(text: string, version: Version): readonly Plain[] | undefined {
  if (/\r(?!\n)|[\u0085\u2028\u2029]/.test(text)) return undefined
  try {
    return parsed(text, version).some(({ errors }) => errors.length > 0) ? undefined : valuesOf(text, version)
  } catch {
    return undefined
  }
}

function isMapping(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectsOf(values: readonly Plain[]): readonly Plain[] {
  return values.flatMap((value) => {
    return isMapping(value) && value['kind'] === 'List' && Array.isArray(value['items'])
      ? (value['items'] as readonly Plain[])
      : [value]
  })
}

function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isService(value: Plain): boolean {
  return (
    isMapping(value) && value['kind'] === 'Service' && /^serving[.]knative[.]dev\//.test(textOf(value['apiVersion']))
  )
}

/** The documents with `spec.traffic` taken out of every Service. */
function rest(value: Plain): Plain {
  if (isMapping(value) && value['kind'] === 'List' && Array.isArray(value['items']))
    return { ...value, items: (value['items'] as readonly Plain[]).map(rest) }
  if (!isMapping(value) || !isService(value) || !isMapping(value['spec'])) return value
  const { traffic: _, ...spec } = value['spec']
  return { ...value, spec }
}

/** The targets of every Service, in the order of the file. */
function trafficIn(text: string, version: Version): readonly (readonly Target[])[] {
  return objectsOf(valuesOf(text, version))
    .filter(isService)
    .map((value) => {
      const spec = isMapping(value) ? value['spec'] : null
      const traffic = isMapping(spec) ? (spec['traffic'] ?? []) : []
      assert.ok(Array.isArray(traffic), 'traffic must be a list')
      return (traffic as readonly Plain[]).map((entry) => {
        assert.ok(isMapping(entry), 'an entry must be a mapping')
        return isMapping(entry) ? targetOf(entry) : { revision: '', percent: 0 }
      })
    })
}

function targetOf({
  revisionName,
  latestRevision,
  percent,
  tag,
  ...others
}: {
  readonly [key: string]: Plain
}): Target {
  assert.equal(Object.keys(others), [])
  assert.ok(revisionName === undefined || typeof revisionName === 'string', 'a revision name must be a string')
  assert.is(latestRevision ?? revisionName === undefined, revisionName === undefined)
  assert.ok(percent === undefined || Number.isInteger(percent), 'a percent must be an integer')
  assert.ok(tag === undefined || typeof tag === 'string', 'a tag must be a string')
  return {
    revision: typeof revisionName === 'string' ? revisionName : '@latest',
    percent: typeof percent === 'number' ? percent : 0,
    ...(typeof tag === 'string' ? { tag } : {}),
  }
}

// --- a small model of the stages -----------------------------------------------------------------------------------------

type Roles = { readonly stable: string; readonly candidate: string }

/** The targets that a stage must leave, or undefined where it must refuse. */
function wish(
  before: readonly Target[],
  { stage, tag, percent }: Ask,
  { stable, candidate }: Roles,
): readonly Target[] | undefined {
  const list = before.map((target) => ({ ...target }))
  const has = (revision: string): boolean => list.some((target) => target.revision === revision)
  const strangers = (...own: readonly string[]): boolean =>
    list.some((target) => target.percent !== 0 && !own.includes(target.revision))
  const pinLatest = (): void => {
    const serving = list.find((target) => target.revision === '@latest' && target.percent > 0)
    if (!has(stable) && serving) serving.revision = stable
  }
  const give = (revision: string, share: number): void => {
    const own = list.filter((target) => target.revision === revision)
    if (own.length === 0) list.push({ revision, percent: share })
    if (own.length === 0 || own.reduce((sum, target) => sum + target.percent, 0) === share) return
    const main = own.find((target) => target.percent > 0) ?? own.find((target) => target.tag === undefined) ?? own[0]
    for (const target of own) target.percent = target === main ? share : 0
  }
  if (stable === candidate) return undefined
  if (stage === 'rollback') {
    pinLatest()
    give(stable, 100)
    return list.filter((target) => target.revision === stable)
  }
  if (stage === 'pin') {
    pinLatest()
    for (const target of list) if (target.revision === candidate) target.percent = 0
    if (strangers(stable)) return undefined
    give(stable, 100)
    return list
  }
  if (stage === 'retire') {
    if (list.length === 1 && list[0]?.revision === candidate && candidate !== '@latest' && list[0].percent === 100)
      return list
    if (strangers(stable, candidate)) return undefined
    const share = list.reduce((sum, target) => sum + (target.revision === candidate ? target.percent : 0), 0)
    const drained = list.every((target) => target.revision !== stable || target.percent === 0)
    return share === 100 && drained ? list.filter((target) => target.revision !== stable) : undefined
  }
  const share = stage === 'preview' ? 0 : stage === 'promote' ? 100 : (percent ?? 50)
  if (stage === 'split' && (share < 1 || share > 99)) return undefined
  const present = list.reduce((sum, target) => sum + (target.revision === candidate ? target.percent : 0), 0)
  // A plan never goes back to a lower percent.
  if (stage === 'split' && percent === undefined && present > share) return undefined
  if (candidate !== '@latest') pinLatest()
  if (strangers(stable, candidate)) return undefined
  give(stable, 100 - share)
  give(candidate, share)
  const own = list.filter((target) => target.revision === candidate)
  const holder = list.find((target) => target.tag !== undefined && target.tag === tag)
  if (holder && holder.revision !== candidate) return undefined
  const tagged = own.find((target) => target.tag === undefined) ?? own[0]
  if (tag !== undefined && !holder && tagged) tagged.tag = tag
  return stage === 'preview' && own.every((target) => target.tag === undefined) ? undefined : list
}

/** The roles where the request names both: nothing is left to guess. */
function rolesOf({ stable, candidate }: Ask): Roles | undefined {
  return stable === undefined || candidate === undefined ? undefined : { stable, candidate }
}

const test = suite('editing')

test('the generator writes what it says', () => {
  fc.assert(
    fc.property(layouts, ({ text, services, remarks }) => {
      for (const document of parsed(text, '1.2')) assert.equal(document.errors, [])
      for (const version of ['1.1', '1.2'] as const) {
        assert.equal(
          trafficIn(text, version),
          services.map(({ targets }) => targets),
        )
      }
      for (const { mark } of remarks) assert.is(text.split(mark).length, 2)
    }),
    { seed, numRuns },
  )
})

test('no wish, no change', () => {
  fc.assert(
    fc.property(cases, ({ layout: { text } }) => {
      const { changes, diagnostics } = plan([{ path, text }], { all: true })
      assert.equal(changes, [])
      assert.equal(
        diagnostics.filter(({ code, severity }) => /^KN[14]/.test(code) && severity !== 'note'),
        [],
        'plain layouts can be read',
      )
    }),
    { seed, numRuns: numRuns / 4, reporter },
  )
})

test('a stage that is reached changes nothing', () => {
  let reached = 0
  fc.assert(
    fc.property(cases, (one) => {
      const roles = rolesOf(one.ask)
      if (!roles) return
      const wishes = one.layout.services.map(({ targets }) => wish(targets, one.ask, roles))
      if (!wishes.every((wanted, index) => wanted && same(wanted, one.layout.services[index]?.targets))) return
      reached++
      const { change, refusals } = planned(one)
      assert.is(change, undefined)
      assert.equal(refusals, [])
    }),
    { seed, numRuns, reporter },
  )
  assert.ok(reached > numRuns / 50, `only ${reached} cases`)
})

test('every edit lies in spec.traffic or where it belongs', () => {
  law(({ layout: { services } }, { edits }) => {
    for (const { range, text } of edits) {
      const own = services.find(({ region }) => region.start <= range.start && range.end <= region.end)
      assert.ok(own, `edit ${JSON.stringify({ range, text })} leaves spec.traffic`)
      if (own && !own.hasTraffic) assert.is(range.start, range.end, 'where traffic is missing, nothing is taken away')
    }
  })
})

test('every byte outside the edits is equal', () => {
  law(({ layout: { text } }, { edits, text: after }) => {
    const start = Math.min(...edits.map(({ range }) => range.start))
    const end = Math.max(...edits.map(({ range }) => range.end))
    assert.is(after.slice(0, start), text.slice(0, start))
    assert.is(after.slice(after.length - (text.length - end)), text.slice(end))
    let [position, shift] = [0, 0]
    for (const { range, text: added } of edits.toSorted((a, b) => a.range.start - b.range.start)) {
      assert.is(after.slice(position + shift, range.start + shift), text.slice(position, range.start))
      assert.is(after.slice(range.start + shift, range.start + shift + added.length), added)
      shift += added.length - (range.end - range.start)
      position = range.end
    }
    assert.is(after.length, text.length + shift)
  })
})

test('every value outside spec.traffic is equal', () => {
  law(({ layout: { text } }, change) => {
    for (const version of ['1.1', '1.2'] as const) {
      assert.equal(valuesOf(change.text, version).map(rest), valuesOf(text, version).map(rest))
    }
  })
})

test('the result is what the stage wishes', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { services, text } = one.layout
      const { change, refusals } = planned(one)
      if (refusals.some((code) => /^KN41[1-6]$/.test(code))) return
      const roles = rolesOf(one.ask) ?? (services.length === 1 ? rolesFrom(change) : undefined)
      if (!roles) return
      const wishes = services.map(({ targets }) => wish(targets, one.ask, roles))
      assert.is(refusals.length, wishes.filter((wanted) => !wanted).length, `refused: ${refusals.join(', ')}`)
      const wanted = services.map(({ targets }, index) => wishes[index] ?? targets)
      for (const version of ['1.1', '1.2'] as const) assert.equal(trafficIn(change?.text ?? text, version), wanted)
    }),
    { seed, numRuns, reporter },
  )
})

test('the second run has nothing to do', () => {
  law(({ ask, layout: { services } }, change) => {
    assert.is(run(change.text, ask).change?.patch, undefined, 'with the same flags')
    if (services.length === 1) assert.is(run(change.text, { ...ask, ...rolesFrom(change) }).change?.patch, undefined)
  })
})

test('the percents of the result sum to 100', () => {
  law(({ layout: { services } }, { text, changes }) => {
    const sums = trafficIn(text, '1.1').map((targets) => targets.reduce((sum, { percent }) => sum + percent, 0))
    if (services.length === 1) assert.equal(sums, [100])
    assert.ok(sums.filter((sum) => sum === 100).length >= changes.length)
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
    const found = fc.sample(cases, { seed, numRuns }).flatMap(({ layout: { text }, ask }, index) => {
      const name = `${index} größer.yaml`
      const { change } = run(text, ask, name)
      return change ? [{ ...change, file: { path: name, text } }] : []
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

test('no comment is lost unless the notes name it', () => {
  law(({ layout: { remarks } }, { text, changes }) => {
    const removed = changes.flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'removed'))
    for (const { mark } of remarks) {
      const count = text.split(mark).length - 1
      const named = removed.filter((note) => note.text.includes(mark)).length
      assert.is(count + named, 1, `${mark} stands ${count} times and is named ${named} times`)
    }
  })
})

test('an entry keeps its comments unless it is removed', () => {
  law(({ layout: { remarks, services }, ask }, change) => {
    const { text, changes } = change
    const removed = changes.flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'removed'))
    if (ask.stage !== 'retire' && ask.stage !== 'rollback') {
      assert.equal(removed, [])
      return
    }
    const stable = ask.stable ?? rolesFrom(change)?.stable
    if (services.length > 1) return
    const targets = services[0]?.targets ?? []
    // What serves through the latest revision is pinned in place.
    if (ask.stage === 'rollback' && !targets.some(({ revision }) => revision === stable)) return
    for (const { mark, entry, place } of remarks) {
      const target = entry === undefined ? undefined : services[0]?.targets[entry]
      const isGone = (target?.revision === stable) === (ask.stage === 'retire')
      if (target && isGone && (place === 'inside' || place === 'beside'))
        assert.not.ok(text.includes(mark), `${mark} stays behind`)
      if (target && isGone && place === 'above' && entry === 0) assert.ok(text.includes(mark), `${mark} is lost`)
      if (target && !isGone) assert.ok(text.includes(mark), `${mark} is lost`)
    }
  })
})

test('a comment beside a changed value is named', () => {
  law(({ layout: { remarks, services } }, { text, changes }) => {
    if (services.length > 1) return
    const [before = [], after = []] = [services[0]?.targets, trafficIn(text, '1.1')[0]]
    const beside = changes.flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'beside'))
    if (after.length < before.length) return
    for (const { mark, entry, place, key } of remarks) {
      const [from, to] = [before[entry ?? -1], after[entry ?? -1]]
      if (!from || !to || place !== 'beside') continue
      const changed = new Set([
        ...(from.percent === to.percent ? [] : ['percent']),
        ...(from.tag === to.tag ? [] : ['tag']),
        ...(from.revision === to.revision ? [] : ['revisionName', 'latestRevision']),
      ])
      const isNamed = beside.some((note) => note.text.includes(mark))
      if (key !== '' && key !== undefined) assert.is(isNamed, changed.has(key), `${mark} beside ${key}`)
      if (changed.size === 0) assert.not.ok(isNamed, mark)
    }
  })
})

test('the file keeps its line ends, its mark and its missing newline', () => {
  law(({ layout: { text, look } }, change) => {
    if (look.crlf) assert.is(change.text.replaceAll('\r\n', '').search(/[\r\n]/), -1)
    else assert.not.ok(change.text.includes('\r'))
    assert.is(change.text.lastIndexOf('\uFEFF'), text.lastIndexOf('\uFEFF'))
    assert.is(change.text.endsWith('\n'), text.endsWith('\n'))
    assert.ok(looseEnds(change.text) <= looseEnds(text), 'no new white space at line ends')
  })
})

test('a block scalar that the end of the file cuts off gets no line end', () => {
  law(({ layout: { text } }, change) => {
    const headers = [...text.matchAll(/ ([|>][-+]?)\r?\n/g)]
    if (text.endsWith('last line') && headers.at(-1)?.[1] !== '|-') assert.match(change.text, /last line$/)
  })
})

test('JSON stays strict JSON', () => {
  law(({ layout: { look } }, { text }) => {
    const [only, second] = look.services
    if (!second && (only?.style === 'json' || only?.style === 'minified')) JSON.parse(text.replace('\uFEFF', ''))
  })
})

test('new entries and members look as their siblings do', () => {
  law(({ layout: { services } }, { text }) => {
    if (services.length > 1) return
    const [service] = services
    if (!service || service.targets.length === 0) return
    const list = listIn(text)
    assert.ok(list)
    if (!list) return
    const { look } = service
    if (!list.flow) assert.is(new Set(list.dashes).size, 1, `dashes in columns ${list.dashes.join(', ')}`)
    if (!list.flow) assert.ok(new Set(list.gaps).size <= 1, `dashes with gaps ${list.gaps.join(', ')}`)
    assert.is(new Set(list.keyQuotes).size, 1, 'keys are quoted alike')
    if (look.style !== 'minified' && look.style !== 'json') return
    assert.not.match(list.text, look.style === 'minified' ? /\s/ : /,[^\s]/)
  })
})

test('an edit of shares alone changes no other line', () => {
  law(({ layout: { services, text } }, { text: after }) => {
    const [before = [], now = []] = [services[0]?.targets, trafficIn(after, '1.1')[0]]
    const isInPlace = before.every((target, index) => {
      const found = now[index]
      return found && found.revision === target.revision && found.tag === target.tag
    })
    if (services.length > 1 || !isInPlace || now.length !== before.length) return
    const spelled = services[0]?.look.traffic.entries.every(({ look, target }) => look.spelled || target.percent !== 0)
    if (spelled !== true) return
    const [old, fresh] = [text.split('\n'), after.split('\n')]
    assert.is(fresh.length, old.length)
    const percents = /(percent['"]?:\s*)[\w.+]+/g
    assert.equal(
      fresh.map((found) => found.replaceAll(percents, '$1')),
      old.map((found) => found.replaceAll(percents, '$1')),
    )
  })
})

test('hardly any plain layout is refused', () => {
  const refused: string[] = []
  let services = 0
  fc.assert(
    fc.property(cases, (one) => {
      services += one.layout.services.length
      const codes = planned(one).refusals.filter((code) => /^KN41[1-7]$/.test(code))
      if (codes.length > 0) refused.push(report(one.layout.text, one.ask, codes.join(', ')))
    }),
    { seed, numRuns },
  )
  if (refused.length > 0)
    console.log(`seed ${seed}: ${refused.length} of ${services} refused, the shortest\n${shortest(refused)}`)
  assert.ok(refused.length < services / 200, `${refused.length} of ${services} refused`)
})

/** A Service with this `spec` beside a template; `common` stands before it, where an anchor can be. */
function shared(spec: string, common = ''): string {
  const template = '  template:\n    spec:\n      containers:\n        - image: quay.io/example/shop:v1\n'
  return `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\n${common}spec:\n${template}${spec}`
}

const entry = '    - revisionName: shop-00001\n      percent: 100\n'
const labels = '  labels: &labels\n    tag: v1\n'
const inTheWay: Readonly<Record<string, string>> = {
  'KN411 list': shared('  traffic: *all\n', 'x-all: &all\n  - percent: 100\n'),
  'KN411 entry': shared(`  traffic:\n    - &first\n      revisionName: shop-00001\n      percent: 50\n    - *first\n`),
  'KN411 percent': shared('  traffic:\n    - revisionName: shop-00001\n      percent: *all\n', 'x-all: &all 100\n'),
  'KN411 merge into the entry': shared(`  traffic:\n    - <<: *labels\n      percent: 100\n`, labels),
  'KN411 merge into the spec': shared('  <<: *common\n', `x-common: &common\n  traffic:\n${entry}`),
  'KN412 list': shared(`  traffic: &all\n${entry}`).concat('status:\n  traffic: *all\n'),
  'KN412 percent': shared(`  traffic:\n${entry.replace('100', '&all 100')}`).concat('status:\n  x: *all\n'),
  'KN413 traffic': shared(`  traffic:\n${entry}  traffic:\n${entry}`),
  'KN413 percent': shared(`  traffic:\n${entry}      percent: 100\n`),
  'KN414 entry': shared(`  traffic:\n${entry}    -\n`),
  'KN414 list in a list': shared('  traffic:\n    - - revisionName: shop-00001\n        percent: 100\n'),
}

for (const [name, text] of Object.entries(inTheWay)) {
  test(`what stands in the way is refused: ${name}`, () => {
    // A percent that an alias repeats, or that has an anchor, is in the way of those alone that change it.
    const moved = /^KN41[12] percent/.test(name) ? ['split', 'promote'] : ['preview', 'split', 'promote', 'rollback']
    for (const stage of moved) {
      const { change, refusals } = run(text, { stage, stable: 'shop-00001', candidate: 'shop-00002', tag: 'v2' })
      assert.is(change, undefined)
      assert.equal(refusals, [name.slice(0, 5)], stage)
    }
  })
}

test('lines that end in carriage returns alone are refused, even if there is nothing to do', () => {
  const text = shared(`  traffic:\n${entry}`).replaceAll('\n', '\r')
  const split = run(text, { stage: 'split', stable: 'shop-00001', candidate: 'shop-00002' })
  assert.is(split.change, undefined)
  assert.equal(split.refusals, ['KN414'])
  assert.equal(run(text, { stage: 'pin', stable: 'shop-00001' }).refusals, ['KN414'])
})

test('anchors that nothing uses stay', () => {
  const text = shared(`  traffic: &all\n${entry.replace('-', '- &first').replace('100', '&most 100')}`)
  const { change } = run(text, { stage: 'split', stable: 'shop-00001', candidate: 'shop-00002' })
  const [expected, added] = [
    text.replace('&most 100', '&most 50'),
    '    - revisionName: shop-00002\n      percent: 50\n',
  ]
  assert.is(change?.text, expected + added)
})

// --- broken texts ---------------------------------------------------------------------------------------------------------

type Mutation = {
  readonly kind: 'delete' | 'double' | 'insert' | 'cut'
  readonly at: number
  readonly size: number
  readonly text: string
}
/** What breaks a text, or makes another one of it. */
const odd = [
  '\t¦ ¦\n¦\r¦\r\n¦#¦ #¦{¦}¦[¦]¦,¦"¦\'¦|¦>-¦~¦@¦`¦- ¦: ¦? ¦&a ¦*a¦<<: ¦!!str ¦%¦---\n¦...\n',
  '\uFEFF¦\u0085¦\u2028¦\0¦\uD800¦traffic:\n¦  - percent: 1\n¦percent: 07¦{{ x }}',
].flatMap((found) => found.split('¦'))
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('delete', 'double', 'insert', 'cut'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  size: fc.constantFrom(0, 1, 2, 5),
  text: fc.oneof(fc.constantFrom(...odd), fc.string({ maxLength: 4 })),
})

/** Changes a text at random: characters where `size` is 0 or 1, whole lines elsewhere. */
function mutate(text: string, { kind, at, size, text: added }: Mutation): string {
  if (size > 1) {
    const lines = text.split('\n')
    const index = Math.floor(at * lines.length)
    const chosen = lines.slice(index, index + (kind === 'cut' ? lines.length : size - 1))
    const instead = { delete: [], cut: [], insert: [added, ...chosen], double: [...chosen, ...chosen] }[kind]
    return lines.toSpliced(index, chosen.length, ...instead).join('\n')
  }
  const index = Math.floor(at * text.length)
  const stop = kind === 'cut' ? text.length : index + size
  const chosen = text.slice(index, stop)
  const instead = { delete: '', cut: '', insert: added + chosen, double: chosen + chosen }[kind]
  return text.slice(0, index) + instead + text.slice(stop)
}

test('broken texts never make it throw, and are edited exactly or not at all', () => {
  fc.assert(
    fc.property(cases, fc.array(mutation, { minLength: 1, maxLength: 3 }), ({ layout, ask }, mutations) => {
      const text = mutations.reduce(mutate, layout.text)
      const { change } = run(text, ask)
      if (!change) return
      for (const version of ['1.1', '1.2'] as const) {
        const before = readable(text, version)
        if (before) assert.equal(valuesOf(change.text, version).map(rest), before.map(rest))
      }
      assert.is(run(change.text, ask).change?.patch, undefined)
      const removed = change.changes.flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'removed'))
      for (const { mark } of layout.remarks) {
        const count = (found: string): number => found.split(mark).length - 1
        const named = removed.reduce((sum, note) => sum + count(note.text), 0)
        assert.is(count(change.text) + named, count(text), `${mark} is lost`)
      }
    }),
    {
      seed,
      numRuns,
      reporter(details) {
        if (!details.failed) return
        const [one, mutations] = details.counterexample ?? []
        if (!one || !mutations) fail(fc.defaultReportMessage(details))
        const text = mutations.reduce(mutate, one.layout.text)
        fail(report(text, one.ask, String(details.errorInstance)))
      },
    },
  )
})

// --- what the laws look at --------------------------------------------------------------------------------------------------

function same(a: readonly Target[], b: readonly Target[] | undefined): boolean {
  return (
    JSON.stringify(a.map(({ revision, percent, tag }) => [revision, percent, tag])) ===
    JSON.stringify(b?.map(({ revision, percent, tag }) => [revision, percent, tag]))
  )
}

type Found = FileChange['changes'][number]['roles']

function namesOf({ stable, candidate }: Found): Partial<Roles> {
  const [one, two] = [stable, candidate].map((found) => {
    if (!('revision' in found)) return undefined
    return 'name' in found.revision ? found.revision.name : '@latest'
  })
  return { ...(one === undefined ? {} : { stable: one }), ...(two === undefined ? {} : { candidate: two }) }
}

/** The roles that the tool told of the Service with these targets, where it had to tell them. */
function rolesFrom(change: FileChange | undefined): Roles | undefined {
  const found = change?.changes[0]
  const { stable, candidate } = found ? namesOf(found.roles) : {}
  return stable === undefined ? undefined : { stable, candidate: candidate ?? '' }
}

function looseEnds(text: string): number {
  return (text.match(/[ \t]\r?$/gm) ?? []).length
}

type ListLook = {
  readonly flow: boolean
  readonly text: string
  readonly dashes: readonly number[]
  readonly gaps: readonly string[]
  readonly keyQuotes: readonly string[]
}

/** How the list of the only Service is written. */
function listIn(text: string): ListLook | undefined {
  for (const document of parseAllDocuments(text, { uniqueKeys: false, keepSourceTokens: true })) {
    if (!('contents' in document)) continue
    const items: unknown = document.get('items')
    for (const root of isSeq(items) ? items.items : [document.contents]) {
      if (!isMap(root) || !String(root.get('apiVersion')).startsWith('serving.knative.dev/')) continue
      const list: unknown = root.getIn(['spec', 'traffic'])
      if (isSeq(list)) return looksOf(text, list)
    }
  }
  return undefined
}

function looksOf(text: string, list: YAMLSeq): ListLook {
  const [start = 0, end = 0] = list.range ?? []
  const items = list.srcToken?.type === 'block-seq' ? list.srcToken.items : []
  const dashes = items.flatMap((item) => item.start.find(({ type }) => type === 'seq-item-ind')?.offset ?? [])
  return {
    flow: list.flow === true,
    text: text.slice(start, end),
    dashes: dashes.map((dash) => dash - text.lastIndexOf('\n', dash) - 1),
    gaps: dashes.flatMap((dash) => /^-( +)[^ #]/.exec(text.slice(dash))?.[1] ?? []),
    keyQuotes: list.items.flatMap((item) =>
      isMap(item) ? item.items.map(({ key }) => (isScalar(key) ? (key.type ?? '') : '')) : [],
    ),
  }
}

function shortest(texts: readonly string[]): string {
  return texts.toSorted((a, b) => a.length - b.length)[0] ?? ''
}

test.run()
