// The words of every text that people read: titles, reasons, messages, help pages, docs and schemas. One term for one
// thing, a named actor, no idiom. A failure names the text, the word and what to write in its place.
import { readFileSync, readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { commands } from '../src/cli/commands.js'
import { parseWords } from '../src/cli/parse-words.js'
import { allCodes } from '../src/pipeline/codes.js'
import { bannedWords, faultsIn, habits, type Text } from './language.js'
import { textsOf } from './texts.js'

const root = new URL('../', import.meta.url)
const test = suite('language')

function read(name: string): string {
  return readFileSync(new URL(name, root), 'utf8')
}

/** A file of Markdown without its blocks of code. */
function linesOf(name: string): readonly Text[] {
  const texts: Text[] = []
  let isCode = false
  for (const [index, line] of read(name).split('\n').entries()) {
    if (line.trimStart().startsWith('```')) isCode = !isCode
    else if (!isCode) texts.push({ where: `${name}:${index + 1}`, text: line })
  }
  return texts
}

/** Texts that are right all the same, each with its reason. */
const exceptions: readonly (readonly [text: string, reason: string])[] = [
  ['# bash takes = @ and :', 'a comment in a script for a shell'],
  ['# zsh completion of kn-rollout, behind compinit', 'a comment in a script for a shell'],
  ['if [[ ${funcstack[1]} == _kn_rollout ]]', 'code of a shell'],
  ['$plain = if ($word -match', 'code of a shell'],
  [': must not be empty', 'what the API server prints'],
  ['version must not be empty', 'what the API server prints'],
]

/** The faults that no exception has, and how many exceptions were used. */
function lessExceptions(faults: readonly string[]): readonly [left: readonly string[], used: number] {
  const used = exceptions.filter(([text]) => faults.some((fault) => fault.includes(text)))
  return [faults.filter((fault) => !exceptions.some(([text]) => fault.includes(text))), used.length]
}

test('titles and reasons', () => {
  const texts = allCodes().flatMap(({ code, title, why }) => [
    { where: `${code} title`, text: title },
    { where: `${code} why`, text: why() },
  ])
  assert.equal(faultsIn(texts), [])
})

test('a title is short, a sentence without an end', () => {
  for (const { code, title } of allCodes()) {
    assert.ok(title.length <= 70, `${code}: ${title}`)
    assert.match(title, /^(?:[A-Z`]|kubectl|kustomize).*[^.]$/, code)
    assert.not.match(title, /\bmust\b|^[Ww]hat\b/, `${code}: ${title}`)
  }
})

/** Every page of help, line by line. */
async function helpPages(): Promise<readonly Text[]> {
  const terminal = { stdout: { columns: 1000 } } as unknown as Parameters<typeof parseWords>[1]['terminal']
  const pages = await Promise.all(
    ['', ...Object.keys(commands)].map(async (name) => {
      const page = await parseWords(name === '' ? ['--help'] : [name, '--help'], { terminal, commands })
      return 'help' in page ? page.help.split('\n').map((text) => ({ where: `kn-rollout ${name} --help`, text })) : []
    }),
  )
  return pages.flat()
}

test('help pages', async () => {
  const texts = await helpPages()
  assert.ok(texts.length > 150, 'all pages are found')
  assert.equal(faultsIn(texts), [])
})

test('pages of documentation', () => {
  const names = [
    'README.md',
    'SECURITY.md',
    ...readdirSync(new URL('docs/', root))
      .filter((one) => one.endsWith('.md'))
      .map((one) => `docs/${one}`),
  ]
  assert.equal(faultsIn(names.flatMap(linesOf)), [])
})

test('descriptions of schemas', () => {
  const texts: Text[] = []
  const walk = (value: unknown, where: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, part] of Object.entries(value))
      if ((key === 'description' || key === 'title') && typeof part === 'string')
        texts.push({ where: `${where}.${key}`, text: part })
      else walk(part, `${where}.${key}`)
  }
  for (const name of readdirSync(new URL('schemas/', root)).filter((one) => one.endsWith('.json')))
    if (name !== 'service.json') walk(JSON.parse(read(`schemas/${name}`)), name)
  assert.ok(texts.length > 100, 'descriptions are found')
  assert.equal(faultsIn(texts), [])
})

test('texts in the source', () => {
  const texts: Text[] = []
  for (const name of readdirSync(new URL('src/', root), { recursive: true }).map(String)) {
    if (!name.endsWith('.ts')) continue
    for (const { text, line, before } of textsOf(read(`src/${name}`)).literals) {
      const isForeign = /\b(?:knative|kubernetes|says)\(\s*$|\b(?:said|text|source)(?::| =)\s+$/.test(before)
      // Fewer words are no sentence.
      if (!isForeign && /[a-z]{2,}[`,:]? [^ ]*[a-z]{2,}/.test(text)) texts.push({ where: `src/${name}:${line}`, text })
    }
  }
  assert.ok(texts.length > 1000, 'texts are found')
  const [left, used] = lessExceptions(faultsIn(texts, [...bannedWords, ...habits]))
  assert.equal(left, [])
  assert.equal(used, exceptions.length, 'every exception is needed')
})

test.run()
