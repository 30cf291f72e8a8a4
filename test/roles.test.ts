// Who is stable and who the candidate, where the file alone does not tell: by Git, and by what a cluster answered.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { revisionText } from '../src/manifest/traffic.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import { at, committed, name } from './rollouts.js'

const test = suite('roles')
function run(text: string, stage: string, request: Partial<Request>, flags: object = {}): Outcome {
  const move = { command: 'apply', stage, ...(stage === 'split' && { percent: 50 }), ...flags } as const
  return plan([{ path: 'shop.yaml', text }], { ...request, move })
}

/** `stable (by …), candidate (by …)`, or the refusals. */
function told({ changes, diagnostics }: Outcome): string {
  const roles = changes[0]?.changes[0]?.roles
  if (!roles) return diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n')
  return [roles.stable, roles.candidate]
    .map((role) =>
      'revision' in role ? `${revisionText(role.revision).replace(`${name}-`, '')} by ${role.decidedBy}` : role.code,
    )
    .join(', ')
}

function live(lines: string, label = name): { readonly path: string; readonly text: string } {
  const head = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: ${label}\n  namespace: shop\n`
  return { path: 'live.yaml', text: `${head}status:\n${lines}` }
}

test('the later of two targets in Git is the candidate', () => {
  const histories = committed([at('green=100'), at('green=100 blue=0'), at('green=50 blue=50')])
  const outcome = run(at('green=50 blue=50'), 'promote', { histories })
  assert.is(
    told(outcome),
    'green by the target with the most traffic that is not the candidate, blue by Git, where it came later (b000000)',
  )
})

test('Git counts more than numbers, less than a tag and the template', () => {
  const histories = committed([at('v9=100'), at('v9=100 v8=0')])
  assert.match(told(run(at('v9=100 v8=0'), 'split', { histories })), /, v8 by Git, where it came later \(b000000\)$/)
  const tagged = run(at('v9=100 v8=0:next'), 'split', { histories })
  assert.match(told(tagged), /, v8 by the only tagged one of the two targets$/)
  const built = run(at('v9=100 v8=0', 'v9'), 'split', { histories })
  assert.match(told(built), /^v8 by .*, v9 by `spec\.template\.metadata\.name`$/)
})

test('what is not committed yet came later', () => {
  const outcome = run(at('green=100 blue=0'), 'split', { histories: committed([at('green=100')]) })
  assert.match(told(outcome), /, blue by Git, where it is not committed yet$/)
})

test('two revisions of one commit are told by their numbers, or not at all', () => {
  const numbered = committed([at('v1=100 v2=0')])
  assert.match(told(run(at('v1=100 v2=0'), 'split', { histories: numbered })), /, v2 by the higher trailing number$/)
  const equal = committed([at('green=100 blue=0')])
  assert.match(told(run(at('green=100 blue=0'), 'split', { histories: equal })), /^KN401 /)
})

test('a template that changed since the last commit is the candidate, and the committed one serves', () => {
  const histories = committed([at('', 'v1')])
  assert.is(
    told(run(at('', 'v2'), 'preview', { histories }, { tag: 'v2' })),
    'v1 by the template at a000000, v2 by `spec.template.metadata.name`',
  )
  assert.is(told(run(at('', 'v1'), 'pin', { histories })), 'v1 by `spec.template.metadata.name`, KN401')
})

/** The text after a stage, or the codes of what it says. */
const after = (text: string, stage: string): string => {
  const { changes, diagnostics } = plan([{ path: 'shop.yaml', text }], { move: { command: 'apply', stage } })
  return changes[0]?.text ?? diagnostics.map(({ code }) => code).join(' ')
}

test('a template that has its share as the latest revision already is not asked to be named', () => {
  const head = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n`
  const template =
    '  template:\n    metadata:\n      name: shop-v2\n    spec:\n      containers:\n        - image: quay.io/example/shop:v2\n'
  const shared = (old: number, latest: number): string =>
    `${head}  traffic:\n    - revisionName: shop-v1\n      percent: ${old}\n    - latestRevision: true\n      percent: ${latest}\n${template}`
  assert.is(after(shared(75, 25), 'split'), shared(50, 50))
  assert.is(after(shared(75, 25), 'promote'), shared(0, 100))
  assert.is(
    after(shared(0, 100), 'rollback'),
    shared(100, 0).replace('    - latestRevision: true\n      percent: 0\n', ''),
  )
  const candidate = run(shared(75, 25), 'promote', {}).changes[0]?.changes[0]?.roles?.candidate
  assert.equal(candidate, {
    revision: { latest: true },
    decidedBy: '`latestRevision: true`, which the template builds',
  })
  const named = shared(75, 0).replace(template, `    - revisionName: shop-v2\n      percent: 25\n${template}`)
  assert.match(after(named, 'promote'), /revisionName: shop-v2\n      percent: 100/)
})

test('the one that served before a named candidate is stable', () => {
  const candidate = `${name}-v2`
  const histories = committed([at('', 'v1'), at('', 'v2')])
  assert.is(
    told(run(at('', 'v2'), 'split', { histories }, { candidate })),
    'v1 by the template at a000000, v2 by --candidate',
  )
  const pinned = committed([at('v1=100'), at('v1=50 v2=50'), at('v1=0 v2=100'), at('v2=100')])
  assert.is(
    told(run(at('v2=100'), 'split', { histories: pinned }, { candidate })),
    'v1 by the traffic at a000000, v2 by --candidate',
  )
})

test('a generated name that Git cannot know is not guessed', () => {
  const histories = committed([at('00001=100'), at(''), at('00002=100')])
  const outcome = run(at('00002=100'), 'split', { histories }, { candidate: `${name}-00002` })
  assert.match(told(outcome), /^KN402 /)
})

test('the words of a cluster tell the stable revision of a file without names', () => {
  const status =
    '  latestReadyRevisionName: example-service-00003\n  latestCreatedRevisionName: example-service-00003\n'
  assert.is(
    told(run(at(''), 'pin', { live: live(status) })),
    '00003 by `status.latestReadyRevisionName` in live.yaml, KN401',
  )
  const traffic =
    '  traffic:\n    - revisionName: example-service-00002\n      percent: 90\n    - revisionName: example-service-00003\n      percent: 10\n'
  assert.is(told(run(at(''), 'pin', { live: live(traffic) })), '00002 by `status.traffic` in live.yaml, KN401')
})

test('the words of a cluster tell a candidate that serves nobody yet', () => {
  const status =
    '  latestReadyRevisionName: example-service-00002\n  latestCreatedRevisionName: example-service-00002\n'
  assert.is(
    told(run(at('00001=100'), 'preview', { live: live(status) }, { tag: 'v2' })),
    '00001 by the target with the most traffic that is not the candidate, 00002 by `status.latestCreatedRevisionName` in live.yaml',
  )
})

test('a live object of another Service is pointed out, one of none ends the run', () => {
  const other = run(at('v1=100 v2=0'), 'split', { live: live('  traffic: []\n', 'cart') })
  assert.is(other.changes.length, 1)
  assert.equal(
    other.diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`),
    ['warning KN439 `live.yaml` is a snapshot of `shop/cart`, not of `shop/example-service`: it is not used'],
  )
  const none = run(at('v1=100 v2=0'), 'split', { live: { path: 'live.yaml', text: 'a: 1\n' } })
  assert.is(none.changes.length, 0)
  assert.equal(
    none.diagnostics.map(({ code }) => code),
    ['KN192'],
  )
})

test('roles can be named by what they are', () => {
  const histories = committed([at('v1=100'), at('v1=100 v2=0'), at('v1=0 v2=100'), at('v2=100'), at('v2=100 v3=0:v3')])
  const text = at('v2=100 v3=0:v3')
  const back = run(text, 'rollback', { histories }, { stable: '@previous' })
  assert.match(told(back), /^v1 by --stable, /)
  assert.match(told(run(text, 'split', { histories }, { stable: '@current' })), /^v2 by --stable, v3 by /)
  assert.match(told(run(text, 'split', { histories }, { candidate: '@candidate' })), /^v2 by .*, v3 by --candidate$/)
})

test('a revision before the first is refused', () => {
  const outcome = run(at('v1=100'), 'rollback', { histories: committed([at('v1=100')]) }, { stable: '@previous' })
  assert.is(
    told(outcome),
    'KN409 cannot determine `--stable @previous`: Git shows no revision with all traffic before `example-service-v1`',
  )
})

test('a misspelt revision is pointed out, with what was most likely meant', () => {
  const histories = committed([at('', 'v1'), at('v1=100', 'v2')])
  const outcome = run(at('v1=100', 'v2'), 'preview', { histories }, { candidate: `${name}-v3`, tag: 'v3' })
  const [found] = outcome.diagnostics
  assert.is(
    `${found?.severity} ${found?.message} → ${found?.help}`,
    'warning `--candidate` names `example-service-v3`, which is not in the file or Git: a missing revision will block all traffic → did you mean `example-service-v2`?',
  )
  assert.is(outcome.changes.length, 1)
})

test('of two without a share, Git tells which one served before the candidate', () => {
  const states = ['v0=0:old v1=100', 'v0=0:old v1=100 v2=0:v2', 'v0=0:old v1=0 v2=100:v2']
  const histories = committed(states.map((state, index) => at(state, index === 0 ? 'v1' : 'v2')))
  const text = at(states.at(-1) ?? '', 'v2')
  assert.is(run(text, 'rollback', { histories }).changes.length, 1)
  const stable = run(text, 'rollback', { histories }).changes[0]?.changes[0]?.roles.stable
  assert.equal(stable, { revision: { name: `${name}-v1` }, decidedBy: 'the traffic at b000000' })
  assert.equal(
    run(text, 'rollback', {}).diagnostics.map(({ code }) => code),
    ['KN402'],
  )
})

function codesFor(candidate: string, request: Partial<Request>): readonly string[] {
  const { diagnostics } = run(at('v1=100'), 'preview', request, { candidate, tag: 'next' })
  return diagnostics.map(({ code }) => code)
}

test('an unknown name is pointed out only where all of Git is known, a generated one never', () => {
  assert.equal(codesFor(`${name}-a-word`, { histories: committed([at('v1=100')]) }), ['KN438'])
  assert.equal(codesFor(`${name}-a-word`, { histories: committed([at('v1=100')], true) }), [])
  assert.equal(codesFor(`${name}-a-word`, {}), [])
  assert.equal(codesFor(`${name}-00002`, { histories: committed([at('v1=100')]) }), [])
})

const asking: readonly (readonly [text: string, stage: string, flags: object, needsPast: boolean])[] = [
  [at('v1=100 v2=0:v2'), 'split', {}, false],
  [at('v1=100 v2=0:v2', 'v2'), 'split', {}, true],
  [at('v1=100', 'v2'), 'preview', { tag: 'v2' }, true],
  [at('v1=100 v2=0'), 'split', {}, true],
  [at('v1=100'), 'pin', {}, false],
  [at(''), 'pin', { stable: `${name}-00001` }, false],
  [at('', 'v1'), 'pin', {}, true],
  [at('v1=100'), 'rollback', { stable: '@previous' }, true],
]

test('Git is asked only where it may decide', () => {
  for (const [text, stage, flags, needsPast] of asking)
    assert.is(run(text, stage, {}, flags).needsPast ?? false, needsPast, `${stage} of ${text}`)
})

test('a history that cannot be read is pointed out where it was needed', () => {
  const histories = new Map([['shop.yaml', { versions: [], isCut: true, failure: 'fatal: bad object' }]])
  const needed = run(at('v1=100 v2=0'), 'split', { histories })
  assert.equal(
    needed.diagnostics.map(({ message }) => message),
    ['cannot read the history of `shop.yaml`'],
  )
  assert.equal(run(at('v1=100 v2=0:v2'), 'split', { histories }).diagnostics, [])
})

test.run()
