import type { ClusterSettings } from '../config/cluster-settings.js'
import { spliceResource } from '../edit/kustomization.js'
import { type FieldWish, wished } from '../edit/wish.js'
import type { Applier } from '../kustomize/layers/layer.js'
import { plainInNamespace } from '../kustomize/layers/namespace.js'
import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { serviceValue } from '../manifest/new-service.js'
import { vainForms } from '../rules/live-form.js'
import { missingDefaults } from '../rules/revision-name.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits } from '../text/edit.js'
import type { SourceFile } from '../text/source.js'
import { emit } from '../yaml/scalar.js'
import { yamlDiagnostic } from '../yaml/faults.js'
import { isList, isObject, type Json, type JsonObject, member, sameJson } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import { type CreateFlags, type Origin, readFlags } from './create-flags.js'
import { Kustomizations } from './kustomizations.js'
import type { Surroundings } from './request.js'
import { settingsOf } from './settings.js'

/** A kustomization after a file beside it became one of its resources. */
export type Listed = {
  /** What it is now; the very text it was where the file is listed already. */
  readonly text: string
  /** The namespace that it gives to all of its resources. */
  readonly namespace?: string
}

/**
 * Has a kustomization list the file `name` beside it; the edit has been proved by reading it again. Otherwise says what
 * stands in the way, and what to add by hand.
 */
export function listResource(kustomization: SourceFile, name: string): Listed | readonly Diagnostic[] {
  const { documents, faults } = parseYaml(kustomization, true)
  const [document, second] = documents
  const { value, faults: own } = readDocument(document?.contents ?? null, kustomization.text)
  const byHand = `or print the manifest, save it, and add \`- ${name}\` to \`resources\` manually`
  const wrong = [...faults, ...own].map((fault) => {
    return { ...yamlDiagnostic(kustomization, fault), severity: 'error' as const, help: `fix it, ${byHand}` }
  })
  if (wrong.length > 0) return wrong
  const namespace = member(value, 'namespace')
  const known = typeof namespace === 'string' && namespace !== '' ? { namespace } : {}
  if (!second && isListed(value, name)) return { text: kustomization.text, ...known }
  const message = 'cannot edit the kustomization: it is not one document'
  const edits = second
    ? { code: 'KN414', message, help: 'split it', range: { start: second.range[0], end: second.range[1] } }
    : spliceResource(kustomization, document, name)
  if (!('code' in edits)) return { text: applyEdits(kustomization.text, edits), ...known }
  const { help, ...rest } = edits
  return [{ ...rest, severity: 'error', file: kustomization.path, path: 'resources', help: `${help}, ${byHand}` }]
}

function isListed(value: Json, name: string): boolean {
  const list = member(value, 'resources')
  return isList(list) && list.some((item) => typeof item === 'string' && item.replace(/^(?:\.\/+)+/, '') === name)
}

/**
 * Where another Service of the same namespace and name stands: the two would be one object. Patches are part of one.
 *
 * @param appliers What may give them their namespace.
 */
export function namesakes(
  own: SourceFile,
  others: readonly SourceFile[],
  appliers: readonly Applier[] = [],
): readonly string[] {
  const delivered = (file: SourceFile): readonly Manifest[] =>
    findManifests(file).manifests.map((one) => plainInNamespace(one, appliers))
  const [service] = delivered(own)
  if (!service) return []
  return others
    .filter(({ path, isPatch, text }) => path !== own.path && isPatch !== true && text.includes(service.name))
    .filter((file) => delivered(file).some(({ label }) => label === service.label))
    .map(({ path }) => path)
}

/**
 * The file of a Service with the same namespace and name that a kustomization builds already: kustomize takes no second
 * one. Undefined where there is none, or the kustomization is not among those around.
 */
export function builtWith(
  own: SourceFile,
  kustomization: SourceFile,
  files: readonly SourceFile[],
  surroundings: Surroundings | undefined,
): string | undefined {
  const [service] = findManifests(own).manifests
  if (!service || !surroundings) return undefined
  const { builds } = new Kustomizations(
    surroundings,
    files.map((file) => ({ file, reading: findManifests(file) })),
  )
  const root = builds.folders.all().find(({ file }) => file.path === kustomization.path)
  const built = root ? builds.build(root) : []
  const same = built.find(({ base }) => base.label === service.label && base.file.path !== own.path)
  return same?.base.file.path
}

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
  if (!manifest || second || !sameJson(manifest.value, value)) throw new TypeError('a new manifest reads as intended')
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
  return asKept(wished(value, wishes), path)
}

/** The Service in the form in which a cluster keeps it: `1024Mi` as `1Gi`. */
function asKept(value: Json, path: string): JsonObject {
  const own = isObject(value) ? value : {}
  const [manifest] = findManifests({ path, text: emit(own) }).manifests
  const wishes = (manifest ? vainForms(manifest) : []).flatMap((form): readonly FieldWish[] => {
    if (form.live !== undefined) return [{ kind: 'set', path: form.path, value: form.live }]
    return form.isAlone ? [] : [{ kind: 'remove', path: form.path }]
  })
  const kept = wished(own, wishes)
  return isObject(kept) ? kept : own
}
