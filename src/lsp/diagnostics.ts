import { type Diagnostic as EditorDiagnostic, DiagnosticSeverity } from 'vscode-languageserver'

import { codeLabel } from '../pipeline/codes.js'
import type { Outcome } from '../pipeline/request.js'
import { saysText } from '../report/report.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import type { Places } from './positions.js'

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const

/** What is said of a run that found nothing to look at: in an editor every file without a Service would have it. */
const ofRun: ReadonlySet<string> = new Set(['KN117', 'KN421'])

/** The findings by the URI of the file that each is in. */
export function diagnosticsByUri(
  { diagnostics }: Pick<Outcome, 'diagnostics'>,
  places: Places,
): ReadonlyMap<string, readonly EditorDiagnostic[]> {
  const found = new Map<string, EditorDiagnostic[]>()
  for (const one of diagnostics) {
    const place = ofRun.has(one.code) ? undefined : places.of(one.file, one.range)
    if (!place) continue
    const own = found.get(place.uri) ?? []
    own.push({ range: place.range, ...saidOf(one) })
    found.set(place.uri, own)
  }
  return found
}

/** A finding without its place: the message, what to do, and what another program prints. */
export function saidOf(diagnostic: Diagnostic): Omit<EditorDiagnostic, 'range'> {
  const { code, severity, message, help, says } = diagnostic
  const lines = [
    printable(message),
    ...(help === undefined ? [] : [`help: ${printable(help)}`]),
    ...(says ? [printable(saysText(says))] : []),
  ]
  return { severity: severities[severity], code: codeLabel(code), source: 'kn-rollout', message: lines.join('\n') }
}
