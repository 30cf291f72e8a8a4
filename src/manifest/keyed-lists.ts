import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, member, type Json, type JsonObject } from './json.js'
import type { SchemaFinding } from './schema.js'

const podSpec: Path = ['spec', 'template', 'spec']

/**
 * The lists that are maps to the API server, by the field that is the key (`x-kubernetes-list-map-keys` in the schema of
 * the Service resource): two items with one key are refused.
 */
export function repeatedKeys(value: Json): readonly SchemaFinding[] {
  const spec = member(value, 'spec', 'template', 'spec')
  if (!isObject(spec)) return []
  const containers = member(spec, 'containers')
  return [
    ...repeated(member(spec, 'volumes'), 'name', [...podSpec, 'volumes']),
    ...repeated(member(spec, 'imagePullSecrets'), 'name', [...podSpec, 'imagePullSecrets']),
    ...(isList(containers) ? containers : []).flatMap((container, index) => {
      const path = [...podSpec, 'containers', index]
      return [
        ...repeated(member(container, 'env'), 'name', [...path, 'env']),
        ...repeated(member(container, 'volumeMounts'), 'mountPath', [...path, 'volumeMounts']),
      ]
    }),
  ]
}

function repeated(list: Json | undefined, key: string, path: Path): readonly SchemaFinding[] {
  if (!isList(list) || list.length < 2) return []
  const first = new Map<string, number>()
  const findings: SchemaFinding[] = []
  for (const [index, item] of list.entries()) {
    const value = member(item, key) ?? ''
    if (typeof value !== 'string') continue
    const earlier = first.get(value)
    if (earlier === undefined) {
      first.set(value, index)
      continue
    }
    findings.push(duplicate(path, [earlier, index], { [key]: value }))
  }
  return findings
}

/** Two items of the list at `path` with the same `keys`: the later one is to blame. */
export function duplicate(
  path: Path,
  [earlier, later]: readonly [earlier: number, later: number],
  keys: JsonObject,
): SchemaFinding {
  const [key = '', value = null] = Object.entries(keys)[0] ?? []
  const at = [...path, later, key]
  return {
    code: 'KN205',
    message: `\`${formatPath(at)}\` must not be ${JSON.stringify(value)} as \`${formatPath([...path, earlier, key])}\` is already: "Duplicate value: ${JSON.stringify(keys)}"`,
    help: 'keep one of the two items, or give them different values',
    path: at,
  }
}
