import { type ClusterSettings, permits, stockCluster } from '../config/cluster-settings.js'
import { textOf } from '../edit/wish.js'
import { ambiguities } from '../manifest/ambiguities.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { encryptedIn, isEncrypted, isSealed, placeholderFor, placeholderIn } from '../manifest/unfilled.js'
import { checkSchema, schemaFaults } from '../schema/check.js'
import { type Diagnostic, hasErrors, type Severity } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { isList, member } from '../yaml/json.js'
import { type Finding, type Neighbourhood, profileOf, relaxed, valueAt } from './rule.js'
import { rules } from './table.js'

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

/** What is said of values that something else fills in, once a value. */
class Unchecked {
  readonly notes: Diagnostic[] = []
  private readonly named = new Set<string>()

  constructor(private readonly manifest: Manifest) {
    for (const path of isSealed(manifest.value) ? encryptedIn(manifest.value) : [])
      this.add('KN117', path, `not checked: \`${formatPath(path)}\` is encrypted by sops`)
  }

  /** Whether a finding is about a value that is not known here; that is noted. */
  takes(code: string, finding: Finding): boolean {
    const { manifest } = this
    const [top, ...rest] = finding.path
    if (top === 'sops' && isSealed(manifest.value)) return code === 'KN202' || rest.length > 0
    if (isEncrypted(valueAt(manifest.value, finding.path))) return true
    const placeholder = placeholderOf(manifest, code, finding)
    if (placeholder === undefined) return false
    const message = `not checked: \`${formatPath(finding.path)}\`, where \`${placeholder}\` is filled in before it is applied`
    this.add('KN116', finding.path, message, 'to check it, fill it in and pipe the result to `kn-rollout validate -`')
    return true
  }

  private add(code: 'KN116' | 'KN117', path: Path, message: string, help?: string): void {
    const key = JSON.stringify(path)
    if (this.named.has(key)) return
    this.named.add(key)
    this.notes.push(diagnose(this.manifest, code, yamlFaults[code].severity, { message, path, ...(help && { help }) }))
  }
}

/**
 * Everything there is to say about one Service: its YAML, its shape, the rules of its server, in the order of the file.
 * Of YAML that cannot be read nothing more is said: the rest would be guesses. A patch is judged for what it has.
 */
export function judge(manifest: Manifest, around: Neighbourhood): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = manifest.faults.map((fault) => {
    return { ...yamlDiagnostic(manifest.file, fault), service: manifest.label }
  })
  if (hasErrors(diagnostics)) return diagnostics
  const profile = around.profile ?? profileOf(manifest)
  const cluster = profile === 'knative' ? (around.cluster ?? stockCluster) : stockCluster
  const neighbourhood = { ...around, cluster }
  const unchecked = new Unchecked(manifest)
  const add = (code: string, severity: Severity, finding: Finding): void => {
    if (unchecked.takes(code, finding)) return
    if (isAbsence(manifest, code, finding) || isRenamed(manifest, code, finding, neighbourhood)) return
    if (isReplaced(manifest, code, finding, neighbourhood)) return
    if (finding.flag !== undefined && permits(cluster, finding.flag)) return
    const left = relaxed(manifest, profile, code, told(finding, cluster))
    if (left) diagnostics.push(diagnose(manifest, code, severity, left))
  }
  for (const finding of checkSchema(manifest, neighbourhood.shape))
    add(finding.code, schemaFaults[finding.code].severity, finding)
  const isServed = manifest.value['apiVersion'] === 'serving.knative.dev/v1'
  for (const { code, severity, optional, check } of rules) {
    if (optional && neighbourhood.enabled?.has(code) !== true) continue
    // A warning is about what comes after admission.
    if (severity === 'warning' && !isServed) continue
    for (const finding of check(manifest, neighbourhood)) add(code, severity, finding)
  }
  if (isServed) diagnostics.push(...ambiguous(manifest, diagnostics))
  diagnostics.push(...unchecked.notes)
  return diagnostics.toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0))
}

/** What is said of stock clusters, in words for one whose operator has set the very feature. */
function told(finding: Finding, { features }: ClusterSettings): Finding {
  if (finding.flag === undefined || features[finding.flag] === undefined) return finding
  return { ...finding, message: finding.message.replace(' on a stock cluster', ' on this cluster') }
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

/** A finding of a rule as a diagnostic at its field. */
export function diagnose(manifest: Manifest, code: string, severity: Severity, finding: Finding): Diagnostic {
  const { flag } = finding
  const help =
    flag === undefined
      ? (quotedHelp(manifest, finding) ?? finding.help)
      : `${finding.help ?? ''}, or have \`${flag}\` enabled in config-features and state it with \`cluster\` or \`--cluster\``
  return {
    code,
    severity,
    message: finding.message,
    ...(help === undefined ? {} : { help }),
    file: manifest.file.path,
    range: locate(manifest, finding.path, finding.part),
    path: formatPath(finding.path),
    service: manifest.label,
    ...(finding.remedy && { remedy: finding.remedy }),
  }
}
