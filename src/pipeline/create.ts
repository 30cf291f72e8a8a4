import { emit } from '../manifest/emit.js'
import { findManifests } from '../manifest/find.js'
import { sameJson } from '../manifest/json.js'
import { serviceValue } from '../manifest/new-service.js'
import type { SourceFile } from '../text/source.js'
import { readFlags, type CreateFlags, type Origin } from './create-flags.js'

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
 * @throws TypeError where the text does not read as what was meant: a bug, never a mistake of a user.
 */
export function createService(flags: CreateFlags, path: string): Created | { readonly fault: string } {
  const read = readFlags(flags)
  if ('fault' in read) return read
  const value = serviceValue(read.wanted)
  const file = { path, text: emit(value) }
  const [manifest, second] = findManifests(file).manifests
  if (!manifest || second || !sameJson(manifest.value, value))
    throw new TypeError('a new manifest reads as it was meant')
  const { revision } = read.wanted
  return { file, origins: read.origins, ...(revision !== undefined && { revision }) }
}
