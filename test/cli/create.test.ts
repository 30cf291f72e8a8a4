// New manifests on real trees, by the real program; kustomize reads what it has written.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { hasKubectl, kustomize } from '../kubectl.js'
import { Sandbox, isRoot, type Ran } from './sandbox.js'

const test = suite('create on the command line')
const shop = ['create', 'shop', '--image', 'ghcr.io/acme/shop:1.0'] as const
const kustomization = 'resources:\n  - cart.yaml # first\n'

/** A repository with one Service that a kustomization lists. */
function repository(): Sandbox {
  return Sandbox.committed({
    'apps/kustomization.yaml': kustomization,
    'apps/cart.yaml': service('', { name: 'cart', namespace: 'prod' }),
  })
}

function fails(ran: Ran, status: number, message: RegExp): void {
  assert.is(ran.status, status, ran.stderr)
  assert.is(ran.stdout, '')
  assert.match(ran.stderr, message)
  assert.is(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr)
}

const fixtures = new URL('../../fixtures/create/', import.meta.url)
for (const name of readdirSync(fixtures).filter((file) => file.endsWith('.yaml'))) {
  test(`prints fixtures/create/${name}, and validate has nothing to say about it`, () => {
    const args = JSON.parse(readFileSync(new URL(name.replace('.yaml', '.args.json'), fixtures), 'utf8')) as string[]
    const box = new Sandbox()
    const before = box.snapshot()
    const ran = box.run(['create', ...args])
    assert.is(ran.status, 0, ran.stderr)
    assert.is(ran.stdout, readFileSync(new URL(name, fixtures), 'utf8'))
    assert.match(ran.stderr, /^URL: http:\/\/shop\..*\nnext: .*\n$/)
    assert.equal(box.snapshot(), before, 'nothing is written')
    const judged = box.run(['validate', '-', '--strict'], { stdin: ran.stdout })
    assert.is(judged.status, 0, judged.stdout)
    assert.is(judged.stdout, '')
  })
}

test('writes a file, lists it in the kustomization beside it, and says what comes next', () => {
  const box = repository()
  const ran = box.run([...shop, '--namespace', 'prod', '--output', 'apps/shop.yaml'])
  assert.is(ran.status, 0, ran.stderr)
  assert.is(ran.stdout, '')
  assert.is(
    ran.stderr,
    `apps/shop.yaml written, and apps/kustomization.yaml lists it
URL: http://shop.prod.example.com (add --domain for the domain of your cluster)
next: commit it; for the next version run: kn-rollout release apps/shop.yaml --image :TAG
`,
  )
  assert.is(box.read('apps/kustomization.yaml'), `${kustomization}  - shop.yaml\n`)
  assert.is(box.read('apps/shop.yaml'), box.run([...shop, '--namespace', 'prod']).stdout)
  assert.is(statSync(box.path('apps/shop.yaml')).mode & 0o777, 0o666 & ~process.umask())
  assert.equal(readdirSync(box.path('apps')).toSorted(), ['cart.yaml', 'kustomization.yaml', 'shop.yaml'])
  assert.is(box.run(['validate', '--strict']).status, 0)
})

test('kustomize builds what was written', () => {
  if (!hasKubectl) return console.log('skipped: kubectl is not here')
  for (const text of [kustomization, 'namespace: prod\n', 'resources: [cart.yaml]', '{"resources": ["cart.yaml"]}\n']) {
    const box = repository()
    box.write({ 'apps/kustomization.yaml': text })
    assert.is(box.run([...shop, '--output', 'apps/shop.yaml', '--env', 'DEBUG=on']).status, 0)
    const { status, stdout, stderr } = kustomize(box.path('apps'))
    assert.is(status, 0, stderr)
    assert.match(stdout, /name: DEBUG\n +value: "on"\n[^]*revisionName: shop-v1\n/)
  }
  return undefined
})

test('the first release after it: a new image and name, then a preview', () => {
  const box = repository()
  box.run([...shop, '--output', 'apps/shop.yaml'])
  box.write({
    'apps/shop.yaml': box.read('apps/shop.yaml').replace('shop:1.0', 'shop:2.0').replace('shop-v1', 'shop-v2'),
  })
  const ran = box.run(['apply', 'preview', 'apps/shop.yaml', '--tag', 'v2', '--write'])
  assert.is(ran.status, 0, ran.stderr)
  assert.match(
    ran.stderr,
    /^shop: preview: shop-v1 100%, shop-v2 0% \(new, tag v2\)\n {2}stable shop-v1 .*\n {2}candidate shop-v2 /,
  )
  assert.is(box.run(['validate', '--strict']).status, 0)
})

test('a file that is there is replaced only with --force', () => {
  const box = repository()
  const args = [...shop, '--output', 'apps/shop.yaml']
  assert.is(box.run(args).status, 0)
  box.commit()
  const before = box.snapshot()
  fails(box.run(args), 2, /apps\/shop\.yaml: the file exists already; `--force` replaces it/m)
  assert.equal(box.snapshot(), before)
  const again = box.run([...args, '--force'])
  assert.is(again.status, 0, again.stderr)
  assert.match(again.stderr, /^apps\/shop\.yaml written, and apps\/kustomization\.yaml lists it already$/m)
  assert.is(box.git('status', '--short'), '')
  chmodSync(box.path('apps/shop.yaml'), 0o640)
  assert.is(box.run([...args, '--force', '--generated-names']).status, 0)
  assert.not.match(box.read('apps/shop.yaml'), /traffic|readinessProbe/)
  assert.is(statSync(box.path('apps/shop.yaml')).mode & 0o777, 0o640)
})

test('bytes that are no text are replaced as well', () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': Uint8Array.from([0xff, 0x00, 0x80]) })
  assert.is(box.run([...shop, '--output', 'apps/shop.yaml', '--force']).status, 0)
  assert.match(box.read('apps/shop.yaml'), /^apiVersion/)
})

const places: readonly (readonly [output: string, message: RegExp])[] = [
  ['apps/cart.yaml/x.yaml', /cannot make its directory: `apps\/cart\.yaml` is a file/],
  ['apps/cart.yaml/x/y.yaml', /cannot make its directory: `apps\/cart\.yaml` is a file/],
  ['../new/shop.yaml', /\.\.\/new\/shop\.yaml: is outside of \S+; run the command where it belongs/],
  ['.git/new/shop.yaml', /\.git\/new\/shop\.yaml: is in `\.git`; write the manifest to another place/],
  ['../shop.yaml', /^kn-rollout: \.\.\/shop\.yaml: is outside of \//m],
  ['out/shop.yaml', /out\/shop\.yaml: is outside of \S+; run the command where it belongs/],
  ['link.yaml', /the file exists already; `--force` replaces it/],
  ['folder.yaml', /folder\.yaml: is a directory; must be a file/m],
  [
    'apps/kustomization.yml',
    /^kn-rollout: `--output` is `apps\/kustomization\.yml`; must be a file in `\.yaml` or `\.yml`/,
  ],
  ['apps/shop.json', /`--output` is `apps\/shop\.json`; must be a file in `\.yaml` or `\.yml`/],
  ['apps/.yaml', /`--output` is `apps\/\.yaml`; must be a file/],
  ['', /^kn-rollout: `--output` is empty; must be a file, or `-` for stdout$/m],
]
for (const [output, message] of places) {
  test(`refuses the place ${JSON.stringify(output)} and touches nothing`, () => {
    const box = repository()
    mkdirSync(box.path('folder.yaml'))
    symlinkSync(new Sandbox().root, box.path('out'))
    symlinkSync('apps/cart.yaml', box.path('link.yaml'))
    const before = box.snapshot()
    fails(box.run([...shop, '--output', output]), 2, message)
    assert.equal(box.snapshot(), before)
  })
}

test('--force follows a link inside of the repository, and no other', () => {
  const box = repository()
  symlinkSync('apps/cart.yaml', box.path('link.yaml'))
  symlinkSync('/dev/null', box.path('null.yaml'))
  symlinkSync('nowhere', box.path('broken.yaml'))
  const away = new Sandbox()
  away.write({ 'x.yaml': 'x: y\n' })
  symlinkSync(away.path('x.yaml'), box.path('out.yaml'))
  assert.is(box.run([...shop, '--force', '--output', 'link.yaml']).status, 0)
  assert.match(box.read('apps/cart.yaml'), /name: shop$/m)
  for (const name of ['null.yaml', 'broken.yaml'])
    fails(box.run([...shop, '--force', '--output', name]), 2, /cannot replace it: it is not a regular file$/m)
  fails(
    box.run([...shop, '--force', '--output', 'out.yaml']),
    2,
    /out\.yaml: the symbolic link leads out of the repository/,
  )
  symlinkSync('.git/config', box.path('config.yaml'))
  const config = box.read('.git/config')
  fails(box.run([...shop, '--force', '--output', 'config.yaml']), 2, /leads into `\.git`$/m)
  assert.is(box.read('.git/config'), config)
  symlinkSync('loop.yaml', box.path('loop.yaml'))
  fails(box.run([...shop, '--force', '--output', 'loop.yaml']), 3, /^kn-rollout: loop\.yaml: too many symbolic links$/m)
})

test('a folder that may not be looked into', () => {
  const box = repository()
  chmodSync(box.path('apps'), 0o644)
  box.giveAway()
  const ran = box.run([...shop, '--output', 'apps/shop.yaml'], { unprivileged: true })
  fails(ran, 3, /^kn-rollout: apps\/shop\.yaml: permission denied$/m)
})

test('a folder of the repository above the working directory will do', () => {
  const box = repository()
  mkdirSync(box.path('docs'))
  const ran = box.run([...shop, '--output', '../apps/shop.yaml'], { folder: 'docs' })
  assert.match(ran.stderr, /^\.\.\/apps\/shop\.yaml written, and \.\.\/apps\/kustomization\.yaml lists it$/m)
})

test('a kustomization that cannot be edited keeps everything as it is', () => {
  const box = repository()
  box.write({ 'apps/kustomization.yaml': 'x: &all\n- cart.yaml\nresources: *all\n' })
  const before = box.snapshot()
  const { status, stdout, stderr } = box.run([...shop, '--output', 'apps/shop.yaml'])
  assert.is(status, 1)
  assert.is(stdout, '')
  assert.match(stderr, /cannot edit `resources`: the alias `\*all` is in the way/)
  assert.match(stderr, /help: .* manually\n$/)
  assert.equal(box.snapshot(), before)
})

test('a kustomization that cannot be written keeps everything as it is', () => {
  const box = repository()
  chmodSync(box.path('apps/kustomization.yaml'), 0o444)
  const before = box.snapshot()
  fails(box.run([...shop, '--output', 'apps/shop.yaml']), 3, /the file is read-only; nothing was written$/m)
  assert.equal(box.snapshot(), before)
})

test('two kustomizations in one folder, one that is no text, one out of the repository', () => {
  const box = repository()
  box.write({ 'two/kustomization.yaml': '', 'two/Kustomization': '', 'odd/kustomization.yml': Uint8Array.from([0xff]) })
  mkdirSync(box.path('away'))
  const away = new Sandbox()
  away.write({ Kustomization: '' })
  symlinkSync(away.path('Kustomization'), box.path('away/Kustomization'))
  fails(
    box.run([...shop, '--output', 'two/shop.yaml']),
    2,
    /two\/kustomization\.yaml: kustomize accepts one kustomization file in a directory, but there is Kustomization as well/m,
  )
  fails(
    box.run([...shop, '--output', 'odd/shop.yaml']),
    2,
    /odd\/kustomization\.yml: the file is not UTF-8: invalid bytes in line 1 \(byte 1\)/m,
  )
  fails(
    box.run([...shop, '--output', 'away/shop.yaml']),
    2,
    /away\/Kustomization: the symbolic link leads out of the repository/m,
  )
})

test('a folder that takes no files', () => {
  if (!isRoot) return
  const box = repository()
  box.giveAway()
  chmodSync(box.path('apps'), 0o555)
  fails(
    box.run([...shop, '--output', 'apps/shop.yaml'], { unprivileged: true }),
    3,
    /apps\/shop\.yaml: permission denied; nothing was written$/m,
  )
})

test('a Service of the same name is the same object, unless it is a patch or in another namespace', () => {
  const box = repository()
  box.write({
    'old/cart.yml': service('', { name: 'cart', namespace: 'prod' }),
    'dev/cart.yaml': service('', { name: 'cart' }),
  })
  const { status, stderr } = box.run(['create', 'cart', '--image', 'nginx', '-n', 'prod', '--output', 'new.yaml'])
  assert.is(status, 0)
  assert.equal(
    stderr.split('\n').filter((line) => line.startsWith('warning')),
    ['apps/cart.yaml', 'old/cart.yml'].map(
      (file) => `warning: ${file} has a Service \`prod/cart\`, too: both make one object`,
    ),
  )
  const overlay = Sandbox.committed({
    'base/cart.yaml': service('', { name: 'cart' }).replace(/ {2}namespace.*\n/, ''),
    'base/kustomization.yaml': 'patches: [{path: cart.yaml}]\n',
    'cart.yaml': service('', { name: 'cart' }).replace(/ {2}namespace.*\n/, ''),
  })
  assert.match(
    overlay.run(['create', 'cart', '--image', 'nginx', '--output', 'new.yaml']).stderr,
    /^warning: cart\.yaml has a Service `cart`, too: both make one object unless they are applied to different namespaces\nnew/,
  )
  const delivered = Sandbox.committed({
    'web/cart.yaml': service('', { name: 'cart' }).replace(/ {2}namespace.*\n/, ''),
    'argo.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source: {repoURL: https://git.example.com/a.git, path: web}
  destination: {namespace: prod}
`,
  })
  assert.match(
    delivered.run(['create', 'cart', '--image', 'nginx', '-n', 'prod', '--output', 'new.yaml']).stderr,
    /^warning: web\/cart\.yaml has a Service `prod\/cart`, too: both make one object\nnew/,
  )
})

test('makes the directory of the file, takes --write, and leaves no directory where nothing is written', () => {
  const box = repository()
  const { status, stderr } = box.run([...shop, '--output', 'apps/search/v1/service.yaml', '--write'])
  assert.equal([status, stderr.split('\n')[0]], [0, 'apps/search/v1/service.yaml written'], stderr)
  assert.is(box.run(['validate', 'apps/search', '--strict']).status, 0)
  fails(box.run([...shop, '--write']), 2, /`--write` needs a file: add `--output FILE`/)
  box.giveAway()
  chmodSync(box.path('apps'), 0o555)
  const closed = box.run([...shop, '--output', 'apps/deep/er/service.yaml'], { unprivileged: true })
  chmodSync(box.path('apps'), 0o755)
  fails(closed, 3, /permission denied; nothing was written$/m)
  assert.not.ok(existsSync(box.path('apps/deep')))
})

test('refuses a second Service of one name in one kustomization, which kustomize would reject', () => {
  const box = Sandbox.committed({
    'apps/cart.yaml': service('', { name: 'cart', namespace: 'prod' }),
    'apps/kustomization.yaml': 'resources: [cart.yaml]\n',
  })
  const before = box.snapshot()
  const again = ['create', 'cart', '--image', 'nginx', '--output', 'apps/cart2.yaml']
  fails(
    box.run([...again, '-n', 'prod']),
    2,
    /`apps\/cart2\.yaml` and `apps\/cart\.yaml` would both be in `apps\/kustomization\.yaml`, which kustomize rejects/,
  )
  assert.equal(box.snapshot(), before)
  assert.is(box.run([...again, '-n', 'dev']).status, 0)
})

test('the namespace of a kustomization wins, and counts for the URL', () => {
  const box = repository()
  box.write({ 'apps/kustomization.yaml': 'namespace: live\n' })
  const { stderr } = box.run([...shop, '-n', 'prod', '--output', 'apps/shop.yaml'])
  assert.match(stderr, /apps\/kustomization\.yaml sets `namespace: live`, which overrides `prod`/)
  assert.match(stderr, /^URL: http:\/\/shop\.live\.example\.com /m)
  const agreed = box.run([...shop, '-n', 'live', '--output', 'apps/other.yaml'])
  assert.not.match(agreed.stderr, /sets `namespace/)
})

test('the URL as the cluster is configured', () => {
  const box = new Sandbox()
  const url = (...args: readonly string[]): string => /^URL: (.*)$/m.exec(box.run([...shop, ...args]).stderr)?.[1] ?? ''
  assert.is(url('--domain', 'apps.acme.io', '-n', 'prod'), 'http://shop.prod.apps.acme.io')
  const template = 'https://{{.Name}}-{{.Namespace}}.{{.Domain}}'
  assert.is(url('--url-template', template, '--domain', 'acme.io', '-n', 'prod'), 'https://shop-prod.acme.io')
  assert.is(
    url('--label', 'networking.knative.dev/visibility=cluster-local', '-n', 'prod'),
    'http://shop.prod.svc.cluster.local',
  )
})

test('what the cluster would refuse is told by flag, and nothing is printed or written', () => {
  const box = repository()
  const before = box.snapshot()
  const args = ['--env', 'PORT=1', '--scale', '5..1', '--label', 'a b=c', '--output', 'apps/shop.yaml']
  const { status, stdout, stderr } = box.run([...shop, ...args, '--annotation', 'autoscaling.knative.dev/x=1'])
  assert.is(status, 1)
  assert.is(stdout, '')
  const first = stderr.split('\n').filter((line) => !line.startsWith(' '))
  assert.equal(
    first.map((line) => line.replace(/: error: .* \[/, ' [')),
    [
      '--label a b [KN333 invalid-label]',
      '--annotation autoscaling.knative.dev/x [KN335 autoscaling-on-service]',
      '--scale [KN341 scale-order]',
      '--env PORT [KN373 env-name]',
      '',
    ],
  )
  assert.equal(box.snapshot(), before)
})

test('a wrong name is told once, a wrong revision name by its own flag', () => {
  const box = new Sandbox()
  const one = box.run(['create', 'Shop', '--image', 'nginx'])
  assert.is(one.status, 1)
  assert.match(one.stderr, /NAME: error: `metadata\.name` is "Shop"; must be a DNS label \[KN331 service-name-format\]/)
  const other = box.run([...shop, '--revision-name', 'v1'])
  assert.match(
    other.stderr,
    /--revision-name: error: `spec\.template\.metadata\.name` is "v1"; must start with `shop-` \[KN321 revision-name-prefix\]/,
  )
  const odd = box.run([...shop, '--revision-name', 'shop-00001'])
  assert.is(odd.status, 0)
  assert.match(odd.stderr, /^--revision-name: warning: .* \[KN325 numbered-revision-name\]\n/)
})

const usages: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [
    ['create'],
    /`create` needs a name, such as `kn-rollout create shop --image ghcr\.io\/acme\/shop:1\.0`; see `kn-rollout create --help`/m,
  ],
  [
    ['create', 'shop'],
    /`create` needs `--image`, such as `kn-rollout create shop --image ghcr\.io\/acme\/shop:1\.0`; see `kn-rollout create --help`/,
  ],
  [[...shop, '--imagee', 'x'], /`create` has no option `--imagee`: did you mean `--image`\?/],
  [[...shop, 'more'], /`create` does not accept `more`; see `kn-rollout create --help`/],
  [[...shop, '--', 'more'], /`create` needs one NAME, but gets `more` as well/m],
  [
    [...shop, '--port', 'http'],
    /`--port` is `http`; must be a port or NAME:PORT, as in 8080 or h2c:8080; see `kn-rollout create --help`/m,
  ],
  [[...shop, '--port', '1', '--port', '2'], /`--port` is given twice/m],
  [
    [...shop, '--scale', '1', '--scale-min', '1'],
    /`--scale` and `--scale-min` cannot be combined; `--scale` 1\.\.5 sets both bounds; see `kn-rollout create --help`/,
  ],
  [[...shop, '--force'], /`--force` needs `--output FILE`/m],
  [[...shop, '--domain', ''], /`--domain` is empty/m],
  [[...shop, '--url-template', ''], /`--url-template` is empty/m],
  [
    [...shop, '--url-template', '{{.Name}}.{{.Labels}}'],
    /`--url-template` has the unknown placeholder `\{\{\.Labels\}\}`; use \{\{\.Name\}\}, \{\{\.Namespace\}\}, \{\{\.Domain\}\}, \{\{\.Tag\}\}, \{\{\.Hash\}\} and \{\{\.Region\}\}/m,
  ],
]
for (const [args, message] of usages)
  test(`${args.join(' ')} is refused`, () => fails(new Sandbox().run(args), 2, message))

test('colours on demand, and never in the manifest', () => {
  const box = new Sandbox()
  const wrong = ['create', 'Shop', '--image', 'nginx']
  const forced = { environment: { FORCE_COLOR: '1' } }
  assert.match(box.run(wrong, forced).stderr, /^\u001B\[1mNAME:\u001B\[0m \u001B\[1;31merror:/)
  assert.match(box.run([...wrong, '--color']).stderr, /\u001B/)
  assert.not.match(box.run(wrong, { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } }).stderr, /\u001B/)
  assert.not.match(box.run(shop, forced).stdout, /\u001B/)
})

test('the help shows every option and examples', () => {
  const { status, stdout } = new Sandbox().run(['create', '--help'])
  assert.is(status, 0)
  for (const flag of [
    '--image',
    '--env-from',
    '--scale ',
    '--revision-name',
    '--generated-names',
    '--output',
    '--url-template',
  ])
    assert.ok(stdout.includes(flag), flag)
  assert.match(stdout, /Examples:\n {2}kn-rollout create shop --image/)
})

test.run()
