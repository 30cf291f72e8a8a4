import { labelOf, type Built, type Said } from '../manifest/kustomize/built.js'
import { isList, member } from '../manifest/json.js'
import { renamedImage } from '../manifest/kustomize/images.js'
import { folderName, type Kustomization } from '../manifest/kustomize/kustomization.js'
import type { Manifest } from '../manifest/manifest.js'
import { placeOf } from '../rules/overlays/replaced-traffic.js'
import type { ReleaseRequest } from '../stages/release.js'
import type { TemplateChange } from '../stages/template-change.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { refusalAt } from './overlay-refusal.js'
import type { Reason } from './refusal.js'

/** Why a new revision cannot be made in the file that decides on the traffic: another one decides on the template. */
export function templateElsewhere(
  overlay: Kustomization,
  built: Built,
  { image, env = [] }: ReleaseRequest,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const own = word.manifest
  const refusal = (what: string, at: string): Diagnostic => {
    const folder = folderName(overlay)
    const message = `${what} of \`${labelOf(built)}\` must stand beside \`spec.traffic\` to be released in one diff, but ${at} decides on it and ${own.file.path} on the traffic`
    const help = `change the template by hand (a new image by \`images\` in \`${overlay.file.path}\`, and a new \`spec.template.metadata.name\`), then give it its route: \`kn-rollout apply preview --overlay ${folder}\``
    const { kustomization = overlay, path = ['resources'] } = word
    return refusalAt(kustomization, path, { code: 'KN465', message, help }, labelOf(built))
  }
  const needsContainer = env.length > 0 || (image !== undefined && !isKustomized(built))
  if (needsContainer && !isOf(own, built.containers))
    return refusal('the container', placeOf(built.containers.word).file)
  const { revision } = built
  // A patch may bring a name where its base has one, but nothing beside what comes after it.
  const isOver = own !== built.base && isOf(built.base, revision)
  if (revision.value === undefined || isOf(own, revision) || isOver) return undefined
  return refusal('the name of the revision', placeOf(revision.word).file)
}

/** Whether `images` decide on an image of the Service. */
function isKustomized(built: Built): boolean {
  const { value } = built.containers
  return (isList(value) ? value : []).some((container) => {
    const image = member(container, 'image')
    return typeof image === 'string' && imagesOf(built)(image) !== undefined
  })
}

/** The kustomizations whose `images` come after what says which containers there are. */
export function imagesOver({ containers: { word }, through }: Built): readonly Kustomization[] {
  const first = word.kustomization ? through.indexOf(word.kustomization) : 0
  return through.slice(Math.max(0, first))
}

/** What becomes of an image by them; undefined where they have no say in it. */
export function imagesOf(built: Built): (image: string) => string | undefined {
  return (image) => {
    const renamed = renamedImage(image, imagesOver(built))
    return renamed.by && renamed.image
  }
}

function isOf(manifest: Manifest, { word }: Said): boolean {
  return word.by === 'manifest' && word.manifest === manifest
}

/** Who decides on the image of a container in place of the manifest that is edited. */
export type Overruled = {
  /** The file to edit. */
  readonly file: string
  /** What the cluster gets, where that is known. */
  readonly image?: string
}

/** Whether the new image of a manifest reaches what is built from it. */
export function overruledImage(
  manifest: Manifest,
  built: Built,
  { after, isKustomized: isTheirs }: NonNullable<TemplateChange['image']>,
): Overruled | undefined {
  if (isTheirs) return undefined
  const { word } = built.containers
  if (word.by !== 'manifest' || word.manifest !== manifest) return { file: placeOf(word).file }
  const { image, by } = renamedImage(after, imagesOver(built))
  return by && image !== after ? { file: by.at.file.path, image } : undefined
}

/** What to do about an image that another file decides on. */
export function imageElsewhere(
  { container, after }: NonNullable<TemplateChange['image']>,
  { file, image }: Overruled,
  where = '',
): Omit<Reason, 'code'> {
  const given = image === undefined ? 'decides on it' : `makes it \`${image}\``
  return {
    message: `the image of \`${container}\` must be changed to \`${after}\` where it is decided on, but ${file} ${given}${where}`,
    help: `change the image in ${file} as well`,
  }
}
