import type { KeywordDefinition } from 'ajv'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'

import { isList, isObject, member, type Json, type JsonObject } from '../json.js'

/** A word that ajv does not know, and its errors with it. */
export const keyedListWord = 'x-kubernetes-list-type'

/**
 * Lists that are maps or sets to the API server: two items with one key are refused. A key that is not there has its
 * default, as it has in a cluster.
 */
export const keyedList: KeywordDefinition = {
  keyword: keyedListWord,
  type: 'array',
  schemaType: 'string',
  errors: true,
  compile(listType: unknown, schema): DataValidateFunction {
    const parent = schema as JsonObject
    const keysOf = listType === 'map' ? mapKeys(parent) : listType === 'set' ? setKeys : undefined
    const judge: DataValidateFunction = (data: unknown) => {
      judge.errors = keysOf && isList(data as Json) ? repeated(data as readonly Json[], keysOf) : []
      return judge.errors.length === 0
    }
    return judge
  },
}

type Keys = (item: Json) => JsonObject | undefined

function mapKeys(list: JsonObject): Keys | undefined {
  const names = list['x-kubernetes-list-map-keys']
  if (!isList(names) || names.length === 0) return undefined
  const keys = names.flatMap((key) => {
    if (typeof key !== 'string') return []
    return [{ key, fallback: member(list, 'items', 'properties', key, 'default') ?? '' }]
  })
  return (item) => {
    if (!isObject(item)) return undefined
    return Object.fromEntries(keys.map(({ key, fallback }) => [key, member(item, key) ?? fallback]))
  }
}

const setKeys: Keys = (item) => ({ '': item })

function repeated(items: readonly Json[], keysOf: Keys): NonNullable<DataValidateFunction['errors']> {
  const first = new Map<string, number>()
  return items.flatMap((item, index) => {
    const keys = keysOf(item)
    const identity = JSON.stringify(keys)
    if (keys === undefined) return []
    const earlier = first.get(identity)
    if (earlier !== undefined) return [{ keyword: keyedListWord, params: { earlier, later: index, keys } }]
    first.set(identity, index)
    return []
  })
}
