// Small things that a new user stumbled over: help, explanations, terminals, bases that are not there, tags that stay.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { commands } from '../../src/cli/commands.js'
import { textReport } from '../../src/report/text.js'
import { paint } from '../../src/report/cells.js'
import { at } from '../rollouts.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('smaller things')

test('help has no types and defaults of yargs, and groups of options', () => {
  const box = new Sandbox()
  for (const name of Object.keys(commands)) {
    const { stdout } = box.run([name, '--help'])
    assert.not.match(stdout, /\[(?:boolean|string|array)\]|\[default: false\]|[ \t]$/m, name)
  }
  const { stdout } = box.run(['apply', '--help'])
  const headings = [...stdout.matchAll(/^[A-Z]\w+:$/gm)].map(([heading]) => heading)
  assert.equal(headings, [
    'Positionals:',
    'Command:',
    'Services:',
    'Revisions:',
    'Changes:',
    'Output:',
    'Rules:',
    'Options:',
    'Examples:',
  ])
  const others = /^Options:\n([^]*?)\n\n/m.exec(stdout)?.[1] ?? ''
  assert.equal(
    [...others.matchAll(/--[\w-]+/g)].map(([flag]) => flag),
    ['--help'],
    'each option has a group',
  )
})

test('KN602 and KN460 are explained with trees that show them', () => {
  for (const code of ['KN602', 'KN460']) {
    const { stdout } = new Sandbox().run(['explain', code])
    const sections = /\n\nBad:\n\n([^]*?)\n\nGood:\n\n([^]*?)(?:\n\nSource: [^]*)?\n$/.exec(stdout)
    const found = sections?.slice(1, 3).map((tree) => {
      const parts = tree
        .replaceAll(/^ {2}/gm, '')
        .split(/^# (\S+\.yaml)\n/m)
        .slice(1)
      const files = parts.flatMap((name, index) =>
        index % 2 === 0 ? [[name, `${(parts[index + 1] ?? '').trimEnd()}\n`] as const] : [],
      )
      const box = Sandbox.committed(Object.fromEntries(files))
      const ran =
        code === 'KN602'
          ? box.run(['validate'])
          : box.run(['apply', 'preview', '--overlay', 'prod', '--candidate', 'shop-v2', '--tag', 'v2'])
      return (ran.stdout + ran.stderr).includes(`[${code} `)
    })
    assert.equal(found, [true, false], code)
  }
})

test('a finding breaks at words on a terminal, at its width, and nowhere else', () => {
  const message = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ')
  const diagnostics = [{ code: 'KN301', severity: 'error', message, help: message, file: 'shop.yaml' }] as const
  const outcome = { files: [{ path: 'shop.yaml', text: 'a: b\n' }], services: [], changes: [], diagnostics }
  const options = { colours: paint(true), version: '0', folder: '' }
  for (const width of [80, 140]) {
    const lines = textReport(outcome, { ...options, width })
      .replaceAll(/\u001B\[[\d;]*m/g, '')
      .trimEnd()
      .split('\n')
    assert.ok(lines.length > 4 && lines.every((line) => line.length <= width), lines.join('\n'))
    assert.ok(
      lines.slice(1).every((line) => line.startsWith('  ')),
      'only the first line of a finding begins without a space',
    )
    assert.match(lines.join(' ').replaceAll(/ +/g, ' '), `${message} [KN301 traffic-sum]`)
  }
  assert.is(textReport(outcome, options).trimEnd().split('\n').length, 2)
})

test('a base of a remote that is not there is told as that', () => {
  const box = Sandbox.committed({ 'a.yaml': service() })
  const { status, stderr } = box.run(['check', '--since', 'origin/main'])
  assert.is(status, 2)
  assert.match(
    stderr,
    /`--since` is `origin\/main`, which Git does not know here; this clone has no remote `origin`: name a branch that is here/,
  )
  box.git('remote', 'add', 'origin', '.')
  assert.match(box.run(['check', '--since', 'origin/main']).stderr, /; run `git fetch origin main` first$/m)
})

test("the promoted revision's tag leaves with --untag", () => {
  const box = Sandbox.committed({ 'shop.yaml': at('v1=50 v2=50:v2', 'v2', 'shop') })
  const { status, stderr } = box.run(['apply', 'promote', 'shop', '--untag', '--write'])
  assert.is(status, 0, stderr)
  assert.is(box.read('shop.yaml'), at('v1=0 v2=100', 'v2', 'shop'))
  assert.match(stderr, 'shop/shop: promote: shop-v1 50% → 0%, shop-v2 50% → 100% (no tag v2)\n')
  box.write({ 'shop.yaml': at('v1=0 v2=100:v2', 'v2', 'shop') })
  box.run(['apply', 'retire', 'shop', '--untag', '--write'])
  assert.is(box.read('shop.yaml'), at('v2=100', 'v2', 'shop'))
  assert.is(box.run(['apply', 'split', 'shop', '--untag']).status, 2)
  assert.match(box.run(['apply', 'promote', 'shop', '--untag', '--tag', 'x']).stderr, 'cannot be combined')
})

test('what does not exist leads to status', () => {
  const { stderr } = Sandbox.committed({ 'a.yaml': service() }).run(['apply', 'split', '--service', 'zzzzzz'])
  assert.match(stderr, /\[KN420 service-not-found\]\n {2}help: run `kn-rollout status` to list them\n/)
})

test.run()
