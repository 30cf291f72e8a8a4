import { revisionText } from '../manifest/traffic.js'
import type { Change, Fixed, Outcome } from '../pipeline/outcome.js'
import { jsonText } from '../text/printable.js'
import type { Role } from '../stages/roles.js'
import { comparedJson } from './compared.js'
import { diagnosticJson, targetJson } from './json-parts.js'
import { Places } from './position.js'

/** The report for programs, of the shape that `schemas/report.json` promises. */
export function jsonReport(outcome: Outcome): string {
  const places = new Places(outcome.files)
  const report = {
    schemaVersion: '1',
    ...(outcome.compared && { compared: comparedJson(outcome.compared) }),
    diagnostics: outcome.diagnostics.map((one) => diagnosticJson(one, places)),
    ...(outcome.schema ? { schema: outcome.schema } : {}),
    ...(outcome.silenced ? { silenced: outcome.silenced } : {}),
    changes: outcome.changes.flatMap(({ file, changes, also = [], patch }) => {
      return [...changes, ...also].map((change) => ({
        file: file.path,
        ...changeJson(change),
        notes: notesJson(change, file.path, places),
        patch,
      }))
    }),
    ...(outcome.fixes && { fixes: fixesJson(outcome, outcome.fixes) }),
    services: outcome.services.map(({ file, range, name, namespace, profile, isPatch }) => {
      return { file, line: places.of(file, range).line, namespace, name, profile, patch: isPatch }
    }),
  }
  return `${jsonText(report)}\n`
}

/** Places are those of the files before they were mended. */
function fixesJson({ changes }: Outcome, fixes: readonly Fixed[]): readonly object[] {
  const places = new Places(changes.map(({ file }) => file))
  return fixes.map(({ code, description, file, range, path, service }) => {
    const { patch, notes = [] } = changes.find((change) => change.file.path === file) ?? {}
    const { line, column } = places.of(file, range)
    return { code, description, file, line, column, path, service, notes: notesJson({ notes }, file, places), patch }
  })
}

function changeJson({ service, stage, before, after, roles, template }: Change): object {
  return {
    service,
    stage,
    stable: roleJson(roles.stable),
    candidate: roleJson(roles.candidate),
    before: before.map(targetJson),
    after: after.map(targetJson),
    template,
  }
}

function roleJson(role: Role): object | undefined {
  return 'revision' in role ? { revision: revisionText(role.revision), decidedBy: role.decidedBy } : undefined
}

function notesJson({ notes }: Pick<Change, 'notes'>, file: string, places: Places): readonly object[] {
  return notes.map(({ kind, text, range }) => ({ kind, comment: text, ...places.of(file, range) }))
}
