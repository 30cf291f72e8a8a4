// The one executable, as `npm run executable` builds it, where a Node is at hand that can: it needs no Node, and nothing else
// beside it.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import manifest from '../../package.json' with { type: 'json' }
import { service } from './manifests.js'
import { type Ran, Sandbox } from './sandbox.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const test = suite('executable')

/** A Node that builds executables by itself. */
const node = [path.join(root, '.ci/nodes/node_modules/node-26/bin/node'), process.execPath].find(
  (one) =>
    existsSync(one) && Number(/^v(\d+)/.exec(spawnSync(one, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) >= 26,
)

const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-executable-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const program = path.join(folder, 'kn-rollout')

type More = { readonly environment?: Readonly<Record<string, string>>; readonly stdin?: string }

function run(box: Sandbox, args: readonly string[], { environment = {}, stdin = '' }: More = {}): Ran {
  const env = { PATH: process.env['PATH'] ?? '', HOME: box.root, ...environment }
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: box.root, env, input: stdin, encoding: 'utf8' })
  return { status, stdout, stderr }
}

if (node === undefined) {
  console.log('skipped: no Node 26 is here (`npm run test:nodes` fetches it), so no executable is built')
  test('without a Node to put the program into, it is not built', () => {
    const { status } = spawnSync(
      process.execPath,
      ['.executable/build.mjs', '--node', '/nowhere', '--output', program],
      {
        cwd: root,
      },
    )
    assert.is.not(status, 0)
    assert.not.ok(existsSync(program))
  })
} else {
  test('it is built, and is no larger than it must be', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['.executable/build.mjs', '--node', node, '--output', program],
      { cwd: root, encoding: 'utf8' },
    )
    assert.equal([status, stderr], [0, ''])
    assert.match(stdout, /kn-rollout: \d+\.\d MB\n$/)
    assert.ok(statSync(program).size < 12e6 + statSync(node).size)
    assert.ok(readFileSync(program).includes(readFileSync(path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'))))
  })

  test('--version, --help and what else is loaded when it is needed', () => {
    const box = new Sandbox()
    assert.equal(run(box, ['--version']), {
      status: 0,
      stdout: `${manifest.version} (models Knative Serving 1.23)\n`,
      stderr: '',
    })
    for (const args of [
      ['--help'],
      ['explain', 'KN301'],
      ['completion', 'bash'],
      ['stages'],
      ['create', 'a', '--image', 'b:1'],
    ])
      assert.equal(run(box, args), box.run(args), args.join(' '))
    assert.equal(run(box, ['aply']), box.run(['aply']))
    assert.match(run(box, ['__complete', 'apply', 'sp']).stdout, 'split')
  })

  test('a move, a schema of a cluster and every format are what the program prints', () => {
    const schema = readFileSync(path.join(root, 'schemas/service.json'), 'utf8')
    const box = Sandbox.committed({ 'shop.yaml': service(), 'schema.json': schema })
    const apply = ['apply', 'pin', 'shop.yaml', '--stable', 'example-service-00001']
    assert.equal(run(box, apply), box.run(apply))
    for (const format of ['json', 'sarif', 'junit', 'markdown', 'github', 'gitlab', 'rdjsonl']) {
      const args = ['validate', 'shop.yaml', '--format', format]
      assert.equal(run(box, args), box.run(args), format)
    }
    const other = ['validate', 'shop.yaml', '--schema', 'schema.json']
    assert.equal(run(box, other), box.run(other))
    const piped = ['validate', '-']
    assert.equal(run(box, piped, { stdin: service() }), box.run(piped, { stdin: service() }))
  })

  test('without Git it says so, and what needs none works', () => {
    const box = Sandbox.committed({ 'shop.yaml': service() })
    const environment = { PATH: path.join(folder, 'nothing') }
    const check = run(box, ['check', '--since', 'HEAD'], { environment })
    assert.equal([check.status, check.stderr], [3, 'kn-rollout: not checked: git is not on the PATH\n'])
    assert.is(run(box, ['validate', 'shop.yaml'], { environment }).status, 0)
  })

  test('what the environment says to Node, and what lies beside it, is nothing to it', () => {
    const box = new Sandbox()
    box.write({
      'hook.cjs': 'console.log("hooked")',
      'program.js': 'console.log("hooked")',
      '.env': 'NODE_OPTIONS=--foo',
    })
    const environment = { NODE_OPTIONS: `--require ${box.path('hook.cjs')}`, NODE_PATH: box.root }
    assert.equal(run(box, ['stages'], { environment }), box.run(['stages']))
    const { stderr } = run(box, ['--inspect'])
    assert.not.match(stderr, /Debugger|experimental/i)
  })

  test('the walkthrough of the README', () => {
    const [, script = ''] = /^```bash\n([^]*?)^```$/m.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? []
    const box = new Sandbox()
    mkdirSync(box.path('bin'))
    symlinkSync(program, box.path('bin/kn-rollout'))
    const who = { NAME: 'reader', EMAIL: 'reader@example.com' }
    const names = Object.entries(who).flatMap(([key, value]) =>
      ['AUTHOR', 'COMMITTER'].map((role) => [`GIT_${role}_${key}`, value]),
    )
    const environment = {
      PATH: `${box.path('bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      ...(Object.fromEntries(names) as Readonly<Record<string, string>>),
    }
    const { status, stderr } = box.shell(`set -e\n${script}`, { environment })
    assert.is(status, 0, stderr)
    assert.match(
      box.read('shop-rollout/shop.yaml'),
      /traffic:\n +- revisionName: shop-v2\n +percent: 100\n +tag: v2\n$/,
    )
  })

  const isRoot = process.getuid?.() === 0
  if (!isRoot) console.log('skipped: only root can change the root directory, so the tree of the image is not run')
  else
    test('in the tree of the image: it, Git, and the libraries of both', () => {
      const tree = path.join(folder, 'tree')
      // What the image has of Debian, as far as the two programs load it.
      const put = (file: string, place = file): void => {
        mkdirSync(path.dirname(tree + place), { recursive: true })
        copyFileSync(file, tree + place)
      }
      const git = spawnSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim()
      put(program, '/usr/local/bin/kn-rollout')
      put(git, '/usr/bin/git')
      for (const file of [program, git])
        for (const [, library = ''] of spawnSync('ldd', [file], { encoding: 'utf8' }).stdout.matchAll(/(\/\S+) \(0x/g))
          put(library)
      mkdirSync(`${tree}/tmp`, { mode: 0o1777 })
      // A container has it.
      mkdirSync(`${tree}/dev`)
      writeFileSync(`${tree}/dev/null`, '')
      chmodSync(`${tree}/dev/null`, 0o666)
      // A run in another root directory begins at its top: there is the repository.
      cpSync(Sandbox.committed({ 'shop.yaml': service(), '.gitignore': '/usr/\n/lib*/\n/tmp/\n/dev/\n' }).root, tree, {
        recursive: true,
      })
      spawnSync('chown', ['-R', '65532:65532', tree])
      const inside = (...args: readonly string[]): Ran => {
        const user = ['--userspec=65532:65532', tree, '/usr/local/bin/kn-rollout']
        const env = { PATH: '/usr/local/bin:/usr/bin', HOME: '/tmp' }
        const { status, stdout, stderr } = spawnSync('/usr/sbin/chroot', [...user, ...args], { env, encoding: 'utf8' })
        return { status, stdout, stderr }
      }
      assert.is(inside('--version').stdout, `${manifest.version} (models Knative Serving 1.23)\n`)
      const moved = inside('apply', 'pin', 'shop.yaml', '--stable', 'example-service-00001')
      assert.is(moved.status, 0, moved.stderr)
      assert.match(moved.stdout, /^\+ +- revisionName: example-service-00001$/m)
      const checked = inside('check', '--since', 'HEAD')
      assert.is(checked.status, 0, checked.stderr)
    })

  test('it starts about as fast as a Node that does nothing', () => {
    const box = new Sandbox()
    const time = (file: string, args: readonly string[]): number => {
      const begun = performance.now()
      spawnSync(file, args, { cwd: box.root, stdio: 'ignore' })
      return performance.now() - begun
    }
    const pairs = Array.from({ length: 9 }, () => [time(node, ['-e', '0']), time(program, ['--version'])] as const)
    const [bare, own] = [0, 1].map((index) => Math.min(...pairs.map((pair) => pair[index] ?? 0))) as [number, number]
    console.log(`  --version takes ${(own / bare).toFixed(2)} of a bare Node`)
    // The promise is 1.3 (bench/start.mjs); other work on the machine makes each of few runs longer.
    assert.ok(own < 2 * bare, `${own.toFixed()} ms, and Node alone ${bare.toFixed()} ms`)
  })
}

test.run()
