// The smallest files that once were edited wrongly, refused for no reason, or read otherwise than kubectl reads them.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { spliceKustomization, spliceResource } from '../src/edit/kustomization.js'
import { commentTokens, setterOf } from '../src/edit/tokens.js'
import { fix } from '../src/pipeline/fix.js'
import { plan } from '../src/pipeline/plan.js'
import { changesText } from '../src/report/text.js'
import { plainly } from './report/outcomes.js'
import type { Outcome } from '../src/pipeline/request.js'
import type { MoveRequest } from '../src/stages/apply.js'
import { applyEdits } from '../src/text/edit.js'
import { parseYaml } from '../src/yaml/parse.js'

const path = 'shop.yaml'
const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\n'
const template = '  template:\n    spec:\n      containers:\n        - image: quay.io/example/shop:v1\n'
const start = `${head}spec:\n${template}`

function run(text: string, move: MoveRequest): Outcome {
  return plan([{ path, text }], { all: true, move })
}

function shares(given: Readonly<Record<string, number>>): MoveRequest {
  const all = Object.entries(given).map(([target, percent]) => ({ target, percent }))
  return { command: 'set', untag: [], tags: [], shares: all, allowUnknown: true }
}

const retire: MoveRequest = { command: 'apply', stage: 'retire', stable: 'shop-v1', candidate: 'shop-v2' }

function codesOf({ diagnostics }: Outcome): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

/** The text that a Service's text becomes, without its start; and what is said of comments. */
function edited(text: string, move: MoveRequest): { readonly text: string; readonly notes: readonly string[] } {
  const { changes, diagnostics } = run(text, move)
  const [change] = changes
  assert.ok(change, diagnostics.map(({ message }) => message).join('\n'))
  const notes = (change?.changes ?? []).flatMap((one) => one.notes.map((note) => `${note.kind}: ${note.text}`))
  const after = change?.text ?? ''
  return { text: after.startsWith(start) ? after.slice(start.length) : after, notes }
}

const test = suite('corners')

test('a new target stands as its neighbours do, in a list over several lines', () => {
  const one = '{revisionName: shop-v1, percent: 75}'
  for (const [between, end] of [
    [',\n    ', '\n  '],
    [',\n    ', ',\n  '],
    ['\n    , ', '\n  '],
  ] as const) {
    const list = `[\n    ${one}${between}{revisionName: shop-v2, percent: 25}${end}]`
    const { text } = edited(`${start}  traffic: ${list}\n`, shares({ 'shop-v1': 30, '@latest': 70 }))
    assert.match(text, /\{latestRevision: true, percent: 70\}/)
  }
  const json = JSON.stringify(
    {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'shop' },
      spec: {
        template: { spec: { containers: [{ image: 'a/b:c' }] } },
        traffic: [
          { revisionName: 'shop-v1', percent: 75 },
          { revisionName: 'shop-v2', percent: 25 },
        ],
      },
    },
    undefined,
    2,
  )
  const { text } = edited(json, shares({ 'shop-v1': 30, '@latest': 70 }))
  assert.is(text, JSON.stringify(JSON.parse(text), undefined, 2))
})

test('a question mark is quoted between braces', () => {
  const text = `${start}          env:\n            - {name: LOG, value: debug}\n`
  const env = [{ name: 'URL', value: 'https://x.io/a?b=1' }]
  const move: MoveRequest = { command: 'release', env, candidate: '@latest', stable: 'shop-v1', tag: 'next' }
  const { text: after } = edited(text, move)
  assert.match(after, /- \{name: URL, value: "https:\/\/x\.io\/a\?b=1"\}/)
})

test('colons and commas are written as they are around', () => {
  const spec = `${head}spec: {template: {spec: {containers: [{image: a/b:c}]}},traffic: []}\n`
  const { text } = edited(spec, shares({ 'shop-v1': 100 }))
  assert.match(text, /,traffic: \[\{revisionName: shop-v1,percent: 100\}\]\}\n$/)
  const kustomization = { path: 'kustomization.yaml', text: '{apiVersion: v1,resources: []}\n' }
  const edits = spliceResource(kustomization, parseYaml(kustomization, true).documents[0], 'shop.yaml')
  assert.ok(!('code' in edits))
  if (!('code' in edits)) assert.is(applyEdits(kustomization.text, edits), '{apiVersion: v1,resources: [shop.yaml]}\n')
})

test('a comment that a brace opens hides nothing', () => {
  assert.equal(codesOf(run(`${head}spec: #{old: 1}\n${template}`, shares({ '@latest': 100 }))), [])
  assert.equal(codesOf(plan([{ path, text: `${head}spec: #{old: 1}\n  template: 7\n` }], {})), ['KN201'])
})

const two =
  '  traffic:\n    - revisionName: shop-v1\n      percent: 75\n    - revisionName: shop-v2\n      percent: 25\n'

const oddEnds = [
  ['a lone CR', '\r'],
  ['NEL', '\u0085'],
  ['LS', '\u2028'],
  ['PS', '\u2029'],
] as const
const placed = `# top
${head}  annotations:
    a: b
spec:
  template:
    metadata:
      name: shop-v1
    spec:
      containers:
        - image: quay.io/example/shop:v1
          # of the container
          env:
            - name: A
              value: x
  traffic: # of the list
    - revisionName: shop-v1
      percent: 100
      tag: v1
`

for (const [name, end] of oddEnds) {
  test(`${name} as the end of a line is one refusal, wherever it stands and whatever there is to do`, () => {
    const lines = placed.split('\n').length - 1
    for (let number = 0; number < lines; number++) {
      let index = -1
      const text = placed.replaceAll('\n', (plain) => (++index === number ? end : plain))
      for (const move of [
        { command: 'apply', stage: 'pin', stable: 'shop-v1' },
        { command: 'apply', stage: 'split', stable: 'shop-v1', candidate: 'shop-v2' },
        { command: 'next', stable: 'shop-v1', candidate: 'shop-v2' },
        shares({ 'shop-v1': 100 }),
        shares({ 'shop-v1': 30, '@latest': 70 }),
        { command: 'release', image: ':v2', revisionName: 'shop-v3' },
      ] as const) {
        const { changes, diagnostics } = run(text, move)
        assert.equal(changes, [])
        assert.equal(
          diagnostics.filter(({ code }) => code.startsWith('KN4')).map(({ code }) => code),
          ['KN414'],
          `line ${number} ${JSON.stringify(move)}`,
        )
      }
      for (const broken of [text, text.replace('percent: 100', 'percent: "100"')]) {
        const fixed = fix([{ path, text: broken }], {})
        assert.equal(fixed.changes, [])
        assert.equal(
          fixed.diagnostics.filter(({ code }) => code.startsWith('KN4')).map(({ code }) => code),
          ['KN414'],
          `line ${number}`,
        )
      }
    }
    const file = { path: 'kustomization.yaml', text: `resources:${end}- a.yaml\n` }
    for (const refused of [
      spliceResource(file, parseYaml(file, true).documents[0], 'b.yaml'),
      spliceKustomization(file, [{ kind: 'set', path: ['namePrefix'], value: 'a-' }]),
    ])
      assert.is('code' in refused && refused.code, 'KN414')
  })
}

test('an odd line end in the comments above a later document is one as well', () => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
  const behind = `${other}---\n${placed.replace('top\n', 'top\r')}`
  const move: MoveRequest = { command: 'apply', stage: 'pin', stable: 'shop-v1' }
  assert.equal(codesOf(run(behind, move)), ['KN414'])
  assert.equal(codesOf(run(`# of the first\r${other}---\n${placed}`, move)), [])
})

test('a fix of other Services says nothing of one that was not asked for', () => {
  const text = placed.replace('percent: 100\n', 'percent: 100\r')
  assert.equal(codesOf(fix([{ path, text }], { services: ['other'] })).includes('KN414'), false)
})

test('such a character inside of quotes, or of a comment that goes on, is in nobody’s way', () => {
  const note = `${head.replace('name: shop', 'name: "shop"\n  annotations:\n    a: "b\u2028c"')}spec:\n${template}`
  assert.match(edited(`${note}${two}`, shares({ 'shop-v1': 30, 'shop-v2': 70 })).text, /percent: 30/)
  const remark = two.replace('75', '75 # one\u0085 # two')
  const { notes } = edited(start + remark, shares({ 'shop-v1': 30, 'shop-v2': 70 }))
  assert.equal(notes, ['beside: # one\u0085 # two'])
})

test('beside keys with a question mark nothing is put', () => {
  const text = `${head}spec:\n  ? template\n  :\n    spec:\n      containers:\n      - image: a/b:c\n`
  assert.equal(codesOf(run(text, shares({ 'shop-v1': 30, '@latest': 70 }))), ['KN414'])
})

test('the comments of a text are looked for once, whoever asks for them one after the other', () => {
  const text = 'a: 1 # one\n# two\n'
  assert.is(commentTokens(text), commentTokens(text))
  assert.equal(
    commentTokens(text).map((one) => text.slice(one.start, one.end)),
    ['# one', '# two'],
  )
})

test('every comment beside a changed value is named', () => {
  for (const [value, after] of [
    ['[] # c', ' # c\n'],
    ['null # c', ' # c\n'],
    ['# c', ' # c\n'],
    ['\n    # c\n    []', '\n    # c\n'],
    ['\n    # c\n    ~ # c', '\n    # c\n     # c\n'],
  ] as const) {
    const { text, notes } = edited(`${start}  traffic: ${value}\n`, shares({ 'shop-v1': 100 }))
    assert.equal([...new Set(notes)], ['beside: # c'], value)
    assert.is(text.replace(/traffic: \n/, 'traffic:\n').indexOf(`  traffic:${after}`), 0, text)
  }
  const whole = '  traffic: # a\n    # b\n    - revisionName: shop-v1 # c\n      percent: 100\n'
  const latest = shares({ '@latest': 100 })
  assert.equal(edited(start + whole, latest).notes.toSorted(), ['beside: # a', 'beside: # b', 'removed: # c'])
  const flow = '  traffic: [{revisionName: shop-v1, percent: 100}] # c\n'
  assert.equal(edited(start + flow, latest).notes, ['beside: # c'])
  const spread = two.replace('percent: 75', 'percent: # a\n        # b\n        75 # c')
  const { notes } = edited(start + spread, shares({ 'shop-v1': 30, 'shop-v2': 70 }))
  assert.equal(notes, ['beside: # a', 'beside: # b', 'beside: # c'])
})

test('a field that is commented out below a blank line stays and is named', () => {
  const first = '    - revisionName: shop-v1\n      percent: 0\n\n      # tag: old\n'
  const last = '    - revisionName: shop-v2\n      percent: 100\n'
  for (const list of [first + last, last + first]) {
    const { text, notes } = edited(`${start}  traffic:\n${list}`, retire)
    assert.match(text, /# tag: old/)
    assert.equal(notes, ['beside: # tag: old'])
  }
})

test('no blank is left at the end of a line', () => {
  const list = '    -  tag: v2\n# c\n       percent: 25\n       revisionName: shop-v2\n'
  const untag: MoveRequest = { command: 'set', untag: ['v2'], tags: [], allowUnknown: false }
  const rest = '    -  revisionName: shop-v1\n       percent: 75\n'
  assert.match(edited(`${start}  traffic:\n${list}${rest}`, untag).text, /^ {4}-\n# c\n {7}percent: 25$/m)
  const flow = '    - {percent: 25, revisionName: shop-v2,\n       tag: v2}\n'
  assert.match(edited(`${start}  traffic:\n${flow}${rest}`, untag).text, /revisionName: shop-v2\}$/m)
})

test('a text that ends the file without its line end can stand before new lines', () => {
  for (const header of ['|-', '>-']) {
    const text = `${start}          env:\n            - name: A\n              value: ${header}\n                x`
    const { text: after } = edited(text, shares({ 'shop-v1': 30, '@latest': 70 }))
    assert.match(after, /\n {16}x\n {2}traffic:\n/)
    const list = `${two.slice(0, two.lastIndexOf('    -'))}    - percent: 25\n      revisionName: ${header}\n        shop-v2`
    assert.match(edited(start + list, shares({ 'shop-v1': 30, '@latest': 70 })).text, /percent: 70$/)
  }
})

test('a comment may stand between a key and its value', () => {
  const text = `${head}  namespace:\n\n# c\n    prod\nspec:\n${template}${two}`
  assert.match(edited(text, shares({ 'shop-v1': 30, 'shop-v2': 70 })).text, /# c\n {4}prod\n/)
})

test('a target with a Configuration of its own is not edited', () => {
  const list = '  traffic:\n    - configurationName: shop\n      percent: 100\n'
  assert.equal(codesOf(run(start + list, shares({ 'shop-v1': 30, '@latest': 70 }))), ['KN306', 'KN415'])
})

test('shares change beside a name that an alias repeats', () => {
  const text = start.replace('name: shop', 'name: shop\n  annotations:\n    last: &last shop-v1')
  const list = two.replace('shop-v1', '*last')
  assert.match(edited(text + list, shares({ 'shop-v1': 30, 'shop-v2': 70 })).text, /\*last\n {6}percent: 30\n/)
  assert.not.match(edited(text + list.replace('75', '0').replace('25', '100'), retire).text, /\*last/)
})

test('percents change beside an anchor whose alias is in the list too; the anchor itself stays', () => {
  const block = `${two}    - revisionName: shop-v1\n      percent: 0\n      tag: old\n`
  const flow =
    '  traffic: [{revisionName: shop-v1, percent: 75}, {revisionName: shop-v2, percent: 25}, {revisionName: shop-v1, percent: 0, tag: old}]\n'
  for (const list of [block, flow]) {
    const anchored = list.replace('shop-v1', '&rev shop-v1').replace('revisionName: shop-v1', 'revisionName: *rev')
    const { text } = edited(start + anchored, shares({ 'shop-v1': 30, 'shop-v2': 70 }))
    assert.is(text, anchored.replace('75', '30').replace('25', '70'))
    const split: MoveRequest = {
      command: 'apply',
      stage: 'split',
      percent: 60,
      stable: 'shop-v1',
      candidate: 'shop-v2',
    }
    assert.is(edited(start + anchored, split).text, anchored.replace('75', '40').replace('25', '60'))
    assert.equal(codesOf(run(start + anchored, shares({ '@latest': 100 }))), ['KN412'])
  }
  const gone = two.replace('shop-v1', '&rev shop-v1').replace('revisionName: shop-v2', 'revisionName: *rev')
  assert.equal(codesOf(run(start + gone, shares({ '@latest': 100 }))), ['KN412'])
})

test('text behind a comment between braces is not read, nor an end marker that begins a document', () => {
  const odd = `${start}          args: [{note: a # c\n  b}]\n`
  assert.equal(codesOf(plan([{ path, text: odd }], {})), ['KN101'])
  const crlf = `${start}---\n...\n`.replaceAll('\n', '\r\n')
  assert.equal(codesOf(plan([{ path, text: crlf }], {})), ['KN109'])
})

test('a number that JSON has not is refused also where only an alias still stands for it', () => {
  const text = `${start}          args: &none [.nan]\n          command: *none\n          args: []\n`
  assert.equal(codesOf(plan([{ path, text }], {})), ['KN108'])
  assert.equal(codesOf(plan([{ path, text: text.replace('          command: *none\n', '') }], {})), [])
})

test('a class of the domain of Knative is one of its two', () => {
  const text = start.replace(
    '    spec:',
    '    metadata:\n      annotations:\n        autoscaling.knative.dev/class: X\n    spec:',
  )
  assert.equal(codesOf(plan([{ path, text: text.replace('X', 'foo.knative.dev') }], {})), ['KN346'])
  for (const name of ['kpa.autoscaling.knative.dev', 'foo.example.com', 'knative.dev'])
    assert.equal(codesOf(plan([{ path, text: text.replace('X', name) }], {})), [], name)
})

/** The lines of the refusals. */
function shownIn(text: string, move: MoveRequest): readonly string[] {
  return run(text, move)
    .diagnostics.filter(({ code }) => code.startsWith('KN4'))
    .map(({ code, range }) => `${code} ${text.slice(range?.start, range?.end).split('\n')[0]}`)
}

const release: MoveRequest = {
  command: 'release',
  image: 'a/b:v2',
  candidate: '@latest',
  stable: 'shop-v1',
  tag: 'next',
}

test('a refusal of a release stands at what it is about', () => {
  const second = '        - image: quay.io/example/side:v1\n          name: side\n'
  assert.equal(shownIn(start + second, release), ['KN440 containers'])
  const valued = `${start}          env:\n            - name: A\n              valueFrom: {secretKeyRef: {name: a, key: b}}\n`
  const env = { ...release, env: [{ name: 'A', value: '1' }] }
  assert.equal(shownIn(valued, env), ['KN441 valueFrom'])
  const odd = start.replace('quay.io/example/shop:v1', '"{{ image }}"')
  assert.equal(shownIn(odd, { ...release, image: ':v2' }), ['KN441 image'])
  const named = start.replace('    spec:', '    metadata:\n      name: other-v1\n    spec:')
  assert.equal(shownIn(named, { command: 'release', image: 'a/b:v2', stable: 'shop-v1', tag: 'next' }), ['KN444 name'])
})

test('the note that kn makes of an image follows it', () => {
  const note =
    '    metadata:\n      annotations:\n        client.knative.dev/user-image: quay.io/example/shop:v1\n    spec:'
  const text = start.replace('    spec:', note)
  const { changes } = run(text, release)
  assert.match(changes[0]?.text ?? '', /user-image: a\/b:v2\n/)
  const second = '        - image: quay.io/example/side:v1\n          name: side\n'
  const side = run(text + second, { ...release, container: 'side' }).changes[0]?.text ?? ''
  assert.match(side, /user-image: quay.io\/example\/shop:v1\n/)
})

test('a Service is named by the line that it stands in', () => {
  const text = `${start}---\n${start}${two}`
  const move: MoveRequest = { command: 'apply', stage: 'promote', stable: 'shop-v1', candidate: 'shop-v2' }
  const asked = plan([{ path, text }], { move })
  const found = asked.diagnostics.find(({ code }) => code === 'KN422')
  assert.match(found?.help ?? '', /add `--service FILE:LINE`, such as `shop\.yaml:4`, a path, or `--all`/)
  const line = start.split('\n').length + 5
  const { changes } = plan([{ path, text }], { move, services: [`shop.yaml:${line}`] })
  assert.equal(
    changes.map(({ edits }) => edits.every(({ range }) => range.start > start.length)),
    [true],
  )
  assert.equal(codesOf(plan([{ path, text }], { move, services: ['shop.yaml:999'] })), ['KN420'])
})

test('a list that holds a Service twice says so', () => {
  const item = start.replaceAll('\n', '\n    ').trimEnd()
  const list = (kind: string): string => `apiVersion: v1\nkind: ${kind}\nitems:\n  - ${item}\n  - ${item}\n`
  const [plain, ofFunction] = ['List', 'ResourceList'].map((kind) => plan([{ path, text: list(kind) }], {}).diagnostics)
  assert.equal(
    plain?.map(({ code }) => code),
    ['KN328'],
  )
  assert.equal(ofFunction, [])
})

test('a generated name is a warning, and stands for the one that is missing', () => {
  const { diagnostics } = plan([{ path, text: start.replace('name: shop', 'generateName: shop-') }], {})
  assert.equal(
    diagnostics.map(({ code, severity, service }) => [code, severity, service]),
    [['KN355', 'warning', 'shop-']],
  )
})

test('a key that stands twice in a kustomization is said', () => {
  const text = 'resources:\n- shop.yaml\npatches: []\npatches: []\n'
  const surroundings = { kustomizations: [{ path: 'kustomization.yaml', text }], files: [], owners: [] }
  const { diagnostics } = plan([{ path, text: start }], { surroundings })
  assert.equal(
    diagnostics.map(({ code, file }) => [code, file]),
    [['KN105', 'kustomization.yaml']],
  )
})

const scalars = fc.oneof(
  fc.constantFrom(
    'yes',
    'No',
    'on',
    'OFF',
    '1.10',
    '0123',
    '0x1F',
    '1_000',
    '1e3',
    '-0',
    '.5',
    '+1',
    'y',
    'TRUE',
    '0b11',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.nat(), fc.nat()).map(([one, other]) => `${one}.${other}0`),
)

test('who follows the help writes what --fix writes', () => {
  fc.assert(
    fc.property(scalars, fc.constantFrom('annotations', 'env', 'args'), (scalar, place) => {
      const lines = {
        annotations: [head, `  annotations:\n    a: ${scalar} # c\nspec:\n${template}`],
        env: [start, `          env:\n            - {name: A, value: ${scalar}}\n`],
        args: [start, `          args:\n            - a\n            - ${scalar}\n`],
      }[place]
      const text = lines.join('')
      const found = plan([{ path, text }], {}).diagnostics.find(({ code }) => code === 'KN201')
      assert.ok(found?.range)
      const written = /^put it in quotes: (".*")$/.exec(found?.help ?? '')?.[1] ?? ''
      const followed = text.slice(0, found?.range?.start) + written + text.slice(found?.range?.end)
      assert.is(fix([{ path, text }], {}).changes[0]?.text, followed)
    }),
    { seed: 20_261_129 },
  )
})

const google = start.replace('name: shop', 'name: shop\n  annotations:\n    run.googleapis.com/ingress: all')

test('Cloud Run takes whole numbers in quotes', () => {
  const numbers = [
    ['    spec:', "    spec:\n      containerConcurrency: '1'\n      timeoutSeconds: '1500'"],
    [
      'shop:v1',
      "shop:v1\n          ports: [{containerPort: '80'}]\n          readinessProbe: {tcpSocket: {port: '80'}}",
    ],
  ] as const
  const written = (text: string): string => numbers.reduce((found, [from, to]) => found.replace(from, to), text)
  const list = "  traffic: [{latestRevision: true, percent: '100'}]\n"
  assert.equal(codesOf(plan([{ path, text: written(google) + list }], {})), [])
  assert.equal(codesOf(plan([{ path, text: written(start) + list }], {})), [
    'KN201',
    'KN201',
    'KN201',
    'KN382',
    'KN201',
  ])
  const key = '          env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: 1}}}]\n'
  assert.equal(codesOf(plan([{ path, text: google + key }], {})), ['KN201'])
})

test('an annotation that is null is none', () => {
  const text = start.replace(
    '    spec:',
    '    metadata:\n      annotations:\n        autoscaling.knative.dev/minScale: ~\n    spec:',
  )
  assert.equal(codesOf(plan([{ path, text }], {})), [])
})

test('an account is told by what its server calls one', () => {
  const [there] = plan(
    [{ path, text: google.replace('    spec:', '    spec:\n      serviceAccountName: A_b') }],
    {},
  ).diagnostics
  assert.match(
    there?.message ?? '',
    /`spec\.template\.spec\.serviceAccountName` is "A_b"; must be the email address of a service account on Cloud Run/,
  )
  assert.is(there?.help, undefined)
})

test('a revision name that a copy kept is proposed with the new name of the Service', () => {
  for (const [service, name, proposed] of [
    ['greeter2', 'greeter-v2', 'greeter2-v2'],
    ['shop', 'cart-v2', 'shop-v2'],
    ['shop', 'shops-blue', 'shop-blue'],
    ['shop', 'blue', 'shop-blue'],
  ] as const) {
    const text = start
      .replace('name: shop', `name: ${service}`)
      .replace('    spec:', `    metadata:\n      name: ${name}\n    spec:`)
    const found = plan([{ path, text }], {}).diagnostics.find(({ code }) => code === 'KN321')
    assert.match(found?.help ?? '', new RegExp(`^write \`${proposed}\``))
  }
})

const placeholders = [
  '"{{ .Values.x }}"',
  'a-{{ .Values.x }}-b',
  '${X}',
  '${X:-a}',
  '$X',
  '"${{ parameters.x }}"',
  '$(params.x)',
  '$(VAR)',
  'a#{x}#',
  '<path:secret/data/a#b>',
  '<%= x %>',
  '[[ x ]]',
  '"@VAR@"',
  '__VAR__',
  '"%VAR%"',
  '(( grab x ))',
  '<VAR>',
] as const

for (const placeholder of placeholders) {
  test(`the placeholder ${placeholder} is a note, and the rest is judged and edited`, () => {
    const text = `${start.replace('quay.io/example/shop:v1', placeholder)}${two}`
    const bad = text.replace('percent: 75', 'percent: 74')
    const said = plan([{ path, text: bad }], {}).diagnostics.map(({ code, severity }) => `${code} ${severity}`)
    assert.equal(said, ['KN126 note', 'KN301 error'])
    const { changes } = run(text, shares({ 'shop-v1': 30, 'shop-v2': 70 }))
    assert.match(changes[0]?.text ?? '', /percent: 30/)
    const share = `${start}${two.replace('75', placeholder)}`
    assert.equal(codesOf(plan([{ path, text: share }], {})), [])
    const named = `${start}${two.replace('shop-v1', placeholder)}`
    const moved = run(named, { command: 'apply', stage: 'split', stable: 'shop-v2', candidate: 'shop-v3' })
    assert.equal(moved.changes, [], 'such a name is no role')
  })
}

test('a rollout does not begin with names that are filled in later', () => {
  const text = `${start}${two}`.replace('name: shop', 'name: "{{ .Release.Name }}-side"')
  const move: MoveRequest = { command: 'apply', stage: 'promote', stable: 'shop-v1', candidate: 'shop-v2' }
  assert.equal(codesOf(run(text, move)), ['KN468'])
  const template2 = start.replace('    spec:', '    metadata:\n      name: "{{ .Release.Name }}-v2"\n    spec:')
  const list = '  traffic:\n    - revisionName: shop-v1\n      percent: 100\n'
  const split: MoveRequest = { command: 'apply', stage: 'split', stable: 'shop-v1' }
  assert.equal(codesOf(run(template2 + list, split)), ['KN468'])
  // To YAML, these names are lists.
  assert.equal(codesOf(run(`${start}${two}`.replace('name: shop', 'name: [[ app ]]'), move)), ['KN468'])
  assert.equal(codesOf(run(template2.replace(/"\{\{.*"/, '[[ rev ]]') + two, move)), ['KN468'])
})

test('a token that no text can begin with makes the file a template', () => {
  for (const token of ['@TAG@', '%TAG%', '@IMAGE@-1']) {
    const text = `${start.replace('quay.io/example/shop:v1', token)}${two}`
    assert.equal(
      plan([{ path, text }], {}).diagnostics.map(({ code, severity }) => `${code} ${severity}`),
      ['KN103 note'],
    )
  }
  for (const odd of ['@tag', '%TAG', '@TAG% '])
    assert.equal(codesOf(plan([{ path, text: `${start.replace('quay.io/example/shop:v1', odd)}${two}` }], {})), [
      'KN101',
    ])
})

const seal = (more = ''): string => `sops:\n  mac: ENC[AES256_GCM,data:3q2=,type:str]\n  version: 3.9.0\n${more}`

test('what sops has sealed is checked as far as it is plain, and edited by sops alone', () => {
  const text = `${start}          env: [{name: A, value: "ENC[AES256_GCM,data:3q2=,type:str]"}]\n${two}`
  const sealed = text + seal()
  const said = plan([{ path, text: sealed }], {}).diagnostics.map(({ code }) => code)
  assert.equal(said, ['KN127'])
  const move = shares({ 'shop-v1': 30, 'shop-v2': 70 })
  for (const request of [{}, { force: true }, { severities: { KN419: 'off' as const } }]) {
    const { changes, diagnostics } = plan(
      [{ path, text: sealed.replace('traffic:', 'traffic: # kn-rollout: ignore KN419') }],
      {
        all: true,
        move,
        ...request,
      },
    )
    assert.equal(changes, [])
    const found = diagnostics.find(({ code }) => code === 'KN419')
    assert.is(found?.severity, 'error')
    assert.match(found?.help ?? '', /`sops edit` or `sops set`/)
  }
  const open = text + seal('  mac_only_encrypted: true\n')
  assert.match(edited(open, move).text, /percent: 30/)
  const env = { ...release, env: [{ name: 'A', value: 'plain' }] }
  assert.equal(codesOf(run(open.replace('percent: 75', 'percent: 100').replace('percent: 25', 'percent: 0'), env)), [
    'KN419',
  ])
})

test('who sets a value back is said', () => {
  assert.is(setterOf('# {"$imagepolicy": "flux-system:blog:tag"}'), 'Flux image automation')
  for (const comment of ['# kpt-set: ${image}', '# {"$kpt-set":"image"}', '#kpt-set: ${image}'])
    assert.is(setterOf(comment), 'kpt', comment)
  assert.is(setterOf('# set by hand'), undefined)
  const marked = start.replace('shop:v1', 'shop:v1 # {"$imagepolicy": "flux-system:shop"}')
  const outcome = run(marked, release)
  assert.match(
    changesText(outcome, plainly.colours),
    /this comment is now next to a changed value, which Flux image automation will set again: # \{"\$imagepolicy": "flux-system:shop"\}/,
  )
})

test('behind an empty value between braces, a comma stands apart from the colon', () => {
  const list = '  traffic: [{revisionName: shop-v1, percent: 100}, {revisionName: shop-v2, percent: }]\n'
  const tagged: MoveRequest = {
    command: 'set',
    untag: [],
    tags: [{ revision: 'shop-v2', tag: 'next' }],
    shares: [
      { target: 'shop-v1', percent: 100 },
      { target: 'shop-v2', percent: 0 },
    ],
    allowUnknown: true,
  }
  assert.match(edited(`${start}${list}`, tagged).text, '{revisionName: shop-v2, percent: , tag: next }]')
})

test('a colon that go-yaml takes for a part of a key in braces stays one', () => {
  const spec = 'spec: {template: {spec: {containers: [{image: shop}]}}, traffic:}\n'
  const { text } = edited(`${start.slice(0, start.indexOf('spec:'))}${spec}`, {
    command: 'apply',
    stage: 'pin',
    stable: 'shop-v1',
  })
  assert.match(text, ', traffic:, traffic: [{revisionName: shop-v1, percent: 100}]}')
})

test('an overlay whose only file is a template says so beside that it has no Service', () => {
  const kustomization = { path: 'kustomization.yaml', text: 'resources: [shop.yaml]\n' }
  const surroundings = { kustomizations: [kustomization], files: [], owners: [] }
  const text = start.replace('shop:v1', 'shop:v1 #@ data.values.x')
  const request = { all: true, move: shares({ 'shop-v1': 100 }), surroundings, overlay: kustomization.path }
  const { diagnostics } = plan([{ path, text }], request)
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['KN103', 'KN421'],
  )
})

test.run()
