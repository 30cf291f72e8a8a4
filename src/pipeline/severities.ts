import type { RuleSetting } from '../manifest/config/rules.js'
import { isLasting } from '../codes/code.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { allCodes } from './codes.js'

/** The severity that a user gives to a code, by code. */
export type Severities = Readonly<Record<string, RuleSetting>>

/** The diagnostics with the severities that are wanted; those that are off are left out, those that last are kept. */
export function grade(diagnostics: readonly Diagnostic[], severities: Severities): readonly Diagnostic[] {
  if (Object.keys(severities).length === 0) return diagnostics
  return diagnostics.flatMap((diagnostic) => {
    const severity = isLasting(diagnostic.code) ? undefined : severities[diagnostic.code]
    if (severity === 'off') return []
    return severity === undefined ? [diagnostic] : [{ ...diagnostic, severity }]
  })
}

/** The codes that have a severity: optional rules among them judge as well. */
export function switchedOn(severities: Severities): readonly string[] {
  return Object.keys(severities).filter((code) => severities[code] !== 'off')
}

/** Whether a code is judged at all. */
export function isOn(code: string, enabled: ReadonlySet<string>, severities: Severities): boolean {
  const isOptional = allCodes().some((row) => row.code === code && row.optional)
  return severities[code] !== 'off' && (!isOptional || enabled.has(code))
}
