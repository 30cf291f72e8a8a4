import type { Status } from '../../pipeline/status.js'
import { unreadDiagnostics } from '../../pipeline/unread.js'
import { diagnosticsText } from '../../report/text.js'
import type { Diagnostic } from '../../text/diagnostic.js'
import type { Loaded } from '../load.js'
import { coloursFor, exitCode, say, type Terminal } from '../terminal.js'

/** A configuration that is not valid, a Service or a stage that there is not. */
const wrongRequests: ReadonlySet<string> = new Set(['KN191', 'KN192', 'KN420', 'KN424', 'KN426'])

/** What is told of Services, with what there was to say when their files were read. */
export function withReading(
  told: Status,
  { shown, diagnostics, unread }: Pick<Loaded, 'shown' | 'diagnostics' | 'unread'>,
): Status {
  const all = [...diagnostics, ...told.diagnostics, ...unreadDiagnostics(unread)]
  return { ...told, files: [...told.files, ...shown], diagnostics: all }
}

/** The exit code of a command that judges nothing: a request that means nothing fails, and no finding. */
export function exitCodeFor(diagnostics: readonly Diagnostic[]): number {
  const wrong = diagnostics.filter(({ code }) => wrongRequests.has(code))
  return exitCode({ diagnostics: wrong, changes: [] }, { strict: false })
}

/** Says the findings beside what stdout gets. */
export async function sayFindings(
  { files, diagnostics }: Pick<Status, 'files' | 'diagnostics'>,
  terminal: Terminal,
  color: boolean | undefined,
): Promise<void> {
  const talk = { files, diagnostics, services: [], changes: [] }
  await say(terminal, diagnosticsText(talk, coloursFor(terminal.stderr, terminal, color)))
}

// What `status`, `history` and `diff` work with comes as one file, so that it is loaded at once and by no other command.

export { statusOf } from '../../pipeline/status.js'
export { movedBetween } from '../../pipeline/moved.js'
export { historyJson, historyText } from '../../report/history.js'
export { movedJson, movedSummary, movedText } from '../../report/history.js'
export { footnotes, statusSummary } from '../../report/status.js'
export { statusJson } from '../../report/status-json.js'
export { statusMarkdown } from '../../report/status.js'
export { statusText } from '../../report/status.js'
