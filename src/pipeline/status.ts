import { yamlDiagnostic } from '../manifest/faults.js'
import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { rememberReading } from '../manifest/past-version.js'
import { matchManifests } from '../manifest/select.js'
import { defaultScheme, type UrlScheme } from '../stages/url.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { Knowledge } from './knowledge.js'
import { unknownStage } from './known-stage.js'
import type { Request } from './outcome.js'
import { unmatched } from './selection.js'
import { settingsOf } from './settings.js'
import { isOdd, isRolling, rowOf, type StatusRow } from './status-row.js'

/** What to tell, and of which Services. Without histories nothing is told that only Git knows. */
export type StatusRequest = Pick<Request, 'services' | 'configuration' | 'histories' | 'now'> & {
  /** Names of stages: others are left out. `latest` and `odd` stand for what no stage leaves. */
  readonly stages?: readonly string[]
  /** Whether to leave out what is neither under way, nor rolled back, nor odd. */
  readonly rolling?: boolean
  /** How URLs are made; Knative's defaults where nobody says otherwise. */
  readonly scheme?: UrlScheme
}

/** Where the rollouts of Services stand. */
export type Status = {
  readonly files: readonly SourceFile[]
  /** By namespace and name, then by file. */
  readonly rows: readonly StatusRow[]
  /** Of all that were looked at, also those that filters leave out. */
  readonly counts: Readonly<Record<'services' | 'rolling' | 'rolledBack' | 'odd', number>>
  readonly scheme: UrlScheme
  /** Files that cannot be read, and what is wrong with the request (KN191, KN420, KN424: then there are no rows). */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Tells of every Service where its rollout stands: by its file, and by Git where that leaves a role open and for times.
 * Nothing is judged. Pure, synchronous and total.
 */
export function statusOf(files: readonly SourceFile[], request: StatusRequest): Status {
  const { scheme = defaultScheme, histories, stages = [] } = request
  const { plans, planFor, faults } = settingsOf(request)
  const none = { files, rows: [], counts: countsOf([]), scheme }
  if (request.configuration && faults.length > 0)
    return { ...none, files: [...files, request.configuration], diagnostics: faults }
  const unknown = stages
    .filter((name) => name !== 'latest' && name !== 'odd')
    .flatMap((stage) => unknownStage({ command: 'apply', stage }, plans) ?? [])
  if (unknown.length > 0) return { ...none, diagnostics: unknown }
  const patterns = request.services ?? []
  const { factsOf } = new Knowledge(request, planFor)
  const diagnostics: Diagnostic[] = []
  const names: Pick<Manifest, 'name' | 'label'>[] = []
  const matched = new Set<string>()
  const all: StatusRow[] = []
  for (const file of files) {
    // The YAML of a file is let go before the next one is read: it takes far more memory than the rows.
    const reading = findManifests(file)
    for (const fault of reading.faults) diagnostics.push(yamlDiagnostic(file, fault))
    const history = histories && (histories.get(file.path) ?? 'none')
    if (history && history !== 'none') rememberReading(history, file.text, reading)
    for (const manifest of reading.manifests) {
      names.push({ name: manifest.name, label: manifest.label })
      const own = patterns.filter((pattern) => matchManifests([manifest], pattern).length > 0)
      for (const pattern of own) matched.add(pattern)
      if (patterns.length === 0 || own.length > 0)
        all.push(rowOf(manifest, { facts: factsOf(manifest), scheme, ...(history && { history }) }))
    }
  }
  const refused = patterns.filter((pattern) => !matched.has(pattern)).map((pattern) => unmatched(pattern, names))
  if (refused.length > 0) return { ...none, diagnostics: refused }
  const rows = all.filter((row) => isWanted(row, request)).toSorted(byName)
  return { files, rows, counts: countsOf(all), scheme, diagnostics }
}

function countsOf(rows: readonly StatusRow[]): Status['counts'] {
  return {
    services: rows.length,
    rolling: rows.filter(isRolling).length,
    rolledBack: rows.filter(({ rolledBack }) => rolledBack).length,
    odd: rows.filter(isOdd).length,
  }
}

function isWanted(row: StatusRow, { stages = [], rolling = false }: StatusRequest): boolean {
  if (rolling && row.state !== 'shared' && !isOdd(row)) return false
  return (
    stages.length === 0 ||
    (row.stage !== undefined && stages.includes(row.stage)) ||
    (row.state === 'unpinned' && stages.includes('latest')) ||
    (isOdd(row) && stages.includes('odd'))
  )
}

function byName(a: StatusRow, b: StatusRow): number {
  return order(a.label, b.label) || order(a.file, b.file) || a.range.start - b.range.start
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
