// `release --overlay`: a new revision reaches the overlay that is meant, and no other one, or is refused.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments, parseDocument } from 'yaml'

import { renamedImage } from '../../src/kustomize/images.js'
import { readKustomization } from '../../src/kustomize/kustomization.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('overlay release')
const isReport = new Ajv2020({ strictRequired: false }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object,
)
const isInstalled = spawnSync('kubectl', ['version', '--client']).status === 0
if (!isInstalled) console.log('skipped in part: kubectl is not on the PATH, so nothing shows what overlays become')

const pinned = '  traffic:\n    - revisionName: example-service-v1 # stable\n      percent: 100\n'
const v1 = { revision: 'example-service-v1' }
const head =
  'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: example-service\n  namespace: shop\nspec:\n'
const base = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': service(pinned, v1),
}
const overlay = (name: string, more: string): Readonly<Record<string, string>> => ({
  [`overlays/${name}/kustomization.yaml`]: `resources: [../../base]\nnamespace: ${name}\n${more}`,
})
const patched = 'patches:\n  - path: patch.yaml\n'
const release = (name: string, ...more: readonly string[]): readonly string[] =>
  ['release', '--overlay', `overlays/${name}`].concat(more)

type Delivered = { readonly name: unknown; readonly image: unknown; readonly shares: unknown }

/** What the real kustomize makes of an overlay. */
function delivered(box: Sandbox, name: string): Delivered {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', box.path(`overlays/${name}`)], {
    encoding: 'utf8',
  })
  assert.is(status, 0, stderr)
  const { template, traffic } = parseDocument(stdout).toJS().spec as {
    template: { metadata?: { name?: string }; spec: { containers: readonly { image: string }[] } }
    traffic: readonly { revisionName: string; percent: number }[]
  }
  return {
    name: template.metadata?.name,
    image: template.spec.containers[0]?.image,
    shares: traffic.map(({ revisionName, percent }) => `${revisionName}=${percent}`),
  }
}

test('an overlay with a template and traffic of its own is released alone', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay('own', patched),
    'overlays/own/patch.yaml': service(pinned, v1),
    ...overlay('plain', ''),
  })
  const before = isInstalled && delivered(box, 'plain')
  const { status, stderr } = box.run(release('own', '--image', ':1.1', '--write'))
  assert.is(status, 0, stderr)
  assert.is(box.git('diff', '--name-only'), 'overlays/own/patch.yaml\n')
  assert.match(box.run(release('own', '--image', ':1.1')).stderr, /^nothing to change/m)
  if (!isInstalled) return
  const shares = ['example-service-v1=100', 'example-service-v2=0']
  assert.equal(delivered(box, 'own'), { name: 'example-service-v2', image: 'example.com/shop:1.1', shares })
  assert.equal(delivered(box, 'plain'), before)
})

test('a base that another overlay is made of is not released for one, be its traffic replaced there or not', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay('plain', ''),
    ...overlay('own', patched),
    'overlays/own/patch.yaml': head + pinned,
  })
  const { status, stdout, stderr } = box.run(release('plain', '--image', ':1.1', '--write'))
  assert.equal([status, stdout, box.git('status', '--porcelain')], [1, '', ''])
  assert.match(
    stderr,
    /cannot release `overlays\/plain` alone: its `spec\.template` comes from `base\/service\.yaml`, which `overlays\/own` uses too/m,
  )
  const shared = box.run(release('plain', '--image', ':1.1', '--shared'))
  assert.is(shared.status, 0, shared.stderr)
  assert.equal(shared.stdout.match(/^diff --git .*/gm), ['diff --git a/base/service.yaml b/base/service.yaml'])
})

test('a patch of the traffic alone brings a name where the base has one, but has no container', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay('own', patched),
    'overlays/own/patch.yaml': head + pinned,
  })
  const refused = box.run(release('own', '--image', ':1.1'))
  assert.equal([refused.status, refused.stdout], [1, ''])
  assert.match(
    refused.stderr,
    /cannot release `own\/example-service` in one diff: the container is in `base\/service\.yaml`, its traffic in `overlays\/own\/patch\.yaml`/m,
  )
  assert.match(
    refused.stderr,
    /help: run `kn-rollout release --overlay overlays\/own --image :1\.1 --init`, which adds a separate patch for the overlay$/m,
  )
  const both = box.run(release('own', '--image', ':1.1', '--env', 'A=b'))
  assert.match(both.stderr, /\[KN465 separate-sources\]$/m)
  assert.match(
    both.stderr,
    /change the template manually, then run `kn-rollout apply preview --overlay overlays\/own`/m,
  )
  const { status, stderr } = box.run(release('own', '--annotation', 'a=b', '--write'))
  assert.is(status, 0, stderr)
  assert.is(box.git('diff', '--name-only'), 'overlays/own/patch.yaml\n')
  assert.match(
    box.read('overlays/own/patch.yaml'),
    / {4}metadata:\n {6}annotations:\n {8}a: b\n {6}name: example-service-v2\n/,
  )
  assert.match(box.run(release('own', '--annotation', 'a=b')).stderr, /^nothing to change/m)
  if (isInstalled) assert.is(delivered(box, 'own').name, 'example-service-v2')
})

test('a name that a patch has, of a template whose traffic is in the base, is in the way', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay('own', patched),
    'overlays/own/patch.yaml': `${head}  template:\n    metadata:\n      name: example-service-v7\n`,
  })
  const { status, stderr } = box.run(release('own', '--image', ':1.1'))
  assert.is(status, 1)
  assert.match(
    stderr,
    /cannot release `own\/example-service` in one diff: its revision name is in `overlays\/own\/patch\.yaml`, its traffic in `base\/service\.yaml`/m,
  )
})

test('an image that a later patch decides on is not changed where that has no effect', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay('own', 'patches:\n  - path: patch.yaml\n    target: {kind: Service}\n'),
    'overlays/own/patch.yaml':
      '- {op: replace, path: /spec/template/spec/containers/0/image, value: "example.com/shop:1.0"}\n',
  })
  const { status, stdout, stderr } = box.run(release('own', '--image', ':1.1'))
  assert.equal([status, stdout], [1, ''], stderr)
  assert.match(
    stderr,
    /cannot release `own\/example-service` in one diff: the container is in `overlays\/own\/patch\.yaml`, its traffic in `base\/service\.yaml`/m,
  )
  const alone = box.run(['release', 'base/service.yaml', '--image', ':1.1'])
  assert.is(alone.status, 0)
  assert.match(
    alone.stderr,
    /cannot set the image of `user-container` to `example\.com\/shop:1\.1` here: overlays\/own\/patch\.yaml overrides it for `overlays\/own`/m,
  )
  box.write(overlay('own', ''))
  const again = box.run(release('own', '--image', ':1.1', '--write'))
  assert.is(again.status, 0, again.stderr)
  if (isInstalled) assert.is(delivered(box, 'own').image, 'example.com/shop:1.1')
})

const tagged = `images:
  # raised by a bot
  - name: example.com/shop
    newTag: "1.0" # since June
`

test('an image that `images` decide on is changed there, in the same diff as the name and the traffic', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay('own', tagged + patched),
    'overlays/own/patch.yaml': head + pinned,
    ...overlay('plain', ''),
  })
  const before = isInstalled && delivered(box, 'plain')
  const { status, stdout, stderr } = box.run(release('own', '--image', ':1.1'))
  assert.is(status, 0, stderr)
  assert.equal(stdout.match(/^diff --git .*/gm), [
    'diff --git a/overlays/own/patch.yaml b/overlays/own/patch.yaml',
    'diff --git a/overlays/own/kustomization.yaml b/overlays/own/kustomization.yaml',
  ])
  assert.match(
    stdout,
    /\n {3}- name: example\.com\/shop\n- {4}newTag: "1\.0" # since June\n\+ {4}newTag: "1\.1" # since June\n/,
  )
  assert.match(stderr, /^ {2}image of user-container: example\.com\/shop:1\.0 → example\.com\/shop:1\.1$/m)
  assert.match(
    stderr,
    /^ {2}overlays\/own\/kustomization\.yaml:6:19: note: this comment is now next to a changed value: # since June$/m,
  )
  assert.is(box.run(release('own', '--image', ':1.1', '--write')).stderr.match(/^wrote 2 files: .+$/m)?.length, 1)
  assert.match(box.run(release('own', '--image', ':1.1')).stderr, /^nothing to change/m)
  const json = JSON.parse(box.run(release('own', '--image', ':1.2', '--format', 'json')).stdout) as {
    changes: readonly { file: string; service: string }[]
  }
  assert.equal(
    json.changes.map(({ file, service: name }) => [file, name]),
    [
      ['overlays/own/patch.yaml', 'shop/example-service'],
      ['overlays/own/kustomization.yaml', 'shop/example-service'],
    ],
  )
  if (!isInstalled) return
  const shares = ['example-service-v1=100', 'example-service-v2=0']
  assert.equal(delivered(box, 'own'), { name: 'example-service-v2', image: 'example.com/shop:1.1', shares })
  assert.equal(delivered(box, 'plain'), before)
})

const digest = `sha256:${'a'.repeat(64)}`
const versions: readonly (readonly [wanted: string, entry: string, changed: string])[] = [
  [`@${digest}`, 'newTag: "1.0"', `digest: ${digest}`],
  [`:2@${digest}`, 'newTag: "1.0"', `newTag: "2"\n    digest: ${digest}`],
  [':2', `digest: ${digest}`, 'newTag: "2"'],
  ['host:5000/team/shop:2', 'newTag: "1.0"', 'newTag: "2"\n    newName: host:5000/team/shop'],
  ['host:5000/team/shop:2', 'newName: mirror/shop\n    newTag: "1.0"', 'newName: host:5000/team/shop\n    newTag: "2"'],
]
const more = (fields: string): string => `images:\n  - name: example.com/shop\n    ${fields}\n`
for (const [wanted, entry, changed] of versions)
  test(`\`images\` with ${entry.replace('\n    ', ' and ')} become ${wanted}`, () => {
    const box = Sandbox.committed({ ...base, ...overlay('own', more(entry)) })
    const { status, stderr } = box.run(release('own', '--image', wanted, '--write'))
    assert.is(status, 0, stderr)
    assert.is(
      box.read('overlays/own/kustomization.yaml'),
      overlay('own', more(changed))['overlays/own/kustomization.yaml'],
    )
    assert.match(box.run(release('own', '--image', wanted)).stderr, /^nothing to change/m)
    const image = /^[:@]/.test(wanted) ? `example.com/shop${wanted}` : wanted
    if (isInstalled) assert.is(delivered(box, 'own').image, image)
  })

test('`images` that cannot say the new image, or say it of others as well, are refused', () => {
  const suffixed = 'images:\n  - {name: example.com/shop, tagSuffix: -x}\n'
  const box = Sandbox.committed({ ...base, ...overlay('own', suffixed) })
  const odd = box.run(release('own', '--image', ':1.1'))
  assert.equal([odd.status, odd.stdout], [1, ''])
  assert.match(
    odd.stderr,
    /cannot set `example\.com\/shop:1\.1` in `images\[0\]`: it has a `tagSuffix`, which is for images that keep their tag/m,
  )
  const bare = Sandbox.committed({ ...base, ...overlay('own', tagged) }).run(release('own', '--image', 'cart'))
  assert.equal([bare.status, bare.stdout], [1, ''])
  assert.match(bare.stderr, /add one, such as `--image cart:latest`/m)

  const list = `resources: [service.yaml]\n${tagged}`
  const own = service(pinned, v1)
  const shared = Sandbox.committed({
    'base/kustomization.yaml': list,
    'base/service.yaml': own,
    ...overlay('own', patched),
    'overlays/own/patch.yaml': head + pinned,
    ...overlay('other', patched),
    'overlays/other/patch.yaml': head + pinned,
  })
  const refused = shared.run(release('own', '--image', ':1.1', '--write'))
  assert.equal([refused.status, refused.stdout, shared.git('status', '--porcelain')], [1, '', ''])
  assert.match(
    refused.stderr,
    /cannot change `images\[0\]` for `own\/example-service` alone: `base\/kustomization\.yaml` also sets it for `overlays\/other` \(other\/example-service\)/m,
  )
  const both = shared.run(release('own', '--image', ':1.1', '--shared'))
  assert.equal([both.status, both.stdout], [1, ''], 'the other one would keep its revision name')
  assert.match(
    both.stderr,
    /`spec\.template\.metadata\.name` stays `example-service-v1`, but the template changes: `spec\.containers\[0\]\.image` differs/m,
  )
  const { status, stdout } = shared.run(release('own', '--image', ':1.1', '--shared', '--force'))
  assert.is(status, 0)
  assert.equal(stdout.match(/^diff --git a\/\S+/gm), [
    'diff --git a/overlays/own/patch.yaml',
    'diff --git a/base/kustomization.yaml',
  ])
})

const journeys: readonly (readonly [what: string, files: Readonly<Record<string, string>>, changed: string])[] = [
  ['a shared base', { ...overlay('own', '') }, ' M own/kustomization.yaml,?? own/example-service-traffic.yaml'],
  [
    'a shared base with an image of the overlay',
    { ...overlay('own', tagged) },
    ' M own/kustomization.yaml,?? own/example-service-traffic.yaml',
  ],
  [
    'an entry of `images` in a shared base',
    {
      'base/kustomization.yaml': `resources: [service.yaml]\n${tagged}`,
      ...overlay('own', patched),
      'overlays/own/patch.yaml': head + pinned,
    },
    ' M own/kustomization.yaml, M own/patch.yaml',
  ],
  [
    'a container in the base',
    { ...overlay('own', patched), 'overlays/own/patch.yaml': head + pinned },
    ' M own/kustomization.yaml, M own/patch.yaml',
  ],
]
for (const [what, files, changed] of journeys)
  test(`${what}: the refusal has the command that gives the overlay its own, and releases that one alone`, () => {
    const box = Sandbox.committed({ ...base, ...overlay('plain', ''), ...files })
    const before = isInstalled && delivered(box, 'plain')
    const refused = box.run(release('own', '--image', ':1.1', '--write'))
    assert.is(refused.status, 1)
    const command = /help: run `kn-rollout (.+?)`/.exec(refused.stderr)?.[1] ?? ''
    assert.is(command, release('own', '--image', ':1.1', '--write', '--init').join(' '))
    const { status, stderr } = box.run(command.split(' '))
    assert.is(status, 0, stderr)
    assert.is(box.git('status', '--porcelain').trimEnd().replaceAll('overlays/', '').replaceAll('\n', ','), changed)
    assert.match(box.run(release('own', '--image', ':1.1', '--init')).stderr, /^nothing to change/m)
    if (!isInstalled) return
    assert.equal(delivered(box, 'plain'), before)
    const shares = ['example-service-v1=100', 'example-service-v2=0']
    assert.equal(delivered(box, 'own'), { name: 'example-service-v2', image: 'example.com/shop:1.1', shares })
  })

/** A Service with a second container. */
const withWorker = (image: string): string =>
  service(pinned, v1)
    .replace('          readinessProbe:', '          ports: [{containerPort: 8080}]\n          readinessProbe:')
    .replace('port: 0\n', `port: 0\n        - name: worker\n          image: ${image}\n`)

test('a container whose image is that of another one is not released alone', () => {
  const box = Sandbox.committed({
    ...base,
    'base/service.yaml': withWorker('example.com/shop:1.0'),
    ...overlay('own', tagged),
  })
  const unnamed = box.run(release('own', '--image', ':1.1'))
  assert.match(unnamed.stderr, /cannot choose a container: there are several \(`user-container`, `worker`\)/m)
  const flags = ['--image', ':1.1', '--container', 'worker']
  const { status, stdout, stderr } = box.run(release('own', ...flags, '--write'))
  assert.equal([status, stdout, box.git('status', '--porcelain')], [1, '', ''])
  assert.match(
    stderr,
    /cannot change `images\[0\]` for `own\/example-service` alone: `overlays\/own\/kustomization\.yaml` also sets it for the container `user-container`/m,
  )
  assert.match(
    stderr,
    /add `--shared` to change all; an `images` item matches an image name, so a different image needs a different name/,
  )
  assert.is(box.run(release('own', ...flags, '--shared')).status, 0)
})

test('a container that `images` say nothing of, where another file has it, is refused beside one that they do', () => {
  const box = Sandbox.committed({
    ...base,
    'base/service.yaml': withWorker('worker:1'),
    ...overlay('own', tagged + patched),
    'overlays/own/patch.yaml': head + pinned,
  })
  const { stderr } = box.run(release('own', '--image', ':2', '--container', 'worker'))
  assert.match(
    stderr,
    /the container is in `base\/service\.yaml`, its traffic in .* \[KN465 separate-sources\]\n.*--init`/ms,
  )
  assert.is(box.run(release('own', '--image', ':2', '--container', 'user-container')).status, 0)
})

test('variables go into the manifest, and the image into `images`, in one diff', () => {
  const box = Sandbox.committed({
    ...base,
    'base/service.yaml': withWorker('worker:1'),
    ...overlay('own', tagged),
  })
  const args = release('own', '--image', ':1.1', '--env', 'LOG=debug', '--container', 'user-container')
  const { status, stdout, stderr } = box.run([...args, '--write'])
  assert.equal([status, stdout], [0, ''], stderr)
  assert.is(box.git('diff', '--name-only'), 'base/service.yaml\noverlays/own/kustomization.yaml\n')
  assert.match(
    box.read('base/service.yaml'),
    /image: example\.com\/shop:1\.0\n(?: {10,}.*\n)+ {10}env:\n {12}- name: LOG\n/,
  )
  assert.match(
    stderr,
    /^ {2}image of user-container: example\.com\/shop:1\.0 → example\.com\/shop:1\.1\n {2}env: LOG added$/m,
  )
  assert.match(box.run(args).stderr, /^nothing to change/m)
  if (isInstalled) assert.is(delivered(box, 'own').image, 'example.com/shop:1.1')
})

test('the body of a pull request and the JSON report tell of the kustomization too', () => {
  const files = { ...overlay('own', tagged + patched), 'overlays/own/patch.yaml': head + pinned }
  const box = Sandbox.committed({ ...base, ...files })
  const args = release('own', '--image', ':1.1', '--format')
  const body = box.run([...args, 'markdown']).stdout
  assert.match(
    body,
    /- `overlays\/own\/kustomization\.yaml:6`: the comment `# since June` is now next to a changed value/,
  )
  assert.match(body, 'kn-rollout apply split --overlay overlays/own --service example-service ')
  const report = JSON.parse(box.run([...args, 'json']).stdout) as {
    changes: readonly { file: string; notes: readonly { comment: string; line: number }[] }[]
  }
  assert.ok(isReport(report), JSON.stringify(isReport.errors))
  assert.equal(
    report.changes.map(({ file, notes }) => [file, ...notes.map(({ comment, line }) => `${line} ${comment}`)]),
    [['overlays/own/patch.yaml'], ['overlays/own/kustomization.yaml', '6 # since June']],
  )
})

test('`images` that no exact edit reaches are refused, with the place', () => {
  const list = 'commonAnnotations: {version: &v "1.0"}\nimages:\n  - name: example.com/shop\n    newTag: *v\n'
  const box = Sandbox.committed({ ...base, ...overlay('own', list) })
  const { status, stdout, stderr } = box.run(release('own', '--image', ':1.1', '--write'))
  assert.equal([status, stdout, box.git('status', '--porcelain')], [1, '', ''])
  assert.match(stderr, /cannot edit `images\[0\]\.newTag`: the alias `\*v` is in the way/m)
})

test('an image that `images` change again is refused, with what becomes of it', () => {
  const list = 'images:\n  - name: mirror/shop\n    newTag: "9"\n'
  const box = Sandbox.committed({ ...base, ...overlay('own', list) })
  const { status, stdout, stderr } = box.run(release('own', '--image', 'mirror/shop:1.1'))
  assert.equal([status, stdout], [1, ''])
  assert.match(
    stderr,
    /cannot set the image of `user-container` to `mirror\/shop:1\.1` here: overlays\/own\/kustomization\.yaml makes it `mirror\/shop:9`/m,
  )
  assert.match(stderr, 'help: change the image in overlays/own/kustomization.yaml as well, and run this again')
})

test('two Services with one image are released by one entry, and not by halves', () => {
  const other = service(pinned.replaceAll('example-service', 'b'), { name: 'b', revision: 'b-v1' })
  const box = Sandbox.committed({
    ...base,
    'base/kustomization.yaml': 'resources: [service.yaml, b.yaml]\n',
    'base/b.yaml': other,
    ...overlay('own', tagged),
  })
  assert.match(
    box.run(release('own', '--image', ':1.1', '--service', 'b')).stderr,
    /release them together with `--all` or `--service`, or add `--shared` to change the image of all of them/m,
  )
  const { status, stdout, stderr } = box.run(release('own', '--image', ':1.1', '--all'))
  assert.is(status, 0, stderr)
  assert.is(stderr.match(/note: this comment/g)?.length, 1)
  assert.equal(stdout.match(/^\+.*newTag.*$/gm), ['+    newTag: "1.1" # since June'])
  assert.is(stdout.match(/^diff --git /gm)?.length, 3)
})

test('a number that changes of `images` have moved on is not counted from the file', () => {
  const generated = '  traffic:\n    - revisionName: example-service-00001\n      percent: 100\n'
  const box = Sandbox.committed({
    ...base,
    'base/service.yaml': service(generated),
    ...overlay('own', tagged),
  })
  const { status, stderr } = box.run(release('own', '--image', ':1.1'))
  assert.is(status, 1)
  assert.match(
    stderr,
    /cannot predict the next revision name: `images` of a kustomization made revisions of `example-service` that this file does not show/m,
  )
  const followed = box.run(release('own', '--image', ':1.1', '--candidate', '@latest', '--tag', 'next', '--write'))
  assert.is(followed.status, 0, followed.stderr)
  box.commit()
  const again = box.run(release('own', '--image', ':1.2'))
  assert.is(again.status, 0, again.stderr)
  assert.equal(again.stdout.match(/^diff --git a\/\S+/gm), ['diff --git a/overlays/own/kustomization.yaml'])
  assert.match(again.stderr, /^shop\/example-service: release/m)
  const body = box.run(release('own', '--image', ':1.2', '--format', 'markdown')).stdout
  assert.match(body, /^### `shop\/example-service` in `overlays\/own\/kustomization\.yaml`$/m)
  assert.match(body, 'kn-rollout apply split --overlay overlays/own --service example-service ')
  const counted = Sandbox.committed({ ...base, 'base/service.yaml': service(generated), ...overlay('own', tagged) })
  assert.match(counted.run(release('own', '--annotation', 'a=b')).stderr, /\[KN442 unpredictable-name\]$/m)
})

test('operations on other fields of a container, and `images` of other names, are not in the way', () => {
  const box = Sandbox.committed({
    ...base,
    ...overlay(
      'own',
      'images:\n  - name: example.com/shopping\n    newTag: "9"\npatches:\n  - path: patch.yaml\n    target: {kind: Service}\n',
    ),
    'overlays/own/patch.yaml': '- {op: add, path: /spec/template/spec/containers/0/env, value: []}\n',
  })
  const { status, stderr } = box.run(release('own', '--image', ':1.1', '--write'))
  assert.is(status, 0, stderr)
  if (isInstalled) assert.is(delivered(box, 'own').image, 'example.com/shop:1.1')
})

test('a release of a base without --overlay is told that every overlay gets the template', () => {
  const box = Sandbox.committed({ ...base, ...overlay('eu', ''), ...overlay('us', '') })
  const { stderr } = box.run(['release', 'base/service.yaml', '--image', ':1.1'])
  assert.match(stderr, /this edit changes `spec\.template` in 2 overlays: `overlays\/eu`, `overlays\/us`/m)
})

const images = ['shop', 'shop:1', `shop@${digest}`, `shop:1@${digest}`, 'host:5000/team/shop:1', 'host:5000/shop']
const entries = [
  'newTag: "2"',
  'newName: other/cart',
  `digest: ${digest.replaceAll('a', 'b')}`,
  `{newTag: "2", digest: "${digest.replaceAll('a', 'b')}"}`,
  '{newTag: "2", tagSuffix: -x}',
  '{newName: host:1/cart, newTag: v2}',
]

test('a suffix is no part of the tag that a manifest asks for', () => {
  // kustomize 5.5 appends it twice, others once: either way it is not what the manifest says.
  const text = 'images:\n  - {name: shop, tagSuffix: -x}\n'
  const kustomization = readKustomization({ path: 'kustomization.yaml', text }, 'kustomization.yaml')
  assert.match(renamedImage('shop:1', kustomization ? [kustomization] : []).image, /^shop:1-x/)
})

if (isInstalled)
  test('`images` are read as kustomize does', () => {
    for (const entry of entries) {
      const fields = entry.startsWith('{') ? entry.slice(1, -1) : entry
      const names = [...new Set(images.map((image) => /^(?:.*\/)?[^:@]+/.exec(image)?.[0] ?? ''))]
      const list = names.map((name) => `  - {name: "${name}", ${fields}}\n`).join('')
      const text = `resources: [all.yaml]\nimages:\n${list}`
      const box = new Sandbox()
      const all = images.map((image, index) =>
        service('', { name: `s${index}` }).replace('example.com/shop:1.0', image),
      )
      box.write({ 'kustomization.yaml': text, 'all.yaml': all.join('---\n') })
      const { stdout, stderr } = spawnSync('kubectl', ['kustomize', box.path('.')], { encoding: 'utf8' })
      assert.is(stderr, '')
      const theirs = parseAllDocuments(stdout).map((document) => document.toJS().spec.template.spec.containers[0].image)
      const kustomization = readKustomization({ path: 'kustomization.yaml', text }, 'kustomization.yaml')
      assert.ok(kustomization)
      const ours = images.map((image) => renamedImage(image, kustomization ? [kustomization] : []).image)
      assert.equal(ours, theirs, entry)
    }
  })

const patchOf = (place: string): string => place.replace('base/service', 'overlays/own/patch')

test('a refusal stands at what it is about, in the file that has it', () => {
  const web = 'env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}]\n          ports: [{containerPort: 1}]'
  const two = service(pinned, v1)
    .replace('        - name: user', '        - name: side\n          image: example.com/side:1\n        - name: user')
    .replace('          image: example.com/shop', `          ${web}\n          image: example.com/shop`)
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': two,
    ...overlay('plain', ''),
    ...overlay('own', patched),
    'overlays/own/patch.yaml': two,
    ...overlay('routed', patched),
    'overlays/routed/patch.yaml': head + pinned,
  })
  const lineOf = (text: string): number => two.slice(0, two.indexOf(text)).split('\n').length
  const containers = `base/service.yaml:${lineOf('containers:')} KN440`
  const refusal = (name: string, ...words: readonly string[]): string => {
    const { stderr } = box.run(release(name, ...words))
    const [, place = '', code = ''] = /^(\S+:\d+):\d+: error: .*\[(KN4\d\d) [a-z-]+\]$/m.exec(stderr) ?? []
    return `${place} ${code}`
  }
  assert.is(refusal('plain', '--image', ':2', '--shared'), containers)
  assert.is(refusal('own', '--image', ':2', '--container', 'c'), patchOf(containers))
  assert.is(refusal('routed', '--image', ':2'), containers)
  const set = ['--image', ':2', '--container', 'user-container', '--env', 'A=b']
  assert.is(refusal('plain', ...set, '--shared'), `base/service.yaml:${lineOf('env:')} KN441`)
  assert.is(refusal('own', ...set), `overlays/own/patch.yaml:${lineOf('env:')} KN441`)
  const name = `base/service.yaml:${lineOf('name: example-service-v1')} KN444`
  assert.is(refusal('plain', '--annotation', 'a=b', '--revision-name', 'x', '--shared'), name)
  assert.is(refusal('own', '--annotation', 'a=b', '--revision-name', 'x'), patchOf(name))
  assert.is(refusal('routed', '--annotation', 'a=b', '--revision-name', 'x'), name)
})

test.run()
