import { readIgnores, type Ignore } from '../manifest/ignores.js'
import { isLasting, ownFaults } from '../manifest/own-faults.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'
import type { Range } from '../text/range.js'
import { countBelow } from '../text/sorted.js'
import type { SourceFile } from '../text/source.js'
import { codes as table } from './codes.js'

/** What the comments of a file leave of its diagnostics. */
export type Silence = {
  readonly left: readonly Diagnostic[]
  /** How many were silenced. */
  readonly silenced: number
  /** The ignores that are wrong, or of no use. */
  readonly idle: readonly Diagnostic[]
}

/**
 * Leaves out what the file's own comments ignore. An error is left out for a reason only.
 *
 * @param expected Whether a code would have been found if it were there: an ignore of any other is no use yet, but not wrong.
 */
export function silence(
  file: SourceFile,
  diagnostics: readonly Diagnostic[],
  expected: (code: string) => boolean,
): Silence {
  const ignores = readIgnores(file.text)
  if (ignores.length === 0) return { left: diagnostics, silenced: 0, idle: [] }
  const lines = new Lines(ignores)
  const left = diagnostics.flatMap((diagnostic) => heard(diagnostic, lines) ?? [])
  const starts = startsByCode(diagnostics)
  const found = ({ line }: Ignore, code: string): boolean => {
    const own = starts.get(code) ?? []
    return (own[countBelow(own, line.start)] ?? Infinity) <= line.end
  }
  const idle = ignores.flatMap((ignore) =>
    complaints(ignore, (code) => found(ignore, code) || !expected(code)).map(({ range, message, help }) => {
      return { code: 'KN190', severity: ownFaults.KN190.severity, message, help, file: file.path, range }
    }),
  )
  return { left, silenced: diagnostics.length - left.length, idle }
}

/** Where the diagnostics of each code begin, in order. */
function startsByCode(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>()
  for (const { code, range } of diagnostics) {
    if (!range) continue
    const own = starts.get(code) ?? []
    own.push(range.start)
    starts.set(code, own)
  }
  for (const own of starts.values()) own.sort((a, b) => a - b)
  return starts
}

/** What each code's ignores say of a line: undefined where there are none, else whether one of them has a reason. */
type Silenced = Map<string, boolean>

/** The lines that ignores are about. */
class Lines {
  private readonly starts: readonly number[]
  private readonly lines = new Map<number, { readonly end: number; readonly silenced: Silenced }>()

  constructor(ignores: readonly Ignore[]) {
    for (const { line, codes, hasReason, misspelt } of ignores) {
      if (misspelt !== undefined) continue
      const { silenced } = this.lines.get(line.start) ?? { silenced: new Map<string, boolean>() }
      this.lines.set(line.start, { end: line.end, silenced })
      for (const { text } of codes) silenced.set(text, hasReason || silenced.get(text) === true)
    }
    this.starts = [...this.lines.keys()].toSorted((a, b) => a - b)
  }

  /** Whether an ignore of a diagnostic has a reason; undefined where there is none. */
  hasReason({ code, range }: Diagnostic): boolean | undefined {
    const start = range && this.starts[countBelow(this.starts, range.start + 1) - 1]
    const line = start === undefined ? undefined : this.lines.get(start)
    return range && line && range.start <= line.end ? line.silenced.get(code) : undefined
  }
}

/** The diagnostic as it is heard, or undefined where it is silenced. */
function heard(diagnostic: Diagnostic, lines: Lines): Diagnostic | undefined {
  const { code, severity, help } = diagnostic
  if (isFirm(code)) return diagnostic
  const hasReason = lines.hasReason(diagnostic)
  if (hasReason === undefined) return diagnostic
  if (severity !== 'error' || hasReason) return undefined
  const how = 'to ignore an error, add a reason to the comment: ` -- reason`'
  return { ...diagnostic, help: help === undefined ? how : `${help}; ${how}` }
}

/** Whether no comment silences the code: it stays, or it is about comments itself. */
function isFirm(code: string): boolean {
  return code === 'KN190' || isLasting(code)
}

type Complaint = { readonly range: Range; readonly message: string; readonly help: string }

const known: ReadonlySet<string> = new Set(table.map(({ code }) => code))
const form = 'write `# kn-rollout: ignore KN312 -- reason`'

function complaints({ range, codes, misspelt }: Ignore, isUseful: (code: string) => boolean): readonly Complaint[] {
  if (misspelt !== undefined)
    return [
      { range, message: `a comment to \`kn-rollout:\` must say \`ignore\`, but says \`${misspelt}\``, help: form },
    ]
  if (codes.length === 0)
    return [{ range, message: 'an `ignore` must name the codes that it silences, but names none', help: form }]
  return codes.flatMap((code) => complaint(code, isUseful) ?? [])
}

function complaint(
  { text, range }: Ignore['codes'][number],
  isUseful: (code: string) => boolean,
): Complaint | undefined {
  if (!known.has(text)) {
    const close = nearest(
      text,
      [...known].filter((code) => !isFirm(code)),
    )
    const help = close === undefined ? form : `did you mean \`${close}\`? What follows the codes stands behind \` -- \``
    return { range, message: `an \`ignore\` must name codes, but \`${text}\` is none`, help }
  }
  if (isFirm(text)) {
    const help = 'remove it from the comment, and settle what the message is about'
    return { range, message: `an \`ignore\` must not name \`${text}\`: no comment silences it`, help }
  }
  if (isUseful(text)) return undefined
  return {
    range,
    message: `an \`ignore\` must silence something, but there is no \`${text}\` on its line or on the line below`,
    help: 'remove it, or move it to the line that the message names or to the line above that',
  }
}
