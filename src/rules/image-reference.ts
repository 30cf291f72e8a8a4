const repository = /^[a-z0-9_./-]{2,255}$/
const tag = /^[A-Za-z0-9_.-]{1,128}$/
const digest = /^[sh:0-9a-f]{71}$/
const host = /^(?:\[[^\]]*\]|[\w.~!$&'()*+,;=:<>"\u0080-\uFFFF-]*?)(?::[0-9]*)?$/

/**
 * Whether Knative takes the text for an image: `nginx`, `host:5000/team/app:v1`, `host/app@sha256:…`.
 *
 * Source: go-containerregistry/pkg/name ParseReference with WeakValidation.
 */
export function isImageReference(text: string): boolean {
  return isTagged(text) || isDigested(text)
}

/** A name and maybe a tag: what stands behind the last colon, unless a slash shows that to be a host's port. */
function isTagged(text: string): boolean {
  const colon = text.lastIndexOf(':')
  const last = text.slice(colon + 1)
  if (colon < 0 || last.includes('/')) return isRepository(text)
  return (last === '' || tag.test(last)) && isRepository(text.slice(0, colon))
}

function isDigested(text: string): boolean {
  const [name = '', sum = '', ...more] = text.split('@')
  return more.length === 0 && digest.test(sum) && (isTagged(name) || isRepository(name))
}

/** A path, behind a host if its first part has a dot or a colon. */
function isRepository(text: string): boolean {
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(slash, 0))
  if (!/[.:]/.test(first)) return repository.test(text)
  return repository.test(text.slice(slash + 1)) && isHost(first)
}

function isHost(text: string): boolean {
  return host.test(text) && /^[^:]*$|:[0-9]*$/.test(text)
}
