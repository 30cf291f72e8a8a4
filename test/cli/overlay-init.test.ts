// `--overlay DIR --init`: an overlay without traffic of its own is given it in the very diff that moves it.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { hasKubectl, kustomize } from '../kubectl.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('overlay init')
if (!hasKubectl) console.log('skipped in part: kubectl is not on the PATH, so nothing shows what overlays become')

const pinned = '  traffic:\n    - revisionName: example-service-v1\n      percent: 100\n'
const base = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': service(pinned, { revision: 'example-service-v1' }),
  'dev/kustomization.yaml': 'resources: [../base]\n',
}
const prod = { ...base, 'prod/kustomization.yaml': '# ours\nresources:\n- ../base\nnamespace: prod\n' }
const release = ['release', '--overlay', 'prod', '--image', ':1.1']
const preview = ['apply', 'preview', '--overlay', 'prod', '--candidate', 'example-service-v2', '--tag', 'v2']

/** What kustomize builds, as lines; nothing where it is not installed. */
function built(box: Sandbox, folder: string): readonly string[] {
  if (!hasKubectl) return []
  const { status, stdout, stderr } = kustomize(box.path(folder))
  assert.is(status, 0, stderr)
  return stdout.split('\n')
}

/** The lines that are only in one of two texts. */
function differing(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = before.filter((line) => !after.includes(line)).map((line) => `-${line.trim()}`)
  return [...gone, ...after.filter((line) => !before.includes(line)).map((line) => `+${line.trim()}`)]
}

test('one diff makes the patch, lists it and adds the image, and Git takes it', () => {
  const box = Sandbox.committed(prod)
  const [dev, own] = [built(box, 'dev'), built(box, 'prod')]
  const { status, stdout, stderr } = box.run([...release, '--init'])
  assert.is(status, 0, stderr)
  assert.match(stdout, 'new file mode 100644\n--- /dev/null\n+++ b/prod/example-service-traffic.yaml\n')
  box.write({ 'a.patch': stdout })
  box.git('apply', 'a.patch')
  assert.is(
    box.read('prod/kustomization.yaml'),
    '# ours\nresources:\n- ../base\nnamespace: prod\npatches:\n- path: example-service-traffic.yaml\nimages:\n- name: example.com/shop\n  newTag: "1.1"\n',
  )
  assert.is(
    box.read('prod/example-service-traffic.yaml'),
    `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: example-service
  namespace: shop
spec:
  template:
    metadata:
      name: example-service-v2
  traffic:
    - revisionName: example-service-v1
      percent: 100
    - revisionName: example-service-v2
      percent: 0
      tag: v2
`,
  )
  const again = box.run([...release, '--init'])
  assert.equal([again.status, again.stdout], [0, ''])
  assert.is(box.run(['check', '--since', 'HEAD']).status, 0)
  assert.equal(built(box, 'dev'), dev)
  if (hasKubectl)
    assert.equal(differing(own, built(box, 'prod')), [
      '-name: example-service-v1',
      '-- image: example.com/shop:1.0',
      '+name: example-service-v2',
      '+- image: example.com/shop:1.1',
      '+- percent: 0',
      '+revisionName: example-service-v2',
      '+tag: v2',
    ])
})

test('the old list of patches is used where the kustomization has only that', () => {
  const box = Sandbox.committed({
    ...base,
    'prod/kustomization.yaml': 'resources: [../base]\npatchesStrategicMerge:\n  - scale.yaml\n',
    'prod/scale.yaml':
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: example-service, namespace: shop, labels: {a: b}}\n',
  })
  const { status, stderr } = box.run([...preview, '--init', '--write'])
  assert.is(status, 0, stderr)
  assert.match(box.read('prod/kustomization.yaml'), /Merge:\n {2}- scale\.yaml\n {2}- example-service-traffic\.yaml\n$/)
  assert.is(box.run([...preview, '--init']).stdout, '')
  assert.is(
    built(box, 'prod').some((line) => line.includes('revisionName: example-service-v2')),
    hasKubectl,
  )
})

test('--env and --annotation go into the patch that is made, with all that the list of containers has', () => {
  const box = Sandbox.committed(prod)
  const own = built(box, 'prod')
  const { status, stderr } = box.run([...release, '--env', 'A=b', '--annotation', 'x=y', '--init', '--write'])
  assert.is(status, 0, stderr)
  assert.not.match(box.read('prod/kustomization.yaml'), 'images')
  if (hasKubectl)
    assert.equal(differing(own, built(box, 'prod')).toSorted(), [
      '+- env:',
      '+- name: A',
      '+- percent: 0',
      '+annotations:',
      '+image: example.com/shop:1.1',
      '+name: example-service-v2',
      '+revisionName: example-service-v2',
      '+tag: v2',
      '+value: b',
      '+x: "y"',
      '-- image: example.com/shop:1.0',
      '-name: example-service-v1',
    ])
})

test('a tag that a bot sets in the kustomization is told, where it stands and beside the edit', () => {
  const marked = `resources: [../base]
patches: []
images:
- name: example.com/shop
  newTag: 0.9.1 # {"$imagepolicy": "flux-system:shop:tag"}
`
  const box = Sandbox.committed({ ...base, 'prod/kustomization.yaml': marked })
  const found = box.run(['validate', 'prod'])
  assert.match(found.stdout, /^prod\/kustomization\.yaml:5:11: note: Flux updates .* \[KN356 image-policy-name\]$/m)
  const { status, stdout, stderr } = box.run([...release, '--init'])
  assert.is(status, 0, stderr)
  assert.match(stdout, '+  newTag: "1.1"')
  assert.match(stderr, /^ +prod\/kustomization\.yaml:5:17: note: .* which Flux image automation will set again: # \{/m)
})

test('an overlay that lacks nothing is moved as ever', () => {
  const box = Sandbox.committed({
    ...base,
    'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: traffic.yaml}]\n',
    'prod/traffic.yaml': `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: example-service, namespace: shop}\nspec:\n${pinned}`,
  })
  assert.is(box.run([...preview, '--init']).stdout, box.run(preview).stdout)
})

test('a file of that name that no kustomization lists is kept', () => {
  const box = Sandbox.committed({ ...prod, 'prod/example-service-traffic.yaml': 'a: b\n' })
  const { status, stdout, stderr } = box.run([...preview, '--init', '--write'])
  assert.equal([status, stdout, box.git('status', '--porcelain')], [2, '', ''])
  assert.match(stderr, /^kn-rollout: prod\/example-service-traffic\.yaml: a new patch would be written here, but /)
})

test('what the guard refuses writes nothing, and defaults are written where the container is, or that file is named', () => {
  const bare = service(pinned, { revision: 'example-service-v1' }).replace(/ {10}readinessProbe:\n(?: {12}.*\n)+/, '')
  const box = Sandbox.committed({ ...prod, 'base/service.yaml': bare })
  const kept = box.run([...preview, '--init', '--write'])
  assert.equal([kept.status, kept.stdout, box.git('status', '--porcelain')], [1, '', ''])
  assert.match(kept.stderr, /^base\/service\.yaml:\d+:\d+: error: .* \[KN501 revision-name-kept\]$/m)
  const { status, stdout, stderr } = box.run([...preview, '--init', '--write-defaults'])
  assert.equal([status, stdout], [1, ''])
  assert.match(stderr, 'help: run a command with `--write-defaults` on `base/service.yaml` first, and remove it here')
  const whole = box.run([...release, '--env', 'A=b', '--init', '--write-defaults', '--write'])
  assert.is(whole.status, 0, whole.stderr)
  assert.match(
    box.read('prod/example-service-traffic.yaml'),
    /readinessProbe:\n {12}tcpSocket: \{\}\n {12}successThreshold: 1\n/,
  )
})

test('a template that was changed under its name long ago is refused as check refuses it', () => {
  const own = service(pinned, { revision: 'example-service-v1' })
  const box = Sandbox.committed({ ...prod, 'base/service.yaml': own.replace('shop:1.0', 'shop:0.9') })
  box.write({ 'base/service.yaml': own })
  box.commit()
  const { status, stdout, stderr } = box.run([...preview, '--init', '--write'])
  assert.equal([status, stdout, box.git('status', '--porcelain')], [1, '', ''])
  assert.match(stderr, /\[KN501 revision-name-kept\]$/m)
})

test('every Service of the overlay that moves gets its own patch, and no other one', () => {
  const other = service(pinned, { revision: 'example-service-v1' }).replaceAll('example-service', 'other-shop')
  const box = Sandbox.committed({
    ...prod,
    'base/kustomization.yaml': 'resources: [service.yaml, other.yaml]\n',
    'base/other.yaml': other,
  })
  const ambiguous = box.run(['apply', 'pin', '--overlay', 'prod', '--init'])
  assert.equal([ambiguous.status, ambiguous.stdout], [1, ''])
  const { status, stdout, stderr } = box.run([...preview, '--service', 'example-service', '--init'])
  assert.is(status, 0, stderr)
  assert.equal(stdout.match(/^\+\+\+ .*/gm), [
    '+++ b/prod/example-service-traffic.yaml',
    '+++ b/prod/kustomization.yaml',
  ])
  const all = box.run([...release, '--all', '--init', '--write'])
  assert.is(all.status, 0, all.stderr)
  assert.is(box.read('prod/kustomization.yaml').match(/newTag/g)?.length, 1)
  assert.is(box.read('prod/kustomization.yaml').match(/-traffic\.yaml/g)?.length, 2)
})

test('--init belongs to --overlay', () => {
  const box = Sandbox.committed(prod)
  const { status, stderr } = box.run(['apply', 'pin', 'base', '--init'])
  assert.is(status, 2)
  assert.match(stderr, '`--init` needs `--overlay`')
})

test.run()
