// Names of revisions where kustomize renames the Service: the cluster compares them with the name that is built.
import { assert as hold, constantFrom, property, tuple } from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDocument } from 'yaml'

import { hasKubectl, kustomize } from '../kubectl.js'
import { run, type Tree } from '../trees.js'
import { Sandbox } from './sandbox.js'

const test = suite('overlay prefix')
if (!hasKubectl) console.log('skipped in part: kubectl is not on the PATH, so nothing shows what overlays become')

const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n'
const container =
  '    spec:\n      containers:\n        - name: user-container\n          image: example.com/shop:1.0\n          readinessProbe:\n            successThreshold: 1\n            tcpSocket:\n              port: 0\n'
const named = (name: string): string => `  template:\n    metadata:\n      name: ${name}\n${container}`
const routed = (name: string): string => `  traffic:\n    - revisionName: ${name}\n      percent: 100\n`
const explicit = (name: string): string => head + named(name) + routed(name)
const generated = `${head}  template:\n${container}${routed('prod-shop-00003')}`
const patch = 'patches:\n  - path: patch.yaml\n'
const base = { 'base/kustomization.yaml': 'resources: [service.yaml]\n' }

/** A base with an explicit name, and an overlay that renames the Service and has its own revision. */
const overlaid = (affixes: string, name: string): Tree => ({
  ...base,
  'base/service.yaml': explicit('shop-v1'),
  'prod/kustomization.yaml': `resources: [../base]\n${affixes}\n${patch}`,
  'prod/patch.yaml': explicit(name),
})
/** A Service that the kustomization beside it renames. */
const beside = (text: string, more = 'namePrefix: prod-\n'): Tree => ({
  'prod/kustomization.yaml': `resources: [service.yaml]\n${more}`,
  'prod/service.yaml': text,
})

type Built = { readonly service: unknown; readonly revision: unknown; readonly targets: readonly unknown[] }

function built(box: Sandbox, folder: string): Built {
  const { status, stdout, stderr } = kustomize(box.path(folder))
  assert.is(status, 0, stderr)
  const { metadata, spec } = parseDocument(stdout).toJS() as {
    metadata: { name: string }
    spec: { template: { metadata?: { name?: string } }; traffic: readonly { revisionName: string }[] }
  }
  return {
    service: metadata.name,
    revision: spec.template.metadata?.name,
    targets: spec.traffic.map(({ revisionName }) => revisionName),
  }
}

const release = ['release', '--overlay', 'prod', '--image', ':1.1'] as const

for (const [affixes, service] of [
  ['namePrefix: prod-', 'prod-shop'],
  ['nameSuffix: -blue', 'shop-blue'],
  ['namePrefix: prod-\nnameSuffix: -blue', 'prod-shop-blue'],
] as const)
  test(`a release goes on with the name that is built: ${service}`, () => {
    const box = Sandbox.committed(overlaid(affixes, `${service}-v1`))
    const { status, stderr } = box.run([...release, '--write'])
    assert.is(status, 0, stderr)
    assert.is(box.git('diff', '--name-only'), 'prod/patch.yaml\n')
    assert.match(box.read('prod/patch.yaml'), `      name: ${service}-v2\n`)
    assert.match(box.read('prod/patch.yaml'), /\n {6}tag: v2\n/)
    const again = box.run([...release])
    assert.equal([again.status, again.stdout], [0, ''])
    assert.is(box.run(['validate', 'prod']).status, 0)
    if (!hasKubectl) return
    const targets = [`${service}-v1`, `${service}-v2`]
    assert.equal(built(box, 'prod'), { service, revision: `${service}-v2`, targets })
  })

test('a Service that the kustomization beside it renames is released and validated by the new name', () => {
  const box = Sandbox.committed(beside(explicit('prod-shop-v1')))
  assert.equal(box.run(['validate', '--strict']).status, 0)
  for (const way of [['--overlay', 'prod'], ['prod/service.yaml']]) {
    const { status, stdout, stderr } = box.run(['release', ...way, '--image', ':1.1'])
    assert.is(status, 0, stderr)
    assert.match(stdout, '+      name: prod-shop-v2\n')
  }
})

test('the words and flags of a release stand for what is built', () => {
  const box = Sandbox.committed(overlaid('namePrefix: prod-', 'prod-shop-v1'))
  for (const flags of [
    ['--revision-name', '{{.Service}}-v{{.Next}}'],
    ['--candidate', '{{.Service}}-v2'],
    ['--stable', '{{.Service}}-v1'],
    ['--revision-name', 'prod-shop-v2'],
  ]) {
    const { status, stdout, stderr } = box.run([...release, ...flags])
    assert.is(status, 0, flags.join(' ') + stderr)
    assert.match(stdout, '+    - revisionName: prod-shop-v2\n')
    assert.match(stdout, '+      tag: v2\n')
    assert.not.match(stderr, /KN438/)
  }
  const split = ['apply', 'split', '--overlay', 'prod', '--candidate', '{{.Service}}-v2']
  assert.match(box.run(split).stdout, '+    - revisionName: prod-shop-v2\n')
  assert.match(box.run(['set', '--overlay', 'prod', '--traffic', '{{.Service}}-00002=100']).stdout, 'prod-shop-00002')
})

test('a name for the Service in the file is refused, and the help is one that the cluster takes', () => {
  const box = Sandbox.committed(overlaid('namePrefix: prod-', 'prod-shop-v1'))
  const refused = box.run([...release, '--revision-name', 'shop-v2'])
  assert.equal([refused.status, refused.stdout], [1, ''])
  assert.match(
    refused.stderr,
    '`--revision-name` gives `shop-v2`; a revision name must start with `prod-shop-` [KN444 invalid-new-revision-name]',
  )
  assert.match(refused.stderr, 'write `--revision-name {{.Service}}-v2`\n')
  const { status, stdout } = box.run([...release, '--revision-name', '{{.Service}}-v2'])
  assert.is(status, 0)
  assert.match(stdout, '+      name: prod-shop-v2\n')
})

test('a name that kustomize has left behind is not counted up', () => {
  const box = Sandbox.committed(beside(explicit('shop-v1')))
  const { status, stderr } = box.run([...release])
  assert.is(status, 1)
  assert.match(stderr, 'cannot make the next revision name: `shop-v1` does not start with `prod-shop-`')
  const pattern = ['--revision-name', '{{.Service}}-v{{.Next}}']
  assert.match(stderr, `for example \`${pattern.join(' ')}\``)
  assert.match(box.run([...release, ...pattern]).stdout, '+      name: prod-shop-v1\n')
})

test('generated names, and a saved object of the cluster, go by the name that is built', () => {
  const live =
    'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: prod-shop\n  namespace: default\nstatus:\n  latestCreatedRevisionName: prod-shop-00007\n'
  const box = Sandbox.committed({ ...beside(generated), 'live/saved.txt': live })
  const counted = box.run([...release])
  assert.match(counted.stdout, '+    - revisionName: prod-shop-00004\n')
  assert.match(counted.stdout, '+      tag: v4\n')
  const told = box.run([...release, '--live', 'live/saved.txt'])
  assert.match(told.stdout, '+    - revisionName: prod-shop-00008\n')
  assert.not.match(told.stderr, /KN439/)
})

test('one base for several names takes no revision name, and that is said', () => {
  const box = Sandbox.committed({
    ...base,
    'base/service.yaml': explicit('dev-shop-v1'),
    'dev/kustomization.yaml': 'resources: [../base]\nnamePrefix: dev-\n',
    'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
  })
  const several = 'cannot name one revision for all: kustomizations build `dev-shop`, `prod-shop` from this file'
  const shared = box.run([...release, '--shared'])
  assert.equal([shared.status, shared.stdout], [1, ''])
  assert.match(shared.stderr, `${several} [KN444 invalid-new-revision-name]`)
  const word = box.run(['apply', 'pin', 'base', '--stable', '{{.Service}}-v1'])
  assert.equal([word.status, word.stdout], [1, ''])
  assert.match(word.stderr, `${several} [KN409 invalid-role]`)
  const { status, stdout } = box.run(['validate'])
  assert.is(status, 1)
  assert.match(stdout, '  Knative says: invalid value: "dev-shop-v1" must have prefix "prod-shop-"')
})

test('the patch that an overlay is given names what the overlay builds', () => {
  const box = Sandbox.committed({
    ...base,
    'base/service.yaml': explicit('shop-v1'),
    'dev/kustomization.yaml': 'resources: [../base]\n',
    'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
  })
  const { status, stdout, stderr: said } = box.run([...release, '--init'])
  assert.is(status, 0, said)
  assert.match(stdout, '+      name: prod-shop-v2\n')
})

/** What is wrong with a tree, warnings included. */
function codes(tree: Tree): readonly string[] {
  return run(tree).diagnostics.flatMap(({ code, severity }) => (severity === 'note' ? [] : [code]))
}

test('a name is judged by what is built, as far as that can be told', () => {
  assert.equal(codes(beside(explicit('prod-shop-v1'))), [])
  assert.equal(codes(beside(explicit('shop-v1'))), ['KN321', 'KN603'])
  assert.equal(codes(beside(explicit('shop-v1'), '')), [])
  assert.equal(codes(beside(explicit('prod-shop-v1'), '')), ['KN321'])
  assert.equal(codes(beside(explicit('prod-shop-00001'))), ['KN325'])
  // What may set the name to rights is not read.
  const more = 'namePrefix: prod-\nreplacements: [{path: r.yaml}]\n'
  assert.equal(codes(beside(explicit('shop-v1'), more)), ['KN603'])
  const bare = explicit('prod-shop-v1').replace(/ {10}readinessProbe:\n(?: {12}.*\n)+/, '')
  assert.equal(codes(beside(bare)), ['KN326'])
})

test('defaults are written out for a name that fits what is built', () => {
  const bare = explicit('prod-shop-v1').replace('name: user-container\n          ', '')
  const box = Sandbox.committed(beside(bare))
  const { status, stdout, stderr } = box.run([...release, '--spell'])
  assert.is(status, 0, stderr)
  assert.match(stdout, 'name: user-container')
})

test('a pull request shows the URLs of what is built', () => {
  const box = Sandbox.committed(overlaid('namePrefix: prod-', 'prod-shop-v1'))
  const { stdout } = box.run([...release, '--format', 'markdown'])
  assert.match(stdout, 'http://v2-prod-shop.default.example.com')
})

test('whatever the affixes, a release is named as the cluster asks', () => {
  const affix = constantFrom('', 'a-', 'prod-', 'shop-')
  const suffix = constantFrom('', '-b', '-blue', '-shop')
  hold(
    property(tuple(affix, suffix, affix, suffix), ([inner, behind, outer, end]) => {
      const service = `${outer}${inner}shop${behind}${end}`
      const tree = {
        'base/kustomization.yaml': `resources: [service.yaml]\nnamePrefix: "${inner}"\nnameSuffix: "${behind}"\n`,
        'base/service.yaml': explicit(`${service}-v1`),
        'prod/kustomization.yaml': `resources: [../base]\nnamePrefix: "${outer}"\nnameSuffix: "${end}"\n`,
      }
      const request = { command: 'release', image: ':1.1' } as const
      const { changes, diagnostics } = run(tree, { move: request, overlay: 'prod/kustomization.yaml' })
      assert.equal(diagnostics, [])
      assert.match(changes[0]?.text ?? '', `      name: ${service}-v2\n`)
      assert.equal(run({ ...tree, 'base/service.yaml': changes[0]?.text ?? '' }).diagnostics, [])
    }),
    { numRuns: 60, seed: 20_261_128 },
  )
})

test.run()
