import { isList, isObject, member, type Json, type JsonObject } from '../json.js'
import type { Path } from '../../text/path.js'

/** A value and where it stands in its document. */
export type Found = { readonly value: JsonObject; readonly path: Path }

/** The objects of a document: itself, or the items of a List. */
export function objectsIn(document: Json): readonly Found[] {
  if (!isObject(document)) return []
  const items = member(document, 'items')
  if (!textAt(document, 'kind').endsWith('List') || !isList(items)) return [{ value: document, path: [] }]
  return items.flatMap((item, index) => (isObject(item) ? [{ value: item, path: ['items', index] }] : []))
}

/** Whether an object is a CustomResourceDefinition, whatever it defines. */
export function isDefinition({ value }: Found): boolean {
  return textAt(value, 'kind') === 'CustomResourceDefinition'
}

/** Whether a CustomResourceDefinition defines the Services of Knative. */
export function definesService({ value }: Found): boolean {
  return (
    textAt(value, 'spec', 'group') === 'serving.knative.dev' && textAt(value, 'spec', 'names', 'kind') === 'Service'
  )
}

/** What a CustomResourceDefinition defines, as `kubectl get crd` names it. */
export function definedName({ value }: Found): string {
  return textAt(value, 'metadata', 'name') || textAt(value, 'spec', 'names', 'kind') || 'no name'
}

const schemaWords = ['$schema', '$ref', 'type', 'properties', 'allOf', 'anyOf', 'oneOf', '$defs', 'definitions']

/** Whether an object is a JSON schema: it says so, or uses its words and is no Kubernetes object. */
export function isJsonSchema({ value }: Found): boolean {
  if (textAt(value, '$schema') !== '') return true
  return textAt(value, 'apiVersion') === '' && schemaWords.some((word) => Object.hasOwn(value, word))
}

/** Whether a JSON schema says that it is about an object of the kind Service. */
export function describesService({ value }: Found): boolean {
  const kind = member(value, 'properties', 'kind')
  const kinds = member(kind, 'enum')
  return member(kind, 'const') === 'Service' || (isList(kinds) && kinds.includes('Service'))
}

/** A text at the end of `keys`, or `''`. */
export function textAt(value: Json, ...keys: readonly string[]): string {
  const found = member(value, ...keys)
  return typeof found === 'string' ? found : ''
}
