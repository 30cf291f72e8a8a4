// How long repositories take that have the shape and the size of real ones: see shapes.mjs. Build first.
//
//   node bench/real.mjs [WORD]                    only the shapes whose name holds WORD
//   MAIN=OTHER/dist/main.js node bench/real.mjs   another build, to compare with
//
// Times are those of the processor without Git's, so that other work on the machine counts little; beside them stands how
// many times as much that is as `node -e 0` takes in the same run and, of a shape that grows, as its first size takes.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { nodes } from './measure.mjs'
import {
  manyDocuments,
  manyFiles,
  manyRollouts,
  movingRobot,
  oneRoot,
  renderedAgain,
  robotCommits,
  vendoredCrds,
} from './shapes.mjs'

const word = process.argv[2] ?? ''
const main = process.env.MAIN ?? fileURLToPath(new URL('../dist/main.js', import.meta.url))
const root = mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-real-'))
const meter = `data:text/javascript,process.on('exit',()=>{const{userCPUTime,systemCPUTime,maxRSS}=process.resourceUsage();process.stderr.write('\\nmeter '+(userCPUTime+systemCPUTime)/1000+' '+maxRSS/1024)})`

function git(folder, ...args) {
  const { status, stderr } = spawnSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 30 })
  if (status !== 0) throw new Error(stderr)
}

function files(folder, count) {
  mkdirSync(folder)
  manyFiles(folder, { count, every: 100, seed: 42 })
  git(folder, 'init', '--quiet')
  git(folder, 'add', '--all')
  git(folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'all')
}

const daily = [
  ['status'],
  ['check', '--since', 'HEAD~5'],
  ['next', '--all'],
  ['apply', 'rollback', '--all', '--stable', '{{.Service}}-00001'],
  ['status', 'apps/team-3/all.yaml'],
]
const both = [['status'], ['check', '--since', 'HEAD~1']]
const grown = (what, n, make, commands) =>
  [1, 2, 4].map((times) => [`${times * n} ${what}`, (folder) => make(folder, times * n), commands])

const shapes = [
  [
    'a robot: 20 files of one Service, 300 versions',
    (folder) => robotCommits(folder, { files: 20, services: 20, versions: 300, bytes: 0, isTogether: true }),
    daily,
  ],
  [
    'a robot: 18 files of 47 kB, 38 Services, 555 versions',
    (folder) => robotCommits(folder, { files: 18, services: 38, versions: 555, bytes: 47_000 }),
    daily,
  ],
  [
    'a robot that moves traffic: 38 Services, 555 versions',
    (folder) => movingRobot(folder, { services: 38, versions: 555 }),
    [['status'], ['check', '--since', 'HEAD~1'], ...daily.slice(1, 4)],
  ],
  ['no CRD beside a Service', (folder) => vendoredCrds(folder, { crds: 0, bytes: 0 }), [['validate']]],
  ['3 CRDs of 3.5 MB beside it', (folder) => vendoredCrds(folder, { crds: 3, bytes: 3.5e6 }), [['validate']]],
  ...grown(
    'commits to 2,000 Services',
    12_500,
    (folder, commits) => manyRollouts(folder, { services: 2000, commits }),
    both,
  ),
  ...grown('files', 25_000, files, [['status'], ['validate']]),
  ...grown('documents in one file', 1250, (folder, documents) => manyDocuments(folder, { documents }), both),
  ...grown(
    'Services in one file, 40 versions',
    100,
    (folder, services) => renderedAgain(folder, { services, versions: 40 }),
    daily.slice(0, 4),
  ),
  ...grown('Services in one root', 200, (folder, services) => oneRoot(folder, { services }), [
    ['validate'],
    ...both,
    ['next', '--all'],
  ]),
].filter(([what]) => what.includes(word))

/** What a Node program takes of the processor, in milliseconds, and of memory, in MB. */
function measured(program, args, folder) {
  const { stderr } = spawnSync(program, ['--import', meter, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  const [, time, memory] = /\nmeter ([\d.]+) ([\d.]+)$/.exec(stderr) ?? []
  return { time: Number(time), memory: Number(memory) }
}

/** What the sizes of a shape took first: of `25000 files` and `50000 files`, by `files`, the Node and the command. */
const first = new Map()

function told(what, { line, program }, args, folder) {
  const { time: bare } = measured(program, ['-e', '0'], folder)
  const { time, memory } = measured(program, [main, ...args], folder)
  const key = [what.replace(/^\d+ /, ''), line, ...args].join(' ')
  const smallest = first.get(key)
  first.set(key, smallest ?? { time, memory })
  const growth =
    smallest && `${(time / smallest.time).toFixed(1)} × time, ${(memory / smallest.memory).toFixed(1)} × memory`
  const cells = [`${time.toFixed(0)} ms`, `${(time / bare).toFixed(1)} × node`, `${memory.toFixed(0)} MB`]
  console.log(
    `  ${line}  ${args.join(' ').padEnd(58)}`,
    ...cells.map((cell) => cell.padStart(12)),
    growth ? `  ${growth}` : '',
  )
}

const lines = nodes()
console.log(`${os.cpus().length} CPUs; processor and peak memory`)
try {
  for (const [what, make, commands] of shapes) {
    const folder = path.join(root, 'repository')
    mkdirSync(folder, { recursive: true })
    rmSync(folder, { recursive: true })
    make(folder)
    console.log(what)
    for (const args of commands) for (const line of lines) told(what, line, args, folder)
    // Git may still tidy up in the background.
    rmSync(folder, { recursive: true, maxRetries: 20 })
  }
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 20 })
}
