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

import { median, nodes, peakMemory, peers, race, ratio } from './measure.mjs'
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

const lines = nodes()
const tools = peers()

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
  const { 'kubectl kustomize': _, ...readers } = tools
  const times = race(
    {
      node: [node, '-e', '0'],
      grep: ['git', 'grep', '-l', marker],
      ...Object.fromEntries(lines.map(({ line, program }) => [line, [program, main, 'validate', '.']])),
      ...readers,
    },
    { folder, rounds },
  )
  row('git grep, 10,000 files', median(times.grep), '', '')
  for (const { line, program } of lines) {
    const share = ratio(times, line, (round) => round.grep)
    const what = `validate, 10,000 files, ${line}`
    row(what, median(times[line]), `${share.toFixed(2)} × git grep`, '≤ 3 × git grep', share <= 3)
    const peak = peakMemory([program, main, 'validate', '.'], folder)
    row(`${what}: memory`, undefined, `${peak.toFixed(0)} MB`, '< 120 MB', peak < 120)
  }
  for (const tool of Object.keys(readers)) compared(tool, times, '10,000 files')
}

/** What another tool takes, beside `validate` with the first Node. */
function compared(tool, times, what) {
  const [{ line }] = lines
  const much = ratio(times, tool, (round) => round[line])
  row(`${tool}, ${what}`, median(times[tool]), `${much.toFixed(2)} × validate`, '')
}

/** One kustomize root: kubectl builds it, and `validate` builds and judges it. */
function oneRoot() {
  const folder = path.join(root, 'root')
  mkdirSync(folder)
  const names = Array.from({ length: 200 }, (_, at) => `app-${at}.yaml`)
  const next = random(45)
  for (const [at, name] of names.entries())
    writeFileSync(path.join(folder, name), knativeService(next, `app-${at}`, 'apps'))
  writeFileSync(path.join(folder, 'kustomization.yaml'), `namespace: other\nresources: [${names.join(', ')}]\n`)
  const { 'kubectl kustomize': kubectl } = tools
  const own = Object.fromEntries(lines.map(({ line, program }) => [line, [program, main, 'validate', '.']]))
  const times = race({ ...own, ...(kubectl && { 'kubectl kustomize': kubectl }) }, { folder, rounds })
  for (const { line } of lines) row(`validate, a root of 200 Services, ${line}`, median(times[line]), '', '')
  if (kubectl) compared('kubectl kustomize', times, 'a root of 200 Services')
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
  const reader = path.join(root, 'history.cjs')
  const contents = `import { readHistories } from './src/io/history.ts'
    void readHistories(process.argv.slice(2), process.env).then((histories) => {
      if ([...histories.values()].some(({ isCut, versions }) => isCut || versions.length === 0)) process.exit(1)
    })`
  const resolveDir = fileURLToPath(new URL('../', import.meta.url))
  const shared = { bundle: true, minify: true, platform: 'node', format: 'cjs', logLevel: 'warning' }
  await build({ ...shared, stdin: { contents, resolveDir }, outfile: reader })
  const real = realpathSync(folder)
  const all = [node, reader, ...places.map((place) => path.join(real, place))]
  const log = ['git', 'log', '--oneline']
  // Its findings make it end with 1.
  const script = '"$0" "$@" --format json >/dev/null || test $? = 1'
  const daily = lines.flatMap(({ line, program }) => [
    [`node -e 0, ${line}`, [program, '-e', '0']],
    [`check, ${line}`, ['sh', '-c', script, program, main, 'check', '--since', 'HEAD~50']],
    [`status, ${line}`, [program, main, 'status']],
  ])
  const times = race({ log, one: all.slice(0, 3), all, ...Object.fromEntries(daily) }, { folder, rounds })
  row('git log --oneline, 2,000 commits', median(times.log), '', '')
  for (const [name, what] of [
    ['one', 'the past of 1 file'],
    ['all', 'the past of 500 files'],
  ]) {
    const much = ratio(times, name, (round) => round.log)
    const time = median(times[name])
    row(`${what}, 2,000 commits`, time, `${much.toFixed(2)} × git log`, '< 1500 ms', time < 1500)
  }
  for (const { line } of lines) {
    for (const [command, most] of [
      ['check', 15],
      ['status', 20],
    ]) {
      const much = ratio(times, `${command}, ${line}`, (round) => round[`node -e 0, ${line}`])
      const what = `${command}, 500 Services, 2,000 commits, ${line}`
      row(what, median(times[`${command}, ${line}`]), `${much.toFixed(1)} × node`, `≤ ${most} × node`, much <= most)
    }
  }
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
  oneRoot()
  manyServices()
  await manyPasts()
  print()
} finally {
  rmSync(root, { recursive: true, force: true })
}
