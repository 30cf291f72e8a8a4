// A release at the command line: real Git histories, the flags, and values that mean harm.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

type Template = {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: {
    readonly containers: readonly { image: string; env?: readonly { name: string; value?: string }[] }[]
  }
}
type Parsed = { readonly spec: { readonly template: Template; readonly traffic: unknown } }

const test = suite('release at the command line')
const file = 'apps/example-service.yaml'
const name = 'example-service'
const pinned = (revision: string): string => `  traffic:\n    - revisionName: ${name}-${revision}\n      percent: 100\n`

function parsed(box: Sandbox, path = file): Parsed {
  return parse(box.read(path)) as Parsed
}

/** Writes, and commits what was written. */
function step(box: Sandbox, ...args: readonly string[]): Ran {
  const ran = box.run([...args, '--write'])
  assert.is(ran.status, 0, ran.stderr)
  box.commit()
  return ran
}

test('a rollout after the other, with generated names', () => {
  const box = Sandbox.committed({ [file]: service() })
  step(box, 'apply', 'pin', file, '--stable', `${name}-00001`)
  for (const [image, revision] of [
    ['2.0', '00002'],
    ['3.0', '00003'],
  ]) {
    const command = ['release', file, '--image', `:${image}`, '--tag', `v${revision}`]
    const shown = box.run(command)
    assert.is(shown.status, 0, shown.stderr)
    assert.match(shown.stderr, `  candidate ${name}-${revision} (by prediction: \`${name}-`)
    assert.match(shown.stderr, `  image of user-container: example.com/shop:`)
    box.gitWith({ stdin: shown.stdout }, 'apply', '--whitespace=error')
    assert.is(parsed(box).spec.template.spec.containers[0]?.image, `example.com/shop:${image}`)
    const again = box.run(command)
    assert.equal([again.status, again.stdout], [0, ''])
    assert.is(again.stderr, 'nothing to change: already released\n')
    assert.is(box.run([...command, '--check']).status, 0)
    box.commit()
    assert.is(box.run(command).stdout, '')
    assert.is(box.run(['validate', file]).status, 0)
    for (const stage of ['split', 'promote', 'retire']) step(box, 'apply', stage, file)
  }
  assert.equal(parsed(box).spec.traffic, [{ revisionName: `${name}-00003`, percent: 100, tag: 'v00003' }])
})

test('a rollout after the other, with own names', () => {
  const box = Sandbox.committed({ [file]: service('', { revision: `${name}-v1` }) })
  for (const revision of ['v2', 'v3']) {
    step(box, 'release', file, '--image', `:${revision}`, '--tag', revision)
    assert.is(parsed(box).spec.template.metadata?.name, `${name}-${revision}`)
    for (const stage of ['split', 'promote', 'retire']) step(box, 'apply', stage, file)
  }
  assert.equal(parsed(box).spec.traffic, [{ revisionName: `${name}-v3`, percent: 100, tag: 'v3' }])
})

test('the numbers of a renamed file go on', () => {
  const box = Sandbox.committed({ 'old.yaml': service(pinned('00001')) })
  box.write({ 'old.yaml': box.read('old.yaml').replace('shop:1.0', 'shop:1.1') })
  box.commit()
  box.git('mv', 'old.yaml', 'new.yaml')
  box.commit()
  const { stderr, stdout } = box.run(['release', 'new.yaml', '--image', ':2', '--tag', 'v2'])
  assert.match(stdout, `+    - revisionName: ${name}-00003\n`)
  assert.match(
    stderr,
    /  candidate example-service-00003 \(by prediction: `example-service-00001` was named in [0-9a-f]{7}, 1 template change since, and this one\)/,
  )
})

test('a squashed rollout, and a clone without its past, foretell nothing', () => {
  const box = Sandbox.committed({ [file]: service(pinned('00001')) })
  box.write({ [file]: service(pinned('00002')).replace('shop:1.0', 'shop:2.0') })
  box.commit()
  const squashed = box.run(['release', file, '--image', ':3', '--tag', 'v3'])
  assert.equal([squashed.status, squashed.stdout], [1, ''])
  assert.match(
    squashed.stderr,
    /cannot predict the next revision name: [0-9a-f]{7} first names `example-service-00002` and also changes the template/,
  )
  box.git('clone', '--quiet', '--depth', '1', `file://${box.root}`, 'shallow')
  const shallow = box.run(['release', file, '--image', ':3', '--tag', 'v3'], { folder: 'shallow' })
  assert.is(shallow.status, 1)
  assert.match(shallow.stderr, 'git fetch --unshallow')
})

test('a saved live object tells the number', () => {
  const live = `${service(pinned('00006'))}status:\n  latestCreatedRevisionName: ${name}-00007\n  latestReadyRevisionName: ${name}-00006\n`
  const box = Sandbox.committed({ [file]: service(pinned('00006')), 'live.txt': live })
  const { stdout, stderr, status } = box.run(['release', file, '--image', ':2', '--tag', 'v2', '--live', 'live.txt'])
  assert.is(status, 0, stderr)
  assert.match(stdout, `+    - revisionName: ${name}-00008\n`)
  assert.match(stderr, `\`${name}-00007\` is the latest revision in \`live.txt\``)
})

test('--write-defaults makes an own name last, in the same diff; also with a stage', () => {
  const bare = service().replace(/ {10}readinessProbe:[^]*$/, '')
  const box = Sandbox.committed({ [file]: bare })
  const args = ['release', file, '--env', 'A=1', '--tag', 'v1', '--stable', `${name}-00001`]
  const naming = ['--revision-name', '{{.Service}}-v{{.Next}}']
  const warned = box.run([...args, ...naming])
  assert.is(warned.status, 0)
  assert.match(warned.stderr, '[KN326 missing-defaults]')
  assert.match(warned.stderr, '(`--write-defaults` does it)')
  assert.is(box.run([...args, ...naming, '--strict']).status, 1)
  const spelled = box.run([...args, ...naming, '--write-defaults'])
  assert.not.match(spelled.stderr, 'KN326')
  assert.match(spelled.stderr, '  defaults written out: spec.template.spec.containers[0].readinessProbe\n')
  assert.match(spelled.stderr, `  revision name: (generated) → ${name}-v1\n`)
  box.write({ [file]: bare.replace('template:', `template:\n    metadata: {name: ${name}-v1}`) })
  const pin = box.run(['apply', 'pin', file])
  assert.match(pin.stderr, '[KN326 missing-defaults]')
  const cured = box.run(['apply', 'pin', file, '--write-defaults', '--write'])
  assert.not.match(cured.stderr, 'KN326')
  assert.is(box.run(['apply', 'pin', file, '--spell', '--strict']).stderr, 'nothing to change: already at `pin`\n')
  const help = box.run(['release', '--help']).stdout
  assert.match(help, '--write-defaults')
  assert.not.match(help, '--spell')
})

test('the report for programs names what changes, and no values', () => {
  const box = Sandbox.committed({ [file]: service(pinned('v1'), { revision: `${name}-v1` }) })
  const args = ['--image', ':2', '--env', 'TOKEN=secret', '--annotation', 'a/b=c', '--tag', 'v2', '--format', 'json']
  const { stdout } = box.run(['release', file, ...args])
  const report = JSON.parse(stdout) as { readonly changes: readonly Readonly<Record<string, unknown>>[] }
  assert.is(report.changes[0]?.['stage'], 'release')
  assert.equal(report.changes[0]?.['template'], {
    image: { container: 'user-container', before: 'example.com/shop:1.0', after: 'example.com/shop:2' },
    env: [{ name: 'TOKEN', kind: 'added' }],
    annotations: [{ name: 'a/b', kind: 'added' }],
    revisionName: { before: `${name}-v1`, after: `${name}-v2` },
  })
})

const hostile: readonly string[] = [
  'a: b # c',
  '"quoted" \'both\'',
  'line\nbreak\n',
  '- [',
  '',
  ' padded ',
  'no',
  '0x1F',
  '1e3',
  '<<',
  '*alias',
  '&anchor',
  '%TAG',
  '!tag',
  '@at',
  '`tick`',
  '\u2028\u00A0\uFEFF',
  '\t',
  '$(OTHER)',
  'größer 🎉',
  '---',
  '{}',
  '~',
]

for (const value of hostile)
  test(`a value is a value: ${JSON.stringify(value)}`, () => {
    const box = Sandbox.committed({ [file]: service(pinned('v1'), { revision: `${name}-v1` }) })
    const words = ['--env', `A=${value}`, '--annotation', `example.com/a=${value}`, '--tag', 'v2']
    const ran = box.run(['release', file, ...words, '--write'])
    assert.is(ran.status, 0, ran.stderr)
    const { metadata, spec } = parsed(box).spec.template
    assert.equal(spec.containers[0]?.env, [value === '' ? { name: 'A' } : { name: 'A', value }])
    assert.equal(metadata?.annotations, { 'example.com/a': value })
    assert.is(box.run(['release', file, ...words]).stdout, '')
  })

const refused: readonly (readonly [what: string, args: readonly string[], status: number, message: RegExp])[] = [
  ['nothing to change', [], 2, /`release` needs `--image`, `--env` or `--annotation`/],
  ['a name alone', ['--revision-name', 'x'], 2, /`release` needs `--image`, `--env` or `--annotation`/],
  ['no assignment', ['--env', 'A'], 2, /`--env` is `A`; must be NAME=VALUE, or NAME- to remove it/],
  ['a name that is assigned twice', ['--env', 'A=1', '--env', 'A-'], 2, /`--env` sets `A` twice/],
  ['an empty image', ['--image', ''], 2, /`--image` is empty/],
  ['two images', ['--image', 'a', '--image', 'b'], 2, /`--image` is given twice/],
  [
    'a container of nothing',
    ['--container', 'a', '--annotation', 'a/b=c'],
    2,
    /`--container` needs `--image` or `--env`/,
  ],
  [
    'a container that is not there',
    ['--container', 'a', '--image', ':2'],
    1,
    /cannot choose the container `a`: there are `user-container`/,
  ],
  ['an image that is none', ['--image', 'a b\n# c'], 1, /Knative would reject the result/],
  [
    'an annotation that is none',
    ['--annotation', 'autoscaling.knative.dev/min-scale=some'],
    1,
    /Knative would reject the result/,
  ],
  ['a name that is none', ['--image', ':2', '--revision-name', `${name}-\n`], 1, /must be a DNS label/],
]

for (const [what, args, status, message] of refused)
  test(`refuses ${what}`, () => {
    const box = Sandbox.committed({ [file]: service(pinned('v1'), { revision: `${name}-v1` }) })
    const before = box.snapshot()
    const ran = box.run(['release', file, ...args, '--tag', 'v2', '--write'])
    assert.equal([ran.status, ran.stdout], [status, ''])
    assert.match(ran.stderr, message)
    assert.equal(box.snapshot(), before)
  })

test('a variable from elsewhere stays as it is, unless it is removed', () => {
  const env =
    '          env:\n            - name: A\n              valueFrom: {secretKeyRef: {name: s, key: k}}\n            - name: B\n              value: b\n            - name: B\n              value: c\n'
  const text = service(pinned('v1'), { revision: `${name}-v1` }).replace('  traffic:', `${env}  traffic:`)
  const box = Sandbox.committed({ [file]: text })
  const run = (...words: readonly string[]): Ran => box.run(['release', file, '--tag', 'v2', ...words])
  assert.match(run('--env', 'A=1').stderr, 'cannot set the value of `A`: `valueFrom` already gives it one')
  assert.match(
    run('--env', 'B=1').stderr,
    'cannot edit `B` in `spec.template.spec.containers[0].env`: it is duplicated',
  )
  const removed = run('--env', 'A-')
  assert.match(removed.stderr, '  env: A removed\n')
  assert.match(
    removed.stderr,
    '[KN205 duplicate-item]',
    'the error of the file itself is told, though the item moved up',
  )
  assert.match(removed.stdout, '-            - name: A\n')
})

test('the standard input is a manifest like any other', () => {
  const box = new Sandbox()
  const stdin = service(pinned('00001'))
  const { status, stdout, stderr } = box.run(['release', '-', '--image', ':2', '--tag', 'v2', '--write'], { stdin })
  assert.is(status, 0, stderr)
  assert.match(stdout, 'image: example.com/shop:2\n')
  assert.match(
    stderr,
    'the prediction comes from the file alone (no commit shows its template changes): it may be wrong',
  )
})

test.run()
