// Reports by the real program: which format goes where, and what is refused before any work is done.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { formatNames, reportFormats } from '../../src/report/formats.js'
import { main, runProgram, type Ran } from './program.js'

const test = suite('formats')

const service = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - image: example.com/shop:1.0
  traffic:
    - revisionName: shop-00001
      percent: 100
    - revisionName: shop-00002
      percent: 0
      tag: v2
`
const broken = service.replace('percent: 100', 'percent: 90')

let root = ''
test.before.each(() => {
  root = mkdtempSync(path.join(tmpdir(), 'kn-rollout-formats-'))
  mkdirSync(path.join(root, '.git'))
  mkdirSync(path.join(root, 'apps'))
  writeFileSync(path.join(root, 'good.yaml'), service)
  writeFileSync(path.join(root, 'apps', 'bad.yaml'), broken)
})
test.after.each(() => rmSync(root, { recursive: true }))

function run(...args: readonly string[]): Ran {
  return runIn('.', ...args)
}

function runIn(folder: string, ...args: readonly string[]): Ran {
  return runProgram(args, { folder: path.join(root, folder), environment: { ...process.env, NO_COLOR: '1' } })
}

function read(name: string): string {
  return readFileSync(path.join(root, name), 'utf8')
}

/** How a report of each format begins. */
const starts: Readonly<Record<keyof typeof reportFormats, RegExp>> = {
  text: /  10 \|   traffic:/,
  json: /^\{\n {2}"schemaVersion": "1"/,
  github:
    /::error file=apps\/bad\.yaml,line=10,endLine=10,col=3,endColumn=10,title=KN301 traffic-sum::`spec\.traffic` percents add up to 90, not 100 \(90 \+ 0\)%0Ahelp: change the percents so that they add up to 100; a target without `percent` counts as 0%0AKnative says: Traffic targets sum to 90, want 100/,
  gitlab: /^\[\n {2}\{\n {4}"type": "issue"/,
  sarif: /^\{\n {2}"\$schema": "[^"]*sarif[^"]*",\n {2}"version": "2\.1\.0"/,
  markdown: /^Nothing is changed\. 1 Knative Service in 1 file: 1 error, 0 warnings, 0 notes\.\n\n\| severity \| /,
  // Nothing is changed, so there is nothing to commit.
  commit: /^$/,
  rdjsonl: /^\{"message":".*?","location":\{"path":"apps\/bad\.yaml","range":\{"start":\{"line":10,"column":3\},/,
  junit: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /,
}

for (const format of formatNames) {
  test(`validate --format ${format} reports on stdout, and talks only in text`, () => {
    const { status, stdout, stderr } = run('validate', 'apps/bad.yaml', '--format', format)
    assert.is(status, 1)
    assert.match(stdout, starts[format])
    assert.is(stderr, format === 'text' ? 'validated 1 Knative Service in 1 file: 1 error, 0 warnings\n' : '')
  })

  test(`validate --format ${format} --output FILE writes the same there`, () => {
    const onStdout = run('validate', 'apps/bad.yaml', '--format', format).stdout
    const { status, stdout } = run('validate', 'apps/bad.yaml', '--format', format, '--output', 'report')
    assert.is(status, 1)
    assert.is(stdout, '')
    assert.is(read('report'), onStdout)
    assert.equal(readdirSync(root).toSorted(), ['.git', 'apps', 'good.yaml', 'report'])
  })

  test(`apply --format ${format} keeps stdout for data`, () => {
    const { status, stdout, stderr } = run('apply', 'split', 'good.yaml', '--format', format)
    assert.is(status, 0)
    if (format === 'text') assert.match(stdout, /^diff --git a\/good\.yaml b\/good\.yaml\n/)
    else assert.is(stderr, '')
  })
}

test('text is the format where none is named, for an output too', () => {
  assert.match(run('validate', 'apps/bad.yaml').stdout, starts.text)
  const { stdout } = run('validate', 'apps/bad.yaml', '--output', 'out.txt')
  assert.is(stdout, '')
  assert.match(read('out.txt'), starts.text)
})

test('pairs the n-th output with the n-th format', () => {
  const pairs = ['--format', 'text', '--format', 'sarif', '--output', '-', '--output', 'out.sarif']
  const { status, stdout, stderr } = run('validate', 'apps/bad.yaml', ...pairs)
  assert.is(status, 1)
  assert.match(stdout, starts.text)
  assert.match(stderr, /1 error/)
  assert.match(read('out.sarif'), starts.sarif)
})

test('takes pairs one after the other, with = and in front of the paths', () => {
  const args = ['--format=junit', '--output=j.xml', '--format', 'gitlab', '--output', 'g.json', '--format', 'github']
  const { stdout } = run('validate', ...args, 'apps/bad.yaml')
  assert.match(stdout, starts.github)
  assert.match(read('j.xml'), starts.junit)
  assert.match(read('g.json'), starts.gitlab)
})

test('apply gives the patch to one place and a report to another', () => {
  writeFileSync(path.join(root, 'odd.yaml'), `${service}  oops: 1\n`)
  const pairs = ['--format', 'text', '--format', 'github', '--output', 'out.patch']
  const { status, stdout, stderr } = run('apply', 'split', 'odd.yaml', ...pairs)
  assert.is(status, 1)
  assert.match(
    stdout,
    '::error file=odd.yaml,line=16,endLine=16,col=3,endColumn=7,title=KN202 unknown-field::unknown field `spec.oops`%0Ahelp: use one of template, traffic%0AKubernetes says: unknown field "spec.oops"',
  )
  assert.match(stderr, /^odd\.yaml:16:3: error: .*\n {2}15 \| .*\n {2}16 \| {3}oops: 1\n {5}\| {3}\^{4}\n/)
  assert.match(read('out.patch'), /^diff --git a\/odd\.yaml b\/odd\.yaml\n/)
})

test('names files by the repository where services do', () => {
  const { stdout } = runIn('apps', 'validate', '--format', 'github')
  assert.match(stdout, '::error file=apps/bad.yaml,')
  assert.match(runIn('apps', 'validate', '--format', 'sarif').stdout, '"uri": "apps/bad.yaml"')
  assert.match(runIn('apps', 'validate').stdout, /^bad\.yaml:10/)
})

test('tells the program version in SARIF', () => {
  const version = run('--version').stdout.split(' ')[0] ?? ''
  assert.match(run('validate', '--format', 'sarif').stdout, `"version": "${version}"`)
})

test('replaces a report in one step, keeps its mode and follows a link', () => {
  writeFileSync(path.join(root, 'old.json'), 'old')
  chmodSync(path.join(root, 'old.json'), 0o640)
  symlinkSync('old.json', path.join(root, 'link.json'))
  const before = statSync(path.join(root, 'old.json')).ino
  run('validate', '--format', 'json', '--output', 'link.json')
  assert.match(read('old.json'), starts.json)
  assert.is(statSync(path.join(root, 'old.json')).mode & 0o777, 0o640)
  assert.is.not(statSync(path.join(root, 'old.json')).ino, before)
})

test('writes to a device as it is', () => {
  // Node connects its children by sockets, which nobody can open by a name: a shell has pipes.
  const line = '"$0" "$@" --output /dev/stderr 2>&1 >out | cat'
  const words = [process.execPath, main, 'validate', 'apps/bad.yaml', '--format', 'github']
  const { stdout } = spawnSync('/bin/sh', ['-c', line, ...words], { cwd: root, encoding: 'utf8' })
  assert.match(stdout, starts.github)
  assert.is(read('out'), '')
  assert.ok(!existsSync('/dev/.stderr.kn-rollout-new'))
})

test('a second run takes its own report for no manifest', () => {
  for (const _ of [1, 2]) {
    assert.is(run('validate', 'good.yaml', '.', '--format', 'json', '--output', 'report.json').status, 1)
  }
})

const refused: readonly (readonly [args: readonly string[], why: RegExp])[] = [
  [
    ['--format', 'text', '--format', 'json'],
    /only one report can go to stdout, but `text` and `json` would; add `--output FILE` for the others/,
  ],
  [['--format', 'json', '--output', '-', '--format', 'sarif', '--output', '-'], /but `json` and `sarif` would/],
  [['--output', 'a', '--output', 'b'], /there are 2 outputs and 1 format;/],
  [['--format', 'json', '--format', 'text', '--output', 'a', '--output', './a'], /`--output \.\/a` is given twice/],
  [['--output', 'gone/a'], /gone\/a: the directory of the report, `gone`, does not exist/],
  [['--output', 'good.yaml/a'], /good\.yaml\/a: the directory of the report, `good\.yaml`, does not exist/],
  [['--output', 'good.yaml/a/b'], /good\.yaml\/a\/b: the directory of the report, `good\.yaml\/a`, does not exist/],
  [['--output', 'apps'], /apps: is a directory; a report needs a file/],
  [['--output', ''], /`--output` is empty; must be a file, or `-` for stdout/],
  [['--output', 'good.yaml'], /`--output good\.yaml` is a manifest, which a report would replace/],
  [
    ['--format', 'xml'],
    /`--format` is `xml`; must be one of text, json, github, gitlab, sarif, junit, markdown, commit, rdjsonl/,
  ],
  [['--format'], /`--format` needs a value/],
  [['--output'], /`--output` needs a value/],
]

for (const [args, why] of refused) {
  test(`${args.join(' ')} is refused with exit code 2, and nothing is done`, () => {
    const validated = run('validate', 'good.yaml', ...args)
    const applied = run('apply', 'promote', 'good.yaml', '--write', ...args)
    for (const { status, stdout, stderr } of [validated, applied]) {
      assert.is(status, 2)
      assert.is(stdout, '')
      assert.match(stderr, /^kn-rollout: /)
      assert.match(stderr, why)
    }
    assert.is(read('good.yaml'), service)
    assert.equal(readdirSync(root).toSorted(), ['.git', 'apps', 'good.yaml'])
  })
}

test('a report that cannot be written ends with exit code 3', () => {
  const { status, stderr } = run('validate', 'good.yaml', '--output', '/proc/self/report')
  assert.is(status, 3)
  assert.match(stderr, /^kn-rollout: \/proc\/self\/report: .*; the report was not written\n$/)
})

test.run()
