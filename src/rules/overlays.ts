import { byCode } from '../codes/code.js'
import { imagesRules } from './images.js'
import type { OverlayFinding, OverlayRule } from './overlay-rule.js'
import type { Builds } from '../kustomize/builds.js'
import {
  type Built,
  builtId,
  builtLabel,
  folderName,
  type Kustomization,
  listItems,
  type Said,
  type Word,
} from '../kustomize/kustomization.js'
import { containersPath } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import { knative, shown } from './rule.js'

/** kustomize goes by `kind: Service` and minds no group, so it takes a Knative Service for one of the core. */
const labelledSelector: OverlayRule = {
  code: 'KN604',
  name: 'added-selector',
  severity: 'warning',
  title: 'Kustomization adds a selector to a Knative Service',
  source:
    'sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/commonlabels.go; fluxcd/kustomize-controller#741',
  why: () =>
    'kustomize treats every kind called Service as a Kubernetes Service and adds a selector, which the schema of Knative Services does not have. Kubernetes rejects the unknown field if kubectl, Argo CD or Flux applies it with default settings. Use `labels` without selectors.',
  *check(kustomization, builds) {
    const path = selecting(kustomization)
    const [built] = path ? builds.build(kustomization) : []
    if (!path || !built) return
    yield {
      message: `\`${path[0]}\` of \`${folderName(kustomization)}\` adds \`spec.selector\` to the Knative Service in ${built.base.file.path}, which Kubernetes will reject`,
      says: { by: 'Kubernetes', text: '.spec.selector: field not declared in schema' },
      help: 'write `labels: [{pairs: {…}}]` without `includeSelectors`, which sets labels and no selectors',
      at: kustomization,
      path,
      part: 'key',
      service: builtLabel(built),
    }
  },
}

function selecting({ value }: Kustomization): Path | undefined {
  const common = member(value, 'commonLabels')
  if (isObject(common) && Object.keys(common).length > 0) return ['commonLabels']
  const own = listItems(value, 'labels').find(({ item }) => member(item, 'includeSelectors') === true)
  return own && [...own.path, 'includeSelectors']
}

const affixes = ['namePrefix', 'nameSuffix'] as const

/** kustomize knows no reference from a Service to its revisions, so it renames the one and leaves the others. */
const renamedService: OverlayRule = {
  code: 'KN603',
  name: 'renamed-service',
  severity: 'warning',
  title: 'Overlay renames the Service but not its revisions',
  source: 'pkg/apis/serving/v1/revision_validation.go validateRevisionName; kustomize namereference.go',
  why: () =>
    'kustomize renames the Service, but neither `spec.template.metadata.name` nor the revisions in `spec.traffic`, and a revision name starts with its Service name. Patch the names in the same directory, or use a namespace for each environment.',
  *check(kustomization, builds) {
    const key = affixIn(kustomization)
    if (key === undefined) return
    const told = new Set<string>()
    for (const built of deliveredBy(kustomization, builds)) {
      const { name } = builtId(built)
      const revision = built.revision.value
      const isOther = (one: unknown): one is string =>
        typeof one === 'string' && one !== '' && !one.startsWith(`${name}-`)
      const routed = targetsOf(built).find(isOther)
      if ((!isOther(revision) && routed === undefined) || told.has(builtLabel(built))) continue
      told.add(builtLabel(built))
      const [field, found, said, then] = isOther(revision)
        ? ['spec.template.metadata.name', revision, built.revision, `Knative will reject it`]
        : ['spec.traffic', routed, built.traffic, 'no traffic moves (`RevisionMissing`)']
      yield {
        message: `\`${key}\` of \`${folderName(kustomization)}\` renames the Service to \`${name}\`, but \`${field}\` stays \`${String(found)}\` (${fileOf(said)}): ${then}`,
        ...(isOther(revision) && { says: knative(`invalid value: ${shown(revision)} must have prefix "${name}-"`) }),
        help: `patch the names in this directory so that they start with \`${name}-\`, or use a separate \`namespace\` for each environment`,
        at: kustomization,
        path: [key],
        part: 'key',
        service: builtLabel(built),
      }
    }
  },
}

function affixIn({ value }: Kustomization): (typeof affixes)[number] | undefined {
  return affixes.find((one) => member(value, one) ?? '')
}

/** What leaves the repository with the name that this kustomization is the last one to change. */
function deliveredBy(kustomization: Kustomization, builds: Builds): readonly Built[] {
  const roots = builds.folders.roots()
  const all = roots.includes(kustomization) ? builds.build(kustomization) : roots.flatMap((root) => builds.build(root))
  return all.filter(({ through }) => through.findLast((one) => affixIn(one) !== undefined) === kustomization)
}

/** The file that says it: the Service's own, or the patch that has the last word. */
function fileOf({ word }: Said): string {
  if (word.by === 'manifest') return word.manifest.file.path
  return word.by === 'json' && word.file ? word.file.path : word.kustomization.file.path
}

function targetsOf({ traffic }: Built): readonly unknown[] {
  return isList(traffic.value) ? traffic.value.map((target) => member(target, 'revisionName')) : []
}

/** Which of two lists counts is told by the order of the patches alone: nothing in the base's file hints at it. */
const replacedTraffic: OverlayRule = {
  code: 'KN601',
  name: 'overridden-traffic',
  severity: 'note',
  title: 'Overlay replaces the traffic of its base',
  source: 'sigs.k8s.io/kustomize#2825; config/core/300-resources/service.yaml: `traffic` has no merge key',
  why: () =>
    'The traffic list has no merge key, so a patch never adds to it: the cluster gets the list of the last patch. Edit that file, for example with `kn-rollout apply STAGE --overlay DIR`.',
  *check(kustomization, builds) {
    builds.build(kustomization)
    const seen = new Set<string>()
    for (const { field, kustomization: own, before, after } of builds.replacements) {
      if (field !== 'traffic' || own !== kustomization || !isList(before.traffic.value)) continue
      const loser = before.traffic.word.by === 'manifest' ? before.traffic.word.manifest.file.path : 'another patch'
      const { at, path, file } = lastWordAt(after.traffic.word)
      const key = JSON.stringify([loser, file, path])
      if (seen.has(key)) continue
      seen.add(key)
      const message = `\`spec.traffic\` of \`${loser}\` has no effect in \`${folderName(kustomization)}\`: \`${file}\` overrides the whole list`
      yield { message, help: `edit \`${file}\``, at, path, part: 'key', service: builtLabel(before) }
    }
  },
}

/** Where the one who has the last word says it. */
export function lastWordAt(word: Word): Pick<OverlayFinding, 'at' | 'path'> & { readonly file: string } {
  if (word.by === 'manifest') return { at: word.manifest, path: ['spec', 'traffic'], file: word.manifest.file.path }
  const { kustomization: at, path } = word
  return { at, path, file: word.by === 'json' && word.file ? word.file.path : at.file.path }
}

/** Whoever knows patches of Deployments expects that containers are merged by their names. */
const replacedContainers: OverlayRule = {
  code: 'KN610',
  name: 'patch-drops-fields',
  severity: 'warning',
  title: 'Patch drops fields of the base containers',
  source: 'sigs.k8s.io/kustomize#2825: lists of custom resources have no merge key',
  why: () =>
    'Kubernetes merges the containers of a Deployment by name, but kustomize has no such key for Knative Services. The list of the patch replaces the list of the base, so variables, ports and probes that it omits are lost. Repeat them, or use a JSON patch.',
  *check(kustomization, builds) {
    builds.build(kustomization)
    for (const { field, kustomization: own, before, after } of builds.replacements) {
      if (field !== 'containers' || own !== kustomization || after.containers.word.by === 'json') continue
      const lost = lostBetween(before.containers.value, after.containers.value)
      if (lost.length === 0) continue
      const { at, path } = lastWordAt(after.containers.word)
      yield {
        message: `the \`containers\` patch of \`${folderName(kustomization)}\` replaces the list: ${listed(lost)} of ${before.base.file.path} will be removed`,
        help: 'repeat them in the patch, or change one field with a JSON patch (`op: replace`, `path: /spec/template/spec/containers/0/image`)',
        at,
        path: at === kustomization ? path : containersPath,
        part: 'key',
        service: builtLabel(before),
      }
    }
  },
}

/** The containers that are gone, and the fields that those which are left have no more. */
function lostBetween(before: Json | undefined, after: Json | undefined): readonly string[] {
  if (!isList(before) || !isList(after)) return []
  return before.flatMap((old) => {
    const name = member(old, 'name')
    const isAlone = before.length === 1 && after.length === 1
    const now = isAlone ? after[0] : after.find((one) => member(one, 'name') === name)
    if (now === undefined) return [typeof name === 'string' ? `the container \`${name}\`` : 'a container']
    const keys = isObject(old) && isObject(now) ? Object.keys(old) : []
    return keys.filter((key) => key !== 'name' && member(now, key) === undefined).map((key) => `\`${key}\``)
  })
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** What there is to say of kustomizations, in the order of the codes. To add one: a rule above, and its name here. */
export const overlayRules: readonly OverlayRule[] = [
  replacedTraffic,
  ...imagesRules,
  renamedService,
  labelledSelector,
  replacedContainers,
].toSorted(byCode)
