import type { CodeRow } from '../codes/code.js'

/** What can be wrong with words that are meant for this tool alone: one row a code. */
export const ownFaults = {
  KN190: {
    name: 'unused-ignore',
    severity: 'warning',
    title: 'Ignore comment is unused or malformed',
    why: () =>
      'An ignore comment that silences nothing hides the next real finding at its place, or was misspelt and never worked. Correct its code, move it to the line in question, or take it out.',
  },
  KN191: {
    name: 'invalid-config',
    severity: 'error',
    title: 'Configuration is not valid',
    why: () =>
      'Rules that were meant to be louder or quieter would silently be as they always are, and a cluster would be taken for a stock one, so nothing is judged until the configuration can be read. The message names the key and what it may be.',
  },
  KN192: {
    name: 'invalid-snapshot',
    severity: 'error',
    title: '`--live` file is not a snapshot of a live Service',
    why: () =>
      'What a cluster runs stands in the `status` that it answers with, and a manifest from Git has none, so nothing would be learnt from it. Save the object with kubectl or oc, as the message says, and hand over that file.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
