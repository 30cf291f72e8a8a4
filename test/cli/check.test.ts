// `check` through the real program in real repositories: a commit for each mistake, and one for its harmless twin.
import { readdirSync, readFileSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran, type RunOptions } from './sandbox.js'

const test = suite('check')
const start = 1_700_000_000
const schema = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object
const isReport = new Ajv2020({ strictRequired: false }).compile(schema)

type Found = { readonly file: string; readonly line: number; readonly code: string; readonly severity: string }

/** A repository whose commits are an hour apart. */
class Repository extends Sandbox {
  private at = start

  static begun(files: Readonly<Record<string, string>> = {}): Repository {
    const box = new Repository()
    box.git('init', '--quiet', '--initial-branch', 'main')
    box.put({ 'README.md': 'x', ...files })
    return box
  }

  override commit(): void {
    this.git('add', '--all')
    this.dated('commit', '--quiet', '--allow-empty', '--message', 'state')
  }

  dated(...args: readonly string[]): void {
    const date = `${this.at} +0000`
    this.at += 3600
    const options = { environment: { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date } }
    this.gitWith(options, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args)
  }

  put(files: Readonly<Record<string, string>>): void {
    this.write(files)
    this.commit()
  }

  head(): string {
    return this.git('rev-parse', 'HEAD').trim()
  }

  check(args: readonly string[], options: RunOptions = {}): Ran {
    return this.run(['check', ...args], options)
  }

  /** What is found, as `file:line code`; nothing else may be wrong with the run. */
  found(args: readonly string[], options: RunOptions = {}): readonly string[] {
    const { stdout, stderr } = this.check([...args, '--format', 'json'], options)
    assert.is(stderr, '')
    const report = JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }
    assert.ok(isReport(report), JSON.stringify(isReport.errors))
    return report.diagnostics.map(({ file, line, code }) => `${file}:${line} ${code}`)
  }
}

/** Some commits of one file: what came before, then a mistake that a comment marks, and a harmless twin of it. */
type Case = { readonly past: readonly string[]; readonly bad: string; readonly good: string }

const guards = new URL('../../fixtures/guards/', import.meta.url)
const shown: readonly Case[] = readdirSync(guards)
  // It stands beside the finding that its comment is about.
  .filter((name) => name !== 'KN524.yaml')
  .toSorted()
  .map((name) => {
    const documents = readFileSync(new URL(name, guards), 'utf8').split('---\n')
    return { past: documents.slice(0, -2), bad: documents.at(-2) ?? '', good: documents.at(-1) ?? '' }
  })

/** `v1=100 v2=0:tag` as a manifest: the template's own name (or ''), its image, its targets. */
function at(revision: string, image: string, ...targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, to = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    const where = to === '@latest' ? 'latestRevision: true' : `revisionName: shop-${to}`
    return `    - ${where}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
  })
  const traffic = lines.length === 0 ? '' : `  traffic:\n${lines.join('')}`
  const name = revision === '' ? '' : `shop-${revision}`
  return service(traffic, { revision: name, name: 'shop' }).replace('shop:1.0', `shop:${image}`)
}

/** The text with a mark at the end of the one line that holds `part`. */
function marked(text: string, part: string, code: string): string {
  assert.is(text.split(part).length, 2, `${part} must stand once in\n${text}`)
  return text.replace(new RegExp(`^(.*${part}.*)$`, 'm'), `$1 # ${code}`)
}

const [pinned, previewed] = [at('v1', '1.0', 'v1=100'), at('v2', '2.0', 'v1=100', 'v2=0:next')]
const trap = pinned.replace(/ {10}readinessProbe:\n(?: {12,}.*\n)+/, '')
const noted = (text: string, who: string): string =>
  text.replace('spec:\n', `  annotations:\n    serving.knative.dev/lastModifier: ${who}\nspec:\n`)
const cases: readonly Case[] = [
  ...shown,
  // Unspelled defaults: every apply that keeps the name is refused.
  {
    past: [trap],
    bad: marked(trap, 'name: shop-v1', 'KN501'),
    good: trap.replaceAll('name: shop-v1', 'name: shop-v3').replace('shop:1.0', 'shop:3.0'),
  },
  {
    past: [noted(pinned, 'alice')],
    bad: marked(noted(pinned, 'bob'), 'lastModifier', 'KN502'),
    good: noted(at('v2', '2.0', 'v1=100'), 'bob'),
  },
  // A revision that a template was to build, and that nobody has seen.
  {
    past: [pinned, at('v2', '2.0', 'v1=100')],
    bad: marked(at('v2', '2.0', 'v1=90', 'v2=10:next'), 'percent: 10', 'KN515'),
    good: previewed,
  },
  // From a tenth to all.
  {
    past: [pinned, previewed, at('v2', '2.0', 'v1=90', 'v2=10:next')],
    bad: marked(at('v2', '2.0', 'v1=0', 'v2=100:next'), 'percent: 100', 'KN515'),
    good: at('v2', '2.0', 'v1=50', 'v2=50:next'),
  },
  // The latest revision has a share, and the template changes.
  {
    past: [at('', '1.0', '00001=60', '@latest=40')],
    bad: marked(at('', '2.0', '00001=60', '@latest=40'), 'percent: 40', 'KN514'),
    good: at('', '2.0', '00001=100', '@latest=0'),
  },
  // A third revision that leaves while it serves; whoever goes back may drop the candidate.
  {
    past: [pinned, previewed, at('v2', '2.0', 'v1=60', 'v0=20', 'v2=20:next')],
    bad: marked(at('v2', '2.0', 'v1=80', 'v2=20:next'), 'traffic:', 'KN512'),
    good: at('v2', '2.0', 'v1=100'),
  },
  // What `validate` finds.
  { past: [pinned], bad: marked(at('v1', '1.0', 'v1=90'), 'traffic:', 'KN301'), good: `# calm\n${pinned}` },
  { past: [pinned], bad: marked(at('v1', '1.0', 'v1=100:T'), 'tag: T', 'KN303'), good: at('v1', '1.0', 'v1=100:t') },
]

const fileOf = (index: number): string => `apps/case-${index}.yaml`
const own = (text: string, index: number): string => text.replaceAll('shop', `app${index}`)

/** Where the marks of a text stand. */
function expected(text: string, index: number): readonly string[] {
  return text.split('\n').flatMap((line, row) => {
    const code = / # (KN\d{3})$/.exec(line)?.[1]
    return code === undefined ? [] : [`${fileOf(index)}:${row + 1} ${code}`]
  })
}

/** A repository in which each case has come as far as its last commit before the change. */
function prepared(): Repository {
  const box = Repository.begun()
  const longest = Math.max(...cases.map(({ past }) => past.length))
  for (let age = longest; age > 0; age--) {
    const states = cases.flatMap(({ past }, index) => {
      const text = past.at(-age)
      return text === undefined ? [] : [[fileOf(index), own(text, index)] as const]
    })
    box.put(Object.fromEntries(states))
  }
  return box
}

test('every mistake is found in its commit, at its line, and nothing else', () => {
  assert.ok(cases.length >= 15)
  const box = prepared()
  const base = box.head()
  const all: string[] = []
  for (const [index, { bad }] of cases.entries()) {
    const text = own(bad, index)
    box.put({ [fileOf(index)]: text })
    const marks = expected(text, index)
    assert.is(marks.length, 1, text)
    assert.equal(box.found(['--since', 'HEAD~1', '--head', 'HEAD']), marks, text)
    all.push(...marks)
  }
  assert.equal([...box.found(['--since', base])].toSorted(), all.toSorted(), 'in the working tree, all at once')
})

test('no harmless twin is complained about', () => {
  const box = prepared()
  const base = box.head()
  for (const [index, { good }] of cases.entries()) {
    box.put({ [fileOf(index)]: own(good, index) })
    const ran = box.check(['--since', 'HEAD~1', '--head', 'HEAD', '--format', 'json'])
    const { diagnostics } = JSON.parse(ran.stdout) as { readonly diagnostics: readonly Found[] }
    // What only the cluster sets is a warning as long as it stays in the file.
    const heard = diagnostics.filter(
      ({ code, severity }) => severity !== 'note' && code !== 'KN354' && code !== 'KN326',
    )
    assert.equal(heard, [], own(good, index))
  }
  const { status } = box.check(['--since', base, '--head', 'HEAD'])
  assert.is(status, 0)
})

test('says how many Services were judged, of how many files, between which commits', () => {
  const box = Repository.begun({ 'a.yaml': pinned, 'b.yaml': own(pinned, 1) })
  const base = box.head().slice(0, 7)
  assert.is(
    box.check(['--since', 'HEAD']).stderr,
    `nothing checked: no Knative Service differs between ${base} and the working tree\n`,
  )
  box.put({ 'a.yaml': at('v1', '2.0', 'v1=100') })
  const ran = box.check(['--since', 'HEAD~1', '--head', 'HEAD'])
  assert.is(ran.status, 1)
  assert.match(ran.stderr, `${base}..${box.head().slice(0, 7)}: 1 Knative Service in 1 file: 1 error, 0 warnings\n`)
  assert.match(
    ran.stdout,
    /^a\.yaml:9:13: error: `spec\.template\.metadata\.name` stays `shop-v1`, but the template changes: `spec\.containers\[0\]\.image` differs \[KN501/,
  )
})

test('the JSON names both sides by what was typed and by full hashes', () => {
  const box = Repository.begun({ 'a.yaml': pinned })
  box.git('switch', '--quiet', '--create', 'side')
  box.put({ 'a.yaml': previewed })
  const comparedBy = (...args: readonly string[]): unknown =>
    (JSON.parse(box.check([...args, '--format', 'json']).stdout) as { readonly compared: unknown }).compared
  const [base, head] = ['main', 'HEAD'].map((name) => box.git('rev-parse', name).trim())
  box.git('switch', '--quiet', 'main')
  box.put({ 'b.yaml': own(pinned, 1) })
  box.git('switch', '--quiet', 'side')
  const since = { ref: 'main', commit: base }
  assert.equal(comparedBy('--since', 'main'), { base: since, head: { workingTree: true } })
  assert.equal(comparedBy('--since', 'main', '--head', 'side'), { base: since, head: { ref: 'side', commit: head } })
})

test('compares with the merge base, not with the tip of the other branch', () => {
  const box = Repository.begun({ 'a.yaml': pinned, 'b.yaml': own(pinned, 1) })
  box.git('switch', '--quiet', '--create', 'side')
  box.put({ 'a.yaml': previewed })
  box.git('switch', '--quiet', 'main')
  box.put({ 'b.yaml': own(at('v1', '2.0', 'v1=100'), 1) })
  box.git('switch', '--quiet', 'side')
  assert.equal(box.found(['--since', 'main']), [])
  assert.equal(box.found(['--since', 'side', '--head', 'main']), ['b.yaml:9 KN501'])
  box.dated('merge', '--quiet', '--no-edit', 'main')
  assert.equal(box.found(['--since', 'main']), [], 'what came by the merge is not of this branch')
  assert.equal(box.found(['--since', 'HEAD~1']), ['b.yaml:9 KN501'], 'but of the merge')
})

test('a Service is the same one in another file, and another one under another name', () => {
  const box = Repository.begun({ 'a.yaml': pinned, 'many.yaml': `${own(pinned, 1)}---\n${own(pinned, 2)}` })
  box.git('mv', 'a.yaml', 'moved.yaml')
  box.write({
    'moved.yaml': at('v1', '2.0', 'v1=100'),
    'many.yaml': own(pinned, 1),
    'own.yaml': own(at('v1', '2.0', 'v1=100'), 2),
  })
  const both = ['moved.yaml:9 KN501', 'own.yaml:9 KN501']
  assert.equal(box.found(['--since', 'HEAD']), both)
  assert.equal(box.found(['--since', 'HEAD', 'own.yaml']), [both[1]], 'what has left a file that is not named is known')
  box.commit()
  assert.equal(box.found(['--since', 'HEAD~1', '--head', 'HEAD']), both)
  box.write({ 'own.yaml': own(at('v1', '3.0', 'v1=100'), 9) })
  assert.equal(box.found(['--since', 'HEAD']), ['own.yaml:1 KN519'])
  box.write({ 'copy.yaml': at('v1', '3.0', 'v1=100') })
  assert.equal(box.found(['--since', 'HEAD']), ['own.yaml:1 KN519'], 'a copy: the other one is still there')
})

test('judges untracked files, and takes a Service in one for the one of a deleted file', () => {
  const box = Repository.begun({ 'a.yaml': pinned, '.gitignore': 'build/\n' })
  box.write({ 'new.yaml': at('v1', '1.0', 'v1=90'), 'build/ignored.yaml': at('v1', '1.0', 'v1=90') })
  unlinkSync(box.path('a.yaml'))
  assert.equal(box.found(['--since', 'HEAD']), ['new.yaml:18 KN301'])
  assert.equal(box.found(['--since', 'HEAD', '--head', 'HEAD']), [])
})

test('a Service that leaves the files is said to, wherever it stood', () => {
  const box = Repository.begun({
    'apps/a.yaml': own(pinned, 1),
    'apps/two.yaml': `${own(pinned, 2)}---\n${own(pinned, 3)}`,
    'apps/patch.yaml': own(pinned, 4),
    'apps/kustomization.yaml': 'resources: [a.yaml]\npatches:\n  - path: patch.yaml\n',
    'other/c.yaml': own(pinned, 5),
  })
  for (const file of ['apps/a.yaml', 'apps/patch.yaml', 'other/c.yaml']) unlinkSync(box.path(file))
  box.write({ 'apps/two.yaml': own(pinned, 2), 'apps/kustomization.yaml': 'resources: [two.yaml]\n' })
  const all = ['apps/a.yaml:1 KN519', 'apps/two.yaml:1 KN519', 'other/c.yaml:1 KN519']
  assert.equal(box.found(['--since', 'HEAD']), all)
  assert.equal(box.found(['--since', 'HEAD', 'apps']), all.slice(0, 2), 'a path is what is asked for')
  const { stdout } = box.check(['--since', 'HEAD', 'apps'])
  assert.equal(box.found(['--since', 'HEAD', '--service', '*2']), [], 'another one is asked for')
  assert.match(
    stdout,
    /restore it, unless nothing uses it any more; to keep it in the cluster, stop the controller from managing it first/,
  )
  box.commit()
  assert.equal(box.found(['--since', 'HEAD~1', '--head', 'HEAD']), all)
  const markdown = box.check(['--since', 'HEAD~1', '--head', 'HEAD', '--format', 'markdown'])
  assert.match(markdown.stdout, '| warning | `other/c.yaml:1:1` | ')
})

test('a Service that moves has not left; one that changes its name has, and what cannot be read may be there', () => {
  const box = Repository.begun({
    'a/a.yaml': own(pinned, 1),
    'b.yaml': own(pinned, 2),
    'c.yaml': own(pinned, 3),
    'd.yaml': own(pinned, 4),
  })
  box.git('mv', 'a/a.yaml', 'z.yaml')
  box.write({
    'b.yaml': own(pinned, 7),
    'c.yaml': `${own(pinned, 3)}\t- [`,
    'd.yaml': own(pinned, 4).replace('image: ', 'image: {{ .Values.image }} #'),
  })
  const left = (...args: readonly string[]): readonly string[] =>
    box.found(['--since', 'HEAD', ...args]).filter((one) => one.endsWith('KN519'))
  assert.equal(left(), ['b.yaml:1 KN519'])
  box.write({ 'a/x.yaml': 'a: b\n' })
  assert.equal(left('a'), [], 'moved to a file that is not named')
  assert.equal(left('b.yaml'), ['b.yaml:1 KN519'])
})

test('a path is judged as a whole, changed or not', () => {
  const box = Repository.begun({ 'apps/a.yaml': trap, 'apps/b.yaml': own(pinned, 1), 'other/c.yaml': own(trap, 2) })
  box.write({ 'other/c.yaml': `# touched\n${own(trap, 2)}` })
  assert.equal(box.found(['--since', 'HEAD', 'apps']), ['apps/a.yaml:9 KN501'])
  assert.equal(box.found(['--since', 'HEAD']), ['other/c.yaml:10 KN501'])
  assert.equal(box.found(['--since', 'HEAD', '--head', 'HEAD', 'apps/*.yaml']), ['apps/a.yaml:9 KN501'])
  assert.equal(box.found(['--since', 'HEAD', '--head', 'HEAD']), [])
  const missing = box.check(['--since', 'HEAD', '--head', 'HEAD', 'gone'])
  assert.is(missing.status, 2)
  assert.match(missing.stdout, /^error: `gone` is neither a path nor a Service: .*\[KN426 unknown-argument\]$/m)
  const below = box.check(['--since', 'HEAD', '--head', 'HEAD', 'apps/a.yaml/x'])
  assert.is(below.status, 2)
  assert.is(below.stderr, 'kn-rollout: apps/a.yaml/x: no such file or directory in the commit\n')
})

test('from a folder, what is in it is judged, and named from there', () => {
  const box = Repository.begun({ 'apps/a.yaml': pinned, 'other/b.yaml': own(pinned, 1) })
  box.put({ 'apps/a.yaml': at('v1', '2.0', 'v1=100'), 'other/b.yaml': own(at('v1', '2.0', 'v1=100'), 1) })
  for (const head of [[], ['--head', 'HEAD']]) {
    assert.equal(box.found(['--since', 'HEAD~1', ...head], { folder: 'apps' }), ['a.yaml:9 KN501'])
    assert.equal(box.found(['--since', 'HEAD~1', ...head, '../other'], { folder: 'apps' }), ['../other/b.yaml:9 KN501'])
  }
})

test('a link stands for the file that it leads to', () => {
  const box = Repository.begun({ 'z/real.yaml': pinned })
  symlinkSync('z/real.yaml', box.path('a-link.yaml'))
  box.commit()
  box.write({ 'z/real.yaml': at('v1', '2.0', 'v1=100') })
  assert.equal(
    box.found(['--since', 'HEAD']).map((one) => one.split(' ')[1]),
    ['KN501'],
  )
  box.commit()
  assert.equal(box.found(['--since', 'HEAD~1', '--head', 'HEAD']), ['z/real.yaml:9 KN501'])
})

test('a file of any name is judged when it is named', () => {
  const box = Repository.begun({ 'manifest.txt': pinned })
  box.write({ 'manifest.txt': at('v1', '2.0', 'v1=100') })
  assert.equal(box.found(['--since', 'HEAD', 'manifest.txt']), ['manifest.txt:9 KN501'])
  box.commit()
  assert.equal(box.found(['--since', 'HEAD~1', '--head', 'HEAD', 'manifest.txt']), ['manifest.txt:9 KN501'])
})

test('a commit is read with its kustomizations, whatever the working tree has', () => {
  const patch = previewed.replace(/ {2}template:\n(?: {4,}.*\n)+/, '')
  const box = Repository.begun({
    'over/patch.yaml': patch,
    'over/kustomization.yaml': 'resources:\n  - https://example.com/base\npatches:\n  - path: patch.yaml\n',
  })
  box.put({ 'over/patch.yaml': patch.replace('percent: 100', 'percent: 50').replace('percent: 0', 'percent: 50') })
  unlinkSync(box.path('over/kustomization.yaml'))
  unlinkSync(box.path('over/patch.yaml'))
  const ran = box.check(['--since', 'HEAD~1', '--head', 'HEAD'])
  assert.is(ran.status, 0, ran.stdout)
  assert.match(
    ran.stderr,
    /[0-9a-f]{7}\.\.[0-9a-f]{7}: 1 Knative Service in 1 file \(1 as a patch\): 0 errors, 0 warnings/,
  )
})

const plan =
  'plan: slow\nplans:\n  slow:\n    - stage: preview\n    - stage: tenth\n      percent: 10\n      soak: 2h\n    - stage: promote\n'

test('a soak is counted from the commit of the stage, by the clock that is given', () => {
  const tenth = at('v2', '2.0', 'v1=90', 'v2=10:next')
  const box = Repository.begun({ '.kn-rollout.yaml': plan, 'a.yaml': previewed })
  box.put({ 'a.yaml': tenth })
  box.write({ 'a.yaml': at('v2', '2.0', 'v1=0', 'v2=100:next') })
  const after = (hours: number): readonly string[] =>
    box.found(['--since', 'HEAD'], { environment: { KN_ROLLOUT_NOW: String(start + 3600 + hours * 3600) } })
  assert.equal(after(1), ['a.yaml:22 KN516'])
  assert.equal(after(2), [])
  assert.equal(box.found(['--since', 'HEAD']), [], 'long ago by the real clock')
  assert.is(box.check(['--since', 'HEAD'], { environment: { KN_ROLLOUT_NOW: 'now' } }).status, 2)
})

test('a shallow clone says what it cannot tell', () => {
  const box = Repository.begun({ 'a.yaml': pinned })
  box.put({ 'a.yaml': previewed })
  box.put({ 'a.yaml': at('v2', '2.0', 'v1=50', 'v2=50:next') })
  box.git('clone', '--quiet', '--depth', '1', `file://${box.root}`, 'one')
  const one = box.check(['--since', 'HEAD~1'], { folder: 'one' })
  assert.is(one.status, 2)
  assert.match(
    one.stderr,
    /not checked: `--since` is `HEAD~1`, which Git does not know here; fetch more history \(`git fetch --unshallow`, `fetch-depth: 0` in GitHub Actions\)/,
  )
  box.git('clone', '--quiet', '--depth', '2', `file://${box.root}`, 'two')
  box.write({ 'two/a.yaml': at('v3', '3.0', 'v1=50', 'v2=50:next') })
  const two = box.check(['--since', 'HEAD'], { folder: 'two' })
  assert.is(two.status, 0)
  assert.is(two.stdout.match(/\[KN521 history-not-checked\]/g)?.length, 1)
  assert.match(two.stdout, /not checked: KN510 for `shop\/shop` \(its Git history here is incomplete\)/)
})

test('without anything to compare with, nothing is passed over in silence', () => {
  const plain = new Sandbox()
  const none = plain.run(['check', '--since', 'main'])
  assert.is(none.status, 2)
  assert.is(none.stderr, 'kn-rollout: `check` needs a Git repository\n')
  const box = Repository.begun({ 'a.yaml': pinned })
  for (const ref of ['nowhere', '--all', 'main..main', '^main', 'HEAD:a.yaml']) {
    const ran = box.check([`--since=${ref}`])
    assert.is(ran.status, 2, ref)
    assert.ok(
      ran.stderr.startsWith(`kn-rollout: not checked: \`--since\` is \`${ref}\`, which Git does not know here; `),
      ran.stderr,
    )
  }
  box.git('switch', '--quiet', '--orphan', 'other')
  box.put({ 'a.yaml': pinned })
  const apart = box.check(['--since', 'main'])
  assert.is(apart.status, 2)
  assert.is(
    apart.stderr,
    'kn-rollout: not checked: `main` and the head need a common commit (they have no history in common)\n',
  )
  for (const args of [[], ['--since', 'main', '--since', 'main'], ['--since', 'main', '-']])
    assert.is(box.check(args).status, 2)
})

test('a Git that cannot be run, and a repository that it does not read, are said', () => {
  const box = Repository.begun({ 'a.yaml': pinned })
  const without = box.check(['--since', 'HEAD'], { environment: { PATH: '/nowhere' } })
  assert.equal([without.status, without.stderr], [3, 'kn-rollout: not checked: git is not on the PATH\n'])
  box.git('config', 'branch.main.remote', '.')
  const upstream = box.check(['--since', 'HEAD@{upstream}'])
  assert.is(upstream.status, 2)
  assert.match(
    upstream.stderr,
    /not checked: `--since` is `HEAD@\{upstream\}`, which Git does not know here; to check the first commit of a repository, use `--since empty`/,
  )
  box.write({ '.git/HEAD': 'nonsense\n' })
  const broken = box.check(['--since', 'HEAD'])
  assert.is(broken.status, 3)
  assert.match(broken.stderr, /^kn-rollout: not checked: not a git repository[^\n]*\n$/)
})

test('a commit with a file that Git cannot read is not passed over in silence', () => {
  const box = Repository.begun({ 'a.yaml': pinned, 'b.yaml': own(pinned, 1) })
  box.put({ 'a.yaml': previewed })
  const blob = box.git('rev-parse', 'HEAD:b.yaml').trim()
  unlinkSync(box.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`))
  const ran = box.check(['--since', 'HEAD~1', '--head', 'HEAD', '.'])
  assert.is(ran.status, 0)
  assert.match(
    ran.stdout,
    /^b\.yaml:1:1: note: not checked: this file \(the clone does not have its content\) \[KN128 /m,
  )
})

test('where the clone lacks a kustomization, its directory is not checked, and everything else is', () => {
  const patch = pinned.replace(/spec:[^]*/, 'spec:\n  template:\n    spec:\n      containerConcurrency: 7\n')
  const files = { 'a.yaml': pinned, 'app/b.yaml': own(pinned, 1), 'app/patch.yaml': own(patch, 1) }
  const kustomization = 'resources: [b.yaml]\npatches: [{path: patch.yaml}]\n'
  const box = Repository.begun({ ...files, 'app/kustomization.yaml': kustomization })
  const broken = pinned.replace('name: shop\n', 'name: shop\n  nothing: 1\n')
  box.put({ 'a.yaml': broken, 'app/b.yaml': own(previewed, 1), 'app/kustomization.yaml': `# new\n${kustomization}` })
  const blob = box.git('rev-parse', 'HEAD:app/kustomization.yaml').trim()
  unlinkSync(box.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`))
  const check = (...paths: readonly string[]): Ran => box.check(['--since', 'HEAD~1', '--head', 'HEAD', ...paths])
  const said =
    /^app\/kustomization\.yaml:1:1: note: not checked: this file and its directory \(the clone does not have its content\) \[KN128 /m
  for (const ran of [check(), check('.')]) {
    assert.is(ran.status, 1)
    assert.match(ran.stdout, said)
    assert.match(ran.stdout, /^a\.yaml:\d+:\d+: error: /m)
    assert.not.match(ran.stdout, /^app\/(?:b|patch)\.yaml|KN519/m)
  }
  assert.match(check('app/b.yaml').stdout, said)
  assert.not.match(check('a.yaml').stdout, /KN128/)
  // The same commit twice: neither side has it.
  assert.match(box.check(['--since', 'HEAD', '--head', 'HEAD']).stdout, said)
  const worktree = box.check(['--since', 'HEAD'])
  assert.is(worktree.status, 3)
  assert.match(
    worktree.stderr,
    /^kn-rollout: not checked: this clone lacks the content of app\/kustomization\.yaml; fetch /,
  )
})

test('a partial clone whose remote is gone is checked as far as it goes', () => {
  const box = Repository.begun({ 'a.yaml': pinned, 'b.yaml': own(pinned, 1), 'c.yaml': own(pinned, 2) })
  box.put({ 'a.yaml': previewed, 'b.yaml': own(previewed, 1), 'c.yaml': own(previewed, 2) })
  box.put({ 'a.yaml': pinned.replace('name: shop\n', 'name: shop\n  nothing: 1\n') })
  box.git('config', 'uploadpack.allowFilter', 'true')
  box.git('clone', '--quiet', '--no-checkout', '--filter', 'blob:none', `file://${box.root}`, 'clone')
  for (const one of ['HEAD~1:a.yaml', 'HEAD:a.yaml', 'HEAD:c.yaml', 'HEAD:README.md'])
    box.git('-C', 'clone', 'cat-file', '-e', one)
  renameSync(box.path('.git'), box.path('gone'))
  const check = (since: string): Ran => box.check(['--since', since, '--head', 'HEAD'], { folder: 'clone' })
  const whole = check('HEAD~1')
  assert.is(whole.status, 1)
  assert.match(whole.stdout, /^a\.yaml:\d+:\d+: error: /m)
  const part = check('HEAD~2')
  assert.match(part.stdout, /^a\.yaml:\d+:\d+: error: /m)
  assert.match(part.stdout, /^b\.yaml:1:1: note: .*does not have its content.* \[KN128 /m)
  assert.match(part.stdout, /^c\.yaml:\d+:\d+: note: not checked: .* \[KN520 /m)
  assert.not.match(whole.stdout + whole.stderr + part.stdout + part.stderr, /unshallow|could not fetch/)
})

test('what a partial clone lacks is not checked, and everything else is', () => {
  const box = Repository.begun({ 'a.yaml': pinned, 'b.yaml': own(pinned, 1) })
  box.put({ 'a.yaml': previewed, 'b.yaml': own(previewed, 1) })
  const blob = box.git('rev-parse', 'HEAD~1:b.yaml').trim()
  unlinkSync(box.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`))
  box.write({ 'a.yaml': pinned.replace('name: shop\n', 'name: shop\n  nothing: 1\n') })
  const ran = box.check(['--since', 'HEAD~1'])
  assert.match(
    ran.stdout,
    /^b\.yaml:\d+:\d+: note: not checked: the change of `app1\/app1` \(at the base commit it cannot be read\) \[KN520 base-not-checked\]$/m,
  )
  assert.match(ran.stdout, /^a\.yaml:\d+:\d+: error: /m)
  assert.not.match(ran.stdout + ran.stderr, /unshallow/)
})

test('more history is only to be fetched where a shallow clone has a remote', () => {
  const box = Repository.begun({ 'a.yaml': pinned })
  box.put({ 'a.yaml': previewed })
  const saidIn = (folder: string): string => {
    const lost = box.check(['--since', 'HEAD~7'], { folder })
    const unknown = box.run(['validate', '--changed-since', 'nope', '--format', 'github'], { folder })
    return lost.stderr + unknown.stderr
  }
  assert.not.match(saidIn('.'), /unshallow/)
  box.git('clone', '--quiet', '--depth', '1', `file://${box.root}`, 'clone')
  assert.match(saidIn('clone'), /`--since` is `HEAD~7`, .*; fetch more history \(`git fetch --unshallow`/)
  box.git('-C', 'clone', 'remote', 'remove', 'origin')
  assert.not.match(saidIn('clone'), /unshallow/)
})

test('the first commit of a repository is compared with nothing', () => {
  const box = Repository.begun({ 'a.yaml': pinned })
  const unknown = box.check(['--since', 'HEAD~1'])
  assert.is(unknown.status, 2)
  assert.match(unknown.stderr, /`--since` is `HEAD~1`, which Git does not know here; .*`--since empty`\n$/)
  const tree = box.git('hash-object', '-t', 'tree', '/dev/null').trim()
  for (const since of ['empty', tree]) {
    assert.match(box.check(['--since', since, '--head', 'HEAD']).stderr, /1 Knative Service in 1 file: 0 errors/)
    assert.is(box.check(['--since', since, '.']).status, 0)
  }
  box.git('branch', 'empty')
  assert.match(box.check(['--since', 'empty']).stderr, /no Knative Service|0 Knative Services/)
})

test('an older side that cannot be read is said', () => {
  const box = Repository.begun({ 'a.yaml': `${pinned}\n\t- x: [\n` })
  box.write({ 'a.yaml': pinned })
  const ran = box.check(['--since', 'HEAD'])
  assert.is(ran.status, 0)
  assert.match(ran.stdout, /not checked: the change of `shop\/shop` \(at the base commit it cannot be read\)/)
  box.write({ 'b.yaml': 'x' })
  const bytes = Buffer.concat([Buffer.from(pinned), Buffer.from([0xff])])
  box.write({ 'a.yaml': bytes })
  box.commit()
  box.write({ 'a.yaml': pinned })
  assert.equal(box.found(['--since', 'HEAD']), ['a.yaml:4 KN520'])
  box.write({ 'a.yaml': bytes })
  assert.equal(box.found(['--since', 'HEAD~1']), ['a.yaml:21 KN102'])
})

/** With a comment that has the kept name of the revision ignored. */
const ignoring = (text: string): string =>
  text.replace(/name: shop-v1$/m, '$& # kn-rollout: ignore KN501 -- built anew')

test('severities, comments, --strict and --service are minded', () => {
  const box = Repository.begun({ 'a.yaml': pinned })
  const changed = at('v2', '2.0', 'v1=90', 'v2=10:next')
  box.write({ 'a.yaml': changed })
  const since = ['--since', 'HEAD']
  assert.is(box.check(since).status, 0)
  assert.is(box.check([...since, '--strict']).status, 1)
  box.write({ 'policy.yaml': 'rules:\n  KN514: error\n' })
  assert.is(box.check([...since, '--config', 'policy.yaml']).status, 1)
  box.write({ 'policy.yaml': 'rules:\n  KN514: off\n' })
  assert.is(box.check([...since, '--strict', '--config', 'policy.yaml']).status, 0)
  assert.is(box.check([...since, '--strict', '--no-config']).status, 1)
  box.put({ 'a.yaml': ignoring(pinned) })
  box.write({ 'a.yaml': ignoring(at('v1', '2.0', 'v1=100')) })
  const quiet = box.check([...since, '--no-config', '--strict'])
  assert.is(quiet.status, 0, quiet.stdout)
  assert.match(quiet.stderr, /0 warnings, 1 ignored\n$/)
  assert.is(box.run(['validate', '--strict']).status, 0, 'where nothing is compared the comment is not idle')
  box.write({ 'a.yaml': at('v1', '2.0', 'v1=100') })
  const nobody = box.check([...since, '--service', 'nobody-*'])
  assert.is(nobody.status, 1)
  assert.match(nobody.stdout, /\[KN420 service-not-found\]/)
  box.write({ 'a.yaml': pinned, 'b.yaml': own(pinned, 1) })
  assert.is(box.check([...since, '--service', 'shop/shop']).status, 0, 'it is there, and did not change')
  box.write({ 'a.yaml': at('v1', '2.0', 'v1=100') })
  assert.equal(box.found([...since, '--service', 'shop/shop']), ['a.yaml:9 KN501'])
})

test('every format tells', () => {
  const box = Repository.begun({ 'z.yaml': pinned, 'apps/b.yaml': own(trap, 1) })
  box.write({ 'z.yaml': at('v1', '2.0', 'v1=100') })
  for (const format of ['text', 'json', 'github', 'gitlab', 'sarif', 'junit']) {
    const ran = box.check(['--since', 'HEAD', '--format', format])
    assert.is(ran.status, 1, format)
    assert.match(ran.stdout, /KN501/, format)
    assert.not.match(ran.stdout, /apps\/b/, format)
  }
  const github = box.check(['--since', 'HEAD', '.', '--format', 'github']).stdout
  assert.match(github, /^::error file=z\.yaml,[^]*::error file=apps\/b\.yaml,/, 'what changed comes first')
})

test('removing one of several environments is said with its place; moving one is nothing', () => {
  const [dev, prod] = ['dev/shop.yaml', 'prod/shop.yaml']
  const box = Repository.begun({ [dev]: pinned, [prod]: pinned })
  unlinkSync(box.path(dev))
  const { stderr, stdout } = box.check(['--since', 'HEAD'])
  assert.match(
    stderr + stdout,
    /this change removes `shop\/shop` from `dev\/shop\.yaml` \(`prod\/shop\.yaml` keeps a copy\): a controller that prunes will delete its revisions and its URL/,
  )
  box.put({ 'stage/shop.yaml': pinned })
  assert.equal(box.found(['--since', 'HEAD~1']), [])
})

test('a Service that is adopted shows its revisions by --live', () => {
  const box = Repository.begun({ 'README.md': 'x\n' })
  box.put({ 'shop.yaml': at('v2', '1.0', 'v1=100') })
  assert.match(box.found(['--since', 'HEAD~1']).join(), /KN503/)
  const status = 'status:\n  traffic: [{revisionName: shop-v1, percent: 100}]\n'
  box.put({ 'live.txt': at('v2', '1.0', 'v1=100') + status })
  assert.equal(box.found(['--since', 'HEAD~2', '--live', 'live.txt']), ['live.txt:1 KN472'])
})

test('what the last commit has of a file is not read where the working tree holds the same', () => {
  const box = Repository.begun({ 'shop.yaml': at('v1', '1.0', 'v1=100') })
  box.put({ 'shop.yaml': at('v2', '2.0', 'v1=100', 'v2=0:next') })
  const blob = box.git('rev-parse', 'HEAD:shop.yaml').trim()
  const since = ['--since', 'HEAD~1', '.']
  const whole = box.check(since)
  unlinkSync(box.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`))
  assert.equal(box.check(since), whole)
  // What is not committed yet came after it.
  box.write({ 'shop.yaml': `${box.read('shop.yaml')}# more\n` })
  assert.not.equal(box.check(since), whole)
})

test('a file that only a kustomization names is read from the last commit, as nobody has looked at its disk', () => {
  const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [shop.txt]\n'
  const box = Repository.begun({ 'kustomization.yaml': component, 'shop.txt': at('v1', '1.0', 'v1=100') })
  const second = at('v2', '2.0', 'v2=100')
  box.put({ 'shop.txt': second })
  box.write({ 'shop.txt': at('v2', '3.0', 'v1=100', 'v2=0:next') })
  const found = (): string => box.found(['--since', 'HEAD~1', '.']).join()
  assert.match(found(), /KN501/, 'each commit by itself')
  box.git('add', '--all')
  assert.match(found(), /KN501/)
  box.write({ 'shop.txt': second })
  assert.not.match(found(), /KN501/, 'the index is not what is checked')
})

test.run()
