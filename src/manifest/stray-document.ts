import { isMap, isScalar } from 'yaml'

import type { YamlFault } from './faults.js'
import { extent } from './locate.js'
import type { YamlDocument } from './parse.js'

/**
 * A document beside a Service that no tool can apply, since it does not say what it is. An empty one is passed over.
 *
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/unstructured UnstructuredJSONScheme.
 */
export function strayDocument({ contents }: YamlDocument): readonly YamlFault[] {
  if (contents === null || (isScalar(contents) && /^(?:|~|null|Null|NULL)$/.test(String(contents.value)))) return []
  if (isMap(contents) && contents.has('<<')) return []
  const missing = ['apiVersion', 'kind'].find((key) => !isMap(contents) || !contents.has(key))
  if (missing === undefined) return []
  const { start, end } = extent(contents)
  return [
    {
      code: 'KN111',
      message: `a document beside a Service must be a Kubernetes object, but has no \`${missing}\`: "Object '${missing === 'kind' ? 'Kind' : missing}' is missing"`,
      help: 'say what it is, or keep it in a file of its own',
      range: { start, end: Math.max(end, start + 1) },
    },
  ]
}
