// What a command would write, compared with what is committed, as `check` would compare that commit.
import { rmSync } from 'node:fs'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('guarded commands')
const file = 'shop.yaml'
const latest = '  traffic:\n    - latestRevision: true\n      percent: 100\n'

function at(revision: string, image = '1.0'): string {
  return service(latest, { revision }).replace('shop:1.0', `shop:${image}`)
}

/** Without what a cluster fills in. */
function bare(text: string): string {
  return text.replace(/ {10}readinessProbe:[^]*? {14}port: 0\n/, '')
}

const moves: readonly (readonly string[])[] = [
  ['apply', 'pin', file],
  ['next', '--all'],
  ['set', file, '--traffic', 'example-service-v1=100'],
]

test('defaults that the name needs are asked for, and written by the option that the refusal names', () => {
  for (const move of moves) {
    const box = Sandbox.committed({ [file]: bare(at('example-service-v1')) })
    const refused = box.run([...move, '--write'])
    assert.is(refused.status, 1, refused.stderr)
    assert.match(refused.stderr, /Knative would reject the result: .* \[KN417 result-rejected\]/)
    assert.match(refused.stderr, 'help: add `--write-defaults` to this command')
    assert.is(box.read(file), bare(at('example-service-v1')))
    assert.equal([box.run(move).status, box.run(move).stdout], [1, ''])
    const written = box.run([...move, '--write', '--write-defaults'])
    assert.is(written.status, 0, written.stderr)
    assert.is(box.run(['check', '--since', 'HEAD']).status, 0)
  }
})

test('--force writes all the same, and says what the cluster will refuse', () => {
  const box = Sandbox.committed({ [file]: bare(at('example-service-v1')) })
  const forced = box.run(['apply', 'pin', file, '--write', '--force'])
  assert.match(forced.stderr, /\[KN501 revision-name-kept\][^]*`--force` changes it anyway\n/)
  assert.match(forced.stderr, 'wrote 1 file: ')
  assert.match(box.read(file), 'revisionName: example-service-v1')
})

test('a template that was edited under its name before is not committed by a move', () => {
  const box = Sandbox.committed({ [file]: at('example-service-v1') })
  assert.is(box.run(['apply', 'pin', file]).status, 0)
  box.write({ [file]: at('example-service-v1', '2.0') })
  const { status, stdout, stderr } = box.run(['apply', 'pin', file])
  assert.equal([status, stdout], [1, ''])
  assert.match(
    stderr,
    /Knative would reject the result: `spec\.template\.metadata\.name` stays `example-service-v1`, but the template changes: `spec\.containers\[0\]\.image` differs/,
  )
  assert.match(stderr, 'help: give the revision a new name')
})

test('only what is committed counts: nothing is refused for a new file, nor outside of a repository', () => {
  const box = Sandbox.committed({ 'other.yaml': at('') })
  const outside = new Sandbox()
  for (const one of [box, outside]) {
    one.write({ [file]: bare(at('example-service-v1')) })
    const ran = one.run(['apply', 'pin', file])
    assert.is(ran.status, 0, ran.stderr)
  }
})

test('what `check` would warn of is said with the diff', () => {
  const traffic = '  traffic:\n    - revisionName: example-service-00001\n      percent: 100\n'
  const split = traffic.replace('100', '90').concat('    - revisionName: example-service-00002\n      percent: 10\n')
  const box = Sandbox.committed({ [file]: service(split) })
  const { status, stderr } = box.run(['apply', 'promote', file, '--drop-stable'])
  assert.is(status, 0, stderr)
  assert.match(stderr, '[KN513 rollback-target-removed]')
})

test('`next` leaves a file alone that no commit has', () => {
  const box = Sandbox.committed({ 'other.yaml': at('') })
  box.write({ [file]: at('example-service-v1') })
  const { status, stderr } = box.run(['next', file, '--write'])
  assert.is(status, 1)
  assert.match(stderr, /cannot determine the next stage: no commit has this file/)
  assert.is(box.read(file), at('example-service-v1'))
})

test('`create` does not put another template under a name that is committed', () => {
  const image = ['--image', 'example.com/shop:2.0', '-n', 'shop', '--output', file]
  const box = Sandbox.committed({ [file]: at('example-service-v1') })
  rmSync(box.path(file))
  const refused = box.run(['create', 'example-service', ...image])
  assert.is(refused.status, 1)
  assert.match(refused.stderr, '[KN501 revision-name-kept]')
  assert.is(box.run(['create', 'example-service', ...image, '--revision-name', '{{.Service}}-v2']).status, 0)
  const forced = box.run(['create', 'example-service', ...image, '--force'])
  assert.is(forced.status, 0)
  assert.match(forced.stderr, '[KN501 revision-name-kept]')
})

test.run()
