import { argoDiff } from '../kustomize/argo-diff.js'
import type { AppliedService, BuiltRoot } from '../kustomize/build.js'
import { type Applier, objectsIn } from '../kustomize/layers/layer.js'
import { folderName } from '../kustomize/kustomization.js'
import type { ObjectCount } from '../kustomize/plain-folder.js'
import { unrewritten } from '../kustomize/unrewritten.js'
import { type Manifest, spotAt } from '../manifest/manifest.js'
import { overlayRules } from '../rules/overlays.js'
import { valueAt } from '../rules/rule.js'
import { podCodes } from '../rules/table.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, member } from '../yaml/json.js'
import { reachRemarks } from './reach-remarks.js'

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
