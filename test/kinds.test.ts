import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { holdsKind, isList, isObject, type Json, member } from '../src/yaml/json.js'
import { parseYaml } from '../src/yaml/parse.js'
import { readDocument } from '../src/yaml/read.js'

const kinds = new Set(['Canary'])

function isCanary(value: Json): boolean {
  const items = member(value, 'items')
  if (isObject(value) && isList(items)) return items.some((item) => member(item, 'kind') === 'Canary')
  return member(value, 'kind') === 'Canary'
}

test('a CRD that names the kind holds none', () => {
  const crd = 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  names:\n    kind: Canary\n'
  assert.not(holdsKind(crd, kinds))
  assert.not(holdsKind(`# Canary\n\n---\n${crd}---\nkind: ConfigMap # Canary\ndata:\n  kind: Canary\n`, kinds))
  assert.ok(holdsKind(`${crd}---\nkind: Canary\n`, kinds))
  assert.ok(holdsKind(`${crd}---\r\nkind: "Canary"\r\n`, kinds))
})

test('what holds an object of the kind is never passed over', () => {
  const lines = fc.constantFrom(
    'kind: Canary',
    "kind: 'Canary' # it is",
    'kind : Canary',
    '"kind": Canary',
    '? kind\n: Canary',
    '{kind: Canary}',
    '  kind: Canary',
    '---',
    '--- {kind: Canary}',
    '--- # next',
    '# kind',
    '',
    'a: 1',
    '  b: 2',
    'kind: List',
    '"a": 1',
    'items:',
    '  - kind: Canary',
    '- kind: Canary',
    'kind: &k Canary',
    'a: &b Canary',
    'kind: *b',
    'kind: !!str Canary',
    'kind:',
    '  Canary',
    'kind: |-',
    '<<: {kind: Canary}',
    'kind: ConfigMap',
    '...',
    '%YAML 1.2',
    'kindOf: Canary',
  )
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 7 }), fc.constantFrom('\n', '\r\n'), (chosen, end) => {
      const text = chosen.join('\n').replaceAll('\n', end) + end
      const { documents } = parseYaml({ path: 'a.yaml', text })
      const isThere = documents.some((document) => isCanary(readDocument(document.contents).value))
      assert.ok(!isThere || holdsKind(text, kinds), text)
    }),
    { numRuns: 2000 },
  )
})

test.run()
