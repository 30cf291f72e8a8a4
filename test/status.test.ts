// What `status` tells of one Service, state by state, and which Services it tells of.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { revisionText } from '../src/manifest/traffic.js'
import { statusOf, type StatusRequest, type StatusRow } from '../src/pipeline/status.js'
import { unicodeGlyphs } from '../src/report/cells.js'
import { stageText, statusCells, footnotes, statusSummary } from '../src/report/status.js'
import type { FileHistory } from '../src/text/words.js'
import { service } from './cli/manifests.js'

const test = suite('status')
const [now, hour] = [1_767_225_600, 3600]
const configuration = {
  path: '.kn-rollout.yaml',
  text: 'plans:\n  slow: [{ stage: tenth, percent: 10, soak: 6h }, { stage: half, percent: 50 }, promote]\nservices:\n  - { name: slow, plan: slow }\n  - { name: canary, plan: canary }\n',
}

/** `v1=100 v2=0:tag` as lines of YAML. */
function lines(targets: string): string {
  const entries = targets.split(' ').map((target) => {
    const [, name = '', percent = '', tag] = /^(\S+)=(-?\d+)(?::(\S+))?$/.exec(target) ?? []
    const to = name === '@latest' ? 'latestRevision: true' : `revisionName: ${name}`
    return `    - ${to}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
  })
  return targets === '' ? '' : `  traffic:\n${entries.join('')}`
}

function rowOf(targets: string, revision = '', name = 'shop', request: StatusRequest = {}): StatusRow {
  const text = service(lines(targets), { name, revision })
  const { rows } = statusOf([{ path: 'shop.yaml', text }], { configuration, ...request })
  const [row] = rows
  if (!row) throw new Error('a Service has a row')
  return row
}

/** `state: shown, stable > candidate, shares, next` */
function told(row: StatusRow): string {
  const [stable, candidate] = [row.stable, row.candidate].map((role) => (role ? revisionText(role.revision) : '-'))
  const shares = row.shares.map(({ percent }) => percent).join('/')
  return `${row.state}: ${stageText(row)}, ${stable} > ${candidate}, ${shares}, ${row.next?.stage ?? '-'}`
}

const states: readonly (readonly [targets: string, expected: string, revision?: string, name?: string])[] = [
  ['', 'unpinned: latest, - > -, 100, -'],
  ['', 'unpinned: latest, shop-v1 > -, 100, pin', 'shop-v1'],
  ['@latest=100', 'unpinned: latest, - > -, 100, -'],
  ['a-1=100', 'single: pin, a-1 > -, 100, -'],
  ['a-1=100', 'single: pin, a-1 > a-2, 100, preview', 'a-2'],
  ['a-1=100', 'single: 1 revision, a-1 > -, 100, -', '', 'canary'],
  // What is filled in later is no role, and nothing comes next.
  ['a-1=100', 'single: pin, a-1 > -, 100, -', '"{{ .Release.Name }}-v2"'],
  ['a-1=100 a-2=0:v2', 'shared: preview, a-1 > a-2, 100/0, -', '', '"{{ .Release.Name }}"'],
  ['a-1=100 a-2=0:v2', 'shared: preview, a-1 > a-2, 100/0, split'],
  ['a-1=70 a-2=30:v2', 'shared: 70/30, a-1 > a-2, 70/30, split'],
  ['a-1=50 a-2=50:v2', 'shared: split, a-1 > a-2, 50/50, promote'],
  ['a-1=0 a-2=100:v2', 'shared: promote, a-1 > a-2, 0/100, retire'],
  ['a-2=100:v2', 'single: retire, a-2 > -, 100, -'],
  ['a-1=75 a-2=25:v2', 'shared: 25, a-1 > a-2, 75/25, 50', '', 'canary'],
  ['a-1=90 a-2=10:v2', 'shared: tenth, a-1 > a-2, 90/10, half', '', 'slow'],
  ['a-1=90 @latest=10', 'shared: 90/10, a-1 > @latest, 90/10, split'],
  ['a-1=0:old a-2=50 a-3=50:v3', 'shared: split, a-2 > a-3, 50/50, promote', 'a-3'],
  ['a-1=40 a-2=30 a-3=30', 'odd: 3 revisions, a-1 > -, 40/30/30, -'],
  ['a-1=60 a-2=50:v2', 'odd: 60/50, a-1 > a-2, 60/50, -'],
  ['a-1=101 a-2=-1:v2', 'odd: 101/-1, a-1 > a-2, 101/-1, -'],
  ['a-1=90', 'odd: 90, a-1 > -, 90, -'],
  ['blue=50 green=50', 'odd: 50/50, - > -, 50/50, -'],
  ['a-1=x', 'unreadable: unreadable, - > -, , -'],
]

for (const [targets, expected, revision, name] of states)
  test(`${targets || 'no traffic'}${revision ? ` of ${revision}` : ''}${name ? ` in ${name}` : ''}`, () => {
    const text = lines(targets.replace('=x', '=1')).replace('percent: 1\n', (found) => {
      return targets.endsWith('=x') ? 'percent: many\n' : found
    })
    const file = { path: 'shop.yaml', text: service(text, { name: name ?? 'shop', revision: revision ?? '' }) }
    const { rows, counts } = statusOf([file], { configuration, now })
    assert.equal(rows.map(told), [expected])
    assert.equal(counts, {
      services: 1,
      rolling: Number(expected.startsWith('shared')),
      rolledBack: 0,
      odd: Number(/^(?:odd|unreadable)/.test(expected)),
    })
    assert.is(rows[0]?.since, undefined, 'Git was not asked')
  })

function history(...versions: readonly (readonly [hours: number, targets: string])[]): FileHistory {
  return {
    versions: versions.map(([hours, targets], index) => ({
      commit: String(index).padStart(40, 'a'),
      time: now - hours * hour,
      path: 'shop.yaml',
      text: service(lines(targets), { name: 'slow' }),
    })),
    isCut: false,
  }
}

const [preview, tenth] = ['a-1=100 a-2=0:v2', 'a-1=90 a-2=10:v2']
const times: readonly (readonly [what: string, history: FileHistory | undefined, time: string, next: string])[] = [
  ['soak', history([2, tenth], [9, preview]), '2h', 'half in 4h'],
  ['soak over', history([6, tenth], [9, preview]), '6h', 'half'],
  ['not committed', history([9, preview]), 'not committed', 'half (soak 6h)'],
  ['not tracked', history(), 'not committed', 'half (soak 6h)'],
  ['cut', { ...history([2, tenth]), isCut: true }, '≥ 2h', 'half (not checked) (soak 6h)'],
  ['cut, but long enough', { ...history([8, tenth]), isCut: true }, '≥ 8h', 'half (not checked)'],
  ['no Git', { versions: [], isCut: true, failure: 'no Git' }, 'unknown', 'half (not checked) (soak 6h)'],
  ['no repository', { versions: [], isCut: false, absence: 'none' }, 'unknown', 'half (not checked) (soak 6h)'],
  [
    'cut before all',
    { versions: [{ commit: 'a', time: 1, path: 'x', text: undefined }], isCut: true },
    'unknown',
    'half (soak 6h)',
  ],
  ['no file', undefined, 'unknown', 'half (not checked) (soak 6h)'],
]

for (const [what, known, time, next] of times)
  test(`time: ${what}`, () => {
    const histories = new Map(known ? [['shop.yaml', known]] : [])
    const file = { path: 'shop.yaml', text: service(lines(tenth), { name: 'slow' }) }
    const status = statusOf([file], { configuration, histories, now })
    const [cells] = statusCells(status, { now, glyphs: unicodeGlyphs })
    assert.is(cells?.time, time)
    assert.is(cells?.next, next)
    assert.is(footnotes(status).length, time === 'unknown' || next.includes('not checked') ? 1 : 0)
  })

test('the age of what follows the latest revision is that of the template', () => {
  const rowWith = (targets: string, image: string): ReturnType<typeof rowOf> => {
    const texts = ['1.0', '2.0'].map((one) => service(lines(targets)).replace('shop:1.0', `shop:${one}`))
    const versions = texts.map((text, index) => ({ commit: `a${index}`, time: index * hour, path: 'shop.yaml', text }))
    const histories = new Map([['shop.yaml', { versions: versions.toReversed(), isCut: false }]])
    const text = service(lines(targets)).replace('shop:1.0', `shop:${image}`)
    const [row] = statusOf([{ path: 'shop.yaml', text }], { histories, now }).rows
    if (!row) throw new Error('no row')
    return row
  }
  assert.equal(rowWith('', '2.0').since, { commit: 'a1', time: hour })
  assert.equal(rowWith('@latest=100', '2.0').since, { commit: 'a1', time: hour })
  assert.equal(rowWith('a-1=100', '2.0').since, { commit: 'a0', time: 0 }, 'pinned traffic does not follow')
  assert.equal(rowWith('', '3.0').since, { notCommitted: true })
  assert.equal(rowWith('a-1=100 @latest=0:next', '2.0').since, { commit: 'a1', time: hour }, 'the tag follows')
  assert.equal(rowWith('a-1=100 @latest=0', '2.0').since, { commit: 'a0', time: 0 }, 'nothing leads there')
})

test('reasons are told once, with the files that they are about', () => {
  const files = ['a', 'b', 'c'].map((name) => ({ path: `${name}.yaml`, text: service('', { name }) }))
  const failure = { versions: [], isCut: true, failure: 'no\u001B[31m luck' }
  const unreadable = { versions: [{ commit: 'a', time: 1, path: 'x', text: undefined }], isCut: false }
  const histories = new Map([['a.yaml', failure] as const, ['b.yaml', failure] as const])
  const notes = footnotes(statusOf(files, { histories: new Map([...histories, ['c.yaml', unreadable]]), now }))
  assert.equal(notes.toSorted(), [
    '2 files: Git does not show when it started: no\\x1b[31m luck',
    'c.yaml: Git does not show when it started: 1 version of it cannot be read',
  ])
})

test('a way back is told by Git, and is not gone again', () => {
  const back = history([1, preview], [2, tenth], [9, preview])
  const histories = new Map([['shop.yaml', back]])
  const row = rowOf(preview, '', 'slow', { histories, now })
  assert.is(told(row), 'shared: 100/0 (rolled back from tenth), a-1 > a-2, 100/0, -')
  assert.equal(row.rolledBack, {
    from: 10,
    to: 0,
    since: { commit: 'a'.repeat(39) + '0', time: now - hour },
    stage: 'tenth',
  })
  const other = rowOf(preview, '', 'slow', {
    histories: new Map([['shop.yaml', history([1, preview], [2, 'a-1=60 a-2=40:v2'])]]),
    now,
  })
  assert.is(stageText(other), '100/0 (rolled back from 40%)')
  const removed = new Map([['shop.yaml', history([1, 'a-1=100'], [2, tenth], [9, preview])]])
  const left = rowOf('a-1=100', 'a-2', 'slow', { histories: removed, now })
  assert.match(told(left), /^single: .* \(rolled back from tenth\), a-1 > a-2, 100, -$/)
  const { counts } = statusOf([{ path: 'shop.yaml', text: service(lines(preview), { name: 'slow' }) }], { histories })
  assert.equal(counts, { services: 1, rolling: 0, rolledBack: 1, odd: 0 })
})

test('URLs are those of the tag that is under test, and of the Service', () => {
  const row = rowOf('a-1=100:old')
  assert.equal([row.tag, row.url, row.tagUrl], [undefined, 'http://shop.shop.example.com', undefined])
  const second = rowOf('a-1=100:old a-2=0:v2', 'a-2')
  assert.equal([second.tag, second.tagUrl], ['v2', 'http://v2-shop.shop.example.com'])
  const scheme = { domain: 'acme.dev', template: 'https://{{.Tag}}-{{.Name}}.{{.Domain}}' }
  assert.is(rowOf(preview, '', 'shop', { scheme }).tagUrl, 'https://v2-shop.acme.dev')
  assert.is(rowOf('', '', 'shop', { scheme }).url, 'https://shop.acme.dev')
})

test('a Service inside of its cluster, or of no namespace, has the URL of such', () => {
  const text = service().replace(
    '  namespace: shop\n',
    '  labels: { networking.knative.dev/visibility: cluster-local }\n',
  )
  const scheme = { domain: 'acme.dev', template: '{{.Name}}.{{.Domain}}' }
  const [row] = statusOf([{ path: 'a.yaml', text }], { scheme }).rows
  assert.is(row?.url, 'http://example-service.<namespace>.svc.cluster.local')
})

const files = [
  ['z.yaml', 'cart', ''],
  ['b.yaml', 'cart', preview],
  ['a.yaml', 'shop', 'a-1=40 a-2=30 a-3=30'],
  ['c.yaml', 'blog', 'a-1=50 a-2=50:v2'],
  ['d.yaml', 'mail', 'a-1=100'],
].map(([path = '', name = '', targets = '']) => ({ path, text: service(lines(targets), { name }) }))

const filters: readonly (readonly [request: StatusRequest, rows: string, summary: string])[] = [
  [{}, 'c.yaml b.yaml z.yaml d.yaml a.yaml', '5 Services: 2 rolling out, 1 unrecognized'],
  [{ rolling: true }, 'c.yaml b.yaml a.yaml', '5 Services: 2 rolling out, 1 unrecognized; 3 shown'],
  [{ stages: ['split'] }, 'c.yaml', '5 Services: 2 rolling out, 1 unrecognized; 1 shown'],
  [{ stages: ['latest', 'unrecognized'] }, 'z.yaml a.yaml', '5 Services: 2 rolling out, 1 unrecognized; 2 shown'],
  [{ stages: ['preview', 'pin'] }, 'b.yaml d.yaml', '5 Services: 2 rolling out, 1 unrecognized; 2 shown'],
  [{ services: ['c*', 'shop/mail'] }, 'b.yaml z.yaml d.yaml', '3 Services: 1 rolling out, 0 unrecognized'],
  [{ services: ['blog'], rolling: true }, 'c.yaml', '1 Service: 1 rolling out, 0 unrecognized'],
]
for (const [request, rows, summary] of filters)
  test(`of ${JSON.stringify(request)}`, () => {
    const status = statusOf(files, request)
    assert.is(status.rows.map(({ file }) => file).join(' '), rows)
    assert.is(statusSummary(status), summary)
  })

test('what is asked for and is not there ends in a diagnostic, without rows', () => {
  for (const [request, code] of [
    [{ services: ['nope'] }, 'KN420'],
    [{ stages: ['splitt'] }, 'KN424'],
    [{ configuration: { path: 'x', text: 'nope: 1\n' } }, 'KN191'],
  ] as const) {
    const { rows, diagnostics } = statusOf(files, request)
    assert.equal([rows.length, diagnostics.map((one) => one.code)], [0, [code]])
  }
  assert.equal(statusOf(files, { stages: ['tenth'], configuration }).diagnostics, [])
})

test('a Service with faults has a row, and a file that cannot be read is named', () => {
  const odd = [
    { path: 'a.yaml', text: service().replace('image: example.com/shop:1.0', 'image: [1, 2]') },
    { path: 'b.yaml', text: 'apiVersion: serving.knative.dev/v1\nkind: Service\nspec: 1\n' },
    { path: 'c.yaml', text: `${service()}\t- [` },
    { path: 'd.yaml', text: 'kind: Service # serving.knative.dev/\n' },
  ]
  const { rows, diagnostics } = statusOf(odd, {})
  assert.equal(
    rows.map(({ file, label, state }) => [file, label, state]),
    [
      ['b.yaml', '', 'unpinned'],
      ['a.yaml', 'shop/example-service', 'unpinned'],
    ],
  )
  assert.equal(
    diagnostics.map(({ code, file }) => [code, file]),
    [['KN101', 'c.yaml']],
  )
})

test.run()
