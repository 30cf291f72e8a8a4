/** What a change can do to a Service that no newer side is left of to show: one row a code. */
export const removals = {
  KN519: {
    severity: 'warning',
    title: 'a Service must not leave the files unnoticed',
    source: 'argo-cd docs/user-guide/auto_sync.md (pruning), fluxcd kustomize-controller (prune)',
  },
} as const
