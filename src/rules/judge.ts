import { permits, stockCluster, type ClusterSettings } from '../manifest/cluster-settings.js'
import { yamlDiagnostic, yamlFaults } from '../manifest/faults.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { ambiguities } from '../manifest/portable.js'
import { checkSchema, schemaFaults } from '../manifest/schema.js'
import { hasErrors, type Diagnostic, type Severity } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import { valueAt } from './fields.js'
import { isAbsence, isRenamed } from './patch.js'
import { profileOf, relaxed } from './profiles.js'
import { isReplaced } from './replaced.js'
import type { Finding, Neighbourhood } from './rule.js'
import { rules } from './table.js'
import { helpToFill } from './unfilled.js'

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

/** A finding of a rule as a diagnostic at its field. */
export function diagnose(manifest: Manifest, code: string, severity: Severity, finding: Finding): Diagnostic {
  const { flag } = finding
  const unfilled = finding.part === 'key' ? undefined : helpToFill(valueAt(manifest.value, finding.path))
  const help =
    unfilled ??
    (flag === undefined
      ? finding.help
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
