// The blue-green procedure as commands on a committed file, every diff taken by `git apply`.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

type Target = { revisionName: string; percent: number; tag?: string }
type Step = { readonly args: readonly string[]; readonly traffic: readonly Target[] }

const file = 'apps/example-service.yaml'
const first = 'example-service-00001'
const second = 'example-service-00002'
const pinned = [{ revisionName: first, percent: 100 }]
const shares = (stable: number): readonly Target[] => [
  { revisionName: first, percent: stable },
  { revisionName: second, percent: 100 - stable, tag: 'v2' },
]
const steps: readonly Step[] = [
  { args: ['pin'], traffic: pinned },
  { args: ['preview', '--tag', 'v2'], traffic: shares(100) },
  { args: ['split'], traffic: shares(50) },
  { args: ['promote'], traffic: shares(0) },
  { args: ['retire'], traffic: [{ revisionName: second, percent: 100, tag: 'v2' }] },
]
const named = ['--stable', '{{.Service}}-00001', '--candidate', '{{.Service}}-00002']

function trafficOf(box: Sandbox): unknown {
  return (parse(box.read(file)) as { spec: { traffic?: unknown } }).spec.traffic
}

/** Moves the file by one step, over Git, by a process as users have it, and checks all that must hold after any step. */
function move(box: Sandbox, { args, traffic }: Step, folder = '.', path = file): void {
  const command = ['apply', ...args, path]
  const ran = box.runProcess(command, { folder })
  assert.is(ran.status, 0, ran.stderr)
  box.gitWith({ stdin: ran.stdout, folder }, 'apply', '--whitespace=error')
  assert.equal(box.git('diff', '--name-only'), `${file}\n`)
  assert.equal(trafficOf(box), traffic)
  const validated = box.run(['validate', path], { folder })
  assert.is(validated.status, 0, validated.stdout)
  const again = box.run(command, { folder })
  assert.equal([again.status, again.stdout], [0, ''])
  assert.match(again.stderr, `nothing to change: already at \`${args[0] ?? ''}\``)
  box.commit()
}

const test = suite('journey')

test('with both revisions named, on a file that names none', () => {
  const box = Sandbox.committed({ [file]: service() })
  for (const { args, traffic } of steps) move(box, { args: [...args, ...named], traffic })
})

test('without flags where the file names its revisions', () => {
  const box = Sandbox.committed({ [file]: service('', { revision: first }) })
  const [pin, ...rest] = steps
  if (pin) move(box, pin)
  box.write({ [file]: box.read(file).replace(`name: ${first}`, `name: ${second}`).replace('shop:1.0', 'shop:2.0') })
  box.commit()
  for (const step of rest) move(box, step)
})

test('without flags once the traffic names two revisions', () => {
  const box = Sandbox.committed({ [file]: service() })
  for (const [index, { args, traffic }] of steps.entries()) {
    move(box, { args: index < 2 ? [...args, ...named] : args, traffic })
  }
})

test('from a sub-folder', () => {
  const box = Sandbox.committed({ [file]: service() })
  for (const { args, traffic } of steps) {
    move(box, { args: [...args, ...named], traffic }, 'apps', 'example-service.yaml')
  }
})

test('from another folder than the one with the file', () => {
  const box = Sandbox.committed({ [file]: service(), 'docs/README.md': '' })
  for (const { args, traffic } of steps) {
    const ran = box.run(['apply', ...args, ...named, `../${file}`], { folder: 'docs' })
    assert.is(ran.status, 0, ran.stderr)
    box.gitWith({ stdin: ran.stdout }, 'apply')
    assert.equal(trafficOf(box), traffic)
  }
})

test('all comments and every other byte survive', () => {
  const commented = `  traffic: # who gets what
    # the revision of last week
    - revisionName: ${first} # blue
      percent: 100 # All traffic goes to this revision
    - revisionName: ${second}
      percent: 0   # nobody yet
      tag: v2 # A named route
`
  const box = Sandbox.committed({ [file]: service(commented) })
  box.gitWith({ stdin: box.run(['apply', 'split', file]).stdout }, 'apply')
  assert.is(
    box.read(file),
    service(commented.replace('percent: 100', 'percent: 50').replace('percent: 0 ', 'percent: 50 ')),
  )
})

test('--write leaves the same bytes as the patch does', () => {
  const [patched, written] = [Sandbox.committed({ [file]: service() }), Sandbox.committed({ [file]: service() })]
  for (const { args, traffic } of steps) {
    const command = ['apply', ...args, ...named]
    patched.gitWith({ stdin: patched.run(command).stdout }, 'apply')
    const { status, stdout, stderr } = written.run([...command, '--write'])
    assert.equal([status, stdout], [0, ''])
    assert.match(stderr, 'wrote 1 file: ')
    assert.equal(trafficOf(written), traffic)
    assert.is(written.read(file), patched.read(file))
    const before = written.snapshot()
    assert.is(written.run([...command, '--write']).status, 0)
    assert.equal(written.snapshot(), before)
  }
})

test('--check ends with 1 while a change is pending and with 0 when it is done', () => {
  const box = Sandbox.committed({ [file]: service() })
  for (const { args } of steps) {
    const command = ['apply', ...args, ...named]
    assert.is(box.run([...command, '--check']).status, 1)
    assert.is(box.git('status', '--porcelain'), '')
    assert.is(box.run([...command, '--write']).status, 0)
    assert.is(box.run([...command, '--check']).status, 0)
    box.commit()
  }
})

test('rollback leads back from every state', () => {
  const box = Sandbox.committed({ [file]: service() })
  for (const { args, traffic } of steps) {
    move(box, { args: [...args, ...named], traffic })
    const state = box.read(file)
    const command = ['apply', 'rollback', ...(args[0] === 'retire' || args[0] === 'pin' ? named : [])]
    assert.is(box.run([...command, '--write']).status, 0)
    assert.equal(trafficOf(box), pinned)
    assert.is(box.run([...command, '--check']).status, 0)
    assert.is(box.run(['validate']).status, 0)
    box.write({ [file]: state })
  }
})

test('rollback drops the candidate, and with --keep touches two numbers only', () => {
  const box = Sandbox.committed({ [file]: service() })
  for (const { args } of steps.slice(0, 3)) box.run(['apply', ...args, ...named, '--write'])
  box.commit()
  box.run(['apply', 'rollback', '--write'])
  assert.match(box.git('diff', '--numstat'), /^1\t4\t/)
  box.git('checkout', '--quiet', '.')
  box.run(['apply', 'rollback', '--keep', '--write'])
  assert.match(box.git('diff', '--numstat'), /^2\t2\t/)
})

test.run()
