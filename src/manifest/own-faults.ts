import type { CodeRow } from '../codes/code.js'

/** What can be wrong with words that are meant for this tool alone: one row a code. */
export const ownFaults = {
  KN190: {
    name: 'unused-ignore',
    severity: 'warning',
    title: 'Ignore comment is unused or malformed',
    why: () =>
      'An ignore comment that matches no finding hides the next real one in its place, or was misspelled and never worked. Correct its code, move it to the line of the finding or the line above it, or remove it.',
  },
  KN191: {
    name: 'invalid-config',
    severity: 'error',
    title: 'Configuration is not valid',
    why: () =>
      'A misread configuration would silently leave severities and cluster settings at their defaults. So `kn-rollout` validates nothing until it can read the file. The message names the key and the allowed values.',
  },
  KN192: {
    name: 'invalid-snapshot',
    severity: 'error',
    title: '`--live` file is not a snapshot of a live Service',
    why: () =>
      'A snapshot shows revisions and traffic in its `status`, which a manifest from Git does not have. Save the object with `kubectl get ksvc NAME -o yaml`, and pass that file.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
