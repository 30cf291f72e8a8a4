import { md5 } from '../text/md5.js'

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
