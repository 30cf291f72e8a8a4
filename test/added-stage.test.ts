// A stage is a row of its table: two that are added here are known to plans, commands, options, help, completion and
// reports, without a word of them anywhere else.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { run } from '../src/cli/run.js'
import { findManifests } from '../src/manifest/find.js'
import { readTraffic } from '../src/manifest/traffic.js'
import { settingsOf } from '../src/pipeline/settings.js'
import { positionIn, stepAfter } from '../src/stages/position.js'
import { findRoles } from '../src/stages/roles.js'
import type { Stage } from '../src/stages/stage.js'
import { rollback, split, stages } from '../src/stages/stages.js'
import { service } from './cli/manifests.js'
import { Sandbox } from './cli/sandbox.js'

const trial: Stage = {
  ...split,
  name: 'trial',
  summary: 'let a few users meet the candidate',
  result: 'stable 97, candidate 3',
  share: 3,
  apply: (input) => split.apply({ percent: 3, ...input }),
}
const retreat: Stage = { ...rollback, name: 'retreat', summary: 'go back at once', flags: ['keep'] }

const test = suite('added stages')
test.before(() => {
  ;(stages as Stage[]).push(trial, retreat)
})
test.after(() => {
  ;(stages as Stage[]).splice(-2)
})

function shared(stable: number): string {
  return service(
    `  traffic:
    - revisionName: shop-v1
      percent: ${stable}
    - revisionName: shop-v2
      percent: ${100 - stable}
      tag: v2
`,
    { name: 'shop' },
  )
}

const careful = 'plan: careful\nplans:\n  careful: [preview, trial, { stage: half, percent: 50 }, promote, retire]\n'

function opened(files: Readonly<Record<string, string>> = {}): Sandbox {
  return Sandbox.committed({ 'shop.yaml': shared(100), '.kn-rollout.yaml': careful, ...files })
}

/** Runs a command line in this process, where the rows are. */
async function ran(box: Sandbox, line: string): Promise<{ readonly status: number; readonly said: string }> {
  let said = ''
  const output = {
    write(text: string | Uint8Array, done: (error?: Error | null) => void): void {
      said += typeof text === 'string' ? text : new TextDecoder().decode(text)
      done()
    },
    on: () => undefined,
  }
  const status = await run({
    arguments: line.split(' '),
    workingDirectory: box.root,
    environment: process.env,
    stdin: () => new Blob([]).stream(),
    stdout: output,
    stderr: output,
  })
  return { status, said }
}

async function offered(box: Sandbox, line: string): Promise<readonly string[]> {
  const { said } = await ran(box, `__complete -- ${line}`)
  return said.split('\n').flatMap((row) => row.split('\t')[0] || [])
}

function faultsIn(text: string): readonly string[] {
  return settingsOf({ configuration: { path: '.kn-rollout.yaml', text } }).faults.map(({ message }) => message)
}

test('a plan has it, and asks for its order', () => {
  assert.equal(faultsIn(careful), [])
  assert.equal(faultsIn('plans: { odd: [split, trial] }'), [
    'stage `trial` of `plans.odd` does not raise the percent of `split` before it',
  ])
  assert.equal(faultsIn('plans: { odd: [preview, { stage: trial, percent: 4 }] }'), [])
  assert.equal(faultsIn('plans: { odd: [preview, retreat] }'), [
    '`plans.odd[1]` is `retreat`, which works from every stage',
  ])
})

test('a position is known by it', () => {
  const plan = settingsOf({ configuration: { path: '.kn-rollout.yaml', text: careful } }).plans.at(-1)
  const [manifest] = findManifests({ path: 'shop.yaml', text: shared(97) }).manifests
  const traffic = manifest && readTraffic(manifest)
  assert.ok(plan && traffic)
  const position = positionIn(plan, traffic, findRoles({ traffic }))
  assert.equal([position.step?.stage.name, stepAfter(plan, position)?.stage.name], ['trial', 'half'])
})

test('next and apply move to it, and status tells it', async () => {
  const box = opened()
  assert.match((await ran(box, 'next shop.yaml')).said, /^\+ +percent: 97$[^]*^\+ +percent: 3$/m)
  assert.match((await ran(box, 'apply trial shop.yaml --no-config --percent 4')).said, /^\+ +percent: 4$/m)
  const later = opened({ 'shop.yaml': shared(97) })
  assert.match((await ran(later, 'status shop.yaml')).said, /shop\b.* trial .* half\b/)
  const back = await ran(later, 'apply retreat shop.yaml --format markdown')
  assert.match(back.said, /stage `retreat`: go back at once/)
  assert.match(back.said, /No stage of the plan follows/)
})

test('options are taken and refused by it', async () => {
  const box = opened({ 'shop.yaml': shared(97) })
  assert.match((await ran(box, 'apply retreat shop.yaml --keep')).said, /^\+ +percent: 0$/m)
  const refused = [
    ['--percent 4', '`--percent` works only with the stage `split` or `trial`: `retreat` has a fixed percent'],
    ['--tag v2', '`--tag` works only with a stage that adds a target for the candidate: `retreat` does not'],
    [
      '--restore-template',
      '`--restore-template` works only with the stage `rollback`: `retreat` leaves the template unchanged',
    ],
  ] as const
  for (const [option, message] of refused) {
    assert.equal(await ran(box, `apply retreat shop.yaml ${option}`), {
      status: 2,
      said: `kn-rollout: ${message}\n`,
    })
  }
})

test('help, the list of stages and completion show it', async () => {
  const box = opened()
  const help = (await ran(box, 'apply --help')).said.replaceAll(/\s+/g, ' ')
  assert.match(help, /pin, preview, split, promote, retire, rollback, trial, retreat, or a stage of a plan/)
  assert.match(help, /Percent of the candidate in a split or trial, 1 to 99/)
  assert.match(help, /With rollback or retreat: keep the candidate at 0% with its tag/)
  const list = (await ran(box, 'stages')).said
  assert.match(list, /\ntrial {5}let a few users meet the candidate\n {10}→ stable 97, candidate 3\n/)
  assert.match(list, /\ncareful {5}preview → trial → half \(50 %\) → promote → retire\n/)
  assert.equal(await offered(box, 'apply tr'), ['trial'])
  assert.equal(await offered(box, 'apply trial --pe'), ['--percent'])
  assert.equal(await offered(box, 'apply retreat --pe'), [])
  assert.equal(await offered(box, 'apply retreat --k'), ['--keep'])
})

test('an unknown stage is told of it', async () => {
  assert.match((await ran(opened(), 'apply trials shop.yaml')).said, /did you mean `trial`\?/)
})

test.run()
