import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { codeOf } from '../pipeline/codes.js'
import type { Change, Fixed, Outcome } from '../pipeline/request.js'

import type { Role } from '../stages/roles.js'
import { type NamedChange, releaseFieldRows, type TemplateChange } from '../stages/release-fields.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { jsonText } from '../text/printable.js'

import { comparedJson } from './text.js'
import type {
  PlaceJson,
  DiagnosticJson,
  FixJson,
  NoteJson,
  ReportJson,
  RoleJson,
  TargetJson,
  TemplateJson,
  WithheldJson,
} from './public-json.js'

import { Positions } from './report.js'

/** What every report for programs says of a diagnostic. */
export function diagnosticJson({ range, ...rest }: Diagnostic, places: Positions): DiagnosticJson {
  const { code, severity, message, help, says, file, path, service, roots } = rest
  const place = { file, ...placeJson(places, file, range), path: path ?? '' }
  return { code, name: codeOf(code)?.name, severity, message, help, says, ...place, service, roots }
}

/** A target as `spec.traffic` spells it. */
export function targetJson({ revision, percent, tag }: TrafficTarget): TargetJson {
  return { ...('name' in revision ? { revisionName: revision.name } : { latestRevision: true }), percent, tag }
}

const empty: ReportJson = {
  schemaVersion: '1',
  compared: undefined,
  diagnostics: [],
  schema: undefined,
  silenced: undefined,
  changes: [],
  withheld: undefined,
  fixes: undefined,
  history: undefined,
  moves: undefined,
  services: [],
}

/** A report for programs, of the shape that `schemas/report.json` promises, with what a command has to say in it. */
export function reportText(said: Partial<ReportJson>): string {
  return `${jsonText({ ...empty, ...said })}\n`
}

/** The report of findings and changes for programs. */
export function jsonReport(outcome: Outcome): string {
  return withheldReport(outcome, [])
}

/** The same for a run that changes nothing because a chosen Service is refused, with what it would have changed. */
export function withheldReport(outcome: Outcome, withheld: Outcome['changes']): string {
  const places = new Positions(outcome.files)
  const { compared, schema, silenced, fixes } = outcome
  return reportText({
    compared: compared && comparedJson(compared),
    diagnostics: outcome.diagnostics.map((one) => diagnosticJson(one, places)),
    schema: schema && { file: schema.file, kind: schema.kind },
    silenced: silenced === 0 ? undefined : silenced,
    changes: outcome.changes.flatMap(({ file, changes, also = [], patch }) => {
      return [...changes, ...also].map((change) => ({ ...changeJson(change, file.path, places), patch }))
    }),
    withheld:
      withheld.length === 0
        ? undefined
        : withheld.flatMap(({ file, changes, also = [] }) => {
            return [...changes, ...also].map((change) => changeJson(change, file.path, places))
          }),
    fixes: fixes && fixesJson(outcome, fixes),
    services: outcome.services.map(({ file, range, name, namespace, profile, isPatch, root, way }) => {
      const { line } = places.of(file, range)
      return { file, line, namespace, name, root, profile, patch: isPatch, unchanged: way?.isUnchanged }
    }),
  })
}

/** Places are those of the files before they were mended. */
function fixesJson({ changes }: Outcome, fixes: readonly Fixed[]): readonly FixJson[] {
  const places = new Positions(changes.map(({ file }) => file))
  return fixes.map(({ code, description, file, range, path, service }) => {
    const { patch, notes = [] } = changes.find((change) => change.file.path === file) ?? {}
    const { line, column } = places.of(file, range)
    return { code, description, file, line, column, path, service, notes: notesJson({ notes }, file, places), patch }
  })
}

function changeJson(change: Change, file: string, places: Positions): WithheldJson {
  const { service, stage, before, after, roles, template, percentBy } = change
  return {
    file,
    service,
    stage,
    stable: roleJson(roles.stable),
    candidate: roleJson(roles.candidate),
    percentDecidedBy: percentBy,
    before: before.map(targetJson),
    after: after.map(targetJson),
    template: template && templateJson(template),
    notes: notesJson(change, file, places),
  }
}

function templateJson(template: TemplateChange): TemplateJson {
  const { image, revisionName, restored, spelled } = template
  const fields = Object.fromEntries(releaseFieldRows.map(({ key }) => [key, template[key]?.map(namedJson)]))
  return {
    image: image && {
      container: image.container,
      before: image.before,
      after: image.after,
      isKustomized: image.isKustomized,
    },
    ...fields,
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

function notesJson({ notes }: Pick<Change, 'notes'>, file: string, places: Positions): readonly NoteJson[] {
  return notes.map(({ kind, text, range }) => ({ kind, comment: text, ...placeJson(places, file, range) }))
}

function placeJson(places: Positions, file: string, range: Diagnostic['range']): PlaceJson {
  const { line, column, endLine, endColumn } = places.of(file, range)
  return { line, column, endLine, endColumn }
}
