// `--overlay` through the real program, and what the real kustomize makes of the files before and after.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDocument } from 'yaml'

import { service } from './manifests.js'
import { hasKubectl, kustomize } from '../kubectl.js'
import { Sandbox } from './sandbox.js'

const test = suite('overlay')
if (!hasKubectl) console.log('skipped in part: kubectl is not on the PATH, so nothing shows what overlays become')

const pinned = '  traffic:\n    - revisionName: example-service-v1 # stable\n      percent: 100\n'
const own = `# The whole list: it replaces that of the base.
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: example-service
  namespace: shop
spec:
${pinned}`

/** A base with three overlays: one with its own list, one without, one whose JSON patch is about something else. */
const tree = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': service(pinned, { revision: 'example-service-v2' }),
  'overlays/own/kustomization.yaml': 'resources: [../../base]\nnamespace: own\npatches:\n  - path: traffic.yaml\n',
  'overlays/own/traffic.yaml': own,
  'overlays/plain/kustomization.yaml': 'resources: [../../base]\nnamespace: plain\n',
  'overlays/json/kustomization.yaml':
    'resources: [../../base]\nnamespace: json\npatches:\n  - path: scale.yaml\n    target: {kind: Service, name: example-service}\n',
  'overlays/json/scale.yaml':
    '- op: add\n  path: /spec/template/metadata/annotations\n  value: {autoscaling.knative.dev/min-scale: "1"}\n',
}
const overlays = ['own', 'plain', 'json'] as const
const before = [{ revisionName: 'example-service-v1', percent: 100 }]
const after = [
  { revisionName: 'example-service-v1', percent: 50 },
  { revisionName: 'example-service-v2', percent: 50 },
]

/** The traffic of each overlay as the cluster would get it. */
function traffic(box: Sandbox): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    overlays.map((name) => {
      const { status, stdout, stderr } = kustomize(box.path(`overlays/${name}`))
      assert.is(status, 0, stderr)
      return [name, parseDocument(stdout).toJS().spec.traffic as unknown]
    }),
  )
}

const split = (overlay: string, ...more: readonly string[]): readonly string[] =>
  ['apply', 'split', '--overlay', `overlays/${overlay}`].concat(more)

if (hasKubectl)
  test('an overlay with a list of its own moves alone', () => {
    const box = Sandbox.committed(tree)
    assert.equal(traffic(box), { own: before, plain: before, json: before })
    const { status, stderr } = box.run(split('own', '--write'))
    assert.is(status, 0, stderr)
    assert.match(
      stderr,
      /candidate example-service-v2 \(by `spec\.template\.metadata\.name`\)\n {2}percent \(by the plan blue-green\)\nwrote 1 file: .+\n$/,
    )
    assert.is(box.git('diff', '--name-only'), 'overlays/own/traffic.yaml\n')
    assert.equal(traffic(box), { own: after, plain: before, json: before })
    assert.match(box.run(split('own')).stderr, /nothing to change/)
  })

if (hasKubectl)
  test('what overlays share moves for all of them, if that is wanted', () => {
    const box = Sandbox.committed(tree)
    const { status, stderr } = box.run(split('plain', '--shared', '--write'))
    assert.is(status, 0, stderr)
    assert.is(box.git('diff', '--name-only'), 'base/service.yaml\n')
    assert.equal(traffic(box), { own: before, plain: after, json: after })
  })

for (const overlay of ['plain', 'json'])
  test(`${overlay}: a base that other overlays share is left alone, and following the advice moves one of them`, () => {
    const box = Sandbox.committed(tree)
    const untouched = box.snapshot()
    const refused = box.run(split(overlay, '--write'))
    assert.is(refused.status, 1)
    assert.is(refused.stdout, '')
    assert.equal(box.snapshot(), untouched)
    const other = overlay === 'plain' ? 'json' : 'plain'
    assert.match(
      refused.stderr,
      new RegExp(
        `^overlays/${overlay}/kustomization\\.yaml:1:1: error: cannot change \`overlays/${overlay}\` alone: its \`spec\\.traffic\` comes from \`base/service\\.yaml\`, which \`overlays/${other}\` uses too \\[KN460 shared-source\\]`,
      ),
    )
    assert.match(
      refused.stderr,
      `help: run \`kn-rollout ${split(overlay, '--write', '--init').join(' ')}\`, which adds a separate patch for the overlay, or add \`--shared\` to change all`,
    )
    const { status, stderr } = box.run(split(overlay, '--write', '--init'))
    assert.is(status, 0, stderr)
    assert.is(box.read('base/service.yaml'), tree['base/service.yaml'])
    if (hasKubectl) assert.equal(traffic(box), { own: before, plain: before, json: before, [overlay]: after })
  })

test('a patch that its target alone gives to a Service is refused, and following the advice moves the overlay', () => {
  const list = `apiVersion: not/important\nkind: Any\nmetadata: {name: any}\nspec:\n${pinned}`
  const target = '    target: {kind: Service, name: example-service}\n'
  const kustomization = `${tree['overlays/own/kustomization.yaml']}${target}`
  const box = Sandbox.committed({
    ...tree,
    'overlays/own/kustomization.yaml': kustomization,
    'overlays/own/traffic.yaml': list,
  })
  const { status, stdout, stderr } = box.run(split('own', '--write'))
  assert.equal([status, stdout, box.git('status', '--porcelain')], [1, '', ''])
  assert.match(
    stderr,
    /cannot determine `spec\.traffic` of `own\/example-service` in `overlays\/own`: a patch does not name its Service/m,
  )
  assert.match(
    stderr,
    'help: write the patch as a plain part of the Service, with `apiVersion`, `kind` and `metadata.name`',
  )
  box.write({ 'overlays/own/traffic.yaml': own })
  assert.is(box.run(split('own', '--write')).status, 0)
  assert.is(box.git('diff', '--name-only'), 'overlays/own/traffic.yaml\n')
})

test('an overlay that is the only one edits its base', () => {
  const { 'overlays/json/kustomization.yaml': _, 'overlays/json/scale.yaml': __, ...rest } = tree
  const box = Sandbox.committed(rest)
  const { status, stdout, stderr } = box.run(split('plain'))
  assert.is(status, 0, stderr)
  assert.match(stdout, /^diff --git a\/base\/service\.yaml/)
})

test('overlays are found from inside of one, too, and when nothing is committed', () => {
  const box = Sandbox.committed({ 'x.txt': '' })
  box.write(tree)
  for (const args of [
    ['--overlay', '.'],
    ['--overlay', 'kustomization.yaml'],
    ['--overlay', '../own'],
  ]) {
    const { status, stdout, stderr } = box.run(['apply', 'split', ...args], { folder: 'overlays/own' })
    assert.is(status, 0, stderr)
    assert.match(stdout, /^diff --git a\/overlays\/own\/traffic\.yaml/)
  }
  assert.match(
    box.run(['apply', 'split', '--overlay', '.'], { folder: 'overlays/plain' }).stderr,
    /\[KN460 shared-source\]/,
  )
})

test('an overlay that stands in no repository is read all the same', () => {
  const box = new Sandbox()
  box.write(tree)
  const { status, stdout, stderr } = box.run(split('own'))
  assert.is(status, 0, stderr)
  assert.match(stdout, /^diff --git a\/overlays\/own\/traffic\.yaml/)
})

const inline = `resources: [../../base]\npatches:\n  - patch: |-\n${own.replaceAll(/^(?=.)/gm, '      ')}`
const operations = '- op: replace\n  path: /spec/traffic\n  value: [{revisionName: example-service-v1, percent: 100}]\n'
const changed: Readonly<Record<string, readonly [code: string, kustomization: string, patch?: string]>> = {
  'in a patch inside of the kustomization': ['KN461', inline],
  'in a JSON patch': [
    'KN462',
    'resources: [../../base]\npatches:\n  - path: patch.yaml\n    target: {kind: Service}\n',
    operations,
  ],
  'in a spec that is replaced': [
    'KN464',
    'resources: [../../base]\npatches:\n  - path: patch.yaml\n',
    own.replace('spec:\n', 'spec:\n  $patch: replace\n'),
  ],
}
for (const [where, [code, kustomization, patch = '']] of Object.entries(changed))
  test(`traffic ${where} is not edited`, () => {
    const box = Sandbox.committed({
      ...tree,
      'overlays/own/kustomization.yaml': kustomization,
      'overlays/own/patch.yaml': patch,
    })
    const { status, stdout, stderr } = box.run(split('own'))
    assert.is(status, 1)
    assert.is(stdout, '')
    assert.match(stderr, new RegExp(`^overlays/own/kustomization\\.yaml:3:5: error: .*\\[${code} [a-z-]+\\]`))
    assert.match(stderr, /help: .*patch/)
  })

test('a list that a JSON patch is laid over is shared with it', () => {
  const box = Sandbox.committed({
    ...tree,
    'overlays/json/scale.yaml': '- op: add\n  path: /spec/traffic/0/tag\n  value: current\n',
  })
  const { stderr } = box.run(split('plain'))
  assert.match(stderr, /which `overlays\/json` uses too \[KN460 shared-source\]/)
  assert.match(
    box.run(split('json')).stderr,
    /save the list from `kubectl kustomize overlays\/json` as a patch in `overlays\/json\/example-service-traffic\.yaml`, and add `- path: example-service-traffic\.yaml` to `patches` in `overlays\/json\/kustomization\.yaml`, in place of this one/,
  )
})

test('what is not read is named', () => {
  const box = Sandbox.committed({
    ...tree,
    'overlays/own/kustomization.yaml': `${tree['overlays/own/kustomization.yaml'].replace('[../../base]', '[../../base, https://example.com/more.yaml]')}replacements: []\n`,
  })
  const { status, stderr } = box.run(split('own'))
  assert.is(status, 0, stderr)
  assert.match(
    stderr,
    /not checked: `https:\/\/example\.com\/more\.yaml` in `overlays\/own`, which affects `overlays\/own` \(it is remote\)/,
  )
  assert.is(stderr.match(/KN608/g)?.length, 1, 'replacements are built')
})

test('--service chooses among the Services of an overlay, by the name in the file or the one they get', () => {
  const box = Sandbox.committed({
    'kustomization.yaml': 'resources: [a.yaml, b.yaml]\nnameSuffix: -eu\n',
    'a.yaml': service(pinned.replaceAll('example-service', 'a'), { name: 'a' }),
    'b.yaml': service(pinned.replaceAll('example-service', 'b'), { name: 'b' }),
  })
  const move = ['apply', 'split', '--overlay', '.', '--candidate', '{{.Service}}-v9']
  for (const name of ['b', 'b-eu', 'shop/b-eu']) {
    const { status, stdout, stderr } = box.run([...move, '--service', name])
    assert.is(status, 0, stderr)
    assert.equal(stdout.match(/^diff --git .*/gm), ['diff --git a/b.yaml b/b.yaml'])
  }
  assert.is(box.run([...move, '--all']).stdout.match(/^diff --git /gm)?.length, 2)
  assert.match(
    box.run(move).stderr,
    /cannot choose a Service to move: 2 match \(shop\/a \(a\.yaml\), shop\/b \(b\.yaml\)\)/,
  )
  assert.match(box.run([...move, '--service', 'c']).stderr, /\[KN420 service-not-found\]/)
})

for (const [what, quote] of [
  ['in quotes', (name: string) => JSON.stringify(name)],
  ['in single quotes, in a list of one line', (name: string) => `'${name}'`],
  ['plain, before a comment', (name: string) => `${name} # here`],
] as const)
  test(`names with spaces are followed: ${what}`, () => {
    const list = (name: string): string =>
      what.includes('one line') ? ` [${quote(name)}]\n` : `\n  - ${quote(name)}\n`
    const box = Sandbox.committed({
      'the base/kustomization.yaml': `resources:${list('my dir/my ksvc.yaml')}`,
      'the base/my dir/my ksvc.yaml': tree['base/service.yaml'],
      'over lays/own/kustomization.yaml': `resources:${list('../../the base')}patches:\n  - path: ${quote('my traffic.yaml')}\n`,
      'over lays/own/my traffic.yaml': own,
      'over lays/plain/kustomization.yaml': `resources:${list('../../the base')}`,
    })
    const diffs = (...args: readonly string[]): readonly string[] | null =>
      box.run(['apply', 'split', ...args]).stdout.match(/^\+\+\+ .*/gm)
    assert.equal(diffs('--overlay', 'over lays/own'), ['+++ b/over lays/own/my traffic.yaml\t'])
    assert.equal(diffs('--overlay', 'over lays/plain'), ['+++ b/the base/my dir/my ksvc.yaml\t'])
    const { stderr } = box.run(['apply', 'split', 'the base/my dir/my ksvc.yaml'])
    assert.match(
      stderr,
      'this edit of `spec.traffic` has no effect in `over lays/own` (`over lays/own/my traffic.yaml` overrides it) [KN606 overridden-edit]',
    )
  })

test('a command in a help is about the overlay that was asked for', () => {
  const shares =
    '  traffic:\n    - { revisionName: a-v1, percent: 40 }\n    - { revisionName: a-v2, percent: 30 }\n    - { revisionName: a-v3, percent: 30 }\n'
  const box = Sandbox.committed({
    'eu west/kustomization.yaml': 'resources: [a.yaml]\n',
    'eu west/a.yaml': service(shares, { name: 'a' }),
  })
  const { stderr } = box.run(['next', '--overlay', 'eu west', '--stable', 'a-v1', '--candidate', 'a-v2'])
  assert.match(stderr, "run `kn-rollout apply rollback --overlay 'eu west'`, or another stage by its name")
})

test('one base that an overlay builds twice is shared by the two', () => {
  const box = Sandbox.committed({
    ...tree,
    'both/kustomization.yaml': 'resources: [blue, green]\n',
    'both/blue/kustomization.yaml': 'resources: [../../base]\nnamePrefix: blue-\n',
    'both/green/kustomization.yaml': 'resources: [../../base]\nnamePrefix: green-\n',
  })
  const { stderr } = box.run(['apply', 'split', '--overlay', 'both', '--service', 'blue-*'])
  assert.match(stderr, /which `both \(shop\/green-example-service\)`, /)
})

test('an edit without --overlay is told where it counts', () => {
  const box = Sandbox.committed(tree)
  const { status, stdout, stderr } = box.run(['apply', 'split', 'base/service.yaml'])
  assert.is(status, 0)
  assert.match(stdout, /^diff --git a\/base\/service\.yaml/)
  assert.match(
    stderr,
    /this edit of `spec\.traffic` has no effect in `overlays\/own` \(`overlays\/own\/traffic\.yaml` overrides it\)/m,
  )
  assert.match(stderr, /add `--overlay overlays\/own` to edit the file that has an effect/)
  assert.match(stderr, /this edit changes `spec\.traffic` in 2 overlays: `overlays\/json`, `overlays\/plain`/)
  const patch = box.run(['apply', 'split', 'overlays/own/traffic.yaml'])
  assert.is(patch.status, 0, patch.stderr)
  assert.match(patch.stderr, /^shop\/example-service: split/m)
  assert.match(
    box.run(['apply', 'split']).stderr,
    /help: add `--service \[NAMESPACE\/\]NAME`, `--overlay DIR`, a path, or `--all`/,
  )
})

test('--write-defaults names the file that has the container, where another one has the traffic', () => {
  const bare = tree['base/service.yaml'].replace('name: user-container # keep\n          ', '')
  const box = Sandbox.committed({ ...tree, 'base/service.yaml': bare })
  const refused = box.run(split('own', '--write-defaults'))
  assert.is(refused.status, 1)
  assert.match(
    refused.stderr,
    /cannot write the defaults of `shop\/example-service`: its container is in `base\/service\.yaml`, its traffic in `overlays\/own\/traffic\.yaml`/,
  )
  const plain = box.run(split('plain', '--shared', '--write-defaults'))
  assert.is(plain.status, 0, plain.stderr)
  assert.match(plain.stdout, 'name: user-container')
})

test('a base that nobody else builds is edited without a word', () => {
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': tree['base/service.yaml'],
  })
  const { stderr } = box.run(['apply', 'split', 'base/service.yaml'])
  assert.match(stderr, /^shop\/example-service: split/m)
  assert.not.match(stderr, /KN6/)
})

test('the options are told what they need', () => {
  const box = Sandbox.committed({ ...tree, 'empty/kustomization.yaml': 'resources: []\n' })
  const usage: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['--overlay', 'base/service.yaml'], /must be a directory with a kustomization/],
    [['--overlay', 'overlays'], /`--overlay` is `overlays`; must be a directory with a kustomization/],
    [['--overlay', 'base/service.yaml/x'], /must be a directory with a kustomization/],
    [
      ['--overlay', 'overlays/own', 'base'],
      /`--overlay` and paths cannot be combined: it finds the files of the overlay itself/,
    ],
    [['--overlay', 'base', '--overlay', 'base'], /`--overlay` is given twice/],
    [['--shared'], /`--shared` needs `--overlay`/],
  ]
  for (const [args, message] of usage) {
    const { status, stderr } = box.run(['apply', 'split', ...args])
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, message)
  }
  const { status, stderr } = box.run(['apply', 'split', '--overlay', 'empty'])
  assert.is(status, 1)
  assert.match(stderr, /cannot edit the overlay `empty`: its files build no Knative Service/)
})

test.run()
