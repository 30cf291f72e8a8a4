import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'

// What a cluster says of the same manifest, word for word, so that who has its message in front of them finds ours.

type Change = { readonly metadata?: object; readonly template?: object; readonly traffic?: readonly object[] }

function said({ metadata, template, traffic }: Change): string {
  const text = JSON.stringify({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'shop', ...metadata },
    spec: {
      template: { metadata: template ?? {}, spec: { containers: [{ image: 'ghcr.io/acme/shop:2.1.0' }] } },
      ...(traffic && { traffic }),
    },
  })
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], {})
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return errors.map(({ path, says }) => `${path}: ${says?.text ?? ''}`).join('\n')
}

const label =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const name =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const long = 'a'.repeat(64)
const target = (fields: object) => ({ traffic: [{ percent: 100, ...fields }] })
const scaled = (key: string, value: string) => ({
  template: { annotations: { [`autoscaling.knative.dev/${key}`]: value } },
})
/** The first one does not control, all the others do. */
const owner = (number: number) => ({
  apiVersion: 'apps.example.com/v1',
  kind: 'App',
  name: `shop-${number}`,
  uid: `7c9e6679-7425-40de-944b-e07fc1f90ae${number}`,
  controller: number > 1,
})

const phrases: readonly (readonly [what: string, change: Change, path: string, ...phrases: readonly string[]])[] = [
  ['a tag', target({ tag: 'foo@' }), 'spec.traffic[0].tag', `invalid value: not a DNS 1035 label: [${label}]`],
  [
    'a tag with two faults',
    target({ tag: long.toUpperCase() }),
    'spec.traffic[0].tag',
    `invalid value: not a DNS 1035 label: [must be no more than 63 characters ${label}]`,
  ],
  [
    'a revisionName',
    target({ revisionName: 'b ar' }),
    'spec.traffic[0].revisionName',
    'invalid key name "b ar"',
    `name part ${name}`,
  ],
  [
    'a revisionName with too many parts',
    target({ revisionName: 'a/b/c' }),
    'spec.traffic[0].revisionName',
    `a valid label key ${name} with an optional DNS subdomain prefix and '/'`,
  ],
  [
    'an own name without the prefix',
    { template: { name: 'foo' } },
    'spec.template.metadata.name',
    'invalid value: "foo" must have prefix "shop-"',
  ],
  [
    'an own name that is no label',
    { template: { name: 'shop-@v1' } },
    'spec.template.metadata.name',
    `invalid value: not a DNS 1035 label: [${label}]`,
  ],
  [
    'a generateName of the template',
    { template: { generateName: 'foo.bar' } },
    'spec.template.metadata.generateName',
    `invalid value: not a DNS 1035 label prefix: [${label}]`,
  ],
  ['a Service named like a host', { metadata: { name: 'a.b' } }, 'metadata.name', `not a DNS 1035 label: [${label}]`],
  ['a Service in capitals', { metadata: { name: 'Shop' } }, 'metadata.name', `Invalid value: "Shop": ${subdomain}`],
  [
    'a Service without a name',
    { metadata: { name: '' } },
    'metadata.name',
    'resource name may not be empty',
    'name or generateName is required',
  ],
  [
    'the start of a name',
    { metadata: { name: undefined, generateName: long } },
    'metadata.generateName',
    'not a DNS 1035 label prefix: [must be no more than 63 characters]',
  ],
  [
    'the value of a label',
    { metadata: { labels: { app: long } } },
    'metadata.labels.app',
    `Invalid value: "${long}": must be no more than 63 bytes`,
  ],
  [
    'the key of an annotation',
    { metadata: { annotations: { 'a b': '' } } },
    'metadata.annotations["a b"]',
    `Invalid value: "a b": name part ${name}`,
  ],
  [
    'autoscaling on the Service',
    { metadata: { annotations: { 'autoscaling.knative.dev/foo': 'bar' } } },
    'metadata.annotations["autoscaling.knative.dev/foo"]',
    'invalid key name "autoscaling.knative.dev/foo"',
    'autoscaling annotations must be put under "spec.template.metadata.annotations" to work',
  ],
  [
    'an initial scale of nothing',
    scaled('initial-scale', '0'),
    'spec.template.metadata.annotations["autoscaling.knative.dev/initial-scale"]',
    'invalid value: 0, initial-scale=0 not allowed by cluster',
  ],
  [
    'an initial scale of less',
    scaled('initialScale', '-2'),
    'spec.template.metadata.annotations["autoscaling.knative.dev/initialScale"]',
    'invalid value: -2, initial-scale must be greater than 0',
  ],
  [
    'a share as Go writes it',
    { template: { annotations: { 'queue.sidecar.serving.knative.dev/resource-percentage': '1e3' } } },
    'spec.template.metadata.annotations["queue.sidecar.serving.knative.dev/resource-percentage"]',
    'expected 0.1 <= 1000 <= 100',
  ],
  [
    'a window of parts of a second',
    scaled('window', '90.5s'),
    'spec.template.metadata.annotations["autoscaling.knative.dev/window"]',
    'must be specified with at most second precision',
  ],
  [
    'a window without a unit',
    scaled('window', '90'),
    'spec.template.metadata.annotations["autoscaling.knative.dev/window"]',
    'invalid value: 90',
  ],
  [
    'an activation scale that is no number',
    scaled('activation-scale', 'two'),
    'spec.template.metadata.annotations["autoscaling.knative.dev/activation-scale"]',
    'invalid value: two',
  ],
  [
    'a progress deadline without a unit',
    { template: { annotations: { 'serving.knative.dev/progress-deadline': '600' } } },
    'spec.template.metadata.annotations["serving.knative.dev/progress-deadline"]',
    'invalid value: 600',
  ],
  [
    'a progress deadline of less than nothing',
    { template: { annotations: { 'serving.knative.dev/progress-deadline': '-10s' } } },
    'spec.template.metadata.annotations["serving.knative.dev/progress-deadline"]',
    'progress-deadline=-10s must be positive',
  ],
  [
    'a second owner that controls',
    { metadata: { ownerReferences: [owner(1), owner(2), owner(3)] } },
    'metadata.ownerReferences[2].controller',
    'Only one reference can have Controller set to true',
  ],
  [
    'two ways of deletion at once',
    { metadata: { finalizers: ['orphan', 'foregroundDeletion'] } },
    'metadata.finalizers',
    'cannot be both set',
  ],
  [
    'annotations of more than 256 KiB',
    { metadata: { annotations: { 'example.com/a': 'é'.repeat(2 ** 17 - 13), 'example.com/b': '!' } } },
    'metadata.annotations',
    'Too long: may not be more than 262144 bytes',
  ],
  [
    'a duration with two faults',
    { metadata: { annotations: { 'serving.knative.dev/rollout-duration': '-1.5s' } } },
    'metadata.annotations["serving.knative.dev/rollout-duration"]',
    'rollout-duration=-1.5s is not at second precision',
  ],
]

for (const [what, change, path, ...wanted] of phrases)
  test(`${what} is refused in the words of the cluster`, () => {
    const found = said(change)
    assert.is(found.split('\n').length, 1)
    assert.ok(found.startsWith(`${path}: `), found)
    for (const phrase of wanted) assert.ok(found.includes(phrase), `${phrase}\n${found}`)
  })

test('a template without containers is refused in the words of the cluster', () => {
  const text =
    '{"apiVersion":"serving.knative.dev/v1","kind":"Service","metadata":{"name":"shop"},"spec":{"template":{}}}'
  const [found] = plan([{ path: 'shop.yaml', text }], {}).diagnostics
  assert.is(found?.message, '`spec.template.spec.containers` is missing')
})

test('numbers as Go reads them are admitted', () => {
  for (const [key, value] of [
    ['target', '1_000'],
    ['target-utilization-percentage', '0x1p6'],
    ['initial-scale', '9223372036854775807'],
  ] as const)
    assert.is(said(scaled(key, value)), '')
})

test('annotations of 256 KiB are admitted', () => {
  assert.is(said({ metadata: { annotations: { 'example.com/a': 'é'.repeat(2 ** 17 - 13), 'example.com/b': '' } } }), '')
})

test.run()
