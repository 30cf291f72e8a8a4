import { isList, member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { valueAt } from './fields.js'
import type { Finding, Neighbourhood } from './rule.js'

/** Findings about one field that another one, which can stand in the base, would settle. */
const settledElsewhere = new Map<string, (manifest: Manifest) => boolean>([
  ['KN203', () => true],
  ['KN316', () => true],
  ['KN322', ({ name }) => name === ''],
  ['KN326', () => true],
  ['KN393', (manifest) => !has(manifest, 'containers')],
  ['KN394', (manifest) => !has(manifest, 'volumes')],
])

/**
 * Whether a patch is only blamed for what it does not have: what is not there stands in the base that it is laid over.
 * Directives such as `$patch: delete` are kustomize's own and never reach the cluster.
 */
export function isAbsence(manifest: Manifest, code: string, { path }: Finding): boolean {
  if (!manifest.file.isPatch) return false
  if (settledElsewhere.get(code)?.(manifest)) return true
  const key = path.at(-1)
  if (code === 'KN202' && typeof key === 'string' && key.startsWith('$')) return true
  return (valueAt(manifest.value, path) ?? null) === null
}

/** Whether a target that a patch names fits the name that the Service has once kustomizations have renamed it. */
export function isRenamed(manifest: Manifest, code: string, { path }: Finding, { namesOf }: Neighbourhood): boolean {
  if (!manifest.file.isPatch || !namesOf || code !== 'KN312') return false
  const revision = valueAt(manifest.value, path)
  return typeof revision === 'string' && namesOf(manifest).some((name) => revision.startsWith(`${name}-`))
}

function has({ value }: Manifest, key: string): boolean {
  return isList(member(value, 'spec', 'template', 'spec', key))
}
