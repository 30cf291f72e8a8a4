// `check` over what kustomize builds: a change anywhere in what makes a Service is judged for each root that it reaches.
import { symlinkSync, unlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sandbox } from './sandbox.js'

const test = suite('check over builds')

type Found = {
  readonly code: string
  readonly file: string
  readonly line: number
  readonly severity: string
  readonly message: string
  readonly roots?: readonly string[]
}

const service = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: shop-v1
    spec:
      containers:
        - name: user-container
          image: example.com/shop:1.0
          env:
            - name: GREETING
              value: placeholder
            - name: TOKEN
              valueFrom:
                secretKeyRef:
                  name: settings
                  key: token
          readinessProbe:
            successThreshold: 1
            tcpSocket: {}
  traffic:
    - revisionName: shop-v1
      percent: 100
`

const overlay = (name: string): Readonly<Record<string, string>> => ({
  [`overlays/${name}/kustomization.yaml`]: `resources:
  - ../../base
namespace: ${name}
components:
  - ../../extras
images:
  - name: example.com/shop
    newTag: "1.0"
patches:
  - path: timeout.yaml
  - target:
      kind: Service
    patch: |-
      - op: add
        path: /spec/template/metadata/annotations
        value:
          autoscaling.knative.dev/max-scale: "1"
  - patch: |-
      apiVersion: serving.knative.dev/v1
      kind: Service
      metadata:
        name: shop
      spec:
        template:
          spec:
            containerConcurrency: 10
`,
  [`overlays/${name}/timeout.yaml`]: `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    spec:
      timeoutSeconds: 60
`,
})

const tree: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': `resources:
  - service.yaml
  - values.yaml
secretGenerator:
  - name: settings
    envs:
      - settings.env
replacements:
  - source:
      kind: ConfigMap
      name: values
      fieldPath: data.greeting
    targets:
      - select:
          kind: Service
        fieldPaths:
          - spec.template.spec.containers.0.env.0.value
`,
  'base/service.yaml': service,
  'base/settings.env': 'token=abc\n',
  'base/values.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: values\ndata:\n  greeting: hello\n',
  'extras/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target:
      kind: Service
    patch: |-
      - op: add
        path: /metadata/labels
        value:
          team: shop
      - op: add
        path: /spec/template/spec/enableServiceLinks
        value: false
`,
  ...overlay('dev'),
  ...overlay('staging'),
  ...overlay('prod'),
}

const all = ['overlays/dev', 'overlays/prod', 'overlays/staging']

/** A change of one file: where it is found, and in which roots. */
type Bump = readonly [name: string, file: string, from: string, to: string, line: number, roots: readonly string[]]

const prod = 'overlays/prod/kustomization.yaml'
const bumps: readonly Bump[] = [
  ['a new tag', prod, 'newTag: "1.0"', 'newTag: "2.0"', 8, ['overlays/prod']],
  ['a digest', prod, 'newTag: "1.0"', `digest: sha256:${'a'.repeat(64)}`, 8, ['overlays/prod']],
  ['a patch file', 'overlays/prod/timeout.yaml', '60', '90', 8, ['overlays/prod']],
  ['an inline patch', prod, 'containerConcurrency: 10', 'containerConcurrency: 20', 26, ['overlays/prod']],
  ['a JSON patch', prod, 'max-scale: "1"', 'max-scale: "2"', 17, ['overlays/prod']],
  ['the content of a generated secret', 'base/settings.env', 'abc', 'abd', 1, all],
  ['the source of a replacement', 'base/values.yaml', 'hello', 'hi', 6, all],
  ['a component', 'extras/kustomization.yaml', 'value: false', 'value: true', 13, all],
]

function changed(box: Sandbox, file: string, from: string, to: string): void {
  const text = box.read(file)
  assert.ok(text.includes(from), `${file} has ${from}`)
  box.write({ [file]: text.replace(from, to) })
}

function found(box: Sandbox, ...args: readonly string[]): readonly Found[] {
  const { stdout, stderr } = box.run(['check', ...args, '--format', 'json'])
  assert.match(stdout, /^\{/, stderr)
  return (JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }).diagnostics
}

test('a repository of three environments has nothing to complain about', () => {
  const box = Sandbox.committed(tree)
  const { stdout, stderr, status } = box.run(['validate'])
  assert.is(status, 0, stdout + stderr)
  assert.not.match(stdout, /warning|error:/)
  assert.equal(found(box, '--since', 'HEAD'), [])
})

for (const [name, file, from, to, line, roots] of bumps)
  test(`${name} under a kept revision name is found at its line, for the roots that it reaches`, () => {
    const box = Sandbox.committed(tree)
    changed(box, file, from, to)
    const errors = found(box, '--since', 'HEAD')
    assert.equal(
      errors.map((one) => `${one.code} ${one.severity} ${one.file}:${one.line}`),
      [`KN501 error ${file}:${line}`],
    )
    assert.equal([...(errors[0]?.roots ?? [])].toSorted(), roots)
    // The same between two commits.
    box.commit()
    assert.equal(
      found(box, '--since', 'HEAD~1', '--head', 'HEAD').map((one) => `${one.file}:${one.line}`),
      [`${file}:${line}`],
    )
  })

for (const [name, file, from, to] of bumps)
  test(`${name} is fine where the revision name changes along`, () => {
    const box = Sandbox.committed(tree)
    changed(box, file, from, to)
    changed(box, 'base/service.yaml', 'name: shop-v1\n', 'name: shop-v2\n')
    changed(
      box,
      'base/service.yaml',
      '    - revisionName: shop-v1\n      percent: 100\n',
      '    - revisionName: shop-v1\n      percent: 100\n    - revisionName: shop-v2\n      percent: 0\n      tag: v2\n',
    )
    assert.equal(found(box, '--since', 'HEAD'), [])
  })

test('annotations for all objects do not reach the template', () => {
  const box = Sandbox.committed(tree)
  changed(box, prod, 'namespace: prod\n', 'namespace: prod\ncommonAnnotations:\n  team: shop\n')
  assert.equal(found(box, '--since', 'HEAD'), [])
})

test('a tag that was merged long ago under a kept name is refused now', () => {
  const box = Sandbox.committed(tree)
  changed(box, prod, 'newTag: "1.0"', 'newTag: "2.0"')
  box.commit()
  changed(box, 'overlays/prod/timeout.yaml', '  name: shop\n', '  name: shop\n  labels:\n    tier: front\n')
  const errors = found(box, '--since', 'HEAD')
  assert.equal(
    errors.map((one) => `${one.code} ${one.file}`),
    [`KN501 ${prod}`],
  )
})

test('traffic that loses its patch is found', () => {
  const box = Sandbox.committed({
    ...tree,
    'overlays/prod/traffic.yaml':
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  traffic:\n    - revisionName: shop-v1\n      percent: 100\n',
    'base/service.yaml': service.replace(/ {2}traffic:[^]*/, ''),
  })
  changed(box, prod, '  - path: timeout.yaml\n', '  - path: timeout.yaml\n  - path: traffic.yaml\n')
  box.commit()
  changed(box, prod, '  - path: traffic.yaml\n', '')
  assert.equal(
    found(box, '--since', 'HEAD').map(({ code, roots }) => `${code} ${roots?.join()}`),
    ['KN518 overlays/prod'],
  )
})

const application = (tag: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: prod, namespace: argocd}
spec:
  project: default
  source:
    repoURL: https://git.example.com/shop.git
    path: overlays/prod
    kustomize:
      images:
        - example.com/shop:${tag}
  destination: {server: https://kubernetes.default.svc, namespace: prod}
`

test('what Argo CD lays over a build was there before, and counts where it changes', () => {
  const box = Sandbox.committed({ ...tree, 'argo.yaml': application('7.0') })
  changed(box, 'overlays/prod/timeout.yaml', '  name: shop\n', '  name: shop\n  labels:\n    tier: front\n')
  assert.equal(found(box, '--since', 'HEAD'), [], 'only what Argo CD gives is compared')
  box.commit()
  box.write({ 'argo.yaml': application('8.0') })
  assert.equal(
    found(box, '--since', 'HEAD').map(({ code, file, line, roots }) => `${code} ${file}:${line} ${roots?.join()}`),
    ['KN501 argo.yaml:11 overlays/prod'],
  )
})

const renamed: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': service
    .replace('image: example.com/shop:1.0', 'image: example.com/shop:1.0\n          workingDir: 5')
    .replaceAll('shop-v1', 'prod-shop-v1'),
  'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\nnamespace: live\n',
}

test('a Service is meant by the name that it is built under as well as by that of its file', () => {
  const box = Sandbox.committed(renamed)
  for (const name of ['shop', 'prod-shop', 'live/prod-shop']) {
    const { stdout, stderr, status } = box.run(['validate', '--service', name])
    assert.match(stdout, /workingDir.*\[KN201 wrong-type\]/, name)
    assert.equal([status, stderr.includes('KN420')], [1, false], name)
    assert.match(box.run(['status', '--service', name]).stdout, /^live\/prod-shop /m, name)
  }
  const other = box.run(['validate', '--service', 'other'])
  assert.match(other.stdout, '[KN420 service-not-found]')
  const moved = box.run(['apply', 'split', '--service', 'prod-shop', '--candidate', 'prod-shop-v2'])
  assert.match(moved.stdout, /^\+ +- revisionName: prod-shop-v2$/m, moved.stderr)
})

test('what is wrong in a Service that is built under another name is mended in its file', () => {
  const box = Sandbox.committed(renamed)
  const { stdout } = box.run(['validate', '--fix'])
  assert.match(stdout, /^-          workingDir: 5\n\+          workingDir: "5"$/m)
})

test('a JSON patch below the list decides on it, and an edit of the base is said to have no effect', () => {
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': service,
    'prod/kustomization.yaml': 'resources: [../base]\npatches:\n  - target: {kind: Service}\n    path: shares.json\n',
    'prod/shares.json': '[{"op": "replace", "path": "/spec/traffic/0/percent", "value": 100}]\n',
  })
  const { stdout } = box.run(['validate'])
  assert.match(
    stdout,
    /`spec\.traffic` of `base\/service\.yaml` is changed in `prod`: `prod\/shares\.json` overrides a part of it/m,
  )
})

test('a Service that leaves one of its environments is missed there', () => {
  const box = Sandbox.committed(tree)
  box.git('rm', '-r', '--quiet', 'overlays/staging')
  assert.equal(
    found(box, '--since', 'HEAD').map(({ code, file }) => `${code} ${file}`),
    ['KN519 overlays/staging/kustomization.yaml'],
  )
})

const broken: Readonly<Record<string, readonly [text: string | Uint8Array, found: readonly string[]]>> = {
  'no YAML': ['resources: [../base\n', ['KN620 prod/kustomization.yaml:1']],
  'nothing in it': ['', ['KN620 prod/kustomization.yaml:1']],
  'no list of resources': ['namePrefix: a-\nresources: 5\n', ['KN620 prod/kustomization.yaml:2']],
  'a folder that is not there': [
    'namespace: prod\nresources: [../bas]\n',
    ['KN608 prod/kustomization.yaml:2', 'KN519 prod/kustomization.yaml:1'],
  ],
  'no Service any more': ['resources: [settings.yaml]\n', ['KN519 prod/kustomization.yaml:1']],
  'a template': ['resources: [{{ base }}]\n', ['KN519 prod/kustomization.yaml:1']],
  'no UTF-8': [
    Buffer.from('resources: [../base]\nnamespace: caf\xe9\n', 'latin1'),
    ['KN102 prod/kustomization.yaml:2'],
  ],
  'UTF-16': [Buffer.from('\uFEFFresources: [../base]\n', 'utf16le'), ['KN102 prod/kustomization.yaml:1']],
  'a pointer of Git LFS': [
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`,
    ['KN122 prod/kustomization.yaml:1'],
  ],
  'too much in it': [`resources: [../base]\n${'#'.repeat(8 * 1024 * 1024)}\n`, ['KN104 prod/kustomization.yaml:1']],
}
for (const [what, [text, expected]] of Object.entries(broken)) {
  test(`a kustomization that breaks is told from one that drops a Service: ${what}`, () => {
    const box = Sandbox.committed({
      'base/kustomization.yaml': 'resources: [service.yaml]\n',
      'base/service.yaml': service,
      'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod\n',
      'prod/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n',
    })
    box.write({ 'prod/kustomization.yaml': text })
    const told = (...args: readonly string[]): readonly string[] =>
      found(box, ...args).map(({ code, file, line }) => `${code} ${file}:${line}`)
    assert.equal(told('--since', 'HEAD'), expected)
    box.commit()
    assert.equal(told('--since', 'HEAD~1', '--head', 'HEAD'), expected)
    assert.equal(told('--since', 'HEAD~1', '--head', 'HEAD', 'base'), expected)
  })
}

test('a kustomization that is no text is told whoever asks, and nothing is said of what it drops', () => {
  const garbled = Buffer.from('resources: [service.yaml]\nnamespace: caf\xe9\n', 'latin1')
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': service,
    'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod\n',
  })
  box.write({ 'base/kustomization.yaml': garbled })
  const codes = (...args: readonly string[]): readonly string[] | null => {
    const { stdout, stderr } = box.run([...args])
    return `${stdout}${stderr}`.match(/^.*\[KN\d+ .*\]$/gm)
  }
  const expected = [
    'base/kustomization.yaml:2:15: error: the file is not UTF-8: invalid bytes in line 2 (byte 41) [KN102 invalid-utf8]',
  ]
  for (const args of [
    ['validate'],
    ['validate', 'base/service.yaml'],
    ['check', '--since', 'HEAD'],
    ['check', '--since', 'HEAD', 'base/service.yaml'],
    ['status', 'base/service.yaml'],
    ['apply', 'pin', 'base/service.yaml'],
    ['release', 'base/service.yaml', '--image', ':1.1'],
  ])
    assert.equal(codes(...args), expected, args.join(' '))
})

test('a kustomization that no file has to do with stops nobody, whatever is in it', () => {
  const garbled = Buffer.from('resources: [../y]\nnamespace: caf\xe9\n', 'latin1')
  const box = Sandbox.committed({
    'a/kustomization.yaml': 'resources: [service.yaml]\n',
    'a/service.yaml': service,
    'z/kustomization.yaml': garbled,
  })
  assert.is(box.run(['validate', 'a/service.yaml']).status, 0)
  const written = box.run(['release', 'a/service.yaml', '--image', ':1.1', '--write'])
  assert.is(written.status, 0, written.stderr)
  box.commit()
  for (const args of [
    ['HEAD~1', '--head', 'HEAD'],
    ['HEAD~1', '--head', 'HEAD', 'a'],
    ['HEAD~1', 'a'],
  ])
    assert.is(box.run(['check', '--since', ...args]).status, 0, args.join(' '))
})

for (const [what, target, code] of [
  ['out of the repository', '/etc/passwd', 'KN423'],
  ['nowhere', 'none.yaml', 'KN114'],
] as const) {
  test(`a kustomization that becomes a link that leads ${what} drops no Service`, () => {
    const box = Sandbox.committed({
      'base/kustomization.yaml': 'resources: [service.yaml]\n',
      'base/service.yaml': service,
      'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod\n',
    })
    unlinkSync(box.path('prod/kustomization.yaml'))
    symlinkSync(target, box.path('prod/kustomization.yaml'))
    const codes = (...args: readonly string[]): readonly string[] => found(box, ...args).map((one) => one.code)
    assert.equal(codes('--since', 'HEAD'), [code])
    assert.equal(codes('--since', 'HEAD', 'base'), [code])
    box.commit()
    assert.equal(codes('--since', 'HEAD~1', '--head', 'HEAD'), [code])
    assert.equal(codes('--since', 'HEAD~1', '--head', 'HEAD', 'base'), [code])
  })
}

test('a base that moves away from its overlays breaks them', () => {
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': service,
    'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod\n',
  })
  box.git('mv', 'base', 'common')
  assert.equal(
    found(box, '--since', 'HEAD').map(({ code, file, line }) => `${code} ${file}:${line}`),
    ['KN608 prod/kustomization.yaml:1', 'KN519 prod/kustomization.yaml:1'],
  )
})

test('a base that cannot be read is said once, whatever builds upon it', () => {
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [service.yaml\n',
    'base/service.yaml': service,
    'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod\n',
  })
  const { status, stdout } = box.run(['validate'])
  assert.is(status, 1)
  assert.equal(stdout.match(/^.*\[KN\d+ .*$/gm), [
    'base/kustomization.yaml:1:1: error: file is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ] [KN620 build-fails]',
  ])
})

test('a patch that is newly listed counts where it is listed, and every report says so of the Service', () => {
  const box = Sandbox.committed({ ...tree, 'overlays/prod/note.yaml': tree['overlays/prod/timeout.yaml'] ?? '' })
  box.write({ 'overlays/prod/note.yaml': (tree['overlays/prod/timeout.yaml'] ?? '').replace('60', '70') })
  box.commit()
  changed(box, prod, '  - path: timeout.yaml\n', '  - path: timeout.yaml\n  - path: note.yaml\n')
  const { stdout } = box.run(['check', '--since', 'HEAD', '--format', 'json'])
  const report = JSON.parse(stdout) as { readonly diagnostics: readonly Found[]; readonly services: readonly Found[] }
  assert.equal(
    report.diagnostics.map(({ code, file, line }) => `${code} ${file}:${line}`),
    [`KN501 ${prod}:11`],
  )
  assert.equal(
    report.services.map(({ file, line }) => `${file}:${line}`),
    ['base/service.yaml:4'],
  )
  const markdown = box.run(['check', '--since', 'HEAD', '--format', 'markdown']).stdout
  assert.match(markdown, /^\| `prod\/shop` \| as it was: .* \| \*\*1 error\*\* \(KN501\) \|$/m)
})

test('a Service of a root that could not be built before is not taken for new', () => {
  const box = Sandbox.committed(tree)
  changed(box, prod, '  - path: timeout.yaml\n', '  - path: timeouts.yaml\n')
  box.commit()
  changed(box, prod, '  - path: timeouts.yaml\n', '  - path: timeout.yaml\n')
  changed(box, 'base/service.yaml', 'revisionName: shop-v1', 'revisionName: shop-v0')
  const { stdout, stderr } = box.run(['check', '--since', 'HEAD'])
  assert.match(
    stdout,
    /not checked: the change of `prod\/shop` \(at the base commit it cannot be built\) \(`overlays\/prod`\) \[KN520/,
  )
  assert.not.match(stdout, /KN503/)
  assert.match(stderr, /^prod\/shop \(overlays\/prod\): now: shop-v0 100%$/m)
})

test('a target that a new Service cannot have is found where it stands', () => {
  const box = Sandbox.committed({ 'README.md': '' })
  const base = { 'base/kustomization.yaml': 'resources: [service.yaml]\n' }
  box.write({ ...base, 'base/service.yaml': service.replace('revisionName: shop-v1', 'revisionName: shop-v0') })
  assert.equal(
    found(box, '--since', 'HEAD').flatMap(({ code, file, line }) => (code === 'KN503' ? [`${file}:${line}`] : [])),
    ['base/service.yaml:25'],
  )
})

test.run()
