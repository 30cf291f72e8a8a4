import { fstatSync } from 'node:fs'

import { codeOf, IoFailure, reasonOf, type Signals } from '../io/failure.js'
import type { Outcome } from '../pipeline/request.js'
import { asciiGlyphs, type Glyphs, paint, type Paint, unicodeGlyphs } from '../report/cells.js'
import { sum } from '../text/collections.js'
import { hasCommands, printable, printableLines } from '../text/printable.js'
import type { SourceFile } from '../text/source.js'
import { plural } from '../text/words.js'

/** A stream that text is written to. */
export type Output = {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly fd?: number
  write(text: string | Uint8Array, done: (error?: Error | null) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** Everything of the outside world that a command may touch besides files. */
export type Terminal = {
  readonly arguments: readonly string[]
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Opened only when it is read: opening it takes time. */
  readonly stdin: () => AsyncIterable<Uint8Array | string>
  readonly stdout: Output
  readonly stderr: Output
  /** Where signals arrive, for what must not be left half done; without it they end the program as ever. */
  readonly signals?: Signals
}

/** Writes data. @throws IoFailure where the reader has gone, as `| head` does. */
export async function print({ stdout }: Terminal, text: string): Promise<void> {
  const error = await write(stdout, text)
  if (!error) return
  throw new IoFailure(
    codeOf(error) === 'EPIPE' ? 'stdout was closed before everything was written' : `stdout: ${reasonOf(error)}`,
  )
}

/**
 * Writes text for people: nothing in it acts on a terminal or a runner. In the log of GitHub Actions it stands between
 * lines that have the runner obey nothing, for the commands that nobody knows of yet.
 *
 * @throws IoFailure as `print` does.
 */
export async function printText(terminal: Terminal, text: string): Promise<void> {
  const shown = printableLines(text)
  await print(terminal, isLogged(terminal) ? await bracketed(shown) : shown)
}

/**
 * Writes a patch byte by byte. Where a line of it is what a runner obeys, it stands between lines that prevent that, which
 * tools pass over as they do with what a mail has around a patch; in a file it stands alone.
 *
 * @throws IoFailure as `print` does.
 */
export async function printPatch(terminal: Terminal, patch: string): Promise<void> {
  await print(terminal, isLogged(terminal) && hasCommands(patch) ? await bracketed(patch) : patch)
}

/** Whether what goes to stdout may be read by the runner of GitHub Actions: it is no file. */
function isLogged({ stdout, environment }: Terminal): boolean {
  if (environment['GITHUB_ACTIONS'] !== 'true') return false
  return stdout.fd === undefined || !fstatSync(stdout.fd).isFile()
}

/** The token is one that no text can know. */
async function bracketed(text: string): Promise<string> {
  if (text === '') return ''
  const { randomUUID } = await import('node:crypto')
  const token = randomUUID()
  return `::stop-commands::${token}\n${text.replace(/(?<!\n)$/, '\n')}::${token}::\n`
}

/**
 * Writes talk. Nobody listening is no reason to stop. Nothing in it acts on a terminal or a runner; it has no brackets in
 * the log of GitHub Actions, as their order with what goes to stdout is not known: they could end those of a patch, or
 * have the runner pass over the annotations.
 */
export async function say({ stderr }: Terminal, text: string): Promise<void> {
  await write(stderr, printableLines(text))
}

/** Writes over the line that a terminal shows, for what takes a while; without a text it is cleared. */
export async function showProgress({ stderr }: Terminal, text: string = ''): Promise<void> {
  await write(stderr, text === '' ? '\r\u001B[K' : `\r${printable(text)}`)
}

/** What so many letters of YAML hold is read in about a second. */
const muchText = 500_000

/** Says on a terminal what is being done with these texts until it is done, where that takes a while. */
export async function announced<T>(
  what: string,
  { sources }: { readonly sources: readonly SourceFile[] },
  terminal: Terminal,
  work: () => T | Promise<T>,
): Promise<T> {
  const isLong = terminal.stderr.isTTY === true && sum(sources.map(({ text }) => text.length)) >= muchText
  if (!isLong) return work()
  await showProgress(terminal, `${what} ${plural(sources.length, 'file')}`)
  try {
    return await work()
  } finally {
    await showProgress(terminal)
  }
}

const listenedTo = new WeakSet<Output>()

/** So many characters are handed over at a time: a stream holds as bytes all that it is given. */
const most = 65_536

async function write(stream: Output, text: string): Promise<Error | undefined> {
  if (!listenedTo.has(stream)) {
    listenedTo.add(stream)
    // Without a listener a closed pipe ends the process; the callback below reports it.
    stream.on('error', () => undefined)
  }
  for (let from = 0; from < text.length;) {
    // No letter of two halves is parted.
    const isParted = /[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(from + most - 1, from + most + 1))
    const end = from + most + (isParted ? 1 : 0)
    const piece = text.slice(from, end)
    const error = await new Promise<Error | undefined>((resolve) => {
      stream.write(piece, (one) => resolve(one ?? undefined))
    })
    if (error) return error
    from = end
  }
  return undefined
}

/** The signs that a terminal has, told by the locale, as POSIX has it. */
export function glyphsFor({ environment }: Terminal): Glyphs {
  const { LC_ALL, LC_CTYPE, LANG } = environment
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? unicodeGlyphs : asciiGlyphs
}

/** Colours for a stream: on a terminal, unless NO_COLOR or a dumb terminal says no; FORCE_COLOR and --color say yes. */
export function coloursFor(stream: Output, { environment }: Terminal, wish: boolean | undefined): Paint {
  const { NO_COLOR: never, FORCE_COLOR: always, TERM: kind } = environment
  const byDefault = never ? false : always ? always !== '0' : stream.isTTY === true && kind !== 'dumb'
  return paint(wish ?? byDefault)
}

/** What is wrong with what was typed, and not with the files. */
const usage: ReadonlySet<string> = new Set(['KN191', 'KN192', 'KN424', 'KN426'])

/**
 * 0 fine, 1 errors (warnings too when strict, pending changes too when checking), 2 a configuration or a live object that is not valid, or a stage or
 * a Service that there is not.
 * 2 is usage elsewhere, too, and 3 the outside world.
 */
export function exitCode(
  { diagnostics, changes }: Pick<Outcome, 'diagnostics' | 'changes'>,
  options: { readonly strict: boolean; readonly check?: boolean },
): 0 | 1 | 2 {
  if (diagnostics.some(({ code }) => usage.has(code))) return 2
  const fails = diagnostics.some(({ severity }) => severity === 'error' || (options.strict && severity === 'warning'))
  return fails || (options.check === true && changes.length > 0) ? 1 : 0
}

/** What the user typed cannot be run as it is. Ends with exit code 2. Flags of its message stand in backquotes. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(message: string) {
    super(flagsInQuotes(message))
  }
}

/**
 * A message with its flags in backquotes, each with the word in capitals that stands for its value: those that are in some
 * already stay, and so do the words of another program (`kn says: …`).
 */
export function flagsInQuotes(message: string): string {
  const [own = '', ...said] = message.split(/(?= says: )/)
  const quoted = own
    .split('`')
    .map((part, index) =>
      index % 2 === 0 ? part.replaceAll(/(?<![\w-])--[a-z][a-z-]*(?: [A-Z]{3,})?/g, '`$&`') : part,
    )
  return [quoted.join('`'), ...said].join('')
}

/** What yargs has to say of the command line, in its own words. */
export class Unparsed extends Error {
  override readonly name = 'Unparsed'
}

/** yargs makes a list of a flag that is given twice. */
export function refuseRepeated(flag: string, value: unknown): void {
  if (Array.isArray(value)) throw new UsageError(`--${flag} is given twice`)
}

/** The columns of a stream that is a terminal. */
export function widthOf({ isTTY, columns }: Output): number | undefined {
  return isTTY === true ? columns : undefined
}

/**
 * The time in seconds since 1970: now, or what `KN_ROLLOUT_NOW` says, for runs that must come out the same again.
 *
 * @throws UsageError where the variable is no number.
 */
export function clockOf({ environment }: Terminal): number {
  const { KN_ROLLOUT_NOW: wanted } = environment
  if (wanted === undefined || wanted === '') return Math.floor(Date.now() / 1000)
  if (/^\d{1,12}$/.test(wanted)) return Number(wanted)
  throw new UsageError(`\`KN_ROLLOUT_NOW\` is \`${wanted}\`; must be seconds since 1970`)
}
