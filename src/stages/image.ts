import type { Refusal } from './stage.js'

/** The parts of an image reference: `host:5000/team/app:v1@sha256:…`. */
export type Image = {
  /** Registry and repository; a port belongs to them. */
  readonly name: string
  readonly tag?: string
  /** With its algorithm: `sha256:…`. */
  readonly digest?: string
}

/** Takes a reference apart. What stands behind the last colon is a tag, unless a slash shows that to be a port. */
export function parseImage(text: string): Image {
  const at = text.indexOf('@')
  const [named, digest] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
  const colon = named.lastIndexOf(':')
  const last = named.slice(colon + 1)
  const isTagged = colon >= 0 && last !== '' && !last.includes('/')
  return {
    name: isTagged ? named.slice(0, colon) : named,
    ...(isTagged && { tag: last }),
    ...(digest !== undefined && { digest }),
  }
}

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
