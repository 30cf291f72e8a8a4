// What Windows and macOS do otherwise, by what is asked of each here: neither runs these tests.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { codeOf } from '../src/io/failure.js'
import { follow, isGitFolder } from '../src/io/paths.js'
import {
  asSpelled,
  foldersOnPath,
  globOf,
  guardedSearch,
  isSameFile,
  nameForGit,
  patiently,
  programPlaces,
  shellHere,
  startedBy,
  variable,
} from '../src/io/system.js'
import { wordFor } from '../src/text/words.js'

test('Windows calls the PATH by other letters, and parts it by semicolons', () => {
  assert.is(variable({ Path: String.raw`C:\a` }, 'PATH', 'win32'), String.raw`C:\a`)
  assert.is(variable({ Path: '/a' }, 'PATH', 'linux'), undefined)
  assert.is(variable({ PATH: '1', Path: '2' }, 'PATH', 'win32'), '1')
  const list = String.raw`C:\Program Files\Git\cmd;.;bin;D:tools;;\\server\share`
  assert.equal(foldersOnPath(list, 'win32'), [String.raw`C:\Program Files\Git\cmd`, String.raw`\\server\share`])
  assert.equal(foldersOnPath('/usr/bin:.:bin::/opt/bin', 'linux'), ['/usr/bin', '/opt/bin'])
})

test('on Windows Git is started by its place, never from the folder that it runs in', () => {
  const list = String.raw`.;C:\tools;C:\Git\cmd`
  const places = [String.raw`C:\tools\git.exe`, String.raw`C:\Git\cmd\git.exe`]
  assert.equal(programPlaces('git', list, 'win32'), places)
  assert.is(
    startedBy('git', list, (file) => file === places[1], 'win32'),
    places[1],
  )
  assert.is(
    startedBy('git', list, () => false, 'win32'),
    undefined,
  )
  assert.is(
    startedBy('git', '/usr/bin', () => false, 'linux'),
    'git',
  )
  assert.equal(guardedSearch('C:\\tools', 'win32'), { PATH: 'C:\\tools', NoDefaultCurrentDirectoryInExePath: '1' })
  assert.equal(guardedSearch('/usr/bin', 'linux'), { PATH: '/usr/bin' })
})

test('a backslash parts folders in a glob on Windows, and nowhere else', () => {
  assert.is(globOf(String.raw`apps\**\*.yaml`, 'win32'), 'apps/**/*.yaml')
  assert.is(globOf(String.raw`apps/\*.yaml`, 'linux'), String.raw`apps/\*.yaml`)
})

test('Git on macOS writes an accent and its letter as one', () => {
  const [apart, one] = ['cafe\u0301/shop.yaml', 'caf\u00E9/shop.yaml']
  assert.is(nameForGit(apart, 'darwin'), one)
  assert.is(nameForGit(apart, 'linux'), apart)
})

const spelled = (): string => '/r/apps/caf\u00E9.yaml'

test('a file that is called by other letters gets those of the disk, unless it leads elsewhere', () => {
  for (const system of ['win32', 'darwin'] as const) {
    assert.is(asSpelled('/r/Apps/CAFE\u0301.yaml', spelled, system), '/r/apps/caf\u00E9.yaml')
    assert.is(asSpelled('/r/other.yaml', spelled, system), '/r/other.yaml')
  }
  assert.is(asSpelled('/r/Apps/shop.yaml', assert.unreachable as never, 'linux'), '/r/Apps/shop.yaml')
})

test('two looks at a file are compared by its number, and by the disk where that has one number', () => {
  const [seen, opened] = [
    { ino: 7, dev: 0x1_2345_6789 },
    { ino: 7, dev: 0x2345_6789 },
  ]
  assert.ok(isSameFile(seen, opened, 'win32'))
  assert.not.ok(isSameFile(seen, { ...opened, ino: 8 }, 'win32'))
  assert.not.ok(isSameFile(seen, opened, 'linux'))
  assert.ok(isSameFile(seen, seen, 'linux'))
})

function failing(times: number, code: string): { readonly call: () => number; readonly calls: () => number } {
  let calls = 0
  const call = (): number => {
    if (++calls <= times) throw Object.assign(new Error(code), { code })
    return calls
  }
  return { call, calls: () => calls }
}

test('on Windows a file that another program has open is tried again, for two seconds', () => {
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    const waited: number[] = []
    const pause = (milliseconds: number): unknown => waited.push(milliseconds)
    assert.is(patiently(failing(3, code).call, codeOf, 'win32', pause), 4)
    assert.equal(waited, [10, 20, 50])
    assert.throws(() => patiently(failing(99, code).call, codeOf, 'win32', pause), new RegExp(code))
    assert.is(
      waited.slice(3).reduce((sum, one) => sum + one, 0),
      1980,
    )
  }
})

test('no other failure is tried again, and none on another system', () => {
  for (const [code, system] of [
    ['ENOSPC', 'win32'],
    ['EPERM', 'linux'],
    ['EBUSY', 'darwin'],
  ] as const) {
    const { call, calls } = failing(1, code)
    assert.throws(() => patiently(call, codeOf, system, assert.unreachable as never), new RegExp(code))
    assert.is(calls(), 1)
  }
})

test('every name by which a system finds .git is known', () => {
  for (const name of [
    '.git',
    '.GIT',
    '.git.',
    '.git . ',
    'git~1',
    'GIT~1',
    '.git::$INDEX_ALLOCATION',
    '.g\u200Cit',
    '\uFEFF.git',
  ])
    assert.ok(isGitFolder(name), name)
  for (const name of ['git', '.gitignore', '.github', 'git~12', 'x.git', '.git-', 'gi\u00ED'])
    assert.not.ok(isGitFolder(name), name)
  assert.equal(
    follow('GIT~1/config', () => 'file'),
    { obstacle: 'git' },
  )
})

test('the shell is that of Windows, unless a POSIX shell runs there', () => {
  assert.is(shellHere({}, 'win32'), 'windows')
  assert.is(shellHere({ MSYSTEM: 'MINGW64' }, 'win32'), 'posix')
  assert.is(shellHere({ SHELL: '/usr/bin/bash' }, 'win32'), 'posix')
  assert.is(shellHere({}, 'linux'), 'posix')
  assert.is(shellHere({}, 'darwin'), 'posix')
})

/** What the C library of Windows makes of a command line that cmd or PowerShell hands on: its words. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = []
  let [word, isQuoted, isOpen] = ['', false, false]
  for (let at = 0; at < line.length;) {
    const [slashes = '', quote = ''] = /^(\\*)("?)/.exec(line.slice(at))?.slice(1) ?? []
    if (quote === '"') {
      word += '\\'.repeat(Math.floor(slashes.length / 2))
      at += slashes.length + 1
      isOpen = true
      if (slashes.length % 2 === 1) word += '"'
      else if (isQuoted && line[at] === '"') {
        word += '"'
        at++
      } else isQuoted = !isQuoted
      continue
    }
    if (slashes !== '') {
      word += slashes
      isOpen = true
      at += slashes.length
      continue
    }
    const character = line[at++] ?? ''
    if (character !== ' ' || isQuoted) {
      word += character
      isOpen = true
    } else if (isOpen) {
      words.push(word)
      ;[word, isOpen] = ['', false]
    }
  }
  return isOpen ? [...words, word] : words
}

/** Whether cmd acts on a character of a line: outside of double quotes alone. */
function isActedOnByCmd(line: string): boolean {
  return line.split('"').some((part, index) => index % 2 === 0 && /[&|<>^()]/.test(part))
}

test('a word for Windows is the same word for every program, and nothing in it runs', () => {
  const texts = [
    'apps/shop.yaml',
    String.raw`C:\Users\Jane Doe\shop.yaml`,
    'C:\\with space\\',
    'a & calc',
    '" & calc & "',
    String.raw`say \"hi\" & calc`,
    'x|y<z>(1)',
    "it's",
    '^',
    '',
  ]
  for (const text of texts) {
    const line = ['kn-rollout', 'apply', text, '--write'].map((word) => wordFor(word, 'windows')).join(' ')
    assert.equal(wordsOf(line), ['kn-rollout', 'apply', text, '--write'], line)
    assert.not.ok(isActedOnByCmd(line), line)
  }
})

test('PowerShell reads no sign of a word', () => {
  assert.is(wordFor('shop=1,cart=2', 'windows'), '"shop=1,cart=2"')
  assert.is(wordFor('@latest=100', 'windows'), '"@latest=100"')
  assert.is(wordFor('-o.yaml', 'windows'), '"-o.yaml"')
  assert.is(wordFor('--service=shop', 'windows'), '--service=shop')
  assert.is(wordFor('$(calc) `n', 'windows'), '"`$(calc) ``n"')
  assert.is(wordFor('x\u201D; calc', 'windows'), '"x`\u201D; calc"')
  assert.not.match(wordFor('a\nb', 'windows'), /\n/)
})

test.run()
