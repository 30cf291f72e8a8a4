// What Git knows of a file's past, read from real repositories.
import { rmSync, unlinkSync, writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { LogAhead, readHistories } from '../../src/io/history.js'
import { findManifests } from '../../src/manifest/find.js'
import { trafficSince, pastOf } from '../../src/manifest/past.js'
import type { FileHistory } from '../../src/text/words.js'
import { service } from './manifests.js'
import { Sandbox, isRoot } from './sandbox.js'

const test = suite('history')
const environment = {
  PATH: process.env['PATH'],
  HOME: '/nowhere',
  GIT_CONFIG_NOSYSTEM: '1',
  // A hook of another repository would say so.
  GIT_DIR: '/nowhere/.git',
  GIT_INDEX_FILE: '/nowhere/index',
}
const start = 1_700_000_000
const long = (head: string): string => head + 'line of text\n'.repeat(20)

/** A repository whose commits are a minute apart. */
class Past extends Sandbox {
  private at = start

  static begun(): Past {
    const box = new Past()
    box.git('init', '--quiet', '--initial-branch', 'main')
    return box
  }

  override commit(...extra: readonly string[]): void {
    this.git('add', '--all')
    this.dated('commit', '--quiet', '--message', 'state', ...extra)
  }

  dated(...args: readonly string[]): void {
    const date = `${this.at} +0100`
    this.at += 60
    const options = { environment: { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: '1600000000 +0000' } }
    this.gitWith(options, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args)
  }

  put(files: Readonly<Record<string, string | Uint8Array>>): void {
    this.write(files)
    this.commit()
  }

  async history(name: string, limits = {}): Promise<FileHistory> {
    const found = (await readHistories([this.path(name)], environment, limits)).get(this.path(name))
    if (!found) throw new Error(`no history of ${name}`)
    return found
  }

  /** The history as one look at all manifests tells it, and as one at this file alone does: they must be the same. */
  async bothWays(name: string): Promise<FileHistory> {
    const alone = await this.history(name)
    const others = Array.from({ length: 20 }, (_, index) => this.path(`none-${index}.yaml`))
    const all = await readHistories([...others, this.path(name)], environment)
    assert.equal(all.get(this.path(name)), alone)
    assert.equal(all.get(this.path('none-3.yaml')), { versions: [], isCut: false })
    return alone
  }
}

const minutes = ({ versions }: FileHistory): readonly number[] => versions.map(({ time }) => (time - start) / 60)
const texts = ({ versions }: FileHistory): readonly (string | undefined)[] => versions.map(({ text }) => text)
const names = ({ versions }: FileHistory): readonly string[] => versions.map(({ path }) => path)

test('tells the commits that changed the file, newest first, by the committer', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': 'one', 'b.yaml': 'x' })
  box.put({ 'b.yaml': 'y' })
  box.put({ 'a.yaml': 'two' })
  const history = await box.bothWays('a.yaml')
  assert.equal(texts(history), ['two', 'one'])
  assert.equal(minutes(history), [2, 0])
  assert.is(history.isCut, false)
  assert.is(history.versions[0]?.commit, box.git('rev-parse', 'HEAD').trim())
  assert.is(history.failure, undefined)
})

test('counts a merged branch once, when it was merged', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': '1' })
  box.git('switch', '--quiet', '--create', 'side')
  box.put({ 'a.yaml': '2' })
  box.put({ 'a.yaml': '3' })
  box.git('switch', '--quiet', 'main')
  box.put({ other: 'x' })
  box.dated('merge', '--quiet', '--no-ff', '--no-edit', 'side')
  // What would hide merges and first commits, and add noise.
  for (const [key, value] of [
    ['log.diffMerges', 'off'],
    ['log.showRoot', 'false'],
    ['log.showSignature', 'true'],
    ['color.ui', 'always'],
    ['log.decorate', 'full'],
  ] as const)
    box.git('config', key, value)
  const history = await box.bothWays('a.yaml')
  assert.equal(texts(history), ['3', '1'])
  assert.equal(minutes(history), [4, 0])
})

test('follows renames, also several of them, with changes on the way', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': long('1\n') })
  box.put({ 'a.yaml': long('2\n') })
  box.git('mv', 'a.yaml', 'b.yaml')
  box.put({ 'b.yaml': long('3\n') })
  box.put({ 'a.yaml': 'another file by the old name' })
  box.write({ 'deep/c.json': long('4\n') })
  box.git('rm', '--quiet', 'b.yaml')
  box.commit()
  const history = await box.bothWays('deep/c.json')
  assert.equal(names(history), ['deep/c.json', 'b.yaml', 'a.yaml', 'a.yaml'])
  assert.equal(
    texts(history),
    ['4', '3', '2', '1'].map((head) => long(`${head}\n`)),
  )
  assert.is(history.isCut, false)
  assert.equal(names(await box.bothWays('a.yaml')), ['a.yaml', 'a.yaml', 'a.yaml', 'a.yaml'])
  assert.equal(
    (await box.bothWays('a.yaml')).versions.map(({ isRemoved = false }) => isRemoved),
    [false, true, false, false],
  )
})

test('follows files that trade their names', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': 'apples\n'.repeat(20), 'b.yaml': 'pears\n'.repeat(20) })
  for (const [from, to] of [
    ['a.yaml', 'c.yaml'],
    ['b.yaml', 'a.yaml'],
    ['c.yaml', 'b.yaml'],
  ] as const) {
    box.git('mv', from, to)
    box.commit()
  }
  assert.equal(names(await box.bothWays('a.yaml')), ['a.yaml', 'b.yaml'])
  assert.equal(names(await box.bothWays('b.yaml')), ['b.yaml', 'c.yaml', 'a.yaml'])
})

type Deed = { readonly what: 'put' | 'move' | 'remove'; readonly from: number; readonly to: number }

/** The same in one go: commits that write, move and remove a handful of files, one deed each or two. */
function imported(box: Past, commits: readonly (readonly Deed[])[]): void {
  const here = new Map<number, string>()
  const stream = commits.flatMap((deeds, at) => {
    const done = deeds.flatMap(({ what, from, to }) => {
      const text = here.get(from)
      if (what === 'put' || text === undefined) {
        const own = `${long(`file ${from}\n`.repeat(9))}${at}\n`
        here.set(from, own)
        return [`M 100644 inline f${from}.yaml`, `data ${own.length}`, own]
      }
      here.delete(from)
      if (what === 'remove' || from === to) return [`D f${from}.yaml`]
      here.set(to, text)
      return [`R f${from}.yaml f${to}.yaml`]
    })
    return ['commit refs/heads/main', `committer a <a@example.com> ${start + at * 60} +0000`, 'data 0', ...done]
  })
  box.gitWith({ stdin: `${stream.join('\n')}\n` }, 'fast-import', '--quiet')
}

test('a file, and a handful of them, have the same past as all of them, however they appeared', async () => {
  const deed = fc.record({
    what: fc.constantFrom('put' as const, 'put' as const, 'move' as const, 'move' as const, 'remove' as const),
    from: fc.nat(5),
    to: fc.nat(5),
  })
  const commits = fc.array(fc.array(deed, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 24 })
  let moved = 0
  await fc.assert(
    fc.asyncProperty(commits, fc.integer({ min: 1, max: 30 }), fc.boolean(), async (deeds, versions, isRange) => {
      const box = Past.begun()
      imported(box, deeds)
      const own = Array.from({ length: 6 }, (_, index) => box.path(`f${index}.yaml`))
      const others = Array.from({ length: 20 }, (_, index) => box.path(`none-${index}.yaml`))
      const from = isRange && deeds.length > 3 ? 'main~3..main' : 'main'
      const few = await readHistories(own, environment, { versions, start: from })
      const all = await readHistories([...own, ...others], environment, { versions, start: from })
      for (const file of own) {
        assert.equal(few.get(file), all.get(file))
        const alone = await readHistories([file], environment, { versions, start: from })
        assert.equal(alone.get(file), all.get(file))
        if (new Set(names(few.get(file) ?? { versions: [], isCut: false })).size > 1) moved++
      }
      box.remove()
    }),
    { numRuns: Number(process.env['RUNS'] ?? 25) },
  )
  assert.ok(moved > 0, 'no file was renamed')
})

test('a log that was begun ahead tells the same, whenever it is read', async () => {
  const box = Past.begun()
  const files = Array.from({ length: 30 }, (_, index) => box.path(`f${index}.yaml`))
  // What its names take is more than is held, so that Git has to wait.
  const folder = `${'long'.repeat(50)}/`.repeat(10)
  const large = Array.from({ length: 3000 }, (_, at) => `M 100644 inline ${folder}${at}.yaml\ndata 1\nx`)
  const head = ['commit refs/heads/main', `committer a <a@example.com> ${start} +0000`, 'data 0']
  box.gitWith({ stdin: `${[...head, ...large].join('\n')}\n` }, 'fast-import', '--quiet')
  box.put(Object.fromEntries(files.map((file) => [file.slice(box.root.length + 1), file])))
  box.put({ 'f3.yaml': 'x' })
  const usual = await readHistories(files, environment)
  assert.equal(usual.get(files[3] ?? '')?.versions.length, 2)
  for (const wait of [0, 500]) {
    const ahead = new LogAhead(environment)
    ahead.meet(box.root, files.slice(0, 20))
    assert.is(ahead.log, undefined, 'few files are asked for by their names')
    ahead.meet(box.root, files)
    const { log } = ahead
    assert.ok(log)
    await new Promise((resolve) => setTimeout(resolve, wait))
    assert.equal(await readHistories(files, environment, { log }), usual)
    ahead.drop()
    assert.equal(await readHistories(files, environment, { log }), usual, 'it is read once')
  }
})

test('a log that was begun for other commits, or dropped, counts for nothing', async () => {
  const box = Past.begun()
  const files = Array.from({ length: 30 }, (_, index) => box.path(`f${index}.yaml`))
  for (const text of ['1', '2', '3'])
    box.put(Object.fromEntries(files.map((file) => [file.slice(box.root.length + 1), text])))
  const usual = await readHistories(files, environment)
  const older = new LogAhead(environment)
  older.meet(box.root, files, 'HEAD~1')
  const dropped = new LogAhead(environment)
  dropped.meet(box.root, files)
  dropped.drop()
  const all = new LogAhead(environment)
  all.meet(box.root, files)
  const [first = ''] = files
  const few = await readHistories([first], environment, { log: all.log })
  assert.equal(few.get(first), usual.get(first))
  for (const { log } of [older, dropped]) assert.equal(await readHistories(files, environment, { log }), usual)
  for (const ahead of [older, dropped, all]) ahead.drop()
})

test('says where a file was removed, and goes on before that', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': 'one', 'b.yaml': 'x' })
  unlinkSync(box.path('a.yaml'))
  box.commit()
  box.put({ 'a.yaml': 'two' })
  const history = await box.bothWays('a.yaml')
  assert.equal(texts(history), ['two', undefined, 'one'])
  assert.equal(
    history.versions.map(({ isRemoved }) => isRemoved),
    [undefined, true, undefined],
  )
  assert.is(history.isCut, false)
})

test('tells what is no text from what is gone', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': new Uint8Array([0x61, 0xff, 0x62]) })
  box.git('-c', 'core.symlinks=true', 'config', 'core.fileMode', 'true')
  box.put({ 'a.yaml': 'text' })
  box.git('update-index', '--chmod=+x', 'a.yaml')
  box.dated('commit', '--quiet', '--message', 'mode')
  const history = await box.history('a.yaml')
  assert.equal(texts(history), ['text', 'text', undefined])
  assert.is(history.versions[2]?.isRemoved, undefined)
})

test('knows nothing of files that Git does not know', async () => {
  const box = Past.begun()
  box.write({ 'a.yaml': 'x' })
  assert.equal(await box.history('a.yaml'), { versions: [], isCut: false }, 'no commit yet')
  box.write({ 'b.yaml': 'x' })
  box.git('add', 'b.yaml')
  box.dated('commit', '--quiet', '--message', 'b')
  assert.equal(await box.bothWays('a.yaml'), { versions: [], isCut: false }, 'not tracked')
  const outside = new Sandbox()
  outside.write({ 'a.yaml': 'x' })
  const file = outside.path('a.yaml')
  assert.equal(
    [...(await readHistories([file], environment))],
    [[file, { versions: [], isCut: false, absence: 'it is in no Git repository' }]],
  )
})

test('a shallow clone cuts the past of what was there before', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': '1', 'b.yaml': 'x' })
  box.put({ 'a.yaml': '2' })
  box.put({ 'a.yaml': '3', 'c.yaml': 'new' })
  box.git('clone', '--quiet', '--depth', '2', `file://${box.root}`, 'clone')
  const history = await box.history('clone/a.yaml')
  assert.equal(texts(history), ['3', '2'])
  assert.is(history.isCut, true)
  assert.equal(minutes(history), [2, 1])
  assert.is((await box.history('clone/b.yaml')).isCut, true)
  assert.is((await box.history('clone/c.yaml')).isCut, false)
  assert.equal(names(await box.history('clone/c.yaml')), ['c.yaml'])
})

const odd = [
  'with space/a file.yaml',
  'it\'s/"quoted".yaml',
  'new\nline.yaml',
  'ünïcode/日本語🚀.yaml',
  '[brackets]*?.yaml',
  ':(top)x.yaml',
  '-dash.yaml',
  'noextension',
]

test('takes any name', async () => {
  const box = Past.begun()
  for (const text of ['1', '2'])
    box.put(Object.fromEntries([...odd, 'b-brackets-x.yaml'].map((name) => [name, `${text} ${name}`])))
  for (const name of odd) {
    const history = await box.bothWays(name)
    assert.equal(texts(history), [`2 ${name}`, `1 ${name}`])
    assert.equal(names(history), [name, name])
  }
})

test('each file belongs to the repository that it stands in', async () => {
  const box = Past.begun()
  const inner = Past.begun()
  inner.put({ 'a.yaml': 'inner 1' })
  box.put({ 'a.yaml': 'outer' })
  box.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${inner.root}`, 'deep/module')
  box.commit()
  box.git('worktree', 'add', '--quiet', '--detach', 'tree', 'HEAD~1')
  const files = ['a.yaml', 'deep/module/a.yaml', 'tree/a.yaml'].map((name) => box.path(name))
  const histories = await readHistories(files, environment)
  assert.equal(
    files.map((file) => texts(histories.get(file) ?? { versions: [], isCut: false })),
    [['outer'], ['inner 1'], ['outer']],
  )
})

test('reads no more than it is told to', async () => {
  const box = Past.begun()
  for (const text of ['1', '22', '333']) box.put({ 'a.yaml': text, 'b.yaml': 'same' })
  const few = await box.history('a.yaml', { versions: 2 })
  assert.equal(texts(few), ['333', '22'])
  assert.is(few.isCut, true)
  assert.is((await box.history('a.yaml', { versions: 3 })).isCut, false)
  const small = await box.history('a.yaml', { bytes: 5 })
  assert.equal(texts(small), ['333', '22'])
  assert.is(small.isCut, true)
  assert.is(small.failure, undefined)
})

test('reads large versions whole', async () => {
  const box = Past.begun()
  const large = Array.from({ length: 60_000 }, (_, index) => `# line ${index} of a large file`).join('\n')
  box.put({ 'a.yaml': large })
  box.put({ 'a.yaml': service(), 'b.yaml': `${large}\n# end` })
  assert.equal(texts(await box.history('a.yaml')), [service(), large])
  assert.equal(texts(await box.history('b.yaml')), [`${large}\n# end`])
})

test('says why Git cannot tell', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': '1' })
  box.put({ 'a.yaml': '2' })
  const blob = box.git('rev-parse', 'HEAD~1:a.yaml').trim()
  unlinkSync(box.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`))
  const holed = await box.history('a.yaml')
  assert.equal(texts(holed), ['2'])
  assert.is(holed.isCut, true)

  const missing = { ...environment, PATH: box.root }
  const file = box.path('a.yaml')
  const without = (await readHistories([file], missing)).get(file)
  assert.equal(without, { versions: [], isCut: true, failure: 'git is not on the PATH' })

  const tree = box.git('rev-parse', 'HEAD^{tree}').trim()
  writeFileSync(box.path('other.yaml'), 'x')
  unlinkSync(box.path(`.git/objects/${tree.slice(0, 2)}/${tree.slice(2)}`))
  const broken = await box.history('a.yaml')
  assert.is(broken.isCut, true)
  assert.match(broken.failure ?? '', /^[^\n]*unable to read tree[^\n]*$/)

  rmSync(box.path('.git/HEAD'))
  const headless = await box.history('a.yaml')
  assert.match(headless.failure ?? '', /^not a git repository/)
})

test('never looks into a repository above a broken one', async () => {
  const box = Past.begun()
  box.put({ 'deep/a.yaml': '1' })
  box.write({ 'deep/.git/note': '' })
  assert.match((await box.history('deep/a.yaml')).failure ?? '', /^not a git repository/)
})

test('says that a repository is not trusted', async () => {
  if (!isRoot) return
  const box = Past.begun()
  box.put({ 'a.yaml': '1' })
  box.giveAway()
  assert.is(
    (await box.history('a.yaml')).failure,
    `Git does not read a repository of another user; run \`git config --global --add safe.directory ${box.root}\``,
  )
})

test('fetches nothing that a partial clone lacks', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': '1' })
  box.put({ 'a.yaml': '2' })
  box.git('config', 'uploadpack.allowFilter', 'true')
  box.git('clone', '--quiet', '--filter', 'blob:none', `file://${box.root}`, 'clone')
  const history = await box.history('clone/a.yaml')
  assert.equal(texts(history), ['2'])
  assert.is(history.isCut, true)
  assert.match(history.failure ?? '', /^this clone lacks the content of a\.yaml in [0-9a-f]{7}; fetch it \(/)
})

test('what Git stores has plain line ends, whatever the working tree has', async () => {
  const box = Past.begun()
  box.git('config', 'core.autocrlf', 'true')
  box.put({ 'a.yaml': 'a: 1\r\nb: 2\r\n' })
  assert.equal(texts(await box.history('a.yaml')), ['a: 1\nb: 2\n'])
})

const pinned = (name: string, revision: string): string =>
  service(`  traffic:\n    - revisionName: ${name}-${revision}\n      percent: 100\n`, {
    name,
    revision: `${name}-v2`,
  })

test('tells of each Service of a file since when its traffic is as it is, through a clone with other line ends', async () => {
  const box = Past.begun()
  box.put({ 'a.yaml': `${pinned('shop', 'v1')}---\n${pinned('cart', 'v1')}` })
  box.git('switch', '--quiet', '--create', 'side')
  box.put({ 'a.yaml': `${pinned('shop', 'v2')}---\n${pinned('cart', 'v1')}` })
  box.git('switch', '--quiet', 'main')
  box.dated('merge', '--quiet', '--no-ff', '--no-edit', 'side')
  box.git('mv', 'a.yaml', 'b.yaml')
  box.put({ 'b.yaml': `# moved\n${box.read('b.yaml')}` })
  box.git('clone', '--quiet', '--config', 'core.autocrlf=true', `file://${box.root}`, 'clone')
  const text = box.read('clone/b.yaml')
  assert.match(text, /\r\n/)
  const history = await box.history('clone/b.yaml')
  const { manifests } = findManifests({ path: 'b.yaml', text })
  const since = manifests.map((manifest) => trafficSince(pastOf(manifest, history)))
  assert.equal(
    since.map((found) => ((found?.time ?? 0) - start) / 60),
    [2, 0],
  )
  assert.is(since[0]?.commit, box.git('rev-parse', 'HEAD~1').trim())
})

test.run()
