// The language server as editors use it: over stdin and stdout, with texts that are in no file yet.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Diagnostic } from 'vscode-languageserver'

import { Editor, endServers } from './editor.js'
import { Sandbox } from './sandbox.js'

/** A Service that is previewed: its explicit name has the defaults that it needs. */
const shop = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  namespace: prod
spec:
  template:
    metadata:
      name: shop-v2
    spec:
      containers:
        - name: user-container
          image: ghcr.io/acme/shop:2
          readinessProbe: {tcpSocket: {}, successThreshold: 1}
  traffic:
    - revisionName: shop-v1
      percent: 100
    - revisionName: shop-v2
      percent: 0
      tag: v2
`
const older = shop.replace('name: shop-v2', 'name: shop-v1').replace(/ {4}- revisionName: shop-v2\n[^]*/, '')

type Found = {
  readonly code: string
  readonly file: string
  readonly message: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** What `validate FILE` says of the file itself, as an editor would show it. */
function validated(box: Sandbox, name: string): readonly unknown[] {
  const { stdout } = box.run(['validate', name, '--format', 'json'])
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }
  return diagnostics
    .filter(({ file }) => file === name)
    .map(({ code, message, line, column, endLine, endColumn }) => {
      const [start, end] = [[line, column] as const, [endLine, endColumn] as const]
      return [code, message, [start, end].map(([row, character]) => `${row - 1}:${character - 1}`).join(' ')]
    })
}

function messageOf({ message }: Pick<Diagnostic, 'message'>): string {
  return typeof message === 'string' ? message : message.value
}

/** The same of what an editor was told. */
async function shown(uri: string): Promise<readonly unknown[]> {
  return (await editor.diagnostics(uri)).map(({ code, message, range: { start, end } }) => {
    const place = [start, end].map(({ line, character }) => `${line}:${character}`).join(' ')
    return [String(code).split(' ')[0], messageOf({ message }).split('\n')[0], place]
  })
}

const everything = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } }

// One server for all: documents of any repository can be open.
const editor = new Editor(new Sandbox())

const test = suite('cli/lsp')

test.before(async () => {
  await editor.start({
    workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, workspaceEdit: { documentChanges: true } },
  })
})

test('says as one types what validate says of the saved file', async () => {
  const box = Sandbox.committed({ 'shop.yaml': shop })
  editor.visit(box)
  const uri = editor.open('shop.yaml', shop)
  assert.equal(await shown(uri), [])
  const place = editor.at(uri, '100')
  editor.type(uri, { start: place, end: { ...place, character: place.character + 3 } }, '90')
  const wrong = await shown(uri)
  assert.is(wrong.length, 1)
  box.write({ 'shop.yaml': editor.document(uri).getText() })
  assert.equal(wrong, validated(box, 'shop.yaml'))
  const [first] = await editor.diagnostics(uri)
  assert.match(first ? messageOf(first) : '', /\nhelp: [^]*\nKnative says: /)
  // Half a line, as it is while one types, and back again.
  const end = editor.at(uri, '  traffic:', 10)
  editor.type(uri, { start: end, end }, ' [')
  assert.match((await shown(uri)).map(String).join(), 'KN101')
  editor.type(uri, { start: end, end: { ...end, character: end.character + 2 } }, '')
  assert.equal(await shown(uri), wrong)
  editor.close(uri)
  await editor.until(() => editor.published.get(uri)?.diagnostics.length === 0, 'an empty list')
})

for (const [what, form] of [
  ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  [
    'characters of two units',
    (text: string) => text.replace('metadata:', '# 🚀🚀\nmetadata:').replace('tag: v2', 'tag: "🚀"'),
  ],
  ['tabs and wide letters', (text: string) => text.replace('image: ', '# größe\t寸\n          image: ')],
] as const)
  test(`counts characters as editors do: ${what}`, async () => {
    const text = form(shop.replace('percent: 100', 'percent: 90').replace('percent: 0', 'percnt: 0'))
    const box = Sandbox.committed({ 'shop.yaml': text })
    editor.visit(box)
    const uri = editor.open('shop.yaml', text)
    const found = await shown(uri)
    assert.ok(found.length > 0)
    assert.equal(found, validated(box, 'shop.yaml'))
  })

test('counts a byte order mark where the editor has it in its text, and not where it is only in the file', async () => {
  const marked = '\uFEFF{"bad": 1, "apiVersion": "serving.knative.dev/v1", "kind": "Service"}\n'
  const box = Sandbox.committed({ 'having.yaml': marked, 'without.yaml': marked })
  editor.visit(box)
  // The last is in the file with the mark, and an editor took that off.
  const [having, without] = ['having.yaml', 'without.yaml'].map((name, index) => editor.open(name, marked.slice(index)))
  const columns = async (uri: string): Promise<readonly number[]> =>
    (await editor.diagnostics(uri))
      .filter(({ code }) => String(code).startsWith('KN202'))
      .map(({ range }) => range.start.character)
  assert.equal(await columns(without ?? ''), [1])
  assert.equal(await columns(having ?? ''), [2])
})

const tree = {
  'base/shop.yaml': shop,
  'base/kustomization.yaml': 'resources: [shop.yaml]\n',
  'prod/kustomization.yaml': 'resources: [../base]\ncommonLabels: {app: shop}\n',
}

test('looks at the kustomizations around, with the texts of open documents laid over the disk', async () => {
  const box = Sandbox.committed(tree)
  editor.visit(box)
  const uri = editor.open('base/shop.yaml', shop)
  assert.equal(await shown(uri), validated(box, 'base/shop.yaml'))
  const root = editor.uri('prod/kustomization.yaml')
  const codes = (): string =>
    (editor.published.get(root)?.diagnostics ?? []).map(({ code }) => String(code).split(' ')[0]).join()
  const { stdout } = box.run(['validate', 'base/shop.yaml', '--format', 'json'])
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }
  const there = diagnostics
    .filter(({ file }) => file === 'prod/kustomization.yaml')
    .map(({ code }) => code)
    .join()
  assert.match(there, 'KN604')
  await editor.until(() => codes() === there, 'findings in the kustomization')
  // The same without the labels, before it is saved.
  editor.open('prod/kustomization.yaml', 'resources: [../base]\n')
  await editor.until(() => codes() === '', 'no findings in the kustomization')
})

test('offers the fixes of validate --fix, one by one and together', async () => {
  const text = shop.replace('percent: 100', 'percent: "100"').replace('image:', 'imagee:')
  const box = Sandbox.committed({ 'shop.yaml': text })
  editor.visit(box)
  const uri = editor.open('shop.yaml', text)
  const place = editor.at(uri, '"100"', 2)
  const [fix, second] = await editor.actions(uri, { start: place, end: place }, ['quickfix'])
  assert.ok(fix && !second)
  assert.is(fix.isPreferred, true)
  assert.equal(
    fix.diagnostics?.map(({ code, message }) => [code, message]),
    (await editor.diagnostics(uri))
      .filter(({ range }) => range.start.line === place.line)
      .map(({ code, message }) => [code, message]),
  )
  assert.is(editor.applied(fix, uri), text.replace('"100"', '100'))
  const [all] = await editor.actions(uri, everything, ['source.fixAll'])
  assert.ok(all)
  const whole = editor.applied(all, uri)
  box.run(['validate', '--fix', '--write', 'shop.yaml'])
  assert.is(whole, box.read('shop.yaml'))
  assert.equal(
    await editor.actions(uri, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, ['quickfix']),
    [],
  )
})

test('moves a Service to the stages that apply would move it to, and writes the very same', async () => {
  const text = `${shop}---\n${shop.replaceAll('shop', 'cart')}`
  const box = Sandbox.committed({ 'all.yaml': older })
  // What is typed and not saved counts.
  box.write({ 'all.yaml': text })
  box.commit()
  editor.visit(box)
  const uri = editor.open('all.yaml', text)
  const cursor = editor.at(uri, 'cart-v1')
  const actions = await editor.actions(uri, { start: cursor, end: cursor })
  assert.equal(
    actions.map(({ title }) => title),
    [
      'Move prod/cart to split: cart-v1 100% → 50%, cart-v2 0% → 50%',
      'Move prod/cart to promote: cart-v1 100% → 0%, cart-v2 0% → 100%',
      'Move prod/cart to rollback: cart-v1 100%, cart-v2 0% (removed)',
    ],
  )
  for (const [index, stage] of ['split', 'promote', 'rollback'].entries()) {
    box.write({ 'all.yaml': text })
    const ran = box.run(['apply', stage, '--service', 'prod/cart', '--write', 'all.yaml'])
    assert.match(ran.stderr, actions[index]?.title.replace(/^.*?: /, '') ?? '?')
    const action = actions[index]
    assert.is(action && editor.applied(action, uri), box.read('all.yaml'), stage)
  }
})

test('writes out defaults as --write-defaults does, alone and with a stage that needs them', async () => {
  const text = shop.replace(/ {10}readinessProbe.*\n/, '')
  const box = Sandbox.committed({ 'shop.yaml': text })
  editor.visit(box)
  const uri = editor.open('shop.yaml', text)
  const cursor = editor.at(uri, 'shop-v2')
  const actions = await editor.actions(uri, { start: cursor, end: cursor })
  const titles = actions.map(({ title }) => title)
  assert.equal(titles.slice(0, 2), [
    'Write out the defaults',
    'Move prod/shop to split: shop-v1 100% → 50%, shop-v2 0% → 50% (writes out defaults)',
  ])
  for (const [index, stage] of ['preview', 'split'].entries()) {
    box.write({ 'shop.yaml': text })
    box.run(['apply', stage, '--write-defaults', '--write', 'shop.yaml'])
    const action = actions[index]
    assert.is(action && editor.applied(action, uri), box.read('shop.yaml'), stage)
  }
})

test('edits what decides in another file as well, in the version that it knows', async () => {
  const box = Sandbox.committed(tree)
  editor.visit(box)
  const uri = editor.open('base/shop.yaml', shop)
  const cursor = editor.at(uri, 'shop-v1')
  const split = (await editor.actions(uri, { start: cursor, end: cursor })).find(({ title }) => title.includes('split'))
  box.run(['apply', 'split', '--write', 'base/shop.yaml'])
  const isWritten = box.read('base/shop.yaml') !== shop
  assert.is(split !== undefined, isWritten, 'offered where apply writes')
  if (split) {
    assert.is(editor.applied(split, uri), box.read('base/shop.yaml'))
    assert.equal(
      split.edit?.documentChanges?.map((one) => 'textDocument' in one && one.textDocument.version),
      [1],
    )
  }
})

test('shows a target of traffic, the stage of each Service, and what names there are', async () => {
  const box = Sandbox.committed({ 'shop.yaml': older, '.kn-rollout.yaml': 'domain: acme.dev\n' })
  box.write({ 'shop.yaml': shop })
  box.commitAs('preview', { GIT_COMMITTER_DATE: '2026-03-01T09:30:00Z', GIT_AUTHOR_DATE: '2026-03-01T09:30:00Z' })
  const hash = box.git('rev-parse', '--short=7', 'HEAD').trim()
  editor.visit(box)
  const uri = editor.open('shop.yaml', shop)
  const target = editor.at(uri, 'revisionName: shop-v2')
  const text = await editor.hover(uri, target)
  assert.match(text, '`shop-v2` (candidate): 0%, tag `v2`')
  assert.match(text, `Since: 2026-03-01T09:30Z (${hash})`)
  assert.match(text, 'URL: `http://v2-shop.prod.acme.dev`')
  assert.match(await editor.hover(uri, editor.at(uri, 'shop-v1')), 'URL: `http://shop.prod.acme.dev`')
  assert.is(await editor.hover(uri, editor.at(uri, 'image')), '')
  const [lens, second] = await editor.lenses(uri)
  assert.match(lens ?? '', /^1: preview · 100\/0 · for \d+d.* · next: split$/)
  assert.is(second, undefined)
  const status = box.run(['status', 'shop.yaml']).stdout
  for (const word of ['preview', '100/0', 'split']) assert.match(status, word)
  // A half-typed entry, a name that only Git knows among the answers.
  const end = editor.document(uri).positionAt(shop.length)
  editor.type(uri, { start: end, end }, '    - revisionName: s')
  const names = await editor.completions(uri, editor.document(uri).positionAt(shop.length + 21))
  assert.equal(names.map(({ label }) => label).toSorted(), ['shop-v1', 'shop-v2'])
  const tag = await editor.completions(uri, editor.at(uri, 'tag: v2', 6))
  assert.equal(
    tag.map(({ label }) => label),
    [],
  )
  assert.equal(await editor.completions(uri, editor.at(uri, 'name: shop', 8)), [])
  assert.match(await editor.hover(uri, editor.at(uri, 'revisionName: shop-v2')), 'Since: ')
})

test('takes names that only Git knows', async () => {
  const box = Sandbox.committed({ 'shop.yaml': shop.replace('tag: v2', 'tag: beta').replaceAll('shop-v2', 'shop-v0') })
  const now = shop.replace('tag: v2', 'tag: ""')
  box.write({ 'shop.yaml': now })
  box.commit()
  editor.visit(box)
  const uri = editor.open('shop.yaml', now)
  const names = await editor.completions(uri, editor.at(uri, 'shop-v1', 0))
  assert.equal(
    names.map(({ label }) => label),
    ['shop-v2', 'shop-v0'],
  )
  assert.equal(names[0]?.textEdit && 'range' in names[0].textEdit && names[0].textEdit.range.end.character, 27)
  const tags = await editor.completions(uri, editor.at(uri, 'tag: ""', 6))
  assert.equal(
    tags.map(({ label }) => label),
    ['beta'],
  )
})

test('validates what is in no repository, in no file, or not saved', async () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': shop })
  const wrong = shop.replace('percent: 100', 'percent: 90')
  editor.visit(box)
  const uris = [
    editor.open('shop.yaml', wrong),
    editor.open('new.yaml', wrong),
    editor.open('', wrong, 'untitled:Untitled-1'),
  ]
  for (const uri of uris) assert.match(JSON.stringify(await shown(uri)), 'KN301', uri)
  const [uri = ''] = uris
  assert.match(
    await editor.hover(uri, editor.at(uri, 'shop-v2\n      percent')),
    'Since: unknown (Git does not show it)',
  )
  assert.match((await editor.lenses(uri)).join(), '1: ')
  assert.equal(await shown(editor.open('notes.yaml', 'a: [1\n')), [], 'nothing is said of what holds no Service')
})

test('reads the configuration, and reads it anew when the disk has changed', async () => {
  const box = Sandbox.committed({ 'shop.yaml': shop.replace('percent: 100', 'percent: 90') })
  editor.visit(box)
  const uri = editor.open('shop.yaml', box.read('shop.yaml'))
  assert.match(JSON.stringify(await shown(uri)), 'KN301')
  await editor.until(() => editor.heard.some(({ method }) => method === 'client/registerCapability'), 'watchers')
  box.write({ '.kn-rollout.yaml': 'rules: {KN301: off}\n' })
  editor.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: editor.uri('.kn-rollout.yaml'), type: 1 }] })
  await editor.until(() => editor.published.get(uri)?.diagnostics.length === 0, 'no findings')
  const own = editor.open('.kn-rollout.yaml', 'rules: {KN999: off}\n')
  assert.match(JSON.stringify(await shown(own)), 'KN191')
})

test('follows no link out of the repository, and opens nothing that is no file', async () => {
  const outside = mkdtempSync(path.join(tmpdir(), 'kn-rollout-outside-'))
  const box = Sandbox.committed({ 'base/kustomization.yaml': 'resources: [shop.yaml]\n' })
  try {
    symlinkSync(path.join(outside, 'secret.yaml'), box.path('base/shop.yaml'))
    box.write({ [path.relative(box.root, path.join(outside, 'secret.yaml'))]: `${shop}# secret\n` })
    editor.visit(box)
    const uri = editor.open('base/kustomization.yaml', 'resources: [shop.yaml]\n')
    await editor.diagnostics(uri)
    const link = editor.open('base/shop.yaml', shop)
    assert.equal(await shown(link), validated(box, 'base/shop.yaml'))
    assert.equal(await editor.lenses(link), [])
    assert.not.match(JSON.stringify([...editor.published]), 'secret')
  } finally {
    rmSync(outside, { recursive: true })
  }
})

test('opens no pipe, and tells the log what it cannot read', async () => {
  const box = new Sandbox()
  spawnSync('mkfifo', [box.path('pipe.yaml')])
  editor.visit(box)
  const uri = editor.open('pipe.yaml', shop.replace('percent: 100', 'percent: 90'))
  assert.match(JSON.stringify(await shown(uri)), 'KN301')
  box.write({ 'shop.yaml': shop, '.kn-rollout.yaml': new Uint8Array([0xff, 0xfe, 0x41]) })
  editor.heard.length = 0
  const other = editor.open('shop.yaml', shop)
  await editor.until(() => JSON.stringify(editor.heard).includes('.kn-rollout.yaml'), 'a line in the log')
  assert.ok((await editor.request('textDocument/codeLens', { textDocument: { uri: other } })).error)
  box.write({ '.kn-rollout.yaml': '' })
  assert.is((await editor.lenses(other)).length, 1)
})

test('answers what is canceled, unknown or wrong with an error, and lives on', async () => {
  const box = Sandbox.committed({ 'shop.yaml': shop })
  editor.visit(box)
  const uri = editor.open('shop.yaml', shop)
  await editor.diagnostics(uri)
  const asked = { textDocument: { uri }, range: everything, context: { diagnostics: [] } }
  const { id, answer } = editor.begin('textDocument/codeAction', asked)
  editor.notify('$/cancelRequest', { id })
  assert.is((await answer).error?.code, -32_800)
  assert.is((await editor.request('textDocument/nothing', {})).error?.code, -32_601)
  assert.ok(
    (await editor.request('textDocument/hover', { textDocument: { uri } })).error,
    'a request without its parts',
  )
  assert.is(
    (await editor.request('textDocument/hover', { textDocument: { uri: editor.uri('x') }, position: everything.start }))
      .result,
    null,
  )
  editor.raw('Content-Length: 5\r\n\r\n{"a":')
  const text = `{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": 7}`
  editor.raw(`Content-Length: ${text.length}\r\n\r\n${text}`)
  assert.match(await editor.hover(uri, editor.at(uri, 'shop-v1')), 'shop-v1')
})

test('ends as the protocol has it', async () => {
  const box = new Sandbox()
  assert.is(await editor.stop(), 0)
  const early = new Editor(box)
  await early.start()
  early.notify('exit', null)
  assert.is(await early.ended, 1)
  const gone = new Editor(box, ['lsp', '--stdio', `--clientProcessId=${process.pid}`])
  await gone.start()
  gone.hangUp()
  assert.is(await gone.ended, 1)
})

test.after(endServers)

test.run()
