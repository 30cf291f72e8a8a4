import type { CodeRow } from '../codes/code.js'

/** What there is to say of kustomizations where traffic is moved: one row a code. */
export const reachRemarks = {
  KN605: {
    name: 'managed-traffic',
    severity: 'note',
    title: 'Traffic is managed by another controller',
    why: () =>
      'Flagger and KServe set the traffic of their Services in the cluster, and Argo CD can be configured to ignore it. A commit there is undone or never arrives, so `apply` refuses it without `--force`.',
  },
  KN606: {
    name: 'overridden-edit',
    severity: 'warning',
    title: 'Edit has no effect because an overlay overrides it',
    why: () =>
      'A patch with `spec.traffic` replaces the whole list, so the list of the base, or of an earlier patch, never reaches that overlay. Choose the overlay with `--overlay`; then `kn-rollout` edits the right file.',
  },
  KN607: {
    name: 'multi-overlay-edit',
    severity: 'warning',
    title: 'Edit changes several overlays',
    why: () =>
      'Several overlays build this Service without a separate traffic list, so one edit changes all of these environments. If that is not intended, give the ones that differ a patch with `spec.traffic`.',
  },
  KN608: {
    name: 'overlay-not-checked',
    severity: 'note',
    title: 'Not checked: part of the kustomization',
    why: () =>
      'Only files of this repository are read. A remote base, a chart, a generator or a replacement may still change the Service. Compare with the output of `kubectl kustomize` before you merge.',
  },
  KN609: {
    name: 'overridden-image',
    severity: 'warning',
    title: 'Overlay overrides the image',
    why: () =>
      'The `images` of a kustomization, and the containers of a patch, override the manifest. The overlay would get a revision with a new name and the old image. Change the image in the overriding file.',
  },
  KN620: {
    name: 'build-fails',
    severity: 'error',
    title: 'kustomize cannot build the directory',
    source: 'sigs.k8s.io/kustomize/api/internal/target/kusttarget.go',
    why: () =>
      'Argo CD and Flux build the directory before they apply it. If that fails, they apply nothing of it, and every Service in it stays unchanged. The message shows the error of kustomize; `kubectl kustomize` prints it as well.',
  },
  KN621: {
    name: 'conflicting-roots',
    severity: 'warning',
    title: 'Two kustomizations apply one Service with different templates',
    source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
    why: () =>
      'Both directories apply one object, with one revision name and two templates. Knative accepts the first and rejects the second, at every sync. Separate the environments by namespace or name, or apply only one of the directories.',
  },
  KN611: {
    name: 'layer-override',
    severity: 'warning',
    title: 'Edit has no effect because Argo CD or Flux overrides it',
    source: 'argo-cd docs/user-guide/kustomize.md; fluxcd.io/flux/components/kustomize/kustomizations',
    why: () =>
      'Argo CD and Flux can add patches and images to the kustomize build, and Flux can be configured to ignore an object. The cluster then gets other values than the manifest has. Change the value at the line that the message names.',
  },
  KN612: {
    name: 'suspended-sync',
    severity: 'warning',
    title: 'Flux does not apply the Service for now',
    source: 'fluxcd.io/flux/components/kustomize/kustomizations: suspend',
    why: () =>
      'While a Flux Kustomization is suspended, no commit reaches the cluster. After it is resumed, all of them arrive in one step, so stages in between are skipped. Resume it before you merge.',
  },
  KN622: {
    name: 'stale-reference',
    severity: 'warning',
    title: 'Reference keeps the old name of a renamed object',
    source: 'sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/namereference.go',
    why: () =>
      'A generator adds a hash to a name and a prefix changes it, but in a Knative Service kustomize rewrites only the Secret of an `env` variable. A field that keeps the old name refers to an object that does not exist, and the revision never becomes ready. List the field under `nameReference` in a `configurations` file.',
  },
  KN623: {
    name: 'account-beside-service',
    severity: 'warning',
    title: 'Flux applies a ServiceAccount together with its Service',
    source: 'knative/serving#16008; fluxcd/pkg/ssa',
    why: () =>
      'Flux runs a server-side dry run of the whole Kustomization before it applies anything, and Knative then tries the Pod of each Service. The account does not exist yet, so Flux applies nothing of the Kustomization, at every reconciliation. Move the account to a separate Kustomization, and name that in `dependsOn`.',
  },
  KN625: {
    name: 'applier-not-checked',
    severity: 'note',
    title: 'Not checked: some objects that Argo CD or Flux applies',
    source: 'argo-cd docs/operator-manual/applicationset/Generators.md',
    why: () =>
      '`kn-rollout` does not read other repositories, Helm charts, and generators and paths that come from a cluster or a server. The directories that Argo CD or Flux apply, and the settings that they add, are then unknown, so findings about names, namespaces and environments may be missing.',
  },
  KN626: {
    name: 'build-differs',
    severity: 'warning',
    title: 'Installed kustomize and `kn-rollout` build different results',
    source: 'sigs.k8s.io/kustomize/api/internal/target/kusttarget.go',
    why: () =>
      'With `--kustomize` the installed kustomize builds each root as well. Its result is the one that is validated, and each finding is at the line where `kn-rollout` finds the value. A difference is a bug of `kn-rollout`, or the installed kustomize has another version than that of your controller.',
  },
  KN624: {
    name: 'client-side-diff',
    severity: 'warning',
    title: 'Argo CD applies on the server, but compares locally',
    source: 'argo-cd docs/user-guide/diff-strategies.md',
    why: () =>
      'With `ServerSideApply=true` alone, Argo CD compares the file with every field of the server, and the defaults of Knative are a permanent difference. Enable server-side diff, which compares with the result of a dry run instead.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
