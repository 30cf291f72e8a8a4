import { readIgnores, type Ignore } from '../manifest/ignores.js'
import { isLasting, ownFaults } from '../manifest/own-faults.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'
import type { Range } from '../text/range.js'
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
  const left = diagnostics.flatMap((diagnostic) => heard(diagnostic, ignores) ?? [])
  const found = (ignore: Ignore, code: string): boolean => diagnostics.some((one) => covers(ignore, one, code))
  const idle = ignores.flatMap((ignore) =>
    complaints(ignore, (code) => found(ignore, code) || !expected(code)).map(({ range, message, help }) => {
      return { code: 'KN190', severity: ownFaults.KN190.severity, message, help, file: file.path, range }
    }),
  )
  return { left, silenced: diagnostics.length - left.length, idle }
}

/** The diagnostic as it is heard, or undefined where it is silenced. */
function heard(diagnostic: Diagnostic, ignores: readonly Ignore[]): Diagnostic | undefined {
  const { code, severity, help } = diagnostic
  if (isFirm(code)) return diagnostic
  const own = ignores.filter((ignore) => covers(ignore, diagnostic, code))
  if (own.length === 0) return diagnostic
  if (severity !== 'error' || own.some(({ hasReason }) => hasReason)) return undefined
  const how = 'to ignore an error, add a reason to the comment: ` -- reason`'
  return { ...diagnostic, help: help === undefined ? how : `${help}; ${how}` }
}

function covers({ line, codes, misspelt }: Ignore, { code, range }: Diagnostic, wanted: string): boolean {
  const isNamed = code === wanted && codes.some(({ text }) => text === wanted)
  return (
    misspelt === undefined && isNamed && range !== undefined && line.start <= range.start && range.start <= line.end
  )
}

/** Whether no comment silences the code: it stays, or it is about comments itself. */
function isFirm(code: string): boolean {
  return code === 'KN190' || isLasting(code)
}

type Complaint = { readonly range: Range; readonly message: string; readonly help: string }

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
  const known = table.map(({ code }) => code)
  if (!known.includes(text)) {
    const close = nearest(
      text,
      known.filter((code) => !isFirm(code)),
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
