// A stream from a stranger through `kn-rollout fn`: it makes the function read, write and start nothing, and cannot hold it up.
import { chmodSync, symlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

const test = suite('hostile streams')

const shop = service('  traffic:\n    - revisionName: shop-v1\n      percent: 90\n', { name: 'shop' })

function item(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n  ').replace(/^/, '- ')
}

function listOf(items: readonly string[], rest = ''): string {
  return `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${items.map(item).join('\n')}\n${rest}`
}

function configMap(data: string): string {
  return `functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: move}\n  data: ${data}\n`
}

/** A folder in which each thing that a function could look at would show: a secret, or a program that leaves a file. */
const box = new Sandbox()
box.git('init', '--quiet')
box.write({
  secret: 'a: [s3cr3t\n',
  'kustomization.yaml': 'resources: [../secret]\n',
  'hooks.sh': '#!/bin/sh\ntouch "$(dirname "$0")/PWNED"\n',
  '.git/config': `[core]\nrepositoryformatversion = 0\nfsmonitor = "${box.path('hooks.sh')}"\n`,
})
chmodSync(box.path('hooks.sh'), 0o755)
symlinkSync('secret', box.path('.kn-rollout.yaml'))

type Result = { readonly message: string; readonly tags?: { readonly code?: string } }

function run(stdin: string | Uint8Array): Ran & { readonly codes: readonly string[]; readonly said: string } {
  const before = box.snapshot()
  const ran = box.run(['fn'], { stdin })
  assert.equal(box.snapshot(), before)
  assert.not.match(`${ran.stdout}${ran.stderr}`, /s3cr3t|root:x/)
  const { results = [] } = (ran.stdout === '' ? {} : parse(ran.stdout)) as { readonly results?: readonly Result[] }
  return {
    ...ran,
    codes: results.flatMap(({ tags }) => tags?.code ?? []),
    said: results.map(({ message }) => message).join('\n'),
  }
}

test('a path that an item notes is only a word: nothing there is read or written', () => {
  for (const path of ['secret', '../secret', '.git/config', '/etc/passwd', '/proc/self/environ', 'C:\\x', 'a\u0000b']) {
    const quoted = JSON.stringify(path)
    const notes = `metadata:\n  annotations:\n    config.kubernetes.io/path: ${quoted}\n    internal.config.kubernetes.io/path: ${quoted}`
    const ran = run(
      listOf([shop.replace('metadata:', () => notes)], configMap('{stage: pin, services: "*", stable: shop-v1}')),
    )
    assert.ok(ran.status === 0 || ran.status === 1, ran.stderr)
  }
})

test('what items say of other files is not followed', () => {
  const kustomization =
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [/etc/passwd, secret, https://example.com]\npatches:\n  - path: /proc/self/environ\n    target: {kind: Service, name: "(a+)+b"}\n'
  const argo =
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {ignoreDifferences: [{kind: Service, name: "(a+)+b"}], source: {path: .git, repoURL: /etc}}\n'
  const ran = run(listOf([kustomization, argo, shop]))
  assert.equal([ran.status, ran.codes.includes('KN301')], [1, true])
})

test('an item that spells its group in another way is an item all the same', () => {
  const binary = Buffer.from('serving.knative.dev/v1').toString('base64')
  for (const version of [
    String.raw`"serving\x2eknative.dev/v1"`,
    String.raw`"serving\u002eknative.dev/v1"`,
    '"serving.kna\\\n  tive.dev/v1"',
    `!!binary ${binary}`,
    `!<tag:yaml.org,2002:binary> ${binary}`,
  ]) {
    const ran = run(listOf([shop.replace('serving.knative.dev/v1', () => version)]))
    assert.ok(ran.codes.includes('KN301'), `${version}\n${ran.stdout}${ran.stderr}`)
  }
  const slash = JSON.stringify(parse(listOf([shop]))).replaceAll('/', '\\/')
  assert.ok(run(slash).codes.includes('KN301'))
})

test('keys that mean something to JavaScript mean nothing here', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '"\\x5f_proto__"']) {
    const config = run(listOf([shop], configMap(`{${key}: x}`)))
    assert.is(config.status, 1)
    assert.match(config.said, /unknown field /)
    const inItem = run(listOf([shop.replace('spec:', `spec:\n  ${key}: {percent: 1}`)]))
    assert.is(inItem.status, 1)
    assert.ok(inItem.codes.includes('KN202'), inItem.said)
  }
})

test('controls, directions and commands of a runner in a value do not leave it', () => {
  const odd = String.raw`"a\e[31m\u202e\u200b\r\n::error::x\n##[error]\x9b"`
  for (const input of [
    listOf([shop.replace('name: shop', `name: ${odd}`)]),
    listOf([shop.replace('revisionName: shop-v1', `revisionName: ${odd}`)]),
    listOf([shop], configMap(`{stage: ${odd}}`)),
    listOf([shop], configMap(`{${odd}: x}`)),
    `kind: ${odd}\n`,
  ]) {
    const { status, stdout, stderr } = run(input)
    assert.ok(status === 1 || status === 2)
    for (const text of [stdout, stderr]) {
      assert.not.match(text, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u202E]/, input)
      assert.not.match(text, /^::|^##\[/m, input)
    }
  }
})

test('a pattern of a stream is matched in time in proportion to it', () => {
  const name = 'a'.repeat(60)
  for (const services of ['*a*a*a*a*a*a*a*a*b', '(a+)+b', '*'.repeat(5000), `${'a*'.repeat(5000)}b`]) {
    const ran = run(
      listOf(
        [shop.replace('name: shop', `name: ${name}`)],
        configMap(`{stage: pin, services: ${JSON.stringify(services)}}`),
      ),
    )
    assert.ok(ran.status === 0 || ran.status === 1, ran.stderr)
  }
})

const bomb = Array.from(
  { length: 20 },
  (_, at) =>
    `x${at}: &x${at} [${
      at === 0
        ? 'a'
        : Array(10)
            .fill(`*x${at - 1}`)
            .join(', ')
    }]`,
).join('\n')

const refused: Readonly<Record<string, string | Uint8Array>> = {
  'aliases that grow without end': `${bomb}\n${listOf([shop])}`,
  'an alias to itself': `x: &x [*x]\n${listOf([shop])}`,
  'brackets without end': `${listOf([shop])}x: ${'['.repeat(200_000)}`,
  'mappings without end': `${listOf([shop])}x: ${'{a: '.repeat(100_000)}`,
  'a stream of many documents': `${listOf([shop])}${'---\n{}\n'.repeat(50_000)}`,
  'more than the limit': `${listOf([shop])}# ${'x'.repeat(9 * 1024 * 1024)}\n`,
  'UTF-16': Buffer.from(listOf([shop]), 'utf16le'),
  'bytes that are no text': Buffer.concat([Buffer.from(listOf([shop])), Buffer.from([0xff, 0xfe, 0])]),
  'zero bytes': `${listOf([shop])}x: "\u0000"\n`,
  'a pointer of Git LFS': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`,
  'a tag that stands for code': `${listOf([shop])}x: !!js/function "process.exit()"\ny: !<tag:yaml.org,2002:python/object/apply:os.system> [id]\nz: [\n`,
}
for (const [name, input] of Object.entries(refused))
  test(`refused before anything is done: ${name}`, () => {
    const { status, stdout, stderr } = run(input)
    assert.equal([status, stdout], [2, ''], stderr)
    assert.match(stderr, /^kn-rollout: \(stdin\)[^\n]*\n$/)
    assert.not.match(stderr, 'internal error')
  })

test.run()
