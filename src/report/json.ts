import { revisionText } from '../manifest/traffic.js'
import type { Change, Fixed, Outcome } from '../pipeline/outcome.js'
import { jsonText } from '../text/printable.js'
import type { Role } from '../stages/roles.js'
import type { NamedChange, TemplateChange } from '../stages/template-change.js'
import { comparedJson } from './compared.js'
import { diagnosticJson, targetJson } from './json-parts.js'
import { Places } from './position.js'
import type { ChangeJson, FixJson, NoteJson, ReportJson, RoleJson, TemplateJson } from './public-json.js'

/** The report for programs, of the shape that `schemas/report.json` promises. */
export function jsonReport(outcome: Outcome): string {
  const places = new Places(outcome.files)
  const { compared, schema, silenced, fixes } = outcome
  const report: ReportJson = {
    schemaVersion: '1',
    compared: compared && comparedJson(compared),
    diagnostics: outcome.diagnostics.map((one) => diagnosticJson(one, places)),
    schema: schema && { file: schema.file, kind: schema.kind },
    silenced: silenced === 0 ? undefined : silenced,
    changes: outcome.changes.flatMap(({ file, changes, also = [], patch }) => {
      return [...changes, ...also].map((change) => changeJson(change, { file: file.path, patch, places }))
    }),
    fixes: fixes && fixesJson(outcome, fixes),
    services: outcome.services.map(({ file, range, name, namespace, profile, isPatch }) => {
      return { file, line: places.of(file, range).line, namespace, name, profile, patch: isPatch }
    }),
  }
  return `${jsonText(report)}\n`
}

/** Places are those of the files before they were mended. */
function fixesJson({ changes }: Outcome, fixes: readonly Fixed[]): readonly FixJson[] {
  const places = new Places(changes.map(({ file }) => file))
  return fixes.map(({ code, description, file, range, path, service }) => {
    const { patch, notes = [] } = changes.find((change) => change.file.path === file) ?? {}
    const { line, column } = places.of(file, range)
    return { code, description, file, line, column, path, service, notes: notesJson({ notes }, file, places), patch }
  })
}

type Around = { readonly file: string; readonly patch: string; readonly places: Places }

function changeJson(change: Change, { file, patch, places }: Around): ChangeJson {
  const { service, stage, before, after, roles, template } = change
  return {
    file,
    service,
    stage,
    stable: roleJson(roles.stable),
    candidate: roleJson(roles.candidate),
    before: before.map(targetJson),
    after: after.map(targetJson),
    template: template && templateJson(template),
    notes: notesJson(change, file, places),
    patch,
  }
}

function templateJson({ image, env, annotations, revisionName, restored, spelled }: TemplateChange): TemplateJson {
  return {
    image: image && {
      container: image.container,
      before: image.before,
      after: image.after,
      isKustomized: image.isKustomized,
    },
    env: env?.map(namedJson),
    annotations: annotations?.map(namedJson),
    revisionName: revisionName && { before: revisionName.before, after: revisionName.after },
    restored: restored && { commit: restored.commit, revision: restored.revision },
    spelled,
  }
}

function namedJson({ name, kind }: NamedChange): NamedChange {
  return { name, kind }
}

function roleJson(role: Role): RoleJson | undefined {
  return 'revision' in role ? { revision: revisionText(role.revision), decidedBy: role.decidedBy } : undefined
}

function notesJson({ notes }: Pick<Change, 'notes'>, file: string, places: Places): readonly NoteJson[] {
  return notes.map(({ kind, text, range }) => ({ kind, comment: text, ...places.of(file, range) }))
}
