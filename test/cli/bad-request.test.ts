// Commands that cannot be run as they are typed: each says what is wrong and what to type, and nothing is touched.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const both = ['--stable', 'shop-00001', '--candidate', 'shop-00002']
const share = 'must be a whole number from 1 to 99 percent, but is'

type Case = readonly [args: readonly string[], status: number, expected: RegExp]

const cases: readonly Case[] = [
  [['aply', 'pin'], 2, /^kn-rollout: unknown command `aply`: did you mean `apply`\? See `kn-rollout --help`\n$/],
  [
    ['apply'],
    2,
    /^kn-rollout: apply must be given a stage, such as `kn-rollout apply split \.`; see `kn-rollout apply --help`\n$/,
  ],
  [['create'], 2, /^kn-rollout: create must be given a name, such as `kn-rollout create shop --image /],
  [['create', 'shop'], 2, /^kn-rollout: create must be given --image, such as /],
  [['create', 'a', 'b', '--image', 'x'], 2, /^kn-rollout: create must not be given `b`: it takes no such word; see /],
  [['completion', 'tcsh'], 2, /^kn-rollout: shell is `tcsh`; must be one of bash, zsh, fish, powershell; see /],
  [['xyz'], 2, /^kn-rollout: unknown command `xyz`; see `kn-rollout --help`\n$/],
  [['--nope'], 2, /^kn-rollout: a command must be named; see `kn-rollout --help`\n$/],
  [
    ['apply', 'shop.yaml'],
    2,
    /^error: unknown stage `shop\.yaml`: [^]*  help: name the stage first, as in `kn-rollout apply split shop\.yaml`\n$/,
  ],
  [['validate', '--no-lvie'], 2, /^kn-rollout: validate has no option `--no-lvie`; see /],
  [
    ['apply', 'pin', '-q', '--stabel=x'],
    2,
    /^kn-rollout: apply has no option `-q`; apply has no option `--stabel`: did you mean /,
  ],
  [
    ['apply', 'promotte', 'shop.yaml'],
    2,
    /^error: unknown stage `promotte`: .*\[KN424\]\n {2}help: did you mean `promote`\? The stages are/,
  ],
  [['apply', 'xyz', 'shop.yaml'], 2, /^error: unknown stage `xyz`[^]*the stages are pin, preview.*, 10, 25, 50\n/],
  [
    ['apply', 'pin', 'shop.yaml', '--stabel', 'x'],
    2,
    /^kn-rollout: apply has no option `--stabel`: did you mean `--stable`\? See `kn-rollout apply --help`\n$/,
  ],
  [['apply', 'pin', 'shop.yaml', '--stable'], 2, /^kn-rollout: --stable must be followed by a value; see /],
  [['apply', 'pin', 'shop.yaml', '--service'], 2, /^kn-rollout: --service must be followed by a value; see /],
  [
    ['validate', 'shop.yaml', '--format', 'xml'],
    2,
    /^kn-rollout: --format must be one of text, json, github, .*, but is `xml`; see /,
  ],
  [['apply', 'pin', 'nope.yaml'], 2, /^kn-rollout: nope\.yaml: no such file or folder\n$/],
  [['validate', 'shop.yaml', 'none/such.yaml'], 2, /^kn-rollout: none\/such\.yaml: no such file or folder\n$/],
  [['validate', 'shop.yaml/x.yaml'], 2, /^kn-rollout: shop\.yaml\/x\.yaml: no such file or folder\n$/],
  [['validate', '*.nope'], 2, /^kn-rollout: \*\.nope: no file or directory matches\n$/],
  [['validate', 'shop.yaml', '*.nope'], 2, /^kn-rollout: \*\.nope: no file or directory matches\n$/],
  [['validate', '*.yaml', '*.nope'], 2, /^kn-rollout: \*\.nope: no file or directory matches\n$/],
  [['validate', ''], 2, /^kn-rollout: .*empty/],
  [['apply', 'pin', 'shop.yaml', '--stable', 'a', '--stable', 'b'], 2, /^kn-rollout: .*stable.* once/],
  [['apply', 'split', 'shop.yaml', ...both, '--percent', '10', '--percent', '20'], 2, /^kn-rollout: .*percent.* once/],
  [['stages', '--format', 'json', '--format', 'text'], 2, /^kn-rollout: --format must be given once\n$/],
  [['explain', '--format', 'json', '--format', 'text'], 2, /^kn-rollout: --format must be given once\n$/],
  [['validate', '--live', 'shop.yaml'], 2, /^kn-rollout: validate has no option `--live`/],
  [['apply', 'pin', 'shop.yaml', '--live', '.'], 2, /^kn-rollout: \.: it is a folder\n$/],
  [['apply', 'pin', 'shop.yaml', '--stable.x', 'a'], 2, /^kn-rollout: apply has no option `--stable\.x`/],
  [['apply', 'pin', 'shop.yaml', '--stable', 'a', '--write', '--check'], 2, /^kn-rollout: .*check.*write/],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', 'abc'],
    2,
    /^kn-rollout: --percent must be a number from 1 to 99/,
  ],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', ''],
    2,
    /^kn-rollout: --percent must be a number from 1 to 99/,
  ],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', '0'],
    1,
    new RegExp(`^shop\\.yaml:\\d+:\\d+: error: .* ${share} 0 \\[KN407\\]\n[^]*  help: use`),
  ],
  [['apply', 'split', 'shop.yaml', ...both, '--percent', '100'], 1, new RegExp(`${share} 100 \\[KN407\\]`)],
  [['apply', 'split', 'shop.yaml', ...both, '--percent', '-5'], 1, new RegExp(`${share} -5 \\[KN407\\]`)],
  [['apply', 'split', 'shop.yaml', ...both, '--percent', '12.5'], 1, new RegExp(`${share} 12.5 \\[KN407\\]`)],
  [
    ['apply', 'pin', 'shop.yaml', '--stable', '@foo'],
    1,
    /--stable must be a revision name or one of `@latest`, `@current`, `@candidate`, `@previous`, but is `@foo` \[KN409\]\n[^]*  help: write --stable @latest/,
  ],
  [
    ['apply', 'pin', 'shop.yaml', '--stable', ''],
    1,
    /--stable must be a revision name or one of `@latest`, `@current`, `@candidate`, `@previous`, but is `` \[KN409\]/,
  ],
  [
    ['apply', 'pin', 'shop.yaml', '--stable', '{{.Foo}}'],
    1,
    /--stable must not hold a placeholder besides `\{\{\.Service\}\}` .*, but is `\{\{\.Foo\}\}` \[KN409\]/,
  ],
  [
    ['apply', 'split', 'shop.yaml', '--stable', 'a', '--candidate', 'a'],
    1,
    /stable and candidate must be two revisions, but both are `a` \[KN403\]/,
  ],
  [
    ['apply', 'promote', 'shop.yaml', '--percent', '5'],
    2,
    /^kn-rollout: --percent must come with the stage split: the share of promote is its own\n/,
  ],
  [
    ['apply', 'retire', 'shop.yaml', '--tag', 'v2'],
    2,
    /^kn-rollout: --tag must come with a stage that gives the candidate a place: retire does not\n/,
  ],
  [
    ['apply', 'pin', 'core.yaml', '--stable', 'a'],
    1,
    /^error: there must be a Knative Service to apply a stage to, but the files hold none \[KN421\]\n[^]*  help: name the file/,
  ],
  [
    ['apply', 'pin', '.', '--stable', 'a'],
    1,
    /^dev\/shop\.yaml:4:9: error: a stage must know which Service to move, but 2 match: dev\/shop \(dev\/shop\.yaml\), prod\/shop \(shop\.yaml\) \[KN422\]\n[^]*  help: choose with --service \[NAMESPACE\/\]NAME or a path, or take them all with --all\n$/,
  ],
  [['next', '.'], 1, /: error: `next` must know which Service to move, but 2 match: .* \[KN422\]/],
  [
    ['release', '.', '--image', ':2'],
    1,
    /: error: `release` must know which Service to release, but 2 match: .* \[KN422\]/,
  ],
  [['set', '.', '--untag', 'a'], 1, /: error: `set` must know which Service to change, but 2 match: .* \[KN422\]/],
  [
    ['release', 'core.yaml', '--image', ':2'],
    1,
    /^error: there must be a Knative Service to release, but the files hold none \[KN421\]/,
  ],
  [
    ['apply', 'pin', '--stable', 'a', '--service', 'prd/shop'],
    1,
    /^error: --service `prd\/shop` must match a Knative Service, but none of the 2 found has that name \[KN420\]\n[^]*  help: did you mean --service prod\/shop\?\n$/,
  ],
  [
    ['validate', '--service', 'nothing-like-it'],
    1,
    /^error: --service `nothing-like-it` must match .* \[KN420\]\n[^]*  help: run `kn-rollout status` to list them\n/,
  ],
]

const files = {
  'shop.yaml': service('', { name: 'shop', namespace: 'prod' }),
  'dev/shop.yaml': service('', { name: 'shop', namespace: 'dev' }),
  'core.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n',
}

const test = suite('bad request')

for (const [args, expectedStatus, expected] of cases) {
  test(`kn-rollout ${args.join(' ')}`, () => {
    const box = new Sandbox()
    box.write(files)
    const before = box.snapshot()
    const isEdit = ['apply', 'next', 'release', 'set'].includes(args[0] ?? '')
    for (const mode of isEdit ? [[], ['--write']] : [[]]) {
      const { status, stdout, stderr } = box.run([...args, ...mode])
      const said = isEdit || status === 2 ? stderr.replace(/^nothing was written.*\n/m, '') : stdout
      assert.match(said, expected)
      assert.not.match(stderr, /internal error|^ {4}at /m)
      assert.is(status, expectedStatus)
      if (isEdit) assert.is(stdout, '')
    }
    assert.equal(box.snapshot(), before)
  })
}

test('two environments move together only when asked for', () => {
  const box = Sandbox.committed(files)
  for (const choice of [
    ['--all'],
    ['--service', 'shop'],
    ['--service', '*/shop'],
    ['-s', 'prod/shop', '-s', 'dev/*'],
  ]) {
    const { status, stdout } = box.run(['apply', 'pin', '--stable', 'shop-00001', ...choice])
    assert.is(status, 0)
    assert.is(stdout.match(/^diff --git /gm)?.length, 2, choice.join(' '))
  }
})

test('--service chooses one of two', () => {
  const box = Sandbox.committed(files)
  const { status, stdout } = box.run(['apply', 'pin', '--stable', 'shop-00001', '--service', 'prod/shop'])
  assert.is(status, 0)
  assert.equal(stdout.match(/^diff --git .*$/gm), ['diff --git a/shop.yaml b/shop.yaml'])
})

test.run()
