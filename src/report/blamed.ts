import type { Origin } from '../pipeline/create-flags.js'
import type { Outcome } from '../pipeline/outcome.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import type { Paint } from './colour.js'
import { diagnosticsText } from './text.js'

/**
 * The diagnostics of a manifest that flags have made, each with the flag that it comes from in place of a line. What one
 * flag wrote in several places is complained about in the first of them; what comes from none is shown in the text.
 */
export function blamedText(outcome: Outcome, origins: readonly Origin[], colours: Paint): string {
  const leading = new Map<string, string>()
  const blamed = outcome.diagnostics.map((diagnostic) => ({ diagnostic, origin: originOf(diagnostic, origins) }))
  for (const { path, flag } of origins)
    if (!leading.has(flag) && blamed.some(({ origin }) => origin?.path === path)) leading.set(flag, path)
  return blamed
    .filter(({ origin }) => !origin || leading.get(origin.flag) === origin.path)
    .map(({ diagnostic, origin }) => {
      if (!origin) return diagnosticsText({ ...outcome, diagnostics: [diagnostic] }, colours)
      const { severity, message, help, code } = diagnostic
      const advice = help === undefined ? '' : `  help: ${printable(help)}\n`
      const flag = colours.strong(`${printable(origin.flag)}:`)
      return `${flag} ${colours[severity](`${severity}:`)} ${printable(message)} [${code}]\n${advice}`
    })
    .join('')
}

/** The flag whose field holds the one that is complained about. */
function originOf({ path = '' }: Diagnostic, origins: readonly Origin[]): Origin | undefined {
  return origins.find(
    (origin) => path === origin.path || (path.startsWith(origin.path) && /^[.[]/.test(path.slice(origin.path.length))),
  )
}
