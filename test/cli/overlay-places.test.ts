// Where a refusal of an overlay stands: at the container or name that another file has.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sandbox } from './sandbox.js'

const test = suite('overlay places')

const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n'
const template = `  template:
    metadata:
      name: shop-v1
    spec:
      containers:
        - image: example.com/shop:1
`
const traffic = '  traffic:\n    - revisionName: shop-v1\n      percent: 100\n'
const patchFile = 'patches:\n  - path: patch.yaml\n    target: {kind: Service}\n'

/** The places of the refusals, each with what stands there. */
function placesOf(kustomization: string, base: string, patch: string, words: readonly string[]): readonly string[] {
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'base/shop.yaml': base,
    'own/kustomization.yaml': `resources: [../base]\n${kustomization}`,
    'own/patch.yaml': patch,
  })
  const { stderr } = box.run([...words, '--overlay', 'own'])
  return [...stderr.matchAll(/^(\S+):(\d+):(\d+): error: .*\[KN465 separate-sources\]$/gm)].map(
    ([, file = '', line]) => {
      return `${file}: ${box.read(file).split('\n')[Number(line) - 1]?.trim() ?? ''}`
    },
  )
}

const image = ['release', '--image', ':2']

test('the container of a base whose traffic is in a patch', () => {
  assert.equal(placesOf(patchFile, head + template + traffic, head + traffic, image), ['base/shop.yaml: containers:'])
})

test('the container that a JSON patch decides on, in a file and in the kustomization', () => {
  const operation = '- {op: replace, path: /spec/template/spec/containers/0/image, value: "example.com/shop:0"}\n'
  const base = head + template + traffic
  assert.equal(placesOf(patchFile, base, operation, image), [`own/patch.yaml: ${operation.trim()}`])
  const inline = `patches:\n  - target: {kind: Service}\n    patch: |-\n      ${operation}`
  assert.equal(placesOf(inline, base, operation, image), [`own/kustomization.yaml: ${operation.trim()}`])
})

test('the revision name of a patch, where the base has the traffic', () => {
  const named = `${head}  template:\n    metadata:\n      name: shop-v7\n`
  assert.equal(placesOf(patchFile, head + template + traffic, named, image), ['own/patch.yaml: name: shop-v7'])
})

test('the container that lacks its defaults', () => {
  const words = ['apply', 'split', '--stable', 'shop-v1', '--candidate', 'shop-v2', '--write-defaults']
  const bare = head + template + traffic
  assert.equal(placesOf(patchFile, bare, head + traffic, words), ['base/shop.yaml: containers:'])
})

test.run()
