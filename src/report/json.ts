import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import type { Change, Fixed, Outcome } from '../pipeline/request.js'
import type { FoundRole, Status, StatusRow, TimeInStage } from '../pipeline/status.js'
import type { Role } from '../stages/roles.js'
import type { NamedChange, TemplateChange } from '../stages/stage.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { jsonText } from '../text/printable.js'
import { utcSecond } from '../text/words.js'
import { comparedJson } from './compared.js'
import type {
  PlaceJson,
  ChangeJson,
  DiagnosticJson,
  FixJson,
  NextJson,
  NoteJson,
  ReportJson,
  RoleJson,
  SinceJson,
  StatusJson,
  StatusRowJson,
  TargetJson,
  TemplateJson,
} from './public-json.js'
import { stageText } from './status.js'
import { Positions } from './where.js'

/** What every report for programs says of a diagnostic. */
function diagnosticJson({ range, ...rest }: Diagnostic, places: Positions): DiagnosticJson {
  const { code, severity, message, help, file, path, service } = rest
  return { code, severity, message, help, file, ...placeJson(places, file, range), path: path ?? '', service }
}

/** A target as `spec.traffic` spells it. */
function targetJson({ revision, percent, tag }: TrafficTarget): TargetJson {
  return { ...('name' in revision ? { revisionName: revision.name } : { latestRevision: true }), percent, tag }
}

/** The report for programs, of the shape that `schemas/report.json` promises. */
export function jsonReport(outcome: Outcome): string {
  const places = new Positions(outcome.files)
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
  const places = new Positions(changes.map(({ file }) => file))
  return fixes.map(({ code, description, file, range, path, service }) => {
    const { patch, notes = [] } = changes.find((change) => change.file.path === file) ?? {}
    const { line, column } = places.of(file, range)
    return { code, description, file, line, column, path, service, notes: notesJson({ notes }, file, places), patch }
  })
}

type Around = { readonly file: string; readonly patch: string; readonly places: Positions }

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

function notesJson({ notes }: Pick<Change, 'notes'>, file: string, places: Positions): readonly NoteJson[] {
  return notes.map(({ kind, text, range }) => ({ kind, comment: text, ...placeJson(places, file, range) }))
}

/**
 * The report for programs, of the shape that `schemas/status.json` promises.
 *
 * @param now Seconds since 1970.
 */
export function statusJson(status: Status, now: number, isAssumed: boolean): string {
  const places = new Positions(status.files)
  const { counts, scheme, rows, diagnostics } = status
  const report: StatusJson = {
    schemaVersion: '1',
    urls: { domain: scheme.domain, template: scheme.template, assumed: isAssumed },
    counts: { services: counts.services, rolling: counts.rolling, rolledBack: counts.rolledBack, odd: counts.odd },
    services: rows.map((row) => rowJson(row, places.of(row.file, row.range).line, now)),
    diagnostics: diagnostics.map((one) => diagnosticJson(one, places)),
  }
  return `${jsonText(report)}\n`
}

function rowJson(row: StatusRow, line: number, now: number): StatusRowJson {
  const { file, namespace, name, plan, state, stage, rolledBack, tag, url, tagUrl } = row
  return {
    file,
    line,
    namespace,
    name,
    plan,
    state,
    stage,
    shown: stageText(row),
    rolledBack: rolledBack && { from: rolledBack.from, to: rolledBack.to, stage: rolledBack.stage },
    stable: rowRoleJson(row, row.stable),
    candidate: rowRoleJson(row, row.candidate),
    traffic: row.traffic?.map(targetJson),
    tag,
    url,
    tagUrl,
    since: row.since && sinceJson(row.since, now),
    next: row.next && nextJson(row.next),
  }
}

function rowRoleJson({ shares }: StatusRow, role: FoundRole | undefined): RoleJson | undefined {
  if (!role) return undefined
  const revision = revisionText(role.revision)
  const percent = shares.find((share) => revisionText(share.revision) === revision)?.percent
  return { revision, decidedBy: role.decidedBy, percent }
}

function sinceJson(since: TimeInStage, now: number): SinceJson {
  if ('unknown' in since) return { unknown: since.unknown }
  if ('notCommitted' in since) return { notCommitted: true }
  const { commit, time, isAtLeast } = since
  return { commit, time: utcSecond(time), seconds: Math.max(0, now - time), atLeast: isAtLeast }
}

function nextJson({ stage, soak, isUnsure }: NonNullable<StatusRow['next']>): NextJson {
  const until = soak?.until
  return {
    stage,
    soak: soak && { seconds: soak.seconds, until: until === undefined ? undefined : utcSecond(until) },
    unsure: isUnsure,
  }
}

function placeJson(places: Positions, file: string, range: Diagnostic['range']): PlaceJson {
  const { line, column, endLine, endColumn } = places.of(file, range)
  return { line, column, endLine, endColumn }
}
