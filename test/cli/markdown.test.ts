// The body of a pull request by the real program: its commands are run as they stand, in a folder with a name that needs quotes.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const file = "it's apps/shop.yaml"
const traffic = (stable: number, rest = ''): string => `  traffic:
    - revisionName: shop-v1
      percent: ${stable}
    - revisionName: shop-v2
      percent: ${100 - stable}${rest}
`
const shop = (lines: string): string => service(lines, { name: 'shop', revision: 'shop-v2' })
const tagged = '\n      tag: v2'

function trafficOf(box: Sandbox): unknown {
  return (parse(box.read(file)) as { spec: { traffic?: unknown } }).spec.traffic
}

/** Who has how much, in any order. */
function shares(list: unknown): readonly string[] {
  return (list as readonly { revisionName: string; percent: number }[])
    .filter(({ percent }) => percent > 0)
    .map(({ revisionName, percent }) => `${revisionName} ${percent}`)
    .toSorted()
}

/** The commands under a heading. */
function commandsIn(body: string, title: string): string {
  return new RegExp(`^### ${title}\\n\\n\`\`\`sh\\n([^]*?)\\n\`\`\``, 'm').exec(body)?.[1] ?? ''
}

/** Writes a change, then takes it back and goes on as its body says. */
const cases: readonly (readonly [args: readonly string[], before: string, next: string, nextLeaves: number])[] = [
  [['apply', 'split'], traffic(100, tagged), 'promote', 0],
  [['apply', 'promote'], traffic(50, tagged), 'retire', 100],
  [['set', '--traffic', 'v2=20', '--tag', 'shop-v1=old'], traffic(100, tagged), 'split', 50],
  [['set', '--untag', 'v2', '--traffic', 'shop-v2=100'], traffic(50, tagged), '', 0],
]

const test = suite('markdown on the command line')

for (const [args, before, next, nextLeaves] of cases) {
  test(`${args.join(' ')}: the way back leads back, and the next stage goes on`, () => {
    const box = Sandbox.committed({ [file]: shop(before) })
    const first = trafficOf(box)
    const ran = box.run([...args, file, '--write', '--format', 'markdown'])
    assert.equal([ran.status, ran.stderr], [0, ''])
    const moved = box.read(file)
    const back = box.shell(commandsIn(ran.stdout, 'Roll back').replaceAll(/^kn-rollout/gm, '$KN'))
    assert.is(back.status, 0, back.stderr)
    if (args[0] === 'set') assert.equal(shares(trafficOf(box)), shares(first))
    else assert.equal(shares(trafficOf(box)), ['shop-v1 100'])
    box.write({ [file]: moved })
    const command = commandsIn(ran.stdout, 'Next step')
    assert.match(command, next === '' ? /^$|^kn-rollout apply/ : `kn-rollout apply ${next} 'it'\\''s apps/shop.yaml'`)
    if (next === '') return
    const on = box.shell(command.replaceAll(/^kn-rollout/gm, '$KN'))
    assert.is(on.status, 0, on.stderr)
    assert.is((trafficOf(box) as readonly { percent: number }[])[0]?.percent, nextLeaves)
  })
}

test('a command with something to fill in is refused as it stands', () => {
  const box = Sandbox.committed({ [file]: service('', { name: 'shop' }) })
  const body = box.run(['apply', 'pin', file, '--stable', 'shop-00001', '--write', '--format', 'markdown']).stdout
  const command = commandsIn(body, 'Next step')
  assert.match(command, "--candidate '<candidate>' --tag '<tag>'")
  const before = box.read(file)
  assert.is(box.shell(command.replace(/^kn-rollout/, '$KN')).status, 1)
  assert.is(box.read(file), before)
})

test('reports beside the patch, and names files as the repository does', () => {
  const box = Sandbox.committed({ [file]: shop(traffic(100, tagged)) })
  const ran = box.run(
    ['apply', 'split', 'shop.yaml', '--format', 'text', '--format', 'markdown', '--output', '-', '--output', 'body.md'],
    {
      folder: "it's apps",
    },
  )
  assert.is(ran.status, 0, ran.stderr)
  assert.match(ran.stdout, /^diff --git /)
  assert.match(box.read("it's apps/body.md"), /^### `shop\/shop` in `it's apps\/shop\.yaml`$/m)
  const stdin = box.run(['apply', 'split', '-', '--format', 'markdown'], { stdin: shop(traffic(100, tagged)) })
  assert.match(stdin.stdout, 'kn-rollout apply promote - --stable')
})

test.run()
