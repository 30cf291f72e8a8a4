import type { ClusterSettings } from '../manifest/cluster-settings.js'
import { emit } from '../manifest/emit.js'
import { findManifests } from '../manifest/find.js'
import { isObject, sameJson, type JsonObject } from '../manifest/json.js'
import { serviceValue } from '../manifest/new-service.js'
import { wished } from '../manifest/splice/field-wish.js'
import { missingDefaults } from '../rules/unspelled-name.js'
import type { SourceFile } from '../text/source.js'
import { readFlags, type CreateFlags, type Origin } from './create-flags.js'
import { settingsOf } from './settings.js'

// What the command needs comes as one file, so that it is loaded at once.
export { listResource } from './list-resource.js'
export { namesakes } from './namesakes.js'

/** A new manifest, not yet judged: hand `file` to `plan`. */
export type Created = {
  readonly file: SourceFile
  readonly origins: readonly Origin[]
  /** The name of its first revision, where it has one of its own. */
  readonly revision?: string
}

/**
 * The manifest of the Service that the flags mean, as the text of a file at `path`; or what is wrong with their form.
 *
 * @param request What says how the cluster is set up: its defaults are spelled, too.
 *
 * @throws TypeError where the text does not read as what was meant: a bug, never a mistake of a user.
 */
export function createService(
  flags: CreateFlags,
  path: string,
  request: Parameters<typeof settingsOf>[0] = {},
): Created | { readonly fault: string } {
  const read = readFlags(flags)
  if ('fault' in read) return read
  const value = spelled(serviceValue(read.wanted), path, settingsOf(request).cluster)
  const file = { path, text: emit(value) }
  const [manifest, second] = findManifests(file).manifests
  if (!manifest || second || !sameJson(manifest.value, value))
    throw new TypeError('a new manifest reads as it was meant')
  const { revision } = read.wanted
  return { file, origins: read.origins, ...(revision !== undefined && { revision }) }
}

/** The Service with what else the cluster would fill in under its own revision name. */
function spelled(value: JsonObject, path: string, settings: ClusterSettings): JsonObject {
  const [manifest] = findManifests({ path, text: emit(value) }).manifests
  const wishes = (manifest ? missingDefaults(manifest, [manifest.name], settings) : []).map((one) => ({
    kind: 'set' as const,
    ...one,
  }))
  const whole = wished(value, wishes)
  return isObject(whole) ? whole : value
}
