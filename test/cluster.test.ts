// What a cluster makes of a history, step by step: the facts of a live one, and laws over random histories.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { ClusterAt, type StoredVersion, versionAtHand } from '../src/history/asked.js'
import {
  type Cluster,
  exists,
  ownName,
  reached,
  replay,
  replayMerged,
  specOf,
  start,
  step,
  stockServer,
  unseen,
  type Version,
} from '../src/history/cluster.js'
import { generatedName } from '../src/manifest/names.js'
import { changesUnderName } from '../src/rules/kept-name.js'
import type { Json, JsonObject } from '../src/yaml/json.js'

const test = suite('cluster')

const spelled: JsonObject = { name: 'user-container', readinessProbe: { tcpSocket: {}, successThreshold: 1 } }

type Shape = {
  /** The end of the template's own name; '' for none. */
  readonly name?: string
  readonly image?: string
  /** Whether the defaults are written out. */
  readonly isSpelled?: boolean
  readonly isValid?: boolean
  readonly container?: JsonObject
  readonly template?: JsonObject
  readonly metadata?: JsonObject
}

/** `shop` as a version: `v1=100 v2=0:tag`, `@latest=50`. */
function at(shape: Shape, ...targets: readonly string[]): Version {
  const {
    name = '',
    image = '1',
    isSpelled = true,
    isValid = true,
    container = {},
    template = {},
    metadata = {},
  } = shape
  const traffic = targets.map((target): Json => {
    const [, to = '', percent, tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    const where: JsonObject = to === '@latest' ? { latestRevision: true } : { revisionName: `shop-${to}` }
    return { ...where, percent: Number(percent), ...(tag !== undefined && { tag }) }
  })
  const value = {
    metadata: { name: 'shop', ...metadata },
    spec: {
      template: {
        metadata: { ...(name !== '' && { name: `shop-${name}` }), ...template },
        spec: { containers: [{ image: `example.com/shop:${image}`, ...(isSpelled && spelled), ...container }] },
      },
      ...(traffic.length > 0 && { traffic }),
    },
  }
  return { commit: '', service: { name: 'shop', value, isValid } }
}

const gone: Version = { commit: '', service: undefined }

/** What became of each version, in a word: `minted v1 waits for v2`. */
function told(...versions: readonly Version[]): readonly string[] {
  let cluster = unseen
  return versions.map((version) => {
    const { cluster: next, outcome } = step(cluster, version)
    cluster = next
    if (outcome.kind === 'absent') return 'absent'
    if (outcome.kind === 'refused') return outcome.reason
    const missing = outcome.missing.map((name) => name.replace('shop-', ''))
    const waits = missing.length === 0 ? '' : ` waits for ${missing.join(' ')}`
    return `${outcome.revision.how} ${outcome.revision.name.replace('shop-', '')}${waits}`
  })
}

function after(...versions: readonly Version[]): Cluster {
  return replay(start, versions).cluster
}

const served = (...versions: readonly Version[]): string =>
  after(...versions)
    .serving.map(({ name, percent }) => `${name.replace('shop-', '')}=${percent}`)
    .join(' ')

/** What each version leads to, and what serves in the end. */
type Row = readonly [what: string, versions: readonly Version[], outcomes: readonly string[], serving: string]

const v1 = at({ name: 'v1' }, 'v1=100')
const v2 = at({ name: 'v2', image: '2' }, 'v1=100', 'v2=0')
const both = at({ name: 'v2', image: '2' }, 'v1=50', 'v2=50')
const numbered = at({}, '00001=100')

const steps: readonly Row[] = [
  // Explicit names: the name rule, and what a file must write out.
  ['an identical version', [v1, v1], ['found v1', 'kept v1'], 'v1=100'],
  [
    'another template under its name',
    [v1, at({ name: 'v1', image: '2' }, 'v1=100')],
    ['found v1', 'name-kept'],
    'v1=100',
  ],
  [
    'other labels under its name',
    [v1, at({ name: 'v1', template: { labels: { a: 'b' } } })],
    ['found v1', 'name-kept'],
    'v1=100',
  ],
  ['another template under another name', [v1, v2], ['found v1', 'minted v2'], 'v1=100 v2=0'],
  ['the name removed', [v1, at({ image: '2' }, '@latest=100')], ['found v1', 'minted 00002'], '00002=100'],
  [
    'a name for a template that had none',
    [numbered, at({ name: 'v1' }, '00001=100')],
    ['found 00001', 'minted v1'],
    '00001=100',
  ],
  [
    'defaults that are not written out, applied again',
    [at({ name: 'v1', isSpelled: false }, 'v1=100'), at({ name: 'v1', isSpelled: false }, 'v1=100')],
    ['found v1', 'name-kept'],
    'v1=100',
  ],
  [
    'defaults that are not written out, under a new name',
    [at({ name: 'v1', isSpelled: false }, 'v1=100'), at({ name: 'v2', isSpelled: false }, 'v1=100')],
    ['found v1', 'minted v2'],
    'v1=100',
  ],
  [
    'defaults that are written out along with the traffic',
    [at({ name: 'v1', isSpelled: false }, 'v1=100'), at({ name: 'v1' }, 'v1=100:now')],
    ['found v1', 'kept v1'],
    'v1=100',
  ],
  [
    'the name of the container alone',
    [
      at({ name: 'v1', isSpelled: false, container: { name: 'user-container' } }, 'v1=100'),
      at({ name: 'v1', isSpelled: false, container: { name: 'user-container' } }, 'v1=90'),
    ],
    ['found v1', 'name-kept'],
    'v1=100',
  ],
  [
    'equal quantities in other words',
    [
      at({ name: 'v1', container: { resources: { limits: { cpu: '1000m' } } } }, 'v1=100'),
      at({ name: 'v1', container: { resources: { limits: { cpu: 1 } } } }, 'v1=100'),
    ],
    ['found v1', 'kept v1'],
    'v1=100',
  ],
  ['traffic alone, defaults written out', [v1, v2, both], ['found v1', 'minted v2', 'kept v2'], 'v1=50 v2=50'],
  // Names used twice.
  [
    'another template under a name that was used: the route is frozen, later traffic included',
    [v1, v2, at({ name: 'v1', image: '3' }, 'v1=100'), at({ name: 'v1', image: '3' }, 'v2=100')],
    ['found v1', 'minted v2', 'taken v1', 'taken v1'],
    'v1=100 v2=0',
  ],
  [
    'until name and template go together again',
    [v1, v2, at({ name: 'v1', image: '3' }, 'v1=100'), at({ name: 'v2', image: '2' }, 'v1=0', 'v2=100')],
    ['found v1', 'minted v2', 'taken v1', 'found v2'],
    'v1=0 v2=100',
  ],
  ['the same template under its old name', [v1, v2, v1], ['found v1', 'minted v2', 'found v1'], 'v1=100'],
  [
    'other labels under its old name: the revision is compared by its spec',
    [v1, v2, at({ name: 'v1', template: { labels: { a: 'b' } } }, 'v1=100')],
    ['found v1', 'minted v2', 'found v1'],
    'v1=100',
  ],
  // The Service as last admitted.
  [
    'a refused template, then traffic alone',
    [v1, at({ name: 'v1', image: '2' }, 'v1=100'), at({ name: 'v1', image: '2' }, '@latest=100')],
    ['found v1', 'name-kept', 'name-kept'],
    'v1=100',
  ],
  [
    'a refused template, put back',
    [v1, at({ name: 'v1', image: '2' }), at({ name: 'v1' }, '@latest=100')],
    ['found v1', 'name-kept', 'kept v1'],
    'v1=100',
  ],
  [
    'a refused template under a new name',
    [v1, at({ name: 'v1', image: '2' }), v2],
    ['found v1', 'name-kept', 'minted v2'],
    'v1=100 v2=0',
  ],
  [
    'put back after what was admitted in between',
    [v1, v2, at({ name: 'v1', image: '3' }), at({ name: 'v1' })],
    ['found v1', 'minted v2', 'taken v1', 'name-kept'],
    'v1=100 v2=0',
  ],
  [
    'an error of its own',
    [v1, at({ name: 'v2', image: '2', isValid: false }, 'v2=100')],
    ['found v1', 'invalid'],
    'v1=100',
  ],
  [
    'edited notes on users',
    [
      at({ metadata: { annotations: { 'serving.knative.dev/creator': 'a' } } }),
      at({ image: '2', metadata: { annotations: { 'serving.knative.dev/creator': 'b' } } }),
    ],
    ['minted 00001', 'notes'],
    '00001=100',
  ],
  // Generated names.
  ['an identical version', [numbered, numbered], ['found 00001', 'kept 00001'], '00001=100'],
  ['traffic alone', [numbered, at({}, '00001=100:now')], ['found 00001', 'kept 00001'], '00001=100'],
  [
    'labels of the Service',
    [numbered, at({ metadata: { labels: { a: 'b' } } }, '00001=100')],
    ['found 00001', 'kept 00001'],
    '00001=100',
  ],
  [
    'annotations of the template',
    [numbered, at({ template: { annotations: { a: 'b' } } }, '@latest=100')],
    ['found 00001', 'minted 00002'],
    '00002=100',
  ],
  [
    'the coming number, named by the version that makes it',
    [numbered, at({ image: '2' }, '00001=90', '00002=10')],
    ['found 00001', 'minted 00002'],
    '00001=90 00002=10',
  ],
  [
    'a number that never comes, then does',
    [
      gone,
      numbered,
      gone,
      at({}),
      at({}, '00003=100'),
      at({ image: '2' }, '00003=100'),
      at({ image: '3' }, '00003=100'),
    ],
    [
      'absent',
      'found 00001',
      'absent',
      'minted 00001',
      'kept 00001 waits for 00003',
      'minted 00002 waits for 00003',
      'minted 00003',
    ],
    '00003=100',
  ],
  [
    'a flip counts, though it makes nothing',
    [v1, v2, v1, at({ image: '4' }, '@latest=100')],
    ['found v1', 'minted v2', 'found v1', 'minted 00004'],
    '00004=100',
  ],
  [
    'the same template again, without a name',
    [numbered, at({ image: '2' }), at({})],
    ['found 00001', 'minted 00002', 'minted 00003'],
    '00003=100',
  ],
  [
    'an explicit name that looks like the coming number',
    [numbered, at({ name: '00003', image: '2' }), at({ image: '3' }, '@latest=100')],
    ['found 00001', 'minted 00003', 'taken 00003'],
    '00003=100',
  ],
  // Stalls.
  [
    'a missing target, at 0 percent',
    [v1, at({ name: 'v1' }, 'v1=100', 'v9=0')],
    ['found v1', 'kept v1 waits for v9'],
    'v1=100',
  ],
  [
    'its entry removed again',
    [v1, at({ name: 'v1' }, 'v1=100', 'v9=0'), at({ name: 'v1' }, 'v1=100:now')],
    ['found v1', 'kept v1 waits for v9', 'kept v1'],
    'v1=100',
  ],
  [
    'a missing target that comes true later',
    [v1, at({ name: 'v1' }, 'v9=100'), at({ name: 'v9', image: '9' }, 'v9=100')],
    ['found v1', 'kept v1 waits for v9', 'minted v9'],
    'v9=100',
  ],
  [
    'after retire the old revision is there',
    [v1, both, at({ name: 'v2', image: '2' }, 'v2=100'), at({ name: 'v2', image: '2' }, 'v1=100')],
    ['found v1', 'minted v2', 'kept v2', 'kept v2'],
    'v1=100',
  ],
  // The latest revision, and no list.
  ['no list', [at({ name: 'v1' }), at({ name: 'v2', image: '2' })], ['minted v1', 'minted v2'], 'v2=100'],
  [
    'a share for the latest revision',
    [v1, at({ name: 'v2', image: '2' }, 'v1=60', '@latest=40')],
    ['found v1', 'minted v2'],
    'v1=60 v2=40',
  ],
  // The ends of a history.
  [
    'the first version takes its targets for granted',
    [at({ name: 'v3', image: '3' }, 'v1=50', 'v2=50')],
    ['minted v3'],
    'v1=50 v2=50',
  ],
  ['a first version with an error is none', [at({ isValid: false }, 'v1=100'), v1], ['invalid', 'found v1'], 'v1=100'],
  ['a Service that was not there yet', [gone, v1], ['absent', 'found v1'], 'v1=100'],
  [
    'a removed one takes its revisions along',
    [v1, gone, at({ name: 'v2', image: '2' }, 'v1=100')],
    ['found v1', 'absent', 'minted v2 waits for v1'],
    '',
  ],
  [
    'its names are free again',
    [v1, gone, at({ name: 'v1', image: '2' })],
    ['found v1', 'absent', 'minted v1'],
    'v1=100',
  ],
  [
    'and its numbers',
    [numbered, at({ image: '2' }), gone, at({ image: '3' })],
    ['found 00001', 'minted 00002', 'absent', 'minted 00001'],
    '00001=100',
  ],
]

for (const [index, [what, versions, outcomes, serving]] of steps.entries()) {
  test(`step ${index + 1}: ${what}`, () => {
    assert.equal(told(...versions), outcomes)
    assert.is(served(...versions), serving)
  })
}

test('a Service of Cloud Run need not write out defaults', () => {
  const bare = at({ name: 'v1', isSpelled: false }, 'v1=100')
  assert.is(step(after(bare), bare, { ...stockServer, profile: 'cloudrun' }).outcome.kind, 'admitted')
  assert.is(
    step(after(bare), at({ name: 'v1', image: '2' }), { ...stockServer, profile: 'cloudrun' }).outcome.kind,
    'refused',
  )
})

test('one sync mints one number, however many templates it passes over', () => {
  const [one, two, three] = [numbered, at({ image: '2' }, '00001=100'), at({ image: '3' }, '00001=100', '00003=0')]
  assert.equal(told(one, two, three), ['found 00001', 'minted 00002', 'minted 00003'])
  assert.is(reached(after(one, three), 'shop').least, 2)
  assert.not(exists(after(one, at({ image: '3' })), 'shop-v2'), 'nor is an explicit name in between ever built')
})

/** The numbers that the template can have after a history. */
function range(...versions: readonly Version[]): string {
  const { least, most } = reached(replayMerged(versions).cluster, 'shop')
  return `${least}..${most ?? ''}`
}

test('numbers are known as far as they were named', () => {
  assert.is(range(at({})), '1..', 'others may have counted on before')
  assert.is(range(numbered), '1..2', 'the template may be the next one')
  assert.is(range(at({}), numbered), '1..1')
  assert.is(range(at({}, '00041=100'), at({ image: '2' }, '00041=100')), '42..43')
  assert.is(range(at({}), gone, at({}), at({ image: '2' })), '2..2')
})

// Histories of templates, names, traffic, reverts and deletions. Names and images are few, so that they meet again.
type Fields = Required<Pick<Shape, 'name' | 'image' | 'isSpelled' | 'isValid' | 'metadata'>> & {
  readonly targets: readonly string[]
}
type Move =
  | { readonly kind: 'change'; readonly keys: readonly string[]; readonly to: Fields }
  | { readonly kind: 'revert'; readonly back: number }
  | { readonly kind: 'delete' }

const noted = { annotations: { 'serving.knative.dev/creator': 'a' } }
const shapes: fc.Arbitrary<Fields> = fc.record({
  name: fc.constantFrom('v1', 'v2', '', '00002'),
  image: fc.constantFrom('1', '2'),
  isSpelled: fc.constantFrom(true, true, true, false),
  isValid: fc.constantFrom(true, true, true, true, false),
  metadata: fc.constantFrom<JsonObject>({}, {}, {}, {}, noted),
  targets: fc.uniqueArray(fc.constantFrom('v1=50', 'v2=50', '00001=50', '00002=0', '@latest=50'), { maxLength: 3 }),
})
const keys = fc.subarray(['name', 'image', 'isSpelled', 'isValid', 'metadata', 'targets'], {
  minLength: 1,
  maxLength: 3,
})
/** Services of a robot: few names and no notes, and numbers that go up. */
const counted: fc.Arbitrary<Fields> = fc.record({
  name: fc.constantFrom('', '', '', '', 'v1', '00003'),
  image: fc.constantFrom('1', '2', '3'),
  isSpelled: fc.constantFrom(true, true, true, true, false),
  isValid: fc.constantFrom(true, true, true, true, true, false),
  metadata: fc.constant<JsonObject>({}),
  targets: fc.uniqueArray(fc.constantFrom('00001=50', '00002=0', '00003=50', '00004=0', '@latest=50'), {
    maxLength: 3,
  }),
})
const movesTo = (to: fc.Arbitrary<Fields>, changes: number): fc.Arbitrary<Move> =>
  fc.oneof(
    { weight: changes, arbitrary: fc.record({ kind: fc.constant('change' as const), keys, to }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('revert' as const), back: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
  )

function versionOf(commit: string, fields: Fields | undefined): Version {
  return { ...(fields ? at(fields, ...fields.targets) : gone), commit }
}

/** What each move makes of the Service, beginning with its first version. */
const historiesOf = (fields: fc.Arbitrary<Fields>, changes: number): fc.Arbitrary<readonly Version[]> =>
  fc.tuple(fields, fc.array(movesTo(fields, changes), { minLength: 1, maxLength: 12 })).map(([first, list]) => {
    const states: (Fields | undefined)[] = [first]
    for (const one of list) {
      const last = states.at(-1)
      if (one.kind === 'delete') states.push(undefined)
      else if (one.kind === 'revert') states.push(states.at(-1 - one.back))
      else {
        const fresh = Object.entries(one.to).filter(([key]) => !last || one.keys.includes(key))
        states.push({ ...(last ?? one.to), ...Object.fromEntries(fresh) })
      }
    }
    return states.map((one, index) => versionOf(`c${index}`, one))
  })
const histories = historiesOf(shapes, 8)

const law = { numRuns: 1000 }

test('a refused step changes nothing, and no step changes what a revision was made from', () => {
  const seen = new Map<string, number>()
  const isSeen = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  fc.assert(
    fc.property(histories, (versions) => {
      let cluster = unseen
      for (const one of versions) {
        const { cluster: next, outcome } = step(cluster, one)
        if (outcome.kind === 'refused') {
          isSeen(outcome.reason)
          assert.is(next, cluster)
          assert.ok(!one.service?.isValid || cluster.service, 'a valid version is refused for what is there')
        } else if (outcome.kind === 'admitted') {
          isSeen(outcome.revision.how)
          assert.equal(step(next, one).cluster, next, 'the same again changes nothing, whether it is refused or not')
          for (const [name, { spec }] of cluster.revisions)
            if (spec !== undefined) assert.equal(next.revisions.get(name)?.spec, spec, name)
          assert.ok(next.revisions.size <= cluster.revisions.size + 1 || !cluster.service, 'one sync, one revision')
          assert.ok([0, 1].includes(next.count - cluster.count))
          if (outcome.missing.length > 0 || outcome.revision.how === 'taken') assert.is(next.serving, cluster.serving)
        } else {
          isSeen(outcome.kind)
          assert.equal([next.service, next.revisions.size, next.count, next.serving], [undefined, 0, 0, []])
        }
        for (const { name } of next.serving) assert.ok(exists(next, name), name)
        cluster = next
      }
    }),
    law,
  )
  for (const what of ['absent', 'invalid', 'name-kept', 'notes', 'minted', 'found', 'kept', 'taken'])
    assert.ok((seen.get(what) ?? 0) > 20, `${what}: ${seen.get(what)}`)
})

test('a replay is a fold, and what was refused leaves no trace', () => {
  fc.assert(
    fc.property(histories, fc.nat(12), (versions, cut) => {
      const whole = replay(start, versions)
      const former = replay(start, versions.slice(0, cut))
      const { revisions, named } = former.cluster
      const copy = [...revisions, ...named]
      assert.equal(replay(former, versions.slice(cut)), whole)
      assert.equal([...revisions, ...named], copy, 'what it went on from is as it was')
      const { taken } = versions.reduce<{ readonly cluster: Cluster; readonly taken: readonly Version[] }>(
        (before, one) => {
          const { cluster, outcome } = step(before.cluster, one)
          return { cluster, taken: outcome.kind === 'refused' ? before.taken : [...before.taken, one] }
        },
        { cluster: unseen, taken: [] },
      )
      assert.equal(replay(start, taken), { cluster: whole.cluster, refused: [] })
      assert.equal(
        whole.refused.map(({ commit }) => commit),
        versions.slice(versions.length - whole.refused.length).map(({ commit }) => commit),
        'since the last that was taken',
      )
    }),
    law,
  )
})

test('how far the names are ahead of the count is what all of them together say', () => {
  let ahead = 0
  fc.assert(
    fc.property(histories, fc.boolean(), (versions, isMerged) => {
      const { cluster } = isMerged ? replayMerged(versions) : replay(start, versions)
      const kept = reached(cluster, 'shop')
      if ((kept.most ?? 0) > cluster.count) ahead++
      assert.equal(kept, reached({ ...cluster, ahead: unseen.ahead }, 'shop'))
    }),
    law,
  )
  assert.ok(ahead > 20, `${ahead} with a number that was named`)
})

test('squashed, a history makes one revision at most, and its end is what is compared', () => {
  fc.assert(
    fc.property(histories, fc.nat(12), (versions, cut) => {
      const base = replay(start, versions.slice(0, cut)).cluster
      const head = versions.at(-1)
      if (!head?.service || !base.service) return
      const once = step(base, head)
      const { service } = once.cluster
      assert.ok(once.cluster.revisions.size <= base.revisions.size + 1)
      assert.equal(service?.value, once.outcome.kind === 'refused' ? base.service.value : head.service.value)
      // By single commits, each counts that is taken; the last one, taken both ways, leads to the same Service.
      const each = replay({ cluster: base, refused: [] }, versions.slice(cut))
      const isTaken = once.outcome.kind === 'admitted' && each.refused.length === 0
      if (isTaken) assert.equal(each.cluster.service?.value, service?.value)
    }),
    law,
  )
})

test('what is read of a history is enough for what is asked', () => {
  let [short, all] = [0, 0]
  fc.assert(
    fc.property(histories, shapes, (versions, fields) => {
      const head = versionOf('head', { ...fields, isValid: true })
      const value = head.service ?? { value: {} }
      const name = ownName(value)
      const stored = versions.toReversed().map((one): StoredVersion => {
        const text = JSON.stringify(one.service?.value ?? '')
        return { ...versionAtHand(one), mentions: (word) => text.includes(word) }
      })
      const asked = new ClusterAt(stored, [], stockServer)
      const whole = replayMerged(versions)
      assert.equal(asked.whole(), whole)
      const [wanted, lately] = [whole, asked.lately(name)].map(({ cluster }) => step(cluster, head).outcome)
      assert.equal(lately?.kind, wanted?.kind)
      if (lately?.kind === 'refused' && wanted?.kind === 'refused') {
        assert.is(lately.reason, wanted.reason)
        assert.equal(asked.lately(name).cluster.service, whole.cluster.service)
        assert.equal(asked.lately(name).refused, whole.refused)
      }
      if (name === undefined) return
      const about = step(asked.about(name).cluster, head).outcome
      assert.is(
        about.kind === 'admitted' && about.revision.how === 'taken',
        wanted?.kind === 'admitted' && wanted.revision.how === 'taken',
      )
      const under = asked.under(name)
      if (under.every((one) => changesUnderName(one, value).length === 0))
        assert.not(wanted?.kind === 'refused' && wanted.reason === 'name-kept')
      if (under.every((one) => JSON.stringify(specOf(one)) === JSON.stringify(specOf(value))) && !asked.isOlder(name))
        assert.not(about.kind === 'admitted' && about.revision.how === 'taken')
      all++
      if (asked.lately(name).cluster.count < whole.cluster.count) short++
    }),
    law,
  )
  assert.ok(short > all / 10, `${short} of ${all} are answered by less than the whole`)
})

test('what the newest versions count to, the whole history counts to as well', () => {
  let [few, numbers] = [0, 0]
  fc.assert(
    fc.property(historiesOf(counted, 20), counted, fc.nat(3), (versions, fields, between) => {
      const head = versionOf('head', { ...fields, isValid: true })
      const cut = Math.max(1, versions.length - between)
      const merged = versions.slice(0, cut).toReversed().map(versionAtHand)
      const asked = new ClusterAt(merged, versions.slice(cut).map(versionAtHand), stockServer)
      const { cluster } = step(asked.whole().cluster, head)
      for (const { cluster: brief } of asked.briefly()) {
        if (asked.mayHaveBeenDeleted()) return
        const { least } = reached(step(brief, head).cluster, 'shop')
        assert.ok(reached(cluster, 'shop').least >= least)
        for (let number = 1; number <= least; number++) {
          assert.ok(exists(cluster, generatedName('shop', number)), `${number}`)
          numbers++
        }
        if (brief.count < asked.whole().cluster.count) few++
      }
    }),
    { numRuns: 5000 },
  )
  assert.ok(few > 500 && numbers > 5000, `${numbers} numbers, ${few} times by less than the whole`)
})

test.run()
