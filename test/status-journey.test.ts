// Every plan from every layout, stage by stage: what `apply` leaves is what `status` names, and there is always a way back.
import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { readTraffic, revisionText } from '../src/manifest/traffic.js'
import { plan as run } from '../src/pipeline/plan.js'
import { settingsOf } from '../src/pipeline/settings.js'
import { statusOf } from '../src/pipeline/status.js'
import { templateNameOf, namesIn } from '../src/stages/roles.js'
import type { StageFlags } from '../src/stages/standing.js'
import type { SourceFile } from '../src/text/source.js'

const root = new URL('../fixtures/', import.meta.url)
type Roles = { readonly stable: string; readonly candidate: string }

/** The roles of a file: what it calls by a name of its own, else the first generated one, and what follows on that. */
function rolesIn(file: SourceFile): Roles {
  const { manifests } = findManifests(file)
  const [first] = manifests
  const names = first ? [...namesIn(readTraffic(first) ?? []), templateNameOf(first)] : []
  const named = names.find((name) => name !== undefined && !/-\d{5}$/.test(name))
  const end = first && named?.startsWith(`${first.name}-`) ? named.slice(first.name.length) : '-00001'
  const next = end.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, '0'))
  return { stable: `{{.Service}}${end}`, candidate: `{{.Service}}${next}` }
}

const own = `plans:
  careful:
    - { stage: dark, percent: 0, tag: next }
    - { stage: first, percent: 1, soak: 1h }
    - { stage: most, percent: 95 }
    - { stage: all, percent: 100 }
    - retire
`
const plans = settingsOf({ configuration: { path: '.kn-rollout.yaml', text: own } }).plans

function configurationOf(plan: string): SourceFile {
  return { path: '.kn-rollout.yaml', text: `${own}plan: ${plan}\n` }
}

function layoutsOf(kind: string): readonly string[] {
  return readdirSync(new URL(`${kind}/`, root)).filter((folder) => !folder.startsWith('set-'))
}

/** Every state that a fixture begins with; those of `set` have targets that no stage leads away from. */
const states: readonly SourceFile[] = ['journey', 'layouts'].flatMap((kind) =>
  layoutsOf(kind).flatMap((folder) =>
    readdirSync(new URL(`${kind}/${folder}/`, root))
      .filter((name) => /^(?:0-created|before)\./.test(name))
      .map((name) => {
        const path = `${kind}/${folder}/${name}`
        return { path, text: readFileSync(new URL(path, root), 'utf8') }
      }),
  ),
)

/** Where a second revision stands already, pinning the first leaves what other stages leave: a rollout begins later. */
function isUnderWay(file: SourceFile): boolean {
  const names = statusOf([file], {}).rows.map(
    ({ traffic = [] }) => new Set(traffic.map((one) => revisionText(one.revision))),
  )
  return names.some(({ size }) => size > 1)
}

/** Its bystander, `@latest` with a tag and no share, is there in every state: none is what a stage leaves. */
const withBystander = 'layouts/revision-to-latest/before.yaml'

/** The file after a stage; undefined where that is refused. A second run must have nothing to do. */
function moved(file: SourceFile, stage: string, plan: string, flags: StageFlags): SourceFile | undefined {
  const request = {
    all: true,
    configuration: configurationOf(plan),
    move: { command: 'apply', stage, ...flags },
  } as const
  const outcome = run([file], request)
  if (outcome.diagnostics.some(({ code }) => code.startsWith('KN4') && code < 'KN436')) return undefined
  const next = { ...file, text: outcome.changes[0]?.text ?? file.text }
  assert.equal(run([next], request).changes, [], `${stage} a second time`)
  return next
}

function stagesOf(file: SourceFile, plan: string): readonly (string | undefined)[] {
  return statusOf([file], { configuration: configurationOf(plan) }).rows.map((row) => row.stage ?? row.state)
}

const test = suite('status of every stage')
let journeys = 0

for (const { name: plan, steps } of plans)
  for (const state of states.filter(({ path }) => path !== withBystander))
    test(`${plan}: ${state.path}`, () => {
      let file = state
      const roles = rolesIn(state)
      const open = steps.filter(({ stage }) => stage.name !== 'pin' || !isUnderWay(state))
      for (const [index, { stage, tag }] of open.entries()) {
        const flags = { ...roles, ...(stage.share === 0 && tag === undefined && { tag: 'v2' }) }
        const next = moved(file, stage.name, plan, flags)
        assert.ok(next, `${stage.name} is refused after ${open[index - 1]?.stage.name ?? 'nothing'}`)
        file = next ?? file
        const told = stagesOf(file, plan)
        assert.ok(told.length > 0)
        assert.equal(
          told,
          told.map(() => stage.name),
          file.text,
        )
        const back = moved(file, 'rollback', plan, { stable: roles.stable })
        assert.ok(back, `the way back from ${stage.name}`)
        for (const row of statusOf([back ?? file], {}).rows) {
          const serving = row.traffic?.filter(({ percent }) => percent !== 0)
          assert.equal(
            serving?.map(({ revision, percent }) => [revision, percent]),
            [[{ name: roles.stable.replace('{{.Service}}', row.name) }, 100]],
          )
        }
      }
      journeys++
    })

test('every layout was led through every plan', () => {
  assert.is(journeys, plans.length * (states.length - 1))
  assert.ok(journeys > 100)
})

test.run()
