// Which files a run looks at: the same ones with Git's help and without it.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox, type RunOptions } from './sandbox.js'

/** The files in which Services were found, as the report names them. */
function found(box: Sandbox, paths: readonly string[] = [], options: RunOptions = {}): readonly string[] {
  const { status, stdout, stderr } = box.run(['validate', '--format', 'json', ...paths], options)
  if (status !== 0 && status !== 1) throw new Error(stderr)
  const { services } = JSON.parse(stdout) as { services: readonly { file: string }[] }
  return services.map(({ file }) => file).toSorted()
}

const tree = {
  '.gitignore': 'ignored/\n*.local.yaml\n!kept.local.yaml\n/only-top.yaml\n',
  'top.yaml': service(),
  'only-top.yaml': service(),
  'deep/only-top.yaml': service(),
  'my.local.yaml': service(),
  'kept.local.yaml': service(),
  'ignored/shop.yaml': service(),
  'a/b/c/d/e/deep.yml': service(),
  'a/.gitignore': 'not-here.yaml\n',
  'a/not-here.yaml': service(),
  'a/b/not-here.yaml': service(),
  'not-here.yaml': service(),
  '.hidden/.dot.yaml': service(),
  'with space/a shop.yaml': service(),
  'it\'s/"quoted".yaml': service(),
  'new\nline.yaml': service(),
  'ünïcode/日本語🚀.yaml': service(),
  '-dash.yaml': service(),
  '[brackets]/{braces}.yaml': service(),
  'star*.yaml': service(),
  'list.json': JSON.stringify(parse(service())),
  'notes.md': service(),
  noextension: service(),
  'UPPER.YAML': service(),
  'core.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: core\n',
  'broken.yaml': 'a: [}\n\tb\n',
  'empty.yaml': '',
  'comments.yaml': '# nothing\n\n# here\n',
  'latin1.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]),
}

const expected = [
  '-dash.yaml',
  '.hidden/.dot.yaml',
  '[brackets]/{braces}.yaml',
  'a/b/c/d/e/deep.yml',
  'deep/only-top.yaml',
  'kept.local.yaml',
  'list.json',
  'new\nline.yaml',
  'not-here.yaml',
  'star*.yaml',
  'top.yaml',
  'with space/a shop.yaml',
  'ünïcode/日本語🚀.yaml',
  'it\'s/"quoted".yaml',
].toSorted()

const plain = new Sandbox()
plain.write(tree)
const untracked = new Sandbox()
untracked.git('init', '--quiet')
untracked.write(tree)
const tracked = Sandbox.committed(tree)
const places = { 'outside of Git': plain, 'not yet committed': untracked, committed: tracked }

const test = suite('discovery')

for (const [place, box] of Object.entries(places)) {
  test(`finds the same files ${place}`, () => {
    assert.equal(found(box), expected)
    assert.equal(found(box, ['.']), expected)
    assert.equal(found(box, [box.root]), expected)
  })

  test(`is silent on all that is no Knative manifest, ${place}`, () => {
    const { status, stdout, stderr } = box.run(['validate'])
    assert.equal([status, stdout], [0, ''])
    assert.is(
      stderr,
      `validated ${expected.length} Knative Services in ${expected.length} files: 0 errors, 0 warnings\n`,
    )
  })

  test(`takes folders, from everywhere, ${place}`, () => {
    assert.equal(found(box, ['a']), ['a/b/c/d/e/deep.yml'])
    assert.equal(found(box, [], { folder: 'a/b/c' }), ['d/e/deep.yml'])
    assert.equal(found(box, ['../deep', '.'], { folder: 'a' }), ['../deep/only-top.yaml', 'b/c/d/e/deep.yml'])
    assert.equal(found(box, ['with space', "it's"]), ['it\'s/"quoted".yaml', 'with space/a shop.yaml'])
    assert.equal(found(box, ['[brackets]']), ['[brackets]/{braces}.yaml'])
  })

  test(`an explicit file beats ignore rules and endings, ${place}`, () => {
    const files = ['a/not-here.yaml', 'ignored/shop.yaml', 'my.local.yaml', 'noextension', 'notes.md']
    assert.equal(found(box, files), files)
    assert.equal(found(box, ['star*.yaml', './new\nline.yaml', './-dash.yaml']).length, 3)
  })

  test(`globs leave out what is ignored, ${place}`, () => {
    assert.equal(found(box, ['**/*.yml']), ['a/b/c/d/e/deep.yml'])
    assert.equal(found(box, ['*.local.yaml']), ['kept.local.yaml'])
    assert.equal(found(box, ['**/only-top.yaml']), ['deep/only-top.yaml'])
  })

  test(`a file that is meant twice counts once, ${place}`, () => {
    assert.equal(found(box, ['top.yaml', './top.yaml', 'top.*', box.path('top.yaml')]), ['top.yaml'])
    assert.equal(found(box, ['.', 'a', 'top.yaml']), expected)
  })

  test(`finds the same files in every locale, ${place}`, () => {
    for (const locale of ['C', 'C.UTF-8']) assert.equal(found(box, [], { environment: { LC_ALL: locale } }), expected)
  })
}

test('globs that lead out of the working directory leave out what is ignored there', () => {
  for (const box of [tracked, untracked])
    assert.equal(found(box, ['../**/not-here.yaml'], { folder: 'deep' }), ['../not-here.yaml'])
})

test('folders below an ignore file obey it', () => {
  for (const box of [tracked, untracked]) assert.equal(found(box, [], { folder: 'a/b' }), ['c/d/e/deep.yml'])
})

test('a file whose name begins with a dash follows --', () => {
  assert.equal(found(plain, ['--', '-dash.yaml']), ['-dash.yaml'])
})

test('finds the same files without git on PATH', () => {
  for (const box of [tracked, untracked]) assert.equal(found(box, [], { environment: { PATH: '' } }), expected)
})

test('an ignore file that ignores nothing makes no difference outside of Git', () => {
  const rows = Object.entries(tree).filter(([file]) => !file.endsWith('.gitignore'))
  const without = new Sandbox()
  without.write({
    ...Object.fromEntries(rows),
    '.git.yaml': service(),
    'node_modules/shop/shop.yaml': service(),
    'a/node_modules/shop.yaml': service(),
    'folder.yaml/inside.yaml': service(),
    '.yaml': service(),
  })
  mkdirSync(without.path('linked'))
  symlinkSync('../a', without.path('linked/a'))
  symlinkSync('../top.yaml', without.path('linked/top.yaml'))
  const all = found(without)
  assert.is(all.length, expected.length + 8)
  assert.ok(all.includes('folder.yaml/inside.yaml') && all.includes('.yaml'))
  without.write({ 'linked/.gitignore': 'nothing\n' })
  assert.equal(found(without), all)
})

test('files that were deleted, renamed or changed but not committed count as they are', () => {
  const box = Sandbox.committed({
    'gone.yaml': service(),
    'old.yaml': service(),
    'later.yaml': 'a: b\n',
    'no.yaml': service(),
  })
  rmSync(box.path('gone.yaml'))
  box.git('mv', 'old.yaml', 'new.yaml')
  box.write({ 'later.yaml': service(), 'no.yaml': 'a: b\n', 'fresh.yaml': service() })
  assert.equal(found(box), ['fresh.yaml', 'later.yaml', 'new.yaml'])
})

test('what Git does not look into is looked at: a conflict, and files that it is told to leave alone', () => {
  const box = Sandbox.committed({
    'both.yaml': service(),
    'told.yaml': 'a: b\n',
    'left.yaml': 'a: b\n',
    'no.yaml': 'a: b\n',
  })
  box.git('checkout', '--quiet', '-b', 'side')
  for (const [branch, name] of [
    ['side', 'one'],
    ['-', 'other'],
  ] as const) {
    if (branch === '-') box.git('checkout', '--quiet', branch)
    box.write({ 'both.yaml': service().replace('kind: Service', `kind: Service # ${name}`) })
    box.commit()
  }
  assert.throws(() => box.git('merge', '--quiet', 'side'))
  box.git('update-index', '--assume-unchanged', 'told.yaml')
  box.git('update-index', '--skip-worktree', 'left.yaml')
  box.write({ 'told.yaml': service(), 'left.yaml': service(), 'both.yaml': service() })
  assert.equal(found(box), ['both.yaml', 'left.yaml', 'told.yaml'])
})

test('a file that stands where the index has a link is read, and a link where it has a file is not looked behind', () => {
  const box = Sandbox.committed({ 'file.yaml': service(), 'real.yaml': 'a: b\n' })
  symlinkSync('real.yaml', box.path('link.yaml'))
  box.commit()
  for (const name of ['file.yaml', 'link.yaml']) rmSync(box.path(name))
  symlinkSync('/dev/null', box.path('file.yaml'))
  box.write({ 'link.yaml': service() })
  assert.equal(found(box), ['link.yaml'])
  assert.match(box.run(['validate']).stdout, /^file\.yaml:1:1: error: .*\[KN423 /m)
})

test('a file that says by an alias what it is, is looked at: tracked, new, in a commit and without Git', () => {
  const lost = service().replace('serving.knative.dev/v1', '*nowhere')
  const box = Sandbox.committed({ 'tracked.yaml': lost, 'other.yaml': 'apiVersion: v1\n' })
  box.write({ 'new.yaml': lost })
  const loose = new Sandbox()
  loose.write({ 'tracked.yaml': lost, 'new.yaml': lost })
  for (const { stdout } of [box.run(['validate']), loose.run(['validate', '.'])])
    assert.equal(stdout.match(/^.*\[KN107 broken-alias\]$/gm), [
      'new.yaml:1:13: error: alias `*nowhere` has no anchor `&nowhere` before it [KN107 broken-alias]',
      'tracked.yaml:1:13: error: alias `*nowhere` has no anchor `&nowhere` before it [KN107 broken-alias]',
    ])
  const { stdout } = box.run(['check', '--since', 'HEAD', '--head', 'HEAD', '--format', 'github', '.'])
  assert.match(stdout, /^::error file=tracked\.yaml,line=1,.*KN107/m)
})

test('an empty folder, and one without a Service, are no mistake', () => {
  const box = new Sandbox()
  assert.equal([box.run(['validate']).status, box.run(['validate']).stdout], [0, ''])
  box.write({ 'README.md': '# hello\n' })
  assert.is(box.run(['validate', '.']).status, 0)
})

test.run()
