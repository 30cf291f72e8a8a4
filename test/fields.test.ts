import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { spliceFields } from '../src/edit/edit-fields.js'
import { proveEdits } from '../src/edit/prove.js'
import { spliceService, type ServiceWish } from '../src/edit/traffic.js'
import type { FieldWish } from '../src/edit/wish.js'
import { findManifests } from '../src/manifest/find.js'
import { applyEdits } from '../src/text/edit.js'
import { formatPatch } from '../src/text/patch.js'
import type { Path } from '../src/text/path.js'

/** Wishes for fields: what the text becomes, what is said of comments, and why an edit is refused. */
const test = suite('fields')
const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\n'
const containers = ['spec', 'template', 'spec', 'containers']

type Made = { readonly text: string; readonly notes: readonly string[] }

function make(text: string, wish: ServiceWish): Made {
  const file = { path: 'shop.yaml', text }
  const reading = findManifests(file, true)
  const [manifest] = reading.manifests
  if (!manifest) throw new Error('no Service')
  const made = spliceService(manifest, wish)
  if ('code' in made) return { text: `${made.code} ${made.message}; ${made.help}`, notes: [] }
  const removed = made.notes.flatMap((note) => (note.kind === 'removed' ? [note.text.trimEnd()] : []))
  assert.ok(
    proveEdits(file, reading, made.edits, new Map([[manifest, [...(wish.fields ?? []), ...made.moved]]]), { removed }),
    'the proof must hold',
  )
  return { text: applyEdits(text, made.edits), notes: made.notes.map(({ kind, text: said }) => `${kind} ${said}`) }
}

/** A document behind the head, and what it becomes. */
function becomes(before: string, fields: readonly FieldWish[], after: string, ...notes: readonly string[]): void {
  const made = make(head + before, { fields })
  assert.fixture(made.text, head + after)
  assert.equal(made.notes, notes)
}

function refused(before: string, fields: readonly FieldWish[], message: string): void {
  assert.is(make(head + before, { fields }).text, message)
}

const set = (path: Path, value: Extract<FieldWish, { kind: 'set' }>['value']): FieldWish => ({
  kind: 'set',
  path,
  value,
})
const append = (path: Path, value: Extract<FieldWish, { kind: 'append' }>['value']): FieldWish => {
  return { kind: 'append', path, value }
}
const remove = (path: Path, prune = false): FieldWish => ({ kind: 'remove', path, prune })
const rename = (path: Path, to: string): FieldWish => ({ kind: 'rename', path, to })
const spec = (lines: string): string => `spec:\n  template:\n    spec:\n      containers:\n${lines}`

test('a scalar is replaced in its quotes, and told of where a comment stands beside it', () => {
  becomes(
    spec('      - image: "a:v1" # pinned\n        workingDir: \'/a\'\n        args: [--a, "b"]\n'),
    [
      set([...containers, 0, 'image'], 'a:v2'),
      set([...containers, 0, 'workingDir'], "/it's"),
      set([...containers, 0, 'args', 0], '--b,c'),
    ],
    spec('      - image: "a:v2" # pinned\n        workingDir: \'/it\'\'s\'\n        args: ["--b,c", "b"]\n'),
    'beside # pinned',
  )
})

test('an item of any list is quoted as its siblings, and a text of a new key as their other texts', () => {
  becomes(
    spec('      - env:\n        - "name": "A"\n          "value": "1"\n'),
    [append([...containers, 0, 'env'], { name: 'B', other: 'x' })],
    spec(
      '      - env:\n        - "name": "A"\n          "value": "1"\n        - "name": "B"\n          "other": "x"\n',
    ),
  )
})

test('a new line ends as the line before it, in any list and mapping', () => {
  becomes(
    spec('      - env:\r\n        - name: A\r\n        image: a\n'),
    [append([...containers, 0, 'env'], { name: 'B' }), set([...containers, 0, 'workingDir'], '/a')],
    spec('      - env:\r\n        - name: A\r\n        - name: B\r\n        image: a\n        workingDir: /a\n'),
  )
})

test('comments between empty brackets and braces stay', () => {
  becomes(
    spec('      - env: [ # none yet\n          # ask first\n        ]\n        image: a\n'),
    [set([...containers, 0, 'env'], [{ name: 'B' }])],
    spec('      - env: # none yet\n          # ask first\n        - name: B\n        image: a\n'),
    'beside # none yet',
    'beside # ask first',
  )
  becomes(
    'metadata:\n  annotations: { # none yet\n  }\n  name: a\n',
    [set(['metadata', 'annotations'], { a: 'b' })],
    'metadata:\n  annotations: # none yet\n    a: b\n  name: a\n',
    'beside # none yet',
  )
})

test('what a reader could take for something else is quoted', () => {
  const names = ['8080', 'on', 'No', '1_000', '0x1F', '1:30', '2024-01-01', '~', '', 'a: b', '- x', 'a #b', '*a', '=']
  const items = names.map((name) => `        - ${JSON.stringify(name)}\n`).join('')
  becomes(
    spec('      - args:\n        - a\n'),
    names.map((name) => append([...containers, 0, 'args'], name)),
    spec(`      - args:\n        - a\n${items}`),
  )
})

test('what every reader takes for that text is not', () => {
  const names = ['gcr.io/a/b:v1@sha256:0a', '--port=80', '$(HOME)/x', 'a, b', "it's", 'http://a/b?c=d#e', '1.2.3-a']
  becomes(
    spec('      - args:\n        - a\n'),
    names.map((name) => append([...containers, 0, 'args'], name)),
    spec(`      - args:\n        - a\n${names.map((name) => `        - ${name}\n`).join('')}`),
  )
})

test('a number that becomes a text is quoted, and the other way round the quotes go', () => {
  becomes(
    spec('      - env:\n        - value: 8080\n        ports:\n        - containerPort: "80"\n'),
    [set([...containers, 0, 'env', 0, 'value'], '8080'), set([...containers, 0, 'ports', 0, 'containerPort'], 80)],
    spec('      - env:\n        - value: "8080"\n        ports:\n        - containerPort: 80\n'),
  )
})

test('missing parents are made, metadata before spec', () => {
  becomes(
    spec('      - image: a\n'),
    [
      set(['spec', 'template', 'metadata', 'name'], 'shop-00002'),
      set(['spec', 'template', 'metadata', 'annotations', 'autoscaling.knative.dev/min-scale'], '1'),
      set(['metadata', 'name'], 'shop'),
    ],
    `metadata:\n  name: shop\nspec:\n  template:\n    metadata:\n      name: shop-00002\n      annotations:\n        autoscaling.knative.dev/min-scale: "1"\n    spec:\n      containers:\n      - image: a\n`,
  )
})

test('a new member stands where its siblings have it, at the end where they do not tell', () => {
  becomes(
    spec(
      '        - name: a\n          image: a\n          env: []\n        - image: b # b\n          # of b\n\n        # end\n',
    ),
    [
      set([...containers, 1, 'name'], 'b'),
      set([...containers, 1, 'readinessProbe'], { tcpSocket: {}, successThreshold: 1 }),
    ],
    spec(
      '        - name: a\n          image: a\n          env: []\n        - name: b\n          image: b # b\n          # of b\n          readinessProbe:\n            tcpSocket: {}\n            successThreshold: 1\n\n        # end\n',
    ).replace(
      '          # of b\n          readinessProbe:\n            tcpSocket: {}\n            successThreshold: 1\n',
      '          readinessProbe:\n            tcpSocket: {}\n            successThreshold: 1\n          # of b\n',
    ),
  )
})

test('lists are written with the dashes of their neighbours', () => {
  const entry = { name: 'A', value: '1' }
  becomes(
    spec('      -   image: a\n'),
    [append([...containers, 0, 'env'], entry)],
    spec('      -   image: a\n          env:\n          - name: A\n            value: "1"\n'),
  )
  becomes(
    spec('          -   image: a\n'),
    [append(containers, { image: 'b', env: [entry], args: [], resources: {} })],
    spec(
      '          -   image: a\n          -   image: b\n              env:\n                  - name: A\n                    value: "1"\n              args: []\n              resources: {}\n',
    ),
  )
})

test('an empty place is filled', () => {
  becomes(
    'metadata: {} # none\nspec:\n  template:\n    metadata: # empty\n    spec:\n      containers: [ ]\n      volumes: ~\n',
    [
      set(['metadata', 'name'], 'shop'),
      set(['spec', 'template', 'metadata', 'name'], 'a'),
      append(containers, { image: 'a' }),
      append(['spec', 'template', 'spec', 'volumes'], { name: 'v' }),
    ],
    'metadata: # none\n  name: shop\nspec:\n  template:\n    metadata: # empty\n      name: a\n    spec:\n      containers:\n        - image: a\n      volumes:\n        - name: v\n',
    'beside # none',
    'beside # empty',
  )
})

test('an empty item is filled behind its dash', () => {
  becomes(
    spec('      -\n      - ~\n      - {}\n'),
    [
      set([...containers, 0], { image: 'a', args: ['b'] }),
      set([...containers, 1, 'image'], 'c'),
      set([...containers, 2], { image: 'd' }),
    ],
    spec('      - image: a\n        args:\n        - b\n      - image: c\n      - image: d\n'),
  )
})

test('items and members go with their comments, and leave the others theirs', () => {
  becomes(
    spec(
      '        - image: a\n          env:\n            # all of them\n            - name: A\n\n            # of b\n            - name: B # b\n              # in b\n\n            # of c\n            - name: C\n          # of the port\n          ports: []\n          # of args\n          args: []\n',
    ),
    [remove([...containers, 0, 'env', 1]), remove([...containers, 0, 'ports'])],
    spec(
      '        - image: a\n          env:\n            # all of them\n            - name: A\n\n            # of c\n            - name: C\n          # of args\n          args: []\n',
    ),
    'removed # of b',
    'removed # b',
    'removed # in b',
    'removed # of the port',
  )
})

test('the member on the dash goes, and the next one takes its place', () => {
  becomes(
    spec('        - name: a # it\n          image: b\n'),
    [remove([...containers, 0, 'name'])],
    spec('        - image: b\n'),
    'removed # it',
  )
  becomes(
    spec('        - name: a\n          # of the image\n          image: b\n'),
    [remove([...containers, 0, 'name'])],
    spec('        -\n          # of the image\n          image: b\n'),
  )
})

test('what is left empty is written so, or pruned', () => {
  const before =
    'metadata:\n  name: shop\n  annotations: # none\n    # why\n    a: b\nspec:\n  template:\n    spec: {}\n'
  becomes(
    before,
    [remove(['metadata', 'annotations', 'a'])],
    'metadata:\n  name: shop\n  annotations: {} # none\nspec:\n  template:\n    spec: {}\n',
    'removed # why',
    'beside # none',
  )
  becomes(
    before,
    [remove(['metadata', 'annotations', 'a'], true)],
    'metadata:\n  name: shop\nspec:\n  template:\n    spec: {}\n',
    'removed # none',
    'removed # why',
  )
  becomes(
    spec('      - image: a\n        args:\n        - b # b\n'),
    [remove([...containers, 0, 'args', 0])],
    spec('      - image: a\n        args: []\n'),
    'removed # b',
  )
  becomes(spec('      - image: a\n'), [remove([...containers, 0, 'image'])], spec('      - {}\n'))
  becomes(spec('      - image: a\n'), [remove([...containers, 0], true)], '')
})

test('all members of a mapping can give way to others', () => {
  becomes(
    spec('      - image: a # a\n        args: [b]\n'),
    [remove([...containers, 0, 'image']), remove([...containers, 0, 'args']), set([...containers, 0, 'name'], 'c')],
    spec('      - name: c\n'),
    'removed # a',
  )
  becomes(
    spec('      - image: {a: 1, b: 2}\n'),
    [
      remove([...containers, 0, 'image', 'a']),
      remove([...containers, 0, 'image', 'b']),
      set([...containers, 0, 'image', 'c'], 'd'),
    ],
    spec('      - image: {c: d}\n'),
  )
  becomes(
    spec('      - image: {a: 1}\n        args: [b, c]\n'),
    [remove([...containers, 0, 'image', 'a']), ...[0, 1].map((index) => remove([...containers, 0, 'args', index]))],
    spec('      - image: {}\n        args: []\n'),
  )
})

test('keys are renamed in their quotes', () => {
  becomes(
    'metadata: {"nam": shop, labls: {}}\nspec: {}\n',
    [
      rename(['metadata', 'nam'], 'name'),
      rename(['metadata', 'labls'], 'labels'),
      rename(['metadata', 'none'], 'some'),
    ],
    'metadata: {"name": shop, labels: {}}\nspec: {}\n',
  )
})

test('inside braces everything is written in braces', () => {
  becomes(
    'spec: {template: {spec: {containers: [{image: a}]}}}\n',
    [
      set(['spec', 'template', 'metadata', 'name'], 'b'),
      append([...containers, 0, 'env'], { name: 'A', value: '1' }),
      append(containers, { image: 'c', args: [] }),
    ],
    'spec: {template: {metadata: {name: b}, spec: {containers: [{image: a, env: [{name: A, value: "1"}]}, {image: c, args: []}]}}}\n',
  )
})

test('JSON stays JSON', () => {
  const object = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    spec: { template: { spec: { containers: [{ image: 'a' }] } } },
  }
  const wanted = structuredClone(object) as unknown as {
    spec: { template: { metadata: object; spec: { containers: object[] } } }
  }
  wanted.spec.template = {
    metadata: { name: 'b' },
    spec: { containers: [{ image: 'v2', env: [{ name: 'A', value: '1' }] }] },
  }
  const fields = [
    set([...containers, 0, 'image'], 'v2'),
    set(['spec', 'template', 'metadata', 'name'], 'b'),
    append([...containers, 0, 'env'], { name: 'A', value: '1' }),
  ]
  for (const indent of [undefined, 2, '\t']) {
    assert.is(make(JSON.stringify(object, null, indent), { fields }).text, JSON.stringify(wanted, null, indent))
  }
})

test('line ends, marks and missing ends stay as they are', () => {
  const fields = [set(['metadata', 'labels', 'a'], 'b'), set(['spec', 'template', 'spec', 'timeoutSeconds'], 30)]
  const before = `\uFEFF${head}metadata:\n  name: a\nspec:\n  template:\n    spec:\n      containers: []`.replaceAll(
    '\n',
    '\r\n',
  )
  assert.is(
    make(before, { fields }).text,
    `\uFEFF${head}metadata:\n  name: a\n  labels:\n    a: b\nspec:\n  template:\n    spec:\n      containers: []\n      timeoutSeconds: 30`.replaceAll(
      '\n',
      '\r\n',
    ),
  )
  assert.is(make(`\uFEFFspec: {}\n${head}`, { fields: [remove(['spec'])] }).text, `\uFEFF${head}`)
})

test('nothing is written behind a text that ends in a block scalar', () => {
  const text = 'metadata:\n  annotations:\n    # the note\n    note: |\n      text'
  becomes(
    text,
    [set(['metadata', 'annotations', 'a'], 'b'), set(['spec'], { template: {} })],
    'spec:\n  template: {}\nmetadata:\n  annotations:\n    # the note\n    a: b\n    note: |\n      text',
  )
  becomes(`${text}\n    last: 1`, [remove(['metadata', 'annotations', 'last'])], `${text}\n`)
  refused(
    spec('      - image: a\n        args:\n        - |\n          text'),
    [append([...containers, 0, 'args'], 'b')],
    'KN414 cannot edit `spec.template.spec.containers[0].args`: its last line has no line end; write it as plain block lines, or make the change manually',
  )
})

test('traffic and fields are edited at one place, the deeper one first', () => {
  const wish: ServiceWish = {
    fields: [
      set([...containers, 0, 'image'], 'v2'),
      set([...containers, 0, 'readinessProbe'], { tcpSocket: {} }),
      set(['status'], {}),
    ],
    traffic: [{ revision: { name: 'shop-00001' }, percent: 100 }],
  }
  assert.is(
    make(head + spec('        - image: v1\n'), wish).text,
    `${head}${spec('        - image: v2\n          readinessProbe:\n            tcpSocket: {}\n')}  traffic:\n    - revisionName: shop-00001\n      percent: 100\nstatus: {}\n`,
  )
  assert.match(
    make(`${head}spec: {}\n`, { ...wish, fields: [] }).text,
    /^KN414 cannot add `spec\.traffic`: `spec` is not a mapping with at least one member; add `spec:` with its template first/,
  )
})

test('a Service in a List is edited, the others are not', () => {
  const text = `apiVersion: v1\nkind: List\nitems:\n${['a', 'b'].map((name) => `- ${head.replaceAll('\n', '\n  ')}metadata:\n    name: ${name}\n`).join('')}`
  assert.is(make(text, { fields: [set(['metadata', 'name'], 'c')] }).text, text.replace('name: a', 'name: c'))
})

test('the patch takes them as one', () => {
  const file = { path: 'shop.yaml', text: `${head}metadata:\n  name: shop\n` }
  const [manifest] = findManifests(file, true).manifests
  const made = manifest && spliceFields(manifest, [set(['metadata', 'name'], 'b'), set(['spec'], {})])
  assert.ok(made && 'edits' in made)
  if (made && 'edits' in made)
    assert.match(formatPatch(file, made.edits), /-  name: shop\n\+  name: b\n\+spec: \{\}\n$/)
})

const name = ['spec', 'template', 'metadata', 'name']
const help = {
  written: 'write the value out in this manifest',
  shared: (anchor: string) => `write the value out in place of \`*${anchor}\``,
  mend: 'fix the findings of `kn-rollout validate` first',
  hand: 'write it as plain block lines, or make the change manually',
}
const refusals: readonly (readonly [string, string, FieldWish, string])[] = [
  [
    'an alias on the way',
    'metadata: &m {name: a}\nspec:\n  template:\n    metadata: *m\n',
    set(name, 'b'),
    `KN411 cannot edit \`spec.template.metadata.name\`: the alias \`*m\` is in the way; ${help.written}`,
  ],
  [
    'an anchor that is used',
    'metadata: {name: &n a}\nspec: {x: *n}\n',
    set(['metadata', 'name'], 'b'),
    `KN412 cannot edit the text of the anchor \`&n\`: other places of the file use it; ${help.shared('n')}`,
  ],
  [
    'a merge key',
    'x: &x {name: a}\nmetadata:\n  <<: *x\n',
    set(['metadata', 'name'], 'b'),
    'KN411 cannot edit `name`: it comes from a merge key `<<`; write it out in this manifest',
  ],
  [
    'a key that stands twice',
    'metadata:\n  name: a\n  name: b\n',
    set(['metadata', 'name'], 'c'),
    'KN413 cannot edit `name`: it is duplicated; remove one of them',
  ],
  [
    'an explicit key',
    'metadata:\n  ? name\n  : b\n',
    set(['metadata', 'name'], 'c'),
    'KN414 cannot edit `name`: it is written with `?`; write it as `name:`',
  ],
  [
    'an anchor inside of what goes',
    'metadata:\n  labels: {a: &a b}\n  annotations: {a: *a}\n',
    remove(['metadata', 'labels']),
    `KN412 cannot edit the text of the anchor \`&a\`: other places of the file use it; ${help.shared('a')}`,
  ],
  [
    'a merge key inside of what goes',
    'x: &x {a: b}\nmetadata:\n  labels: {<<: *x}\n',
    remove(['metadata', 'labels']),
    'KN411 cannot edit `metadata.labels`: it contains a merge key `<<`; write its members out',
  ],
  [
    'a key that stands twice inside of what goes',
    'metadata:\n  labels: {a: 1, a: 2}\n',
    remove(['metadata', 'labels']),
    'KN413 cannot edit `metadata.labels`: the key `a` is duplicated; remove one of them',
  ],
  [
    'a tag',
    'metadata:\n  name: !!str 5\n',
    set(['metadata', 'name'], 'b'),
    `KN414 cannot edit \`metadata.name\`: it has a YAML tag; ${help.hand}`,
  ],
  [
    'a list on the line of another one',
    'metadata:\n  x:\n  - - a\n',
    append(['metadata', 'x', 0], 'b'),
    `KN414 cannot edit \`metadata.x[0]\`: it starts on the line of another list; ${help.hand}`,
  ],
  [
    'a single value where a mapping must be',
    'metadata: a\n',
    set(['metadata', 'labels', 'a'], 'b'),
    `KN414 cannot write \`metadata.labels.a\`: \`metadata\` is not a mapping; ${help.mend}`,
  ],
  [
    'a mapping where a list must be',
    'metadata: {a: b}\n',
    append(['metadata'], 'b'),
    `KN414 cannot write \`metadata\`: \`metadata\` is not a list; ${help.mend}`,
  ],
  [
    'a list that is too short',
    spec('      - image: a\n'),
    set([...containers, 1, 'image'], 'b'),
    `KN414 cannot write \`spec.template.spec.containers[1].image\`: \`spec.template.spec.containers\` is not long enough; ${help.mend}`,
  ],
  [
    'an item of nothing',
    'spec: {}\n',
    set(['spec', 'a', 0], 'b'),
    `KN414 cannot write \`spec.a[0]\`: \`spec.a\` is not a list with that item; ${help.mend}`,
  ],
  [
    'a mapping in the place of another',
    'metadata: {a: b}\n',
    set(['metadata'], { c: 'd' }),
    'KN414 cannot edit `metadata`: it is not empty; remove it, and run the command again',
  ],
  [
    'a single value in the place of a list',
    'metadata: [a]\n',
    set(['metadata'], 'b'),
    'KN414 cannot edit `metadata`: it is not a single value; remove it, and run the command again',
  ],
  [
    'a name that is taken',
    'metadata: {a: b, c: d}\n',
    rename(['metadata', 'a'], 'c'),
    'KN414 cannot rename `metadata.a`: `metadata.c` exists already; remove one of them',
  ],
]
for (const [title, before, wish, message] of refusals) test(`refused: ${title}`, () => refused(before, [wish], message))

test('refused: what contradicts itself', () => {
  refused(
    'metadata: {a: b}\n',
    [remove(['metadata', 'a']), set(['metadata', 'a'], 'c')],
    'KN414 cannot edit `metadata.a`: one change writes it, another removes it; choose one of them',
  )
})

test('refused: two keys with one name', () => {
  const message = 'exists already; remove one of them'
  const twice = [rename(['metadata', 'a'], 'c'), rename(['metadata', 'b'], 'c')]
  refused('metadata: {a: b, b: c}\n', twice, `KN414 cannot rename \`metadata.b\`: \`metadata.c\` ${message}`)
  const added = [rename(['metadata', 'a'], 'c'), set(['metadata', 'c'], 'd')]
  refused('metadata: {a: b}\n', added, `KN414 cannot rename \`metadata.a\`: \`metadata.c\` ${message}`)
})

test('what is so already, or not there, needs no edit', () => {
  const text = `${head}metadata:\n  name: "a"\n  labels: {}\n  annotations:\n${spec('      - image: a\n')}`
  const fields = [
    set(['metadata', 'name'], 'a'),
    set(['metadata', 'labels'], {}),
    set(containers, [{ image: 'a' }]),
    remove(['metadata', 'annotations', 'x'], true),
    remove(['metadata', 'name', 'x']),
    remove([...containers, 4]),
    rename(['status', 'a'], 'b'),
    rename(['metadata', 'name'], 'name'),
  ]
  assert.equal(make(text, { fields }), { text, notes: [] })
  assert.equal(make(text, {}), { text, notes: [] })
})

test.run()
