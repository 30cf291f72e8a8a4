import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { addressOf, defaultScheme, serviceUrl, tagUrl, templateFault } from '../src/stages/url.js'

const test = suite('URLs')
const shop = { name: 'shop', namespace: 'prod' }

const templates: readonly (readonly [template: string, service: string, tag: string])[] = [
  [defaultScheme.template, 'http://shop.prod.example.com', 'http://v2-shop.prod.example.com'],
  ['https://{{ .Name }}.{{- .Domain -}}', 'https://shop.example.com', 'https://v2-shop.example.com'],
  ['{{.Name}}-{{.Namespace}}.{{.Domain}}', 'http://shop-prod.example.com', 'http://v2-shop-prod.example.com'],
  ['{{.Tag}}-{{.Name}}.{{.Domain}}', 'http://shop.example.com', 'http://v2-shop.example.com'],
  ['https://{{.Tag}}.{{.Name}}.{{.Domain}}/', 'https://shop.example.com/', 'https://v2.shop.example.com/'],
  ['{{.Name}}-{{.Tag}}.{{.Domain}}', 'http://shop.example.com', 'http://shop-v2.example.com'],
  ['{{.Domain}}', 'http://example.com', 'http://example.com'],
]
for (const [template, service, tag] of templates)
  test(template, () => {
    assert.is(templateFault(template), undefined)
    assert.is(serviceUrl(shop, { ...defaultScheme, template }), service)
    assert.is(tagUrl(shop, 'v2', { ...defaultScheme, template }), tag)
  })

test('on Cloud Run: its own form, the project number as the hash, or a template', () => {
  const value = { metadata: { labels: { 'cloud.googleapis.com/location': 'europe-west1' } } }
  const front = addressOf(value, { name: 'front', namespace: '123456789012' })
  assert.is(serviceUrl(front, defaultScheme), 'https://front-123456789012.europe-west1.run.app')
  assert.is(tagUrl(front, 'next', defaultScheme), 'https://next---front-123456789012.europe-west1.run.app')
  const unknown = addressOf({ metadata: { annotations: { 'run.googleapis.com/ingress': 'all' } } }, { name: 'front' })
  assert.is(tagUrl(unknown, 'v2', defaultScheme), 'https://v2---front-<hash>.<region>.run.app')
  const template = 'https://{{.Tag}}---{{.Name}}-74pl3bqokq-ew.a.run.app'
  assert.is(templateFault(template), undefined)
  const own = { ...defaultScheme, template, cloudRun: template }
  assert.is(serviceUrl(front, own), 'https://front-74pl3bqokq-ew.a.run.app')
  assert.is(tagUrl(front, 'v2', own), 'https://v2---front-74pl3bqokq-ew.a.run.app')
})

test('a Service inside of its cluster', () => {
  assert.is(
    serviceUrl({ ...shop, isLocal: true }, { ...defaultScheme, domain: 'acme.dev', template: 'https://{{.Name}}' }),
    'http://shop.prod.svc.cluster.local',
  )
})

const faults: readonly (readonly [template: string, fault: string])[] = [
  ['{{.Name}}.{{.Labels}}', '{{.Labels}}'],
  ['{{ index .Annotations "a" }}', '{{ index .Annotations "a" }}'],
  ['{{Name}}', '{{Name}}'],
  ['{{.name}}', '{{.name}}'],
  ['{{.Name}', '{{'],
  ['.Name}}', '}}'],
]
for (const [template, fault] of faults)
  test(`${template} cannot be filled in`, () => assert.is(templateFault(template), fault))

test.run()
