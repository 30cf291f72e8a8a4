import { member } from '../json.js'
import { entries, type Kustomization } from './kustomization.js'

/**
 * Whether an entry of `images` with this name is about the image: kustomize goes by the whole name in front of the tag and
 * the digest.
 */
export function isImageOf(image: string, name: string): boolean {
  return image === name || (image.startsWith(name) && /^(?::[\w.{}-]*)?(?:@.+)?$/.test(image.slice(name.length)))
}

/** Whether the kustomization puts an image of another name in the place of this one. */
export function replacesImage({ value }: Kustomization, image: string): boolean {
  return entries(value, 'images').some(({ item }) => {
    const [name, newName] = [member(item, 'name'), member(item, 'newName')]
    return typeof name === 'string' && typeof newName === 'string' && newName !== '' && isImageOf(image, name)
  })
}
