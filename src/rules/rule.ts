import type { CodeRow } from '../codes/code.js'
import type { ClusterSettings } from '../config/cluster-settings.js'
import type { Builds } from '../kustomize/build.js'
import type { Kustomization } from '../kustomize/kustomization.js'
import type { Substitution } from '../kustomize/layers/layer.js'
import type { Manifest, Part } from '../manifest/manifest.js'
import type { Profile } from '../manifest/profile.js'
import type { Shape } from '../schema/check.js'
import type { Remedy, Says } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'

/** What a rule has to say about one field of a kustomization, or of a patch that it names. */
export type OverlayFinding = {
  /** One line: must or must not, the field in back-quotes, what was found. */
  readonly message: string
  readonly help?: string
  /** Whose field it is. */
  readonly at: Kustomization | Manifest
  readonly path: Path
  readonly part?: Part
  /** The Service that it is about. */
  readonly service: string
}

/** One thing that a kustomization can do to the Services that it builds, as data. Never throws on what a user wrote. */
export type OverlayRule = CodeRow & {
  readonly code: `KN6${string}`
  readonly check: (kustomization: Kustomization, builds: Builds) => Iterable<OverlayFinding>
}

/** A value of the manifest and where it stands: what most rules look at and speak of. */
export type FieldAt<Value extends Json = Json> = { readonly value: Value; readonly path: Path }

/**
 * A string member as Go reads it: `''` where it is absent or null, undefined where it has another type, which is the
 * schema's business.
 */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = member(object, key) ?? ''
  return typeof value === 'string' ? value : undefined
}

/**
 * An integer member of that many bits as Go reads it: 0 where it is absent or null, undefined where it has another type
 * or does not fit, which is the schema's business.
 */
export function integerField(object: JsonObject, key: string, bits: 32 | 64 = 32): number | undefined {
  const value = member(object, key) ?? 0
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined
  const end = 2 ** (bits - 1)
  return value >= -end && value < end ? value : undefined
}

/** The mapping at `path`, or undefined where there is none. */
export function objectAt(value: Json, path: Path): FieldAt<JsonObject> | undefined {
  const found = valueAt(value, path)
  return isObject(found) ? { value: found, path } : undefined
}

/** The member of a mapping that is a mapping itself. */
export function objectIn({ value, path }: FieldAt<JsonObject>, key: string): FieldAt<JsonObject> | undefined {
  const found = member(value, key)
  return isObject(found) ? { value: found, path: [...path, key] } : undefined
}

/** The items of the list at `path`. Go reads a null item as an empty struct; other shapes are the schema's business. */
export function itemsAt(value: Json, path: Path): readonly FieldAt<JsonObject>[] {
  return items(valueAt(value, path), path)
}

/** The items of a list in a mapping, as `itemsAt` has them. */
export function itemsIn({ value, path }: FieldAt<JsonObject>, key: string): readonly FieldAt<JsonObject>[] {
  return items(member(value, key), [...path, key])
}

function items(list: Json | undefined, path: Path): readonly FieldAt<JsonObject>[] {
  if (!isList(list)) return []
  return list.flatMap((item, index) => {
    if (item === null) return [{ value: {}, path: [...path, index] }]
    return isObject(item) ? [{ value: item, path: [...path, index] }] : []
  })
}

/** What stands at `path`, or undefined. */
export function valueAt(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value
  for (const step of path) found = typeof step === 'number' ? listItem(found, step) : member(found, step)
  return found
}

function listItem(value: Json | undefined, index: number): Json | undefined {
  return isList(value) ? value[index] : undefined
}

/** How a message names a field: its path from the root of the Service, in back-quotes. */
export function quoted(path: Path): string {
  return `\`${formatPath(path)}\``
}

/** What the webhook of Knative prints, word for word. */
export function knative(text: string): Says {
  return { by: 'Knative', text }
}

/** What the API server of Kubernetes prints, word for word. */
export function kubernetes(text: string): Says {
  return { by: 'Kubernetes', text }
}

/** How a message shows a text that was found: one line, in quotes. */
export function shown(text: string | undefined): string {
  return JSON.stringify(text ?? '')
}

/**
 * The same answer for the same manifest, or part of one, worked out once: many rules look at the same parts of a Service.
 * Services are judged one after the other, so only the last answer is kept.
 */
export function once<Key extends object, Found>(find: (key: Key) => Found): (key: Key) => Found {
  let last: { readonly key: Key; readonly part: Found } | undefined
  return (key) => {
    if (last?.key !== key) last = { key, part: find(key) }
    return last.part
  }
}

/** What a server does not mind, though a stock Knative does. */
type Relaxation = {
  readonly code: string
  /** The fields that it is about, by their path; all of them without it. */
  readonly field?: RegExp
  /** The values that the server takes, null where there is none; all of them without it. */
  readonly takes?: (value: Json) => boolean
  /** What must be where the server does not take the value either. */
  readonly must?: string
}

const anEmail = /^[^@\s]+@[^@\s]+$/
/** The number or the id of a project, which can belong to a domain: `example.com:shop`. */
const aProject = /^(?:[a-z0-9.-]+:)?[a-z0-9-]+$/
const text =
  (pattern: RegExp) =>
  (value: Json): boolean =>
    typeof value === 'string' && pattern.test(value)

/** What each server takes besides what a stock Knative does. Traffic has no row: its rules are the same everywhere. */
const relaxations: Readonly<Record<Profile, readonly Relaxation[]>> = {
  knative: [],
  cloudrun: [
    { code: 'KN201', field: /^metadata\.namespace$/, takes: (value) => typeof value === 'number' },
    { code: 'KN202', field: /^spec\.template\.spec\.volumes\[\d+\]\.nfs$/ },
    { code: 'KN325' },
    { code: 'KN326' },
    { code: 'KN332', takes: text(aProject) },
    { code: 'KN339' },
    { code: 'KN354' },
    {
      code: 'KN360',
      takes: (value) => typeof value === 'number' && value >= 0 && value <= 3600,
      must: '0 to 3600 on Cloud Run',
    },
    { code: 'KN362', takes: text(anEmail), must: 'the email address of a service account on Cloud Run' },
    { code: 'KN364', field: /\.nodeSelector$/ },
    { code: 'KN378' },
    { code: 'KN379' },
    { code: 'KN392', field: /\.csi$/ },
    { code: 'KN392', field: /\.volumes\[\d+\]$/, takes: isNetworkShare },
  ],
}

/** A volume that is an NFS share and nothing else. */
function isNetworkShare(value: Json): boolean {
  if (!isObject(value)) return false
  const sources = Object.keys(value).filter((key) => key !== 'name' && value[key] !== null)
  return sources.length === 1 && sources[0] === 'nfs'
}

/** A finding of a stock Knative as the server sees it: the same, in other words, or undefined where it does not mind. */
export function relaxed<Found extends Finding>(
  { value }: Pick<Manifest, 'value'>,
  profile: Profile,
  code: string,
  finding: Found,
): Found | undefined {
  const own = relaxations[profile].filter((row) => row.code === code)
  if (own.length === 0) return profile === 'knative' ? finding : elsewhere(finding)
  const path = formatPath(finding.path)
  const found = valueAt(value, finding.path) ?? null
  const rows = own.filter((row) => row.field?.test(path) ?? true)
  if (rows.some(({ takes }) => takes?.(found) ?? true)) return undefined
  const must = rows.find((row) => row.must !== undefined)?.must
  if (must === undefined) return profile === 'knative' ? finding : elsewhere(finding)
  const { help: _help, says: _says, ...rest } = finding
  return { ...rest, message: `${quoted(finding.path)} is ${JSON.stringify(found)}; must be ${must}` } as Found
}

/** Words about stock clusters and their feature flags, where there is neither. */
function elsewhere<Found extends Finding>(found: Found): Found {
  const { flag: _, ...finding } = found
  return {
    ...finding,
    message: finding.message.replace(/ needs the feature flag .*/, ' is not supported on Cloud Run'),
  } as Found
}

/** What a rule has to say about one field of one Service. */
export type Finding = {
  /** One line: the field in backquotes, what was found, then what is allowed or what follows. */
  readonly message: string
  /** What to write instead. */
  readonly help?: string
  /** What the cluster prints of the same mistake. */
  readonly says?: Says
  /** The feature flag of Knative that would let it pass, where there is one. */
  readonly flag?: string
  /** The field, from the root of the Service; a missing field is shown at its nearest parent. */
  readonly path: Path
  /** Whether the field's key or its value (the default) is at fault. */
  readonly part?: Part
  /** The field whose change is at fault, where that is another one: in a Service that was built, it may stand elsewhere. */
  readonly cause?: Path
  /** The one right answer, where there is one. */
  readonly remedy?: Remedy
}

/** What a rule may know besides the Service it judges. */
export type Neighbourhood = {
  /** Every Knative Service of the files at hand, the judged one included. */
  readonly manifests: readonly Manifest[]
  /** The Routes and Configurations of those files. */
  readonly others?: readonly Manifest[]
  /** The codes of the optional rules that are wanted. */
  readonly enabled?: ReadonlySet<string>
  /** The names that kustomizations give a Service, or one that a patch is laid over. */
  readonly namesOf?: (manifest: Manifest) => readonly string[]
  /** The names of the Services whose revision a Service names in the end; undefined where no kustomization builds one. */
  readonly revisionOwners?: (manifest: Manifest) => readonly string[] | undefined
  /** Whether kustomizations put another image in the place of this one before a cluster sees it. */
  readonly replacesImage?: (manifest: Manifest, image: string) => boolean
  /** The variables that are filled in after the build of a Service, once for each way in which it is applied. */
  readonly variablesOf?: (manifest: Manifest) => readonly Substitution[]
  /** Whose rules judge every Service; without it, each tells by its own keys. */
  readonly profile?: Profile
  /** The schema that judges shapes in place of the built-in one. */
  readonly shape?: Shape
  /** Whether Argo CD brings a Service to the cluster, and compares it by its default diff. */
  readonly isSyncedByArgoCD?: (manifest: Manifest) => boolean
  /** Whether nothing is asked but what a server refuses. */
  readonly isOnlyErrors?: true
  /** Whether what is found is to be mended: then also what is not worth a word. */
  readonly isMending?: boolean
  /** What an operator has set in the cluster; without it, the cluster is a stock one. Cloud Run has no such settings. */
  readonly cluster?: ClusterSettings
}

/**
 * One thing that Knative asks of a Service, as data. A rule never throws and takes a value of any shape: what is not of
 * the right type is the schema's business, and the rule stays silent on it.
 */
export type Rule = CodeRow & {
  readonly code: `KN3${string}`
  /**
   * Whether Knative admits what it finds and Kubernetes then refuses every Pod made of it. Knative tries one itself at a
   * server-side dry run, so whoever asks for that before an apply, as Flux does, is refused.
   */
  readonly refusedAsPod?: true
  /** Where an optional rule judges even if nobody has enabled it. */
  readonly isWanted?: (manifest: Manifest, neighbourhood: Neighbourhood) => boolean
  readonly check: (manifest: Manifest, neighbourhood: Neighbourhood) => Iterable<Finding>
}
