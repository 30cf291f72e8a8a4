// Whether time stays in proportion to a repository, whoever wrote it: each attack at n and at four times n. Build first.
//
//   node bench/hostile.mjs [ROUNDS [WORD]]
//
// Times are those of the processor, so that other work on the machine counts little; the ratio is that of what a run takes
// beyond a run on one small file, the least of all rounds.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const [rounds, word = ''] = [Math.max(1, Number(process.argv[2] ?? 3)), process.argv[3]]
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const root = mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-hostile-'))
const meter = `data:text/javascript,process.on('exit',()=>{const{userCPUTime,systemCPUTime,maxRSS}=process.resourceUsage();process.stderr.write('\\nmeter '+(userCPUTime+systemCPUTime)/1000+' '+maxRSS/1024)})`
const most = 6
/** In seconds: what takes longer is given up. */
const patience = 300

const many = (count, part) => Array.from({ length: count }, (_, index) => part(index)).join('')

function service({ name = 'shop', spec = '', traffic = '', head = '', tail = '' } = {}) {
  const list = traffic || `    - revisionName: ${name}-v1\n      percent: 100\n`
  return `${head}apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
spec:
${spec}  template:
    metadata:
      name: ${name}-v1
    spec:
      containers:
        - image: example.com/shop:1.0
  traffic:
${list}${tail}`
}

const target = (index, percent) =>
  `    - revisionName: shop-v${index}\n      percent: ${percent}\n      tag: t${index}\n`
const shop = { 'shop.yaml': service() }
const shopWith = (parts) => ({ 'shop.yaml': service(parts) })
const json = { apiVersion: 'serving.knative.dev/v1', kind: 'Service' }
const kustomized = (text) => ({ ...shop, 'kustomization.yaml': `resources: [shop.yaml]\n${text}` })
const named = (length, files) => ({ 'shop.yaml': service({ name: 'a'.repeat(length) }), ...files })
const patched = (name) => `patches:\n  - target: {kind: Service, name: "${name}"}\n    patch: "[]"\n`
const levels = (count, level) => Object.fromEntries(Array.from({ length: count }, (_, index) => level(index)).flat())
const schema = (pattern) => JSON.stringify({ properties: { metadata: { properties: { name: { pattern } } } } })

const validate = ['validate', '.']
const fix = ['validate', '--fix', '.']
const apply = ['apply', 'pin', '.', '--stable', 'shop-v1', '--all']
const judge = ['validate', '.', '--schema', 'schema.json']

/** What is tried, the n of it, the files for an n, and the command. */
const attacks = [
  [
    'a: target `(a+)+b`, names of n a',
    14,
    (n) => named(n, { 'kustomization.yaml': `resources: [shop.yaml]\n${patched('(a+)+b')}` }),
    validate,
  ],
  ['a: target of n groups', 250, (n) => kustomized(patched(`${'(a*)*'.repeat(n)}b`)), validate],
  [
    'b: n folders that list the next twice',
    24,
    (n) => ({
      ...levels(n, (k) => [[`k${k}/kustomization.yaml`, `resources: [../k${k + 1}, ../k${k + 1}]\n`]]),
      [`k${n}/kustomization.yaml`]: 'resources: [shop.yaml]\n',
      [`k${n}/shop.yaml`]: service(),
    }),
    validate,
  ],
  [
    'b: n folders with two names each',
    24,
    (n) => ({
      ...levels(n, (k) => [
        [`k${k}/kustomization.yaml`, `resources: [../a${k}, ../b${k}]\n`],
        ...['a', 'b'].map((x) => [`${x}${k}/kustomization.yaml`, `resources: [../k${k + 1}]\nnameSuffix: -${x}\n`]),
      ]),
      [`k${n}/kustomization.yaml`]: 'resources: [shop.yaml]\n',
      [`k${n}/shop.yaml`]: service({ name: 'shop' }),
    }),
    validate,
  ],
  [
    'b: n components that list the next twice',
    24,
    (n) => ({
      ...shop,
      'kustomization.yaml': 'resources: [shop.yaml]\ncomponents: [c0]\n',
      ...levels(n, (k) => [
        [`c${k}/kustomization.yaml`, `kind: Component\ncomponents: [../c${k + 1}, ../c${k + 1}]\n`],
      ]),
      [`c${n}/kustomization.yaml`]: 'kind: Component\n',
    }),
    validate,
  ],
  [
    'c: `services` `*a*a*a*a*a*b`, names of n a',
    60,
    (n) => named(n, { '.kn-rollout.yaml': 'services: [{name: "*a*a*a*a*a*b", plan: canary}]\n' }),
    ['status', '.'],
  ],
  [
    'c: `services` of n patterns',
    4000,
    (n) => ({ ...shop, '.kn-rollout.yaml': `services:\n${many(n, (k) => `  - {name: "*a${k}*", plan: canary}\n`)}` }),
    ['status', '.'],
  ],
  [
    'd: `.gitignore` `*a*a*a*ab`, names of n a',
    60,
    (n) => ({ '.gitignore': '*a*a*a*a*a*ab\n', [`${'a'.repeat(n)}.yaml`]: service() }),
    ['validate', '**/*.yaml'],
  ],
  ['d: `.gitignore` of n lines', 10_000, (n) => ({ ...shop, '.gitignore': many(n, (k) => `*a${k}*b\n`) }), validate],
  ['e: schema `^(a+)+$`, names of n a', 5000, (n) => ({ ...named(n, {}), 'schema.json': schema('^(a+)+b$') }), judge],
  ['f: ` #` × n in a kustomization', 100_000, (n) => kustomized(`# a b${' #'.repeat(n)}\rx: y\n`), validate],
  ['f: n names in a kustomization', 5000, (n) => kustomized(`# ${many(n, (k) => ` a${k}/..`)}\n`), validate],
  ['g: `: #{` × n in a comment', 400_000, (n) => shopWith({ head: `#${': #{'.repeat(n)}\n` }), validate],
  [
    'h: one ignore comment with n codes',
    10_000,
    (n) => shopWith({ head: `# kn-rollout: ignore${' KN312'.repeat(n)}\n` }),
    validate,
  ],
  ['h: n ignore comments', 20_000, (n) => shopWith({ head: '# kn-rollout: ignore KN312\n'.repeat(n) }), apply],
  [
    'i: JSON `\\"` × n',
    400_000,
    (n) => ({ 'shop.json': `${JSON.stringify(json).slice(0, -1)},"x":"${String.raw`\"`.repeat(n)}` }),
    validate,
  ],
  [
    'i: n JSON documents',
    5000,
    (n) => ({ 'shop.json': '{"kind":"A","apiVersion":"v1"}'.repeat(n) + JSON.stringify(json) }),
    validate,
  ],
  [
    'j: --fix of n documents',
    200,
    (n) => ({
      'shop.yaml': Array.from({ length: n }, (_, k) =>
        service({ name: `s${k}`, traffic: `    - revisionName: s${k}-v1\n      percent: "100"\n` }),
      ).join('---\n'),
    }),
    fix,
  ],
  [
    'j: --fix of n targets',
    1000,
    (n) => shopWith({ traffic: many(n, (k) => target(k, k === 0 ? '"100"' : '"0"')) }),
    fix,
  ],
  [
    'j: --fix of n targets that stand in each other’s way',
    500,
    (n) =>
      shopWith({ traffic: many(n, () => `    - revisionNme: shop-v1\n      revisionNam: "1"\n      percent: "0"\n`) }),
    fix,
  ],
  [
    'j: fixes in SARIF for n targets',
    1000,
    (n) => shopWith({ traffic: many(n, (k) => target(k, '"0"')) }),
    ['validate', '.', '--format', 'sarif'],
  ],
  ['k: n blanks before a comment', 400_000, (n) => shopWith({ head: `a: b${' '.repeat(n)}# c\n---\n` }), validate],
  ['k: n unknown fields', 4000, (n) => shopWith({ spec: many(n, (k) => `  field${k}: 1\n`) }), validate],
  [
    'n values that are nested too deeply',
    100_000,
    (n) => shopWith({ tail: `x: ${'['.repeat(n)}${']'.repeat(n)}\n` }),
    fix,
  ],
  [
    'n anchors and aliases',
    5000,
    (n) => shopWith({ tail: `x:\n${many(n, (k) => `  a${k}: &a${k} b\n  b${k}: *a${k}\n`)}` }),
    validate,
  ],
  ['n targets moved', 2000, (n) => shopWith({ traffic: many(n, (k) => target(k, k === 0 ? 100 : 0)) }), apply],
  [
    'n documents moved',
    300,
    (n) => ({
      'shop.yaml': Array.from({ length: n }, (_, k) =>
        service({ name: `s${k}`, traffic: `    - latestRevision: true\n      percent: 100\n` }),
      ).join('---\n'),
    }),
    apply,
  ],
  [
    'n Services of a kustomization',
    300,
    (n) => ({
      ...levels(n, (k) => [[`s${k}.yaml`, service({ name: `s${k}` })]]),
      'kustomization.yaml': `resources:\n${many(n, (k) => `  - s${k}.yaml\n`)}`,
    }),
    validate,
  ],
  [
    'n patches of a Service',
    500,
    (n) =>
      kustomized(
        `patches:\n${many(n, (k) => `  - target: {kind: Service, name: shop}\n    patch: '[{op: replace, path: /spec/traffic/0/tag, value: t${k}}]'\n`)}`,
      ),
    validate,
  ],
  [
    'n overlays of a base',
    100,
    (n) => ({
      'base/shop.yaml': service(),
      'base/kustomization.yaml': 'resources: [shop.yaml]\n',
      ...levels(n, (k) => [[`o${k}/kustomization.yaml`, `resources: [../base]\nnamespace: n${k}\n`]]),
    }),
    validate,
  ],
].filter(([what]) => what.includes(word))

function folderOf(files) {
  const folder = mkdtempSync(path.join(root, 'n-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** The milliseconds of the processor that a run takes, and its peak memory in MB. */
function measure(folder, args) {
  const { stderr, signal } = spawnSync(process.execPath, ['--import', meter, main, ...args], {
    cwd: folder,
    input: '',
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: patience * 1000,
    killSignal: 'SIGKILL',
  })
  const found = /\nmeter ([\d.]+) ([\d.]+)$/.exec(stderr)
  if (!found || signal) return { time: Infinity, memory: Infinity }
  return { time: Number(found[1]), memory: Number(found[2]) }
}

const least = (results) => results.reduce((best, one) => (one.time < best.time ? one : best))
const shown = (value, unit) => (value === Infinity ? 'given up' : `${value.toFixed(0)} ${unit}`)

console.log(`Node ${process.version}, ${os.cpus().length} CPUs, the least of ${rounds} rounds, wanted: at most ${most}`)
try {
  let missed = 0
  for (const [what, n, files, args] of attacks) {
    const folders = [shop, files(n), files(4 * n)].map(folderOf)
    const rows = folders.map(() => [])
    for (let round = 0; round < rounds; round++)
      for (const [k, folder] of folders.entries())
        rows[k].push(measure(folder, args.includes('schema.json') && k === 0 ? validate : args))
    const [bare, small, large] = rows.map(least)
    // What a run takes beyond a bare one cannot be told from chance below some milliseconds.
    const ratio = Math.max(large.time - bare.time, 0) / Math.max(small.time - bare.time, 10)
    const isMet = ratio <= most
    if (!isMet) missed++
    const cells = [
      shown(small.time, 'ms'),
      shown(large.time, 'ms'),
      Number.isFinite(ratio) ? ratio.toFixed(1) : '-',
      shown(large.memory, 'MB'),
    ]
    const title = [what, ' (n = ', n, ')'].join('')
    const columns = cells.map((cell) => cell.padStart(10)).join('')
    console.log(`${title.padEnd(64)}${columns}  ${isMet ? 'met' : 'MISSED'}`)
    for (const folder of folders) rmSync(folder, { recursive: true })
  }
  process.exitCode = missed === 0 ? 0 : 1
} finally {
  rmSync(root, { recursive: true, force: true })
}
