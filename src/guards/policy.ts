/** What a change does to the policy that judges changes: one row a code. It counts once the change is merged. */
export const policyRemarks = {
  KN522: { severity: 'warning', title: 'Change makes a rule quieter' },
  KN523: { severity: 'note', title: 'Change edits the configuration' },
  KN524: { severity: 'note', title: 'New ignore comment counts after the merge' },
} as const
