import type { Outcome } from '../pipeline/request.js'
import type { Diagnostic, Says, Severity } from '../text/diagnostic.js'
import type { Range, SourceFile } from '../text/source.js'
import type { Paint } from './cells.js'

/** What a report may know besides the outcome. */
export type ReportOptions = {
  readonly colours: Paint
  /** Set where people look at the report on a terminal, and no program reads it. */
  readonly isShown?: true
  /** The columns of that terminal. */
  readonly width?: number
  /** The version of this program. */
  readonly version: string
  /** The working directory as the repository names it (`apps/shop`), `''` at its root or outside of any. */
  readonly folder: string
  /** Files that the change under review touches, named as diagnostics name them: where room is short they come first. */
  readonly changed?: ReadonlySet<string>
}

/** Turns an outcome into a report. Pure and total: no name, message or text of a manifest makes it throw. */
export type Render = (outcome: Outcome, options: ReportOptions) => string

/** What another program prints of the same mistake, with its name before it. */
export function saysText({ by, text }: Says): string {
  return `${by} says: ${text}`
}

/** All that is said of a finding, one line each: the message, the help, the text of another program. */
export function fullText({ message, help, says }: Pick<Diagnostic, 'message' | 'help' | 'says'>): string {
  return [message, ...(help === undefined ? [] : [`help: ${help}`]), ...(says ? [saysText(says)] : [])].join('\n')
}

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/**
 * The diagnostics in the order in which room is given to them: the worst first, of equal ones those of changed files
 * first, and otherwise as they come.
 */
export function worstFirst(
  diagnostics: readonly Diagnostic[],
  { changed }: Pick<ReportOptions, 'changed'>,
): readonly Diagnostic[] {
  const rank = ({ severity, file }: Diagnostic): number => 2 * ranks[severity] + (changed?.has(file) === true ? 0 : 1)
  return diagnostics.toSorted((a, b) => rank(a) - rank(b))
}

/** A place as editors show it: lines and columns count from 1, columns in UTF-16 units, a byte order mark in none. */
export type TextPosition = {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

const start: TextPosition = { line: 1, column: 1, endLine: 1, endColumn: 1 }

/** Turns offsets into places, for all files of a run. Line starts are counted once a file. */
export class Positions {
  private readonly texts: ReadonlyMap<string, string>
  private readonly lineStarts = new Map<string, LineStarts>()

  constructor(files: readonly SourceFile[]) {
    this.texts = new Map(files.map(({ path, text }) => [path, text]))
  }

  of(file: string, range: Range | undefined): TextPosition {
    const text = this.texts.get(file)
    if (text === undefined || !range) return start
    const starts = this.startsOf(file, text)
    const from = pointAt(text, starts, range.start)
    const to = pointAt(text, starts, range.end)
    return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
  }

  /**
   * The text of a line (counted from 1) without its end and without a byte order mark, so that a column of a place is an
   * index plus one. Undefined where the file or the line is not there.
   */
  line(file: string, number: number): string | undefined {
    const text = this.texts.get(file)
    if (text === undefined) return undefined
    const starts = this.startsOf(file, text)
    const from = starts[number - 1]
    if (from === undefined) return undefined
    let end = starts[number] ?? text.length
    while (end > from && '\r\n'.includes(text.charAt(end - 1))) end--
    const whole = text.slice(from, end)
    return number === 1 && whole.startsWith('\uFEFF') ? whole.slice(1) : whole
  }

  private startsOf(file: string, text: string): LineStarts {
    const known = this.lineStarts.get(file)
    if (known) return known
    const starts = lineStartsIn(text)
    this.lineStarts.set(file, starts)
    return starts
  }
}

/** Where lines begin, in UTF-16 offsets. */
type LineStarts = ArrayLike<number>

function lineStartsIn(text: string): LineStarts {
  if (text.includes('\r'))
    return [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length)]
  // A list of unknown length is copied again and again while it grows.
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  const starts = new Uint32Array(count)
  for (let [at, line] = [text.indexOf('\n'), 1]; at >= 0; at = text.indexOf('\n', at + 1)) starts[line++] = at + 1
  return starts
}

/** Where a range of a file is; its first line where there is no range. For many ranges of one file, `Positions` is faster. */
export function positionOf(file: SourceFile, range: Range | undefined): TextPosition {
  return new Positions([file]).of(file.path, range)
}

function pointAt(text: string, starts: LineStarts, offset: number): { line: number; column: number } {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const mark = low === 0 && offset > 0 && text.startsWith('\uFEFF') ? 1 : 0
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 - mark }
}

/** Where a diagnostic is, for services that know files by their names in the repository. */
export type Where = TextPosition & {
  /** Relative to the root of the repository, with `/`; `''` where the diagnostic is about no file. */
  readonly file: string
}

/** Tells the places of an outcome's diagnostics by the repository's names. Lines and columns count from 1. */
export function whereabouts({ files }: Outcome, { folder }: ReportOptions): (at: Diagnostic) => Where {
  const places = new Positions(files)
  const names = new Map(files.map(({ path, patchPath }) => [path, patchPath ?? inFolder(folder, path)]))
  return ({ file, range }) => ({
    ...places.of(file, range),
    file: file === '' ? '' : (names.get(file) ?? inFolder(folder, file)),
  })
}

/** `path`, which is relative to `folder`, as seen from where `folder` is relative to. */
function inFolder(folder: string, path: string): string {
  if (folder === '' || /^(?:\/|[A-Za-z]:)/.test(path)) return path
  const parts = folder.split('/')
  let rest = path
  while (rest.startsWith('../') && parts.length > 0) {
    parts.pop()
    rest = rest.slice(3)
  }
  return [...parts, rest].join('/')
}

/** A file as SARIF names it: a percent-encoded reference, by the root of the repository where the file is below it. */
type ArtifactLocation = { readonly uri: string; readonly uriBaseId?: '%SRCROOT%' }

/** The location of a file whose name is relative to the root of the repository, or absolute, with `/`. */
export function uriOf(file: string): ArtifactLocation {
  const encoded = file
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
  if (file.startsWith('/')) return { uri: `file://${encoded}` }
  if (/^[A-Za-z]:\//.test(file)) return { uri: `file:///${encoded.replace('%3A', ':')}` }
  return file.startsWith('../') ? { uri: encoded } : { uri: encoded, uriBaseId: '%SRCROOT%' }
}

/**
 * A name for each diagnostic, in their order: the same in every run and wherever the lines around it move, another one
 * for every diagnostic of a run. `file` is the file's name in the repository.
 */
export function fingerprints(diagnostics: readonly (Diagnostic & { readonly file: string })[]): readonly string[] {
  const seen = new Map<string, number>()
  return diagnostics.map(({ code, file, service, path, message }) => {
    const identity = JSON.stringify([code, file, service ?? '', path ?? '', message])
    const before = seen.get(identity) ?? 0
    seen.set(identity, before + 1)
    return hash(before === 0 ? identity : `${identity}${before}`)
  })
}

const offsetBasis = 0xcbf29ce484222325n
const prime = 0x100000001b3n

/** FNV-1a with 64 bits over the UTF-8 of a text, as 16 hexadecimal digits. */
function hash(text: string): string {
  let value = offsetBasis
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * prime)
  return value.toString(16).padStart(16, '0')
}
