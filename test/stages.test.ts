import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { Revision, TrafficTarget } from '../src/manifest/traffic.js'
import { findRoles, type Clues } from '../src/stages/roles.js'
import { isRefusal, type StageInput } from '../src/stages/stage.js'
import { stages } from '../src/stages/stages.js'

const test = suite('stages')

/** `v1:100 v2:0:tag latest:0` as targets. */
function traffic(text: string): readonly TrafficTarget[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, origin) => {
      const [name = '', percent, tag] = word.split(':')
      return { revision: revision(name), percent: Number(percent), origin, ...(tag === undefined ? {} : { tag }) }
    })
}

function revision(name: string): Revision {
  return name === 'latest' ? { latest: true } : { name }
}

function shown(targets: readonly TrafficTarget[]): string {
  return targets
    .map(({ revision: one, percent, tag }) => {
      return ['name' in one ? one.name : 'latest', percent, ...(tag === undefined ? [] : [tag])].join(':')
    })
    .join(' ')
}

const unknown = { code: 'KN401', message: 'not known', help: 'say which' } as const

/** What a stage makes of the traffic, or the code of its refusal. */
function run(name: string, from: string, flags: Partial<StageInput> = {}): string {
  const stage = stages.find((one) => one.name === name)
  assert.ok(stage, `no stage ${name}`)
  const result = stage.apply({ traffic: traffic(from), stable: revision('v1'), candidate: revision('v2'), ...flags })
  return isRefusal(result) ? result.code : shown(result)
}

const moves: readonly (readonly [stage: string, from: string, to: string, flags?: Partial<StageInput>])[] = [
  ['pin', '', 'v1:100'],
  ['pin', 'latest:100', 'v1:100'],
  ['pin', 'latest:100:now', 'v1:100:now'],
  ['pin', 'v1:50 v2:50:t', 'v1:100 v2:0:t'],
  ['pin', 'v1:90 v3:10', 'KN404'],
  ['pin', 'v1:90 v3:10', 'KN404', { candidate: unknown }],
  ['pin', 'v1:0', 'v1:100', { candidate: unknown }],
  ['pin', 'v1:100', 'KN401', { stable: unknown }],
  ['preview', 'v1:100', 'v1:100 v2:0:t', { tag: 't' }],
  ['preview', 'v1:100', 'KN406'],
  ['preview', 'v1:100 v2:0:t', 'v1:100 v2:0:t'],
  ['preview', 'v1:100:t', 'KN405', { tag: 't' }],
  ['preview', 'latest:100', 'v1:100 v2:0:t', { tag: 't' }],
  ['preview', 'latest:100', 'latest:0:t v1:100', { tag: 't', candidate: revision('latest') }],
  ['preview', 'v1:100', 'KN401', { candidate: unknown, tag: 't' }],
  ['split', 'v1:100 v2:0:t', 'v1:50 v2:50:t'],
  ['split', 'v1:100 v2:0:t', 'v1:90 v2:10:t', { percent: 10 }],
  ['split', 'v1:100 v2:0:t', 'KN407', { percent: 0 }],
  ['split', 'v1:100 v2:0:t', 'KN407', { percent: 100 }],
  ['split', 'v1:100 v2:0:t', 'KN407', { percent: 12.5 }],
  ['split', 'v1:100 v2:0:t v0:0:old', 'v1:50 v2:50:t v0:0:old'],
  ['split', 'v1:60 v2:0:t v0:40', 'KN404'],
  ['split', 'v1:100 v2:0:t v2:0', 'v1:50 v2:0:t v2:50'],
  ['split', 'v1:100:now v1:0 v2:0:t', 'v1:50:now v1:0 v2:50:t'],
  ['split', 'v1:150 v2:-50', 'v1:50 v2:50'],
  ['promote', 'v1:50 v2:50:t', 'v1:0 v2:100:t'],
  ['promote', '', 'v1:0 v2:100'],
  ['promote', 'latest:100', 'v1:0 v2:100'],
  ['retire', 'v1:0 v2:100:t', 'v2:100:t'],
  ['retire', 'v1:0:old v1:0 v2:100', 'v2:100'],
  ['retire', 'v2:100:t', 'v2:100:t'],
  ['retire', 'v2:100:t', 'v2:100:t', { stable: unknown }],
  ['retire', 'v2:100:t', 'v2:100:t', { stable: revision('v2'), candidate: unknown }],
  ['retire', 'v2:100', 'KN408', { stable: revision('v2'), candidate: revision('v3') }],
  ['retire', 'v1:50 v2:50', 'KN408'],
  ['retire', 'v2:100 v3:1', 'KN404'],
  ['rollback', 'v1:50 v2:50:t', 'v1:100'],
  ['rollback', 'v1:0 v2:100:t', 'v1:100'],
  ['rollback', 'v1:100 v2:0:t', 'v1:100'],
  ['rollback', 'v1:50 latest:50', 'v1:100'],
  ['rollback', 'v1:100 latest:0:t', 'v1:100'],
  ['rollback', 'v2:100:t', 'v1:100'],
  ['rollback', '', 'v1:100'],
  ['rollback', 'latest:100', 'v1:100'],
  ['rollback', 'v1:20 v2:30 v3:50', 'v1:100'],
  ['rollback', 'v1:20 v2:80 v0:0:old', 'v1:100'],
  ['rollback', 'v1:0:old v1:40 v2:60', 'v1:0:old v1:100'],
  ['rollback', 'v1:20 v2:80', 'v1:100', { candidate: unknown }],
  ['rollback', 'v1:50 v2:50:t', 'v1:100 v2:0:t', { keep: true }],
  ['rollback', 'v1:100 v2:0:t', 'v1:100 v2:0:t', { keep: true }],
  ['rollback', 'v1:20 v2:30 v3:50', 'v1:100 v2:0 v3:0', { keep: true }],
  ['promote', 'v1:50 v2:50:t', 'v2:100:t', { dropStable: true }],
  ['promote', 'v1:50 v2:50:t v0:0:old', 'v2:100:t v0:0:old', { dropStable: true }],
  ['promote', 'v1:50 v2:50 v3:0', 'KN404', { dropStable: true, stable: revision('v3') }],
]

test('stand in the order of a rollout', () => {
  assert.equal(
    stages.map(({ name }) => name),
    ['pin', 'preview', 'split', 'promote', 'retire', 'rollback'],
  )
})

for (const [stage, from, to, flags] of moves) {
  const given = Object.keys(flags ?? {}).join(', ')
  test(`${stage} turns [${from}]${given && ` with ${given}`} into [${to}]`, () => {
    assert.is(run(stage, from, flags), to)
  })
}

test('every stage leaves its own result alone, and sums of 100', () => {
  for (const [stage, , to, flags] of moves.filter(([, , result]) => !result.startsWith('KN'))) {
    assert.is(run(stage, to, flags), to, `${stage} on ${to}`)
    assert.is(
      traffic(to).reduce((sum, { percent }) => sum + percent, 0),
      100,
      to,
    )
  }
})

const roles: readonly (readonly [from: string, clues: Omit<Clues, 'traffic'>, stable: string, candidate: string])[] = [
  ['v1:100', {}, 'v1', 'KN401'],
  ['', { templateName: 'v1' }, 'v1', 'KN401'],
  ['', { templateName: 'v2', stable: revision('v1') }, 'v1', 'v2'],
  ['latest:100', { templateName: 'v1' }, 'v1', 'KN401'],
  ['v1:100', { templateName: 'v1' }, 'v1', 'KN401'],
  ['v1:100', { templateName: 'v2' }, 'v1', 'v2'],
  ['v1:100 v2:0:t', { templateName: 'v2' }, 'v1', 'v2'],
  ['v1:0 v2:100:t', { templateName: 'v2' }, 'v1', 'v2'],
  ['v1:0 v2:100:t', {}, 'v1', 'v2'],
  ['v1:100 v2:0:t', { templateName: 'v1' }, 'v1', 'v2'],
  ['blue:100 green:0:t', {}, 'blue', 'green'],
  ['blue:100 green:0', {}, 'blue', 'KN401'],
  ['v1:50 v2:50', {}, 'v1', 'v2'],
  ['v9:50 v10:50', {}, 'v9', 'v10'],
  ['blue:50 green:50', {}, 'KN402', 'KN401'],
  ['blue:50 green:50', { stable: revision('blue') }, 'blue', 'green'],
  ['blue:50 green:50', { candidate: revision('blue') }, 'green', 'blue'],
  ['v1:90 latest:10', {}, 'v1', 'latest'],
  ['v0:0:old v1:100 v2:0:t', {}, 'v1', 'KN401'],
  ['v0:0:old v1:100 v2:0:t', { templateName: 'v2' }, 'v1', 'v2'],
  ['', {}, 'KN402', 'KN401'],
  ['latest:100', {}, 'KN402', 'KN401'],
  ['v2:100:t', { candidate: revision('v2') }, 'KN402', 'v2'],
  ['v2:100:t', { templateName: 'v1' }, 'v2', 'KN401'],
  ['v2:0:t v1:100', { templateName: 'v1' }, 'v1', 'v2'],
  ['v1:100', { stable: revision('v1'), candidate: revision('v1') }, 'KN403', 'KN403'],
]

for (const [from, clues, stable, candidate] of roles) {
  test(`the roles of [${from}] with ${JSON.stringify(clues)} are ${stable} and ${candidate}`, () => {
    const found = findRoles({ traffic: traffic(from), ...clues })
    const names = [found.stable, found.candidate].map((role) => {
      return isRefusal(role) ? role.code : 'name' in role.revision ? role.revision.name : 'latest'
    })
    assert.equal(names, [stable, candidate])
  })
}

test('a refusal says what must be and what to type', () => {
  for (const role of Object.values(findRoles({ traffic: traffic('blue:50 green:50') }))) {
    assert.ok(isRefusal(role))
    assert.match(role.message, /^cannot determine the /)
    assert.match(role.message, /`blue`, `green`/)
    assert.match(role.help, /^add `--(?:stable|candidate)/)
  }
})

test.run()
