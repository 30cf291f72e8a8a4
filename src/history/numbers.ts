import { numberOf } from '../manifest/revision-number.js'

/** What a history tells of the numbers in generated names. */
export type Numbered = {
  /** How many templates were admitted, one after the other: each counts, own names and ones used again too. */
  readonly count: number
  /** Whether the first of them was number 1, because the history saw the Service come to be. */
  readonly isExact: boolean
  /**
   * The names that were taken for granted by a version that a cluster had for a while, each with how many templates there
   * were before that version and after it.
   */
  readonly named: ReadonlyMap<string, NamedRevision>
}

export type NamedRevision = { readonly commit: string; readonly before: number; readonly after: number }

/**
 * The number of the template that the cluster has: the count of its changes, if it began with the history. Otherwise it
 * began earlier, and a number that was named had been reached by then; the version that named it may have brought the
 * next one. `most` is undefined where no number was named: anybody may have counted on before.
 */
export function reached(
  { count, isExact, named }: Numbered,
  service: string,
): { readonly least: number; readonly most: number | undefined } {
  if (isExact) return { least: count, most: count }
  let least = count
  let most: number | undefined
  for (const [name, { before, after }] of named) {
    const number = numberOf(service, name)
    if (number === undefined) continue
    least = Math.max(least, number + count - after)
    most = Math.max(most ?? count, number + count - before)
  }
  return { least, most }
}

/** Whether the name is one that may have been generated before the history, or in a part of it that it does not tell of. */
export function mayExist(numbered: Numbered, service: string, name: string): boolean {
  const number = numberOf(service, name)
  if (number === undefined || numbered.isExact) return false
  const { most } = reached(numbered, service)
  return most === undefined || number <= most
}
