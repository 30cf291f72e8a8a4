// The way back from every state that stages leave: the stable revision alone, and everybody goes on knowing who was taken back.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import type { Request } from '../src/pipeline/request.js'
import { statusOf } from '../src/pipeline/status.js'
import type { FileHistory } from '../src/text/words.js'
import { baseOf } from './passages.js'

const path = 'shop.yaml'
const test = suite('rollback')
const numRuns = Number(process.env['KN_RUNS'] ?? 300)

/** A Service with the template `v1` (an own name) or `#1` (a generated one), and traffic such as `v1=50 @latest=50:t`. */
function at(template: string, traffic: string): string {
  const name = template.startsWith('#') ? '' : `    metadata:\n      name: shop-${template}\n`
  const image = template.replace(/^\D*/, '')
  const targets = traffic
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [, revision = '', percent = '', tag] = /^(.+)=(\d+)(?::(.+))?$/.exec(word) ?? []
      const target = revision === '@latest' ? 'latestRevision: true' : `revisionName: shop-${revision}`
      return `    - ${target}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
    })
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
${name}    spec:
      containers:
        - name: user-container
          image: example.com/shop:${image}
          readinessProbe:
            successThreshold: 1
            tcpSocket: {}
${targets.length === 0 ? '' : `  traffic:\n${targets.join('')}`}`
}

function historyOf(texts: readonly string[]): ReadonlyMap<string, FileHistory> {
  const versions = texts.map((text, index) => {
    return { commit: String(index).padStart(40, 'abcdef0123'), time: index * 60, path, text }
  })
  return new Map([[path, { versions: versions.toReversed(), isCut: false }]])
}

type Flags = Readonly<Record<string, string | number | boolean>>

function run(text: string, past: readonly string[], stage: string, flags: Flags = {}) {
  const move = stage === 'next' ? ({ command: 'next' } as const) : ({ command: 'apply', stage, ...flags } as const)
  const outcome = plan([{ path, text }], { histories: historyOf(past), now: 1e6, move })
  const codes = outcome.diagnostics.filter(({ code }) => /^KN[14]/.test(code)).map(({ code }) => code)
  return { text: outcome.changes[0]?.text, codes, diagnostics: outcome.diagnostics }
}

function trafficIn(text: string): string {
  const words = [
    ...text.matchAll(/- (?:revisionName: shop-(\S+)|latestRevision: true)\n {6}percent: (\d+)(?:\n {6}tag: (\S+))?/g),
  ]
  return words
    .map(([, name = '@latest', percent, tag]) => `${name}=${percent}${tag === undefined ? '' : `:${tag}`}`)
    .join(' ')
}

/** What the way back leads to, by the states before it; the last one is the file. */
const ways: readonly (readonly [what: string, states: readonly (readonly [string, string])[], to: string])[] = [
  [
    'preview',
    [
      ['v1', 'v1=100'],
      ['v2', 'v1=100 v2=0:t'],
    ],
    'v1=100',
  ],
  [
    'split',
    [
      ['v1', 'v1=100'],
      ['v2', 'v1=50 v2=50:t'],
    ],
    'v1=100',
  ],
  [
    'promoted',
    [
      ['v1', 'v1=100'],
      ['v2', 'v1=50 v2=50:t'],
      ['v2', 'v1=0 v2=100:t'],
    ],
    'v1=100',
  ],
  [
    'retired',
    [
      ['v1', 'v1=100'],
      ['v2', 'v1=0 v2=100:t'],
      ['v2', 'v2=100:t'],
    ],
    'v1=100',
  ],
  [
    'unpinned, no list',
    [
      ['v1', ''],
      ['v2', ''],
    ],
    'v1=100',
  ],
  [
    'unpinned, by the latest',
    [
      ['v1', '@latest=100'],
      ['v2', '@latest=100'],
    ],
    'v1=100',
  ],
  [
    'unpinned after a pin',
    [
      ['v1', 'v1=100'],
      ['v2', 'v1=100'],
      ['v3', '@latest=100'],
    ],
    'v1=100',
  ],
  [
    'unpinned, three templates',
    [
      ['v1', ''],
      ['v2', ''],
      ['v3', ''],
    ],
    'v2=100',
  ],
  [
    'unpinned, and the template goes on',
    [
      ['v1', ''],
      ['v2', ''],
      ['v2', 'v2=100'],
      ['v3', 'v2=100'],
      ['v3', ''],
    ],
    'v2=100',
  ],
  [
    'split with the latest',
    [
      ['v1', 'v1=100'],
      ['v2', 'v1=50 @latest=50:t'],
    ],
    'v1=100',
  ],
  [
    'generated: preview',
    [
      ['#1', '00001=100'],
      ['#2', '00001=100 00002=0:t'],
    ],
    '00001=100',
  ],
  [
    'generated: preview of the latest',
    [
      ['#1', '00001=100'],
      ['#2', '00001=100 @latest=0:t'],
    ],
    '00001=100',
  ],
  [
    'generated: split',
    [
      ['#1', '00001=100'],
      ['#2', '00001=50 00002=50:t'],
    ],
    '00001=100',
  ],
  [
    'generated: promoted',
    [
      ['#1', '00001=100'],
      ['#2', '00001=50 00002=50'],
      ['#2', '00001=0 00002=100'],
    ],
    '00001=100',
  ],
  [
    'generated: the latest promoted',
    [
      ['#1', '00001=100'],
      ['#2', '00001=0 @latest=100'],
    ],
    '00001=100',
  ],
  [
    'generated: retired',
    [
      ['#1', '00001=100'],
      ['#2', '00001=0 00002=100'],
      ['#2', '00002=100'],
    ],
    '00001=100',
  ],
  [
    'generated: unpinned',
    [
      ['#1', ''],
      ['#2', ''],
    ],
    '00001=100',
  ],
  [
    'generated: unpinned, three templates',
    [
      ['#1', '@latest=100'],
      ['#2', '@latest=100'],
      ['#3', '@latest=100'],
    ],
    '00002=100',
  ],
]

for (const [what, states, to] of ways) {
  const past = states.map(([template, traffic]) => at(template, traffic))
  const text = past.at(-1) ?? ''
  test(`from ${what}: the stable revision alone, once, and who was taken back is known`, () => {
    const back = run(text, past, 'rollback')
    assert.is(trafficIn(back.text ?? back.codes.join(' ')), to)
    const after = back.text ?? ''
    for (const known of [past, [...past, after]]) {
      assert.is(run(after, known, 'rollback').text, undefined, 'a second run changes nothing')
      const [row] = statusOf([{ path, text: after }], { histories: historyOf(known), now: 1e6 }).rows
      assert.ok(row?.rolledBack, 'status says so')
      assert.is(row?.stage, 'pin')
      assert.is(row?.next, undefined)
    }
    assert.equal(run(after, [...past, after], 'next').codes, ['KN434'])
    const { diagnostics } = plan([{ path, text: after }], { base: { ...baseOf(past, path), asked: new Set([path]) } })
    assert.equal(
      diagnostics.filter(({ code }) => /^KN51[2-6]$/.test(code)).map(({ message }) => message),
      [],
    )
  })
}

/** Where nobody was taken back. */
const forward: readonly (readonly [what: string, states: readonly (readonly [string, string])[], next: string])[] = [
  [
    'a pin',
    [
      ['v1', ''],
      ['v1', 'v1=100'],
    ],
    'KN436',
  ],
  [
    'a pin, and then a new template',
    [
      ['v1', ''],
      ['v1', 'v1=100'],
      ['v2', 'v1=100'],
    ],
    'v1=100 v2=0:v2',
  ],
  [
    'a pin together with a new template',
    [
      ['v1', ''],
      ['v2', 'v1=100'],
    ],
    'v1=100 v2=0:v2',
  ],
  [
    'a retirement',
    [
      ['v2', 'v1=0 v2=100'],
      ['v2', 'v2=100'],
    ],
    'KN436',
  ],
  [
    'a retirement, by numbers',
    [
      ['#2', '00001=0 00002=100'],
      ['#2', '00002=100'],
    ],
    'KN436',
  ],
  [
    'a promotion that drops the old one',
    [
      ['v2', 'v1=50 v2=50'],
      ['v2', 'v2=100'],
    ],
    'KN436',
  ],
  [
    'a template that was retired and comes again',
    [
      ['v2', 'v1=0 v2=100'],
      ['v2', 'v2=100'],
      ['v1', 'v2=100'],
    ],
    'v2=100 v1=0:v1',
  ],
  [
    'a new template after a rollback',
    [
      ['v2', 'v1=50 v2=50'],
      ['v2', 'v1=100'],
      ['v3', 'v1=100'],
    ],
    'v1=100 v3=0:v3',
  ],
  [
    'a pin of what is counted',
    [
      ['#1', ''],
      ['#2', ''],
      ['#2', '00002=100'],
    ],
    'KN436',
  ],
]

for (const [what, states, next] of forward)
  test(`${what} is no rollback`, () => {
    const past = states.map(([template, traffic]) => at(template, traffic))
    const text = past.at(-1) ?? ''
    const [row] = statusOf([{ path, text }], { histories: historyOf(past), now: 1e6 }).rows
    assert.is(row?.rolledBack, undefined)
    const moved = run(text, past, 'next')
    assert.is(trafficIn(moved.text ?? '') || moved.codes.join(' '), next)
  })

test('never goes to what the template makes, unless --stable names it', () => {
  const alone = at('v2', '')
  assert.equal(run(alone, [alone], 'rollback').codes, ['KN402'])
  const outdated = at('v1', 'v1=50 v2=50:t')
  assert.equal(run(outdated, [outdated], 'rollback').codes, ['KN402'])
  assert.is(trafficIn(run(outdated, [outdated], 'rollback', { stable: 'shop-v1' }).text ?? ''), 'v1=100')
  const generated = at('#1', '')
  assert.equal(run(generated, [generated], 'rollback').codes, ['KN402'])
  const pinned = at('v1', 'v1=100')
  assert.equal(
    run(pinned, [pinned], 'rollback'),
    { text: undefined, codes: [], diagnostics: [] },
    'nothing to go back from',
  )
})

test('what is counted is said to be', () => {
  const past = [at('#1', ''), at('#2', '')]
  const { diagnostics } = run(past[1] ?? '', past, 'rollback')
  const doubt = diagnostics.find(({ code }) => code === 'KN448')
  assert.match(
    doubt?.message ?? '',
    /`shop-00001` is a prediction \(Git has 2 templates of `shop` since its first commit\): a wrong number blocks all traffic \(`RevisionMissing`\)/,
  )
})

test('the next revision after a rollback says whom it follows', () => {
  const past = [at('v1', 'v1=100'), at('v2', 'v1=50 v2=50:t'), at('v2', 'v1=100')]
  const move = { command: 'release', image: ':3' } as const
  const outcome = plan([{ path, text: past[2] ?? '' }], { histories: historyOf(past), now: 1e6, move })
  const remark = outcome.diagnostics.find(({ code }) => code === 'KN456')
  assert.match(remark?.message ?? '', /^`shop-v2` was rolled back by [0-9a-f]{7} \(1970-/)
  assert.is(trafficIn(outcome.changes[0]?.text ?? ''), 'v1=100 v3=0:v3')
})

test('a number that was counted counts on', () => {
  const past = [at('#1', ''), at('#2', ''), at('#2', '00001=100')]
  const move = { command: 'release', image: ':3' } as const
  const outcome = plan([{ path, text: past[2] ?? '' }], { histories: historyOf(past), now: 1e6, move })
  assert.is(trafficIn(outcome.changes[0]?.text ?? ''), '00001=100 00003=0:latest'.replace('latest', 'v3'))
})

const live = (message: string): { path: string; text: string } => ({
  path: 'live.yaml',
  text: `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
status:
  latestReadyRevisionName: shop-v1
  conditions:
    - type: RoutesReady
      status: "False"
      reason: RevisionMissing
      message: ${message}
`,
})

test('a target that the cluster could not get ready does not stay', () => {
  const text = at('v2', 'v1=50 v2=50:t')
  const failed = (name: string) => live(`Revision "${name}" failed to become ready.`)
  const ask = (stage: string, flags: Flags, snapshot: { path: string; text: string }) => {
    const outcome = plan([{ path, text }], { live: snapshot, move: { command: 'apply', stage, ...flags } })
    const refusal = outcome.diagnostics.find(({ code }) => code === 'KN457')
    return refusal?.help ?? trafficIn(outcome.changes[0]?.text ?? '')
  }
  const renew = '; if the snapshot is out of date, save it again or add `--force`'
  const back = 'run `kn-rollout apply rollback shop.yaml`'
  assert.is(ask('promote', {}, failed('shop-v1')), `run \`kn-rollout apply promote shop.yaml --drop-stable\`${renew}`)
  assert.is(ask('promote', { dropStable: true }, failed('shop-v1')), 'v2=100:t')
  assert.is(ask('promote', {}, failed('shop-v2')), back + renew)
  assert.is(ask('rollback', { keep: true }, failed('shop-v2')), `${back} without \`--keep\`${renew}`)
  assert.is(ask('rollback', {}, failed('shop-v2')), 'v1=100')
  const waiting = live('Revision "shop-v2" is not yet ready.')
  assert.is(ask('rollback', { keep: true }, waiting), `${back} without \`--keep\`${renew}`)
  assert.is(ask('rollback', {}, waiting), 'v1=100')
})

/** `spec.template` of a text, with all that stands in it. */
function templateIn(text: string): string {
  return /^ {2}template:[^]*?(?=^ {2}\S|(?![^]))/m.exec(text)?.[0] ?? ''
}

const spelledOut = (template: string, traffic: string): string =>
  at(template, traffic).replace('        - name: user', '        # The shop itself.\n        - name: user')

test('--restore-template brings the template back byte for byte, and the cluster takes it', () => {
  for (const [first, second, traffic] of [
    ['v1', 'v2', 'v1=50 v2=50:t'],
    ['#1', '#2', '00001=50 00002=50:t'],
  ] as const) {
    const past = [spelledOut(first, `${first === 'v1' ? 'v1' : '00001'}=100`), at(second, traffic)]
    const back = run(past[1] ?? '', past, 'rollback', { restoreTemplate: true })
    assert.is(templateIn(back.text ?? ''), templateIn(past[0] ?? ''))
    assert.is(trafficIn(back.text ?? ''), first === 'v1' ? 'v1=100' : '00001=100')
    const after = back.text ?? ''
    for (const known of [past, [...past, after]])
      assert.is(
        run(after, known, 'rollback', { restoreTemplate: true }).text,
        undefined,
        'a second run changes nothing',
      )
    const [row] = statusOf([{ path, text: after }], { histories: historyOf([...past, after]), now: 1e6 }).rows
    assert.ok(row?.rolledBack)
    const moved = after.replace('spec:\n', 'spec:\n  # later\n')
    for (const states of [
      [...past, after],
      [...past, after, moved],
    ]) {
      const base = { ...baseOf(states, path), asked: new Set([path]) }
      const { diagnostics } = plan([{ path, text: states.at(-1) ?? '' }], { base })
      assert.equal(
        diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
        [],
      )
    }
  }
})

test('--restore-template writes out what the old text leaves unsaid, and says so', () => {
  const bare = at('v1', 'v1=100').replace(/ {10}readinessProbe:\n(?: {12}.*\n)+/, '')
  const past = [bare, at('v2', 'v1=50 v2=50:t')]
  const move = { command: 'apply', stage: 'rollback', restoreTemplate: true } as const
  const outcome = plan([{ path, text: past[1] ?? '' }], { histories: historyOf(past), now: 1e6, move })
  const [change] = outcome.changes[0]?.changes ?? []
  assert.is(change?.template?.restored?.revision, 'shop-v1')
  assert.equal(change?.template?.spelled, ['spec.template.spec.containers[0].readinessProbe'])
  assert.match(templateIn(outcome.changes[0]?.text ?? ''), /image: example.com\/shop:1\n {10}readinessProbe:/)
})

test('--restore-template takes the template of the stable revision, not merely the one before', () => {
  const own = [at('v1', 'v1=100'), at('v2', 'v1=100 v2=0:t'), at('v3', 'v1=50 v3=50:t')]
  assert.is(
    templateIn(run(own[2] ?? '', own, 'rollback', { restoreTemplate: true }).text ?? ''),
    templateIn(own[0] ?? ''),
  )
  const numbered = [at('#1', '00001=100'), at('#2', '00001=100 00002=0:t'), at('#3', '00001=50 00003=50:t')]
  const back = run(numbered[2] ?? '', numbered, 'rollback', { restoreTemplate: true })
  assert.is(templateIn(back.text ?? ''), templateIn(numbered[0] ?? ''))
})

test('--restore-template takes what the cluster admitted under the name, not what it refused', () => {
  const [first, other] = [at('v1', 'v1=100'), at('v1', 'v1=100').replace('shop:1', 'shop:1.1')]
  const broken = first.replace('shop:1', '"shop:1 "')
  const candidate = at('v2', 'v1=50 v2=50:t')
  const restored = (past: readonly string[]): string =>
    templateIn(run(candidate, past, 'rollback', { restoreTemplate: true }).text ?? '')
  assert.is(restored([broken, first, candidate]), templateIn(first), 'the first one was no valid manifest')
  assert.is(restored([first, other, candidate]), templateIn(first), 'another image came under the same name')
  const later = at('v2', 'v2=100').replace('shop:2', 'shop:2.0')
  assert.is(restored([first, later, other, candidate]), templateIn(first), 'and again after another name')
})

test('more history is only proposed where the clone is shallow', () => {
  const alone = at('v2', '')
  const outdated = at('v2', 'v1=50 v2=50:t')
  const cases: readonly (readonly [text: string, move: NonNullable<Request['move']>, code: string])[] = [
    [alone, { command: 'apply', stage: 'rollback' }, 'KN402'],
    [outdated, { command: 'apply', stage: 'rollback', restoreTemplate: true }, 'KN458'],
    [outdated, { command: 'apply', stage: 'rollback', stable: '@previous' }, 'KN409'],
    [outdated, { command: 'release', adopt: true }, 'KN446'],
  ]
  for (const [text, move, code] of cases) {
    for (const isShallow of [false, true]) {
      const [[, history] = ['', { versions: [] }]] = historyOf([text])
      const cut = { ...history, isCut: true, ...(isShallow && { isShallow }) }
      const { diagnostics } = plan([{ path, text }], { histories: new Map([[path, cut]]), now: 1e6, move })
      const found = diagnostics.find((one) => one.code === code)
      assert.ok(found, `${code}: ${diagnostics.map((one) => `${one.code} ${one.message}`).join('\n')}`)
      assert.is(/^fetch more history \(.*\), or /.test(found.help ?? ''), isShallow, found.help)
      assert.not.match(found.help ?? '', /shallow clone/)
      assert.ok((found.help ?? '').length <= 160, found.help)
    }
  }
})

test('--restore-template keeps line ends and indentation, and refuses what it does not know', () => {
  const past = [at('v1', 'v1=100'), at('v2', 'v1=50 v2=50:t')]
  const crlf = (past[1] ?? '').replaceAll('\n', '\r\n')
  const back = run(crlf, past, 'rollback', { restoreTemplate: true }).text ?? ''
  assert.is(back.replaceAll('\r\n', '').search(/[\r\n]/), -1)
  assert.is(templateIn(back.replaceAll('\r\n', '\n')), templateIn(past[0] ?? ''))
  const wide = (past[1] ?? '').replace(/spec:\n(?: .*\n)*/, (all) => all.replaceAll(/^( +)/gm, '  $1'))
  const widened = run(wide, past, 'rollback', { restoreTemplate: true }).text ?? ''
  assert.ok(widened, JSON.stringify(run(wide, past, 'rollback', { restoreTemplate: true }).diagnostics))
  assert.match(widened, /^ {4}template:\n {6}metadata:\n {8}name: shop-v1\n/m)
  const lost = at('v2', 'v1=50 v2=50:t')
  assert.equal(run(lost, [lost], 'rollback', { restoreTemplate: true }).codes, ['KN458'])
  const flow =
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {template: {metadata: {name: shop-v2}, spec: {containers: [{image: x.io/shop:2}]}}, traffic: [{revisionName: shop-v1, percent: 50}, {revisionName: shop-v2, percent: 50}]}\n'
  assert.equal(run(flow, [past[0] ?? '', flow], 'rollback', { restoreTemplate: true }).codes, ['KN458'])
  const braces = flow.replace('shop-v2}', 'shop-v1}').replace(':2}', ':1}')
  const inBraces = run(flow, [braces, flow], 'rollback', { restoreTemplate: true }).text ?? ''
  assert.match(inBraces, /metadata: \{name: shop-v1\}/)
})

test('law: from any walk of stages the way back leaves one name, and runs once', () => {
  let returned = 0
  const stages = fc.constantFrom('pin', 'preview', 'split', 'promote', 'retire', 'next', 'release', 'rollback')
  fc.assert(
    fc.property(fc.array(stages, { minLength: 1, maxLength: 8 }), fc.boolean(), (walk, isOwn) => {
      const past = [at(isOwn ? 'v1' : '#1', '')]
      let version = 1
      for (const stage of walk) {
        const text = past.at(-1) ?? ''
        if (stage === 'release') {
          version++
          const traffic = trafficIn(text)
          past.push(isOwn ? at(`v${version}`, traffic) : at(`#${version}`, traffic))
          continue
        }
        const moved = run(text, past, stage, stage === 'preview' ? { tag: 't' } : {})
        if (moved.text !== undefined) past.push(moved.text)
      }
      const text = past.at(-1) ?? ''
      const back = run(text, past, 'rollback')
      if (back.codes.some((code) => code.startsWith('KN40'))) return
      if (back.text !== undefined) returned++
      const after = back.text ?? text
      assert.match(trafficIn(after), /^\S+=100(?::t)?$/)
      assert.not.match(trafficIn(after), /@latest/)
      assert.is(run(after, past, 'rollback').text, undefined)
      assert.is(run(after, [...past, after], 'rollback').text, undefined)
    }),
    { seed: 20261128, numRuns },
  )
  assert.ok(returned > numRuns / 4, `only ${returned} of ${numRuns} went back`)
})

test.run()
