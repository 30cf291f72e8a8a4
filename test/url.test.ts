import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { defaultScheme, localScheme, serviceUrl, tagUrl, templateFault } from '../src/stages/url.js'

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

test('a Service inside of its cluster', () => {
  assert.is(serviceUrl(shop, localScheme), 'http://shop.prod.svc.cluster.local')
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
