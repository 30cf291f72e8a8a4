import { type ClusterSettings, nameSetting, numberSetting, permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { defaultContainerNames } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member, sameJson } from '../yaml/json.js'
import { containers, initContainers, mounts, podSpec, volumes } from './places.js'
import { type FieldAt, integerField, objectIn, textField } from './rule.js'
import {
  absentIn,
  applied,
  bySettings,
  type StoredTemplate,
  storedTemplate,
  templateAsGo,
  withDefaults,
} from './update.js'

const templatePath = ['spec', 'template']

/**
 * The fields in which the template that a cluster would get differs from the one that it has, though its own name stays.
 * `before` is what was applied last. Empty where the apply is admitted: the name changes, there is none, or nothing
 * differs. While the name stays, the webhook fills in no defaults, which alone can make the difference.
 *
 * Source: pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)
 */
export function changesUnderName(
  before: Pick<Manifest, 'value'>,
  after: Pick<Manifest, 'value'>,
  settings?: ClusterSettings,
): readonly Path[] {
  const [old, fresh] = [member(before.value, ...templatePath), member(after.value, ...templatePath)]
  const name = member(old, 'metadata', 'name')
  if (!name || name !== member(fresh, 'metadata', 'name')) return []
  const metadata = member(before.value, 'metadata')
  return knownChanges([old, fresh, member(metadata, 'name'), member(metadata, 'namespace')], settings, () => {
    return changesFrom(storedTemplate(old, settings, metadata), old, fresh)
  })
}

/** A version is compared with more than one, and more than once. */
const knownChanges = bySettings<readonly Path[]>()

/** The same for a template as the cluster has it, whatever its name. */
export function changesOf(live: Json | undefined, old: Json | undefined, fresh: Json | undefined): readonly Path[] {
  return changesFrom({ live, asGo: templateAsGo(live) }, old, fresh)
}

function changesFrom({ live, asGo }: StoredTemplate, old: Json | undefined, fresh: Json | undefined): readonly Path[] {
  return differences(asGo, templateAsGo(applied(live, old, fresh)), templatePath)
}

function differences(a: Json | undefined, b: Json | undefined, path: Path): readonly Path[] {
  if (sameJson(a, b)) return []
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
    return keys.flatMap((key) => differences(member(a, key), member(b, key), [...path, key]))
  }
  if (isList(a) && isList(b) && a.length === b.length)
    return a.flatMap((item, index) => differences(item, b[index], [...path, index]))
  return [path]
}

export const creatorKey = 'serving.knative.dev/creator'
export const modifierKey = 'serving.knative.dev/lastModifier'

/** Whether a file says who made or changed the Service. */
export function isNoted({ value }: Pick<Manifest, 'value'>): boolean {
  const annotations = member(value, 'metadata', 'annotations')
  return [creatorKey, modifierKey].some((key) => member(annotations, key) !== undefined)
}

function isServiceAccount(user: unknown): boolean {
  return typeof user === 'string' && /^system:serviceaccount:[^:]+:[^:]+$|\b(?:gitops|argo-?cd|flux)\b/i.test(user)
}

/** A note of the cluster on its users that an update would change. */
type EditedNote = {
  readonly path: Path
  /** What the file said before, and what it says now; undefined where it says nothing. */
  readonly old: unknown
  readonly fresh: unknown
  /** What the cluster answers. */
  readonly reason: string
}

/**
 * The cluster writes down who made a Service and who changed it. What a file says of that is right only where it names
 * the very user who applies it: to what GitOps controllers are, a service account, a file that begins to say so may be
 * right; any other user it names is not them. Who changed it last may change with the rest of the Service.
 *
 * Source: knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier
 */
export function editedNotes(before: Pick<Manifest, 'value'>, after: Pick<Manifest, 'value'>): readonly EditedNote[] {
  const isSameSpec = sameJson(member(before.value, 'spec'), member(after.value, 'spec'))
  return (isSameSpec ? [creatorKey, modifierKey] : [creatorKey]).flatMap((key) => {
    const path = ['metadata', 'annotations', key]
    const [old, fresh] = [before, after].map(({ value }) => member(value, ...path) ?? undefined)
    if (old === fresh || (old === undefined && isServiceAccount(fresh))) return []
    return { path, old, fresh, reason: key === creatorKey ? 'annotation value is immutable' : 'invalid value' }
  })
}

/** A member that a cluster fills in: where it belongs, and what it must be. */
export type Unspelled = { readonly path: Path; readonly value: Json }

/**
 * The defaults that a template with a name of its own leaves to the cluster, the smallest set. As long as the name stays,
 * the webhook fills in none of them, while the live object has them: each later apply looks like a change of the template
 * and is refused. A member that is absent from `containers`, a list that is replaced whole, has to be spelled; others
 * keep their live value.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go, configuration_defaults.go (knative/serving#13565).
 */
export function unspelled(manifest: Manifest, settings: ClusterSettings = stockCluster): readonly Unspelled[] {
  const kept = writableVolumes(manifest)
  const spec = podSpec(manifest)?.value
  const names = namesFor(manifest, settings)
  const isInitTaken = permits(settings, 'kubernetes.podspec-init-containers')
  return [
    ...zeroTimeout(manifest, settings),
    ...(isInitTaken ? initContainers(manifest) : []).flatMap((container, index) => [
      ...named(container, names.init[index]),
      ...absentIn(container.value, withDefaults(container.value, spec, settings, true), container.path),
    ]),
    ...containers(manifest).flatMap((container, index) => [
      ...named(container, names.own[index]),
      ...absentIn(container.value, withDefaults(container.value, spec, settings), container.path),
      ...probed(container, !container.sidecar),
      ...mounts(container)
        .filter(({ value }) => value['readOnly'] !== true && kept.get(textField(value, 'name') ?? '') === false)
        .map(({ path }) => ({ path: [...path, 'readOnly'], value: true })),
    ]),
  ]
}

type Names = ReturnType<typeof defaultContainerNames>

function namesFor(manifest: Manifest, settings: ClusterSettings): { readonly own: Names; readonly init: Names } {
  const [own, init] = [containers, initContainers].map((list) =>
    list(manifest).map(({ value }) => textField(value, 'name')),
  )
  return {
    own: defaultContainerNames(own ?? [], nameSetting(settings, 'container', manifest), init),
    init: defaultContainerNames(init ?? [], nameSetting(settings, 'init-container', manifest), own),
  }
}

/** 0 is the default's other spelling, and unlike an absent one it replaces the live value. */
function zeroTimeout(manifest: Manifest, settings: ClusterSettings): readonly Unspelled[] {
  const spec = podSpec(manifest)
  if (spec?.value['timeoutSeconds'] !== 0) return []
  return [{ path: [...spec.path, 'timeoutSeconds'], value: numberSetting(settings, 'revision-timeout-seconds') }]
}

function named({ path }: FieldAt<JsonObject>, name: string | undefined): readonly Unspelled[] {
  return name === undefined ? [] : [{ path: [...path, 'name'], value: name }]
}

const handlers = ['exec', 'grpc', 'httpGet', 'tcpSocket']

function probed(container: FieldAt<JsonObject>, serves: boolean): readonly Unspelled[] {
  const path = [...container.path, 'readinessProbe']
  const probe = objectIn(container, 'readinessProbe')
  if (!probe) return serves ? [{ path, value: { tcpSocket: {}, successThreshold: 1 } }] : []
  const missing: Unspelled[] = []
  if (serves && handlers.every((key) => (member(probe.value, key) ?? null) === null))
    missing.push({ path: [...path, 'tcpSocket'], value: {} })
  const numbers = integerField(probe.value, 'periodSeconds') ? periodic : quick
  for (const [key, value] of numbers)
    if (integerField(probe.value, key) === 0) missing.push({ path: [...path, key], value })
  return missing
}

const quick = [['successThreshold', 1]] as const
const periodic = [...quick, ['failureThreshold', 3], ['timeoutSeconds', 1]] as const

/** Whether the mounts of a volume, by its name, keep what they say of `readOnly`. */
function writableVolumes(manifest: Manifest): ReadonlyMap<string, boolean> {
  return new Map(
    volumes(manifest).map(({ value }) => [
      textField(value, 'name') ?? '',
      ['emptyDir', 'persistentVolumeClaim', 'ephemeral'].some((kind) => (member(value, kind) ?? null) !== null),
    ]),
  )
}
