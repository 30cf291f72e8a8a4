// Files that cannot be read or edited: each ends in a diagnostic that says where and why, and nothing is touched.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

type Case = readonly [name: string, content: string | Uint8Array, expected: RegExp]

const first = ['--stable', 'example-service-00001']
/** The last line of the plain manifest; what a case adds begins on the next one. */
const length = service().split('\n').length - 1
const at = (line: number, column: number): string => `^bad\\.yaml:${line}:${column}: error: `
const twice = 'cannot edit `traffic`: it is duplicated'

function utf16(text: string, isBigEndian: boolean, mark: boolean): Uint8Array {
  const bytes = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le')
  return isBigEndian ? bytes.swap16() : bytes
}

const cases: readonly Case[] = [
  [
    'invalid YAML',
    service('  traffic: [}\n'),
    new RegExp(`${at(length + 1, 13)}.*is not valid YAML: flow sequence .* \\[KN101 invalid-yaml\\]$`, 'm'),
  ],
  [
    'invalid UTF-8',
    Buffer.concat([Buffer.from(service('  # ')), Buffer.from([0xff, 0xfe, 0x0a])]),
    new RegExp(
      `${at(length + 1, 5)}the file is not UTF-8: invalid bytes in line ${length + 1} .*\\[KN102 invalid-utf8\\]$`,
      'm',
    ),
  ],
  ['UTF-16 LE with a mark', utf16(service(), false, true), /the file is UTF-16; must be UTF-8/m],
  ['UTF-16 BE with a mark', utf16(service(), true, true), /the file is UTF-16; must be UTF-8/m],
  ['UTF-16 LE without', utf16(service(), false, false), /the file is UTF-16; must be UTF-8/m],
  ['UTF-16 BE without', utf16(service(), true, false), /the file is UTF-16; must be UTF-8/m],
  [
    'tabs as indentation of a key',
    service('\ttraffic: []\n'),
    new RegExp(
      `${at(length + 1, 1)}.*is not valid YAML: tabs are not allowed as indentation \\[KN101 invalid-yaml\\]$`,
      'm',
    ),
  ],
  [
    'tabs as indentation of an entry',
    service('  traffic:\n\t- latestRevision: true\n'),
    new RegExp(
      `${at(length + 2, 1)}.*is not valid YAML: tabs are not allowed as indentation \\[KN101 invalid-yaml\\]$`,
      'm',
    ),
  ],
  [
    'two traffic keys',
    service('  traffic: []\n  traffic: []\n'),
    new RegExp(`${at(length + 2, 3)}${twice} \\[KN413 edit-duplicate-key\\]\n[^]*  help: remove one`, 'm'),
  ],
  [
    'two spec keys',
    service('spec: {}\n'),
    new RegExp(`${at(length + 1, 1)}cannot edit \`spec\`: it is duplicated \\[KN413 edit-duplicate-key\\]$`, 'm'),
  ],
  [
    'two percent keys in an entry',
    service('  traffic:\n    - latestRevision: true\n      percent: 50\n      percent: 100\n'),
    new RegExp(
      `${at(length + 4, 7)}cannot edit an entry of \`spec.traffic\`: the key \`percent\` is duplicated \\[KN413 edit-duplicate-key\\]$`,
      'm',
    ),
  ],
  [
    'an alias for spec',
    `x: &shared\n  template: {}\n${service().replace(/^spec:[^]*/m, 'spec: *shared\n')}`,
    new RegExp(
      `${at(8, 7)}cannot edit \`spec.traffic\`: the alias \`\\*shared\` is in the way \\[KN411 edit-alias\\]$`,
      'm',
    ),
  ],
  [
    'an alias for the traffic',
    `x: &shared [{ latestRevision: true, percent: 100 }]\n${service('  traffic: *shared\n')}`,
    new RegExp(
      `${at(length + 2, 12)}cannot edit .*: the alias \`\\*shared\` is in the way \\[KN411 edit-alias\\]$`,
      'm',
    ),
  ],
  [
    'a merge key that brings the traffic',
    `x: &shared { traffic: [{ latestRevision: true, percent: 100 }] }\n${service('  <<: *shared\n')}`,
    new RegExp(
      `${at(length + 2, 3)}cannot edit \`traffic\`: it comes from a merge key \`<<\` \\[KN411 edit-alias\\]$`,
      'm',
    ),
  ],
  [
    'a merge key in an entry',
    `x: &shared { percent: 100 }\n${service('  traffic:\n    - latestRevision: true\n      <<: *shared\n')}`,
    new RegExp(
      `${at(length + 4, 7)}cannot edit \`spec.traffic\`: it contains a merge key \`<<\` \\[KN411 edit-alias\\]$`,
      'm',
    ),
  ],
  [
    'a list that is shared through an anchor',
    service('  traffic: &shared\n    - latestRevision: true\n      percent: 100\nx: *shared\n'),
    new RegExp(
      `${at(length + 2, 5)}cannot edit the text of the anchor \`&shared\`: other places of the file use it \\[KN412 edit-anchor\\]$`,
      'm',
    ),
  ],
  [
    'traffic that is no list',
    service('  traffic: 100\n'),
    new RegExp(
      `${at(length + 1, 3)}cannot edit \`spec.traffic\`: it is not a list of valid targets \\[KN415 unreadable-traffic\\]$`,
      'm',
    ),
  ],
]

const test = suite('bad YAML')

for (const [name, content, expected] of cases) {
  test(`${name} is refused, and no file touched`, () => {
    const box = Sandbox.committed({ 'bad.yaml': content, 'good.yaml': service('', { name: 'other' }) })
    const before = box.snapshot()
    for (const mode of [[], ['--write'], ['--write', '--force']]) {
      const { status, stdout, stderr } = box.run(['apply', 'pin', 'bad.yaml', ...first, ...mode])
      assert.is(status, 1, stderr)
      assert.is(stdout, '')
      assert.match(stderr, expected)
      assert.not.match(stderr, /internal error|^ {4}at /m)
    }
    assert.equal(box.snapshot(), before)
  })
}

test('a file that cannot be read may hold a Service: that there is none is not said', () => {
  const unreadable = { 'bad.yaml': Buffer.concat([Buffer.from(service()), Buffer.from([0xe9, 0x0a])]) }
  const broken = { 'bad.yaml': `${service()}  traffic: [\n` }
  for (const [files, code] of [
    [unreadable, 'KN102'],
    [broken, 'KN101'],
  ] as const) {
    const { status, stderr } = Sandbox.committed(files).run(['apply', 'pin', ...first])
    assert.is(status, 1)
    assert.equal(stderr.match(/\[KN\d+/g), [`[${code}`])
  }
})

test('bytes that are no text are shown where they stand', () => {
  const box = Sandbox.committed({
    'bad.yaml': Buffer.from(service().replace('example.com', 'caf\u00E9.com'), 'latin1'),
  })
  const { status, stdout, stderr } = box.run(['validate', 'bad.yaml'])
  assert.is(status, 1)
  const line =
    service()
      .split('\n')
      .findIndex((text) => text.includes('example.com')) + 1
  assert.match(
    stdout,
    new RegExp(`^bad\\.yaml:${line}:21: error: the file is not UTF-8: invalid bytes in line ${line} `),
  )
  assert.match(stdout, ` ${line} |           image: caf\uFFFD.com/shop:1.0\n`)
  assert.match(stderr, '0 Knative Services in 1 file: 1 error')
})

test('one bad file keeps the good ones from being written', () => {
  for (const [name, content] of cases) {
    const box = Sandbox.committed({ 'bad.yaml': content, 'good.yaml': service('', { name: 'other' }) })
    const before = box.snapshot()
    const { status, stderr } = box.run(['apply', 'pin', '--all', '--stable', '{{.Service}}-00001', '--write'])
    assert.is(status, 1, name)
    assert.match(stderr, 'nothing written')
    assert.equal(box.snapshot(), before, name)
  }
})

test.run()
