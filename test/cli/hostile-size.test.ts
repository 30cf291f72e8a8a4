// Files that cost much time for their size, were it not in proportion. Whoever takes it by the square, or worse, does not
// come to an end here before the thread that runs the program is given up.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

type Files = Readonly<Record<string, string>>

const test = suite('hostile size')

function many(count: number, part: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => part(index)).join('')
}

function ran(files: Files, ...args: readonly string[]): Ran {
  const box = new Sandbox()
  box.write(files)
  return box.run(args)
}

/** One Service is found, and nothing is wrong with it. */
function isFine({ status, stdout, stderr }: Ran): void {
  assert.equal([status, stdout], [0, ''])
  assert.match(
    stderr,
    /^validated 1 Knative Service in 1 file(?: and \d+ around (?:it|them))?: 0 errors, 0 warnings\n$/,
  )
}

const canary = `  traffic:\n    - revisionName: shop-v1\n      percent: 100\n`
const shop = service(canary, { name: 'shop' })

const texts: readonly (readonly [what: string, head: string])[] = [
  ['a comment of tokens that are not closed', `#${': #{'.repeat(400_000)}\n`],
  ['a comment of ytt signs', `#${' #@a'.repeat(400_000)}\n`],
  ['comments that ignore the same line', '# kn-rollout: ignore KN312\n'.repeat(60_000)],
  ['one comment that ignores many codes', `# kn-rollout: ignore${' KN312'.repeat(200_000)}\n`],
]
for (const [what, head] of texts)
  test(`${what} is read in proportion`, () => {
    const { status, stdout, stderr } = ran(
      { 'shop.yaml': head + shop },
      'apply',
      'pin',
      'shop.yaml',
      '--stable',
      'shop-v1',
    )
    assert.equal([status, stdout], [0, ''])
    assert.match(stderr, /nothing to change|no change|already/i)
  })

for (const [what, text] of [
  ['signs of comments and a lone carriage return', `# a b${' #'.repeat(400_000)}\rnamePrefix: ''\n`],
  ['blanks', `nameSuffix: ''${' '.repeat(400_000)}#\n`],
  ['quotes', `# ${'" \''.repeat(300_000)}\n`],
] as const)
  test(`a kustomization with many ${what} is read in proportion`, () => {
    isFine(ran({ 'shop.yaml': shop, 'kustomization.yaml': `resources: [shop.yaml]\n${text}` }, 'validate', '.'))
  })

test('a pattern in the target of a patch takes time in proportion to the name', () => {
  const name = 'a'.repeat(60)
  const files = (pattern: string): Files => ({
    'shop.yaml': service('', { name }),
    'kustomization.yaml': `resources: [shop.yaml]\npatches:\n  - target: {kind: Service, name: "${pattern}"}\n    patch: '[{"op": "replace", "path": "/spec/traffic", "value": [{"revisionName": "b", "percent": 100}]}]'\n`,
  })
  for (const pattern of ['(a+)+b', '(a|aa)+b', '(a*)*b', '(.*)*c'])
    assert.is(ran(files(pattern), 'validate', '.').status, 0, pattern)
})

const levels = Array.from({ length: 24 }, (_, index) => index)
const trees: readonly (readonly [what: string, files: Files, resource: string])[] = [
  [
    'folders that list the next one twice',
    Object.fromEntries(
      levels.map((level) => [`k${level}/kustomization.yaml`, `resources: [../k${level + 1}, ../k${level + 1}]\n`]),
    ),
    'k24',
  ],
  [
    'components that list the next one twice',
    Object.fromEntries(
      levels.map((level) => [
        `c${level}/kustomization.yaml`,
        `kind: Component\ncomponents: [../c${level + 1}, ../c${level + 1}]\n`,
      ]),
    ),
    'k24',
  ],
]
for (const [what, files, folder] of trees)
  test(`${what} are visited once each`, () => {
    const end = { 'c24/kustomization.yaml': 'kind: Component\n' }
    const top = { 'top/kustomization.yaml': 'resources: [../k24]\ncomponents: [../c0]\n' }
    const base = { [`${folder}/kustomization.yaml`]: 'resources: [shop.yaml]\n', [`${folder}/shop.yaml`]: shop }
    // kustomize refuses what is there twice, and so is that said; what counts is that it ends.
    const { status, stderr } = ran({ ...end, ...top, ...files, ...base }, 'validate', '.')
    assert.is(status, 1)
    assert.match(stderr, /Knative Services? in/)
  })

test('folders that build the next one under two names are cut off, and nothing is told of what becomes of it', () => {
  const box = new Sandbox()
  box.write({
    'k24/kustomization.yaml': 'resources: [shop.yaml]\n',
    'k24/shop.yaml': shop,
    ...Object.fromEntries(
      levels.flatMap((level) => [
        [`k${level}/kustomization.yaml`, `resources: [../a${level}, ../b${level}]\n`],
        [`a${level}/kustomization.yaml`, `resources: [../k${level + 1}]\nnameSuffix: -a\n`],
        [`b${level}/kustomization.yaml`, `resources: [../k${level + 1}]\nnameSuffix: -b\n`],
      ]),
    ),
  })
  const { status, stderr } = box.run(['apply', 'rollback', '--overlay', 'k0', '--all'])
  assert.is(status, 1)
  assert.match(stderr, /KN46\d/)
})

test('the patterns of a configuration take time in proportion to a name', () => {
  const files = {
    'shop.yaml': service(canary, { name: 'a'.repeat(60) }),
    '.kn-rollout.yaml': `services:\n  - {name: "${'*a'.repeat(20)}*b", plan: canary}\n  - {path: "${'**/*p'.repeat(20)}x", plan: canary}\n  - {name: "${'*a'.repeat(20)}*", plan: blue-green}\nplan: canary\n`,
  }
  const { status, stdout } = ran(files, 'status', '.')
  assert.is(status, 0)
  assert.match(stdout, /a{60}.*blue-green/)
})

test('so does a pattern on the command line', () => {
  const files = { 'shop.yaml': service(canary, { name: 'a'.repeat(60) }) }
  const { status, stdout } = ran(files, 'validate', '.', '--service', `${'*a'.repeat(20)}*b`)
  assert.is(status, 1)
  assert.match(stdout, /KN420/)
})

const ignored = `${'*a'.repeat(20)}*b\n*b.yaml\n`
const long = `${'a'.repeat(100)}.yaml`
for (const isRepository of [true, false])
  test(`so does a .gitignore, with a glob, ${isRepository ? 'in' : 'outside of'} a repository`, () => {
    const box = new Sandbox()
    if (isRepository) box.git('init', '--quiet')
    box.write({ '.gitignore': ignored, [long]: shop, 'b.yaml': shop, 'sub/b.yaml': shop })
    for (const place of ['**/*.yaml', '.']) isFine(box.run(['validate', place]))
  })

function schema(pattern: string): string {
  return JSON.stringify({ properties: { metadata: { properties: { name: { pattern } } } } })
}

function judged(pattern: string): Files {
  return { 'shop.yaml': service('', { name: `${'a'.repeat(60)}-b` }), 'schema.json': schema(pattern) }
}

test('so do the patterns of a schema, and what Go does not know is refused', () => {
  const slow = ran(judged('^(a+)+$'), 'validate', 'shop.yaml', '--schema', 'schema.json')
  assert.match(slow.stdout, /must match `\^\(a\+\)\+\$`/)
  for (const [pattern, reason] of [
    ['(?=(a+)+b)', 'invalid or unsupported Perl syntax: `(?=`'],
    [String.raw`(a+)+\1b`, 'invalid escape sequence: `\\1`'],
  ] as const) {
    const { status, stdout, stderr } = ran(judged(pattern), 'validate', 'shop.yaml', '--schema', 'schema.json')
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /^kn-rollout: schema\.json:1:\d+: is not a regular expression that Go accepts/)
    assert.ok(stderr.includes(reason), stderr)
  }
})

test('a JSON string that is not closed is looked through once', () => {
  const text = `{"apiVersion":"serving.knative.dev/v1","x":"${String.raw`\"`.repeat(400_000)}`
  const { status, stdout } = ran({ 'shop.json': text }, 'validate', 'shop.json')
  assert.is(status, 1)
  assert.match(stdout, /KN101/)
})

test('a stream of JSON documents is read document by document', () => {
  const [other, own] = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
    { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 5 } },
  ].map((object) => JSON.stringify(object))
  const before = other?.repeat(20_000) ?? ''
  const { status, stdout } = ran({ 'shop.json': `${before}${own}` }, 'validate', 'shop.json')
  assert.is(status, 1)
  assert.ok(stdout.includes(`shop.json:1:${before.length + 76}: error: \`metadata.name\` is 5; must be a string`))
})

for (const [what, text] of [
  ['brackets', `x: ${'['.repeat(60_000)}${']'.repeat(60_000)}\n`],
  ['braces', `x: ${'{a: '.repeat(60_000)}\n`],
  ['dashes', `x:\n  ${'- '.repeat(60_000)}a\n`],
  ['anchors', `x: ${'&a ['.repeat(60_000)}${']'.repeat(60_000)}\n`],
] as const)
  test(`${what} in each other are refused by every command, before the stack runs out`, () => {
    const box = new Sandbox()
    box.write({ 'shop.yaml': shop + text })
    const pin = ['apply', 'pin', 'shop.yaml', '--stable', 'shop-v1']
    for (const args of [['validate', 'shop.yaml'], ['validate', '--fix', 'shop.yaml'], pin, ['status', 'shop.yaml']]) {
      const { stdout, stderr } = box.runProcess(args)
      assert.match(stdout + stderr, /YAML is nested too deeply to be read/)
    }
  })

test('500 levels are read by every command', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': `${shop}  x: ${'['.repeat(490)}${']'.repeat(490)}\n` })
  for (const args of [
    ['validate', '--format', 'sarif', 'shop.yaml'],
    ['validate', '--fix', 'shop.yaml'],
    ['apply', 'pin', 'shop.yaml', '--stable', 'shop-v1'],
  ]) {
    const { status, stdout, stderr } = box.runProcess(args)
    assert.is(status, 1)
    assert.match(stdout + stderr, /KN202/)
  }
})

function wrong(index: number): string {
  return service(canary.replace('100', '"100"').replace('shop-v1', `shop${index}-v1`), { name: `shop${index}` })
}

test('all documents of a file are fixed', () => {
  const text = Array.from({ length: 1500 }, (_, index) => wrong(index)).join('---\n')
  const box = new Sandbox()
  box.write({ 'shop.yaml': text })
  assert.is(box.run(['validate', '--fix', '--write', 'shop.yaml']).status, 0)
  assert.is(box.read('shop.yaml'), text.replaceAll('"100"', '100'))
})

function target(index: number): string {
  return `    - revisionName: shop-v${index}\n      percent: "${index === 0 ? 100 : 0}"\n      tag: t${index}\n`
}

test('all targets of a Service are fixed', () => {
  const text = service(`  traffic:\n${many(6000, target)}`, { name: 'shop' })
  const box = new Sandbox()
  box.write({ 'shop.yaml': text })
  const { stdout } = box.run(['validate', '--fix', 'shop.yaml'])
  assert.is(stdout.match(/^-      percent: "\d+"$/gm)?.length, 6000)
  assert.is(stdout.match(/^\+      percent: \d+$/gm)?.length, 6000)
  box.write({ 'fix.patch': stdout })
  box.git('apply', 'fix.patch')
  assert.is(box.read('shop.yaml'), text.replaceAll(/percent: "(\d+)"/g, 'percent: $1'))
})

test('many unknown fields are each found', () => {
  const text = shop.replace('spec:\n', `spec:\n${many(70_000, (index) => `  field${index}: 1\n`)}`)
  const { status, stdout } = ran({ 'shop.yaml': text }, 'validate', 'shop.yaml', '--format', 'github')
  assert.is(status, 1)
  assert.is(stdout.match(/^::error .*title=KN202 unknown-field::/gm)?.length, 10)
  assert.match(stdout, /^69990 more errors not shown: /m)
})

/** A thousand Services of which each has given so much of its traffic to the next revision. */
function thousand(given: number): string {
  return Array.from({ length: 1000 }, (_, index) => {
    const next = `    - revisionName: s${index}-v2\n      percent: ${given}\n`
    const targets = `    - revisionName: s${index}-v1\n      percent: ${100 - given}\n${next}`
    return service(`  traffic:\n${targets}`, { name: `s${index}`, revision: `s${index}-v2` })
  }).join('---\n')
}

test('a change of all Services of a file is checked in proportion to them', () => {
  const box = Sandbox.committed({ 'shop.yaml': thousand(0) })
  box.write({ 'shop.yaml': thousand(10) })
  const { stdout } = box.run(['check', '--since', 'HEAD', '--format', 'json'])
  const { services } = JSON.parse(stdout) as { readonly services: readonly unknown[] }
  assert.is(services.length, 1000)
})

test('the status of a Service with many targets is told in proportion to them', () => {
  const targets = many(50_000, (index) => `    - revisionName: shop-v${index}\n      percent: 1\n`)
  const files = { 'shop.yaml': service(`  traffic:\n${targets}`, { name: 'shop' }) }
  const { status, stdout } = ran(files, 'status', '--format', 'json', 'shop.yaml')
  assert.is(status, 0)
  assert.ok(stdout.includes('"shop-v49999"'))
})

test('a value that aliases repeat is not written out for each of them', () => {
  const notes = `k: &k ${'x'.repeat(100_000)}\n${many(8000, (at) => `        k${at}: *k\n`)}`
  const [before, after] = [1, 2].map((tag) =>
    service('', { name: 'shop' })
      .replace('  template:\n', `  template:\n    metadata:\n      name: shop-v1\n      annotations:\n        ${notes}`)
      .replace(/image: .*/, `image: registry.example.com/shop:${tag}`),
  )
  const box = Sandbox.committed({ 'shop.yaml': before ?? '' })
  box.write({ 'shop.yaml': after ?? '' })
  box.commit()
  const { status, stdout } = box.run(['check', '--since', 'HEAD~1'])
  assert.is(status, 1)
  assert.match(stdout, /\[KN501 revision-name-kept\]/)
})

test('more lines of a file that a kustomization names than a call takes', () => {
  const files = {
    'shop.yaml': service(canary, { name: 'shop' }),
    'kustomization.yaml': 'resources: [shop.yaml]\nconfigMapGenerator:\n  - name: settings\n    envs: [settings.env]\n',
    'settings.env': many(200_000, (at) => `K${at}=v\n`),
  }
  const { status, stdout } = ran(files, 'validate')
  assert.equal([status, stdout], [0, ''])
})

test.run()
