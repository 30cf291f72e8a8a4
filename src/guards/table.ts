import { byCode, type CodeRow } from '../codes/code.js'
import type { Guard } from './guard.js'
import { namesGuards } from './names.js'
import { rolloutGuards, trafficGuards } from './traffic.js'

/** Every guard, in the order of its code. To add one: into the list of its subject's file; a new subject gets a row here. */
export const guards: readonly Guard[] = [...namesGuards, ...rolloutGuards, ...trafficGuards].toSorted(byCode)

/** What a change can do to a Service that no newer side is left of to show: one row a code. */
export const removals = {
  KN519: {
    name: 'service-removed',
    severity: 'warning',
    title: 'Service is removed from the repository',
    source: 'argo-cd docs/user-guide/auto_sync.md (pruning), fluxcd kustomize-controller (prune)',
    why: () =>
      'If the GitOps controller prunes, it deletes a Service that Git no longer has, with its revisions, its traffic and its URL. Otherwise the Service keeps running unmanaged. The file does not show which. A Service that moves to another file with the same name and namespace is not removed.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** What is wrong with a Service that the base does not have: one row a code. */
export const newcomers = {
  KN503: {
    name: 'new-service-target',
    severity: 'error',
    title: 'New Service sends traffic to a revision that it cannot have',
    source: 'pkg/reconciler/route/traffic/errors.go (RevisionMissing)',
    why: () =>
      'A new Service has one revision: the one of its template, `NAME-00001` unless it has an explicit name. Knative accepts a target for another revision, but the Service never becomes ready. If the cluster has the revision already, pass a snapshot with `--live FILE`, or list it in the configuration of the base commit.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** What a snapshot says against a change: one row a code. */
export const snapshotRemarks = {
  KN530: {
    name: 'target-not-ready',
    severity: 'warning',
    title: 'Snapshot shows a target of the change as not ready',
    source: 'pkg/reconciler/route/traffic (a target that is not ready makes all of them wait)',
    why: () =>
      'Knative moves no traffic while a target is not ready, failed or missing, at 0% as well, so the change will have no effect and users stay where they are. Remove the target, or save a new snapshot (`--live FILE`) after the revision is ready.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** What leaves guards silent for want of knowledge, and is said instead: one row a code. */
export const blanks = {
  KN520: {
    name: 'base-not-checked',
    severity: 'note',
    title: 'Not checked: Service cannot be read at the base commit',
    why: () =>
      'The base commit does not show the Service: the file was not valid YAML, was a template or no text, or had the Service twice. `check` validates the head and skips every comparison. Read the diff with that in mind.',
  },
  KN527: {
    name: 'new-service-not-checked',
    severity: 'note',
    title: 'Not checked: revisions of a Service that is new to the repository',
    why: () =>
      'The base commit has no such Service. A generated name above `NAME-00001` means that the cluster has had it for a while, and a base commit without files shows nothing. Only the cluster shows whether the revision exists.',
  },
  KN521: {
    name: 'history-not-checked',
    severity: 'note',
    title: 'Not checked: Git history is incomplete',
    why: () =>
      'Only the whole history of the file shows whether a revision name is new, a revision was built, or a soak is over. The listed rules were not checked where the known part does not decide. Fetch the rest, and run the command again.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** What a change does to the policy that judges changes: one row a code. It counts once the change is merged. */
export const policyRemarks = {
  KN522: {
    name: 'quieter-rule',
    severity: 'warning',
    title: 'Change makes later checks report less',
    why: () =>
      'A change cannot weaken its own check: `check` uses the `.kn-rollout.yaml` of the base commit. After the merge, a lower severity or a looser setting of `cluster` counts for everyone. Review this line as you would review code.',
  },
  KN523: {
    name: 'config-changed',
    severity: 'note',
    title: 'Change edits the configuration',
    why: () =>
      'Plans, severities and other settings of `.kn-rollout.yaml` take effect after the merge. This change is still checked with the settings of the base commit, so a check after the merge can have another result.',
  },
  KN524: {
    name: 'new-ignore',
    severity: 'note',
    title: 'New ignore comment counts after the merge',
    why: () =>
      'A change cannot ignore its own findings. A comment counts if the base commit has one for the same code at the same field of the same Service, on any line. Merge the comment in a separate change first, or fix the finding.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
