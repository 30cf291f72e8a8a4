// Links, devices, pipes and sockets in a repository that someone else wrote, and what users may pass instead of a file.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const test = suite('odd files')

const wrong = service('  traffic:\n    - latestRevision: true\n      percent: 50\n', { name: 'shop' })
const right = service('  traffic:\n    - latestRevision: true\n      percent: 100\n', { name: 'shop' })

/** In milliseconds: a run that waits for a pipe would never end. */
const patience = 60_000

function link(box: Sandbox, target: string, name: string): void {
  mkdirSync(path.dirname(box.path(name)), { recursive: true })
  rmSync(box.path(name), { force: true })
  symlinkSync(target, box.path(name))
}

function pipe(box: Sandbox, name: string): void {
  const { status } = spawnSync('mkfifo', [box.path(name)])
  if (status !== 0) throw new Error('mkfifo is not here')
}

/** Runs the program as a process that is ended where it waits. */
function timed(box: Sandbox, args: readonly string[], line?: string): Ran {
  const shell = line ?? '"$@"'
  const program = [process.execPath, new URL('../../dist/main.js', import.meta.url).pathname]
  const { status, stdout, stderr, signal } = spawnSync('bash', ['-c', shell, 'bash', ...program, ...args], {
    cwd: box.root,
    encoding: 'utf8',
    timeout: patience,
    maxBuffer: 64 * 1024 * 1024,
    input: '',
    env: { PATH: process.env['PATH'] ?? '', HOME: box.root, KN: program.join(' '), GIT_CONFIG_GLOBAL: '/dev/null' },
  })
  assert.is(signal, null, `${args.join(' ')} has not ended`)
  return { status, stdout, stderr }
}

const hasBash = spawnSync('bash', ['-c', ':']).status === 0
if (!hasBash) console.log('skipped: bash is not on the PATH, so nothing is passed by `<(…)`')

/** The codes that a run finds. */
function codes(ran: Ran): readonly string[] {
  return found(ran).map((one) => one.split(' ')[1] ?? '')
}

/** The codes that a run finds, with their files. */
function found({ stdout }: Ran): readonly string[] {
  return [...stdout.matchAll(/^(\S+?):\d+:\d+: \w+: .*\[(KN\d+) [\w-]+\]$/gm)].map(
    ([, file, code]) => `${file} ${code}`,
  )
}

test('a manifest behind a link is judged under the name of the link, whatever the other one is', () => {
  for (const tracked of [true, false]) {
    const box = Sandbox.committed({ impl: wrong, 'README.md': '' })
    link(box, 'impl', 'shop.yaml')
    if (tracked) box.commit()
    for (const args of [['validate'], ['validate', 'shop.yaml'], ['validate', '*.yaml']])
      assert.equal(found(box.run(args)), ['shop.yaml KN301'], args.join(' '))
    assert.match(box.run(['status']).stdout, /\bshop\b/)
    const { stdout } = box.run(['apply', 'pin', '--stable', 'shop-v1', '--all', '--force'])
    assert.match(stdout, /^--- a\/impl$/m)
  }
})

test('outside of Git as well, with and without ignore files', () => {
  for (const more of [{}, { '.gitignore': 'nothing\n' }]) {
    const box = new Sandbox()
    box.write({ 'apps/impl': wrong, ...more })
    link(box, 'impl', 'apps/shop.yaml')
    assert.equal(found(box.run(['validate'])), ['apps/shop.yaml KN301'])
    assert.equal(found(box.run(['validate', 'apps'])), ['apps/shop.yaml KN301'])
  }
})

test('a chain of links, one through a linked folder, and one through `..` lead to their file', () => {
  const box = Sandbox.committed({ 'impl/shop': wrong })
  link(box, 'impl', 'folder')
  link(box, '../folder/shop', 'a/second')
  link(box, 'a/second', 'first.yaml')
  box.commit()
  assert.equal(found(box.run(['validate'])), ['first.yaml KN301'])
  assert.equal(found(box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'])), ['first.yaml KN301'])
})

test('a file and a link to it are one, under the name of the file', () => {
  const box = Sandbox.committed({ 'z.yaml': wrong })
  link(box, 'z.yaml', 'a.yaml')
  for (const args of [['validate'], ['validate', 'a.yaml', 'z.yaml']])
    assert.equal(found(box.run(args)), ['z.yaml KN301'], args.join(' '))
  assert.equal(found(box.run(['validate', 'a.yaml'])), ['a.yaml KN301'])
  box.commit()
  assert.equal(found(box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD', '.'])), ['z.yaml KN301'])
  assert.equal(found(box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD', 'a.yaml'])), ['a.yaml KN301'])
})

test('check sees a manifest that became a link', () => {
  for (const head of [[], ['--head', 'HEAD']]) {
    const box = Sandbox.committed({ 'shop.yaml': right })
    box.write({ impl: wrong })
    link(box, 'impl', 'shop.yaml')
    if (head.length > 0) box.commit()
    const ran = box.run(['check', '--since', head.length > 0 ? 'HEAD~1' : 'HEAD', ...head])
    assert.is(ran.status, 1)
    assert.equal(found(ran), ['shop.yaml KN301'])
    assert.match(ran.stderr, /1 Knative Service in 1 file/)
  }
})

test('check sees that what a link leads to has changed, and that the link leads elsewhere', () => {
  for (const change of ['file', 'link']) {
    for (const head of [[], ['--head', 'HEAD']]) {
      const box = Sandbox.committed({ impl: right, other: wrong })
      link(box, 'impl', 'shop.yaml')
      box.commit()
      const base = box.git('rev-parse', 'HEAD').trim()
      if (change === 'file') box.write({ impl: wrong })
      else link(box, 'other', 'shop.yaml')
      if (head.length > 0) box.commit()
      const ran = box.run(['check', '--since', base, ...head])
      assert.equal(found(ran), ['shop.yaml KN301'], `${change} ${head.join(' ')}`)
      const quiet = box.run(['check', '--since', head.length > 0 ? 'HEAD' : base, ...head, 'other'])
      assert.not.match(quiet.stdout, 'shop.yaml')
    }
  }
})

/** Shares of two revisions. */
function traffic(v1: number): string {
  const targets = `    - revisionName: shop-v1\n      percent: ${v1}\n    - revisionName: shop-v2\n      percent: ${100 - v1}\n`
  return service(`  traffic:\n${targets}`, { name: 'shop', revision: 'shop-v2' })
}

test('check compares what links lead to on both sides', () => {
  const changed = traffic(90).replace('shop:1.0', 'shop:2.0')
  for (const head of [[], ['--head', 'HEAD']]) {
    const box = Sandbox.committed({ impl: traffic(100) })
    link(box, 'impl', 'shop.yaml')
    box.commit()
    box.write({ impl: changed })
    if (head.length > 0) box.commit()
    const ran = box.run(['check', '--since', head.length > 0 ? 'HEAD~1' : 'HEAD', ...head])
    assert.ok(found(ran).includes('shop.yaml KN501'), ran.stdout)
    const unchanged = box.run(['check', '--since', head.length > 0 ? 'HEAD' : 'HEAD', '--head', 'HEAD'])
    assert.equal(found(unchanged), [])
  }
})

test('what changed tells that a file behind a link did', () => {
  const box = Sandbox.committed({ impl: right })
  link(box, 'impl', 'shop.yaml')
  box.commit()
  box.write(
    Object.fromEntries(
      Array.from({ length: 3 }, (_, at) => [`a${at}.yaml`, wrong.replace('name: shop', `name: a${at}`)]),
    ),
  )
  box.commit()
  box.write({ impl: wrong })
  // What changed comes first there, and the text is that of the file, not of the link.
  const { stdout } = box.run(['validate', '--changed-since', 'HEAD', '--format', 'github'])
  assert.match(stdout, /^::error file=impl,/)
  assert.match(box.run(['validate', '--format', 'github']).stdout, /^::error file=a0\.yaml,/)
})

const secret = 'serving.knative.dev/ s3cr3t-of-the-runner'
const formats = ['text', 'json', 'github', 'gitlab', 'sarif', 'junit', 'markdown', 'rdjsonl']

const readers: readonly (readonly string[])[] = [
  ['validate'],
  ['validate', 'link.yaml', 'patched/patch.yaml'],
  ['check', '--since', 'HEAD~1'],
  ['check', '--since', 'HEAD~1', '--head', 'HEAD'],
  ['apply', 'pin', '--stable', 'a', '--all'],
]

test('no text of a file that is none of the tree shows in any format', () => {
  const away = new Sandbox()
  away.write({ secret: `a: [${secret}\n` })
  const targets = ['.git/config', '/proc/self/environ', '/etc/passwd', away.path('secret'), '../secret']
  for (const [shift, target] of targets.entries()) {
    const box = Sandbox.committed({ 'apps/shop.yaml': right })
    box.git('config', 'http.extraheader', `AUTHORIZATION: ${secret}`)
    writeFileSync(path.join(path.dirname(box.root), 'secret'), `a: [${secret}\n`)
    box.write({
      'patched/kustomization.yaml':
        'resources: [../apps/shop.yaml]\npatches:\n  - path: patch.yaml\n  - path: odd.txt\n',
    })
    const from = (name: string): string =>
      target.startsWith('/') ? target : path.join(path.relative(path.dirname(name), '.'), target)
    for (const name of ['link.yaml', 'patched/patch.yaml', 'patched/odd.txt']) link(box, from(name), name)
    box.commit()
    const environment = { SECRET: secret, GITHUB_STEP_SUMMARY: box.path('.git/summary.md'), GITHUB_ACTIONS: 'true' }
    // Each command meets each format and each target, and each format each target.
    for (const [at, format] of formats.entries()) {
      const args = readers[(at + shift) % readers.length] ?? []
      const { stdout, stderr, status } = box.run([...args, '--format', format, '--step-summary'], { environment })
      const talk = `${stdout}${stderr}`
      assert.not.match(talk, /s3cr3t|root:x|AUTHORIZATION/, `${target} ${args.join(' ')} ${format}`)
      assert.is(status, 1, `${target} ${args.join(' ')} ${format}\n${talk}`)
      assert.match(talk, 'KN423', `${target} ${args.join(' ')} ${format}`)
    }
    assert.not.match(box.read('.git/summary.md'), /s3cr3t|root:x|AUTHORIZATION/)
    assert.match(box.read('.git/summary.md'), 'KN423')
    const text = box.run(['validate'], { environment })
    assert.equal([...new Set(found(text))].toSorted(), [
      'link.yaml KN423',
      'patched/odd.txt KN423',
      'patched/patch.yaml KN423',
    ])
    link(box, target, '.kn-rollout.yaml')
    for (const format of formats) {
      const { stdout, stderr, status } = box.run(['validate', '--format', format], { environment })
      assert.is(status, 2)
      assert.is(stdout, '')
      assert.match(stderr, /^kn-rollout: \.kn-rollout\.yaml: the symbolic link leads [^\n]*\n$/)
    }
    assert.is(box.run(['__complete', 'apply', ''], { environment }).stdout, '')
  }
})

test('a link out of the repository is refused whoever names it: an argument, an option, a kustomization', () => {
  const away = new Sandbox()
  away.write({ 'shop.yaml': wrong, 'schema.json': '{}', 'kustomization.yaml': 'resources: [shop.yaml]\n' })
  const box = Sandbox.committed({
    'shop.yaml': right,
    'over/kustomization.yaml': 'resources: [../out, ../shop.yaml]\n',
  })
  link(box, away.root, 'out')
  for (const name of ['shop.yaml', 'schema.json']) link(box, away.path(name), `link-${name}`)
  assert.equal(found(box.run(['validate', 'link-shop.yaml', 'out/shop.yaml'])), [
    'link-shop.yaml KN423',
    'out/shop.yaml KN423',
  ])
  assert.equal(found(box.run(['validate', 'out'])), ['out KN423'])
  assert.ok(found(box.run(['validate', 'over', 'shop.yaml'])).includes('out/kustomization.yaml KN423'))
  for (const option of ['--schema', '--config']) {
    const ran = box.run(['validate', 'shop.yaml', option, 'link-schema.json'])
    assert.is(ran.status, 2)
    assert.match(ran.stderr, /^kn-rollout: link-schema\.json: the symbolic link leads out/)
  }
})

test('a link to another repository leads out of this one, whatever names what is in it', () => {
  const away = Sandbox.committed({ 'shop.txt': service('', { name: 'away' }), 'a.yaml': wrong })
  const box = Sandbox.committed({ 'shop.yaml': right, 'kustomization.yaml': 'resources: [shop.yaml]\n' })
  link(box, away.root, 'aa')
  link(box, path.dirname(away.root), 'deep')
  const below = `deep/${path.basename(away.root)}`
  box.write({ 'kustomization.yaml': `resources: [aa/shop.txt, ${below}/shop.txt, aa/a.yaml, shop.yaml]\n` })
  box.commit()
  for (const args of [
    ['validate'],
    ['validate', 'kustomization.yaml', 'shop.yaml'],
    ['check', '--since', 'HEAD~1'],
    ['status'],
  ]) {
    const { stdout, stderr } = box.run(args)
    assert.not.match(stdout + stderr, 'away', args.join(' '))
    assert.match(stdout + stderr, 'KN423', args.join(' '))
  }
})

test('a folder that became a link to itself is no reason to stop', () => {
  const box = Sandbox.committed({ 'a/kustomization.yaml': 'resources: [../shop.yaml]\n', 'shop.yaml': right })
  rmSync(box.path('a'), { recursive: true })
  link(box, 'a', 'a')
  box.write({ 'shop.yaml': `${right}# changed\n` })
  box.commit()
  for (const args of [
    ['check', '--since', 'HEAD~1'],
    ['check', '--since', 'HEAD~1', '--head', 'HEAD'],
    ['validate'],
    ['status'],
  ])
    assert.not.match(box.run(args).stderr, 'internal error', args.join(' '))
})

test('a link into a nested repository is one into `.git` where it leads there', () => {
  const box = Sandbox.committed({ 'shop.yaml': right })
  box.git('init', '--quiet', 'nested')
  box.write({ 'nested/x.yaml': wrong })
  link(box, 'nested/.git/config', 'a.yaml')
  link(box, 'nested/x.yaml', 'b.yaml')
  assert.equal(found(box.run(['validate', 'a.yaml', 'b.yaml'])), ['a.yaml KN423', 'b.yaml KN301'])
})

test('where Git keeps its own in another folder of the tree, a link there is refused', () => {
  const box = new Sandbox()
  box.git('init', '--quiet', '--separate-git-dir', box.path('kept'))
  link(box, 'kept/config', 'a.yaml')
  assert.equal(found(box.run(['validate'])), ['a.yaml KN423'])
})

test('links that lead nowhere, in circles or to a folder', () => {
  const box = Sandbox.committed({ 'impl/shop.yaml': wrong })
  link(box, 'nowhere', 'nowhere.yaml')
  link(box, 'circle.yaml', 'circle.yaml')
  link(box, 'impl', 'folder.yaml')
  link(box, 'editor@host.1', '.#shop.yaml')
  box.commit()
  const ran = box.run(['validate'])
  assert.equal(found(ran).toSorted(), ['circle.yaml KN114', 'impl/shop.yaml KN301', 'nowhere.yaml KN114'])
  const committed = box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'])
  assert.equal(found(committed), ['circle.yaml KN114', 'nowhere.yaml KN114'])
})

test('devices, pipes and sockets are refused by name, and nothing waits for them', async () => {
  const box = Sandbox.committed({
    'apps/shop.yaml': right,
    'apps/gone.yaml': right.replaceAll('name: shop', 'name: gone'),
    'apps/kustomization.yaml': 'resources: [shop.yaml, named.yaml, listed]\n',
  })
  for (const name of ['apps/named.yaml', 'apps/listed', 'apps/stray.yaml']) pipe(box, name)
  rmSync(box.path('apps/gone.yaml'))
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(box.path('apps/gone.yaml'), resolve))
  try {
    for (const args of [['validate'], ['validate', 'apps/shop.yaml', 'apps/gone.yaml', 'apps/stray.yaml']]) {
      const ran = timed(box, args)
      assert.is(ran.status, 1, ran.stderr)
      const files = new Set(found(ran))
      assert.ok(files.has('apps/gone.yaml KN114'), ran.stdout)
      assert.ok(files.has('apps/named.yaml KN114'), ran.stdout)
      assert.ok(files.has('apps/listed KN114'), ran.stdout)
    }
    for (const args of [
      ['check', '--since', 'HEAD'],
      ['status'],
      ['apply', 'pin', '--stable', 'a', '--all'],
      ['next'],
      ['set', 'apps', '--traffic', 'a=100'],
      ['validate', '--fix'],
      ['__complete', 'status', '--service', ''],
      ['create', 'cart', '--image', 'example.com/cart:1', '--output', 'apps/cart.yaml'],
    ])
      timed(box, args)
    assert.equal(found(timed(box, ['check', '--since', 'HEAD'])), ['apps/gone.yaml KN114', 'apps/listed KN114'])
  } finally {
    server.close()
  }
})

test('a pipe for a configuration, a kustomization or an ignore file is not waited for', () => {
  const box = new Sandbox()
  box.write({ 'apps/shop.yaml': right })
  pipe(box, 'apps/kustomization.yaml')
  assert.ok(found(timed(box, ['validate', 'apps/shop.yaml'])).includes('apps/kustomization.yaml KN114'))
  assert.is(timed(box, ['create', 'cart', '--image', 'example.com/cart:1', '--output', 'apps/cart.yaml']).status, 2)
  rmSync(box.path('apps/kustomization.yaml'))
  pipe(box, '.gitignore')
  timed(box, ['validate'])
  timed(box, ['validate', 'apps/*.yaml'])
  rmSync(box.path('.gitignore'))
  link(box, '/dev/zero', '.gitignore')
  timed(box, ['validate'])
  pipe(box, '.kn-rollout.yaml')
  const { status, stderr } = timed(box, ['validate'])
  assert.equal(
    [status, stderr.split('\n')[0]],
    [2, 'kn-rollout: .kn-rollout.yaml: it is a device, a pipe or a socket; must be a regular file'],
  )
})

test('a pipe that stood for a device outside of Git is refused as well', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': right })
  pipe(box, 'x.yaml')
  link(box, '/dev/zero', 'y.yaml')
  for (const args of [['validate'], ['status'], ['apply', 'pin', '--all', '--stable', 'a']])
    assert.match(timed(box, args).stdout + timed(box, args).stderr, /x\.yaml.*KN114/)
  assert.equal(found(timed(box, ['validate'])), ['x.yaml KN114', 'y.yaml KN423'])
})

if (hasBash) {
  test('what users name may be a pipe', () => {
    const box = Sandbox.committed({ 'shop.yaml': wrong, 'rules.yaml': 'rules:\n  KN301: off\n' })
    const piped = timed(box, [], '$KN validate <(cat shop.yaml)')
    assert.is(piped.status, 1, piped.stderr)
    assert.match(piped.stdout, /^\/dev\/fd\/\d+:\d+:\d+: error: .* \[KN301 traffic-sum\]$/m)
    const silent = timed(box, [], '$KN validate shop.yaml --config <(cat rules.yaml)')
    assert.is(silent.status, 0, silent.stderr)
    assert.match(
      timed(box, [], 'cat shop.yaml | $KN validate /dev/stdin').stdout,
      /^\/dev\/stdin:\d+:\d+: error: .* \[KN301 traffic-sum\]$/m,
    )
    assert.match(timed(box, [], '$KN validate shop.yaml --schema <(echo "{")').stderr, /^kn-rollout: \/dev\/fd\/\d+:/)
    const live = timed(box, [], '$KN apply pin --stable a --all --live <(echo "kind: x")')
    assert.match(live.stdout + live.stderr, /KN192/)
    const written = timed(box, [], '$KN validate --fix --write <(cat shop.yaml)')
    assert.equal([written.status, written.stdout], [2, ''])
    assert.match(written.stderr, /cannot write `\/dev\/fd\/63`: it is a pipe; use `-` to pass the result on/)
    assert.is(timed(box, [], '$KN check --since HEAD <(cat shop.yaml)').status, 2)
  })

  test('a source without an end is read up to the limit', () => {
    const box = Sandbox.committed({ 'shop.yaml': right })
    for (const line of [
      '$KN validate /dev/zero',
      '$KN validate - </dev/zero',
      '$KN validate <(yes "a: b")',
      '$KN validate /dev/stdin </dev/zero',
    ]) {
      const ran = timed(box, [], line)
      assert.is(ran.status, 1, `${line}: ${ran.stderr}`)
      assert.match(ran.stdout, /the file is too large; must be at most 8\.0 MiB/m)
    }
    for (const option of ['--config', '--schema', '--live']) {
      const command = option === '--live' ? 'apply pin --all --stable a' : 'validate'
      const ran = timed(box, [], `$KN ${command} shop.yaml ${option} /dev/zero`)
      assert.equal(
        [ran.status, ran.stderr],
        [2, 'kn-rollout: /dev/zero: the file is too large; must be at most 8.0 MiB\n'],
      )
    }
    assert.is(timed(box, [], '$KN fn </dev/zero').status, 2)
  })
}

test('a sparse file of 3 GB is too large, and read by nobody', () => {
  const box = Sandbox.committed({ 'shop.yaml': right })
  box.write({ 'large.yaml': wrong })
  truncateSync(box.path('large.yaml'), 3 * 1024 ** 3)
  box.write({ 'data.json': '{}' })
  truncateSync(box.path('data.json'), 64 * 1024 ** 2)
  for (const args of [['validate'], ['validate', 'large.yaml', 'shop.yaml'], ['check', '--since', 'HEAD']]) {
    const ran = box.run(args)
    assert.is(ran.status, 1, ran.stderr)
    assert.equal(found(ran), ['large.yaml KN104'])
  }
})

test('large blobs of a commit are found by their size, and nothing of them is kept', () => {
  const box = Sandbox.committed({ 'shop.yaml': right })
  for (let at = 0; at < 4; at++) {
    const name = box.path(`large-${at}.yaml`)
    writeFileSync(name, at === 0 ? `# ${'x'.repeat(9 * 1024 ** 2)}\n` : `${wrong}# ${at}\n`)
    truncateSync(name, 60 * 1024 ** 2)
  }
  box.commit()
  const program = new URL('../../dist/main.js', import.meta.url).pathname
  const meter = box.path('.git/meter.mjs')
  writeFileSync(meter, `process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))\n`)
  const ran = spawnSync(
    process.execPath,
    ['--import', meter, program, 'check', '--since', 'HEAD~1', '--head', 'HEAD'],
    {
      cwd: box.root,
      encoding: 'utf8',
    },
  )
  assert.equal(found(ran), ['large-1.yaml KN104', 'large-2.yaml KN104', 'large-3.yaml KN104'])
  const peak = Number(/^peak (\d+)$/m.exec(ran.stderr)?.[1])
  assert.ok(peak < 180 * 1024, `${peak} KiB`)
  box.write({ 'large-1.yaml': right })
  box.commit()
  assert.is(box.run(['status']).status, 0)
})

test('a report does not follow a link out of the repository, or into `.git`', () => {
  const away = new Sandbox()
  away.write({ kept: 'x' })
  const box = Sandbox.committed({ 'shop.yaml': right })
  link(box, away.path('kept'), 'out.json')
  link(box, '.git/config', 'config.json')
  const config = box.read('.git/config')
  for (const name of ['out.json', 'config.json']) {
    const ran = box.run(['validate', 'shop.yaml', '--format', 'json', '--output', name])
    assert.is(ran.status, 2, ran.stdout)
    assert.match(ran.stderr, /: the symbolic link leads (?:out of the repository|into `\.git`)\n$/)
  }
  assert.equal([box.read('.git/config'), away.read('kept')], [config, 'x'])
})

test('a kustomization that lists a link builds the file that it leads to', () => {
  const box = Sandbox.committed({
    'apps/impl.yaml': right,
    'prod/kustomization.yaml': 'resources: [shop.yaml]\npatches:\n  - path: patch\n',
    'prod/patch':
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop, namespace: shop}\nspec:\n  traffic:\n    - latestRevision: true\n      percent: 100\n',
  })
  link(box, '../apps/impl.yaml', 'prod/shop.yaml')
  box.commit()
  const plain = Sandbox.committed({
    'prod/kustomization.yaml': 'resources: [shop.yaml]\npatches:\n  - path: patch.yaml\n',
    'prod/shop.yaml': right,
    'prod/patch.yaml': box.read('prod/patch'),
  })
  assert.equal(codes(box.run(['validate'])), codes(plain.run(['validate'])))
  assert.ok(codes(plain.run(['validate'])).length > 0)
})

test('what kuttl and chainsaw compare with live objects is skipped, beside a test of theirs alone', () => {
  const part = wrong.replace(/  template:[^]*?(?=  traffic)/, '')
  const box = Sandbox.committed({
    'kuttl-test.yaml': 'apiVersion: kuttl.dev/v1beta1\nkind: TestSuite\n',
    'e2e/split/00-install.yaml': right,
    'e2e/split/00-assert.yaml': part,
    'e2e/split/01-errors.yaml': part,
    'alone/00-assert.yaml': part,
    'saw/chainsaw-test.yaml': 'apiVersion: chainsaw.kyverno.io/v1alpha1\nkind: Test\n',
    'saw/chainsaw-assert.yaml': part,
    'listed/chainsaw-test.yaml': 'kind: Test\n',
    'listed/app-assert.yaml': wrong,
    'listed/kustomization.yaml': 'resources:\n- app-assert.yaml\n',
  })
  const skipped = ['e2e/split/00-assert.yaml KN125', 'e2e/split/01-errors.yaml KN125', 'saw/chainsaw-assert.yaml KN125']
  const refused = found(box.run(['validate'])).toSorted()
  assert.equal(
    refused.filter((one) => one.endsWith('KN125')),
    skipped,
  )
  assert.ok(refused.includes('alone/00-assert.yaml KN203'))
  assert.ok(refused.includes('listed/app-assert.yaml KN301'))
})

test.run()
