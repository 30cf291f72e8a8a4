// Laws that hold whatever is typed in whatever order: random commands over a file and its growing history. Another seed or
// more cases: `KN_SEED=7 KN_RUNS=20000 node test/run.mjs commands.property`.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { plan } from '../src/pipeline/plan.js'
import type { Change, FileChange, Outcome } from '../src/pipeline/request.js'
import { statusOf } from '../src/pipeline/status.js'
import type { MoveRequest } from '../src/stages/apply.js'
import { applyEdits } from '../src/text/edit.js'
import type { FileHistory } from '../src/text/words.js'
import { Sandbox } from './cli/sandbox.js'
import { at, name } from './rollouts.js'

const seed = Number(process.env['KN_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['KN_RUNS'] ?? 30)

type Target = { readonly revisionName?: string; readonly percent: number; readonly tag?: string }
type Template = { metadata?: { name?: string }; spec: { containers: { image?: string }[] } }
type Service = { spec: { traffic?: readonly Target[]; template: Template } }
type Step = { readonly move: MoveRequest; readonly isCommitted: boolean }
type Walk = { readonly start: string; readonly steps: readonly Step[] }

const path = 'shop.yaml'
const starts = [
  at('', 'v1'),
  at('v1=100', 'v1'),
  at('v1=90 v2=10:v2', 'v2'),
  at('v2=100:v2', 'v2'),
  at('00001=100'),
  at('00001=50 00002=50:next'),
  at('00001=100 @latest=0:latest'),
  at('@latest=100 00001=0:old'),
]

/** Two of three runs name nothing: most is told by the file and Git. */
const roles = fc
  .record({
    stable: fc.constantFrom('v1', 'v2', '00001', '00002', '@current', '@previous'),
    candidate: fc.constantFrom('v2', 'v3', '00002', '00003', '@latest', '@candidate'),
    named: fc.constantFrom('', '', '', 'stable', 'candidate', 'both'),
  })
  .map(({ stable, candidate, named }) => ({
    ...((named === 'stable' || named === 'both') && { stable: spelled(stable) }),
    ...((named === 'candidate' || named === 'both') && { candidate: spelled(candidate) }),
  }))
const tags = fc.constantFrom({}, {}, {}, { tag: 'trial' }, { tag: 'v2' })
const targets = fc.constantFrom('v1', 'v2', 'v3', '00001', '00002').map(spelled)
const moves: fc.Arbitrary<MoveRequest> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.nat(5), roles, tags).map(([to, who, tag]) => released(`:${to}`, who, tag)) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.boolean(), fc.boolean()).map(([ready, ignoreSoak]) => {
      return { command: 'next', ready, ignoreSoak } as const
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('pin', 'preview', 'split', 'promote', 'retire', 'rollback', 'rollback'), roles, tags)
      .map(([stage, who, tag]) => ({ command: 'apply', stage, ...who, ...tag }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(targets, fc.constantFrom(0, 20, 100)).map(([target, percent]) => {
      return { command: 'set', untag: [], tags: [], shares: [{ target, percent }], allowUnknown: false } as const
    }),
  },
)
const walks: fc.Arbitrary<Walk> = fc.record({
  start: fc.constantFrom(...starts),
  steps: fc.array(fc.record({ move: moves, isCommitted: fc.constantFrom(true, true, true, false) }), {
    minLength: 4,
    maxLength: 12,
  }),
})

function released(image: string, who: object, tag: object): MoveRequest {
  return { command: 'release', image, ...who, ...tag }
}

function spelled(revision: string): string {
  return revision.startsWith('@') ? revision : `${name}-${revision}`
}

/** What stands in Git after these commits, a minute apart. */
function historyOf(texts: readonly string[]): ReadonlyMap<string, FileHistory> {
  const versions = texts.map((text, index) => {
    return { commit: index.toString(16).padStart(7, 'a').padEnd(40, '0'), time: index * 60, path, text }
  })
  return new Map([[path, { versions: versions.toReversed(), isCut: false }]])
}

function read(text: string): Service {
  return parse(text) as Service
}

function trafficOf(text: string): readonly Target[] {
  return read(text).spec.traffic ?? [{ percent: 100 }]
}

function namesIn(text: string): readonly string[] {
  const { traffic = [], template } = read(text).spec
  return [...traffic.map(({ revisionName }) => revisionName), template.metadata?.name].flatMap((one) => one ?? [])
}

/** A copy without what the command may change. */
function rest(text: string, { command }: MoveRequest): Service {
  const copy = read(text)
  delete copy.spec.traffic
  if (command !== 'release') return copy
  delete copy.spec.template.metadata
  for (const container of copy.spec.template.spec.containers) delete container.image
  return copy
}

type Taken = {
  readonly step: Step
  readonly before: string
  readonly committed: readonly string[]
  readonly file: FileChange
  readonly change: Change
}

function run(text: string, move: MoveRequest, committed: readonly string[]): Outcome {
  return plan([{ path, text }], { move, histories: historyOf(committed), now: committed.length * 60 })
}

/** Goes the way, and holds every state that is written to a law. */
function follow({ start, steps }: Walk, law: (taken: Taken) => void): number {
  let text = start
  const committed = [start]
  let count = 0
  for (const step of steps) {
    const [file] = run(text, step.move, committed).changes
    const change = file?.changes[0]
    if (file && change) {
      law({ step, before: text, committed, file, change })
      text = file.text
      count++
    }
    if (step.isCommitted && committed.at(-1) !== text) committed.push(text)
  }
  return count
}

function hold(law: (taken: Taken) => void, runs = numRuns): void {
  let count = 0
  fc.assert(
    fc.property(walks, (walk) => {
      count += follow(walk, law)
    }),
    { seed, numRuns: runs },
  )
  assert.ok(count > runs, `only ${count} changes in ${runs} ways`)
}

const test = suite('commands in any order')

test('every state sums to 100, and the edits make it', () => {
  hold(({ before, file, step }) => {
    const shares = trafficOf(file.text).map(({ percent }) => percent)
    assert.is(
      shares.reduce((sum, share) => sum + share, 0),
      100,
    )
    assert.ok(shares.every((share) => Number.isInteger(share) && share >= 0))
    assert.is(applyEdits(before, file.edits), file.text)
    assert.equal(rest(file.text, step.move), rest(before, step.move))
  })
})

test('no name comes from nowhere', () => {
  hold(({ before, committed, file, step, change }) => {
    const { move } = step
    const flags =
      move.command === 'set' ? (move.shares ?? []).map(({ target }) => target) : [move.stable, move.candidate]
    const known = new Set([
      ...[before, ...committed].flatMap(namesIn),
      ...flags,
      read(file.text).spec.template.metadata?.name,
    ])
    for (const one of namesIn(file.text).filter((revision) => !known.has(revision))) {
      // Only the number of a release may be foretold: the one behind all that anybody knows.
      assert.is(move.command, 'release', one)
      assert.match('decidedBy' in change.roles.candidate ? change.roles.candidate.decidedBy : '', /^prediction: /)
      assert.ok(
        [...known].every((other = '') => !/-\d{5}$/.test(other) || other < one),
        one,
      )
    }
  })
})

test('nothing leaves the list while it has traffic, but for what is rolled back', () => {
  hold(({ before, file, step }) => {
    const { move } = step
    if (move.command === 'set') return
    const left = namesIn(file.text)
    if (move.command === 'apply' && move.stage === 'rollback') {
      const names = trafficOf(file.text).map(({ revisionName }) => revisionName)
      assert.is(new Set(names).size, 1, 'what may be broken does not stay')
      assert.not.equal(names, [undefined])
      return
    }
    for (const { revisionName, percent } of trafficOf(before))
      if (percent > 0 && revisionName !== undefined) assert.ok(left.includes(revisionName), `${revisionName} is gone`)
  })
})

test('a second run is still', () => {
  hold(({ committed, file, step }) => {
    assert.equal(run(file.text, step.move, committed).changes, [])
  })
})

test('what status says comes next is what next does', () => {
  hold(({ committed, file }) => {
    const histories = historyOf([...committed, file.text])
    const now = (committed.length + 1) * 60
    const files = [{ path, text: file.text }]
    const [row] = statusOf(files, { histories, now }).rows
    const outcome = plan(files, { histories, now, move: { command: 'next' } })
    const moved = outcome.changes[0]?.changes[0]
    assert.is(moved?.stage, row?.next?.stage, `${file.text}\n${JSON.stringify(outcome.diagnostics)}`)
  })
})

test('git takes every patch, one after the other', () => {
  const box = Sandbox.committed({ 'README.md': '' })
  hold(({ before, file }) => {
    box.write({ [path]: before })
    box.gitWith({ stdin: file.patch }, 'apply', '--whitespace=error-all')
    assert.is(box.read(path), file.text)
  }, 8)
})

test.run()
