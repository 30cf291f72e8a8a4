// How long a start takes: the packed tarball, installed in an empty folder, on one file in a Git repository, beside a Node
// that does nothing, on each supported line that .ci/nodes has. Build first.
//
//   node bench/start.mjs [ROUNDS]
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { median, race, ratio } from './measure.mjs'
import { knativeService, random } from './repository.mjs'

const rounds = Math.max(15, Number(process.argv[2] ?? 15))
const project = fileURLToPath(new URL('../', import.meta.url))
const root = mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-bench-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))

function run(folder, program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, KN_ROLLOUT_BUILT: '1' },
  })
  if (status !== 0) throw error ?? new Error(stderr)
  return stdout
}

const [packed] = JSON.parse(run(project, 'npm', 'pack', '--json', '--pack-destination', root))
run(root, 'npm', 'install', '--prefix', root, '--offline', '--no-audit', '--no-fund', path.join(root, packed.filename))
const main = path.join(root, 'node_modules/kn-rollout/dist/main.js')
console.log(`${(packed.unpackedSize / 1e6).toFixed(2)} MB unpacked`)

const repository = path.join(root, 'repository')
mkdirSync(repository)
writeFileSync(path.join(repository, 'shop.yaml'), knativeService(random(7), 'shop', 'prod'))
run(repository, 'git', 'init', '--quiet')
run(repository, 'git', 'add', '--all')
run(repository, 'git', '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'all')

const nodes = new URL('../.ci/nodes/', import.meta.url)
const { devDependencies } = JSON.parse(readFileSync(new URL('package.json', nodes), 'utf8'))
const lines = Object.keys(devDependencies)
  .map((name) => ({
    line: name.replace('node-', ''),
    node: fileURLToPath(new URL(`node_modules/${name}/bin/node`, nodes)),
  }))
  .filter(({ node }) => existsSync(node))
if (lines.length === 0) {
  console.log('skipped: the supported lines (`npm run test:nodes` fetches them); this is the Node that runs this')
  lines.push({ line: process.versions.node.split('.')[0], node: process.execPath })
}

/** What an `apply` may take at most, in bare starts of the same Node. */
const limits = { 22: 2.4 }
let missed = 0
for (const { line, node } of lines) {
  const apply = [main, 'apply', 'split', 'shop.yaml']
  const contenders = {
    node: [node, '-e', '0'],
    version: [node, main, '--version'],
    apply: [node, ...apply],
    cold: ['env', 'NODE_DISABLE_COMPILE_CACHE=1', node, ...apply],
  }
  const times = race(contenders, { folder: repository, rounds })
  const share = (name) => ratio(times, name, (round) => round.node)
  const most = { version: 1.5, apply: limits[line] ?? 2 }
  const shown = Object.keys(contenders).map((name) => {
    const target = most[name]
    const isMissed = target !== undefined && share(name) > target
    if (isMissed) missed++
    const verdict = target === undefined ? '' : ` (${isMissed ? 'MISSED' : 'met'}: at most ${target.toFixed(2)})`
    return `${name} ${median(times[name]).toFixed(0)} ms = ${share(name).toFixed(2)} × node${verdict}`
  })
  console.log(`Node ${line}: ${shown.join('; ')}`)
}

// The one executable, beside the Node that is in it, where `npm run executable` has built it.
const program = path.join(project, 'dist/kn-rollout')
const inside = lines.find(({ line }) => Number(line) >= 26)
if (existsSync(program) && inside) {
  const contenders = {
    node: [inside.node, '-e', '0'],
    version: [program, '--version'],
    apply: [program, 'apply', 'split', 'shop.yaml'],
  }
  const times = race(contenders, { folder: repository, rounds })
  const shown = Object.entries({ version: 1.3, apply: 1.8 }).map(([name, target]) => {
    const share = ratio(times, name, (round) => round.node)
    if (share > target) missed++
    const verdict = share > target ? 'MISSED' : 'met'
    return `${name} ${median(times[name]).toFixed(0)} ms = ${share.toFixed(2)} × node (${verdict}: at most ${target.toFixed(2)})`
  })
  console.log(`executable: ${shown.join('; ')}`)
} else console.log('skipped: the executable (`npm run executable` builds it)')
process.exitCode = missed > 0 ? 1 : 0
