import type { Says } from '../text/diagnostic.js'
import type { Builds } from '../kustomize/builds.js'
import { renamedImage } from '../kustomize/images.js'
import {
  type Built,
  builtLabel,
  folderName,
  type Kustomization,
  listItems,
  rangeIn,
} from '../kustomize/kustomization.js'
import type { Manifest } from '../manifest/manifest.js'
import { containersPath, parseImage } from '../manifest/names.js'
import { grouped } from '../text/collections.js'
import { formatPath, type Path } from '../text/path.js'
import { goTypeOf, isObject, type Json, member } from '../yaml/json.js'
import { isImageReference } from './go-values.js'
import type { OverlayRule } from './overlay-rule.js'
import { knative, itemsAt, shown, valueAt } from './rule.js'

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
export const imagesRules: readonly OverlayRule[] = [replacedImage, unreadImages, brokenImage]
