import { codeLabel } from '../pipeline/codes.js'
import type { Severity } from '../text/diagnostic.js'
import { jsonText, printable } from '../text/printable.js'
import { fingerprints, type Render, saysText, whereabouts } from './report.js'

const severities = { error: 'major', warning: 'minor', note: 'info' } as const satisfies Record<Severity, string>

/** A code quality report for GitLab: a list of issues, in the order of the diagnostics. */
export const gitlabReport: Render = (outcome, options) => {
  const where = whereabouts(outcome, options)
  const found = outcome.diagnostics.map((diagnostic) => ({ ...diagnostic, ...where(diagnostic) }))
  const prints = fingerprints(found)
  const issues = found.map(({ code, severity, message, help, says, file, line, endLine }, index) => ({
    type: 'issue',
    description: printable(
      [message, ...(help === undefined ? [] : [help]), ...(says ? [saysText(says)] : [])].join('; '),
    ),
    check_name: codeLabel(code),
    categories: ['Bug Risk'],
    fingerprint: prints[index],
    severity: severities[severity],
    // GitLab wants a file; what is about none is about the repository.
    location: { path: file === '' ? '.' : file, lines: { begin: line, end: endLine } },
  }))
  return `${jsonText(issues)}\n`
}
