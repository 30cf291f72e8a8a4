import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { allCodes } from '../../src/pipeline/codes.js'
import { Sandbox } from './sandbox.js'

const test = suite('explain on the command line')
const box = new Sandbox()

test('a code is explained, with its lines marked and its source named', () => {
  const { status, stdout, stderr } = box.run(['explain', 'kn301'])
  assert.is(status, 0, stderr)
  assert.match(stdout, /^KN301 traffic-sum \(error\): Traffic percents do not add up to 100\n\n\S/)
  assert.match(stdout, /\nBad:\n\n {2}apiVersion: [^]*\n {4}traffic: {2}<-- here\n[^]*\nGood:\n\n {2}apiVersion: /)
  assert.match(stdout, /\nSource: pkg\/apis\/serving\/v1\/route_validation\.go validateTrafficList\n$/)
  assert.is(stdout.match(/<-- here/g)?.length, 1)
  assert.ok(stdout.split('\n').every((line) => line.length <= 80))
})

test('a code that is about a change shows what came before it', () => {
  const { stdout } = box.run(['explain', 'KN510'])
  assert.match(stdout, /\nBefore:\n\n {2}apiVersion: [^]*\nBefore:\n\n[^]*\nBad:\n\n[^]* {2}<-- here\n[^]*\nGood:\n/)
})

test('a code without an example is explained without', () => {
  const { status, stdout } = box.run(['explain', 'KN401'])
  assert.is(status, 0)
  assert.match(stdout, /^KN401 unknown-candidate \(error\): Candidate revision cannot be determined\n\n/)
  assert.not.match(stdout, /Bad:|Good:|Source:/)
})

test('what `validate --fix` can mend is called fixable', () => {
  assert.match(box.run(['explain', 'KN202']).stdout, /^KN202 unknown-field \(error, fixable\): /)
})

test('a matter of taste is called optional', () => {
  assert.match(box.run(['explain', 'KN315']).stdout, /^KN315 unpinned-traffic \(warning, optional\): /)
})

test('without a code all of them are listed', () => {
  const lines = box.run(['explain']).stdout.trimEnd().split('\n')
  assert.is(lines.length, allCodes().length)
  assert.match(lines.join('\n'), /^KN301 {2}traffic-sum {2,}error {4}Traffic percents do not add up to 100$/m)
  for (const [index, { code, title }] of allCodes().entries())
    assert.ok(lines[index]?.startsWith(`${code}  `) && lines[index].endsWith(`  ${title}`), lines[index])
})

test('programs get the same as JSON', () => {
  const one = JSON.parse(box.run(['explain', 'KN304', '--format', 'json']).stdout)
  assert.is(one.schemaVersion, '1')
  assert.equal(Object.keys(one.explanation), [
    'code',
    'name',
    'severity',
    'title',
    'optional',
    'fixable',
    'why',
    'source',
    'example',
  ])
  assert.is(one.explanation.name, 'duplicate-tag')
  const { bad, marks } = one.explanation.example
  assert.match(bad.split('\n')[marks[0] - 1], /^\s+tag: candidate$/)
  const all = JSON.parse(box.run(['explain', '--format', 'json']).stdout)
  assert.is(all.codes.length, allCodes().length)
  assert.equal(Object.keys(all.codes[0]), ['code', 'name', 'severity', 'title', 'optional', 'fixable'])
})

test('an unknown code is a fault of the command line', () => {
  const near = box.run(['explain', 'KN3011'])
  assert.is(near.status, 2)
  assert.is(near.stdout, '')
  assert.match(near.stderr, /unknown code `KN3011`; did you mean `KN301`\? `kn-rollout explain` lists all codes/)
  const far = box.run(['explain', 'traffic'])
  assert.is(far.status, 2)
  assert.match(far.stderr, /unknown code `traffic`; `kn-rollout explain` lists all codes/)
  assert.is(box.run(['explain', 'KN301', 'KN302']).status, 2)
})

test.run()
