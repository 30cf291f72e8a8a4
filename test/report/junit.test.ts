import { SaxesParser } from 'saxes'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { Outcome } from '../../src/pipeline/request.js'
import { junitReport } from '../../src/report/junit.js'
import { printable } from '../../src/text/printable.js'
import { diagnosticOf, hostileOutcomes, outcomeOf, plainly, rangeOf } from './outcomes.js'

const test = suite('junit')

type Element = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Reads XML strictly: whatever is not well-formed throws. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const last = open.at(-1)
    if (last) last.text += text
  })
  parser.on('closetag', () => open.pop())
  parser.write(xml).close()
  assert.is(root.children[0]?.name, 'testsuites')
  return root.children[0] ?? root
}

function report(outcome: Outcome): Element {
  return parse(junitReport(outcome, plainly))
}

const text = 'metadata: {name: shop}\nspec: {traffic: []}\n'
const files = [
  { path: 'a.yaml', text },
  { path: 'b.yaml', text },
  { path: 'none.yaml', text: '' },
]
const range = rangeOf(text, 'shop')
const traffic = rangeOf(text, '[]')

test('the parser of these tests is strict', () => {
  for (const xml of ['<a>', '<a b="<"/>', '<testsuites>\u0007</testsuites>', '<a>&b;</a>', '<a/><b/>', '<a>]]></a>']) {
    assert.throws(() => parse(xml))
  }
})

test('gives a suite for each file and a case for each Service', () => {
  const outcome = outcomeOf({
    files,
    services: [
      { file: 'a.yaml', range, name: 'shop', namespace: 'web', profile: 'knative' },
      { file: 'a.yaml', range, name: 'cart', profile: 'knative' },
      { file: 'b.yaml', range, name: 'shop', profile: 'knative' },
    ],
    diagnostics: [
      diagnosticOf({ range: traffic, service: 'web/shop', message: 'first', help: 'do this' }),
      diagnosticOf({ range: traffic, service: 'web/shop', severity: 'warning', message: 'second', code: 'KN105' }),
      diagnosticOf({ range: traffic, service: 'web/shop', message: 'third', code: 'KN302' }),
      diagnosticOf({ range: traffic, file: 'b.yaml', message: 'own', code: 'KN101' }),
      diagnosticOf({ range: traffic, file: 'b.yaml', message: 'talk', code: 'KN103', severity: 'note' }),
      diagnosticOf({ file: '', message: 'run', code: 'KN421' }),
    ],
  })
  assert.is(
    junitReport(outcome, plainly),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="kn-rollout" tests="6" failures="3" errors="0">
  <testsuite name="a.yaml" tests="2" failures="1" errors="0" skipped="0">
    <testcase name="web/shop" classname="a.yaml" file="a.yaml" line="1">
      <failure message="first (and 1 more)" type="KN301 traffic-sum">a.yaml:2:17: error: first [KN301 traffic-sum]&#10;  help: do this&#10;a.yaml:2:17: error: third [KN302 percent-range]&#10;</failure>
      <system-out>a.yaml:2:17: warning: second [KN105 duplicate-key]&#10;</system-out>
    </testcase>
    <testcase name="cart" classname="a.yaml" file="a.yaml" line="1"/>
  </testsuite>
  <testsuite name="b.yaml" tests="3" failures="1" errors="0" skipped="0">
    <testcase name="shop" classname="b.yaml" file="b.yaml" line="1"/>
    <testcase name="KN101 in line 2" classname="b.yaml" file="b.yaml" line="2">
      <failure message="own" type="KN101 invalid-yaml">b.yaml:2:17: error: own [KN101 invalid-yaml]&#10;</failure>
    </testcase>
    <testcase name="KN103 in line 2" classname="b.yaml" file="b.yaml" line="2">
      <system-out>b.yaml:2:17: note: talk [KN103 unrendered-template]&#10;</system-out>
    </testcase>
  </testsuite>
  <testsuite name="kn-rollout" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="KN421 in line 1" classname="kn-rollout" file="kn-rollout" line="1">
      <failure message="run" type="KN421 no-services">error: run [KN421 no-services]&#10;</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
  )
})

test('is well-formed where there is nothing to tell', () => {
  assert.equal({ ...report(outcomeOf({})).attributes }, { name: 'kn-rollout', tests: '0', failures: '0', errors: '0' })
})

for (const { name, outcome } of hostileOutcomes) {
  test(`carries ${JSON.stringify(name)}`, () => {
    // What acts on a reader is spelled, what XML cannot hold becomes U+FFFD; everything else comes back as it was.
    const kept = name
      .split(/([\t\n\r])/)
      .map((part, index) => (index % 2 === 1 ? part : printable(part)))
      .join('')
      .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    const root = report(outcome)
    const [suiteOfFile, suiteOfRun] = root.children
    assert.is(suiteOfFile?.attributes['name'], kept)
    assert.is(suiteOfRun?.attributes['name'], 'kn-rollout')
    const [service, ...own] = suiteOfFile?.children ?? []
    assert.is(service?.attributes['name'], `${kept}/${kept}`)
    assert.is(service?.children[0]?.attributes['message'], `must not be ${kept}`)
    assert.ok(service?.children[0]?.text.includes(`must not be ${kept} [KN301 traffic-sum]`))
    assert.ok(service?.children[1]?.text.includes(`must not be ${kept} [KN301 traffic-sum]`))
    assert.is(own.length, 2)
    assert.is(suiteOfRun?.children[0]?.children[0]?.attributes['message'], kept)
  })
}

test.run()
