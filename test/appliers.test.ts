// What Argo CD, Flux and Cloud Deploy are told to apply, as the files of a repository say.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { appliersIn, gitSourcesIn, ownRepository, repositoriesNamedIn } from '../src/kustomize/appliers.js'
import type { Applied, Around } from '../src/kustomize/layers/layer.js'
import type { Spot } from '../src/manifest/manifest.js'
import { lineNumber } from '../src/text/source.js'

const test = suite('appliers')

type Files = Readonly<Record<string, string>>

/** What the file of that name has applied, among the others. */
function applied(files: Files, name = Object.keys(files)[0] ?? ''): Applied {
  const sources = Object.entries(files).map(([path, text]) => ({ path, text }))
  const folders = new Set(['', ...sources.flatMap(({ path }) => above(path))])
  const around: Around = {
    tree: {
      folders: () => [...folders],
      files: () => Object.keys(files),
      file: (place) => sources.find(({ path }) => path === place),
    },
    isOwn: ownRepository(['git@git.example.com:acme/fleet.git'], repositoriesNamedIn(sources)),
    gitSource: gitSourcesIn(sources),
  }
  return appliersIn({ path: name, text: files[name] ?? '' }, around)
}

function above(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function lineOf({ file, range }: Spot): string {
  return `${file.path}:${lineNumber(file.text, range.start)}`
}

const own = 'https://git.example.com/acme/fleet.git'

function argo(source: string, rest = ''): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: shop-prod}
  source:
    repoURL: ${own}
${source}${rest}`
}

test('an Application has its folder applied, with what its kustomize options lay over it', () => {
  const text = argo(`    path: ./overlays/prod/
    kustomize:
      namePrefix: eu-
      commonAnnotations: {team: web}
      images: ["ghcr.io/acme/shop:5", "old=ghcr.io/acme/new@sha256:ab", "kept=*:7", "registry:5000/a"]
      patches:
        - target: {kind: Service}
          patch: "[]"
`)
  const { appliers, notRead } = applied({ 'apps/shop.yaml': text })
  const [shop] = appliers
  assert.equal(notRead, [])
  assert.is(appliers.length, 1)
  assert.is(shop?.path, 'overlays/prod')
  assert.is(shop && lineOf(shop), 'apps/shop.yaml:8')
  assert.is(shop?.layers.namePrefix?.value, 'eu-')
  assert.is(shop?.layers.defaultNamespace?.value, 'shop-prod')
  assert.equal(shop?.layers.annotations?.value, { team: 'web' })
  assert.equal(
    shop?.layers.images.map(({ value }) => value),
    [
      { name: 'ghcr.io/acme/shop', newTag: '5' },
      { name: 'old', newName: 'ghcr.io/acme/new', digest: 'sha256:ab' },
      { name: 'kept', newTag: '7' },
      { name: 'registry:5000/a' },
    ],
  )
  assert.equal(
    shop?.layers.patches.map(({ spot }) => lineOf(spot)),
    ['apps/shop.yaml:15'],
  )
})

test('files beside the manifests override the source of an Application, that of its name last', () => {
  const { appliers } = applied({
    'apps/shop.yaml': argo('    path: svc\n    kustomize: {images: ["a:1"], namePrefix: x-}\n'),
    'svc/.argocd-source.yaml': 'kustomize:\n  images: ["a:2"]\n  namePrefix: null\n',
    'svc/.argocd-source-shop.yaml': 'kustomize:\n  images:\n    - a:3\n',
    'svc/.argocd-source-other.yaml': 'kustomize:\n  images:\n    - a:4\n',
  })
  const [image] = appliers[0]?.layers.images ?? []
  assert.equal(image?.value, { name: 'a', newTag: '3' })
  assert.is(image && lineOf(image.spot), 'svc/.argocd-source-shop.yaml:3')
  assert.is(appliers[0]?.layers.namePrefix, undefined)
})

test('a patch of an Application can stand in a file of its folder', () => {
  const { appliers } = applied({
    'a.yaml': argo('    path: svc\n    kustomize: {patches: [{path: more/p.yaml, target: {kind: Service}}]}\n'),
    'svc/more/p.yaml': '[]',
  })
  const [patch] = appliers[0]?.layers.patches ?? []
  assert.equal(patch?.value, { patch: '[]', target: { kind: 'Service' } })
  assert.is(patch && lineOf(patch.spot), 'svc/more/p.yaml:1')
})

test('what a sync leaves alone is known where the Application says that it does', () => {
  const rest = `  ignoreDifferences:
    - {group: serving.knative.dev, kind: Service, jsonPointers: [/spec/template/spec]}
    - {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}
  syncPolicy: {syncOptions: [RespectIgnoreDifferences=true]}
`
  const { appliers } = applied({ 'a.yaml': argo('    path: svc\n', rest) })
  assert.equal(
    appliers[0]?.layers.ignored?.map(({ value, spot }) => `${lineOf(spot)} ${value}`),
    ['a.yaml:10 /spec/template/spec'],
  )
  const without = applied({ 'a.yaml': argo('    path: svc\n', rest.replace('=true', '=false')) })
  assert.is(without.appliers[0]?.layers.ignored, undefined)
})

test('a repository of many Applications is read in no more than linear time', () => {
  const one = argo('    path: svc\n')
  const start = process.cpuUsage()
  const { appliers } = applied({
    'a.yaml': Array.from({ length: 3000 }, (_, index) => one.replace('name: shop', `name: shop${index}`)).join('---\n'),
    'svc/.argocd-source.yaml': `kustomize:\n  images:\n${'    - a:1\n'.repeat(1000)}`,
  })
  assert.is(appliers.length, 3000)
  // Time of a processor, which other work on the machine does not add to.
  assert.ok(process.cpuUsage(start).user < 10_000_000)
})

test('what an Application takes from elsewhere, or renders by other tools, is not read', () => {
  const sources: readonly (readonly [string, string])[] = [
    ['    path: svc\n    helm: {valueFiles: [a.yaml]}\n', 'the output of `helm` for `svc`'],
    ['    path: svc\n    plugin: {name: x}\n', 'the output of `plugin` for `svc`'],
    ['    chart: shop\n', 'the Helm chart `shop`'],
    ['    path: ../x\n', '`../x`, which is outside of the repository'],
    ['    targetRevision: main\n', 'a source without a `path`'],
  ]
  for (const [source, what] of sources)
    assert.equal(
      applied({ 'a.yaml': argo(source) }).notRead.map((one) => one.what),
      [what],
    )
  const foreign = argo('    path: svc\n').replace('acme/fleet.git', 'acme/other.git')
  const { appliers, notRead } = applied({ 'a.yaml': foreign, 'b.yaml': argo('    path: b\n') })
  assert.equal(appliers, [])
  assert.equal(
    notRead.map((one) => `${lineOf(one)} ${one.what}`),
    ['a.yaml:7 `svc` of another repository'],
  )
})

test('several sources are several folders, and one that is only referred to is none', () => {
  const text = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  sources:
    - {repoURL: ${own}, path: a, directory: {recurse: true, include: '*.yaml'}}
    - {repoURL: ${own}, path: .}
    - {repoURL: ${own}, ref: values}
  syncPolicy: {automated: {prune: true}, syncOptions: [Replace=true]}
`
  const { appliers, notRead } = applied({ 'a.yaml': text })
  assert.equal(notRead, [])
  assert.equal(
    appliers.map(({ path, directory }) => ({ path, directory })),
    [
      { path: 'a', directory: { isPlain: true, recurse: true, include: '*.yaml' } },
      { path: '', directory: { isPlain: false, recurse: false } },
    ],
  )
  assert.equal(
    appliers[0]?.settings.map(({ field, text: value }) => `${field}=${value}`),
    ['prune=true', 'syncOptions=["Replace=true"]', 'automated=true'],
  )
})

function set(generators: string, path: string, isGo = true): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shop}
spec:
  goTemplate: ${isGo}
  generators: ${generators}
  template:
    metadata: {name: 'shop-${isGo ? '{{.env}}' : '{{env}}'}'}
    spec:
      destination: {namespace: 'shop-{{.env}}'}
      source: {repoURL: ${own}, path: '${path}'}
`
}

function paths(text: string, files: Files = {}): readonly string[] {
  return applied({ 'set.yaml': text, ...files }).appliers.map(({ name, path }) => `${name} ${path}`)
}

test('a list generator fills in the template of an ApplicationSet', () => {
  const list = '[{list: {elements: [{env: prod, at: {zone: eu}}, {env: dev, at: {zone: us}}]}}]'
  assert.equal(paths(set(list, 'svc/{{ .env }}/{{- .at.zone -}}')), ['shop-prod svc/prod/eu', 'shop-dev svc/dev/us'])
  assert.equal(paths(set(list, 'svc/{{env}}/{{ at.zone }}', false)), ['shop-prod svc/prod/eu', 'shop-dev svc/dev/us'])
  const { appliers, notRead } = applied({ 'set.yaml': set(list, 'svc/{{ .env | upper }}') })
  assert.equal(appliers, [])
  assert.equal(
    notRead.map((one) => `${lineOf(one)} ${one.what}`),
    ['set.yaml:11 the templated path `svc/{{ .env | upper }}`'],
  )
})

const tree: Files = {
  'svc/a/k.yaml': '',
  'svc/b/deep/k.yaml': '',
  'svc/.hidden/k.yaml': '',
  'svc/c/config.json': '{"env": "prod", "at": {"zone": "eu"}}',
  'svc/d/e/config.json': '[{"env": "x"}, {"env": "y"}]',
}

test('a Git generator of directories knows the folders of the repository', () => {
  const git = `[{git: {repoURL: ${own}, directories: [{path: svc/*}, {path: 'svc/[b-c]', exclude: true}]}}]`
  const read = paths(set(git, '{{.path.path}}/{{index .path.segments 1}}/{{.path.basename}}'), tree)
  assert.equal(
    read.map((one) => one.split(' ')[1]),
    ['svc/a/a/a', 'svc/d/d/d'],
  )
  const plain = paths(set(git, '{{path}}/{{path[1]}}/{{path.basename}}', false), tree)
  assert.equal(
    plain.map((one) => one.split(' ')[1]),
    ['svc/a/a/a', 'svc/d/d/d'],
  )
})

test('a Git generator of files reads them', () => {
  const git = `[{git: {repoURL: ${own}, files: [{path: 'svc/**/config.json'}], values: {where: '{{.path.basename}}-x'}}}]`
  assert.equal(paths(set(git, 'on/{{.env}}/{{.values.where}}'), tree), [
    'shop-prod on/prod/c-x',
    'shop-x on/x/e-x',
    'shop-y on/y/e-x',
  ])
})

function unreadIn(text: string): readonly string[] {
  return applied({ 'set.yaml': text }).notRead.map((one) => one.what)
}

test('other generators, and too many Applications, are not read', () => {
  assert.equal(unreadIn(set('[{clusters: {}}]', 'a')), ['a generator `clusters`'])
  assert.equal(unreadIn(set('[{matrix: {generators: []}}]', 'a')), ['a generator `matrix`'])
  assert.equal(unreadIn(set('[{list: {elementsYaml: "x"}}]', 'a')), ['a list generator with `elementsYaml`'])
  const many = Array.from({ length: 1001 }, (_, index) => `{env: e${index}}`).join(', ')
  assert.equal(unreadIn(set(`[{list: {elements: [${many}]}}]`, 'a')), ['1001 Applications of one set'])
})

function flux(spec: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: flux-system}
spec:
  sourceRef: {kind: GitRepository, name: fleet}
${spec}`
}

test('a Kustomization of Flux has its folder applied, the root where it names none', () => {
  const { appliers, notRead } = applied({
    'flux.yaml': flux(`  path: ./clusters/prod
  targetNamespace: shop
  suspend: true
  prune: true
  images:
    - {name: a, newTag: "2"}
  postBuild:
    substitute: {PERCENT: "90", ODD: 5}
    substituteFrom: [{kind: ConfigMap, name: vars}]
`),
    'clusters/prod/kustomization.yaml': 'resources: []\n',
  })
  const [shop] = appliers
  assert.is(shop?.path, 'clusters/prod')
  assert.is(shop?.layers.namespace?.value, 'shop')
  assert.is(shop?.suspended && lineOf(shop.suspended), 'flux.yaml:8')
  assert.equal(shop?.layers.images[0]?.value, { name: 'a', newTag: '2' })
  assert.equal([...(shop?.layers.substitution?.values.keys() ?? [])], ['PERCENT'])
  assert.equal(
    notRead.map((one) => `${lineOf(one)} ${one.what}`),
    ['flux.yaml:14 the variables of `ConfigMap/vars`'],
  )
  assert.is(applied({ 'flux.yaml': flux('  prune: true\n') }).appliers[0]?.path, '')
})

test('a Kustomization of Flux with a source elsewhere is not read', () => {
  const source = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: flux-system}
spec:
  url: ssh://git@git.example.com:22/acme/`
  const kustomization = flux('  path: ./a\n')
  assert.is(applied({ 'flux.yaml': kustomization, 'source.yaml': `${source}fleet\n` }).appliers.length, 1)
  const foreign = { 'flux.yaml': kustomization, 'source.yaml': `${source}other\n`, 'b.yaml': argo('    path: b\n') }
  assert.equal(
    applied(foreign).notRead.map((one) => `${lineOf(one)} ${one.what}`),
    ['flux.yaml:5 `a` of another repository'],
  )
  assert.equal(
    applied({ 'flux.yaml': kustomization.replace('GitRepository', 'OCIRepository') }).notRead.map((one) => one.what),
    ['`a` of the OCIRepository `fleet`'],
  )
})

test('a skaffold configuration names files from its own folder', () => {
  const text = `apiVersion: skaffold/v4beta7
kind: Config
metadata: {name: front}
manifests:
  kustomize: {paths: [../base]}
profiles:
  - name: prod
    manifests: {rawYaml: [service.yaml]}
`
  const { appliers } = applied({ 'deploy/run/skaffold.yaml': text })
  assert.equal(
    appliers.map(({ name, path }) => `${name} ${path}`),
    ['front deploy/base', 'front/prod deploy/run/service.yaml'],
  )
})

test('Git, or else most of the files, decide which repository is the own one', () => {
  const named = ['https://a.example.com/x/fleet', 'git@a.example.com:x/fleet.git', 'https://a.example.com/x/charts']
  const byMost = ownRepository([], named)
  assert.equal(named.map(byMost), [true, true, false])
  const byRemote = ownRepository(['https://token@a.example.com/x/charts.git'], named)
  assert.equal(named.map(byRemote), [false, false, true])
  const ofFork = ownRepository(['https://b.example.com/me/fleet'], named)
  assert.equal(named.map(ofFork), [true, true, false])
})

test.run()
