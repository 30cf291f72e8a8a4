import type { CodeRow } from '../codes/code.js'
import { argoDiff } from '../kustomize/appliers.js'
import type { AppliedService, BuiltRoot } from '../kustomize/build.js'
import { unrewritten } from '../kustomize/finished.js'
import type { ObjectCount } from '../kustomize/folders.js'
import { folderName } from '../kustomize/kustomization.js'
import { type Applied, type Applier, type NotRead, objectsIn } from '../kustomize/layers/layer.js'
import { type Manifest, spotAt } from '../manifest/manifest.js'
import { podCodes } from '../rules/judge.js'
import { overlayRules } from '../rules/overlays.js'
import { valueAt } from '../rules/rule.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, isTextMatched, type Path, pathMatcher } from '../text/path.js'
import { isList, member } from '../yaml/json.js'

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

/** What a run looks at, as far as it matters for what controllers apply. */
type Extent = {
  readonly hasServices: boolean
  /** The folders of its Services, and of the kustomizations that build them, from the root of the repository. */
  readonly places: readonly string[]
  /** The folders of Services of plain files, be they looked at or not. */
  readonly plain: readonly string[]
  /** Whether it looks at a file for its own sake. */
  readonly isAbout: (path: string) => boolean
  /** Whether it looks at a change. */
  readonly isOfChange: boolean
}

/**
 * What of the objects that have folders applied is not read, each at its line and once: where the run looks at their file,
 * or at Services that they may apply. Nothing where there are no Services.
 */
export function applierRemarks(
  applied: Applied | undefined,
  { hasServices, places, plain, isAbout, isOfChange }: Extent,
): readonly Diagnostic[] {
  if (!hasServices) return []
  const isMeant = (one: NotRead): boolean => {
    if (one.isAside === true) return false
    if (one.isOfChange === true && !isOfChange) return false
    const matchers = (one.places ?? []).map((pattern) => pathMatcher(pattern, true))
    const isIn = (place: string): boolean => isTextMatched(place, matchers)
    if (one.isOfPlain === true && !plain.some(isIn)) return false
    return isAbout(one.file.path) || (one.isOfChange !== true && places.some(isIn))
  }
  const found = (applied?.notRead ?? []).filter(isMeant).map(({ what, by, file, range }): Diagnostic => ({
    code: 'KN625',
    severity: reachRemarks.KN625.severity,
    message: `not checked: objects that \`${by}\` applies (${what})`,
    file: file.path,
    range,
  }))
  return [...new Map(found.map((one) => [JSON.stringify([one.file, one.range, one.message]), one])).values()]
}

const severityOf = overlayRules.find(({ code }) => code === 'KN601')?.severity ?? 'note'

/** What there is to say of a built Service because of what is built beside it, and of what applies it. */
export function deliveryRemarks(
  service: AppliedService,
  built: BuiltRoot,
  appliers: readonly Applier[],
): readonly Diagnostic[] {
  return [
    ...staleNames(service, built),
    ...operatedTraffic(service),
    ...(appliers.some(isFlux) ? ownAccount(service, built) : []),
    ...comparisonRemarks(service.manifest, appliers),
  ]
}

/**
 * What Flux refuses at its dry run, before anything of the Kustomization is applied.
 *
 * @param together How many objects it applies together with the Service, that one included.
 */
export function gradedFor(
  diagnostic: Diagnostic,
  appliers: readonly Applier[],
  together: () => ObjectCount | undefined,
): Diagnostic {
  if (!appliers.some(isFlux)) return diagnostic
  const isRefused = podCodes.has(diagnostic.code) || diagnostic.code === 'KN326'
  if (diagnostic.severity !== 'error' && !(isRefused && diagnostic.severity === 'warning')) return diagnostic
  const { count, isLeast } = together() ?? { count: 0, isLeast: false }
  const others = count - 1
  const least = isLeast ? 'at least ' : ''
  const held =
    others > 0 ? ` (blocks ${least}${others} other ${others === 1 ? 'object' : 'objects'} of the Kustomization)` : ''
  return { ...diagnostic, severity: 'error', message: `${diagnostic.message}${held}` }
}

/** Whether something is applied by Flux. */
export function isFlux({ controller }: Applier): boolean {
  return controller === 'Flux'
}

/** Whether Argo CD compares a Service with the cluster by itself, without asking the cluster. */
export function isComparedByArgoCD(appliers: readonly Applier[]): boolean {
  return appliers.some((applier) => {
    if (applier.controller !== 'Argo CD') return false
    return partOf(applier).every(({ value }) => argoDiff(value)?.isServerSide !== true)
  })
}

/** Operations below the list of the base: it is still there, but what it says is not what the cluster gets. */
function operatedTraffic({ root, base, manifest }: AppliedService): readonly Diagnostic[] {
  const list = member(manifest.value, 'spec', 'traffic')
  if (!isList(member(base.value, 'spec', 'traffic')) || !isList(list)) return []
  const path = ['spec', 'traffic']
  if (spotAt(manifest, path).file.path !== base.file.path) return []
  const leaves = list.flatMap((target, index) => Object.keys(target ?? {}).map((key) => [...path, index, key]))
  // What is a variable in the file, that leaves to others.
  const own = leaves.filter((leaf) => !JSON.stringify(valueAt(base.value, leaf) ?? '').includes('${'))
  const first = own.map((leaf) => spotAt(manifest, leaf)).find((spot) => spot.file.path !== base.file.path)
  if (!first) return []
  const { file, range } = first
  return [
    {
      code: 'KN601',
      severity: severityOf,
      message: `\`spec.traffic\` of \`${base.file.path}\` is changed in \`${folderName(root)}\`: \`${file.path}\` overrides a part of it`,
      file: file.path,
      range,
      path: formatPath(path),
      service: manifest.label,
    },
  ]
}

/** kustomize gives generated and prefixed objects another name, and rewrites few of the references to them. */
function staleNames(service: AppliedService, built: BuiltRoot): readonly Diagnostic[] {
  return unrewritten(service, built).map(({ path, name, kind, builtName }) => ({
    ...at(service, path),
    code: 'KN622',
    severity: reachRemarks.KN622.severity,
    message: `\`${formatPath(path)}\` is \`${name}\`, but kustomize renames this ${kind} to \`${builtName}\`: the reference will not exist`,
    help: 'list the field under `nameReference` in a file of `configurations`; a generator can also set `disableNameSuffixHash: true`',
  }))
}

/** The dry run tries the Service before the account is there. */
function ownAccount(service: AppliedService, { objects }: BuiltRoot): readonly Diagnostic[] {
  const path = ['spec', 'template', 'spec', 'serviceAccountName']
  const name = member(service.manifest.value, ...path)
  const own = service.manifest.namespace ?? ''
  const isBuilt = objects.some((one) => one.kind === 'ServiceAccount' && one.name === name && one.namespace === own)
  if (!isBuilt || typeof name !== 'string') return []
  return [
    {
      ...at(service, path),
      code: 'KN623',
      severity: reachRemarks.KN623.severity,
      message: `the ServiceAccount \`${name}\` is in the same Flux Kustomization: the dry run of \`${service.manifest.label}\` will not find it`,
      help: 'move it to a separate Kustomization, and name that in `dependsOn`',
    },
  ]
}

/** What there is to say of how Argo CD compares a Service. */
export function comparisonRemarks(
  manifest: Pick<Manifest, 'label'>,
  appliers: readonly Applier[],
): readonly Diagnostic[] {
  return appliers.flatMap((applier) => mismatched(manifest, applier))
}

function mismatched({ label }: Pick<Manifest, 'label'>, applier: Applier): readonly Diagnostic[] {
  if (applier.controller !== 'Argo CD') return []
  return partOf(applier).flatMap((part): readonly Diagnostic[] => {
    const path = argoDiff(part.value)?.mismatch
    if (!path) return []
    const { file, range } = part.at(path)
    return [
      {
        code: 'KN624',
        severity: reachRemarks.KN624.severity,
        message: `\`ServerSideApply=true\` is set without server-side diff: \`${applier.name}\` will be OutOfSync with every Knative Service`,
        help: 'add the annotation `argocd.argoproj.io/compare-options: ServerSideDiff=true`, or remove the option',
        file: file.path,
        range,
        path: formatPath(path),
        service: label,
      },
    ]
  })
}

/** The object of a controller as its file has it. */
function partOf({ file, name }: Applier): ReturnType<typeof objectsIn> {
  return objectsIn(file).filter(({ value }) => member(value, 'metadata', 'name') === name)
}

function at({ manifest }: AppliedService, path: Path): Omit<Diagnostic, 'code' | 'severity' | 'message'> {
  const { file, range } = spotAt(manifest, path)
  return { file: file.path, range, path: formatPath(path), service: manifest.label }
}
