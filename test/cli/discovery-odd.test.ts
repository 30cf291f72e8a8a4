// Odd surroundings of discovery: encodings, templates, Git settings, the standard input.
import { symlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('odd surroundings')
const marker = 'serving.knative.dev/'
const utf16 = Buffer.from(`\uFEFF${service()}`, 'utf16le')
const summary = (count: number): string => `${count} Knative Service${count === 1 ? '' : 's'} in `

test('invalid UTF-8 and UTF-16 in a repository are found and refused by name', () => {
  const files = {
    'bad.yaml': Buffer.concat([Buffer.from(service()), Buffer.from([0x23, 0xff, 0x0a])]),
    'early.yaml': Buffer.concat([Buffer.from([0x23, 0xff, 0xfe, 0x0a]), Buffer.from(service())]),
    'wide.yaml': utf16,
    'big-endian.yaml': Buffer.from(utf16).swap16(),
    'good.yaml': service(),
  }
  const plain = new Sandbox()
  plain.write(files)
  for (const box of [Sandbox.committed(files), plain])
    for (const locale of ['C', 'C.UTF-8']) {
      const { status, stdout, stderr } = box.run(['validate'], { environment: { LC_ALL: locale } })
      assert.is(status, 1)
      assert.match(stderr, summary(1))
      for (const name of Object.keys(files).filter((one) => one !== 'good.yaml'))
        assert.match(stdout, new RegExp(`^${name}:\\d+:\\d+: error: `, 'm'))
      assert.is(stdout.match(/is UTF-16/g)?.length, 2)
    }
})

test('templates are skipped with one notice each', () => {
  const templates = {
    'helm.yaml': service(`  traffic:\n    - revisionName: {{ .Values.stable }}\n      percent: {{ .Values.share }}\n`),
    'helm-block.yaml': `{{- if .Values.enabled }}\n${service()}{{- end }}\n`,
    'ytt.yaml': `#@ load("@ytt:data", "data")\n${service('  traffic:\n    - percent: #@ data.values.share\n')}`,
  }
  const box = Sandbox.committed({ ...templates, 'good.yaml': service() })
  const { status, stdout, stderr } = box.run(['validate'])
  assert.is(status, 0)
  assert.match(stderr, summary(1))
  const notices = stdout.split('\n').filter((line) => line.includes(': note: '))
  assert.is(notices.length, 3)
  for (const [index, name] of Object.keys(templates).toSorted().entries())
    assert.match(
      notices[index] ?? '',
      new RegExp(
        `^${name}:\\d+:\\d+: note: not checked: this file \\(it is a (?:Helm|ytt).* template .*\\[KN103 unrendered-template\\]$`,
      ),
    )
})

test('a stage with nothing but templates, or nothing at all, says so', () => {
  const helm = service(`  traffic:\n    - percent: {{ .Values.share }}\n`)
  const box = Sandbox.committed({ 'helm.yaml': helm, 'sub/README.md': '' })
  for (const folder of ['.', 'sub']) {
    const { status, stdout, stderr } = box.run(['apply', 'pin', '--all', '--stable', 'a', '--write'], { folder })
    assert.equal([status, stdout], [1, ''])
    assert.match(stderr, 'cannot apply a stage: the files have no Knative Service [KN421 no-services]')
  }
})

test('control characters that no YAML may hold are refused', () => {
  for (const code of [0x00, 0x01, 0x1b, 0x7f]) {
    const box = new Sandbox()
    box.write({ 'shop.yaml': `${service()}# ${String.fromCodePoint(code)}\n` })
    const { status, stdout } = box.run(['validate', 'shop.yaml'])
    assert.is(status, 1, `U+${code.toString(16)}`)
    assert.match(stdout, /^shop\.yaml:16:3: error: .*control character/m)
  }
})

test('a broken file without the marker is never parsed, one with it is', () => {
  const broken = 'a: [}\n\t%b: *nothing\n'
  const box = Sandbox.committed({ 'broken.yaml': broken, 'shop.yaml': service() })
  assert.is(box.run(['validate', '.', 'broken.yaml']).status, 0)
  const named = box.run(['validate', 'broken.yaml'])
  assert.is(named.status, 0)
  assert.match(named.stdout, /nothing validated: no Knative Service in `broken\.yaml`/)
  box.write({ 'broken.yaml': `${broken}# ${marker}\n` })
  assert.is(box.run(['validate', 'broken.yaml']).status, 1)
})

test('settings of Git change nothing', () => {
  const box = Sandbox.committed({
    'shop.yaml': service(),
    'sub/other.yaml': service(),
    '.gitattributes': '*.yaml binary\n',
  })
  const settings: readonly (readonly [string, string])[] = [
    ['color.ui', 'always'],
    ['color.grep', 'always'],
    ['grep.fullName', 'true'],
    ['grep.lineNumber', 'true'],
    ['grep.column', 'true'],
    ['grep.patternType', 'fixed'],
    ['core.quotePath', 'true'],
    ['status.relativePaths', 'false'],
  ]
  for (const [name, value] of settings) {
    box.git('config', name, value)
    assert.match(box.run(['validate']).stderr, summary(2), name)
    assert.match(box.run(['validate'], { folder: 'sub' }).stderr, summary(1), name)
    box.git('config', '--unset', name)
  }
})

test('variables of Git that a hook sets lead nowhere else', () => {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  const other = Sandbox.committed({ 'other.yaml': service() })
  const environment = {
    GIT_DIR: other.path('.git'),
    GIT_WORK_TREE: other.root,
    GIT_INDEX_FILE: other.path('.git/index'),
  }
  const { stderr } = box.run(['validate', '.'], { environment })
  assert.match(stderr, summary(1))
})

test('a file that is ignored but tracked counts, for Git applies it too', () => {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  box.write({ '.gitignore': 'shop.yaml\n' })
  assert.match(box.run(['validate']).stderr, summary(1))
})

test('a repository that Git refuses to read is read without it', () => {
  const box = Sandbox.committed({ 'shop.yaml': service() })
  box.write({ '.git/HEAD': 'nonsense\n' })
  assert.match(box.run(['validate']).stderr, summary(1))
})

test('- is the standard input', () => {
  const box = new Sandbox()
  box.write({ 'other.yaml': service('', { name: 'other' }) })
  const pin = ['apply', 'pin', '-', '--stable', 'example-service-00001']
  assert.equal(box.run(['validate', '-'], { stdin: service() }).status, 0)
  const { stdout } = box.run(pin, { stdin: service() })
  assert.match(stdout, /^diff --git a\/stdin\.yaml b\/stdin\.yaml\n/)
  const written = box.run([...pin, '--write'], { stdin: service() })
  assert.is(written.stdout, service('  traffic:\n    - revisionName: example-service-00001\n      percent: 100\n'))
  const again = box.run([...pin, '--write'], { stdin: written.stdout })
  assert.is(again.status, 0)
  assert.is(again.stdout, written.stdout)
  const bad = box.run(['validate', '-'], { stdin: utf16 })
  assert.equal(bad.status, 1)
  assert.match(bad.stdout, /the file is UTF-16; must be UTF-8/)
  assert.match(box.run(['validate', '-'], { stdin: '' }).stderr, summary(0))
  assert.match(box.run(['validate', 'other.yaml', '-'], { stdin: service() }).stderr, summary(2))
})

test('files with other names are found where a kustomization lists them, be there a few or many of those', () => {
  for (const count of [2, 60]) {
    const others = Array.from(
      { length: count },
      (_, at) => [`apps/a${at}/kustomization.yaml`, 'resources: []\n'] as const,
    )
    const box = Sandbox.committed({
      ...Object.fromEntries(others),
      'apps/kustomization.yaml': 'resources:\n  - shop.txt\n',
      'apps/shop.txt': service(),
      'apps/other.txt': service(),
      'odd/kustomization.yaml': 'resources:\n  - "sh\\x6fp"\n',
      'odd/shop': service(),
    })
    box.git('config', 'core.symlinks', 'true')
    symlinkSync('/etc', box.path('link'))
    symlinkSync('../../../etc/passwd', box.path('apps/a1/Kustomization'))
    box.git('add', '--all')
    // What the index has otherwise: the disk counts.
    box.git('update-index', '--skip-worktree', 'odd/kustomization.yaml')
    const { status, stdout, stderr } = box.run(['validate'])
    assert.match(stderr, '2 Knative Services in 2 files')
    assert.is(stdout, '')
    assert.is(status, 0)
  }
})

test.run()
