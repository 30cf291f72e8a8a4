import { yamlDiagnostic } from '../manifest/faults.js'
import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { changeFile, identity } from './change.js'
import type { FileChange, Outcome, Request } from './outcome.js'
import { chosenFor } from './selection.js'

/**
 * The whole tool as one function: reads the files, judges the Services in them and, where a stage is asked for, works
 * out and proves its edits. Pure, synchronous and total: what a user wrote ends in a diagnostic, never in a throw.
 */
export function plan(files: readonly SourceFile[], request: Request): Outcome {
  const readings = files.map((file) => ({ file, reading: findManifests(file) }))
  const all = readings.flatMap(({ reading }) => reading.manifests)
  const { chosen, refusals } = chosenFor(all, request)
  const diagnostics: Diagnostic[] = []
  const changes: FileChange[] = []
  for (const { file, reading } of readings) {
    diagnostics.push(...reading.faults.map((fault) => yamlDiagnostic(file, fault)))
    const own = reading.manifests.filter((manifest) => chosen.has(manifest))
    const judged = own.flatMap((manifest) => judge(manifest, { manifests: all }))
    const outcome = request.stage ? changeFile(file, reading, own, request.stage) : { refusals: [] }
    if (outcome.change) changes.push(outcome.change)
    diagnostics.push(
      ...(outcome.change ? judged.filter(stillThere(outcome.change, own, all)) : judged),
      ...outcome.refusals,
    )
  }
  return {
    files,
    services: all.filter((manifest) => chosen.has(manifest)),
    diagnostics: [...diagnostics, ...refusals],
    changes,
  }
}

/** What a stage mends is no longer worth a word: a sum of 90, for one. */
function stillThere(
  { file, text, changes }: FileChange,
  own: readonly Manifest[],
  all: readonly Manifest[],
): (diagnostic: Diagnostic) => boolean {
  const names = new Set(changes.map(({ service }) => service))
  const after = findManifests({ ...file, text }).manifests.filter(({ label }) =>
    own.some((manifest) => manifest.label === label),
  )
  const left = new Set(after.flatMap((manifest) => judge(manifest, { manifests: all })).map(identity))
  return (diagnostic) => !names.has(diagnostic.service ?? '') || left.has(identity(diagnostic))
}
