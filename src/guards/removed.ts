import type { CodeRow } from '../codes/code.js'
/** What a change can do to a Service that no newer side is left of to show: one row a code. */
export const removals = {
  KN519: {
    name: 'service-removed',
    severity: 'warning',
    title: 'a Service must not leave the files unnoticed',
    source: 'argo-cd docs/user-guide/auto_sync.md (pruning), fluxcd kustomize-controller (prune)',
    why: () =>
      'Where the GitOps controller prunes, a Service that is no longer in Git is deleted with its revisions, its traffic and its URL; elsewhere it runs on with nobody in charge. The file does not show which. One that moves to another file, name and namespace kept, is still there.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
