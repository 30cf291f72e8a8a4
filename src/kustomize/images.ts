import { parseImage } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import type { Json } from '../yaml/json.js'
import { textOf } from './field-specs.js'
import { type Kustomization, listItems } from './kustomization.js'
import { matcherFor } from './selector-text.js'

/** The members of an entry of `images`, the one that shows most first. */
export const imageMembers = ['newTag', 'digest', 'newName', 'tagSuffix'] as const

/** An image after the `images` of kustomizations, and the last entry that had a say in it. */
export type NamedImage = { readonly image: string; readonly by?: { readonly at: Kustomization; readonly path: Path } }

/**
 * What the `images` of kustomizations, one after the other, make of an image. They come after the patches of their own
 * kustomization, so whatever a file says of the tag is in vain beside them.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/imagetag/updater.go.
 */
export function renamedImage(image: string, kustomizations: readonly Kustomization[]): NamedImage {
  let renamed: NamedImage = { image }
  for (const at of kustomizations)
    for (const { item, path } of listItems(at.value, 'images')) {
      const name = textOf(item, 'name')
      const key = imageMembers.find((one) => textOf(item, one) !== '')
      if (name === '' || key === undefined || isOf(renamed.image, name) !== true) continue
      renamed = { image: imageText(renamed.image, item), by: { at, path: [...path, key] } }
    }
  return renamed
}

/** Whether the kustomization puts an image of another name in the place of this one. */
export function replacesImage(kustomization: Kustomization, image: string): boolean {
  return parseImage(renamedImage(image, [kustomization]).image).name !== parseImage(image).name
}

/** Whether the `name` of an entry means the image: an expression for all in front of the tag; undefined where it is none to Go. */
export function isOf(image: string, name: string): boolean | undefined {
  return matcherFor(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)?.test(image)
}

/** The image as an entry makes it: a new tag drops the digest, and a new digest the tag; a suffix is for what keeps its tag. */
export function imageText(image: string, entry: Json): string {
  const present = split(image)
  const name = textOf(entry, 'newName') || present.name
  const [newTag, newDigest, suffix] = [textOf(entry, 'newTag'), textOf(entry, 'digest'), textOf(entry, 'tagSuffix')]
  let { tag, digest } = present
  if (newTag !== '' || newDigest !== '') [tag, digest] = [newTag, newDigest]
  else if (suffix !== '') [tag, digest] = [tag + suffix, '']
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
}

/** Source: sigs.k8s.io/kustomize/api/internal/image/image.go Split. */
function split(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const slash = image.indexOf('/')
  const from = slash > 0 ? slash : 0
  const [at, colon] = [image.indexOf('@', from), image.indexOf(':', from)]
  if (at < 0 && colon < 0) return { name: image, tag: '', digest: '' }
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) }
  if (at < 0) return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: '' }
  return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) }
}
