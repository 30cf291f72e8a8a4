// What can go wrong between two commits: each guard with a change that it is about, and harmless twins of it.
//
// Every fixture is a small history, a commit a document: what came before, the bad change, a good one in its place.
import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { blanks, newcomers, policyRemarks, removals, guards } from '../src/guards/table.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import type { Diagnostic } from '../src/text/diagnostic.js'
import { service } from './cli/manifests.js'
import { baseOf, hour } from './passages.js'

const test = suite('guards')
const folder = new URL('../fixtures/guards/', import.meta.url)
const fixtures = readdirSync(folder).toSorted()

/** Codes that no change of a manifest shows: it takes a plan and its times, what cannot be read, or another file. */
const noText = new Set(['KN516', 'KN520', 'KN521', 'KN522', 'KN523', 'KN526', 'KN527', 'KN531'])

test('every guard has a fixture, and every fixture a guard', () => {
  const others = { ...removals, ...blanks, ...policyRemarks, ...newcomers }
  const codes = [...guards.map(({ code }) => code), ...Object.keys(others)].toSorted()
  assert.is(new Set(codes).size, codes.length)
  assert.equal(
    fixtures,
    codes.filter((code) => !noText.has(code)).map((code) => `${code}.yaml`),
  )
})

for (const name of fixtures) {
  const code = name.replace('.yaml', '')
  const documents = readFileSync(new URL(name, folder), 'utf8').split('---\n')
  const [before, bad = '', good = ''] = [documents.slice(0, -2), documents.at(-2), documents.at(-1)]
  const judged = (text: string): readonly Diagnostic[] =>
    plan([{ path: name, text }], { base: { ...baseOf(before, name), asked: new Set([name]) } }).diagnostics

  test(`${name} says one thing, where its comment expects it`, () => {
    const found = judged(bad).filter((diagnostic) => diagnostic.code.startsWith('KN5'))
    const lines = found.map(({ code: own, range }) => `${bad.slice(0, range?.start ?? 0).split('\n').length} ${own}`)
    assert.equal(lines, [`${bad.split('\n').findIndex((line) => line.endsWith(` # ${code}`)) + 1} ${code}`])
    for (const { message, help } of found) {
      assert.not.match(message, /\bmust\b/)
      assert.match(message, /`[^`]+`/)
      assert.not.match(message, /[\n\r]/)
      assert.ok(help)
    }
  })

  test(`${name} has a good twin`, () => {
    assert.equal(
      judged(good).filter(({ code: own, severity }) => own.startsWith('KN5') || severity === 'error'),
      [],
    )
  })

  test(`${name} is quiet where nothing changes but a comment`, () => {
    const last = before.at(-1) ?? ''
    assert.equal(
      judged(`# a comment\n${last}`).filter(({ code: own, severity }) => own.startsWith('KN5') || severity === 'error'),
      [],
    )
  })
}

/** `v1=100 v2=0:tag` as a manifest: the template's own name (or ''), its image, its targets. */
function at(revision: string, image: string, ...targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, to = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    const where = to === '@latest' ? 'latestRevision: true' : `revisionName: example-service-${to}`
    return `    - ${where}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
  })
  const traffic = lines.length === 0 ? '' : `  traffic:\n${lines.join('')}`
  const name = revision === '' ? '' : `example-service-${revision}`
  return service(traffic, { revision: name }).replace('shop:1.0', `shop:${image}`)
}

function outcome(
  texts: readonly string[],
  request: Request & { readonly isCut?: boolean; readonly isShallow?: boolean } = {},
): Outcome {
  const after = texts.at(-1) ?? ''
  const base = baseOf(texts.slice(0, -1), 'shop.yaml', request)
  return plan([{ path: 'shop.yaml', text: after }], { base, ...request })
}

/** What the guards say of the last of some commits. */
function said(
  texts: readonly string[],
  request: Request & { readonly isCut?: boolean; readonly isShallow?: boolean } = {},
): readonly string[] {
  const found = outcome(texts, request).diagnostics.filter(({ code }) => code.startsWith('KN5'))
  return found.map(({ code, message }) => `${code} ${message}`)
}

const codesOf = (
  texts: readonly string[],
  request: Request & { readonly isCut?: boolean; readonly isShallow?: boolean } = {},
): string =>
  said(texts, request)
    .map((line) => line.slice(0, 5))
    .join(' ')

/** Without the readiness probe: a default that the cluster fills in. */
const bare = (text: string): string => text.replace(/ {10}readinessProbe:\n(?: {12,}.*\n)+/, '')
/** Without the template, as a patch of the traffic has it. */
const patch = (text: string): string => text.replace(/ {2}template:\n(?: {4,}.*\n)+/, '')

const rollout = [
  at('v1', '1.0'),
  at('v1', '1.0', 'v1=100'),
  at('v2', '2.0', 'v1=100', 'v2=0:next'),
  at('v2', '2.0', 'v1=50', 'v2=50:next'),
  at('v2', '2.0', 'v1=0', 'v2=100:next'),
  at('v2', '2.0', 'v2=100:next'),
]

test('a rollout stage by stage is what it should be', () => {
  for (let step = 2; step <= rollout.length; step++) assert.equal(said(rollout.slice(0, step)), [], `step ${step}`)
})

test('a rollout of generated names is what it should be', () => {
  const steps = [
    at('', '1.0'),
    at('', '1.0', '00001=100'),
    at('', '2.0', '00001=100', '00002=0:next'),
    at('', '2.0', '00001=50', '00002=50:next'),
    at('', '2.0', '00001=0', '00002=100'),
    at('', '3.0', '00002=100'),
    at('', '3.0', '00002=100', '00003=0:next'),
  ]
  for (let step = 2; step <= steps.length; step++) assert.equal(said(steps.slice(0, step)), [], `step ${step}`)
})

test('the way back is no rollout, wherever it starts', () => {
  const back = at('v2', '2.0', 'v1=100', 'v2=0:next')
  assert.equal(said([...rollout.slice(0, 4), back]), [], 'from a split')
  assert.equal(said([...rollout.slice(0, 5), back]), [], 'from a promotion')
  assert.equal(said([...rollout, back]), [], 'from the end')
  assert.equal(said([...rollout.slice(0, 5), at('v1', '1.0', 'v1=100', 'v2=0')]), [], 'with its template')
  const generated = [at('', '1.0'), at('', '2.0', '00002=100'), at('', '2.0', '00001=100', '00002=0')]
  assert.equal(said(generated), [], 'to a number that served before it was named')
})

test('a Service that was not pinned is no rollout', () => {
  assert.equal(said([at('', '1.0'), at('', '2.0')]), [])
  assert.equal(said([at('', '1.0', '@latest=100'), at('', '2.0', '@latest=100')]), [])
  assert.equal(said([at('v1', '1.0'), at('v2', '2.0', 'v2=100')]), [])
})

test('KN501 names what differs, and only that', () => {
  const [first] = said([at('v1', '1.0', 'v1=100'), at('v1', '2.0', 'v1=100')])
  assert.is(
    first,
    'KN501 `spec.template.metadata.name` stays `example-service-v1`, but the template changes: `spec.containers[0].image` differs',
  )
  const both = said([bare(at('v1', '1.0', 'v1=100')), bare(at('v1', '2.0', 'v1=100'))])
  assert.match(
    both[0] ?? '',
    /KN501 `spec\.template\.metadata\.name` stays `example-service-v1`, but the template changes: `spec\.containers\[0\]\.image` differs/,
  )
})

test('KN501 tells the trap from a change', () => {
  const trap = bare(at('v1', '1.0', 'v1=100'))
  const trapped = outcome([trap, trap.replace('metadata:', 'metadata: # touched')])
  const found = trapped.diagnostics.find(({ code }) => code === 'KN501')
  assert.match(
    found?.message ?? '',
    /`spec\.template\.metadata\.name` stays `example-service-v1`, and 1 default is not written out/,
  )
  assert.match(found?.help ?? '', /--write-defaults/)
  const empty = trap.replace('    spec:\n', '    spec:\n      containerConcurrency: null\n')
  assert.match(
    said([empty, empty])[0] ?? '',
    /KN501 `spec\.template\.metadata\.name` stays `example-service-v1`, and 2 defaults are not written out/,
  )
  assert.equal(codesOf([trap, trap], { profile: 'cloudrun' }), '', 'Cloud Run fills in its defaults')
  assert.equal(codesOf([at('v1', '1.0'), at('v1', '2.0')], { profile: 'cloudrun' }), 'KN501')
})

test('KN502 takes no user but a service account for the one who applies, and says what was there', () => {
  const noted = (key: string, value: string, text = at('', '1.0')): string =>
    text.replace('spec:\n', `  annotations:\n    serving.knative.dev/${key}: ${value}\nspec:\n`)
  const [none, alice, bob] = [at('', '1.0'), noted('creator', 'alice'), noted('creator', 'bob')]
  assert.match(said([none, alice])[0] ?? '', /^KN502 .* becomes "alice"/)
  assert.match(
    said([none, noted('lastModifier', 'alice')])[0] ?? '',
    /^KN502 `metadata\.annotations\["serving\.knative\.dev\/lastModifier"\]` becomes "alice", but only the cluster sets it/,
  )
  assert.equal(said([none, noted('lastModifier', 'alice', at('', '2.0'))]), [], 'with the spec it may change')
  for (const key of ['creator', 'lastModifier'])
    assert.equal(said([none, noted(key, 'system:serviceaccount:argocd:argocd-application-controller')]), [])
  assert.equal(said([none, alice, alice]), [], 'nobody is asked to take back what is merged')
  assert.match(
    said([alice, bob])[0] ?? '',
    /^KN502 `metadata\.annotations\["serving\.knative\.dev\/creator"\]` becomes "bob", but only the cluster sets it/,
  )
  assert.match(
    said([alice, none])[0] ?? '',
    /^KN502 `metadata\.annotations\["serving\.knative\.dev\/creator"\]` is removed, but only the cluster sets it/,
  )
  assert.match(said([none, noted('creator', '""')])[0] ?? '', /^KN502 .* becomes ""/)
  const last = noted('lastModifier', 'alice')
  assert.match(
    said([last, noted('lastModifier', 'bob')])[0] ?? '',
    /^KN502 `metadata\.annotations\["serving\.knative\.dev\/lastModifier"\]` becomes "bob", but only the cluster sets it/,
  )
  assert.equal(said([last, noted('lastModifier', 'bob', at('', '2.0'))]), [], 'with the spec it may change')
})

test('KN510 takes the same template again, also in other words', () => {
  const again = at('v1', '1.0', 'v2=100', 'v1=0')
  assert.equal(codesOf([...rollout, again]), '')
  assert.equal(
    codesOf([
      ...rollout,
      again.replace('            tcpSocket:\n              port: 0\n', '            tcpSocket: {}\n'),
    ]),
    '',
  )
  assert.equal(codesOf([...rollout, at('v1', '3.0', 'v2=100')]), 'KN510')
})

test('KN511 knows names by the template, by the list and by Git', () => {
  const next = at('v2', '2.0', 'v2=100:next', 'v1=0')
  assert.equal(said([...rollout, next]), [], 'a name of long ago')
  const wrong = outcome([...rollout, at('v2', '2.0', 'v2=100:next', 'v21=0')])
  assert.is(wrong.diagnostics[0]?.code, 'KN511')
  assert.is(wrong.diagnostics[0]?.help, 'did you mean `example-service-v1`?', 'no other target of the list')
  const strange = outcome([...rollout, at('v2', '2.0', 'v2=100:next', 'something-else-entirely=0')])
  assert.is(strange.diagnostics[0]?.help, 'correct the name, or commit the template that builds it')
  const other = at('v2', '2.0', 'v2=100:next').replace('revisionName: example-service-v2', 'revisionName: cart-v2')
  assert.not.match(codesOf([...rollout, other]), /KN511/)
})

test('KN511 reckons the numbers that can have come', () => {
  const born = [at('', '1.0'), at('', '1.0', '00001=100')]
  assert.equal(codesOf([...born, at('', '2.0', '00001=100', '00002=0:next')]), '', 'this change makes it')
  assert.equal(codesOf([...born, at('', '1.0', '00001=100', '00002=0:next')]), 'KN511', 'nothing makes it')
  assert.equal(codesOf([...born, at('', '2.0', '00001=100', '00003=0:next')]), 'KN511', 'one too far')
  const changes = ['2.0', '3.0', '4.0'].map((image) => at('', image, '00001=100'))
  assert.equal(codesOf([...born, ...changes, at('', '4.0', '00001=100', '00004=0:next')]), '', 'one for each change')
  assert.equal(codesOf([...born, ...changes, at('', '4.0', '00001=100', '00005=0:next')]), 'KN511')
  const imported = [at('', '9.0', '00041=100')]
  assert.equal(codesOf([...imported, at('', '9.0', '00041=100', '00042=0:next')]), '', 'built before Git knew')
  assert.equal(codesOf([...imported, at('', '9.0', '00041=100', '00044=0:next')]), 'KN511')
  assert.equal(codesOf([at('', '1.0'), at('', '1.0', '00023=100')]), '', 'no number was named: any may be right')
})

test('KN511 goes by what the whole history tells of a number', () => {
  const old = ['# a\n', '# b\n', '# c\n'].map((comment) => comment + at('', '1.0'))
  const named = at('', '1.0', '00005=100')
  const next = at('', '1.0', '00005=100', '00006=0:next')
  assert.equal(codesOf([named, `# b\n${named}`, next]), '', 'the version that named it may have brought the next one')
  assert.equal(codesOf([...old, named, `# b\n${named}`, next]), 'KN511', 'the template was there before')
  const born = [at('', '1.0', '00009=100'), at('', '1.1', '00009=100')]
  const again = [at('', '2.0', '00009=100'), at('', '2.1', '00009=100')]
  const back = at('', '2.1', '00009=100', '00008=0:next')
  assert.equal(codesOf([...born, ...again, back]), '', 'counted long ago')
  assert.equal(codesOf([...born, 'a: b\n', ...again, back]), 'KN511', 'deleted in between: numbers began anew')
  assert.equal(codesOf(['a: b\n', ...again, back]), '', 'it was not there before')
})

test('KN512 and KN513 tell a promotion from other losses', () => {
  assert.equal(codesOf([...rollout.slice(0, 4), at('v2', '2.0', 'v2=100:next')]), 'KN513')
  assert.equal(codesOf([...rollout.slice(0, 2), at('v2', '2.0', 'v2=100')]), 'KN513 KN514')
  assert.equal(codesOf([...rollout.slice(0, 4), at('v2', '2.0', 'v1=100')]), '', 'a rollback')
  assert.equal(codesOf([...rollout.slice(0, 4), at('v3', '3.0', 'v2=50', 'v3=50')]), 'KN512 KN514')
  assert.equal(codesOf([at('v2', '2.0', 'v0=0', 'v1=50', 'v2=50'), at('v2', '2.0', 'v1=50', 'v2=50')]), '')
})

test('KN514 is about a target for the latest revision too', () => {
  const half = (image: string): string => at('', image, '00001=50', '@latest=50')
  assert.match(
    said([half('1.0'), half('2.0')])[0] ?? '',
    /^KN514 `latestRevision: true` gives the new template 50% of the traffic in the change that adds it: users will send the first requests/,
  )
  assert.equal(codesOf([half('1.0'), half('1.0').replace('percent: 50', 'percent: 050')]), '')
  assert.equal(codesOf([at('', '1.0', '00001=100', '@latest=0'), at('', '2.0', '00001=100', '@latest=0')]), '')
})

test('KN514 is not about a revision that was there before', () => {
  const steps = [at('', '1.0', '00001=100'), at('', '2.0', '00001=100', '00002=0:next')]
  assert.equal(codesOf([...steps, at('', '3.0', '00001=50', '00002=50:next')]), '')
})

const canary = `plan: slow
plans:
  slow:
    - stage: preview
    - stage: tenth
      percent: 10
      soak: 2h
    - stage: half
      percent: 50
    - stage: promote
      soak: 1d
    - stage: retire
`
const configuration = { path: '.kn-rollout.yaml', text: canary }

test('KN515 goes by the plan of the Service', () => {
  const jumped = at('v2', '2.0', 'v1=50', 'v2=50:next')
  assert.equal(codesOf([...rollout.slice(0, 3), jumped]), '')
  const [finding] = said([...rollout.slice(0, 3), jumped], { configuration })
  assert.is(
    finding,
    'KN515 `example-service-v2` moves from 0% to 50%: the next stage of the plan `slow` is `tenth` at 10%',
  )
  const unseen = [...rollout.slice(0, 2), at('v2', '2.0', 'v1=100'), at('v2', '2.0', 'v1=90', 'v2=10')]
  assert.match(
    said(unseen)[0] ?? '',
    /KN515 `example-service-v2` moves from no target to 10%: the next stage of the plan `blue-green` is `preview` at 0%/,
  )
})

test('KN516 counts from the commit that brought the stage', () => {
  const tenth = at('v2', '2.0', 'v1=90', 'v2=10:next')
  const steps = [...rollout.slice(0, 3), tenth]
  const half = at('v2', '2.0', 'v1=50', 'v2=50:next')
  const since = 3 * hour
  const early = said([...steps, half], { configuration, now: since + hour })
  assert.is(early.length, 1)
  assert.match(
    early[0] ?? '',
    /KN516 `example-service-v2` leaves `tenth` after 1h: its soak in the plan `slow` ends at \S+/,
  )
  assert.equal(said([...steps, half], { configuration, now: since + 2 * hour }), [])
  assert.equal(said([...steps, rollout[2] ?? ''], { configuration, now: since }), [], 'back is free')
  assert.equal(said([...steps, `# comment\n${tenth}`], { configuration, now: since }), [])
})

test('KN516 counts from the newest template where the candidate is the latest revision', () => {
  const tenth = (image: string): string => at('', image, '00001=90', '@latest=10')
  const half = at('', '3.0', '00001=50', '@latest=50')
  const steps = [at('', '1.0', '00001=100'), tenth('2.0'), tenth('3.0'), half]
  const early = said(steps, { configuration, now: 3 * hour })
  assert.match(early[0] ?? '', /KN516 `@latest` leaves `tenth` after 1h: its soak in the plan `slow` ends at/)
  assert.equal(said(steps, { configuration, now: 4 * hour }), [])
})

test('KN516 holds the way back open as long', () => {
  const early = said(rollout, { configuration, now: 4 * hour + 3 * hour })
  assert.match(
    early[0] ?? '',
    /KN516 `example-service-v2` leaves `promote` after 3h: its soak in the plan `slow` ends at \S+/,
  )
  assert.equal(said(rollout, { configuration, now: 4 * hour + 24 * hour }), [])
})

test('KN517 and KN518 are about pinned traffic', () => {
  assert.equal(codesOf([...rollout.slice(0, 2), at('v1', '1.0', 'v1=50', '@latest=50')]), 'KN517')
  const beside = at('v1', '1.0', 'v1=100', '@latest=0:next')
  assert.equal(codesOf([beside, at('v1', '1.0', 'v1=50', '@latest=50:next')]), '', 'a candidate like any other')
  assert.equal(codesOf([beside, at('v1', '1.0', 'v1=0', '@latest=100:next')]), 'KN517 KN515')
  assert.equal(codesOf([...rollout.slice(0, 2), at('v1', '1.0')]), 'KN518')
  const broken = at('v1', '1.0', 'v1=100').replace('percent: 100', 'percent: many')
  assert.equal(codesOf([...rollout.slice(0, 2), broken]), '', 'a list that cannot be read is no lost list')
})

test('a new Service, and one that takes a new name, has the revision of its template alone', () => {
  const other = service('', { name: 'other' })
  assert.equal(codesOf([other, at('v2', '2.0', 'v9=100')]), 'KN503')
  assert.equal(codesOf([other, at('v2', '2.0', 'v2=100')]), '')
  assert.equal(codesOf([other, at('', '2.0', '00001=100')]), '')
  assert.equal(codesOf([other, at('', '2.0', '00002=100')]), 'KN527')
  assert.equal(codesOf([other, at('v2', '2.0', '00001=100')]), 'KN503')
  const text = at('v2', '2.0', 'v9=100')
  assert.equal(codesOf([at('v9', '1.0'), other, text]), '', 'one that comes back')
  assert.equal(codesOf([other, text], { profile: 'cloudrun' }), '')
  const adopted = { path: 'c.yaml', text: 'services: [{name: shop/*, revisions: [example-service-v9]}]\n' }
  assert.equal(codesOf([other, text], { configuration: adopted }), '')
  const status = 'status:\n  traffic: [{revisionName: example-service-v9, percent: 100}]\n'
  assert.equal(codesOf([other, text], { live: { path: 'live.yaml', text: `${text}${status}` } }), '')
  const base = { files: [], histories: new Map(), isEmpty: true as const }
  assert.equal(
    plan([{ path: 'a.yaml', text }], { base }).diagnostics.map(({ code }) => code),
    ['KN527'],
  )
})

test('a revision is known where another file of the Service names it', () => {
  const [first, second] = [at('v1', '1.0'), at('v2', '2.0', 'v2=100')]
  const files = (text: string) => [
    { path: '1-v1.yaml', text: first },
    { path: '2-v2.yaml', text },
  ]
  const base = baseOf([second], '2-v2.yaml')
  const found = (text: string, older = base): string =>
    plan(files(text), { base: older, about: new Set(['2-v2.yaml']) })
      .diagnostics.flatMap(({ code }) => (/KN50|KN511|KN527/.test(code) ? [code] : []))
      .join(' ')
  assert.is(found(at('v2', '2.0', 'v1=100', 'v2=0')), '')
  assert.is(found(at('v2', '2.0', 'v3=100', 'v2=0')), 'KN511')
  assert.is(found(at('v2', '2.0', 'v1=100', 'v2=0'), { files: [], histories: new Map() }), '')
})

test('a Service that moved to another file is still the same', () => {
  const [before, after] = [at('v1', '1.0', 'v1=100'), at('v1', '2.0', 'v1=100')]
  const base = baseOf([before], 'old.yaml')
  const moved = plan([{ path: 'new.yaml', text: after }], { base })
  assert.equal(
    moved.diagnostics.map(({ code }) => code),
    ['KN501'],
  )
  const copied = plan([{ path: 'new.yaml', text: after }], {
    base: { ...base, elsewhere: [{ path: 'old.yaml', text: before }] },
  })
  assert.equal(copied.diagnostics, [], 'it has not left the other one')
  const twice = { ...base, files: [...base.files, { path: 'older.yaml', text: before }] }
  const nearest = plan([{ path: 'new.yaml', text: after }], { base: twice })
  assert.equal(
    nearest.diagnostics.map(({ code }) => code),
    ['KN501'],
    'of two that are the same, either',
  )
  const other = { ...base, files: [...base.files, { path: 'older.yaml', text: at('v1', '3.0', 'v1=100') }] }
  const unclear = plan([{ path: 'new.yaml', text: after }], { base: other })
  assert.equal(
    unclear.diagnostics.map(({ code }) => code),
    ['KN520'],
    'of two that differ, nobody knows which',
  )
})

/** The codes that are found in a change of a patch; `isNew` where it was a whole Service before. */
const judge = (before: string, after: string, isNew = false): readonly string[] => {
  const base = baseOf([patch(before)], 'p.yaml')
  const files = base.files.map((file) => ({ ...file, ...(!isNew && { isPatch: true as const }) }))
  const head = { path: 'p.yaml', text: patch(after), isPatch: true as const }
  return plan([head], { base: { ...base, files } }).diagnostics.map(({ code }) => code)
}

test('a patch is judged for the traffic that it has', () => {
  assert.equal(judge(rollout[2] ?? '', rollout[3] ?? ''), [])
  assert.equal(judge(rollout[1] ?? '', at('', '', 'v9=0', 'v1=100')), [])
  assert.equal(judge(rollout[2] ?? '', rollout[4] ?? ''), ['KN515'])
  assert.equal(judge(rollout[2] ?? '', rollout[3] ?? '', true), ['KN526'])
})

test('what cannot be read at the base is said to be not checked', () => {
  for (const broken of [
    'serving.knative.dev/: [',
    `${at('v1', '1.0')}\n\t- x: [`,
    `${at('v1', '1.0')}---\n${at('v1', '1.0')}`,
  ]) {
    const [only, ...more] = outcome([broken, at('v1', '2.0')]).diagnostics
    assert.equal(more, [])
    assert.is(only?.code, 'KN520')
    assert.is(only?.severity, 'note')
    assert.match(only?.message ?? '', /^not checked: /)
  }
  const base = { files: [], unreadable: new Set(['shop.yaml']) }
  assert.is(plan([{ path: 'shop.yaml', text: at('v1', '1.0') }], { base }).diagnostics[0]?.code, 'KN520')
  assert.equal(
    codesOf([at('v1', '1.0'), 'serving.knative.dev/: [']),
    '',
    'a head that cannot be read is said elsewhere',
  )
})

test('a history that is cut is said once, where it would have decided', () => {
  const after = at('v2', '2.0', 'v1=100', 'v2=0:next')
  const cut = outcome([at('v1', '1.0', 'v1=100'), after], { isCut: true })
  assert.equal(
    cut.diagnostics.map(({ code, severity, message }) => `${code} ${severity} ${message}`),
    ['KN521 note not checked: KN510 for `shop/example-service` (its Git history here is incomplete)'],
  )
  assert.is(cut.diagnostics[0]?.help, undefined, 'fetching brings nothing')
  const shallow = outcome([at('v1', '1.0', 'v1=100'), after], { isCut: true, isShallow: true })
  assert.match(shallow.diagnostics[0]?.help ?? '', /fetch-depth: 0/)
  const generated = [at('', '1.0', '00001=100'), at('', '1.0', '00001=100:now')]
  assert.equal(codesOf(generated, { isCut: true }), '', 'nothing is open')
  const kept = [at('v1', '1.0', 'v1=100'), at('v1', '1.0', 'v1=100:now')]
  assert.match(
    said(kept, { isCut: true })[0] ?? '',
    /KN521 not checked: KN501 for `shop\/example-service` \(its Git history here is incomplete\)/,
    'another v1 may have been refused before',
  )
  assert.equal(codesOf([at('v0', '0.9', 'v0=100'), ...kept], { isCut: true }), '', 'v1 is known from its beginning')
  assert.equal(codesOf([at('v1', '1.0'), at('', '1.0', 'v7=100')], { isCut: true }), 'KN521')
  const unread = [at('v1', '1.0', 'v1=100'), 'serving.knative.dev/: [', at('v1', '1.0', 'v1=100'), after]
  assert.match(
    said(unread)[0] ?? '',
    /^KN521 not checked: KN510 for `shop\/example-service` \(versions of the file cannot be read\)/,
  )
  const base = baseOf([at('v1', '1.0', 'v1=100')], 'shop.yaml', { isCut: true, failure: 'bad object' })
  const failed = plan([{ path: 'shop.yaml', text: after }], { base }).diagnostics
  assert.match(failed[0]?.message ?? '', /not checked: KN510 for `shop\/example-service` \(Git says: bad object\)/)
})

test('a soak that a cut history leaves open is not checked', () => {
  const steps = [at('v2', '2.0', 'v1=90', 'v2=10:next'), at('v2', '2.0', 'v1=50', 'v2=50:next')]
  const open = said(steps, { configuration, now: hour, isCut: true })
  assert.match(
    open.join(),
    /^KN521 not checked: KN501, KN516 for `shop\/example-service` \(its Git history here is incomplete\)/,
  )
  assert.not.match(said(steps, { configuration, now: 2 * hour, isCut: true }).join(), /KN516/, 'long enough anyway')
})

test('severities and comments are minded, and no comment is idle for a guard', () => {
  const change = [at('v1', '1.0', 'v1=100'), at('v1', '2.0', 'v1=100')]
  const off = { path: '.kn-rollout.yaml', text: 'rules:\n  KN501: warning\n' }
  assert.is(outcome(change, { configuration: off }).diagnostics[0]?.severity, 'warning')
  const [before = '', noted = ''] = change.map((text) =>
    text.replace(
      /^( +)name: example-service-v1$/m,
      '$1# kn-rollout: ignore KN501 -- the cluster is built anew\n$1name: example-service-v1',
    ),
  )
  const quiet = outcome([before, noted])
  assert.equal(quiet.diagnostics, [])
  assert.is(quiet.silenced, 1)
  assert.equal(plan([{ path: 'x.yaml', text: noted }], {}).diagnostics, [], 'not even where nothing is compared')
})

test.run()
