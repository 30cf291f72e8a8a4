import type { Severity } from '../text/diagnostic.js'

/** What can be wrong with words that are meant for this tool alone: one row a code. */
export const ownFaults = {
  KN190: { severity: 'warning', title: 'an ignore comment that silences nothing' },
  KN191: { severity: 'error', title: 'the configuration is not valid' },
  KN192: { severity: 'error', title: 'a file for `--live` that is no saved live object' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string }>>

/**
 * Whether a code stays whatever comments and configurations say: of what cannot be read nothing is known that could be
 * set aside, and a refusal is the tool's own.
 */
export function isLasting(code: string): boolean {
  return /^KN(?:10[1-4]|110|12\d|19[12]|4\d\d)$/.test(code)
}
