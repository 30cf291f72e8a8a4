import { byCode, type CodeRow } from '../codes/code.js'
import { type ClusterSettings, permits, stockCluster } from '../config/cluster-settings.js'
import { textOf } from '../edit/wish.js'
import { type Filled, filled } from '../kustomize/layers/flux.js'
import { type Manifest, type Spot, spotAt, withOther } from '../manifest/manifest.js'
import { asCloudRunReads, profileOf } from '../manifest/profile.js'
import { ambiguities, encryptedIn, isEncrypted, isSealed, placeholderFor, placeholderIn } from '../manifest/unfilled.js'
import { checkBuiltIn, checkSchema, schemaFaults, type SchemaFinding } from '../schema/check.js'
import { append } from '../text/collections.js'
import { type Diagnostic, hasErrors, type Severity } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { hasText, lineNumber } from '../text/source.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { isList, isObject, member } from '../yaml/json.js'
import { autoscalingRules } from './autoscaling.js'
import { containersRules } from './containers.js'
import { liveFormRules } from './live-form.js'
import { isRoute } from './places.js'
import { podContainersRules, podEnvRules } from './pod-containers.js'
import { podPlacementRules } from './pod-placement.js'
import { podResourcesRules } from './pod-resources.js'
import { podVolumesRules } from './pod-volumes.js'
import { podNetworkRules, podRules } from './pod.js'
import { podProbesRules, probesRules } from './probes.js'
import { oldShapeHelp, repeatedServiceRules } from './repeated-service.js'
import { revisionNameRules } from './revision-name.js'
import { type Finding, type Neighbourhood, relaxed, type Rule, valueAt } from './rule.js'
import { serviceAnnotationsRules } from './service-annotations.js'
import { serviceMetadataRules } from './service-metadata.js'
import { tagsRules, targetsRules } from './targets.js'
import { routeRules, sharedRules, trafficRules } from './traffic.js'
import { volumesRules } from './volumes.js'

/** Every rule, in the order of its code. To add one: into the list of its subject's file; a new subject gets a row here. */
export const rules: readonly Rule[] = [
  ...autoscalingRules,
  ...containersRules,
  ...liveFormRules,
  ...podContainersRules,
  ...podEnvRules,
  ...podNetworkRules,
  ...podPlacementRules,
  ...podProbesRules,
  ...podResourcesRules,
  ...podRules,
  ...podVolumesRules,
  ...probesRules,
  ...repeatedServiceRules,
  ...revisionNameRules,
  ...serviceAnnotationsRules,
  ...serviceMetadataRules,
  ...tagsRules,
  ...targetsRules,
  ...trafficRules,
  ...volumesRules,
].toSorted(byCode)

/** The rules about what Knative admits and no Pod can be made of. */
export const podCodes: ReadonlySet<string> = new Set(
  rules.filter(({ refusedAsPod }) => refusedAsPod).map(({ code }) => code),
)

/** What is said of variables that files do not tell. */
export const variableRemarks = {
  KN613: {
    name: 'unknown-variable',
    severity: 'note',
    title: 'Not checked: values of Flux variables',
    source: 'fluxcd.io/flux/components/kustomize/kustomizations: post build variable substitution',
    why: () =>
      'Flux fills in `${NAME}` after the build. Values in `postBuild.substitute` are in the file; those of ConfigMaps and Secrets are only in the cluster, and a variable without value or default becomes empty.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** Whether a field has a variable in it, or below it, that is not told. */
function isUnknown({ unknown }: Filled, path: Path): boolean {
  return unknown.some((one) => path.every((step, index) => one.path[index] === step))
}

/** One note for all variables of a Service that are not told. */
function unknownFinding({ unknown }: Filled): Finding | undefined {
  const [first] = unknown
  if (!first) return undefined
  const names = [...new Set(unknown.map(({ name }) => `\`\${${name}}\``))]
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : ''
  const message = `not checked: ${names.slice(0, 3).join(', ')}${rest} (Flux fills in values that no file here has)`
  return { path: first.path, message }
}

/** The Service as Flux makes it: with the values in the place of the variables, and the ranges of its file. */
function filledManifest(manifest: Manifest, { value }: Filled): Manifest {
  const metadata = value['metadata']
  const name = textIn(metadata, 'name') ?? manifest.name
  return withOther(manifest, { value, name, namespace: textIn(metadata, 'namespace') ?? manifest.namespace })
}

function textIn(value: unknown, key: string): string | undefined {
  const found =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined
  return typeof found === 'string' ? found : undefined
}

/** What to change where the value of a variable is wrong: the line that has it. */
function helpForVariable({ used }: Filled, path: string | undefined): string | undefined {
  const laid = used.find((one) => formatPath(one.path) === path)
  return laid && `change the value in ${laid.spot.file.path}:${lineNumber(laid.spot.file.text, laid.spot.range.start)}`
}

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
function isAbsence(manifest: Manifest, code: string, { path }: Finding): boolean {
  if (!manifest.file.isPatch) return false
  if (settledElsewhere.get(code)?.(manifest)) return true
  const key = path.at(-1)
  if (code === 'KN202' && typeof key === 'string' && key.startsWith('$')) return true
  return (valueAt(manifest.value, path) ?? null) === null
}

/** Whether a target that a patch names fits the name that the Service has once kustomizations have renamed it. */
function isRenamed(manifest: Manifest, code: string, { path }: Finding, { namesOf }: Neighbourhood): boolean {
  if (!manifest.file.isPatch || !namesOf || code !== 'KN312') return false
  const revision = valueAt(manifest.value, path)
  return typeof revision === 'string' && namesOf(manifest).some((name) => revision.startsWith(`${name}-`))
}

function has({ value }: Manifest, key: string): boolean {
  return isList(member(value, 'spec', 'template', 'spec', key))
}

/** Whether a finding is about an image that no cluster sees: each kustomization that builds the Service names another one. */
function isReplaced(manifest: Manifest, code: string, { path }: Finding, { replacesImage }: Neighbourhood): boolean {
  if (code !== 'KN370' || !replacesImage) return false
  const image = valueAt(manifest.value, path)
  return typeof image === 'string' && image !== '' && replacesImage(manifest, image)
}

/** Rules that compare names with that of the Service, and know nothing while that is to be filled in. */
const byServiceName = new Set(['KN312', 'KN321'])

/** The placeholder that leaves open whether a finding is right: in the value that it is about, or in the Service's name. */
function placeholderOf(manifest: Manifest, code: string, { path, part }: Finding): string | undefined {
  const own = part === 'key' ? undefined : placeholderFor(valueAt(manifest.value, path))
  return own ?? (byServiceName.has(code) ? placeholderIn(manifest.name) : undefined)
}

/** A value that something else fills in, and what says so. */
type Filler = { readonly path: Path; readonly placeholder?: string }

/** How many such values of a Service are said one by one. */
const mostFillers = 3

/** What is said of values that something else fills in: once a value, or once for all where there are many. */
class Unchecked {
  private readonly found = { KN126: new Map<string, Filler>(), KN127: new Map<string, Filler>() }

  constructor(private readonly manifest: Manifest) {
    for (const path of isSealed(manifest.value) ? encryptedIn(manifest.value) : []) this.add('KN127', { path })
  }

  /** Whether a finding is about a value that is not known here; that is noted. */
  takes(code: string, finding: Finding): boolean {
    const { manifest } = this
    const [top, ...rest] = finding.path
    if (top === 'sops' && isSealed(manifest.value)) return code === 'KN202' || rest.length > 0
    if (isEncrypted(valueAt(manifest.value, finding.path))) return true
    const placeholder = placeholderOf(manifest, code, finding)
    if (placeholder === undefined) return false
    this.add('KN126', { path: finding.path, placeholder })
    return true
  }

  notes(): readonly Diagnostic[] {
    return (['KN126', 'KN127'] as const).flatMap((code) => {
      const [first, ...more] = [...this.found[code].values()]
      if (!first) return []
      if (more.length < mostFillers) return [first, ...more].map((one) => this.note(code, one))
      const placeholders = new Set([first, ...more].flatMap(({ placeholder }) => placeholder ?? []))
      return [this.note(code, first, { fields: more.length + 1, placeholders: [...placeholders] })]
    })
  }

  private add(code: 'KN126' | 'KN127', filler: Filler): void {
    const key = JSON.stringify(filler.path)
    if (!this.found[code].has(key)) this.found[code].set(key, filler)
  }

  private note(
    code: 'KN126' | 'KN127',
    { path, placeholder = '' }: Filler,
    all?: { readonly fields: number; readonly placeholders: readonly string[] },
  ): Diagnostic {
    const what = all ? `${all.fields} fields` : `\`${formatPath(path)}\``
    const by = all?.placeholders ?? [placeholder]
    const why =
      code === 'KN127'
        ? 'encrypted by sops'
        : `${named(by)} ${by.length === 1 ? 'is' : 'are'} filled in before the manifest is applied`
    const message = `not checked: ${what} (${why})`
    const help = code === 'KN126' && { help: 'fill it in and pass the result to `kn-rollout validate -`' }
    return diagnose(this.manifest, code, yamlFaults[code].severity, { message, path, ...help })
  }
}

function named(placeholders: readonly string[]): string {
  const shown = placeholders.slice(0, mostFillers).map((one) => `\`${one}\``)
  const left = placeholders.length - shown.length
  return `${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

/**
 * Everything there is to say about one Service: its YAML, its shape, the rules of its server, in the order of the file.
 * Of YAML that cannot be read nothing more is said: the rest would be guesses. A patch is judged for what it has. What
 * Flux fills in is judged as it makes it.
 */
export function judge(manifest: Manifest, around: Neighbourhood): readonly Diagnostic[] {
  const mayVary = manifest.spotOf !== undefined || hasText(manifest.file, '${')
  const variables = mayVary ? (around.variablesOf?.(manifest) ?? []) : []
  if (variables.length === 0) return judgeText(manifest, around)
  const found = variables.flatMap((one) => judgeFilled(manifest, filled(manifest.value, one), around))
  return [...new Map(found.map((one) => [JSON.stringify([one.code, one.range, one.message]), one])).values()]
}

/** Of a value with a variable that is not told, only that is said. */
function judgeFilled(manifest: Manifest, filling: Filled, around: Neighbourhood): readonly Diagnostic[] {
  const found = judgeText(filledManifest(manifest, filling), around, (path) => isUnknown(filling, path))
  const helped = found.map(({ help, remedy, ...one }) => {
    const own = helpForVariable(filling, one.path) ?? help
    return { ...one, ...(own !== undefined && { help: own }), ...(remedy && own === help && { remedy }) }
  })
  const unknown = unknownFinding(filling)
  const { severity } = variableRemarks.KN613
  return unknown ? [...helped, diagnose(manifest, 'KN613', severity, unknown)] : helped
}

function judgeText(
  given: Manifest,
  around: Neighbourhood,
  isLeftOut: (path: Path) => boolean = () => false,
): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = given.faults.map((fault) => {
    return { ...yamlDiagnostic(given.file, fault), service: given.label }
  })
  if (hasErrors(diagnostics)) return diagnostics
  const profile = around.profile ?? profileOf(given)
  const read = profile === 'cloudrun' ? asCloudRunReads(given.value) : given.value
  const manifest = read === given.value ? given : { ...given, value: read }
  const cluster = profile === 'knative' ? (around.cluster ?? stockCluster) : stockCluster
  const neighbourhood = { ...around, cluster }
  const unchecked = new Unchecked(manifest)
  const add = (code: string, severity: Severity, finding: Finding): void => {
    if (isLeftOut(finding.path) || unchecked.takes(code, finding)) return
    if (isAbsence(manifest, code, finding) || isRenamed(manifest, code, finding, neighbourhood)) return
    if (isReplaced(manifest, code, finding, neighbourhood)) return
    if (finding.flag !== undefined && permits(cluster, finding.flag)) return
    const left = relaxed(manifest, profile, code, told(finding, cluster))
    if (left) diagnostics.push(diagnose(manifest, code, severity, left))
  }
  const ofSchema = checkSchema(manifest, neighbourhood.shape)
  const removed = ofRemovedVersion(manifest, ofSchema)
  if (removed) return [diagnose(manifest, removed.code, schemaFaults[removed.code].severity, removed)]
  for (const finding of ofSchema) add(finding.code, schemaFaults[finding.code].severity, finding)
  const ofPods: { readonly code: string; readonly severity: Severity; readonly finding: Finding }[] = []
  const isServed = manifest.value['apiVersion'] === 'serving.knative.dev/v1'
  for (const { code, severity, optional, refusedAsPod, isWanted, check } of rules) {
    if (optional && neighbourhood.enabled?.has(code) !== true && isWanted?.(manifest, neighbourhood) !== true) continue
    if (around.isOnlyErrors && severity !== 'error') continue
    // Cloud Run makes no Pods.
    if (refusedAsPod && profile === 'cloudrun') continue
    // A warning is about what comes after admission.
    if (severity === 'warning' && !isServed) continue
    for (const finding of check(manifest, neighbourhood)) {
      if (refusedAsPod) ofPods.push({ code, severity, finding })
      else add(code, severity, finding)
    }
  }
  const refused = new Set(diagnostics.flatMap(({ severity, path }) => (severity === 'error' ? [path] : [])))
  for (const { code, severity, finding } of ofPods) if (!isWithin(refused, finding.path)) add(code, severity, finding)
  if (isServed && !around.isOnlyErrors) append(diagnostics, ambiguous(manifest, diagnostics))
  append(diagnostics, unchecked.notes())
  return diagnostics.toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0))
}

/** Of a Service in the first version of the API, whatever else it has: all of it is written for another one. */
function ofRemovedVersion({ value }: Manifest, found: readonly SchemaFinding[]): SchemaFinding | undefined {
  if (value['apiVersion'] !== 'serving.knative.dev/v1alpha1') return undefined
  const version = found.find(({ path }) => path.length === 1 && path[0] === 'apiVersion')
  const spec = member(value, 'spec')
  const move = isObject(spec) ? oldShapeHelp(spec) : undefined
  return version && move !== undefined ? { ...version, help: move } : version
}

/**
 * Everything there is to say about a Route or a Configuration, in the order of the file: of a Route its shape and its
 * traffic, as the webhook validates them, of both their metadata. What cannot be read is said of the file as a whole.
 */
export function judgeOther(manifest: Manifest, neighbourhood: Neighbourhood): readonly Diagnostic[] {
  if (manifest.faults.some(({ code }) => yamlFaults[code].severity === 'error')) return []
  const diagnostics: Diagnostic[] = []
  const add = (code: string, severity: Severity, finding: Finding): void => {
    if (!isAbsence(manifest, code, finding)) diagnostics.push(diagnose(manifest, code, severity, finding))
  }
  for (const finding of routeShape(manifest)) add(finding.code, schemaFaults[finding.code].severity, finding)
  for (const { code, severity, check } of [...rules.filter((rule) => isShared(rule, manifest)), ...routeRules])
    for (const finding of check(manifest, neighbourhood)) add(code, severity, finding)
  return diagnostics.toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0))
}

/** The duration of a rollout is only read where there is traffic. */
function isShared({ code }: Rule, manifest: Manifest): boolean {
  return sharedRules.has(code) && (code !== 'KN336' || isRoute(manifest))
}

/** The metadata and the traffic of a Route have the shape that those of a Service have; there is nothing else in it. */
function routeShape(manifest: Manifest): readonly SchemaFinding[] {
  if (!isRoute(manifest)) return []
  const { value } = manifest
  const spec = member(value, 'spec')
  const asService = { ...value, kind: 'Service', ...(isObject(spec) && { spec: { traffic: spec['traffic'] ?? null } }) }
  const found = checkBuiltIn({ value: asService }).filter(({ path }) => path[0] !== 'spec' || path.length > 1)
  const unknown = Object.keys(isObject(spec) ? spec : {}).filter((key) => key !== 'traffic')
  return [...found.filter(({ path }) => path[1] !== 'template'), ...unknown.map(unknownInRoute)]
}

function unknownInRoute(key: string): SchemaFinding {
  const path = ['spec', key]
  const [field, help] = [formatPath(path), 'remove it; a Route has only `spec.traffic`']
  const message = `unknown field \`${field}\``
  return {
    code: 'KN202',
    message,
    says: { by: 'Kubernetes', text: `unknown field "${field}"` },
    help,
    path,
    part: 'key',
  }
}

/** What is said of stock clusters, in words for one whose operator has set the very feature. */
function told(finding: Finding, { features }: ClusterSettings): Finding {
  if (finding.flag === undefined || features[finding.flag] === undefined) return finding
  return { ...finding, message: finding.message.replace('which is off by default', 'which is off on this cluster') }
}

/** What readers do not agree on, unless kubectl's own reading is refused anyway. */
function ambiguous(manifest: Manifest, known: readonly Diagnostic[]): readonly Diagnostic[] {
  const found = [...ambiguities(manifest)]
  if (found.length === 0) return []
  const refused = new Set(known.filter(({ severity }) => severity === 'error').map(({ path }) => path))
  return found
    .filter(({ path }) => !refused.has(formatPath(path)))
    .map((finding) => diagnose(manifest, 'KN112', yamlFaults.KN112.severity, finding))
}

/** What to write where a text has to stand in quotes: the very text of the file, as the remedy has it. */
function quotedHelp(manifest: Manifest, { remedy }: Finding): string | undefined {
  const text = remedy?.kind === 'quote' ? textOf(manifest, remedy.path) : undefined
  return text === undefined ? undefined : `put it in quotes: ${JSON.stringify(text)}`
}

/** Whether a field is refused before any Pod is made, or is a part of one that is. An error of a whole list is about its length. */
function isWithin(refused: ReadonlySet<string | undefined>, path: Path): boolean {
  const first = path.findIndex((step) => typeof step === 'number')
  return path.some((_, index) => {
    const length = index + 1
    const isPart = first >= 0 && length > first
    return (isPart || length === path.length) && refused.has(formatPath(path.slice(0, length)))
  })
}

/** A finding of a rule as a diagnostic at its field. */
export function diagnose(manifest: Manifest, code: string, severity: Severity, finding: Finding): Diagnostic {
  const { flag } = finding
  const help =
    flag === undefined
      ? (quotedHelp(manifest, finding) ?? finding.help)
      : `${finding.help ?? ''}, or enable the flag in the ConfigMap \`config-features\` and pass it with \`--cluster FILE\``
  const { file, range } = placeOf(manifest, finding)
  return {
    code,
    severity,
    message: finding.message,
    ...(help === undefined ? {} : { help }),
    ...(finding.says && { says: finding.says }),
    file: file.path,
    range,
    path: formatPath(finding.path),
    service: manifest.label,
    ...(finding.remedy && { remedy: finding.remedy }),
  }
}

/** What a Service was built from may stand in many files: the reader has to find the one that changed. */
function placeOf(manifest: Manifest, { path, part, cause }: Finding): Spot {
  return manifest.spotOf && cause ? manifest.spotOf(cause) : spotAt(manifest, path, part)
}
