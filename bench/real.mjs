// How long repositories take that have the shape and the size of real ones: see shapes.mjs. Build first.
//
//   node bench/real.mjs [WORD]                    only the shapes whose name holds WORD
//   MAIN=OTHER/dist/main.js node bench/real.mjs   another build, to compare with
//
// Times are those of the processor without Git's, so that other work on the machine counts little.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { manyDocuments, manyFiles, manyRollouts, robotCommits, vendoredCrds } from './shapes.mjs'

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
].filter(([what]) => what.includes(word))

console.log(`Node ${process.version}, ${os.cpus().length} CPUs; processor and peak memory`)
try {
  for (const [what, make, commands] of shapes) {
    const folder = path.join(root, 'repository')
    mkdirSync(folder, { recursive: true })
    rmSync(folder, { recursive: true })
    make(folder)
    console.log(what)
    for (const args of commands) {
      const { stderr } = spawnSync(process.execPath, ['--import', meter, main, ...args], {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      })
      const [, time, memory] = /\nmeter ([\d.]+) ([\d.]+)$/.exec(stderr) ?? []
      console.log(
        `  ${args.join(' ').padEnd(64)}${Number(time).toFixed(0)} ms`.padEnd(80),
        `${Number(memory).toFixed(0)} MB`,
      )
    }
    rmSync(folder, { recursive: true })
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
