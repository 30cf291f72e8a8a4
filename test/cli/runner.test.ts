// What the runner of GitHub Actions makes of the output: it obeys lines of a log, whoever wrote them.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { attacks, obeyed } from './hostile.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const actions = { GITHUB_ACTIONS: 'true' }

const two = `  traffic:
    - revisionName: shop-v1
      percent: 100
    - revisionName: shop-v2
      percent: 0
`
const commanding = `${service(two, { name: 'shop', revision: 'shop-v2' })}  # before\n`.replace(
  '  traffic:\n',
  '  traffic:\n    # ##[error]pwned\n',
)

const test = suite('runner')

test('the runner of these tests obeys what a real one does', () => {
  assert.equal(obeyed('::error file=x::y\n\u00A0 ::add-mask::x\nx ##[group]y\nx ::no::y\n'), [
    'error',
    'add-mask',
    'group',
  ])
  assert.equal(obeyed('::stop-commands::t\n::error::x\n::T::\n::t::\n::notice::x\n'), ['notice'])
})

test('a text report stands between lines that stop commands, with a token of its own', () => {
  const box = new Sandbox()
  box.write({ '::error::x ##[error]y.yaml': service('  traffic: [{percent: 90}]\n', { name: '"::error::z"' }) })
  const tokens = [['validate'], ['validate'], ['status'], ['stages']].map((args) => {
    const { stdout, stderr } = box.run(args, { environment: actions })
    assert.equal(obeyed(stdout), [], args.join(' '))
    assert.equal(obeyed(stderr), [], args.join(' '))
    const [, token, inside = ''] = /^::stop-commands::([\w-]{36})\n([^]*)::\1::\n$/.exec(stdout) ?? []
    assert.equal(obeyed(inside), [], 'and without them nothing would be obeyed either')
    assert.is(inside, box.run(args).stdout)
    return token
  })
  assert.is(new Set(tokens).size, tokens.length)
})

test('reports for programs have no such lines, and annotations are obeyed', () => {
  const box = new Sandbox()
  box.write({ '##[error]y.yaml': service('  traffic: [{percent: 90}]\n', { name: '"##[debug]z"' }) })
  for (const format of ['json', 'gitlab', 'sarif', 'junit', 'markdown', 'rdjsonl']) {
    const { stdout } = box.run(['validate', '--format', format], { environment: actions })
    assert.not.match(stdout, 'stop-commands')
    assert.equal(obeyed(stdout), [], format)
  }
  const { stdout } = box.run(['validate', '--format', 'github'], { environment: actions })
  assert.equal([...new Set(obeyed(stdout))], ['error'])
})

test('JSON keeps every value, whatever is escaped in it', () => {
  const box = new Sandbox()
  const name = '##[error]\u202E\u{E0041}\u2028\u009B.yaml'
  box.write({ [name]: service('  traffic: [{percent: 90}]\n') })
  const { diagnostics } = JSON.parse(box.run(['validate', '--format', 'json']).stdout) as {
    readonly diagnostics: readonly { readonly file: string }[]
  }
  assert.equal([...new Set(diagnostics.map(({ file }) => file))], [name])
})

test('a patch with a command in it stands between such lines, and Git takes it', () => {
  const box = Sandbox.committed({ 'shop.yaml': commanding })
  const { stdout, stderr } = box.run(['apply', 'split', 'shop.yaml'], { environment: actions })
  assert.equal([...obeyed(stdout), ...obeyed(stderr)], [])
  assert.match(stdout, /^::stop-commands::([\w-]{36})\ndiff [^]*\n::\1::\n$/)
  box.gitWith({ stdin: stdout }, 'apply')
  assert.match(box.read('shop.yaml'), 'percent: 50')
})

test('a line of a block of text that is a command is one in a patch, too', () => {
  const manifest = service(two, { name: 'shop', revision: 'shop-v2' })
  const [metadata = ''] = /^metadata:\n(?: {2}.*\n)+/m.exec(manifest) ?? []
  const behind = 'metadata: {name: shop, namespace: shop, annotations: {note: "\n  ::add-mask::e\n  "}}\n'
  const box = Sandbox.committed({ 'shop.yaml': manifest.replace(metadata, '') + behind })
  const plain = box.run(['apply', 'split', 'shop.yaml'])
  assert.equal([plain.status, obeyed(plain.stdout)], [0, ['add-mask']], plain.stderr)
  const { stdout } = box.run(['apply', 'split', 'shop.yaml'], { environment: actions })
  assert.equal(obeyed(stdout), [])
  assert.equal(obeyed(box.run(['apply', 'split', 'shop.yaml', '--format', 'markdown']).stdout), [])
})

test('a patch in a file is the patch alone, and one without commands is so anywhere', () => {
  const box = Sandbox.committed({ 'shop.yaml': commanding, 'cart.yaml': service(two, { revision: 'shop-v2' }) })
  const { status, stderr } = box.shell(
    '$KN apply split shop.yaml >shop.patch && { $KN validate >report.txt || [ $? = 1 ]; }',
    {
      environment: actions,
    },
  )
  assert.is(status, 0, stderr)
  assert.is(box.read('shop.patch'), box.run(['apply', 'split', 'shop.yaml']).stdout)
  assert.not.match(box.read('report.txt'), 'stop-commands')
  assert.match(box.run(['apply', 'split', 'cart.yaml'], { environment: actions }).stdout, /^diff /)
})

test('a filter hands on every byte', () => {
  const box = new Sandbox()
  const stdin = commanding.replace('pwned', 'pwned \u202E')
  const { stdout } = box.run(['apply', 'split', '-', '--write'], { stdin, environment: actions })
  assert.is(stdout, stdin.replace('percent: 100', 'percent: 50').replace('percent: 0', 'percent: 50'))
})

// --- what a diff hides ------------------------------------------------------------------------------------------------

const trojan = commanding.replace('##[error]pwned', 'level \u202E\u2066 admin\u2069 \u200B')

test('a patch is exact, and a warning names its lines that hide something', () => {
  const box = Sandbox.committed({ 'apps/shop.yaml': trojan.replaceAll('\n', '\r\n') })
  const { stdout, stderr } = box.run(['apply', 'split', '.'])
  assert.match(stdout, 'level \u202E\u2066 admin\u2069 \u200B\r\n')
  const line = trojan.slice(0, trojan.indexOf('level')).split('\n').length
  assert.match(
    stderr,
    new RegExp(
      String.raw`^warning: the diff has 1 line with .*: apps/shop\.yaml:${line} \(\\u202e, \\u2066, \\u2069\)$`,
      'm',
    ),
  )
  box.gitWith({ stdin: stdout }, 'apply')
  assert.not.match(box.run(['apply', 'split', '.', '--format', 'json']).stderr, 'the diff has')
})

test('lines that a patch takes away count as well; a byte order mark, CRLF and coloured signs hide nothing', () => {
  const gone = service(
    '  traffic:\n    - revisionName: shop-v1\n      percent: 100 # a\u200Bb\n    - revisionName: shop-v2\n      percent: 0 # ⚠️\n',
  )
  const box = Sandbox.committed({ 'shop.yaml': gone })
  const { stderr } = box.run(['set', 'shop.yaml', '--traffic', 'shop-v2=100'])
  assert.match(stderr, /^warning: the diff has \d lines? with .*shop\.yaml:18 \(\\u200b\)/m)
  const fine = `\uFEFF${service('').split('spec:')[0]}spec:\n  traffic: [{revisionName: a, percent: 100}, {revisionName: b, percent: 0}] # ⚠️\n  template: {spec: {containers: [{image: x}]}}\n`
  box.write({ 'shop.yaml': fine.replaceAll('\n', '\r\n') })
  const quiet = box.run(['set', 'shop.yaml', '--traffic', 'b=100'])
  assert.match(quiet.stdout, '+++ b/shop.yaml')
  assert.not.match(quiet.stderr, 'the diff has')
})

test('many such lines are counted', () => {
  const entries = Array.from(
    { length: 30 },
    (_, index) =>
      `    - revisionName: shop-v${index} # \u200B\n      percent: ${index === 0 ? 100 : 0}\n      tag: t${index}\n`,
  )
  const box = Sandbox.committed({ 'shop.yaml': service(`  traffic:\n${entries.join('')}`) })
  const { stderr } = box.run(['set', 'shop.yaml', ...entries.flatMap((_, index) => ['--untag', `t${index}`])])
  assert.match(stderr, /^warning: the diff has 30 lines .*\) and 20 more$/m)
})

test('fixes are shown with the same care', () => {
  const box = Sandbox.committed({
    'shop.yaml': service('  traffic:\n    - percent: "100" # \u202E\n      latestRevision: true\n'),
  })
  assert.match(box.run(['validate', '--fix']).stderr, /^warning: the diff has \d lines? with/m)
})

test('a terminal, and whoever wants colours, sees what is hidden', () => {
  const box = Sandbox.committed({ 'shop.yaml': trojan })
  const { stdout } = box.run(['apply', 'split', 'shop.yaml', '--color'])
  assert.match(stdout, 'level \u001B[7m\\u202e\u001B[0m\u001B[7m\\u2066\u001B[0m admin')
  assert.not.match(stdout, /[\u202E\u200B]/)
  const coloured = Sandbox.committed({ 'shop.yaml': commanding })
  const log = coloured.run(['apply', 'split', 'shop.yaml'], { environment: { ...actions, FORCE_COLOR: '1' } }).stdout
  assert.equal(obeyed(log), [])
})

test('a real terminal gets no byte of it', () => {
  const box = Sandbox.committed({
    'shop.yaml': trojan.replace('admin', `admin${attacks[1]?.replaceAll('\u001B', '\u009B')}`),
  })
  const { stdout } = box.shell(
    'command -v script >/dev/null || exit 0; script -qec "$KN apply split shop.yaml --no-color" /dev/null',
  )
  if (stdout === '') return console.log('  not tested: a real terminal (`script` of util-linux is not there)')
  assert.match(stdout, String.raw`level \u202e\u2066 admin`)
  assert.not.match(stdout, /[\u0080-\u009F\u202E\u2066\u200B\u001B]/)
})

test('names in the headers of a patch are spelled as Git does it', () => {
  const names = ['a\u202Eb.yaml', '##[error]x.yaml', 'n\u0085\u{E0041}.yaml', 'ünd "q".yaml', 'plain ü.yaml']
  const box = Sandbox.committed(Object.fromEntries(names.map((name) => [name, service(two, { revision: 'shop-v2' })])))
  const { stdout } = box.run(['apply', 'split', '--all', '.'])
  assert.match(stdout, String.raw`--- "a/a\342\200\256b.yaml"`)
  assert.match(stdout, String.raw`--- "a/\043\043[error]x.yaml"`)
  assert.match(stdout, '--- a/plain ü.yaml\t\n')
  box.gitWith({ stdin: stdout }, 'apply')
  for (const name of names) assert.match(box.read(name), 'percent: 50')
})

test.run()
