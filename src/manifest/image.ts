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
