// Every command of the README and of the pages in docs/ is run, in the order of each page, in a repository that holds the
// fixtures and the manifest of the README's journey. Patches are applied before the next command, as a reader would.
//
// In `sh` blocks a line that begins with the program is a command; in any block a line that begins with `$ ` is one, and
// what follows up to the next must be how its output begins. A trailing comment may name the exit code: `# exits with 1`.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, main } from './sandbox.js'

type Command = { readonly line: string; readonly expected: string; readonly status: number | undefined }

const root = fileURLToPath(new URL('../../', import.meta.url))
const starts = /^(?:kn-rollout|node dist\/main\.js)(?= |$)/

/** The part of a line that runs the program, with the exit code that the line promises. */
function commandOf(line: string, expected: string): readonly Command[] {
  const [code = '', comment = ''] = line.split(/ +# /)
  const status = /exits with (\d)/.exec(comment)?.[1]
  return code
    .split(' && ')
    .filter((part) => starts.test(part))
    .map((part) => ({
      line: part.replace(starts, 'kn-rollout'),
      expected,
      status: status === undefined ? undefined : Number(status),
    }))
}

function commandsIn(markdown: string): readonly Command[] {
  const commands: Command[] = []
  for (const [, language, body = ''] of markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)) {
    const prompts = body.split(/^\$ /m).slice(1)
    if (prompts.length > 0)
      for (const prompt of prompts) {
        const [line = '', ...output] = prompt.split('\n')
        commands.push(...commandOf(line, output.join('\n').trimEnd()))
      }
    else if (language === 'sh')
      commands.push(
        ...body
          .replaceAll('\\\n', ' ')
          .split('\n')
          .flatMap((line) => commandOf(line, '')),
      )
  }
  return commands
}

/** A committed copy of what the page's commands name. */
function prepared(): Sandbox {
  const box = Sandbox.committed({ 'example-service.yaml': service(), '.gitignore': 'bin/\nfixtures/\n' })
  cpSync(path.join(root, 'fixtures'), box.path('fixtures'), { recursive: true })
  box.git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  mkdirSync(box.path('bin'))
  symlinkSync(main, box.path('bin/kn-rollout'))
  return box
}

const test = suite('README')

test('the commands of a page are found, with what they print and end with', () => {
  const page = [
    '```sh\nnpm ci && node dist/main.js stages\nkn-rollout validate . \\\n  --strict # exits with 1\n```',
    '```diff\n$ kn-rollout apply pin a\n--- a\n+++ b\n```',
    '```yaml\nkn-rollout: 1\n```\n`kn-rollout x`',
  ].join('\n\n')
  assert.equal(commandsIn(page), [
    { line: 'kn-rollout stages', expected: '', status: undefined },
    { line: 'kn-rollout validate .    --strict', expected: '', status: 1 },
    { line: 'kn-rollout apply pin a', expected: '--- a\n+++ b', status: undefined },
  ])
})

/** What the first group of a pattern holds, each time. */
function named(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name)
}

test('the README and --help list the commands in one order', () => {
  const page = readFileSync(path.join(root, 'README.md'), 'utf8')
  const listed = named(/^\| `kn-rollout (\w+)/gm, page)
  assert.equal(named(/^ {2}kn-rollout (\w+)/gm, new Sandbox().run(['--help']).stdout), listed)
  assert.ok(listed.indexOf('create') < listed.indexOf('apply'))
  assert.ok(listed.length >= 12)
})

test('the command that a usage error shows can be run', () => {
  const box = prepared()
  box.write({
    'example-service.yaml': service(
      readFileSync(path.join(root, 'fixtures/journey/block/2-preview.yaml'), 'utf8').replace(
        /^[^]*\n(?= {2}traffic:)/,
        '',
      ),
    ),
  })
  for (const name of ['apply', 'check', 'completion', 'create']) {
    const { status, stderr } = box.run([name])
    const [, line = ''] = /, such as `kn-rollout (.+?)`/.exec(stderr) ?? []
    const ran = box.run(line.split(' '))
    assert.equal([status, ran.status, line.split(' ')[0]], [2, 0, name], ran.stderr)
  }
})

/** The pages for people, from the top of the repository. */
const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8')

test('README.md shows commands, and the fixtures that they need are there', () => {
  assert.ok(existsSync(path.join(root, 'fixtures')), 'fixtures/ must exist')
  assert.ok(commandsIn(textOf('README.md')).length >= 3, 'README.md must show commands')
  assert.ok(pages.includes('docs/check.md'), 'the pages of docs/ are found')
})

test('the walkthrough of the README runs as it is typed, with its commits', () => {
  const [, script = ''] = /^```bash\n([^]*?)^```$/m.exec(textOf('README.md')) ?? []
  assert.ok(script.includes('mkdir '), 'it makes its directory')
  const box = new Sandbox()
  mkdirSync(box.path('bin'))
  symlinkSync(main, box.path('bin/kn-rollout'))
  const environment = {
    PATH: `${box.path('bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
    GIT_AUTHOR_NAME: 'reader',
    GIT_AUTHOR_EMAIL: 'reader@example.com',
    GIT_COMMITTER_NAME: 'reader',
    GIT_COMMITTER_EMAIL: 'reader@example.com',
  }
  const { status, stdout, stderr } = box.shell(`set -e\n${script}\ngit log --reverse --format='commit: %s'`, {
    environment,
  })
  assert.is(status, 0, stderr)
  assert.equal(named(/^commit: (.*)$/gm, stdout), named(/git commit .*--message '(.*)'$/gm, script))
  // The rollback in the middle prints its diff and changes nothing.
  assert.match(stdout, /       percent: 100/m)
  assert.match(box.read('shop-rollout/shop.yaml'), /traffic:\n +- revisionName: shop-v2\n +percent: 100\n +tag: v2\n$/)
})

/** The names that GitHub gives to the headings of a page. */
function anchorsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('every link between pages leads somewhere, and every page is linked', () => {
  const linked = new Set(['README.md'])
  for (const page of pages) {
    for (const [link, target = ''] of textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = '', anchor] = target.split('#')
      const name = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
      assert.ok(existsSync(path.join(root, name)), `${page}: ${link}`)
      if (anchor !== undefined) assert.ok(anchorsOf(name).includes(anchor), `${page}: ${link}`)
      linked.add(name)
    }
  }
  assert.equal(
    pages.filter((page) => !linked.has(page)),
    [],
  )
})

for (const page of pages) {
  let own: Sandbox | undefined
  for (const { line, expected, status } of commandsIn(textOf(page))) {
    test(`${page}: ${line}`, () => {
      own ??= prepared()
      const box = own
      // `next` goes by what is committed, as the fixtures are in a clone.
      const [, followed] = /kn-rollout next (fixtures\/\S+)/.exec(line) ?? []
      if (followed !== undefined) {
        box.git('add', '--force', followed)
        box.commit()
      }
      const environment = { PATH: `${box.path('bin')}${path.delimiter}${process.env['PATH'] ?? ''}` }
      const ran = box.shell(line, { environment })
      const isPatch = ran.stdout.startsWith('diff --git a/example-service.yaml')
      assert.is(ran.status, status ?? (isPatch && line.includes(' --check') ? 1 : 0), ran.stderr)
      assert.ok(ran.stdout.startsWith(expected), `must print\n${expected}\nbut prints\n${ran.stdout}`)
      if (ran.status === 0 && isPatch) box.gitWith({ stdin: ran.stdout }, 'apply')
      if (followed !== undefined) {
        box.git('rm', '--cached', '--quiet', followed)
        box.commit()
      }
    })
  }
}

test.run()
