import { yamlDiagnostic } from '../manifest/faults.js'
import { findManifests } from '../manifest/find.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import { profileOf } from '../rules/profiles.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { changeFile } from './change.js'
import type { FileChange, Outcome, Request, ServiceRow } from './outcome.js'
import { chosenFor } from './selection.js'

/**
 * The whole tool as one function: reads the files, judges the Services in them and, where a stage is asked for, works
 * out and proves its edits. Pure, synchronous and total: what a user wrote ends in a diagnostic, never in a throw.
 */
export function plan(files: readonly SourceFile[], request: Request): Outcome {
  const readings = files.map((file) => ({ file, reading: findManifests(file, request.stage !== undefined) }))
  const manifests = readings.flatMap(({ reading }) => reading.manifests)
  const { chosen, refusals } = chosenFor(manifests, request)
  const neighbourhood = {
    manifests,
    enabled: new Set(request.enabled),
    ...(request.profile && { profile: request.profile }),
  }
  const diagnostics: Diagnostic[] = []
  const changes: FileChange[] = []
  for (const { file, reading } of readings) {
    diagnostics.push(...reading.faults.map((fault) => yamlDiagnostic(file, fault)))
    const own = reading.manifests.filter((manifest) => chosen.has(manifest))
    const judged = own.map((manifest) => ({ manifest, diagnostics: judge(manifest, neighbourhood) }))
    if (!request.stage) {
      for (const one of judged) diagnostics.push(...one.diagnostics)
      continue
    }
    const outcome = changeFile(file, reading, judged, request.stage, neighbourhood)
    diagnostics.push(...outcome.diagnostics)
    if (outcome.change) changes.push(outcome.change)
  }
  const services = manifests
    .filter((manifest) => chosen.has(manifest))
    .map((manifest) => serviceRow(manifest, request.profile))
  return { files, services, diagnostics: [...diagnostics, ...refusals], changes }
}

function serviceRow(manifest: Manifest, profile = profileOf(manifest)): ServiceRow {
  const { file, name, namespace } = manifest
  const range = locate(manifest, ['metadata', 'name'])
  const named = { file: file.path, range, name, ...(namespace === undefined ? {} : { namespace }) }
  return { ...named, profile, ...(file.isPatch && { isPatch: true }) }
}
