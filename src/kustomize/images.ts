import { type Image, parseImage } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import { type Json, member } from '../yaml/json.js'
import { type Kustomization, listItems } from './kustomization.js'

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
      const key = changing.find((one) => textOf(item, one) !== '')
      if (name === '' || key === undefined || !isOf(renamed.image, name)) continue
      renamed = { image: updated(renamed.image, item), by: { at, path: [...path, key] } }
    }
  return renamed
}

/** Whether the kustomization puts an image of another name in the place of this one. */
export function replacesImage(kustomization: Kustomization, image: string): boolean {
  return parseImage(renamedImage(image, [kustomization]).image).name !== parseImage(image).name
}

/** kustomize goes by the whole name in front of the tag and the digest. */
function isOf(image: string, name: string): boolean {
  return image === name || (image.startsWith(name) && /^(?::[\w.{}-]*)?(?:@.+)?$/.test(image.slice(name.length)))
}

const changing = ['newTag', 'newName', 'digest', 'tagSuffix'] as const

function updated(image: string, entry: Json): string {
  const present = parseImage(image)
  const name = textOf(entry, 'newName') || present.name
  const { tag, digest } = versioned(present, entry)
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
}

/** A new tag drops the digest, and a new digest the tag; a suffix is for what keeps its tag. */
function versioned({ tag = '', digest = '' }: Image, entry: Json): { readonly tag: string; readonly digest: string } {
  const set = { tag: textOf(entry, 'newTag'), digest: textOf(entry, 'digest') }
  if (set.tag !== '' || set.digest !== '') return set
  const suffix = textOf(entry, 'tagSuffix')
  return suffix === '' ? { tag, digest } : { tag: tag + suffix, digest: '' }
}

function textOf(item: Json, key: string): string {
  const value = member(item, key)
  return typeof value === 'string' ? value : ''
}
