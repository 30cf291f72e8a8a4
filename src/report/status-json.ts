import { revisionText } from '../manifest/traffic.js'

import type { FoundRole, RowLive, Status, StatusRow, TimeInStage } from '../pipeline/status.js'

import { jsonText } from '../text/printable.js'
import { utcSecond } from '../text/words.js'

import { diagnosticJson, targetJson } from './json.js'
import type { LiveJson, NextJson, RoleJson, SinceJson, StatusJson, StatusRowJson } from './public-json.js'
import { stageText } from './status.js'
import { Positions } from './report.js'

/**
 * The report for programs, of the shape that `schemas/status.json` promises.
 *
 * @param now Seconds since 1970.
 */
export function statusJson(status: Status, now: number): string {
  const places = new Positions(status.files)
  const { counts, scheme, isAssumed, rows, diagnostics } = status
  const report: StatusJson = {
    schemaVersion: '1',
    urls: { domain: scheme.domain, template: scheme.template, assumed: isAssumed },
    counts: { services: counts.services, rolling: counts.rolling, rolledBack: counts.rolledBack, odd: counts.odd },
    services: rows.map((row) => rowJson(row, places, now)),
    diagnostics: diagnostics.map((one) => diagnosticJson(one, places)),
  }
  return `${jsonText(report)}\n`
}

function rowJson(row: StatusRow, places: Positions, now: number): StatusRowJson {
  const { line } = places.of(row.file, row.range)
  const { file, root, appliedBy, namespace, name, plan, state, stage, rolledBack, tag, url, tagUrl } = row
  return {
    file,
    line,
    root,
    appliedBy: appliedBy?.map((one) => applierJson(one, places)),
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
    live: row.live && liveJson(row.live),
  }
}

function liveJson({ file, ready, reason, shares, unready, drift }: RowLive): LiveJson {
  return {
    file,
    ready,
    reason,
    traffic: shares.map(({ revision, percent }) => targetJson({ revision, percent })),
    unready: unready.map((one) => ({ revisionName: one.name, state: one.state })),
    drift,
  }
}

function applierJson(
  { controller, kind, name, namespace, file, range, settings }: NonNullable<StatusRow['appliedBy']>[number],
  places: Positions,
): NonNullable<StatusRowJson['appliedBy']>[number] {
  const { line } = places.of(file.path, range)
  const own = settings.length === 0 ? undefined : Object.fromEntries(settings.map(({ field, text }) => [field, text]))
  return { controller, kind, namespace, name, file: file.path, line, settings: own }
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

function nextJson({ stage, soak, frozen, isUnsure }: NonNullable<StatusRow['next']>): NextJson {
  const until = soak?.until
  return {
    stage,
    soak: soak && { seconds: soak.seconds, until: until === undefined ? undefined : utcSecond(until) },
    frozen: frozen && {
      until: frozen.until === undefined ? undefined : utcSecond(frozen.until),
      reason: frozen.reason,
    },
    unsure: isUnsure,
  }
}
