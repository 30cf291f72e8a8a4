// action.yml as a runner would run it: the built file that stands in the repository, with its inputs as variables and the
// files of GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, in a scratch repository.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { action, pullRequest, repository, root, runAction, shop, traffic, type Values } from './action-runs.js'
import { obeyed } from './hostile.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('action')

test('the built file is what its sources make, byte for byte', () => {
  const [built, kept] = ['dist/action.cjs', '.action/main.cjs'].map((name) => readFileSync(path.join(root, name)))
  assert.ok(kept && built?.equals(kept), 'out of date: run `npm run action` and commit .action/main.cjs')
})

test('is one file for node24: no step installs or builds anything, and outputs and inputs are described', () => {
  assert.equal(action.runs, { using: 'node24', main: '.action/main.cjs' })
  for (const one of [...Object.values(action.inputs), ...Object.values(action.outputs)]) assert.ok(one.description)
  const text = readFileSync(path.join(root, '.action/main.cjs'), 'utf8')
  assert.match(text, /\*\/\n$/, 'the licences of the packages in it are at its end')
  assert.match(text, /\nyaml \d[\d.]+ \(ISC\)\n/)
})

test('runs where there is nothing but the file, in less than three seconds', async () => {
  const bare = new Sandbox()
  mkdirSync(bare.path('.action'))
  copyFileSync(path.join(root, '.action/main.cjs'), bare.path('.action/main.cjs'))
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(90) })
  // On a machine that is busy with other things, even a Node that does nothing takes long.
  const times: number[][] = []
  for (let round = 0; round < 3; round++) {
    const begun = performance.now()
    await box.started(process.execPath, ['--eval', '0'], {})
    const middle = performance.now()
    const { status, log } = await runAction(box, { since: 'HEAD' }, { actionPath: bare.root })
    assert.is(status, 0, log)
    times.push([middle - begun, performance.now() - middle])
  }
  const [idle = 0, action_ = 0] = [0, 1].map((index) => Math.min(...times.map((pair) => pair[index] ?? 0)))
  assert.ok(action_ < Math.max(3000, 30 * idle), `took ${action_.toFixed()} ms, and Node alone ${idle.toFixed()} ms`)
})

test('check is what it does: annotations, a summary, outputs', async () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(100).replace('percent: 0', 'percent: 10') })
  const { status, log, outputs, summary } = await runAction(box, {}, { event: pullRequest('main') })
  assert.is(status, 1)
  assert.match(log, /^::error file=apps\/shop\.yaml,line=\d+.*KN301/m)
  assert.match(summary, '| `shop/shop` | `shop-v1` 100 % and `shop-v2` 0 % → `shop-v1` 100 % and `shop-v2` 10 % |')
  assert.equal([outputs['changed'], outputs['files'], outputs['stage']], ['true', 'apps/shop.yaml', ''])
  assert.is(outputs['services'], 'apps/shop.yaml:4')
  assert.match(outputs['summary'] ?? '', /^1 Knative Service: 1 error, \d warnings?, \d notes?$/)
  assert.is(outputs['errors'], '1')
  assert.match(readFileSync(outputs['report'] ?? '', 'utf8'), '"schemaVersion"')
  const quiet = await runAction(repository(), { summary: 'false' }, { event: { before: 'HEAD' } })
  assert.equal([quiet.status, quiet.summary, quiet.outputs['changed']], [0, '', 'false'])
  const queued = await runAction(repository(), {}, { event: { merge_group: { base_sha: 'HEAD' } } })
  assert.is(queued.status, 0, queued.log)
})

test('apply shows or writes; paths and arguments are taken line by line, whatever they hold', async () => {
  const box = repository()
  box.write({ "a 'b' $(touch pwned).yaml": service('', { name: 'odd' }) })
  const given = { command: 'apply', stage: 'split', paths: 'apps\n', args: '--percent\n10\n' }
  const shown = await runAction(box, given)
  assert.equal([shown.status, shown.outputs['stage'], shown.outputs['changed']], [0, 'split', 'true'], shown.log)
  assert.is(box.read('apps/shop.yaml'), shop(100))
  const written = await runAction(box, { ...given, write: 'true' })
  assert.is(written.outputs['summary'], 'split: shop/shop')
  assert.is(box.read('apps/shop.yaml'), shop(90))
  const odd = { command: 'validate', paths: "a 'b' $(touch pwned).yaml\n`touch pwned`; touch pwned" }
  assert.is((await runAction(box, odd)).status, 2, 'no such file')
  assert.is((await runAction(box, { ...odd, paths: odd.paths.split('\n')[0] ?? '' })).status, 0)
  assert.is(box.git('status', '--short', '--', 'pwned'), '')
})

test('release takes its image by itself', async () => {
  const box = repository()
  const given = { command: 'release', image: ':1.1', write: 'true', paths: 'apps/shop.yaml' }
  const { status, log, outputs } = await runAction(box, given)
  assert.equal([status, outputs['stage'], outputs['summary']], [0, 'release', 'release: shop/shop'], log)
  assert.match(box.read('apps/shop.yaml'), 'image: example.com/shop:1.1')
  assert.match(box.read('apps/shop.yaml'), 'name: shop-v3')
})

test('status shows where rollouts are, in the log and in the summary', async () => {
  const box = repository()
  const { status, log, outputs, summary } = await runAction(box, { command: 'status', args: '--no-git' })
  assert.is(status, 0, log)
  assert.match(log, /^::stop-commands::[\w-]{36}\n[^]*shop[^]*preview/)
  assert.match(summary, /\| .*`?shop`?.*preview/)
  assert.equal([outputs['changed'], outputs['summary']], ['false', '1 Knative Service: 0 errors, 0 warnings, 0 notes'])
  const wrong = await runAction(box, { command: 'status', args: '--stage\nnowhere' })
  assert.is(wrong.status, 2, wrong.log)
})

test('works in a directory, and with a problem matcher in place of commands', async () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(100).replace('percent: 100', 'percent: 90') })
  const given = { command: 'validate', 'working-directory': 'apps', annotations: 'matcher' }
  const { status, log } = await runAction(box, given)
  assert.is(status, 1)
  const [add, stop, first] = log.split('\n')
  assert.is(add, `::add-matcher::${path.join(root, 'docs/problem-matcher.json')}`)
  assert.match(stop ?? '', /^::stop-commands::[\w-]{36}$/)
  assert.match(first ?? '', /`spec\.traffic` percents add up to 90, not 100 \(90 \+ 0\)/)
  assert.match(log, /^::[\w-]{36}::\n::remove-matcher owner=kn-rollout::\n::remove-matcher owner=kn-rollout-notes::\n/m)
  assert.not.match((await runAction(box, { ...given, annotations: 'none' })).log, 'matcher')
})

test('commands are stopped once around all that the program prints, and never around annotations', async () => {
  const box = repository({
    'apps/shop.yaml': shop(100).replace('  traffic:\n', '  traffic:\n    # ##[error]pwned\n'),
  })
  for (const given of [
    { command: 'apply', stage: 'split', annotations: 'none' },
    { command: 'validate', annotations: 'none' },
    { command: 'validate', annotations: 'matcher' },
    { command: 'status' },
  ]) {
    const { log } = await runAction(box, given)
    assert.is(log.match(/^::stop-commands::/gm)?.length, 1)
    assert.equal(
      obeyed(log).filter((name) => !name.endsWith('-matcher')),
      [],
    )
  }
  const broken = repository()
  broken.write({ 'apps/shop.yaml': shop(100).replace('percent: 100', 'percent: 90') })
  assert.equal([...new Set(obeyed((await runAction(broken, { command: 'validate' })).log))], ['error'])
})

test('names of strangers neither call nor close anything in outputs, nor name other files', async () => {
  const box = repository()
  const name = 'apps/two\nreadme.txt.yaml'
  box.write({ [name]: service(traffic(100), { name: '"x fixes #1 @someone"', revision: 'shop-v2' }) })
  const { outputs } = await runAction(box, { command: 'apply', stage: 'split', args: '--all' })
  assert.equal(outputs['files']?.split('\n'), ['apps/shop.yaml', JSON.stringify(name)])
  assert.is(outputs['summary'], 'split: shop/shop, shop/x fixes 1 someone')
})

test('the program gets no token and no input of the action', async () => {
  const box = repository()
  // Git is the only other program that it starts, so what Git gets it had.
  box.program('git', `env >>'${box.path('.git/env.log')}'\nexec "$(PATH="\${PATH#*:}" command -v git)" "$@"`)
  await runAction(box, { since: 'HEAD' }, { environment: { GH_TOKEN: 'secret-2', NPM_PASSWORD: 'secret-3' } })
  const seen = box.read('.git/env.log')
  assert.match(seen, 'GITHUB_REPOSITORY=')
  assert.not.match(seen, /^INPUT_|TOKEN|secret/im)
})

const wrong: readonly (readonly [given: Values, said: string])[] = [
  [{ command: 'rm' }, 'unknown value of the input `command`; must be check, validate, status, release, apply, next'],
  [{ annotations: 'many' }, 'unknown value of the input `annotations`; must be commands, matcher, none'],
  [{ comment: 'maybe', since: 'HEAD' }, 'unknown value of the input `comment`; must be true, false'],
  [{}, '`check` needs the input `since`: this event has no commit'],
  [{ since: '0000000000' }, '`check` needs the input `since`'],
  [{ command: 'apply' }, '`apply` needs the input `stage`'],
  [{ command: 'apply', stage: '--write' }, '`apply` needs the input `stage`'],
]
for (const [given, said] of wrong)
  test(`${JSON.stringify(given)}: ${said}`, async () => {
    const { status, log } = await runAction(repository(), given)
    assert.is(status, 2)
    assert.match(log, `::error`)
    assert.match(log, said)
  })

test.run()
