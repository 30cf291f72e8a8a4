import type { Severity } from '../text/diagnostic.js'
import { jsonText, printable } from '../text/printable.js'
import type { Render } from './report.js'
import { fingerprints, whereabouts } from './where.js'

const severities = { error: 'major', warning: 'minor', note: 'info' } as const satisfies Record<Severity, string>

/** A code quality report for GitLab: a list of issues, in the order of the diagnostics. */
export const gitlabReport: Render = (outcome, options) => {
  const where = whereabouts(outcome, options)
  const found = outcome.diagnostics.map((diagnostic) => ({ ...diagnostic, ...where(diagnostic) }))
  const prints = fingerprints(found)
  const issues = found.map(({ code, severity, message, help, file, line, endLine }, index) => ({
    type: 'issue',
    description: printable(help === undefined ? message : `${message}; ${help}`),
    check_name: code,
    categories: ['Bug Risk'],
    fingerprint: prints[index],
    severity: severities[severity],
    // GitLab wants a file; what is about none is about the repository.
    location: { path: file === '' ? '.' : file, lines: { begin: line, end: endLine } },
  }))
  return `${jsonText(issues)}\n`
}
