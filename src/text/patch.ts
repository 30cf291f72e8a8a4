import { structuredPatch } from 'diff'

import { append } from './collections.js'
import { applyEdits, type Edit, inOrder } from './edit.js'
import { printable } from './printable.js'
import { lineStart, nextLine, type SourceFile } from './source.js'

/** A stretch of a diff: lines, each with its sign in front and without its end. */
export type Hunk = {
  /** The first line in the old text, counted from 1. */
  readonly oldStart: number
  readonly oldLines: number
  readonly newLines: number
  readonly lines: readonly string[]
}

/** Whole lines that edits touch. */
type Run = { readonly start: number; end: number; readonly edits: Edit[] }

/** Lines that go and lines that come, behind the first `at` lines of the old text. */
type Change = { readonly at: number; readonly gone: readonly string[]; readonly come: readonly string[] }

/**
 * The hunks of edits, told by the edits alone: a line that none of them touches stays. It takes time in proportion to the
 * text, where comparing all lines with all others would take it by the square.
 */
export function hunksOf(text: string, edits: readonly Edit[], context: number): readonly Hunk[] {
  const lines = linesOf(text)
  const changes = changesOf(text, runsOf(text, edits))
  const hunks: Hunk[] = []
  for (let first = 0; first < changes.length;) {
    let last = first
    while ((changes[last + 1]?.at ?? Infinity) - endOf(changes[last]) <= 2 * context) last++
    hunks.push(hunkOf(lines, changes.slice(first, last + 1), context))
    first = last + 1
  }
  return hunks
}

function runsOf(text: string, edits: readonly Edit[]): readonly Run[] {
  const runs: Run[] = []
  for (const edit of inOrder(edits)) {
    const [start, end] = [lineStart(text, edit.range.start), lastTouched(text, edit)]
    const last = runs.at(-1)
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end)
      last.edits.push(edit)
    } else runs.push({ start, end, edits: [edit] })
  }
  return runs
}

/** Where the lines end that an edit touches: whole lines that come or go touch none of what follows. */
function lastTouched(text: string, { range: { start, end }, text: by }: Edit): number {
  const isWhole = by === '' ? start === lineStart(text, start) : by.endsWith('\n')
  return isWhole && end === lineStart(text, end) ? end : nextLine(text, end)
}

function changesOf(text: string, runs: readonly Run[]): readonly Change[] {
  let [offset, line] = [0, 0]
  return runs.flatMap(({ start, end, edits }) => {
    const before = text.slice(start, end)
    const own = edits.map((edit) => {
      return { text: edit.text, range: { start: edit.range.start - start, end: edit.range.end - start } }
    })
    line += breaksBetween(text, offset, start)
    offset = start
    const [gone, come] = [linesOf(before), linesOf(applyEdits(before, own))]
    let [same, sameEnd] = [0, 0]
    const most = Math.min(gone.length, come.length)
    while (same < most && gone[same] === come[same]) same++
    while (same + sameEnd < most && gone.at(-1 - sameEnd) === come.at(-1 - sameEnd)) sameEnd++
    const [old, fresh] = [gone, come].map((all) => all.slice(same, all.length - sameEnd))
    return old && fresh && old.length + fresh.length > 0 ? [{ at: line + same, gone: old, come: fresh }] : []
  })
}

function endOf(change: Change | undefined): number {
  return change ? change.at + change.gone.length : 0
}

function hunkOf(lines: readonly string[], changes: readonly Change[], context: number): Hunk {
  const [start, end] = [
    Math.max(0, (changes[0]?.at ?? 0) - context),
    Math.min(lines.length, endOf(changes.at(-1)) + context),
  ]
  const shown: string[] = []
  let [at, newLines] = [start, end - start]
  for (const change of changes) {
    for (const line of lines.slice(at, change.at)) shown.push(...signed(' ', line))
    for (const line of change.gone) shown.push(...signed('-', line))
    for (const line of change.come) shown.push(...signed('+', line))
    newLines += change.come.length - change.gone.length
    at = endOf(change)
  }
  for (const line of lines.slice(at, end)) shown.push(...signed(' ', line))
  return { oldStart: start + 1, oldLines: end - start, newLines, lines: shown }
}

function signed(sign: string, line: string): readonly string[] {
  return line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, String.raw`\ No newline at end of file`]
}

function linesOf(text: string): readonly string[] {
  const lines: string[] = []
  for (let start = 0; start < text.length;) {
    const end = nextLine(text, start)
    lines.push(text.slice(start, end))
    start = end
  }
  return lines
}

function breaksBetween(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

const contextLines = 3

/**
 * A unified diff of the edits that `git apply` takes, or `''` when they change nothing.
 *
 * Only the lines around the edits are compared, so the cost grows with the change, not with the file.
 *
 * @param options `isNew` where the file is not there yet: the patch then makes it.
 */
export function formatPatch(
  file: SourceFile,
  edits: readonly Edit[],
  { isNew = false }: { readonly isNew?: boolean } = {},
): string {
  const hunks: Hunk[] = []
  let counted = { offset: 0, lines: 0 }
  for (const window of windows(file.text, edits)) {
    counted = { offset: window.start, lines: counted.lines + countBreaks(file.text, counted.offset, window.start) }
    append(hunks, windowHunks(file.text, window, counted.lines))
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
  const head = isNew ? 'new file mode 100644\n--- /dev/null' : `--- ${withTab(from)}`
  return `diff --git ${from} ${to}\n${head}\n+++ ${withTab(to)}\n${body.join('')}`
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
