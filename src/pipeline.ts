import { yamlDiagnostic } from './manifest/faults.js'
import { findManifests } from './manifest/find.js'
import { judge } from './rules/judge.js'
import type { Diagnostic } from './text/diagnostic.js'
import type { SourceFile } from './text/source.js'

/** What a run found out. Plain data with offsets; reports turn it into lines and columns. */
export type Report = {
  readonly diagnostics: readonly Diagnostic[]
  readonly files: readonly SourceFile[]
}

/** Pure, synchronous and total: never throws on what a user wrote. */
export function validate(files: readonly SourceFile[]): Report {
  const readings = files.map((file) => ({ file, ...findManifests(file) }))
  const manifests = readings.flatMap((reading) => reading.manifests)
  const diagnostics = readings.flatMap(({ file, faults, manifests: own }) => [
    ...faults.map((fault) => yamlDiagnostic(file, fault)),
    ...own.flatMap((manifest) => judge(manifest, { manifests })),
  ])
  return { diagnostics, files }
}
