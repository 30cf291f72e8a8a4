import { type Built, builtId, type Kustomization } from '../kustomize/kustomization.js'
import { parseImage, stemOf } from '../manifest/names.js'
import { setsContainer } from '../stages/release-fields.js'
import type { ReleaseRequest } from '../stages/release.js'
import { emit } from '../yaml/emit.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { builtContainers, containersBelow, isHarmless, needsContainers } from './overlay-release.js'

/** What an overlay needs to decide on a Service by itself. It leaves what is built as it is. */
export type OwnParts = {
  /** The text of a patch with the traffic and, for a release, the name of the revision. */
  readonly patch?: string
  /** An entry of `images`. */
  readonly entry?: JsonObject
  /** What the patch can be called. */
  readonly file: string
}

/**
 * What an overlay lacks to decide on the traffic of a Service, and on what a release changes; undefined where it lacks
 * nothing, or cannot be given it.
 *
 * @param all What else the overlay builds.
 */
export function ownParts(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  release: ReleaseRequest | undefined,
): OwnParts | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const file = patchFile(built, 'traffic')
  const isOwn = (word.kustomization ?? built.through[0]) === overlay
  const entry = release && ownEntry(overlay, built, all, release)
  if (isOwn) return entry ? { entry, file } : undefined
  const needsThem = release !== undefined && !entry && needsContainers(built, release)
  const containers = needsThem ? containersBelow(overlay, built) : []
  if (needsThem && (built.containers.isOperated || containers.length === 0)) return undefined
  return { patch: patchText(built, release ? containers : undefined), ...(entry && { entry }), file }
}

/** What a new patch could be called: by the Service, unless its name leads out of the folder or needs quotes. */
export function patchFile({ base }: Built, what: string): string {
  return /^[\w-]+$/.test(base.name) && !base.name.startsWith('-') ? `${base.name}-${what}.yaml` : `${what}.yaml`
}

/** An entry for the image that a release is to change, where another file has it and no other container gets it too. */
function ownEntry(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  request: ReleaseRequest,
): JsonObject | undefined {
  const { word } = built.containers
  const isOwn = word.by === 'manifest' && (word.kustomization ?? built.through[0]) === overlay
  const { image, container } = request
  if (image === undefined || setsContainer(request) || isOwn) return undefined
  const containers = builtContainers(built)
  const found = containers.find(({ name }) => containers.length === 1 || name === container)
  if (!found || found.entry?.at === overlay || !isHarmless(found.image, all)) return undefined
  const { name, tag, digest } = parseImage(found.image)
  return {
    name,
    ...((tag !== undefined || digest === undefined) && { newTag: tag ?? 'latest' }),
    ...(digest !== undefined && { digest }),
  }
}

/**
 * A patch that says of the traffic what is so already and, for a release, of the revision's name and of these containers.
 * Where kustomize renames the Service, the revisions are called as its new name asks.
 */
export function patchText(built: Built, containers: readonly Json[] | undefined): string {
  const { base, traffic, revision } = built
  const name = containers && revision.value !== undefined ? fitted(revision.value, built) : undefined
  const template = {
    ...(name !== undefined && { metadata: { name } }),
    ...(containers && containers.length > 0 && { spec: { containers } }),
  }
  const list = isList(traffic.value) ? traffic.value.map((target) => withFitted(target, built)) : []
  const metadata = { name: base.name, ...(base.namespace !== undefined && { namespace: base.namespace }) }
  const spec = {
    ...(Object.keys(template).length > 0 && { template }),
    traffic: list.length > 0 ? list : [{ latestRevision: true, percent: 100 }],
  }
  return emit({ apiVersion: base.value['apiVersion'] ?? '', kind: 'Service', metadata, spec })
}

function withFitted(target: Json, built: Built): Json {
  const name = member(target, 'revisionName')
  return isObject(target) && name !== undefined ? { ...target, revisionName: fitted(name, built) } : target
}

/** A revision name as the cluster takes it for the Service under the name that it is built with. */
function fitted(name: Json, built: Built): Json {
  const service = builtId(built).name
  if (typeof name !== 'string' || name === '' || name.startsWith(`${service}-`)) return name
  return `${service}-${stemOf(name, built.base.name)}`
}

/** The longest command that a help repeats whole. */
const longest = 120

/** What to do where `ownParts` can be given: the very command, with `--init`. */
export function initHelp(commandLine: string | undefined): string {
  return commandLine === undefined || commandLine.length > longest
    ? 'add `--init` to this command, which adds a separate patch for the overlay'
    : `run \`${commandLine} --init\`, which adds a separate patch for the overlay`
}
