// One question, one answer: commands that look at the same files say the same of them.
import { readFileSync, readdirSync, statSync } from 'node:fs'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sandbox } from './sandbox.js'

const test = suite('agreement between commands')

type Told = {
  readonly diagnostics: readonly {
    readonly code: string
    readonly file?: string
    readonly line?: number
    readonly severity: string
  }[]
}

/** What a command says of YAML, schema, rules and kustomizations, each as one line of text. */
function told(box: Sandbox, ...command: readonly string[]): readonly string[] {
  const { stdout, stderr } = box.run([...command, '--format', 'json'])
  assert.match(stdout, /^\{/, stderr)
  const { diagnostics } = JSON.parse(stdout) as Told
  return diagnostics
    .filter(({ code }) => /^KN[1236]/.test(code))
    .map(({ code, file, line, severity }) => `${file}:${line} ${severity} ${code}`)
    .toSorted()
}

/** A base with a placeholder for its image, and an overlay that gives it a name, an image and traffic. */
const prefixed = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - image: SHOP_IMAGE
`,
  'team/kustomization.yaml': `namePrefix: team-
resources: [../base]
images:
  - name: SHOP_IMAGE
    newName: ghcr.io/team/shop
    newTag: v1
patches:
  - path: patch.yaml
`,
  'team/patch.yaml': `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: team-shop-v1
  traffic:
    - revisionName: team-shop-v1
      percent: 100
`,
}

/** The files of a folder of fixtures, by their path in it. */
function treeIn(folder: URL): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(new URL(name, folder)).isFile())
  return Object.fromEntries(files.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]))
}

const overlays = new URL('../../fixtures/overlays/', import.meta.url)
const trees: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  prefixed,
  kustomize: treeIn(new URL('../../fixtures/kustomize/', import.meta.url)),
  ...Object.fromEntries(readdirSync(overlays).map((name) => [name, treeIn(new URL(`${name}/`, overlays))])),
}

/** The tree on top of an empty commit. */
function onEmpty(files: Readonly<Record<string, string>>): Sandbox {
  const box = Sandbox.committed({ 'README.md': 'nothing yet\n' })
  box.write(files)
  box.commit()
  return box
}

for (const [name, files] of Object.entries(trees)) {
  const box = onEmpty(files)
  const wanted = told(box, 'validate')
  test(`${name}: --fix says of a file what validate says`, () => {
    assert.equal(told(box, 'validate', '--fix'), wanted)
  })
  test(`${name}: check says of a working tree what validate says`, () => {
    assert.equal(told(box, 'check', '--since', 'HEAD~1'), wanted)
    assert.equal(told(box, 'check', '--since', 'HEAD~1', '.'), wanted)
  })
  test(`${name}: check says the same of a commit, whatever the working tree holds`, () => {
    const emptied = Object.keys(files).filter((file) => file.endsWith('kustomization.yaml'))
    box.write(Object.fromEntries(emptied.map((file) => [file, 'resources: []\n'])))
    const found = told(box, 'check', '--since', 'HEAD~1', '--head', 'HEAD')
    box.write(files)
    assert.equal(found, wanted)
  })
}

test('what kustomizations say is not left out', () => {
  assert.match(told(onEmpty(trees['KN601'] ?? {}), 'validate').join('\n'), /KN601/)
})

test.run()
