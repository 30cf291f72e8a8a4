// The one runner of Git: what it guards against, and how it ends, with the real Git and with made-up ones.
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { idsOf, readObjects } from '../../src/io/git/repository.js'
import { askGit, runGit, toldBy, type Environment } from '../../src/io/git/run.js'
import { type StoredLimits, StoredTexts } from '../../src/io/git/stored-texts.js'
import { hasWindowsLineEnd } from '../../src/io/open.js'
import { Sandbox } from './sandbox.js'

const environment: Environment = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: '/nowhere' }

/** A sandbox whose Git is a shell script. */
function scripted(script: string): { readonly root: string; readonly environment: Environment } {
  const box = new Sandbox()
  box.write({ 'bin/git': `#!/bin/sh\n${script}\n`, '.git/HEAD': '' })
  chmodSync(box.path('bin/git'), 0o755)
  return { root: box.root, environment: { ...environment, PATH: `${box.path('bin')}:${process.env['PATH'] ?? ''}` } }
}

async function asked(script: string): ReturnType<typeof askGit> {
  const { root, environment: own } = scripted(script)
  return askGit(root, own, ['status'])
}

const linesOf = ({ output }: { readonly output: Buffer }): readonly string[] =>
  output.toString().trimEnd().split('\n').toSorted()

const test = suite('git')

test('hands on no variable of a hook, keeps the settings of the user, and sets what guards it', async () => {
  const { root, environment: own } = scripted('env | grep -E "^(GIT_|LC_ALL)" | sort')
  const hook = {
    ...own,
    GIT_DIR: '/x',
    GIT_WORK_TREE: '/x',
    GIT_INDEX_FILE: '/x/index',
    GIT_OBJECT_DIRECTORY: '/x/objects',
    GIT_EXTERNAL_DIFF: 'touch /x',
    GIT_PAGER: 'touch /x',
    GIT_ASKPASS: 'touch /x',
    GIT_CONFIG: '/x/config',
    GIT_TRACE: '1',
    GIT_EXEC_PATH: '/exec',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    LC_ALL: 'de',
  }
  const guards = [
    `GIT_CEILING_DIRECTORIES=${root.replace(/\/[^/]*$/, '')}`,
    'GIT_CONFIG_COUNT=1',
    'GIT_CONFIG_KEY_0=safe.directory',
    'GIT_CONFIG_NOSYSTEM=1',
    'GIT_CONFIG_VALUE_0=*',
    'GIT_EXEC_PATH=/exec',
    'GIT_ALLOW_PROTOCOL=none',
    'GIT_FLUSH=0',
    'GIT_GRAFT_FILE=/dev/null/grafts',
    'GIT_NO_LAZY_FETCH=1',
    'GIT_NO_REPLACE_OBJECTS=1',
    'GIT_OPTIONAL_LOCKS=0',
    'GIT_TERMINAL_PROMPT=0',
    'LC_ALL=C',
  ]
  assert.equal(linesOf(await askGit(root, hook, [])), guards.toSorted())
})

test('runs where it is told, and lets no configuration start a program', async () => {
  const { root, environment: own } = scripted('pwd; for word in "$@"; do echo "$word"; done')
  const { output } = await askGit(root, own, ['ls-files'])
  const [folder, ...words] = output.toString().trimEnd().split('\n')
  assert.is(folder, root)
  assert.is(words.at(-1), 'ls-files')
  for (const one of ['--no-pager', 'safe.bareRepository=explicit', 'core.fsmonitor=', 'core.hooksPath=/dev/null'])
    assert.ok(words.includes(one), one)
  for (const one of ['diff.external=', 'protocol.allow=never', 'submodule.recurse=false'])
    assert.ok(words.includes(one), one)
  assert.not.ok(words.some((word) => /^--(?:git-dir|work-tree|bare)/.test(word)))
})

test('never takes a `git` of the repository for Git, whatever the PATH', async () => {
  const { root } = scripted('')
  const box = new Sandbox()
  box.write({ git: '#!/bin/sh\necho ran\n', '.git/HEAD': '' })
  chmodSync(box.path('git'), 0o755)
  for (const PATH of ['', '.', ':', `.:${root}/bin`, `${root}/bin:`, `:${root}/bin`, './:../x']) {
    const { how, output } = await askGit(box.root, { ...environment, PATH }, ['status'])
    assert.equal([how, output.toString()], [PATH.includes(root) ? 'done' : 'unstarted', ''], PATH)
  }
})

test('a run that does not end is ended, and named', async () => {
  const { root, environment: own } = scripted('echo $$ >id; exec sleep 600')
  const late = await askGit(root, own, ['ls-files', '-z'], { limit: 300 })
  assert.equal([late.how, late.reason], ['late', '`git ls-files` has not ended after 0.3 s'])
  assert.throws(() => process.kill(Number(readFileSync(`${root}/id`, 'utf8')), 0), /ESRCH/)
  // Whatever Git has started itself may hold the pipes open.
  const { root: other, environment: its } = scripted('sleep 3 & wait')
  assert.is((await askGit(other, its, ['log'], { limit: 300 })).reason, '`git log` has not ended after 0.3 s')
})

test('runs nowhere but where a repository stands', async () => {
  const { root, environment: own } = scripted('echo ran')
  const bare = new Sandbox()
  bare.write({ HEAD: 'ref: refs/heads/main\n', config: '', 'objects/x': '', 'refs/x': '', '.git/note': '' })
  const { how, reason, output } = await askGit(bare.root, own, ['status'])
  assert.equal([how, reason, output.length], ['failed', `not a git repository: ${bare.path('.git')}`, 0])
  bare.write({ '.git/HEAD': '' })
  assert.is((await askGit(bare.root, own, ['status'])).output.toString(), 'ran\n')
  assert.is((await askGit(root, own, ['status'])).output.toString(), 'ran\n')
})

test('says what to do where Git does not read a repository, and where it is too old', async () => {
  const foreign = await asked(`echo "fatal: detected dubious ownership in repository at '/x'" >&2; exit 128`)
  assert.is(foreign.reason, 'Git does not read a repository of another user')
  assert.match(foreign.help ?? '', /^run `git config --global --add safe\.directory \/\S+`$/)
  const before = await asked(`echo "fatal: unsafe repository ('/x' is owned by someone else)" >&2; exit 128`)
  assert.equal([before.reason, before.help?.slice(0, 20)], [foreign.reason, foreign.help?.slice(0, 20)])
  const old = await asked(`echo "error: unknown switch \\\`z'" >&2; echo "usage: git ls-files" >&2; exit 129`)
  assert.is(old.help, 'install Git 2.20 or newer')
  assert.is(toldBy(old), "unknown switch `z'; install Git 2.20 or newer")
})

test('tells how it ended, in words of Git where it has any', async () => {
  const silent = { talk: '', output: Buffer.alloc(0) }
  assert.equal(await asked('exit 0'), { how: 'done', reason: '', ...silent })
  assert.equal(await asked('exit 1'), { how: 'no', reason: 'git ended with 1', ...silent })
  assert.equal(await asked('exit 2'), { how: 'failed', reason: 'git ended with 2', ...silent })
  assert.equal(await asked('kill -9 $$'), { how: 'failed', reason: 'git ended with a signal', ...silent })
  const talking = await asked('printf "\nwarning: odd\nerror: the disk\nfatal: gone\n" >&2; exit 1')
  assert.equal([talking.how, talking.reason], ['failed', 'the disk'])
  const warned = await asked('echo out; echo "warning: odd" >&2')
  assert.equal(warned, { how: 'done', reason: '', talk: 'warning: odd\n', output: Buffer.from('out\n') })
  const plain = await asked('echo "something else" >&2; exit 128')
  assert.equal([plain.how, plain.reason], ['failed', 'something else'])
})

test('a character that comes in two pieces stays one', async () => {
  const { reason } = await asked(String.raw`printf 'fatal: \303' >&2; sleep 0.1; printf '\274n\n' >&2; exit 128`)
  assert.is(reason, 'ün')
})

test('says why it could not start', async () => {
  const { root } = scripted('')
  const { how, reason } = await askGit(root, { PATH: root }, ['status'])
  assert.equal([how, reason], ['unstarted', 'git is not on the PATH'])
  const long = await askGit(root, environment, ['x'.repeat(10_000_000)])
  assert.equal([long.how, long.reason], ['unstarted', 'there are too many arguments'])
  const { root: other, environment: own } = scripted('')
  chmodSync(`${other}/bin/git`, 0o644)
  const closed = await askGit(other, { ...own, PATH: `${other}/bin` }, [])
  assert.equal([closed.how, closed.reason], ['unstarted', 'permission denied'])
})

test('ends the run once it is enough, however much there is', async () => {
  const { root, environment: own } = scripted('echo $$; exec yes')
  const heard: string[] = []
  const onOutput = (chunk: Buffer): boolean => heard.push(chunk.toString()) < 2
  const ending = await runGit(root, own, { arguments: [], onOutput })
  assert.equal(ending, { how: 'done', reason: '', talk: '' })
  assert.is(heard.length, 2)
  const id = Number(heard[0]?.split('\n', 1)[0])
  assert.throws(() => process.kill(id, 0), /ESRCH/)
})

test('a listener that throws ends the run and is heard', async () => {
  const { root, environment: own } = scripted('exec yes')
  let calls = 0
  const onOutput = (): boolean => {
    calls++
    throw new Error('a bug')
  }
  let thrown: unknown
  await runGit(root, own, { arguments: [], onOutput }).catch((error: unknown) => (thrown = error))
  assert.is(thrown instanceof Error && thrown.message, 'a bug')
  assert.is(calls, 1)
})

test('a Git that does not read its input is no broken pipe', async () => {
  const { root, environment: own } = scripted('exec 0<&-; echo "fatal: no" >&2; exit 128')
  const input = 'x'.repeat(1_000_000)
  const ending = await runGit(root, own, { arguments: [], input, onOutput: () => true })
  assert.equal([ending.how, ending.reason], ['failed', 'no'])
  const echo = scripted('cat')
  let length = 0
  const onOutput = (chunk: Buffer): boolean => (length += chunk.length) > 0
  await runGit(echo.root, echo.environment, { arguments: [], input, onOutput })
  assert.is(length, input.length)
})

const bytesOf = (size: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, at) => (at * seed) % 251))

test('objects come whole, in whatever pieces Git prints them, and one that is too large piece by piece', async () => {
  const sizes = [0, 1, 99, 4095, 4096, 65_400, 65_535, 65_536, 65_537, 131_072, 1_000_000, 0, 7, 200_000]
  const contents = [...sizes, ...Array.from({ length: 300 }, (_, at) => at * 13)].map((size, at) =>
    bytesOf(size, at + 3),
  )
  const box = Sandbox.committed(Object.fromEntries(contents.map((content, at) => [`f${at}`, content])))
  const names = contents.map((_, at) => `f${at}`)
  const ids = await idsOf(box.root, environment, names)
  const wanted = names.map((name) => ids.get(name) ?? '')
  for (const largest of [Infinity, 65_536, 0]) {
    const read: (readonly [string, Buffer])[] = []
    const onObject = (id: string, bytes: Buffer): unknown => read.push([id, Buffer.from(bytes)])
    const onLarge = (id: string): ((piece: Buffer) => void) => {
      const at = read.push([id, Buffer.alloc(0)]) - 1
      return (piece) => (read[at] = [id, Buffer.concat([read[at]?.[1] ?? piece, piece])])
    }
    const limits = { ids: [...wanted, '0'.repeat(40), ...wanted], limit: Infinity, largest }
    assert.is(await readObjects(box.root, environment, limits, { onObject, onLarge }), undefined)
    assert.equal(
      read.map(([id]) => id),
      [...wanted, ...wanted],
    )
    assert.ok(read.every(([, bytes], at) => bytes.equals(contents[at % contents.length] ?? Buffer.alloc(1))))
  }
})

test('a name that is looked for in many texts is found where it is, and nowhere else', async () => {
  const texts = Array.from({ length: 200 }, (_, at) => `a: ${at}\n${at % 50 === 7 ? 'b: rare\n' : ''}`)
  const box = Sandbox.committed(Object.fromEntries(texts.map((text, at) => [`f${at}`, text])))
  const names = texts.map((_, at) => `f${at}`)
  const found = await idsOf(box.root, environment, names)
  const ids = names.map((name) => found.get(name) ?? '')
  // The last ones are not held: they are read when they are asked for.
  const limits = { limit: 1_000_000, most: 150 }
  const { texts: stored } = await StoredTexts.of(box.root, environment, { byAge: ids, byFile: ids }, limits)
  for (const name of ['rare', 'nowhere', 'a: '])
    for (const [at, id] of ids.entries())
      assert.is(stored.mentions(id, name), texts[at]?.includes(name) === true, `${name} in ${at}`)
})

test('a line end of Windows is found wherever it stands', () => {
  const box = new Sandbox()
  const piece = 64 * 1024
  const texts = ['', 'a\n', 'a\r', '\r\n', `${'a'.repeat(piece - 1)}\r\nb`, `${'a'.repeat(piece - 1)}\rb\n`, 'é\r\n']
  for (const text of [...texts, `${'a'.repeat(3 * piece)}\r\n`]) {
    box.write({ a: text })
    assert.is(hasWindowsLineEnd(box.path('a')), text.includes('\r\n'))
  }
})

test('of texts that were read already, Git is not asked', async () => {
  const box = Sandbox.committed({ a: 'a\n', b: 'b\n', c: 'c\n' })
  const ids = await idsOf(box.root, environment, ['a', 'b', 'c'])
  const [a = '', b = '', c = ''] = ids.values()
  const known = (id: string): Buffer | undefined => (id === b ? undefined : Buffer.from(`known ${id}`))
  const wanted = { byAge: [a, b, c], byFile: [a, b, c] }
  const read = async (limits: Partial<StoredLimits>): Promise<readonly (string | undefined)[]> => {
    const { texts } = await StoredTexts.of(box.root, environment, wanted, { limit: 1000, most: 3, known, ...limits })
    return [a, b, c].map((id) => texts.textOf(id))
  }
  // What is known is taken as far as nothing comes before it that is not: the limit counts from the newest on.
  assert.equal(await read({}), [`known ${a}`, 'b\n', 'c\n'])
  assert.equal(await read({ limit: 5 }), ['a\n', 'b\n', undefined])
  assert.equal(await read({ most: 0 }), ['a\n', 'b\n', 'c\n'])
})

test('tells what files on the disk would be stored under, whatever they are called, and runs no filter', async () => {
  const box = Sandbox.committed({ '.gitattributes': '*.yaml filter=loud text eol=crlf\n' })
  box.git('config', 'filter.loud.clean', `touch ${box.path('ran')}; cat`)
  const odd = ['a.yaml', 'two words.yaml', 'ü.yaml', '-x.yaml', "it's.yaml", String.raw`back\slash.yaml`, 'large.yaml']
  box.write(Object.fromEntries(odd.map((name) => [name, name === 'large.yaml' ? 'x'.repeat(2e6) : `${name}\r\n`])))
  const untold = ['"quoted.yaml', 'line\nend.yaml', 'return\r.yaml']
  box.write(Object.fromEntries(untold.map((name) => [name, name])))
  const ids = await idsOf(box.root, environment, [...untold, ...odd])
  for (const name of odd)
    assert.is(
      ids.get(name),
      box.gitWith({ stdin: readFileSync(box.path(name)) }, 'hash-object', '--stdin').trim(),
      name,
    )
  assert.equal([...ids.keys()], odd)
  assert.not.ok(existsSync(box.path('ran')))
})

test('tells nothing of a file that is gone, and of those behind it', async () => {
  const box = Sandbox.committed({ 'a.yaml': 'a', 'b.yaml': 'b' })
  const ids = await idsOf(box.root, environment, ['a.yaml', 'gone.yaml', 'b.yaml'])
  assert.equal([...ids.keys()], ['a.yaml'])
})

test('a run that nobody listens to waits, and goes on', async () => {
  const { root, environment: own } = scripted('i=0; while [ $i -lt 40000 ]; do echo $i; i=$((i+1)); done')
  let [output, isPaused] = ['', false]
  const ending = runGit(root, own, {
    arguments: [],
    onStart: (run) => {
      setTimeout(run.pause, 1)
      setTimeout(() => (isPaused = true), 2)
      setTimeout(() => {
        isPaused = false
        run.resume()
      }, 200)
    },
    onOutput: (chunk) => {
      assert.not.ok(isPaused)
      output += chunk.toString()
      return true
    },
  })
  assert.is((await ending).how, 'done')
  assert.is(output.length, 228_890)
})

test('a run that is stopped is done', async () => {
  const { root, environment: own } = scripted('echo 1; exec sleep 60')
  const ending = await runGit(root, own, {
    arguments: [],
    onStart: (run) => void setTimeout(run.stop, 50),
    onOutput: () => true,
  })
  assert.is(ending.how, 'done')
})

test.run()
