// How long and how large: kn-rollout beside the least that its work needs. Build first.
//
//   node bench/run.mjs [ROUNDS]
//
// Whether time stays in proportion to files that were made to cost some, hostile.mjs tells.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

import { median, peakMemory, race, ratio } from './measure.mjs'
import { writePast } from './past.mjs'
import { knativeService, random, writeRepository } from './repository.mjs'

const rounds = Math.max(11, Number(process.argv[2] ?? 15))
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const parse = fileURLToPath(new URL('parse.mjs', import.meta.url))
const node = process.execPath
const marker = 'serving.knative.dev/'
const root = mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-bench-'))
const rows = []

function row(what, milliseconds, figure, target, isMet) {
  rows.push({
    what,
    median: milliseconds,
    figure,
    target,
    verdict: isMet === undefined ? '' : isMet ? 'met' : 'MISSED',
  })
}

const ms = (value) => `${value.toFixed(0)} ms`

function git(folder, ...args) {
  const { status, stderr } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

const version = (tool, ...args) => spawnSync(tool, args, { encoding: 'utf8' }).stdout ?? ''

/** Other tools for the same folder, as far as they are here; the others are named with the reason. */
function others() {
  const found = {}
  const files = "git ls-files -z '*.yaml' '*.yml' | xargs -0"
  if (version('yq', '--version').includes('mikefarah'))
    found.yq = ['sh', '-c', `${files} yq -N 'select(.kind == "Service") | .metadata.name' >/dev/null 2>&1; true`]
  else console.log('skipped: yq (the one of mikefarah is not on the PATH)')
  if (version('kubeconform', '-v') !== '')
    found.kubeconform = [
      'sh',
      '-c',
      `${files} kubeconform -summary -ignore-missing-schemas -schema-location ./none.json; true`,
    ]
  else console.log('skipped: kubeconform (not on the PATH)')
  return found
}

const budget = (round) => 4 * round.grep + 1.5 * round.node

function oneFile() {
  const folder = path.join(root, 'one')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'shop.yaml'), knativeService(random(7), 'shop', 'prod'))
  const times = race(
    { node: [node, '-e', '0'], apply: [node, main, 'apply', 'split', 'shop.yaml'] },
    { folder, rounds: rounds * 2 },
  )
  const share = ratio(times, 'apply', (round) => round.node)
  row('node -e 0', median(times.node), '', '')
  row('apply, one file', median(times.apply), `${share.toFixed(2)} × node`, '≤ 2.00 × node', share <= 2)
}

function largeRepository() {
  const folder = path.join(root, 'large')
  mkdirSync(folder)
  writeRepository(folder, { count: 10_000, every: 100, seed: 42 })
  git(folder, 'init', '--quiet')
  git(folder, 'add', '--all')
  git(folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'all')
  const validate = [node, main, 'validate', '.']
  const tools = others()
  const times = race(
    { node: [node, '-e', '0'], grep: ['git', 'grep', '-l', marker], validate, ...tools },
    { folder, rounds },
  )
  const share = ratio(times, 'validate', budget)
  const target = '≤ 4 × git grep + 1.5 × node'
  row('git grep, 10,000 files', median(times.grep), '', '')
  row(
    'validate, 10,000 files',
    median(times.validate),
    `${ratio(times, 'validate', (round) => round.grep).toFixed(2)} × git grep, ${share.toFixed(2)} of the target`,
    target,
    share <= 1,
  )
  for (const tool of Object.keys(tools)) {
    const much = ratio(times, tool, (round) => round.validate)
    row(`${tool}, 10,000 files`, median(times[tool]), `${much.toFixed(2)} × validate`, '')
  }
  const peak = peakMemory(validate, folder)
  row('validate, 10,000 files: memory', undefined, `${peak.toFixed(0)} MB`, '< 150 MB', peak < 150)
}

function manyServices() {
  const folder = path.join(root, 'many')
  mkdirSync(folder)
  writeRepository(folder, { count: 1000, every: 1, seed: 43 })
  const validate = [node, main, 'validate', '.']
  const times = race({ parse: [node, parse, '.'], validate }, { folder, rounds })
  const share = ratio(times, 'validate', (round) => round.parse)
  const peak = peakMemory(validate, folder)
  row('bare parse, 1,000 Services', median(times.parse), '', '')
  row(
    'validate, 1,000 Services',
    median(times.validate),
    `${share.toFixed(2)} × bare parse`,
    '≤ 1.60 × bare parse',
    share <= 1.6,
  )
  row('validate, 1,000 Services: memory', undefined, `${peak.toFixed(0)} MB`, '', undefined)
}

/** No command reads nothing but histories: a program of its own does, bundled as the others are. */
async function manyPasts() {
  const folder = path.join(root, 'past')
  mkdirSync(folder)
  const places = writePast(folder, { commits: 2000, services: 500, seed: 44 })
  const program = path.join(root, 'history.mjs')
  const contents = `import { readHistories } from './src/io/history.ts'
    const histories = await readHistories(process.argv.slice(2), process.env)
    if ([...histories.values()].some(({ isCut, versions }) => isCut || versions.length === 0)) process.exit(1)`
  const resolveDir = fileURLToPath(new URL('../', import.meta.url))
  const shared = { bundle: true, minify: true, platform: 'node', format: 'esm', logLevel: 'warning' }
  await build({ ...shared, stdin: { contents, resolveDir }, outfile: program })
  const real = realpathSync(folder)
  const all = [node, program, ...places.map((place) => path.join(real, place))]
  const log = ['git', 'log', '--oneline']
  // Its findings make it end with 1.
  const check = [
    'sh',
    '-c',
    `"$0" "$1" check --since HEAD~50 --format json >"$2" || test $? = 1`,
    node,
    main,
    os.devNull,
  ]
  const times = race({ log, one: all.slice(0, 3), all, check }, { folder, rounds })
  row('git log --oneline, 2,000 commits', median(times.log), '', '')
  for (const [name, what] of [
    ['one', 'the past of 1 file'],
    ['all', 'the past of 500 files'],
  ]) {
    const much = ratio(times, name, (round) => round.log)
    const time = median(times[name])
    row(`${what}, 2,000 commits`, time, `${much.toFixed(2)} × git log`, '< 1500 ms', time < 1500)
  }
  const much = ratio(times, 'check', (round) => round.log)
  const time = median(times.check)
  row('check --since HEAD~50, 500 Services', time, `${much.toFixed(2)} × git log`, '< 3000 ms', time < 3000)
}

function print() {
  const table = [
    ['', 'median', 'figure', 'target', ''],
    ...rows.map(({ what, median: time, figure, target, verdict }) => [
      what,
      time === undefined ? '' : ms(time),
      figure,
      target,
      verdict,
    ]),
  ]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((cells) => cells[column].length)))
  for (const cells of table)
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
}

console.log(`Node ${process.version}, ${os.cpus().length} CPUs, ${rounds} rounds after 2 to warm up, in turns`)
try {
  oneFile()
  largeRepository()
  manyServices()
  await manyPasts()
  print()
} finally {
  rmSync(root, { recursive: true, force: true })
}
