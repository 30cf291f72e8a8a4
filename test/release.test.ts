// A new revision in one change: what its name is foretold from, when it is refused, and what becomes of the template.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { revisionText } from '../src/manifest/traffic.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import type { ReleaseRequest } from '../src/stages/release.js'
import type { FileHistory } from '../src/text/words.js'

const test = suite('release')
const path = 'shop.yaml'
/** In place of a tag: the flag is not given. */
const untagged = '(none)'
const broken = 'serving.knative.dev/: ['

/** `3: 00001=100 00002=0:next` is a Service with the third image and that traffic; `3 v1:` has an own name as well. */
function shop(story: string): string {
  if (story === broken) return story
  const [, image = '', revision, targets = ''] = /^(\d+)(?: ([\w-]+))?:(.*)$/.exec(story) ?? []
  const entries = targets.split(' ').flatMap((target) => {
    const [, to = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    if (to === '') return []
    const where = to === '@latest' ? 'latestRevision: true' : `revisionName: shop-${to}`
    return [`    - ${where}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`]
  })
  const name = revision === undefined ? '' : `    metadata:\n      name: shop-${revision}\n`
  const traffic = entries.length === 0 ? '' : `  traffic:\n${entries.join('')}`
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
${name}    spec:
      containers:
        - name: app
          image: ghcr.io/acme/shop:${image}
          readinessProbe: {tcpSocket: {}, successThreshold: 1}
${traffic}`
}

function committed(stories: readonly string[], isCut = false): ReadonlyMap<string, FileHistory> {
  const versions = stories.map((story, index) => {
    return { commit: 'abcdefgh'.charAt(index).padEnd(40, '0'), time: index * 60, path, text: shop(story) }
  })
  return new Map([[path, { versions: versions.toReversed(), isCut }]])
}

function run(story: string, flags: ReleaseRequest = {}, request: Partial<Request> = {}): Outcome {
  const { tag = 'new', ...rest } = flags
  const move = { command: 'release', image: ':9', ...(tag === untagged ? {} : { tag }), ...rest } as const
  return plan([{ path, text: shop(story) }], { ...request, move })
}

/** The traffic that comes out, or the codes of the refusals. */
function result({ changes, diagnostics }: Outcome): string {
  const [change] = changes[0]?.changes ?? []
  if (!change) {
    const refused = diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
    return refused.join(' ') || 'nothing'
  }
  return change.after
    .map(({ revision, percent, tag }) => {
      const tagged = tag === undefined ? '' : `:${tag}`
      return `${revisionText(revision).replace('shop-', '')}=${percent}${tagged}`
    })
    .join(' ')
}

function basis({ changes }: Outcome): string {
  const candidate = changes[0]?.changes[0]?.roles.candidate
  return candidate && 'revision' in candidate ? candidate.decidedBy : ''
}

function said({ diagnostics }: Outcome): string {
  return diagnostics.map(({ code, message, help = '' }) => `${code} ${message}; ${help}`).join('\n')
}

// --- generated names ---------------------------------------------------------------------------------------------------

/** The commits from the oldest on, the file as it is now (the last commit where absent), and what is foretold from. */
type Told = {
  readonly commits: readonly string[]
  readonly now?: string
  readonly after: string
  readonly by?: string
  readonly isCut?: true
  readonly flags?: ReleaseRequest
}

const stories: Readonly<Record<string, Told>> = {
  'a pinned first revision': {
    commits: ['1:', '1: 00001=100'],
    after: '00001=100 00002=0:new',
    by: '`shop-00001` was named in b000000, no template change since, and this one',
  },
  'template changes since the number was named': {
    commits: ['1:', '1: 00001=100', '2: 00001=100', '3: 00001=100'],
    after: '00001=100 00004=0:new',
    by: '`shop-00001` was named in b000000, 2 template changes since, and this one',
  },
  'a change and its way back count twice': {
    commits: ['1: 00001=100', '2: 00001=100', '1: 00001=100'],
    after: '00001=100 00004=0:new',
    by: '`shop-00001` was named in a000000, 2 template changes since, and this one',
  },
  'a number that came with its template, as a candidate': {
    commits: ['1: 00001=100', '2: 00001=100 00002=0:new', '2: 00001=50 00002=50:new', '2: 00002=100:new'],
    after: '00002=100:old 00003=0:new',
    by: '`shop-00002` was named in b000000, no template change since, and this one',
    now: '2: 00002=100:old',
  },
  'a number that was pinned while the template changed': {
    commits: ['1:', '2: 00001=100'],
    after: '00001=100 00003=0:new',
    by: '`shop-00001` was named in b000000, 1 template change since, and this one',
  },
  'a number that came to a share while the template changed': {
    commits: ['1: 00001=100', '2: 00001=50 00002=50:old'],
    now: '2: 00001=100 00002=0:old',
    after: 'KN442',
  },
  'a whole rollout in one commit': {
    commits: ['1: 00001=100', '2: 00002=100:old'],
    after: 'KN442',
  },
  'a candidate that is committed is replaced, and its number is used up': {
    commits: ['1: 00001=100', '2: 00001=100 00002=0:old'],
    after: '00001=100 00003=0:new',
    by: '`shop-00002` was named in b000000, no template change since, and this one',
  },
  'a candidate that is not committed yet keeps its number': {
    commits: ['1: 00001=100'],
    now: '2: 00001=100 00002=0:new',
    after: '00001=100 00002=0:new',
    by: '`shop-00002` is in the file but not committed, so it belongs to the next commit',
  },
  'a pin that is not committed yet': {
    commits: ['1:'],
    now: '1: 00001=100',
    after: '00001=100 00002=0:new',
    by: '`shop-00001` was named in the file, no template change since, and this one',
  },
  'a pin and a template change that are not committed yet make one revision': {
    commits: ['1:'],
    now: '2: 00001=100',
    after: '00001=100 00002=0:new',
    by: '`shop-00001` was named in the file, no template change since, and this one',
  },
  'a template change that is not committed yet goes into the same revision': {
    commits: ['1: 00001=100'],
    now: '2: 00001=100',
    after: '00001=100 00002=0:new',
  },
  'a change that only takes back what is not committed yet': {
    commits: ['1: 00001=100'],
    now: '2: 00001=100',
    flags: { image: ':1' },
    after: 'KN403',
  },
  'a number behind the end of a shallow clone': { commits: ['1: 00001=100'], after: 'KN442', isCut: true },
  'a number that a shallow clone shows to come': {
    commits: ['1:', '1: 00001=100'],
    after: '00001=100 00002=0:new',
    isCut: true,
  },
  'own names of the past are no numbers': {
    commits: ['1 00007: 00007=100', '2: 00007=100'],
    after: 'KN442',
  },
  'a number that only the past names': {
    commits: ['1:', '1: 00004=100', '1:'],
    after: '00004=100 00005=0:new',
    flags: { stable: 'shop-00004' },
    by: '`shop-00004` was named in b000000, no template change since, and this one',
  },
  'nothing but a stable revision': {
    commits: ['1:', '2:'],
    after: '00002=100 00003=0:new',
    flags: { stable: '{{.Service}}-00002' },
    by: '`--stable shop-00002` counts as the revision of the template at HEAD, and this change follows',
  },
  'nothing but a stable revision, not committed': {
    commits: [],
    now: '1:',
    after: '00001=100 00002=0:new',
    flags: { stable: 'shop-00001' },
    by: '`--stable shop-00001` counts as the revision of the template now, and this change follows',
  },
  'nothing at all': { commits: ['1:', '2:'], after: 'KN442', flags: { stable: 'shop-v1' } },
  'nothing at all, not even a stable one': { commits: ['1:'], after: 'KN402' },
}

for (const [what, { commits, now, after, by, isCut, flags }] of Object.entries(stories))
  test(`predicts from ${what}`, () => {
    const present = now ?? commits.at(-1) ?? ''
    const outcome = run(present, flags, { histories: committed(commits, isCut) })
    assert.is(result(outcome), after, said(outcome))
    if (by !== undefined) assert.is(basis(outcome), `prediction: ${by}`)
  })

test('says what a prediction rests on, and what a wrong one does', () => {
  const outcome = run('1: 00001=100', {}, { histories: committed(['1: 00001=100']) })
  assert.is(
    said(outcome),
    'KN447 `shop-00002` is a prediction (`shop-00001` was named in a000000, no template change since, and this one): a wrong number blocks all traffic (`RevisionMissing`); sync every commit separately, or give revisions explicit names with `--revision-name {{.Service}}-v{{.Next}}`',
  )
})

test('from nothing it foretells nothing, and offers what does', () => {
  const outcome = run('1: shop=100', {}, { histories: committed(['1:']) })
  assert.is(
    said(outcome),
    'KN442 cannot predict the next revision name: neither the file nor its history names a revision of `shop`; pass a snapshot with `--live`, add `--candidate @latest`, or add `--revision-name {{.Service}}-v{{.Next}}`',
  )
})

test('warns of a prediction from the file alone, and of versions that cannot be read', () => {
  const alone = run('1: 00001=100')
  assert.is(result(alone), '00001=100 00002=0:new')
  assert.match(
    said(alone),
    'KN448 the prediction comes from the file alone (no commit shows its template changes): it may be wrong',
  )
  const gappy = run('1: 00001=100', {}, { histories: committed(['1: 00001=100', broken, '1: 00001=100']) })
  assert.is(result(gappy), '00001=100 00002=0:new')
  assert.match(said(gappy), 'KN448 the prediction does not count 1 unreadable version of the file: it may be wrong')
})

test('a shallow clone is told how to fetch more', () => {
  const cut = committed(['1: 00001=100'], true)
  const shallow = new Map([...cut].map(([name, history]) => [name, { ...history, isShallow: true as const }]))
  const outcome = run('1: 00001=100', {}, { histories: shallow })
  assert.not.match(said(run('1: 00001=100', {}, { histories: cut })), /unshallow/)
  assert.match(
    said(outcome),
    /KN442 cannot predict the next revision name: the history ends at the commit that names `shop-00001`; fetch more history \(`git fetch --unshallow`, `fetch-depth: 0` in GitHub Actions\), or pass a snapshot with `--live`/,
  )
})

function live(created: string, image = '1', extra = ''): NonNullable<Request['live']> {
  const text = `${shop(`${image}:`)}${extra}status:\n  latestCreatedRevisionName: shop-${created}\n`
  return { path: 'live.yaml', text: text.replace('name: app\n', 'name: app\n          resources: {}\n') }
}

test('a saved live object tells the last number', () => {
  const outcome = run('1: 00001=100', {}, { histories: committed(['1: 00001=100']), live: live('00007') })
  assert.is(result(outcome), '00001=100 00008=0:new')
  assert.is(basis(outcome), 'prediction: `shop-00007` is the latest revision in `live.yaml`')
  assert.not.match(said(outcome), 'KN448')
})

test('a saved live object of another template is no ground to count from', () => {
  const outcome = run(
    '2: 00001=100',
    {},
    { histories: committed(['1: 00001=100', '2: 00001=100']), live: live('00001') },
  )
  assert.is(result(outcome), '00001=100 00002=0:new')
  assert.match(
    said(outcome),
    'KN448 the template in `live.yaml` differs from the committed one at `spec.template.spec.containers[0].image`: the prediction may be wrong; wait until the last commit is synced, then save the snapshot again',
  )
})

test('a saved live object that is older than the file gives way to Git', () => {
  const commits = ['1: 00001=100', '2: 00001=100 00002=0:old']
  const outcome = run('2: 00001=100 00002=0:old', {}, { histories: committed(commits), live: live('00001') })
  assert.is(result(outcome), '00001=100 00003=0:new')
  assert.match(basis(outcome), 'was named in b000000')
})

test('own names in a live object are no numbers', () => {
  const outcome = run('1: 00001=100', {}, { histories: committed(['1: 00001=100']), live: live('v3') })
  assert.is(result(outcome), '00001=100 00002=0:new')
})

test('a candidate by name overrides the prediction, if the cluster can ever make it', () => {
  assert.is(result(run('1: 00001=100', { candidate: '{{.Service}}-00005' })), '00001=100 00005=0:new')
  const outcome = run('1: 00001=100', { candidate: 'shop-v2' })
  assert.is(
    said(outcome),
    'KN444 `--candidate` is `shop-v2`; must be a name that Knative can generate, such as `shop-00002`; add `--revision-name shop-v2` to name the template so, or `--candidate @latest` to follow the latest revision',
  )
})

test('@latest needs no prediction, and is followed where the file has it', () => {
  const outcome = run('1: 00001=100', { candidate: '@latest' })
  assert.is(result(outcome), '00001=100 @latest=0:new')
  assert.match(
    said(outcome),
    'KN449 `latestRevision: true` switches to every later revision automatically, untested ones included',
  )
  assert.is(result(run('1: 00001=100 @latest=0:new', {})), '00001=100 @latest=0:new')
  assert.is(result(run('1 v1: v1=100 @latest=0:new', {})), 'v1=100 @latest=0:new')
  assert.is(result(run('1:', { candidate: '@latest', stable: 'shop-00001' })), '00001=100 @latest=0:new')
})

// --- own names ---------------------------------------------------------------------------------------------------------

const own: readonly (readonly [what: string, story: string, after: string, flags?: ReleaseRequest])[] = [
  ['counts up', '1 v1: v1=100', 'v1=100 v2=0:new'],
  ['pins what serves unpinned', '1 v1:', 'v1=100 v2=0:new'],
  ['pins what serves as the latest', '1 v1: @latest=100', 'v1=100 v2=0:new'],
  [
    'replaces a candidate without a share, and keeps its tag',
    '2 v2: v1=100 v2=0:old',
    'v1=100 v3=0:old',
    { tag: untagged },
  ],
  ['gives a replaced candidate another tag', '2 v2: v1=100 v2=0:old', 'v1=100 v3=0:new'],
  [
    'passes by names that the traffic knows',
    '1 v1: v1=100 v2=0:a v3=0:b',
    'v1=100 v2=0:a v3=0:b v4=0:new',
    { stable: 'shop-v1' },
  ],
  ['waits where the template builds what serves', '1 v1: v1=100 v2=0:a v3=0:b', 'KN443'],
  ['waits for a rollout to end', '2 v2: v1=90 v2=10:old', 'KN443'],
  ['waits for the old revision to be retired', '2 v2: v1=0 v2=100:old', 'KN443'],
  [
    'goes on beside the old revision when told so',
    '2 v2: v1=0 v2=100:old',
    'v1=0 v2=100:old v3=0:new',
    { stable: 'shop-v2' },
  ],
  ['leaves the tag of a retired rollout alone', '2 v2: v2=100:new', 'KN405'],
  ['derives its tag', '1 v1: v1=100', 'v1=100 v2=0:v2', { tag: untagged }],
  ['derives the tag of a replaced candidate', '2 v2: v1=100 v2=0:v2', 'v1=100 v3=0:v3', { tag: untagged }],
  ['refuses a third revision with a share', '3 v3: v1=60 v2=40', 'KN404'],
  ['takes a name', '1 v1: v1=100', 'v1=100 blue=0:new', { revisionName: 'shop-blue' }],
  ['takes a name by --candidate', '1 v1: v1=100', 'v1=100 blue=0:new', { candidate: 'shop-blue' }],
  ['takes one name only', '1 v1: v1=100', 'KN444', { candidate: 'shop-blue', revisionName: 'shop-green' }],
  ['needs the prefix', '1 v1: v1=100', 'KN444', { revisionName: 'blue' }],
  ['needs a DNS label', '1 v1: v1=100', 'KN444', { revisionName: 'shop-Blue_1' }],
  ['needs a short name', '1 v1: v1=100', 'KN444', { revisionName: `shop-${'a'.repeat(59)}` }],
  ['needs a new name', '1 v1: v1=100', 'KN445', { revisionName: 'shop-v1' }],
  ['needs a number to count up', '1 blue: blue=100', 'KN444'],
  [
    'counts past all names of the pattern',
    '1 v1: v1=100 v7=0',
    'v1=100 v7=0 v8=0:new',
    { stable: 'shop-v1', revisionName: 'shop-v{{.Next}}' },
  ],
  ['switches to own names', '1: 00001=100', '00001=100 v1=0:new', { revisionName: '{{.Service}}-v{{.Next}}' }],
  ['names by the image', '1: 00001=100', '00001=100 9=0:new', { revisionName: '{{.Service}}-{{.ImageTag}}' }],
  ['names the template beside @latest', '1 v1: v1=100', 'v1=100 @latest=0:new', { candidate: '@latest' }],
  ['needs a stable revision by name', '1 v1: v1=100', 'KN409', { stable: '@latest' }],
  ['needs two revisions', '1 v1: v1=100', 'KN403', { stable: 'shop-v2' }],
]

for (const [what, story, after, flags] of own)
  test(`an own name ${what}`, () => {
    const outcome = run(story, flags)
    assert.is(result(outcome), after, said(outcome))
  })

test('a name that Git gave to another template is passed by, or refused with the commit', () => {
  const histories = committed(['1 v1: v1=100', '2 v2: v1=100 v2=0:old', '1 v1: v1=100'])
  assert.is(result(run('1 v1: v1=100', {}, { histories })), 'v1=100 v3=0:new')
  const outcome = run('1 v1: v1=100', { revisionName: 'shop-v2' }, { histories })
  assert.is(
    said(outcome),
    'KN445 revision name `shop-v2` belongs to a different template (b000000); choose another name with `--revision-name`, for example `--revision-name {{.Service}}-v{{.Next}}`',
  )
})

test('the identical template may come back under its name', () => {
  const histories = committed(['1 v1: v1=100', '2 v2: v1=100 v2=0:old', '1 v1: v1=100'])
  const outcome = run('1 v1: v1=100', { image: ':2', revisionName: 'shop-v2' }, { histories })
  assert.is(result(outcome), 'v1=100 v2=0:new')
  assert.is(result(run('1 v1: v1=100', { image: ':2' }, { histories })), 'v1=100 v2=0:new')
})

test('a name that is not committed yet may get another template', () => {
  const histories = committed(['1 v1: v1=100'])
  const outcome = run('2 v2: v1=100 v2=0:new', { revisionName: 'shop-v2' }, { histories })
  assert.is(result(outcome), 'v1=100 v2=0:new')
  assert.match(outcome.changes[0]?.patch ?? '', '+          image: ghcr.io/acme/shop:9')
})

test('says what to do about a rollout that is under way', () => {
  assert.is(
    said(run('2 v2: v1=90 v2=10:old')),
    'KN443 cannot release a new revision: `shop-v2` has 10% of the traffic in a rollout that is in progress; run `kn-rollout apply rollback shop.yaml`, merge, then release (docs/hotfix.md); or `apply promote` and `retire` first',
  )
  assert.match(
    said(run('2 v2: v1=0 v2=100:old')),
    'KN443 cannot release a new revision: `shop-v2` has 100% of the traffic in a rollout that is in progress',
  )
})

// --- what is there already -----------------------------------------------------------------------------------------------

test('nothing to change is no release', () => {
  const there = run('9 v2: v1=100 v2=0:new')
  assert.equal([result(there), said(there)], ['nothing', ''])
  const bare = run('9 v2: v2=100')
  assert.is(result(bare), 'nothing')
  assert.match(
    said(bare),
    'KN446 nothing to release: the template already has these values, and `spec.traffic` has no candidate',
  )
})

test('a plan says where a candidate begins, and its tag', () => {
  const text = 'plans:\n  slow:\n    - {stage: first, percent: 5, tag: slow}\nplan: slow\n'
  const configuration = { path: '.kn-rollout.yaml', text }
  const move = { command: 'release', image: ':9' } as const
  const outcome = plan([{ path, text: shop('1 v1: v1=100') }], { move, configuration })
  assert.is(result(outcome), 'v1=95 v2=5:slow', said(outcome))
})

test('a plan without a share leaves a candidate at the preview', () => {
  const text = 'plans:\n  short: [pin]\nplan: short\n'
  const configuration = { path: '.kn-rollout.yaml', text }
  const move = { command: 'release', image: ':9' } as const
  const outcome = plan([{ path, text: shop('1 v1: v1=100') }], { move, configuration })
  assert.is(result(outcome), 'v1=100 v2=0:v2', said(outcome))
})

// --- what cannot be edited -----------------------------------------------------------------------------------------------

/** What is said of a release of a Service that begins like this. */
function refusalOf(text: string, flags: ReleaseRequest): string {
  const outcome = plan([{ path, text }], { move: { command: 'release', stable: 'shop-v1', ...flags } })
  assert.equal(outcome.changes, [])
  return outcome.diagnostics
    .filter(({ code }) => code.startsWith('KN4'))
    .map(
      ({ code, message, help = '', range }) => `${code} ${message}; ${help} <${text.slice(range?.start, range?.end)}>`,
    )
    .join('\n')
}

const whole = shop('1 v1: v1=100')

test('a version that clusters no longer serve is not edited', () => {
  assert.is(
    refusalOf(whole.replace('dev/v1', 'dev/v1beta1'), { image: ':9' }),
    'KN410 cannot edit the manifest: no cluster serves its `apiVersion` any more; must be `serving.knative.dev/v1`; write `apiVersion: serving.knative.dev/v1`, and fix the findings of `kn-rollout validate` <apiVersion>',
  )
})

test('a Service without containers has no image to be changed', () => {
  assert.match(
    refusalOf(whole.replace(/ {6}containers:[^]*?(?= {2}traffic)/, '      containers: []\n'), { image: ':9' }),
    'KN440 cannot change the container: `spec.template.spec.containers` has none; use the file that has the whole Service with its containers',
  )
})

test('of several containers one must be named', () => {
  const two = whole.replace('  traffic:', '        - image: ghcr.io/acme/proxy:1\n  traffic:')
  const names = '`app`, `user-container-0`'
  assert.match(
    refusalOf(two, { image: ':9' }),
    `KN440 cannot choose a container: there are several (${names}); add \`--container\`, for example \`--container app\``,
  )
  assert.match(
    refusalOf(two, { image: ':9', container: 'api' }),
    `KN440 cannot choose the container \`api\`: there are ${names}; `,
  )
})

test('annotations that are no mapping take none', () => {
  const listed = whole.replace('      name: shop-v1\n', '      name: shop-v1\n      annotations: [a]\n')
  assert.match(
    refusalOf(listed, { annotations: [{ name: 'example.com/a', value: 'b' }] }),
    'KN441 cannot add an annotation: `spec.template.metadata.annotations` is not a mapping; fix the findings of `kn-rollout validate` first',
  )
})

test.run()
