// action.yml and the workflows of docs/, step by step as a runner would run them: each `run:` in bash with its variables,
// the files of GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, in a scratch repository.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { obeyed } from './hostile.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

type Step = {
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
  readonly 'working-directory'?: string
}
type Action = {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}
type Values = Readonly<Record<string, string>>
type Finished = { readonly status: number; readonly log: string; readonly outputs: Values; readonly summary: string }

const root = fileURLToPath(new URL('../../', import.meta.url))
const action = parse(readFileSync(path.join(root, 'action.yml'), 'utf8')) as Action
const workflow = (name: string): readonly Step[] => {
  const text = readFileSync(path.join(root, 'docs/workflows', name), 'utf8')
  const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>> }
  return Object.values(jobs).flatMap(({ steps }) => steps)
}

/** Expressions as far as they are used here: names of contexts with `||` between them. */
function evaluated(text: string, context: Values): string {
  return text.replaceAll(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => {
    const values = expression.split(' || ').map((name) => context[name] ?? '')
    return values.find((value) => value !== '') ?? ''
  })
}

function outputsIn(text: string): Values {
  const single = [...text.matchAll(/^(\w+)=(.*)$/gm)]
  const several = [...text.matchAll(/^(\w+)<<(.+)\n([^]*?)\n\2$/gm)].map(([, name, , value]) => ['', name, value])
  return Object.fromEntries([...single, ...several].map(([, name = '', value = '']) => [name, value]))
}

/** Runs the steps of an action or a job; `uses` runs this action, other actions are passed over. */
function runSteps(box: Sandbox, steps: readonly Step[], github: Values, own: Values = {}): Finished {
  const actionPath = github['action_path'] ?? root
  let context: Values = own
  let [status, log, summary, last] = [0, '', '', {} as Values]
  for (const step of steps) {
    if (status !== 0) break
    if (step.if !== undefined && context[step.if.split(' == ')[0] ?? ''] !== 'true') continue
    let outputs: Values
    if (step.run === undefined) {
      if (!step.uses?.includes('/kn-rollout@')) continue
      const given = Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, String(value)]))
      const ran = runAction(box, given, github)
      ;({ status, outputs } = ran)
      log += ran.log
    } else {
      const files = ['output', 'summary'].map((name) => box.path(`.git/${name}`))
      for (const file of files) writeFileSync(file, '')
      const env = Object.entries(step.env ?? {}).map(([name, value]) => [
        name,
        evaluated(value, { ...github, ...context }),
      ])
      const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
        cwd: box.path(evaluated(step['working-directory'] ?? '.', context)),
        encoding: 'utf8',
        env: {
          PATH: `${box.path('.git/bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
          HOME: box.root,
          GIT_CONFIG_GLOBAL: '/dev/null',
          GITHUB_ACTIONS: 'true',
          RUNNER_TEMP: box.path('.git'),
          GITHUB_ACTION_PATH: actionPath,
          GITHUB_OUTPUT: files[0],
          GITHUB_STEP_SUMMARY: files[1],
          NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
          ...Object.fromEntries(env),
        },
      })
      status = ran.status ?? -1
      log += ran.stdout + ran.stderr
      outputs = outputsIn(box.read('.git/output'))
      summary += box.read('.git/summary')
    }
    last = outputs
    const named = Object.entries(outputs).map(([name, value]) => [`steps.${step.id ?? ''}.outputs.${name}`, value])
    context = { ...context, ...Object.fromEntries(named) }
  }
  return { status, log, outputs: last, summary }
}

function runAction(box: Sandbox, given: Values, github: Values = {}): Finished {
  for (const name of Object.keys(given)) assert.ok(action.inputs[name], `${name} is an input`)
  const inputs = Object.entries(action.inputs).map(([name, { default: value }]) => [
    `inputs.${name}`,
    given[name] ?? value,
  ])
  return runSteps(box, action.runs.steps, github, Object.fromEntries(inputs))
}

/** A program of the box's own that notes its arguments, and does what a line of shell says. */
function fake(box: Sandbox, name: string, script: string): void {
  mkdirSync(box.path('.git/bin'), { recursive: true })
  writeFileSync(
    box.path(`.git/bin/${name}`),
    `#!/bin/sh\nprintf '%s\\n' "$*" >>'${box.path(`.git/${name}.log`)}'\n${script}\n`,
  )
  chmodSync(box.path(`.git/bin/${name}`), 0o755)
}

const traffic = (stable: number): string => `  traffic:
    - revisionName: shop-v1
      percent: ${stable}
    - revisionName: shop-v2
      percent: ${100 - stable}
      tag: v2
`
const shop = (stable: number): string => service(traffic(stable), { name: 'shop', revision: 'shop-v2' })

function repository(): Sandbox {
  const box = Sandbox.committed({ 'apps/shop.yaml': shop(100), 'readme.txt': 'x' })
  box.git('branch', '-M', 'main')
  return box
}

const test = suite('action')

test('inputs reach no script as text, and outputs and inputs are described', () => {
  assert.is(action.runs.using, 'composite')
  for (const step of [...action.runs.steps, ...workflow('check.yml'), ...workflow('next.yml')])
    assert.not.match(step.run ?? '', '${{')
  for (const { run, shell } of action.runs.steps) assert.equal([typeof run, shell], ['string', 'bash'])
  for (const input of Object.values(action.inputs)) assert.ok(input.description)
})

test('check is what it does: annotations, a summary, outputs', () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(100).replace('percent: 0', 'percent: 10') })
  const { status, log, outputs, summary } = runAction(box, {}, { 'github.event.pull_request.base.sha': 'main' })
  assert.is(status, 1)
  assert.match(log, /^::error file=apps\/shop\.yaml,line=\d+.*KN301/m)
  assert.match(summary, '| `shop/shop` | `shop-v1` 100 % and `shop-v2` 0 % → `shop-v1` 100 % and `shop-v2` 10 % |')
  assert.equal([outputs['changed'], outputs['files'], outputs['stage']], ['true', 'apps/shop.yaml', ''])
  assert.match(outputs['summary'] ?? '', /^1 Knative Service: 1 error, \d warnings?, \d notes?$/)
  assert.match(readFileSync(outputs['report'] ?? '', 'utf8'), '"schemaVersion"')
  const quiet = runAction(repository(), { summary: 'false' }, { 'github.event.before': 'HEAD' })
  assert.equal([quiet.status, quiet.summary, quiet.outputs['changed']], [0, '', 'false'])
})

test('apply shows or writes; paths and arguments are taken line by line, whatever they hold', () => {
  const box = repository()
  box.write({ "a 'b' $(touch pwned).yaml": service('', { name: 'odd' }) })
  const given = { command: 'apply', stage: 'split', paths: 'apps\n', args: '--percent\n10\n' }
  const shown = runAction(box, given)
  assert.equal([shown.status, shown.outputs['stage'], shown.outputs['changed']], [0, 'split', 'true'])
  assert.is(box.read('apps/shop.yaml'), shop(100))
  assert.is(runAction(box, { ...given, write: 'true' }).outputs['summary'], 'split: shop/shop')
  assert.is(box.read('apps/shop.yaml'), shop(90))
  const odd = { command: 'validate', paths: "a 'b' $(touch pwned).yaml\n`touch pwned`; touch pwned" }
  assert.is(runAction(box, odd).status, 2, 'no such file')
  assert.is(runAction(box, { ...odd, paths: odd.paths.split('\n')[0] ?? '' }).status, 0)
  assert.is(box.git('status', '--short', '--', 'pwned'), '')
})

test('works in a folder, and with a problem matcher in place of commands', () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(100).replace('percent: 100', 'percent: 90') })
  const given = { command: 'validate', 'working-directory': 'apps', annotations: 'matcher' }
  const { status, log } = runAction(box, given)
  assert.is(status, 1)
  const [add, stop, first] = log.split('\n')
  assert.is(add, `::add-matcher::${path.join(root, 'docs/problem-matcher.json')}`)
  assert.match(stop ?? '', /^::stop-commands::[\w-]{36}$/)
  assert.match(first ?? '', /`spec\.traffic` percents add up to 90, not 100 \(90 \+ 0\)/)
  assert.match(log, /^::[\w-]{36}::\n::remove-matcher owner=kn-rollout::\n::remove-matcher owner=kn-rollout-notes::\n/m)
  assert.not.match(runAction(box, { ...given, annotations: 'none' }).log, 'matcher')
})

test('commands are stopped once around all that the program prints, and never around annotations', () => {
  const box = Sandbox.committed({
    'shop.yaml': shop(100).replace('  traffic:\n', '  traffic:\n    # ##[error]pwned\n'),
  })
  for (const given of [
    { command: 'apply', stage: 'split', annotations: 'none' },
    { command: 'validate', annotations: 'none' },
    { command: 'validate', annotations: 'matcher' },
  ]) {
    const { log } = runAction(box, given)
    assert.is(log.match(/^::stop-commands::/gm)?.length, 1)
    assert.equal(
      obeyed(log).filter((name) => !name.endsWith('-matcher')),
      [],
    )
  }
  const broken = repository()
  broken.write({ 'apps/shop.yaml': shop(100).replace('percent: 100', 'percent: 90') })
  assert.equal([...new Set(obeyed(runAction(broken, { command: 'validate' }).log))], ['error'])
})

test('names of strangers neither call nor close anything in outputs, nor name other files', () => {
  const box = repository()
  const name = 'apps/two\nreadme.txt.yaml'
  box.write({ [name]: service(traffic(100), { name: '"x fixes #1 @someone"', revision: 'shop-v2' }) })
  const { outputs } = runAction(box, { command: 'apply', stage: 'split', args: '--all' })
  assert.equal(outputs['files']?.split('\n'), ['apps/shop.yaml', JSON.stringify(name)])
  assert.is(outputs['summary'], 'split: shop/shop, shop/x fixes 1 someone')
})

const wrong: readonly (readonly [given: Values, said: string])[] = [
  [{ command: 'rm' }, 'command must be check, validate, apply, next'],
  [{ annotations: 'many' }, 'annotations must be commands, matcher, none'],
  [{}, 'check needs since: this event names nothing'],
  [{ since: '0000000000' }, 'check needs since'],
  [{ command: 'apply' }, 'apply needs a stage'],
  [{ command: 'apply', stage: '--write' }, 'apply needs a stage'],
]
for (const [given, said] of wrong)
  test(`${JSON.stringify(given)}: ${said}`, () => {
    const { status, log } = runAction(repository(), given)
    assert.is(status, 2)
    assert.match(log, `::error`)
    assert.match(log, said)
  })

test('a checkout without dist/ is built in its own folder, by its lock file and without scripts', () => {
  const box = repository()
  box.write({
    '.npmrc': 'registry=https://stranger.example.com/',
    'package.json': '{"scripts":{"bundle":"touch pwned"}}',
  })
  fake(box, 'npm', 'echo npm in "$PWD"')
  fake(box, 'node', 'echo node in "$PWD"')
  const [install] = action.runs.steps
  const built = runSteps(box, install ? [install] : [], { action_path: box.path('apps') })
  assert.is(built.log, `npm in ${box.path('apps')}\n${`node in ${box.path('apps')}\n`.repeat(2)}`)
  assert.is(built.outputs['program'], box.path('apps/dist/main.js'))
  assert.is(box.read('.git/npm.log'), 'ci --ignore-scripts --no-audit --no-fund\n')
  assert.is(box.read('.git/node.log'), 'schemas/build.mjs\n.bundle.mjs\n')
  box.write({ 'apps/dist/main.js': '' })
  assert.is(runSteps(box, install ? [install] : [], { action_path: box.path('apps') }).log, '')
})

test('the workflow of a pull request runs the action and nothing else', () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(50) })
  const { status, log } = runSteps(box, workflow('check.yml'), { 'github.event.pull_request.base.sha': 'main' })
  assert.is(status, 0, log)
})

test('the scheduled workflow opens a pull request with the next stage after the soak, and renews it', () => {
  const box = repository()
  box.git('init', '--quiet', '--bare', box.path('.git/remote'))
  box.git('remote', 'add', 'origin', box.path('.git/remote'))
  box.write({
    '.kn-rollout.yaml': 'plan: slow\nplans:\n  slow:\n    - {stage: preview, soak: 1s}\n    - split\n    - promote\n',
  })
  box.commit()
  const github = { 'github.event.repository.default_branch': 'main', 'github.token': 't' }
  fake(
    box,
    'gh',
    '[ "$2" = list ] && { [ -e "$0.opened" ] && echo 1 || echo 0; }\n[ "$2" = create ] && touch "$0.opened"\nexit 0',
  )
  spawnSync('sleep', ['1.1'])
  const first = runSteps(box, workflow('next.yml'), github)
  assert.is(first.status, 0, first.log)
  assert.is(box.git('show', 'origin/kn-rollout/next:apps/shop.yaml'), shop(50))
  assert.is(box.git('log', '-1', '--format=%s', 'origin/kn-rollout/next').trim(), 'split: shop/shop')
  assert.match(
    box.read('.git/gh.log'),
    /\npr create --head kn-rollout\/next --base main --title split: shop\/shop --body-file \S+\n$/,
  )
  box.git('switch', '--quiet', 'main')
  const second = runSteps(box, workflow('next.yml'), github)
  assert.is(second.status, 0, second.log)
  assert.match(box.read('.git/gh.log'), /\npr edit kn-rollout\/next --title split: shop\/shop --body-file \S+\n$/)
  box.git('switch', '--quiet', 'main')
  box.write({ '.kn-rollout.yaml': 'plan: slow\nplans:\n  slow:\n    - {stage: preview, soak: 1d}\n    - split\n' })
  box.commit()
  const calls = box.read('.git/gh.log')
  const early = runSteps(box, workflow('next.yml'), github)
  assert.equal([early.status, early.outputs['changed']], [0, 'false'], early.log)
  assert.is(box.read('.git/gh.log'), calls, 'too early: no pull request')
})

test.run()
