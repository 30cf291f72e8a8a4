// Builds the one executable: a Node, the program, and code that this Node has compiled of it. Build dist/ first.
//
//   node .executable/build.mjs [--node PROGRAM] [--output FILE]
//
// PROGRAM is a Node 26 or newer, which can build executables by itself: the one that runs this, else the one of .ci/nodes.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../', import.meta.url))
const ending = process.platform === 'win32' ? '.exe' : ''
const { values } = parseArgs({ options: { node: { type: 'string' }, output: { type: 'string' } } })
const node = values.node ?? programs().find((one) => existsSync(one) && canBuild(one))
if (node === undefined) throw new Error('no Node 26 or newer is here: name one with --node')
const output = path.resolve(values.output ?? path.join(root, 'dist', `kn-rollout${ending}`))

const work = mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-executable-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

function programs() {
  return [process.execPath, path.join(root, `.ci/nodes/node_modules/node-26/bin/node${ending}`)]
}

function canBuild(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return Number(/^v(\d+)/.exec(stdout ?? '')?.[1]) >= 26
}

function run(program, args, cwd = work) {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', input: '' })
  if (status !== 0) throw error ?? new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

/** What runs most: compiled code takes room, and what it is not there for works as well, later. */
const warmed = {
  any: ['validate', 'shop.yaml'],
  apply: ['apply', 'split', 'shop.yaml'],
  check: ['check', '--since', 'HEAD~1'],
  next: ['next', 'shop.yaml'],
  release: ['release', 'shop.yaml', '--image', ':1.2'],
  status: ['status'],
  validate: ['validate', 'shop.yaml'],
}

const manifest = (image, percent) => `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: shop-v2
    spec:
      containers:
        - name: user-container
          image: ghcr.io/acme/shop:${image}
          readinessProbe:
            successThreshold: 1
            tcpSocket: {}
  traffic:
    - revisionName: shop-v1
      percent: ${100 - percent}
    - revisionName: shop-v2
      percent: ${percent}
      tag: v2
`

/** A repository in which every command has something to do. */
function repository() {
  const folder = path.join(work, 'repository')
  mkdirSync(folder)
  const git = (...args) => run('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], folder)
  git('init', '--quiet')
  for (const percent of [0, 10]) {
    writeFileSync(path.join(folder, 'shop.yaml'), manifest('1.1', percent))
    git('add', '--all')
    git('commit', '--quiet', '--message', String(percent))
  }
  return folder
}

const files = path.join(work, 'files')
mkdirSync(files)
for (const name of readdirSync(path.join(root, 'dist')).filter((one) => one.endsWith('.js'))) {
  if (name === 'main.js' || name === 'index.js') continue
  const text = readFileSync(path.join(root, 'dist', name), 'utf8')
  const isFunction = name === 'program.js'
  const whole = isFunction ? text : `(function(exports,require,module,__filename,__dirname){${text}\n})`
  writeFileSync(path.join(files, name), whole, 'utf8')
}
const folder = repository()
for (const [purpose, words] of Object.entries(warmed))
  run(node, [path.join(root, '.executable/warm.cjs'), files, purpose, ...words], folder)
/** The licences of all that is in it, Node's own included where it came with one: they go wherever the file goes. */
function licences() {
  const places = ['../LICENSE', '../../LICENSE', 'LICENSE'].map((name) => path.join(path.dirname(node), name))
  const own = places.find((one) => existsSync(one) && readFileSync(one, 'utf8').startsWith('Node.js'))
  const notices = readFileSync(path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')
  return own === undefined ? notices : `${notices}\n${readFileSync(own, 'utf8')}`
}

writeFileSync(path.join(files, 'licences.txt'), licences())
writeFileSync(path.join(files, 'names'), readdirSync(files).join('\n'))
const assets = Object.fromEntries(readdirSync(files).map((name) => [name, path.join(files, name)]))

/** Without the names of its functions, which nothing reads, the Node of Linux is a fifth smaller. */
function smaller(program) {
  const copy = path.join(work, 'node')
  copyFileSync(program, copy)
  return process.platform === 'linux' && spawnSync('strip', [copy]).status === 0 ? copy : program
}

const config = {
  main: path.join(root, 'dist/executable.cjs'),
  executable: smaller(node),
  output,
  disableExperimentalSEAWarning: true,
  useCodeCache: true,
  // What the environment says to Node is not for this program.
  execArgvExtension: 'none',
  assets,
}
writeFileSync(path.join(work, 'sea.json'), JSON.stringify(config))
run(node, ['--build-sea', path.join(work, 'sea.json')])
// macOS runs nothing that is not signed, and what was changed has no signature any more.
if (process.platform === 'darwin') run('codesign', ['--force', '--sign', '-', output])
console.log(`${output}: ${(statSync(output).size / 1e6).toFixed(1)} MB`)
