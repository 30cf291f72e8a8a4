// A code has a name beside its number: reports show both, and either can be typed.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { allCodes, codeLabel, codeOf } from '../src/pipeline/codes.js'
import { plan } from '../src/pipeline/plan.js'
import { paint } from '../src/report/cells.js'
import { formatNames, reportFormats } from '../src/report/formats.js'
import { baseOf } from './passages.js'

const test = suite('names of codes')
const path = 'shop.yaml'

/** A Service whose percents add up to 99, with a comment above the list. */
function service(comment: string): string {
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - image: ghcr.io/acme/shop:2.1.0
  ${comment}
  traffic:
    - revisionName: shop-v1
      percent: 99
`
}

const bad = service('# none')

function codesIn(text: string, request: Parameters<typeof plan>[1] = {}): readonly string[] {
  return plan([{ path, text }], request).diagnostics.map(({ code, severity }) => `${code} ${severity}`)
}

test('a number and a name lead to the same code', () => {
  for (const { code, name } of allCodes()) {
    assert.is(codeOf(code)?.name, name)
    assert.is(codeOf(name)?.code, code)
    assert.is(codeLabel(code), `${code} ${name}`)
  }
  assert.is(codeLabel('KN999'), 'KN999')
})

test('an ignore comment takes names, numbers and both', () => {
  assert.equal(codesIn(bad), ['KN301 error'])
  assert.equal(codesIn(service('# kn-rollout: ignore traffic-sum -- a test')), [])
  assert.equal(codesIn(service('# kn-rollout: ignore KN302, traffic-sum -- a test')), ['KN190 warning'])
  const { diagnostics } = plan([{ path, text: service('# kn-rollout: ignore trafic-sum -- a test') }], {})
  const misspelled = diagnostics.find(({ code }) => code === 'KN190')
  assert.match(misspelled?.help ?? '', /^did you mean `traffic-sum`\?/)
})

test('an ignore comment of the base commit counts under either form', () => {
  const [old, fresh] = [
    service('# kn-rollout: ignore KN301 -- a test'),
    service('# kn-rollout: ignore traffic-sum -- a test'),
  ]
  const base = { ...baseOf([old], path), asked: new Set([path]) }
  assert.equal(codesIn(fresh, { base }), [])
})

function configuration(text: string): { readonly configuration: { readonly path: string; readonly text: string } } {
  return { configuration: { path: '.kn-rollout.yaml', text } }
}

test('`rules` takes names, and refuses a code that is set twice', () => {
  assert.equal(codesIn(bad, configuration('rules: {traffic-sum: note}')), ['KN301 note'])
  assert.equal(codesIn(bad, configuration('rules: {KN301: off}')), [])
  const twice = plan([{ path, text: bad }], configuration('rules: {KN301: off, traffic-sum: note}')).diagnostics
  assert.match(twice[0]?.message ?? '', /^`rules` sets `KN301` twice, by its number and by its name$/)
  const lasting = plan([{ path, text: bad }], configuration('rules: {third-revision: off}')).diagnostics
  assert.match(lasting[0]?.message ?? '', /^`rules\.third-revision` cannot be set/)
})

// A commit message is about what moves, not about findings.
for (const name of formatNames.filter((one) => one !== 'commit'))
  test(`the format ${name} shows the name, and what the cluster prints`, async () => {
    const outcome = plan([{ path, text: bad }], {})
    const render = await reportFormats[name].load()
    const text = render(outcome, { colours: paint(false), version: '1.2.3', folder: '' })
    assert.match(text, 'KN301')
    assert.match(text, 'traffic-sum')
    assert.match(text, 'Traffic targets sum to 99, want 100')
  })

test('what the cluster prints has a line and a field of its own', () => {
  const [found] = plan([{ path, text: bad }], {}).diagnostics
  assert.equal(found?.says, { by: 'Knative', text: 'Traffic targets sum to 99, want 100' })
  assert.not.match(found?.message ?? '', 'want 100')
})

test.run()
