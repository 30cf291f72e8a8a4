import type { YamlFault } from './faults.js'
import { isList, isObject, member, type Json } from './json.js'
import { extent } from './locate.js'
import type { YamlDocument } from './parse.js'

/**
 * A document beside a Service that no tool can apply, since it does not say what it is. An empty one is passed over.
 *
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/unstructured UnstructuredJSONScheme.
 */
export function strayDocument({ contents }: YamlDocument, value: Json): readonly YamlFault[] {
  const reason = value === null ? undefined : isObject(value) ? reasonOf(value) : notAnObject(value)
  if (reason === undefined) return []
  const { start, end } = extent(contents)
  return [
    {
      code: 'KN111',
      message: `a document beside a Service must be a Kubernetes object, but ${reason}`,
      help: 'say what it is, or keep it in a file of its own',
      range: { start, end: Math.max(end, start + 1) },
    },
  ]
}

function reasonOf(value: Json): string | undefined {
  const kind = member(value, 'kind')
  if (kind === undefined || kind === null || kind === '') return 'has no `kind`: "Object \'Kind\' is missing"'
  if (typeof kind !== 'string') return 'its `kind` is no text: "Object \'Kind\' is missing"'
  const version = member(value, 'apiVersion')
  if (version === undefined) return 'has no `apiVersion`: "Object \'apiVersion\' is missing"'
  if (version === null || typeof version === 'string') return undefined
  return `its \`apiVersion\` is no text: "cannot unmarshal ${goTypeOf(version)} into Go struct field"`
}

function notAnObject(value: Json): string {
  return `is none: "cannot unmarshal ${goTypeOf(value)} into Go value"`
}

/** The name that Go's JSON reader has for the type of a value. */
function goTypeOf(value: Json): string {
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
