import { md5 } from '../text/hashes.js'

/** The longest name of an object. */
const longest = 63
const digestLength = 32

/**
 * The name that a cluster gives the revision of a Configuration's `number`-th generation (1 and up): `shop-00001`. It has
 * at least five digits; a Service name that leaves too little room is cut, and told apart by its digest.
 *
 * Source: pkg/reconciler/configuration/resources/revision.go MakeRevision; knative.dev/pkg/kmeta/names.go ChildName.
 */
export function generatedName(service: string, number: number): string {
  const suffix = `-${String(number).padStart(5, '0')}`
  if (service.length + suffix.length <= longest) return service + suffix
  return service.slice(0, longest - digestLength - suffix.length) + md5(service) + suffix
}

/**
 * The number of a revision whose name is one that a cluster generates for the Service, else undefined. An own name that
 * looks like a generated one has a number as well: a name does not tell who gave it.
 */
export function numberOf(service: string, revisionName: string): number | undefined {
  const digits = /-(\d{5,})$/.exec(revisionName)?.[1]
  if (digits === undefined) return undefined
  const number = Number(digits)
  return number > 0 && generatedName(service, number) === revisionName ? number : undefined
}

/**
 * What stands behind the Service's name in the name of a revision: `v1` of `shop-v1`, and of `dev-shop-v1`, where a prefix
 * comes first. All of it where the Service is not in there.
 */
export function stemOf(revision: string, service: string): string {
  const at = service === '' ? -1 : `-${revision}`.lastIndexOf(`-${service}-`)
  return at < 0 ? revision : revision.slice(at + service.length + 1)
}

/** Where the containers of a template stand. */
export const containersPath = ['spec', 'template', 'spec', 'containers']

/** Where a template has the name of its revision. */
export const ownNamePath = ['spec', 'template', 'metadata', 'name']

/**
 * The names that a cluster gives to containers without one, undefined where a container has its own. Several are numbered
 * past the names in use.
 *
 * @param name What the cluster calls a single one.
 * @param others The names of the other containers of the pod.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go applyDefaultContainerNames
 */
export function defaultContainerNames(
  own: readonly (string | undefined)[],
  name: string = 'user-container',
  others: readonly (string | undefined)[] = [],
): readonly (string | undefined)[] {
  const taken = new Set([...own, ...others])
  let number = 0
  return own.map((one) => {
    if (one !== '') return undefined
    if (own.length === 1 && !taken.has(name)) return name
    while (taken.has(`${name}-${number}`)) number++
    return `${name}-${number++}`
  })
}

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
