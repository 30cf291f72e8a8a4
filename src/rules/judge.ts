import { type ClusterSettings, permits, stockCluster } from '../config/cluster-settings.js'
import { textOf } from '../edit/wish.js'
import { ambiguities } from '../manifest/ambiguities.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { checkSchema, schemaFaults } from '../schema/check.js'
import { type Diagnostic, hasErrors, type Severity } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { isList, type Json, member } from '../yaml/json.js'
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

/** `${NAME}`, `${NAME:-default}` and `$NAME`: what envsubst, Flux's `postBuild` and Cloud Build fill in. */
const variable = /\$\{[A-Za-z_][^{}]*\}|\$[A-Z_][A-Z0-9_]*/

/**
 * What to do about a value that is refused because it still has a variable in it. The verdict stays: the file as it is
 * would be refused. Undefined where there is no variable.
 */
function helpToFill(value: Json | undefined): string | undefined {
  const name = typeof value === 'string' ? variable.exec(value)?.[0] : undefined
  if (name === undefined) return undefined
  return `\`${name}\` looks like a variable: fill it in first, as with \`envsubst\`, and pipe the result to \`kn-rollout validate -\``
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
  const add = (code: string, severity: Severity, finding: Finding): void => {
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
  const unfilled = finding.part === 'key' ? undefined : helpToFill(valueAt(manifest.value, finding.path))
  const help =
    unfilled ??
    (flag === undefined
      ? (quotedHelp(manifest, finding) ?? finding.help)
      : `${finding.help ?? ''}, or have \`${flag}\` enabled in config-features and state it with \`cluster\` or \`--cluster\``)
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
