import type { CodeRow } from '../codes/code.js'

/** What there is to say of kustomizations where traffic is moved: one row a code. */
export const reachRemarks = {
  KN605: {
    name: 'managed-traffic',
    severity: 'note',
    title: 'Traffic is managed by another controller',
    why: () =>
      'Flagger and KServe set the traffic of their Services on the cluster, and Argo CD can be told not to look at it. A commit there is undone, or never arrives; `apply` therefore refuses it without --force.',
  },
  KN606: {
    name: 'overridden-edit',
    severity: 'warning',
    title: 'Edit has no effect because an overlay overrides it',
    why: () =>
      'A patch with `spec.traffic` replaces the whole list, so what stands in the base, or in an earlier patch, never reaches that overlay. Name the overlay with --overlay, and the file that counts is edited.',
  },
  KN607: {
    name: 'multi-overlay-edit',
    severity: 'warning',
    title: 'Edit changes several overlays',
    why: () =>
      'Several overlays build this Service and none of them brings its own list, so one edit moves all of these environments at once. That may well be meant; else give the ones that differ a patch with `spec.traffic`.',
  },
  KN608: {
    name: 'overlay-not-checked',
    severity: 'note',
    title: 'Not checked: part of the kustomization',
    why: () =>
      'Only files of this repository are read: what comes from a server, a chart, a generator or a replacement may change the Service after all. Compare with what `kubectl kustomize` prints before you merge.',
  },
  KN609: {
    name: 'overridden-image',
    severity: 'warning',
    title: 'Overlay overrides the image',
    why: () =>
      'The `images` of a kustomization, and the containers of a patch, come after what the manifest says. The overlay would get a revision of a new name with the old image, so change the image where the overlay decides on it.',
  },
  KN620: {
    name: 'build-fails',
    severity: 'error',
    title: 'kustomize refuses to build this',
    source: 'sigs.k8s.io/kustomize/api/internal/target/kusttarget.go',
    why: () =>
      'Argo CD and Flux build the folder before they apply it, and apply nothing of it where that fails: every Service of it stays as it is. The message says what kustomize would say; `kubectl kustomize` shows it as well.',
  },
  KN621: {
    name: 'conflicting-roots',
    severity: 'warning',
    title: 'Two kustomizations apply one Service with different templates',
    source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
    why: () =>
      'Both folders end up as one object on the cluster, with one revision name and two templates. The cluster takes the first and refuses the second, at every sync. Tell the environments apart by namespace or by name, or have only one of the folders applied.',
  },
  KN611: {
    name: 'layer-override',
    severity: 'warning',
    title: 'Edit has no effect where a layer overrides it',
    source: 'argo-cd docs/user-guide/kustomize.md; fluxcd.io/flux/components/kustomize/kustomizations',
    why: () =>
      'Argo CD and Flux can lay patches and images of their own over what kustomize builds, and Flux can be told to leave an object alone. What the manifest says is then not what the cluster gets.',
  },
  KN612: {
    name: 'suspended-sync',
    severity: 'warning',
    title: 'Flux does not apply the Service for now',
    source: 'fluxcd.io/flux/components/kustomize/kustomizations: suspend',
    why: () =>
      'While a Flux Kustomization is suspended, no commit reaches the cluster. When it is resumed, all of them arrive in one step, so that stages in between are skipped.',
  },
  KN622: {
    name: 'stale-reference',
    severity: 'warning',
    title: 'Reference keeps the old name of a renamed object',
    source: 'sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/namereference.go',
    why: () =>
      'A generator adds a hash to a name and a prefix changes it, but of a Knative Service kustomize rewrites only the Secret of an `env` variable. What keeps the old name means an object that will not exist, and the revision never becomes ready.',
  },
  KN623: {
    name: 'account-beside-service',
    severity: 'warning',
    title: 'ServiceAccount is applied together with its Service by Flux',
    source: 'knative/serving#16008; fluxcd/pkg/ssa',
    why: () =>
      'Flux tries all of a Kustomization on the cluster before it applies any of it, and Knative tries the Pod of each Service then. The account is not there yet, so the whole Kustomization is refused, at every reconciliation.',
  },
  KN625: {
    name: 'applier-not-checked',
    severity: 'note',
    title: 'Not checked: part of what Argo CD or Flux applies',
    source: 'argo-cd docs/operator-manual/applicationset/Generators.md',
    why: () =>
      'Generators that ask a cluster or a server, paths that are filled in from there, other repositories and Helm are not read. Which folders are applied, how often, and what is laid over them is not known there, so findings about names, namespaces and environments may be missing.',
  },
  KN626: {
    name: 'build-differs',
    severity: 'warning',
    title: 'kustomize builds another result than kn-rollout reads',
    source: 'sigs.k8s.io/kustomize/api/internal/target/kusttarget.go',
    why: () =>
      'With `--kustomize` the installed kustomize builds each root as well. What it builds counts, and findings stand at the lines that decide on the result that is read here. A difference is a fault of kn-rollout, or a version of kustomize that builds otherwise than that of your controller.',
  },
  KN624: {
    name: 'client-side-diff',
    severity: 'warning',
    title: 'Argo CD applies on the server, but compares by itself',
    source: 'argo-cd docs/user-guide/diff-strategies.md',
    why: () =>
      'With `ServerSideApply=true` alone, Argo CD compares the file with all that the server owns, and the defaults that Knative fills in are a difference for ever. Server-side diff asks the cluster what an apply would change.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
