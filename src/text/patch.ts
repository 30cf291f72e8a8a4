import { structuredPatch } from 'diff'

import { applyEdits, inOrder, type Edit } from './edit.js'
import { hunksOf, type Hunk } from './hunks.js'
import { lineStart, nextLine } from './lines.js'
import { printable } from './printable.js'
import type { SourceFile } from './source.js'

const contextLines = 3

/**
 * A unified diff of the edits that `git apply` takes, or `''` when they change nothing.
 *
 * Only the lines around the edits are compared, so the cost grows with the change, not with the file.
 */
export function formatPatch(file: SourceFile, edits: readonly Edit[]): string {
  const hunks: Hunk[] = []
  let counted = { offset: 0, lines: 0 }
  for (const window of windows(file.text, edits)) {
    counted = { offset: window.start, lines: counted.lines + countBreaks(file.text, counted.offset, window.start) }
    hunks.push(...windowHunks(file.text, window, counted.lines))
  }
  if (hunks.length === 0) return ''
  const name = file.patchPath ?? file.path
  const [from, to] = [quotedName(`a/${name}`), quotedName(`b/${name}`)]
  let shift = 0
  const body = hunks.map(({ oldStart, oldLines, newLines, lines }) => {
    const newStart = oldStart + shift
    shift += newLines - oldLines
    return `@@ -${span(oldStart, oldLines)} +${span(newStart, newLines)} @@\n${lines.join('\n')}\n`
  })
  return `diff --git ${from} ${to}\n--- ${withTab(from)}\n+++ ${withTab(to)}\n${body.join('')}`
}

type Window = { start: number; end: number; edits: Edit[] }

/** Whole lines around each edit, wide enough for the context; those that touch become one. */
function windows(text: string, edits: readonly Edit[]): readonly Window[] {
  const result: Window[] = []
  for (const edit of inOrder(edits)) {
    let start = lineStart(text, edit.range.start)
    for (let line = 0; line <= contextLines && start > 0; line++) start = lineStart(text, start - 1)
    let end = nextLine(text, edit.range.end)
    for (let line = 0; line <= contextLines && end < text.length; line++) end = nextLine(text, end)
    const last = result.at(-1)
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end)
      last.edits.push(edit)
    } else result.push({ start, end, edits: [edit] })
  }
  return result
}

function countBreaks(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

function windowHunks(text: string, { start, end, edits }: Window, linesAbove: number): readonly Hunk[] {
  const before = text.slice(start, end)
  const moved = edits.map((edit) => ({
    text: edit.text,
    range: { start: edit.range.start - start, end: edit.range.end - start },
  }))
  const after = applyEdits(before, moved)
  const isSmall = Math.max(countBreaks(before, 0, before.length), countBreaks(after, 0, after.length)) <= mostCompared
  const hunks = isSmall
    ? structuredPatch('', '', before, after, '', '', { context: contextLines }).hunks
    : hunksOf(before, moved, contextLines)
  return hunks.map((hunk) => ({ ...hunk, oldStart: hunk.oldStart + linesAbove }))
}

/** To compare lines takes time by the square. Of more lines the edits themselves tell what changes. */
const mostCompared = 500

function span(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`
  return count === 1 ? `${start}` : `${start},${count}`
}

/** Git ends a name with a tab where it holds a space, so that patch tools do not take the rest for a date. */
function withTab(name: string): string {
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' }

/** Quoted as Git does it where the name holds a quote, or anything that a terminal or a CI runner would act on. */
function quotedName(name: string): string {
  const isOdd = printable(name) !== name || /["\\]/.test(name)
  if (!isOdd) return name
  const quoted = Array.from(name, (character) => {
    const isPlain = character !== '#' && printable(character) === character
    return escapes[character] ?? (isPlain ? character : octal(character))
  })
  return `"${quoted.join('')}"`
}

function octal(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
