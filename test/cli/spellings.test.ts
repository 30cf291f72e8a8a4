// Manifests that do not spell their group letter by letter, or are listed under a name that no manifest has: seen all the same.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { hasSign } from '../../src/manifest/other-kinds.js'
import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const test = suite('spellings')

const wrong = service('  traffic:\n    - latestRevision: true\n      percent: 50\n', { name: 'shop' })
const right = wrong.replace('percent: 50', 'percent: 100')
const binary = Buffer.from('serving.knative.dev/v1').toString('base64')

/** The manifest with another spelling of its `apiVersion`. */
function spelled(version: string, text = wrong): string {
  return text.replace('apiVersion: serving.knative.dev/v1', version)
}

/** The manifest as JSON, with another spelling of its `apiVersion`. */
function inJson(version: string): string {
  const object = {
    apiVersion: 'VERSION',
    kind: 'Service',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: {
      template: { spec: { containers: [{ image: 'example.com/shop:1.0' }] } },
      traffic: [{ latestRevision: true, percent: 50 }],
    },
  }
  return JSON.stringify(object, undefined, 2).replace('VERSION', version)
}

const spellings: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'an escape of two digits': ['a.yaml', spelled(String.raw`apiVersion: "serving\x2eknative.dev/v1"`)],
  'an escape of four digits': ['a.yaml', spelled(String.raw`apiVersion: "serving\u002eknative.dev/v1"`)],
  'an escape of eight digits': ['a.yaml', spelled(String.raw`apiVersion: "serving.kn\U00000061tive.dev/v1"`)],
  'an escape of the first letter': ['a.yaml', spelled(String.raw`apiVersion: "\x73erving.knative.dev/v1"`)],
  'an escape of the last sign': ['a.yaml', spelled(String.raw`apiVersion: "serving.knative.dev\x2Fv1"`)],
  'every letter escaped': [
    'a.yaml',
    spelled(
      `apiVersion: "${Array.from('serving.knative.dev/v1', (one) => `\\x${one.charCodeAt(0).toString(16)}`).join('')}"`,
    ),
  ],
  'two lines': ['a.yaml', spelled('apiVersion: "serving.kna\\\n  tive.dev/v1"')],
  'two lines with carriage returns': [
    'a.yaml',
    spelled('apiVersion: "serving.kna\\\n  tive.dev/v1"').replaceAll('\n', '\r\n'),
  ],
  'a line for every letter': [
    'a.yaml',
    spelled(`apiVersion: "${Array.from('serving.knative.dev/v1').join('\\\n \t')}"`),
  ],
  'two lines and an escape': ['a.yaml', spelled('apiVersion: "serving\\x2e\\\n  knative.dev/v1"')],
  'a line that goes on behind nothing': ['a.yaml', spelled('apiVersion: "\\\n  s\\\n  erving.knative.dev/v1"')],
  '`!!binary`': ['a.yaml', spelled(`apiVersion: !!binary ${binary}`)],
  '`!!binary` in quotes': ['a.yaml', spelled(`apiVersion: !!binary "${binary}"`)],
  'the long form of the tag': ['a.yaml', spelled(`apiVersion: !<tag:yaml.org,2002:binary> ${binary}`)],
  'the tag with a `%`': ['a.yaml', spelled(`apiVersion: !!%62inary ${binary}`)],
  'base64 in many lines': ['a.yaml', spelled(`apiVersion: !!binary |\n  ${binary.match(/.{1,5}/g)?.join('\n  ')}`)],
  'an alias': [
    'a.yaml',
    spelled(String.raw`metadata_: &v "serving\x2eknative.dev/v1"` + '\napiVersion: *v').replace(
      'metadata_: &v',
      'x: &v',
    ),
  ],
  'an escape in JSON': ['a.json', inJson(String.raw`serving\u002eknative.dev/v1`)],
  'a slash escaped in JSON': ['a.json', inJson(String.raw`serving.knative.dev\/v1`)],
  'a first letter escaped in JSON': ['a.json', inJson(String.raw`\u0073erving.knative.dev/v1`)],
}

/** The codes of Services that a run finds. */
function found({ stdout }: Pick<Ran, 'stdout'>): readonly string[] {
  return [...stdout.matchAll(/^(\S+?):\d+:\d+: \w+: .*\[(KN\d+) [\w-]+\]$/gm)].map(
    ([, file, code]) => `${file} ${code}`,
  )
}

/** Each as a Service of its own in a file of its own. */
const spelledFiles = new Map(
  Object.entries(spellings).map(([name, [file, text]], index) => [
    name,
    {
      file: file.replace('a.', `a${index}.`),
      text: text.replaceAll('shop', `s${index}`),
      label: `s${index}/s${index}`,
    },
  ]),
)
const allSpelled = Object.fromEntries([...spelledFiles.values()].map(({ file, text }) => [file, text]))

type Kind =
  | 'tracked'
  | 'untracked'
  | 'outside of Git'
  | 'a change'
  | 'a commit'
  | 'status'
  | 'gone'
  | 'gone in a commit'

/** What each kind of run says of all of them at once: Git is asked by one search for all files. */
const said = new Map<Kind, string>()
function told(kind: Kind): string {
  if (said.size === 0) {
    const tracked = Sandbox.committed({ 'README.md': '', ...allSpelled })
    said.set('tracked', tracked.run(['validate']).stdout)
    said.set('status', tracked.run(['status']).stdout)
    const fresh = Sandbox.committed({ 'README.md': '' })
    fresh.write(allSpelled)
    said.set('untracked', fresh.run(['validate']).stdout)
    said.set('a change', fresh.run(['check', '--since', 'HEAD']).stdout)
    fresh.commit()
    said.set('a commit', fresh.run(['check', '--since', 'HEAD~1', '--head', 'HEAD']).stdout)
    const plain = new Sandbox()
    plain.write(allSpelled)
    said.set('outside of Git', plain.run(['validate']).stdout)
    tracked.git('rm', '--quiet', ...Object.keys(allSpelled))
    said.set('gone', tracked.run(['check', '--since', 'HEAD']).stdout)
    tracked.commit()
    said.set('gone in a commit', tracked.run(['check', '--since', 'HEAD~1', '--head', 'HEAD']).stdout)
  }
  return said.get(kind) ?? ''
}

for (const [name, { file, text, label }] of spelledFiles) {
  test(`seen: ${name}`, () => {
    assert.ok(hasSign(text))
    for (const kind of ['tracked', 'untracked', 'outside of Git', 'a change', 'a commit'] as const)
      assert.ok(found({ stdout: told(kind) }).includes(`${file} KN301`), kind)
    assert.match(told('status'), new RegExp(`\\b${label.split('/')[0]}\\b`))
    for (const kind of ['gone', 'gone in a commit'] as const) assert.match(told(kind), `\`${label}\``)
  })
}

const patch =
  'apiVersion: "serving\\x2eknative.dev/v1"\nkind: Service\nmetadata: {name: shop, namespace: shop}\nspec: {traffic: [{latestRevision: true, percent: 50}]}\n'

test('a file that a kustomization lists under another ending is seen, in the working tree and in commits', () => {
  const listed = ['shop.txt', 'shop', 'deep/shop.manifest'].flatMap((name) => [
    [name, name] as const,
    [name, `"${name.replace('s', String.raw`\x73`)}"`] as const,
  ])
  const places = listed.map(([name], index) => `apps${index}/${name}`)
  const texts = (text: string): Readonly<Record<string, string>> =>
    Object.fromEntries(places.map((place, index) => [place, text.replaceAll('name: shop', `name: s${index}`)]))
  const files = Object.assign(
    texts(wrong),
    ...listed.map(([, spelling], index) => ({
      [`apps${index}/kustomization.yaml`]: `resources:\n  - other.yaml\n  - ${spelling}\n`,
      [`apps${index}/other.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n',
    })),
  ) as Readonly<Record<string, string>>
  const all = places.map((place) => `${place} KN301`)
  const box = Sandbox.committed({ 'README.md': '' })
  const plain = new Sandbox()
  for (const one of [box, plain]) {
    one.write(files)
    assert.equal(found(one.run(['validate'])), all)
  }
  assert.equal(found(box.run(['check', '--since', 'HEAD'])), all)
  box.commit()
  assert.equal(found(box.run(['validate'])), all)
  assert.equal(found(box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'])), all)
  box.write(texts(right))
  const mended = box.run(['check', '--since', 'HEAD'])
  assert.equal(found(mended), [])
  assert.match(mended.stderr, /: 6 Knative Services in 6 files/)
})

test('a kustomization that lists a file as of now brings its Service, and one that does not any more takes it away', () => {
  const listed = 'resources: [shop.txt]\n'
  const box = Sandbox.committed({ 'kustomization.yaml': 'resources: []\n', 'shop.txt': wrong })
  assert.equal(found(box.run(['validate'])), [])
  box.write({ 'kustomization.yaml': listed })
  assert.equal(found(box.run(['check', '--since', 'HEAD'])), ['shop.txt KN301'])
  box.commit()
  assert.equal(found(box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'])), ['shop.txt KN301'])
  box.write({ 'kustomization.yaml': 'resources: []\n' })
  assert.match(box.run(['check', '--since', 'HEAD']).stdout, /shop\/shop/)
  box.commit()
  assert.match(box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD']).stdout, /shop\/shop/)
})

test('a patch of another ending is a patch, however its kustomization spells it', () => {
  for (const name of ['patch.txt', '"p\\x61tch.txt"']) {
    const box = Sandbox.committed({
      'base/shop.yaml': right,
      'over/kustomization.yaml': `resources: [../base/shop.yaml]\npatches:\n  - path: ${name}\n`,
      'over/patch.txt': patch,
    })
    const { stdout, stderr } = box.run(['validate'])
    assert.match(stderr, /1 Knative Service in 2 files/, stdout)
    box.write({ 'over/patch.txt': patch.replace('percent: 50', 'percent: 40') })
    box.commit()
    const ran = box.run(['check', '--since', 'HEAD~1', '--head', 'HEAD'])
    assert.match(ran.stderr, /1 Knative Service in 1 file/)
  }
})

test('what only mentions such a name is no manifest', () => {
  const box = Sandbox.committed({
    'kustomization.yaml': '# see README.txt\nconfigMapGenerator:\n  - name: a\n    files: [README.txt]\n',
    'README.txt': wrong,
  })
  assert.equal(found(box.run(['validate'])), [])
})

test('what could be a manifest by its signs and is none gives no findings', () => {
  const slashes = JSON.stringify({
    urls: Array.from({ length: 5000 }, (_, at) => `https:\\/\\/example.com\\/s\\/${at}`),
  })
  const box = Sandbox.committed({
    'urls.json': slashes.replaceAll('\\\\', '\\'),
    'broken.json': `${slashes.slice(0, -2)}\n{[`,
    'script.yaml': 'run: |\n  ls\\\n  a.\\\n   b\n\tx: [\n',
    'secret.yaml': `data: {x: ${Buffer.from('serving').toString('base64')}}\nbinary: !!binary aGVsbG8=\n`,
    'tags.yaml': 'a: !%62 [\n',
    'config.yaml': String.raw`a: "\x73erving.knative.dew/"` + '\n',
  })
  const { status, stdout, stderr } = box.run(['validate'])
  assert.equal([status, stdout], [0, ''], stderr)
})

test('signs are looked for in time in proportion to the text', () => {
  const texts = ['\\/', 's\\\n', 's\\\n\\\n', '\\x73', 'c \n', '! %', 'serving.knative.dev\\\n ', 'c2Vy\n \t']
  // Quadratic time would be days.
  for (const piece of texts) assert.not.ok(hasSign(`binary%${piece.repeat(2_000_000 / piece.length)}`), piece)
})

test.run()
