// Files made to cost time or memory: refused early, with little of both.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, main, type Ran } from './sandbox.js'

const meter = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'\\n'))`

/** Runs the program with its peak memory (in KiB) as the last line on stderr. */
function metered(
  box: Sandbox,
  args: readonly string[],
): Ran & { readonly peak: number; readonly milliseconds: number } {
  const begin = performance.now()
  const ran = box.shell(`exec node --import "$METER" "$MAIN" ${args.join(' ')}`, {
    environment: { METER: meter, MAIN: main },
  })
  return { ...ran, peak: Number(/peak (\d+)\n$/.exec(ran.stderr)?.[1]), milliseconds: performance.now() - begin }
}

/** The least of three: what the work costs, whatever else the machine is doing. */
function least(measure: () => number): number {
  return Math.min(measure(), measure(), measure())
}

/** 50 levels, each nine times the one above: 9 to the power of 51 values if they were expanded. */
function bomb(level: (name: string, nine: string) => string, indent = ''): string {
  let text = `${indent}a0: &a0 ${level('', 'x, x, x, x, x, x, x, x, x').includes('{') ? '{ x: x }' : '[x]'}\n`
  for (let depth = 1; depth <= 50; depth++) {
    const nine = Array.from({ length: 9 }, () => `*a${depth - 1}`).join(', ')
    text += `${indent}a${depth}: &a${depth} ${level(`a${depth}`, nine)}\n`
  }
  return text
}

const lists = (indent = ''): string => bomb((_, nine) => `[${nine}]`, indent)
const merges = bomb((_, nine) => `{ <<: [${nine}] }`)
const bombs: readonly (readonly [where: string, text: string])[] = [
  ['before the Service', lists() + service()],
  ['behind the Service', service() + lists()],
  ['in spec', service(lists('  '))],
  ['in the traffic', service(`  traffic:\n    - percent: 100\n${lists('      ')}`)],
  ['of merge keys', service() + merges],
]

const test = suite('bad size')

for (const [where, text] of bombs) {
  test(`a bomb of aliases ${where} is refused within a second and 200 MB`, () => {
    const box = new Sandbox()
    box.write({ 'bomb.yaml': text, 'empty.yaml': '' })
    const before = box.snapshot()
    const { status, stdout, stderr, peak } = metered(box, ['apply', 'pin', 'bomb.yaml', '--stable', 'a', '--write'])
    assert.is(status, 1)
    assert.is(stdout, '')
    assert.match(stderr, /aliases expand to more than 200000 values/m)
    assert.ok(peak < 200 * 1024, `${peak} KiB`)
    const bare = least(() => metered(box, ['validate', 'empty.yaml']).milliseconds)
    const full = least(() => metered(box, ['apply', 'pin', 'bomb.yaml', '--stable', 'a']).milliseconds)
    assert.ok(full - bare < 1000, `${Math.round(full - bare)} ms over the bare start`)
    assert.equal(box.snapshot(), before)
  })
}

test('a file of 20 MB is refused by its size', () => {
  const box = new Sandbox()
  box.write({ 'large.yaml': service() + '# 0123456789\n'.repeat(1_600_000) })
  for (const args of [
    ['validate', 'large.yaml'],
    ['apply', 'pin', 'large.yaml', '--stable', 'a', '--write'],
  ]) {
    const { status, stdout, stderr, peak } = metered(box, args)
    assert.is(status, 1)
    assert.match(stdout + stderr, /the file is 19\.8 MiB; must be at most 8\.0 MiB/m)
    assert.ok(peak < 200 * 1024, `${peak} KiB`)
  }
})

test('a large file without a Service costs nothing', () => {
  const box = new Sandbox()
  box.write({ 'large.yaml': '# 0123456789\n'.repeat(1_600_000) })
  assert.is(box.run(['validate', 'large.yaml']).status, 0)
})

test('deep nesting is refused in words', () => {
  const box = new Sandbox()
  box.write({ 'deep.yaml': service(`  traffic: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`) })
  const { status, stdout, stderr } = box.run(['validate', 'deep.yaml'])
  assert.is(status, 1)
  assert.match(stdout, /^deep\.yaml:\d+:\d+: error: .* \[KN110 nested-too-deeply\]$/m)
  assert.not.match(stderr, 'internal error')
})

test.run()
