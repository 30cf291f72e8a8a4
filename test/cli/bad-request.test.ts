// Commands that cannot be run as they are typed: each says what is wrong and what to type, and nothing is touched.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { flagsInQuotes } from '../../src/cli/terminal.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const both = ['--stable', 'shop-00001', '--candidate', 'shop-00002']
const share = 'split percent is'

type Case = readonly [args: readonly string[], status: number, expected: RegExp]

const cases: readonly Case[] = [
  [['aply', 'pin'], 2, /^kn-rollout: unknown command `aply`: did you mean `apply`\? See `kn-rollout --help`\n$/],
  [['apply'], 2, /`apply` needs a stage, such as `kn-rollout apply split \.`; see `kn-rollout apply --help`/],
  [
    ['create'],
    2,
    /`create` needs a name, such as `kn-rollout create shop --image ghcr\.io\/acme\/shop:1\.0`; see `kn-rollout create --help`/,
  ],
  [
    ['create', 'shop'],
    2,
    /`create` needs `--image`, such as `kn-rollout create shop --image ghcr\.io\/acme\/shop:1\.0`; see `kn-rollout create --help`/,
  ],
  [['create', 'a', 'b', '--image', 'x'], 2, /`create` does not accept `b`; see `kn-rollout create --help`/],
  [
    ['completion', 'tcsh'],
    2,
    /`shell` is `tcsh`; must be one of bash, zsh, fish, powershell; see `kn-rollout completion --help`/,
  ],
  [['xyz'], 2, /^kn-rollout: unknown command `xyz`; see `kn-rollout --help`\n$/],
  [['--nope'], 2, /a command is missing; see `kn-rollout --help`/],
  [['apply', 'shop.yaml'], 2, /put the stage first, as in `kn-rollout apply split shop\.yaml`/],
  [['validate', '--no-lvie'], 2, /^kn-rollout: `validate` has no option `--no-lvie`; see /],
  [
    ['apply', 'pin', '-q', '--stabel=x'],
    2,
    /^kn-rollout: `apply` has no option `-q`; `apply` has no option `--stabel`: did you mean /,
  ],
  [['apply', 'promotte', 'shop.yaml'], 2, /unknown stage `promotte`/],
  [['apply', 'xyz', 'shop.yaml'], 2, /unknown stage `xyz`/],
  [
    ['apply', 'pin', 'shop.yaml', '--stabel', 'x'],
    2,
    /^kn-rollout: `apply` has no option `--stabel`: did you mean `--stable`\? See `kn-rollout apply --help`\n$/,
  ],
  [['apply', 'pin', 'shop.yaml', '--stable'], 2, /`--stable` needs a value; see `kn-rollout apply --help`/],
  [['apply', 'pin', 'shop.yaml', '--service'], 2, /`--service` needs a value; see `kn-rollout apply --help`/],
  [
    ['validate', 'shop.yaml', '--format', 'xml'],
    2,
    /`--format` is `xml`; must be one of text, json, github, gitlab, sarif, junit, markdown, commit, rdjsonl; see `kn-rollout validate --help`/,
  ],
  [['apply', 'pin', 'nope.yaml'], 2, /^kn-rollout: nope\.yaml: no such file or directory\n$/],
  [['validate', 'shop.yaml', 'none/such.yaml'], 2, /^kn-rollout: none\/such\.yaml: no such file or directory\n$/],
  [['validate', 'shop.yaml/x.yaml'], 2, /^kn-rollout: shop\.yaml\/x\.yaml: no such file or directory\n$/],
  [['validate', '*.nope'], 2, /^kn-rollout: \*\.nope: no file or directory matches\n$/],
  [['validate', 'shop.yaml', '*.nope'], 2, /^kn-rollout: \*\.nope: no file or directory matches\n$/],
  [['validate', '*.yaml', '*.nope'], 2, /^kn-rollout: \*\.nope: no file or directory matches\n$/],
  [['validate', ''], 2, /^kn-rollout: .*empty/],
  [['apply', 'pin', 'shop.yaml', '--stable', 'a', '--stable', 'b'], 2, /`--stable` is given twice/],
  [['apply', 'split', 'shop.yaml', ...both, '--percent', '10', '--percent', '20'], 2, /`--percent` is given twice/],
  [['stages', '--format', 'json', '--format', 'text'], 2, /`--format` is given twice/],
  [['explain', '--format', 'json', '--format', 'text'], 2, /`--format` is given twice/],
  [['validate', '--live', 'shop.yaml'], 2, /^kn-rollout: `validate` has no option `--live`/],
  [['apply', 'pin', 'shop.yaml', '--live', '.'], 2, /\.: it is a directory/],
  [['apply', 'pin', 'shop.yaml', '--stable.x', 'a'], 2, /^kn-rollout: `apply` has no option `--stable\.x`/],
  [['apply', 'pin', 'shop.yaml', '--stable', 'a', '--write', '--check'], 2, /^kn-rollout: .*check.*write/],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', 'abc'],
    2,
    /^kn-rollout: `--percent` is `.*`; must be 1 to 99/,
  ],
  [['apply', 'split', 'shop.yaml', ...both, '--percent', ''], 2, /^kn-rollout: `--percent` is `.*`; must be 1 to 99/],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', '0'],
    1,
    new RegExp(
      `^shop\\.yaml:\\d+:\\d+: error: .*${share} 0; must be a whole number from 1 to 99 \\[KN407 split-percent\\]\n[^]*  help: use`,
    ),
  ],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', '100'],
    1,
    new RegExp(`${share} 100; must be a whole number from 1 to 99 \\[KN407 split-percent\\]`),
  ],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', '-5'],
    1,
    new RegExp(`${share} -5; must be a whole number from 1 to 99 \\[KN407 split-percent\\]`),
  ],
  [
    ['apply', 'split', 'shop.yaml', ...both, '--percent', '12.5'],
    1,
    new RegExp(`${share} 12.5; must be a whole number from 1 to 99 \\[KN407 split-percent\\]`),
  ],
  [
    ['apply', 'pin', 'shop.yaml', '--stable', '@foo'],
    1,
    /`--stable` is `@foo`; must be a revision name, `@latest`, `@current`, `@candidate` or `@previous`/,
  ],
  [
    ['apply', 'pin', 'shop.yaml', '--stable', ''],
    1,
    /`--stable` is ``; must be a revision name, `@latest`, `@current`, `@candidate` or `@previous`/,
  ],
  [
    ['apply', 'pin', 'shop.yaml', '--stable', '{{.Foo}}'],
    1,
    /`--stable` is `\{\{\.Foo\}\}`; the only placeholder is `\{\{\.Service\}\}`, and only for a Service with a name/,
  ],
  [
    ['apply', 'split', 'shop.yaml', '--stable', 'a', '--candidate', 'a'],
    1,
    /stable and candidate are the same revision, `a`/,
  ],
  [
    ['apply', 'promote', 'shop.yaml', '--percent', '5'],
    2,
    /`--percent` works only with the stage `split`: `promote` has a fixed percent/,
  ],
  [
    ['apply', 'retire', 'shop.yaml', '--tag', 'v2'],
    2,
    /`--tag` works only with a stage that adds a target for the candidate: `retire` does not/,
  ],
  [['apply', 'pin', 'core.yaml', '--stable', 'a'], 1, /cannot apply a stage: the files have no Knative Service/],
  [['apply', 'pin', '.', '--stable', 'a'], 1, /add `--service \[NAMESPACE\/\]NAME`, a path, or `--all`/],
  [
    ['next', '.'],
    1,
    /cannot choose a Service to move: 2 match \(dev\/shop \(dev\/shop\.yaml\), prod\/shop \(shop\.yaml\)\)/,
  ],
  [
    ['release', '.', '--image', ':2'],
    1,
    /cannot choose a Service to release: 2 match \(dev\/shop \(dev\/shop\.yaml\), prod\/shop \(shop\.yaml\)\)/,
  ],
  [
    ['set', '.', '--untag', 'a'],
    1,
    /cannot choose a Service to change: 2 match \(dev\/shop \(dev\/shop\.yaml\), prod\/shop \(shop\.yaml\)\)/,
  ],
  [['release', 'core.yaml', '--image', ':2'], 1, /cannot release: the files have no Knative Service/],
  [
    ['apply', 'pin', '--stable', 'a', '--service', 'prd/shop'],
    1,
    /^error: --service `prd\/shop` matches none of the 2 Knative Services in the files \[KN420 service-not-found\]\n  help: did you mean `--service prod\/shop`\?\n/,
  ],
  [
    ['validate', '--service', 'nothing-like-it'],
    1,
    /^error: --service `nothing-like-it` matches none of the 2 .* \[KN420 service-not-found\]\n  help: run `kn-rollout status` to list them\n/,
  ],
]

const files = {
  'shop.yaml': service('', { name: 'shop', namespace: 'prod' }),
  'dev/shop.yaml': service('', { name: 'shop', namespace: 'dev' }),
  'core.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n',
}

const test = suite('bad request')

/** What of a message is in no backquotes, and none of another program. */
function outsideOfQuotes(message: string): string {
  const [own = ''] = message.split(' says: ')
  return own
    .split('`')
    .filter((_, index) => index % 2 === 0)
    .join('')
}

test('flags of a message stand in backquotes, each with the word for its value, but those in the words of others', () => {
  const message = 'add --output FILE, or `--write` and --no-config; kn says: use --tag once'
  const quoted = 'add `--output FILE`, or `--write` and `--no-config`; kn says: use --tag once'
  assert.is(flagsInQuotes(message), quoted)
  assert.is(flagsInQuotes(quoted), quoted)
  assert.is(flagsInQuotes('a--b and -- and ---'), 'a--b and -- and ---')
})

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
      if (stderr.startsWith('kn-rollout: ')) assert.not.match(outsideOfQuotes(stderr), /(?<![\w-])--[a-z]/)
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
