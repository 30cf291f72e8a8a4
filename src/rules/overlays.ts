import { byCode } from '../codes/code.js'
import type { Builds } from '../kustomize/build.js'
import { renamedImage } from '../kustomize/images.js'
import {
  type Built,
  builtId,
  builtLabel,
  folderName,
  type Kustomization,
  listItems,
  rangeIn,
  type Said,
  type Word,
} from '../kustomize/kustomization.js'
import type { Manifest } from '../manifest/manifest.js'
import { containersPath, parseImage } from '../manifest/names.js'
import { grouped } from '../text/collections.js'
import type { Says } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { goTypeOf, isList, isObject, type Json, member } from '../yaml/json.js'
import { isImageReference } from './go-values.js'
import { itemsAt, knative, type OverlayFinding, type OverlayRule, shown, valueAt } from './rule.js'

/** kustomize changes the image of a template, but not the name of its revision, and the cluster refuses one without the other. */
const replacedImage: OverlayRule = {
  code: 'KN602',
  name: 'image-name-kept',
  severity: 'warning',
  title: 'Image override keeps the old revision name',
  source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
  why: () =>
    'A named revision never changes, and Knative rejects every apply with a new image under an old name. Bots that only raise `newTag` cause this. Rename the revision in the same commit, or let Knative generate the name.',
  *check(kustomization, builds) {
    if (listItems(kustomization.value, 'images').length === 0) return
    for (const built of builds.build(kustomization)) {
      const revision = built.revision.value
      if (typeof revision !== 'string' || revision === '' || isNamedBy(kustomization, built)) continue
      for (const { value } of itemsAt(built.base.value, ['spec', 'template', 'spec', 'containers'])) {
        const found = member(value, 'image')
        if (typeof found !== 'string') continue
        const { image, by } = renamedImage(found, [kustomization])
        if (!by || image === found || namesTag(revision, parseImage(image).tag)) continue
        if (isPlaceholder(found, built.base, builds)) continue
        yield {
          message: `\`images\` of \`${folderName(kustomization)}\` sets ${shown(found)} but keeps the revision name \`${revision}\`: Knative will reject the change`,
          says: knative('Saw the following changes without a name change'),
          help: `change \`spec.template.metadata.name\` (${built.base.file.path}) in the same commit, or remove it`,
          at: kustomization,
          path: by.path,
          part: 'key',
          service: builtLabel(built),
        }
      }
    }
  },
}

/** Whether the kustomization that changes the image also names the revision. */
function isNamedBy(kustomization: Kustomization, { revision: { word } }: Built): boolean {
  return word.kustomization === kustomization
}

/** Whether no cluster ever sees an image: whatever builds the Service for its own sake puts another one in its place. */
function isPlaceholder(image: string, base: Manifest, builds: Builds): boolean {
  const delivered = deliveriesIn(builds).of.get(base) ?? []
  return delivered.length > 0 && delivered.every(({ through }) => renamedImage(image, through).image !== image)
}

/** What leaves the repository, by the Service that it starts from, and by the kustomizations that it went through. */
type Deliveries = {
  readonly of: ReadonlyMap<Manifest, readonly Built[]>
  readonly by: ReadonlyMap<Kustomization, readonly Built[]>
}

const known = new WeakMap<Builds, Deliveries>()

function deliveriesIn(builds: Builds): Deliveries {
  const found = known.get(builds)
  if (found) return found
  const all = builds.folders.roots().flatMap((root) => builds.build(root))
  const steps = all.flatMap((built) => built.through.map((one) => ({ one, built })))
  const by = new Map([...grouped(steps, ({ one }) => one)].map(([one, own]) => [one, own.map(({ built }) => built)]))
  const made = { of: grouped(all, ({ base }) => base), by }
  known.set(builds, made)
  return made
}

/** Whether the revision is called after the tag, so that the two change together. */
function namesTag(revision: string, tag: string | undefined): boolean {
  return tag !== undefined && revision.includes(tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
}

/** What a kustomization has a say in: what it builds itself, or, as a component, what others build with it. */
function throughIt(kustomization: Kustomization, builds: Builds): readonly Built[] {
  const own = builds.build(kustomization)
  return own.length > 0 ? own : (deliveriesIn(builds).by.get(kustomization) ?? [])
}

const imageFields = ['name', 'newName', 'tagSuffix', 'newTag', 'digest']

/** kustomize decodes its file by Go's types before it builds anything, and a bare number is no text. */
const unreadImages: OverlayRule = {
  code: 'KN614',
  name: 'images-field-type',
  severity: 'error',
  title: 'Item of `images` is not valid for kustomize',
  source: 'sigs.k8s.io/kustomize/api/types/image.go; kustomization.go Unmarshal',
  why: () =>
    'A tag such as 1.10 or 1234e5 is a number without quotes, and `yes` is a boolean. kustomize needs strings in `images` and supports five fields there; with anything else it builds nothing, so Argo CD and Flux stop at the last good commit. Put the value in quotes.',
  *check(kustomization, builds) {
    const [built] = throughIt(kustomization, builds)
    if (!built) return
    for (const { item, path } of listItems(kustomization.value, 'images')) {
      if (!isObject(item)) continue
      for (const [key, value] of Object.entries(item)) {
        const at = [...path, key]
        const field = formatPath(at)
        const told = { at: kustomization, path: at, service: builtLabel(built) }
        if (imageFields.every((one) => one.toLowerCase() !== key.toLowerCase())) {
          const message = `unknown field \`${field}\`: kustomize cannot build \`${folderName(kustomization)}\``
          const says: Says = { by: 'kustomize', text: `invalid Kustomization: json: unknown field "${key}"` }
          yield { ...told, message, says, help: `use only the fields ${imageFields.join(', ')}`, part: 'key' }
        } else if (typeof value !== 'string' && value !== null) {
          const { start, end } = rangeIn(kustomization, at)
          const written = kustomization.file.text.slice(start, end)
          const isScalar = typeof value !== 'object'
          const found = isScalar ? `${goTypeOf(value)} \`${written}\`` : goTypeOf(value)
          yield {
            ...told,
            message: `\`${field}\` is the ${found}; must be a string`,
            says: {
              by: 'kustomize',
              text: `invalid Kustomization: json: cannot unmarshal ${goTypeOf(value)} into Go struct field`,
            },
            help: isScalar ? `put it in quotes: \`${key}: "${written}"\`` : 'write a string',
          }
        }
      }
    }
  },
}

/** kustomize puts the parts of an image together without a look at them; the webhook reads the whole. */
const brokenImage: OverlayRule = {
  code: 'KN615',
  name: 'images-result',
  severity: 'error',
  title: 'Item of `images` makes an image that Knative rejects',
  source: 'pkg/apis/serving/k8s_validation.go validate; sigs.k8s.io/kustomize/api/filters/imagetag/updater.go',
  why: () =>
    'kustomize joins name, tag and digest without a check: a tag within `newName` gets the old tag after it, and capitals stay. Knative cannot read such a reference and rejects the Service, although the build succeeds. Write name, tag and digest in separate fields.',
  *check(kustomization, builds) {
    if (listItems(kustomization.value, 'images').length === 0) return
    const told = new Set<string>()
    for (const built of throughIt(kustomization, builds)) {
      const earlier = built.through.slice(0, built.through.indexOf(kustomization))
      for (const { value } of itemsAt(built.base.value, containersPath)) {
        const image = member(value, 'image')
        if (typeof image !== 'string') continue
        const { image: made, by } = renamedImage(renamedImage(image, earlier).image, [kustomization])
        // What is filled in later is not known.
        if (!by || made.includes('$') || isImageReference(made)) continue
        const path = faultIn(kustomization, by.path)
        const key = formatPath(path)
        if (told.has(key)) continue
        told.add(key)
        yield {
          message: `\`${key}\` turns the image ${shown(image)} (${built.base.file.path}) into ${shown(made)}, which is not an image reference`,
          says: knative('Failed to parse image reference'),
          help: helpFor(valueAt(kustomization.value, path)),
          at: kustomization,
          path,
          service: builtLabel(built),
        }
      }
    }
  },
}

/** The field of an entry that is to blame: a name that is none, else the part that came last. */
function faultIn({ value }: Kustomization, by: Path): Path {
  const path = [...by.slice(0, -1), 'newName']
  const name = valueAt(value, path)
  if (typeof name !== 'string' || name === '') return by
  const { tag, digest } = parseImage(name)
  return tag !== undefined || digest !== undefined || !isImageReference(name) ? path : by
}

function helpFor(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : ''
  const { name, tag, digest } = parseImage(text)
  if (digest !== undefined) return `write \`newName: ${name}\` and \`digest: ${digest}\``
  if (tag !== undefined && name !== '') return `write \`newName: ${name}\` and \`newTag: "${tag}"\``
  return 'write a lower-case name, a tag of letters, digits, `_`, `.`, `-`, and a digest `sha256:…` with 64 digits'
}

/** What there is to say of the `images` of kustomizations. */
const imagesRules: readonly OverlayRule[] = [replacedImage, unreadImages, brokenImage]

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
