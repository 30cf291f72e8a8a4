import { isSeq } from 'yaml'

import type { Range, SourceFile } from '../text/source.js'
import { type YamlFault, yamlFaults } from '../yaml/faults.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import { extent } from '../yaml/places.js'

/** What a host of KRM functions sends: `kind: ResourceList` of the KRM Functions Specification v1. */
export type ResourceList = {
  readonly file: SourceFile
  readonly document: YamlDocument
  readonly value: Json
  readonly items: readonly Json[]
  /** What the function is asked for; undefined where the host says nothing. */
  readonly functionConfig: Json | undefined
}

/** Reads the input of a function, or says why it is none. */
export function readResourceList(file: SourceFile): ResourceList | YamlFault {
  const { documents, faults } = parseYaml(file, true)
  const [document, second] = documents
  const { value, faults: own } = readDocument(document?.contents ?? null)
  const wrong = [...faults, ...own].find(({ code }) => yamlFaults[code].severity === 'error' || code === 'KN103')
  if (wrong) return wrong
  const items = member(value, 'items') ?? []
  const isOne = document !== undefined && !second && member(value, 'kind') === 'ResourceList'
  if (isOne && isList(items)) return { file, document, value, items, functionConfig: member(value, 'functionConfig') }
  const message = 'the input is not one document of `kind: ResourceList` with a list of `items`'
  return { code: 'KN111', message, range: { start: 0, end: 0 } }
}

/** The item that holds a place of the text, if one does. */
export function itemAt({ document, items }: ResourceList, { start }: Range): Json | undefined {
  const list: unknown = document.get('items', true)
  const index = (isSeq(list) ? list.items : []).map(extent).findIndex((own) => own.start <= start && start <= own.end)
  return items[index]
}

/** Which object an item is, as results refer to it. */
export function referenceTo(item: Json): Readonly<Record<string, string>> {
  const parts = {
    apiVersion: member(item, 'apiVersion'),
    kind: member(item, 'kind'),
    name: member(item, 'metadata', 'name'),
    namespace: member(item, 'metadata', 'namespace'),
  }
  return Object.fromEntries(
    Object.entries(parts).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])),
  )
}

/** The file that an item came from, and its 0-based place in there, as the host has noted them. */
export function fileOf(item: Json): { readonly path: string; readonly index?: number } | undefined {
  const noted = (key: string): string | undefined => {
    const prefixes = ['internal.config.kubernetes.io', 'config.kubernetes.io']
    const found = prefixes.map((prefix) => member(item, 'metadata', 'annotations', `${prefix}/${key}`))
    return found.find((value) => typeof value === 'string')
  }
  const [path, index] = [noted('path'), noted('index')]
  if (path === undefined || !isObject(item)) return undefined
  return { path, ...(index !== undefined && /^\d{1,9}$/.test(index) && { index: Number(index) }) }
}
