// What a snapshot of a cluster (`--live FILE`) is believed in: which revisions take no traffic, what differs, how old it is.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { readLive, revisionIn, type SnapshotFile } from '../src/manifest/live.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import { statusOf } from '../src/pipeline/status.js'
import { markdownReport } from '../src/report/markdown.js'
import { statusJson } from '../src/report/status-json.js'
import { statusCells, statusMarkdown } from '../src/report/status.js'
import { paint, unicodeGlyphs } from '../src/report/cells.js'
import type { MoveRequest } from '../src/stages/apply.js'
import { service as manifest } from './cli/manifests.js'

const test = suite('snapshot')
const now = 1_767_225_600
const path = 'shop.yaml'

/** `v1=50 v2=50:tag` as flow entries of `spec.traffic`. */
function targets(text: string): string {
  const entries = text.split(' ').map((target) => {
    const [, name = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    const to = name === '@latest' ? 'latestRevision: true' : `revisionName: shop-${name}`
    return `    - { ${to}, percent: ${percent}${tag === undefined ? '' : `, tag: ${tag}`} }\n`
  })
  return text === '' ? '' : `  traffic:\n${entries.join('')}`
}

type Shape = { readonly image?: string; readonly kind?: string; readonly name?: string; readonly namespace?: string }

function shop(
  template: string,
  traffic: string,
  { image = '1', name = 'shop', namespace = 'prod' }: Shape = {},
): string {
  const text = manifest(targets(traffic), { name, namespace, revision: `${name}-${template}` })
  return text.replace('shop:1.0', `shop:${image}`)
}

const condition = (type: string, holds: string, reason: string, message = ''): string =>
  `    - { type: ${type}, status: "${holds}", reason: ${reason}, message: '${message}', lastTransitionTime: "2025-12-31T20:00:00Z" }\n`
const ready = '    - { type: Ready, status: "True" }\n'

/** A status: what was ready and made last, where traffic goes, conditions. */
function status(text: string, conditions = ready): string {
  return `status:\n${text}  conditions:\n${conditions}`
}

const revision = (name: string, holds: string, reason = 'ContainerMissing', service = 'shop'): string =>
  `---\napiVersion: serving.knative.dev/v1\nkind: Revision\nmetadata:\n  name: ${service}-${name}\n  namespace: prod\n  labels: { serving.knative.dev/service: ${service} }\nstatus:\n  conditions:\n    - { type: Ready, status: "${holds}"${holds === 'True' ? '' : `, reason: ${reason}`} }\n`

function live(text: string, savedAt?: number): SnapshotFile {
  return { path: 'live.yaml', text, ...(savedAt !== undefined && { savedAt }) }
}

/** The Service with the smallest status that tells something is missing: no traffic, no message, no name. */
const smallest = live(
  'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: shop, namespace: prod }\nstatus:\n  latestReadyRevisionName: shop-v1\n  conditions:\n    - { type: Ready, status: "False", reason: RevisionMissing }\n',
)
const rolling = shop('v2', 'v1=100 v2=0:v2')

function run(text: string, move: MoveRequest, snapshot: SnapshotFile, more: Partial<Request> = {}): Outcome {
  return plan([{ path, text }], { move, live: snapshot, now, histories: new Map(), ...more })
}

const apply = (stage: string, flags: object = {}): MoveRequest => ({ command: 'apply', stage, ...flags })
const refusalIn = ({ diagnostics }: Outcome): string =>
  diagnostics.find(({ code, severity }) => code === 'KN457' && severity === 'error')?.message ?? ''
const codes = ({ diagnostics }: Pick<Outcome, 'diagnostics'>): string => diagnostics.map(({ code }) => code).join(' ')

test('the smallest snapshot that shows a missing revision refuses the promotion', () => {
  const outcome = run(rolling, apply('promote'), smallest)
  assert.is(
    refusalIn(outcome),
    'cannot send 100% to `shop-v2`: it is not ready (`RevisionMissing`) in `live.yaml` and blocks all traffic',
  )
  assert.is(outcome.changes.length, 0)
  assert.match(codes(outcome), 'KN469')
  const forced = run(rolling, apply('promote'), smallest, { force: true })
  assert.is(forced.changes.length, 1)
  const warning = forced.diagnostics.find(({ code }) => code === 'KN457')
  assert.is(warning?.severity, 'warning')
  assert.match(warning?.message ?? '', /^`shop-v2` is not ready .*: no traffic moves while it is a target$/)
})

const moves: readonly (readonly [name: string, move: MoveRequest, text?: string])[] = [
  ['split', apply('split')],
  ['promote', apply('promote')],
  ['a stage of a plan', apply('25')],
  ['next', { command: 'next' }],
  ['set', { command: 'set', shares: [{ target: 'shop-v2', percent: 10 }] }],
  ['rollback --keep', apply('rollback', { keep: true }), shop('v2', 'v1=50 v2=50:v2')],
  ['a preview', apply('preview', { tag: 'v2' }), shop('v2', 'v1=100')],
  ['retire, of what is left', apply('retire'), shop('v2', 'v1=0 v2=100:v2')],
]
const states: readonly (readonly [name: string, conditions: string, text?: string])[] = [
  ['not ready', condition('Ready', 'Unknown', 'RevisionMissing', 'Revision "shop-v2" is not yet ready.')],
  ['failed', condition('Ready', 'False', 'RevisionMissing', 'Revision "shop-v2" failed to become ready.')],
  ['missing', condition('Ready', 'False', 'RevisionMissing', 'Revision "shop-v2" referenced in traffic not found.')],
  [
    'failed with a message',
    condition('Ready', 'False', 'RevisionFailed', 'Revision "shop-v2" failed with message: x.'),
  ],
  ['made last and not ready', ready, '  latestCreatedRevisionName: shop-v2\n'],
]
for (const [state, conditions, text = ''] of states)
  for (const [name, move, file = rolling] of moves)
    test(`${name} is refused where the snapshot shows the candidate as ${state}`, () => {
      const built = shop('v2', 'v1=100 v2=0:v2') + status(`  latestReadyRevisionName: shop-v1\n${text}`, conditions)
      const configuration = { path: '.kn-rollout.yaml', text: 'plan: canary\n' }
      const more = name.startsWith('a stage') ? { configuration } : {}
      const outcome = run(file, move, live(built), more)
      assert.match(
        refusalIn(outcome),
        /^cannot (?:send \d+% to|keep) `shop-v2`.* in `live\.yaml` and blocks all traffic$/,
      )
      assert.is(outcome.changes.length, 0)
      const diagnostic = outcome.diagnostics.find(({ code }) => code === 'KN457')
      assert.ok((diagnostic?.message.length ?? 0) <= 160)
      assert.ok((diagnostic?.help?.length ?? 0) <= 160, diagnostic?.help)
    })

test('what is ready moves, and so does what leaves a broken revision', () => {
  const sound = live(rolling + status('  latestReadyRevisionName: shop-v2\n  latestCreatedRevisionName: shop-v2\n'))
  assert.is(run(rolling, apply('promote'), sound).changes.length, 1)
  assert.is(run(rolling, apply('rollback'), smallest).changes.length, 1)
  const still = run(shop('v2', 'v1=100 v2=0:v2'), apply('preview'), smallest)
  assert.equal([still.changes.length, refusalIn(still)], [0, ''], 'nothing moves')
})

test('a release passes a broken candidate, and is refused beside a broken stable revision', () => {
  const move: MoveRequest = { command: 'release', image: ':2' }
  assert.is(run(rolling, move, smallest).changes.length, 1)
  const conditions = condition('Ready', 'False', 'RevisionMissing', 'Revision "shop-v1" failed to become ready.')
  const broken = live(rolling + status('  latestReadyRevisionName: shop-v2\n', conditions))
  assert.match(refusalIn(run(rolling, move, broken)), /^cannot send 100% to `shop-v1`: it failed to become ready/)
  const dropped = run(shop('v2', 'v1=50 v2=50:v2'), apply('promote'), broken)
  assert.match(refusalIn(dropped), /^cannot keep `shop-v1` at 0%: it failed to become ready/)
  const help = dropped.diagnostics.find(({ code }) => code === 'KN457')?.help ?? ''
  assert.match(help, 'run `kn-rollout apply promote shop.yaml --drop-stable`')
  assert.is(run(shop('v2', 'v1=50 v2=50:v2'), apply('promote', { dropStable: true }), broken).changes.length, 1)
})

test('`next --ready` leaves out what is not ready', () => {
  const outcome = run(rolling, { command: 'next', ready: true }, smallest)
  assert.is(outcome.changes.length, 0)
  assert.is(outcome.diagnostics.find(({ code }) => code === 'KN457')?.severity, 'note')
})

test('`Revision` objects tell most: ready, failed, on its way, and what is not there', () => {
  const list = (all: string): SnapshotFile => live(rolling + status('  latestReadyRevisionName: shop-v1\n') + all)
  const both = list(revision('v1', 'True') + revision('v2', 'True'))
  assert.is(run(rolling, apply('promote'), both).changes.length, 1)
  const told = (all: string): string => refusalIn(run(rolling, apply('promote'), list(all)))
  assert.match(told(revision('v1', 'True') + revision('v2', 'False')), 'it failed to become ready (`ContainerMissing`)')
  assert.match(told(revision('v1', 'True') + revision('v2', 'Unknown', 'Deploying')), 'it is not ready (`Deploying`)')
  assert.match(told(revision('v1', 'True')), 'cannot send 100% to `shop-v2`: it does not exist in')
  assert.is(told(revision('v1', 'True', '', 'cart')), '', 'of another Service')
})

test('a revision that the next sync makes is not missed at 0 percent, and not promoted', () => {
  const before = live(shop('v1', 'v1=100') + status('  latestReadyRevisionName: shop-v1\n') + revision('v1', 'True'))
  assert.is(run(shop('v2', 'v1=100'), apply('preview', { tag: 'v2' }), before).changes.length, 1)
  assert.match(refusalIn(run(rolling, apply('promote'), before)), '`shop-v2`: it does not exist')
})

/** A document as an item of a List. */
const item = (text: string): string =>
  text
    .replace(/^---\n/, '')
    .replaceAll(/^(?=.)/gm, '    ')
    .replace(/^ {4}/, '  - ')

test('a List of many Services and their Revisions tells of each its own', () => {
  const cart = shop('v2', 'v1=100 v2=0:v2', { name: 'cart' }).replaceAll('shop-v', 'cart-v')
  const own = status('  latestReadyRevisionName: shop-v1\n')
  const all = [rolling + own, cart + own.replace('shop-v1', 'cart-v1'), revision('v1', 'True'), revision('v2', 'True')]
  const carts = [revision('v1', 'True', '', 'cart'), revision('v2', 'False', 'ExitCode1', 'cart')]
  const text = `apiVersion: v1\nkind: List\nitems:\n${[...all, ...carts].map(item).join('')}`
  const { services, faults } = readLive(live(text))
  assert.equal(faults, [])
  assert.equal(
    services.map(({ label, revisions }) => `${label} ${revisions.length}`),
    ['prod/shop 2', 'prod/cart 2'],
  )
  const files = [
    { path, text: rolling },
    { path: 'cart.yaml', text: cart },
  ]
  const outcome = plan(files, { move: apply('promote'), all: true, live: live(text), now })
  assert.is(
    refusalIn(outcome),
    'cannot send 100% to `cart-v2`: it failed to become ready (`ExitCode1`) in `live.yaml` and blocks all traffic',
  )
  assert.is(outcome.diagnostics.filter(({ code }) => code === 'KN472').length, 1, 'the age is said once')
})

test('an export of Cloud Run has no status: it tells traffic and template, and that nothing else was checked', () => {
  const label = '  labels: { cloud.googleapis.com/location: europe-west1 }\nspec:'
  const text = shop('00002-abc', '00001-xyz=100 00002-abc=0:next', { namespace: "'123'" }).replace('spec:', label)
  const outcome = run(text, apply('split'), live(text.replace('percent: 0', 'percent: 10')))
  assert.is(outcome.changes.length, 1)
  const note = outcome.diagnostics.find(({ code }) => code === 'KN473')
  assert.is(note?.message, 'not checked: whether revisions of `123/shop` are ready (`live.yaml` has no `status`)')
  assert.match(note?.help ?? '', 'gcloud run services describe shop --format yaml')
  assert.match(codes(outcome), 'KN471')
  const failed = `status:\n  latestReadyRevisionName: shop-00001-xyz\n  conditions:\n${condition('Ready', 'False', 'HealthCheckContainerError', 'Revision "shop-00002-abc" is not ready and cannot serve traffic.')}`
  assert.match(refusalIn(run(text, apply('split'), live(text + failed))), '`shop-00002-abc`: it failed to become ready')
})

test('what differs between the file and the snapshot is said, the age too', () => {
  const text = shop('v2', 'v1=100 v2=0:v2')
  const other = shop('v2', 'v1=50 v2=50:v2', { image: '2' })
  const own = status('  latestReadyRevisionName: shop-v2\n')
  const told = (snapshot: SnapshotFile): readonly string[] =>
    run(text, apply('split'), snapshot).diagnostics.map(({ code, message }) => `${code} ${message}`)
  assert.equal(told(live(other + own, now - 3 * 3600 - 90)), [
    'KN472 snapshot `live.yaml` was saved 3h1m ago (2025-12-31T20:58Z); later changes of the cluster are not in it',
    'KN471 `live.yaml` and the file differ: the cluster has `shop-v1` 50%, `shop-v2` 50% (tag `v2`), the file `shop-v1` 100%, `shop-v2` 0% (tag `v2`)',
    'KN471 `live.yaml` and the file differ at `spec.template.spec.containers[0].image`: the cluster has another template',
  ])
  assert.equal(told(live(text + own.replace('"True"', '"True", lastTransitionTime: "2025-12-31T20:00:00Z"'))), [
    'KN472 snapshot `live.yaml` was saved at 2025-12-31T20:00Z or later (the latest time in it); later changes of the cluster are not in it',
  ])
  const half =
    text.replace('  namespace:', '  generation: 8\n  namespace:') +
    own.replace('status:', 'status:\n  observedGeneration: 7')
  assert.match(told(live(half)).join('\n'), /KN471 .* in the middle of a change \(generation 8, observed 7\)/)
})

test('a Service that is not in the snapshot is said not to be checked', () => {
  const cart = shop('v2', 'v1=100 v2=0:v2', { name: 'cart' }).replaceAll('shop-v', 'cart-v')
  const files = [
    { path, text: rolling },
    { path: 'cart.yaml', text: cart },
  ]
  const snapshot = live(rolling + status('  latestReadyRevisionName: shop-v2\n'))
  const { diagnostics } = plan(files, { move: apply('split'), all: true, live: snapshot, now })
  const note = diagnostics.find(({ code }) => code === 'KN473')
  assert.is(note?.message, 'not checked: whether revisions of `prod/cart` are ready (not in `live.yaml`)')
  assert.is(note?.file, 'cart.yaml')
})

const options = { colours: paint(false), version: '', folder: '' }

test('Markdown leaves out what the snapshot has answered', () => {
  const own = status('  latestReadyRevisionName: shop-v2\n  traffic: [{ revisionName: shop-v1, percent: 100 }]\n')
  const bodyOf = (snapshot?: SnapshotFile): string => {
    const outcome = plan([{ path, text: rolling }], { move: apply('split'), now, ...(snapshot && { live: snapshot }) })
    return markdownReport(outcome, options)
  }
  const [without, withIt] = [bodyOf(), bodyOf(live(rolling + own))]
  assert.match(without, '`kubectl get revision --namespace prod shop-v1 shop-v2`')
  assert.match(without, 'that the traffic on the cluster is still what the files had before')
  assert.not.match(withIt, 'kubectl get revision')
  assert.not.match(withIt, 'that the traffic on the cluster is still')
  assert.match(withIt, 'can serve this traffic')
  assert.match(withIt, 'KN472')
  const partly = bodyOf(live(rolling + status('  latestReadyRevisionName: shop-v1\n').replace('shop-v1', 'shop-v1')))
  assert.match(partly, '`kubectl get revision --namespace prod shop-v2`')
})

test('status has a column for the snapshot, in every format', () => {
  const idle = shop('v1', 'v1=100', { name: 'idle' }).replaceAll('shop-v', 'idle-v')
  const conditions = condition('Ready', 'False', 'RevisionMissing', 'Revision "shop-v2" failed to become ready.')
  const text = `${shop('v2', 'v1=90 v2=10:v2')}${status('  latestReadyRevisionName: shop-v1\n  traffic: [{ revisionName: shop-v1, percent: 95 }, { revisionName: shop-v0, percent: 5 }]\n', conditions)}`
  const files = [
    { path, text: rolling },
    { path: 'idle.yaml', text: idle },
  ]
  const told = statusOf(files, { live: live(text, now - 60), now })
  const cells = statusCells(told, { now, glyphs: unicodeGlyphs }).map(
    ({ service, live: cell }) => `${service}: ${cell}`,
  )
  assert.equal(cells, ['prod/idle: ', 'prod/shop: 95/0 + shop-v0 5 not ready: shop-v2 (RevisionMissing), drift'])
  assert.is(codes(told), 'KN472 KN471 KN469')
  const json = JSON.parse(statusJson(told, now)) as { services: readonly { live?: unknown }[] }
  assert.equal(
    json.services.map((one) => one.live),
    [
      undefined,
      {
        file: 'live.yaml',
        ready: 'False',
        reason: 'RevisionMissing',
        traffic: [
          { revisionName: 'shop-v1', percent: 95 },
          { revisionName: 'shop-v2', percent: 0 },
          { revisionName: 'shop-v0', percent: 5 },
        ],
        unready: [{ revisionName: 'shop-v2', state: 'failed' }],
        drift: ['traffic'],
      },
    ],
  )
  assert.match(statusMarkdown(told, now), /\| File \| Live \|\n/)
  assert.not.match(statusMarkdown(statusOf(files, { now }), now), 'Live')
  const sound = statusOf([{ path, text: rolling }], {
    live: live(rolling + status('  latestReadyRevisionName: shop-v2\n')),
    now,
  })
  assert.is(statusCells(sound, { now, glyphs: unicodeGlyphs })[0]?.live, '100/0 ready')
  assert.is(codes(statusOf(files, { live: live('a: 1\n'), now })), 'KN192')
})

test('check warns of targets that the snapshot shows as not ready, and compares it with the base', () => {
  const base = { files: [{ path, text: shop('v1', 'v1=100') }], histories: new Map() }
  const check = (snapshot: SnapshotFile): readonly string[] =>
    plan([{ path, text: rolling }], { base, live: snapshot, now }).diagnostics.map(({ code }) => code)
  const own = status('  latestReadyRevisionName: shop-v1\n')
  assert.equal(check(live(shop('v1', 'v1=100') + own)), ['KN472'], 'the next sync makes it')
  assert.equal(check(live(shop('v1', 'v1=90 @latest=10') + own)), ['KN472', 'KN471'])
  const failed = condition('Ready', 'False', 'RevisionMissing', 'Revision "shop-v2" failed to become ready.')
  const found = check(live(rolling + status('  latestReadyRevisionName: shop-v1\n', failed)))
  assert.ok(found.includes('KN530'))
  assert.ok(found.includes('KN469'))
  assert.ok(found.includes('KN471'))
})

test('a revision that only the snapshot knows is no unknown one', () => {
  const older = shop('v3', 'v3=100')
  const version = { commit: 'a'.repeat(40), time: now - 60, path, text: older }
  const base = { files: [{ path, text: older }], histories: new Map([[path, { versions: [version], isCut: false }]]) }
  const text = shop('v3', 'v3=90 v1=10:old')
  const known = (snapshot?: SnapshotFile): boolean => {
    return codes(plan([{ path, text }], { base, now, ...(snapshot && { live: snapshot }) })).includes('KN511')
  }
  assert.ok(known())
  const all = revision('v1', 'True') + revision('v3', 'True')
  assert.not.ok(known(live(shop('v3', 'v3=100') + status('  latestReadyRevisionName: shop-v3\n') + all)))
})

const waysOut = (reason: string): readonly string[] => {
  const snapshot = live(rolling + status('  latestReadyRevisionName: shop-v1\n', condition('Ready', 'False', reason)))
  const { diagnostics } = statusOf([{ path, text: rolling }], { live: snapshot, now })
  return diagnostics.flatMap(({ code, help = '' }) => (code === 'KN469' ? [help] : []))
}

test('the way out of each reason names the file that holds the Service', () => {
  assert.match(waysOut('RevisionMissing').join(), 'run `kn-rollout apply rollback shop.yaml`')
  assert.match(
    waysOut('RevisionFailed').join(),
    'release a template that works (`kn-rollout release shop.yaml --image IMAGE`)',
  )
  assert.match(waysOut('ContainerMissing').join(), '`kn-rollout release shop.yaml --image IMAGE`')
  assert.match(waysOut('ConfigurationUnready').join(), '`kn-rollout release shop.yaml --image IMAGE`')
  assert.equal(waysOut('Deploying'), [])
})

test('a revision of which nothing is shown is not judged', () => {
  const [found] = readLive(live(rolling + status('  latestReadyRevisionName: shop-v1\n'))).services
  assert.ok(found)
  if (!found) return
  assert.is(revisionIn(found, 'shop-v7'), undefined)
  assert.equal(revisionIn(found, 'shop-v1'), { name: 'shop-v1', state: 'ready' })
})

test.run()
