import { parseImage } from '../manifest/image.js'
import type { Refusal } from './stage.js'

/**
 * The image that a flag means: a whole reference, or `:tag`, `@sha256:…` and `:tag@sha256:…` for another version of the
 * present one. Tag and digest are replaced together: either would contradict a new one of the other.
 */
export function imageFrom(wanted: string, present: string): string | Refusal {
  if (!/^[:@]/.test(wanted)) return wanted
  const { name } = parseImage(present)
  // What is filled in later may bring a tag of its own, but not in the midst of the name.
  if (/^[\w.-]+$/.test(name.slice(name.lastIndexOf('/') + 1))) return name + wanted
  return {
    code: 'KN441',
    message: `--image ${wanted} must have an image to be a version of, but the container's is ${JSON.stringify(present)}`,
    help: 'name the whole image, such as --image registry.example.com/shop:v2',
  }
}
