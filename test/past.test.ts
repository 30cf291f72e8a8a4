// What a file's history says of one Service in it.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { revisionsKnown, shapeSince, stateNaming, trafficSince, pastOf, type Past } from '../src/manifest/past.js'
import { equivalentTraffic, type TrafficTarget } from '../src/manifest/traffic.js'
import type { FileHistory, FileVersion } from '../src/text/words.js'
import { service } from './cli/manifests.js'

const test = suite('past')
const name = 'example-service'
const removed = '(removed)'
const broken = 'serving.knative.dev/: ['

/** `v1=100 v2=0:tag` as a list of targets. */
function traffic(...targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, revision = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    const to = revision === '@latest' ? 'latestRevision: true' : `revisionName: ${name}-${revision}`
    return `    - ${to}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
  })
  return `  traffic:\n${lines.join('')}`
}

const at = (revision: string, ...targets: readonly string[]): string =>
  service(targets.length === 0 ? '' : traffic(...targets), {
    revision: revision === '' ? '' : `${name}-${revision}`,
  })

/** Versions from the oldest to the newest, as one reads a story: `c0` at 0 s, `c1` at 10 s. */
function history(texts: readonly (string | undefined)[], isCut = false): FileHistory {
  const versions = texts.map((text, index): FileVersion => {
    const version = { commit: `c${index}`, time: index * 10, path: 'shop.yaml' }
    if (text === removed) return { ...version, text: undefined, isRemoved: true }
    return text === undefined ? { ...version, text } : { ...version, text, id: text, bytes: () => Buffer.from(text) }
  })
  return { versions: versions.toReversed(), isCut }
}

function past(texts: readonly (string | undefined)[], present = texts.at(-1) ?? '', isCut = false): Past {
  const manifest = findManifests({ path: 'shop.yaml', text: present }).manifests.find((one) => one.name === name)
  if (!manifest) throw new Error('the present text has no such Service')
  return pastOf(manifest, history(texts, isCut))
}

const commits = ({ states }: Past): readonly string[] => [...states].map(({ commit }) => commit)

const rollout = [
  at('v1'),
  at('v1', 'v1=100'),
  at('v2', 'v1=100', 'v2=0:next'),
  at('v2', 'v1=50', 'v2=50:next'),
  at('v2', 'v1=0', 'v2=100:next'),
]

test('tells the states of a Service, newest first', () => {
  const told = past(rollout)
  assert.equal(commits(told), ['c4', 'c3', 'c2', 'c1', 'c0'])
  const [newest] = told.states
  assert.is(newest?.templateName, `${name}-v2`)
  assert.is(newest?.time, 40)
  assert.equal(
    newest?.traffic?.map(({ percent }) => percent),
    [0, 100],
  )
  assert.equal(told.gaps(), { isCut: false, unread: 0 })
})

test('what only touched comments, order, line ends or other Services made no state', () => {
  const [one, two] = [at('v1', 'v1=100', 'v2=0'), at('v1', 'v2=0', 'v1=100')]
  const other = service('', { name: 'other' })
  const told = past([
    one,
    `# a comment\n${one}`,
    two,
    one.replaceAll('\n', '\r\n'),
    `${one}---\n${other}`,
    one.replace('percent: 100', 'percent: 100\n      latestRevision: false'),
  ])
  assert.equal(commits(told), ['c0'])
  const block = one.replace(
    'image: example.com/shop:1.0',
    'image: x\n          args:\n            - |\n              a\n              b',
  )
  assert.equal(commits(past([block], block.replaceAll('\n', '\r\n'))), ['c0'])
  assert.is(trafficSince(past([block], block.replaceAll('\n', '\r\n')))?.commit, 'c0')
})

test('takes a Service by name and namespace out of many', () => {
  const [mine, other] = [at('v1', 'v1=100'), service('', { name: 'other' })]
  const elsewhere = service('', { namespace: 'elsewhere' })
  const list = `apiVersion: v1\nkind: List\nitems:\n  - ${mine.trimEnd().replaceAll('\n', '\n    ')}\n`
  const told = past([`${other}---\n${mine}`, list, `${mine}---\n${elsewhere}`])
  assert.equal(commits(told), ['c0'])
})

test('a Service that was renamed in its file is another one', () => {
  const told = past([service('', { name: 'old' }), service('', { name: 'old', revision: 'old-v1' }), at('v1')])
  assert.equal(commits(told), ['c2'])
  assert.equal(told.gaps(), { isCut: false, unread: 0 })
  assert.equal(
    revisionsKnown(told).map((revision) => revision.name),
    [`${name}-v1`],
  )
})

test('a Service that was dropped and taken up again lives anew', () => {
  const told = past(
    [at('v1', 'v1=100'), removed, at('v3', 'v3=100'), 'kind: Other\n', at('v2', 'v2=100')],
    undefined,
    true,
  )
  assert.equal(
    [...told.states].map(({ commit, life }) => `${commit} ${life}`),
    ['c4 0', 'c2 1', 'c0 2'],
  )
  assert.is(told.gaps().isCut, false, 'the present life is known whole')
  assert.equal(trafficSince(told), { commit: 'c4', time: 40 })
  assert.is(stateNaming(told, `${name}-v3`), undefined)
  assert.equal(
    revisionsKnown(told).map((revision) => `${revision.name} ${revision.life}`),
    [`${name}-v1 2`, `${name}-v3 1`, `${name}-v2 0`],
  )
  const again = past([at('v1', 'v1=100'), removed], at('v1', 'v1=100'))
  assert.is(trafficSince(again), undefined, 'not committed again')
})

test('counts versions that cannot be read, and passes over them', () => {
  const one = at('v1', 'v1=100')
  const told = past([
    one,
    `${one}\n\t- broken: [`,
    one.replace('example.com/shop:1.0', '{{ .Values.image }}'),
    undefined,
    `${one}---\n${one}`,
    one.replace('percent: 100', 'percent: .inf'),
    one,
  ])
  assert.equal(commits(told), ['c0'])
  assert.equal(told.gaps(), { isCut: false, unread: 5 })
  assert.is(trafficSince(told)?.commit, 'c0')
})

test('reads no further than one looks', () => {
  let asked = 0
  const versions = history(rollout).versions.map((version) => {
    return {
      ...version,
      get text() {
        asked++
        return version.text
      },
    }
  })
  const [manifest] = findManifests({ path: 'x', text: rollout.at(-1) ?? '' }).manifests
  if (!manifest) throw new Error('no manifest')
  const told = pastOf(manifest, { versions, isCut: false })
  assert.is(asked, 0)
  assert.is(shapeSince(told)?.commit, 'c4')
  const two = asked
  assert.is(trafficSince(told)?.commit, 'c4')
  const few = asked
  assert.ok(two <= few)
  assert.ok(few > 0)
  assert.equal(commits(told), commits(told))
  const all = asked
  assert.ok(all > few)
  commits(told)
  told.gaps()
  assert.is(asked, all)
})

test('tells since when the traffic is as it is now', () => {
  assert.equal(trafficSince(past(rollout)), { commit: 'c4', time: 40 })
  const changed = past([at('v1', 'v1=100'), at('v2', 'v1=100'), at('v2', 'v1=100').replace('shop:1.0', 'shop:2.0')])
  assert.equal(trafficSince(changed), { commit: 'c0', time: 0 })
  assert.is(trafficSince(past(rollout, at('v2', 'v2=100:next'))), undefined, 'not committed')
  assert.is(trafficSince(past(rollout, `# note\n${rollout.at(-1)}`))?.commit, 'c4')
  const [bad] = [at('v1', 'v1=100').replace('100', 'many')]
  assert.is(trafficSince(past([bad])), undefined, 'traffic that cannot be read')
  assert.equal(trafficSince(past(rollout.slice(3, 4), undefined, true)), { commit: 'c0', time: 0, isAtLeast: true })
  assert.equal(trafficSince(past([at('v1'), at('v1', '@latest=100')])), { commit: 'c0', time: 0 })
  assert.is(trafficSince(past([], at('v1'))), undefined, 'not tracked')
})

test('tells since when traffic and template are as they are now', () => {
  const bumped = [at('', '@latest=100'), at(''), at('').replace('shop:1.0', 'shop:2.0')]
  assert.equal(shapeSince(past(bumped)), { commit: 'c2', time: 20 })
  assert.equal(shapeSince(past(bumped.slice(0, 2))), { commit: 'c0', time: 0 })
  assert.equal(shapeSince(past(bumped.slice(0, 2), undefined, true)), { commit: 'c0', time: 0, isAtLeast: true })
  assert.equal(shapeSince(past(bumped, undefined, true)), { commit: 'c2', time: 20 }, 'older ones are of no matter')
  const edited = past(bumped, at('').replace('shop:1.0', 'shop:3.0'))
  assert.equal(shapeSince(edited), { commit: 'c2', time: 20 }, 'the template of the last commit')
  assert.is(shapeSince(past(bumped, `${bumped.at(-1)}${traffic('v1=100')}`)), undefined, 'traffic not committed')
  assert.is(shapeSince(past([at(''), removed], at(''))), undefined, 'not committed again')
})

test('a name is known to be missing where no state of the present life has it', () => {
  const kinds = [
    at('v1', 'v1=100'),
    at('v1', 'v1=90', 'v2=10'),
    at('v2', 'v1=100', 'v2=0:next'),
    at(''),
    at('', '@latest=100'),
    at('').replace('shop:1.0', 'shop:1.1'),
    at('').replace('shop:1.0', 'v1'),
    removed,
    broken,
    'kind: Other\n',
  ]
  let [yes, no] = [0, 0]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 6 }), (texts) => {
      const told = past(texts, at('v3'))
      const alive = [...told.states].filter(({ life }) => life === 0)
      for (const revision of ['v1', 'v2', 'v4'].map((own) => `${name}-${own}`)) {
        const known = alive.some(({ templateName, traffic: targets = [] }) => {
          return (
            templateName === revision || targets.some((one) => 'name' in one.revision && one.revision.name === revision)
          )
        })
        assert.is(told.hasNamed(revision), known, texts.join('---\n'))
        if (known) yes++
        else no++
      }
    }),
    { includeErrorInReport: true },
  )
  assert.ok(yes > 0 && no > 0)
})

test('a name is found in the one version that has it, where nothing else differs', () => {
  const usual = at('v1', 'v1=100')
  for (const odd of [at('v4', 'v1=100'), at('v1', 'v4=100')]) {
    assert.ok(past([usual, odd, usual, usual]).hasNamed(`${name}-v4`), odd)
    assert.ok(!past([usual, odd, usual, usual]).hasNamed(`${name}-v5`), odd)
  }
})

test('going back makes the time begin anew', () => {
  assert.is(trafficSince(past([...rollout, rollout[2] ?? '']))?.commit, 'c5')
})

test('tells every revision that was ever named, with its first commit', () => {
  const told = past([at('v1', 'v1=100'), at('', '00007=100', '@latest=0'), at('v1', 'v1=100'), at('v2', 'v1=100')])
  assert.equal(revisionsKnown(told), [
    { name: `${name}-v1`, commit: 'c0', time: 0, isOwnName: true, life: 0 },
    { name: `${name}-00007`, commit: 'c1', time: 10, isOwnName: false, life: 0 },
    { name: `${name}-v2`, commit: 'c3', time: 30, isOwnName: true, life: 0 },
  ])
})

test('tells the template that a revision of an own name was made from', () => {
  const reused = at('v1').replace('shop:1.0', 'shop:9.9')
  const told = past([at('v1'), at('v2'), reused])
  const found = stateNaming(told, `${name}-v1`)
  assert.is(found?.commit, 'c0')
  assert.match(JSON.stringify(found?.template), /shop:1\.0/)
  assert.is(stateNaming(told, `${name}-v9`), undefined)
})

const target: fc.Arbitrary<TrafficTarget> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c'),
    percent: fc.integer({ min: 0, max: 3 }),
    tag: fc.constantFrom(undefined, 'x', 'y'),
  })
  .map(({ name: to, percent, tag }) => ({
    revision: to === 'c' ? { latest: true } : { name: to },
    percent,
    ...(tag === undefined ? {} : { tag }),
  }))
const lists = fc.array(target, { maxLength: 4 })

test('the order of targets makes no other traffic, anything else does', () => {
  fc.assert(
    fc.property(lists, fc.nat(), (list, seed) => {
      const turned = [...list.slice(seed % (list.length + 1)), ...list.slice(0, seed % (list.length + 1))]
      return equivalentTraffic(list, turned.toReversed())
    }),
  )
  fc.assert(
    fc.property(lists, target, (list, { revision }) => !equivalentTraffic(list, [...list, { revision, percent: 7 }])),
  )
  assert.ok(equivalentTraffic([], [{ revision: { latest: true }, percent: 100 }]))
  assert.not(equivalentTraffic([], [{ revision: { latest: true }, percent: 100, tag: 'x' }]))
})

const shapes = ({ states }: Past): unknown =>
  [...states].map(({ template, traffic: targets, life }) => ({ template, targets, life }))

test('comments between commits change nothing but the count of commits', () => {
  const step = fc.constantFrom(...rollout, removed, broken)
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (texts) => {
      const present = rollout[2] ?? ''
      const doubled = texts.flatMap((text) => [text, text === removed ? text : `# note\n${text}`])
      assert.equal(shapes(past(doubled, present)), shapes(past(texts, present)))
    }),
    { numRuns: 30 },
  )
})

test.run()
