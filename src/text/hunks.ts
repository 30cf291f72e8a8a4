import { applyEdits, inOrder, type Edit } from './edit.js'
import { lineStart, nextLine } from './lines.js'

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
