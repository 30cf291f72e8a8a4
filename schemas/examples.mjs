// Turns the fixtures of the codes into examples that the program can show without them.
//
// A fixture marks a line where its code is reported with ` # KN301`. Its first documents are bad, the last one is good.
import { readFileSync, readdirSync } from 'node:fs'

/** Codes that one document alone does not show: how many before and behind it belong to the example. */
const neighbours = { KN109: [0, 1], KN111: [1, 0], KN311: [0, 1], KN317: [0, 2], KN328: [1, 0], KN329: [1, 0] }
const mark = / #((?: KN\d{3})+)$/

function isMarked(line, code) {
  return mark.exec(line)?.[1]?.trim().split(' ').includes(code) ?? false
}

/** The example of one fixture: its first bad document without comments on itself, and its good one. */
export function exampleOf(code, fixture) {
  const documents = fixture
    .replace(/^(?:#.*\n)+/, '')
    .trimEnd()
    .split('\n---\n')
  const [before, behind] = neighbours[code] ?? [0, 0]
  const first = documents.findIndex((document) => document.split('\n').some((line) => isMarked(line, code)))
  const lines = documents
    .slice(first - before, first + behind + 1)
    .join('\n---\n')
    .split('\n')
  return {
    bad: `${lines.map((line) => line.replace(mark, '')).join('\n')}\n`,
    marks: lines.flatMap((line, index) => (isMarked(line, code) ? [index + 1] : [])),
    good: `${documents.at(-1)}\n`,
  }
}

/** The example of a change: what came before it, the bad change, the good one; each document is a commit. */
export function changeOf(code, fixture) {
  const documents = fixture.trimEnd().split('\n---\n')
  const [lines, good] = [documents.at(-2).split('\n'), documents.at(-1)]
  return {
    before: documents.slice(0, -2).map((document) => `${document}\n`),
    bad: `${lines.map((line) => line.replace(mark, '')).join('\n')}\n`,
    marks: lines.flatMap((line, index) => (isMarked(line, code) ? [index + 1] : [])),
    good: `${good}\n`,
  }
}

/** The examples of a folder of fixtures, by code. */
export function examplesOf(folder, read = exampleOf) {
  const names = readdirSync(folder).toSorted()
  return Object.fromEntries(
    names.map((name) => {
      const code = name.replace('.yaml', '')
      return [code, read(code, readFileSync(new URL(name, folder), 'utf8'))]
    }),
  )
}
