import type { CodeRow } from '../codes/code.js'
/** What a change does to the policy that judges changes: one row a code. It counts once the change is merged. */
export const policyRemarks = {
  KN522: {
    name: 'quieter-rule',
    severity: 'warning',
    title: 'Change makes a rule quieter',
    why: () =>
      'A change cannot quiet the check that it is judged by: `check` goes by the `.kn-rollout.yaml` of the base commit. After the merge the rule is quieter for everyone. Review this line as you would review code.',
  },
  KN523: {
    name: 'config-changed',
    severity: 'note',
    title: 'Change edits the configuration',
    why: () =>
      'Plans, louder rules and other settings of `.kn-rollout.yaml` count once they are merged. This change is still checked by those of the base commit, so a check after the merge can come to another result.',
  },
  KN524: {
    name: 'new-ignore',
    severity: 'note',
    title: 'New ignore comment counts after the merge',
    why: () =>
      'A change cannot ignore its own findings: a comment counts if the base commit has one for the same code at the same field of the same Service, on whatever line. Merge the comment in a change of its own first, or fix the finding.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
