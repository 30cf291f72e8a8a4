import type { YAMLMap } from 'yaml'

import { keyOf } from './fields.js'

/** The order in which every object and every template has them. */
const usual = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

/**
 * The position of the member that a new key follows, or undefined where it comes first: as in the mappings beside it, in
 * the usual order of objects, else at the end.
 *
 * @param keys The keys there are; undefined for those that go, and those that have no place of their own.
 */
export function placeOf(
  key: string,
  keys: readonly (string | undefined)[],
  siblings: readonly YAMLMap[],
): number | undefined {
  const model = siblings.map((map) => map.items.map((pair) => keyOf(pair))).find((order) => order.includes(key))
  const order = model ?? usual
  const rank = order.indexOf(key)
  const last = keys.findLastIndex((one) => one !== undefined)
  if (rank < 0) return last
  const isAhead = (one: string | undefined): boolean => one !== undefined && order.indexOf(one) > rank
  if (!keys.some(isAhead)) return last
  const before = keys.findLastIndex((one) => one !== undefined && order.includes(one) && order.indexOf(one) < rank)
  const first = keys.findIndex((one) => one !== undefined)
  if (before >= 0) return before
  const ahead = keys.findIndex(isAhead)
  return ahead === first ? undefined : keys.findLastIndex((one, index) => one !== undefined && index < ahead)
}
