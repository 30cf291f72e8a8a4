// What is no Knative Service, and carries one, or its traffic, or nearly is one: said by every command, wherever it is found.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('other kinds')

const right = service('  traffic:\n    - latestRevision: true\n      percent: 100\n', { name: 'shop' })
const route = `apiVersion: serving.knative.dev/v1
kind: Route
metadata:
  name: greeter
spec:
  traffic:
    - revisionName: greeter-v1
      percent: 100
    - percent: 10
`

/** Kinds and groups that are none, by their file. */
const misses = Object.fromEntries(
  [
    ['serving.knative.dev/v1', 'service'],
    ['serving.knative.dev/v1', 'KService'],
    ['serving.knative.dev', 'Service'],
    ['serving.knative.dv/v1', 'Service'],
    ['servings.knative.dev/v1', 'Service'],
    ['v1', 'Service'],
  ].map(([version, kind], index) => [
    `${index}.yaml`,
    right.replace('serving.knative.dev/v1', version ?? '').replace('kind: Service', `kind: ${kind}`),
  ]),
)

test('near misses are found in folders, with Git and without', () => {
  const [tracked, plain] = [Sandbox.committed(misses), new Sandbox()]
  plain.write(misses)
  const wanted = Object.keys(misses).map((name) => `${name} KN116`)
  for (const box of [tracked, plain]) {
    const { status, stdout } = box.run(['validate'])
    assert.is(status, 0)
    assert.equal(
      Array.from(stdout.matchAll(/^([^:]+):.*\[(KN\d+) [\w-]+\]$/gm), ([, file, code]) => `${file} ${code}`),
      wanted,
    )
  }
})

test('a Route is validated, counted, and refused by what edits', () => {
  const box = Sandbox.committed({ 'route.yaml': route })
  const ran = box.run(['validate', 'route.yaml'])
  assert.is(ran.status, 1)
  for (const code of ['KN301', 'KN309']) assert.match(ran.stdout, `[${code} `)
  assert.match(ran.stderr, '0 Knative Services and 1 Route in 1 file')
  for (const words of [
    ['apply', 'split'],
    ['set', '--traffic', 'greeter-v1=100'],
    ['apply', 'split', '--service', 'greeter'],
  ]) {
    const { status, stderr, stdout } = box.run(words)
    assert.is(status, 1)
    assert.match(`${stderr}${stdout}`, '[KN425 route-edit]')
  }
  box.write({ 'shop.yaml': right })
  assert.is(box.run(['apply', 'pin', '--stable', 'shop-00001']).status, 0, 'the Service moves')
})

test('a file that is named and has nothing to validate is said, a folder is not', () => {
  const box = Sandbox.committed({ 'a.yaml': 'a: b\n', 'b/c.yaml': 'a: b\n', 'shop.yaml': right })
  assert.is(box.run(['validate', 'b']).stdout, '')
  assert.match(
    box.run(['validate', 'shop.yaml', 'a.yaml', 'b/c.yaml']).stdout,
    /nothing validated: no Knative Service in `a\.yaml` \(nor in 1 other file that is named\)/,
  )
  assert.match(box.run(['validate', '-'], { stdin: 'a: b\n' }).stdout, '[KN117 nothing-validated]')
  assert.is(box.run(['validate', 'shop.yaml']).stdout, '')
})

test('a Service in a List in a List is read and edited where it is', () => {
  const inner = right.replaceAll(/^(?=.)/gm, '        ').replace(/^ {8}/, '      - ')
  const list = `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: List\n    items:\n${inner}`
  const box = Sandbox.committed({ 'list.yaml': list })
  assert.is(box.run(['apply', 'pin', '--stable', 'shop-00001', '--write']).status, 0)
  assert.is(box.read('list.yaml'), list.replace('latestRevision: true', 'revisionName: shop-00001'))
})

test.run()
