// The JSON that programs read, as types of their own: `schemas/report.json` and `schemas/status.json` say what each field
// means. What a run knows besides does not get out by being known.

import type { ReleaseFieldKey } from '../stages/release-fields.js'

/** A member that is undefined is not printed. */
type Maybe<T> = T | undefined

/** Lines and columns count from 1, columns in UTF-16 units. */
export type PlaceJson = {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** A finding, as reports for programs have it. */
export type DiagnosticJson = PlaceJson & {
  readonly code: string
  readonly name: Maybe<string>
  readonly severity: 'error' | 'warning' | 'note'
  readonly message: string
  readonly help: Maybe<string>
  /** What another program prints of the same mistake, word for word. */
  readonly says: Maybe<{ readonly by: string; readonly text: string }>
  readonly file: string
  readonly path: string
  readonly service: Maybe<string>
  readonly roots: Maybe<readonly string[]>
}

/** A target as `spec.traffic` spells it; the percent of a hundred requests. */
export type TargetJson = ({ readonly revisionName: string } | { readonly latestRevision: true }) & {
  readonly percent: number
  readonly tag: Maybe<string>
}

/** `percent` only in `status`. */
export type RoleJson = { readonly revision: string; readonly decidedBy: string; readonly percent?: Maybe<number> }

export type NoteJson = PlaceJson & { readonly kind: 'removed' | 'beside'; readonly comment: string }

type NamedJson = { readonly name: string; readonly kind: 'added' | 'changed' | 'removed' }

export type TemplateJson = { readonly [Key in ReleaseFieldKey]?: Maybe<readonly NamedJson[]> } & {
  readonly image: Maybe<{
    readonly container: string
    readonly before: string
    readonly after: string
    readonly isKustomized: Maybe<true>
  }>
  readonly revisionName: Maybe<{ readonly before: Maybe<string>; readonly after: string }>
  readonly restored: Maybe<{ readonly commit: string; readonly revision: string }>
  readonly spelled: Maybe<readonly string[]>
}

type ChangeJson = {
  readonly file: string
  readonly service: string
  readonly stage: string
  readonly stable: Maybe<RoleJson>
  readonly candidate: Maybe<RoleJson>
  readonly percentDecidedBy: Maybe<string>
  readonly before: readonly TargetJson[]
  readonly after: readonly TargetJson[]
  readonly template: Maybe<TemplateJson>
  readonly notes: readonly NoteJson[]
  readonly patch: string
}

/** A change that is not made because another Service of the run is refused. */
export type WithheldJson = Omit<ChangeJson, 'patch'>

export type FixJson = {
  readonly code: string
  readonly description: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: string
  readonly service: Maybe<string>
  readonly notes: readonly NoteJson[]
  readonly patch: Maybe<string>
}

/** Times as `2026-01-31T12:00:00Z`; without a commit it is what the working tree has. */
export type HistoryStepJson = {
  readonly commit: Maybe<string>
  readonly time: Maybe<string>
  readonly stage: Maybe<string>
  readonly rollback: Maybe<true>
  readonly templateName: Maybe<string>
  readonly traffic: Maybe<readonly TargetJson[]>
}

/** What became of the traffic of a Service, the newest step first. */
export type HistoryJson = {
  readonly file: string
  readonly line: number
  readonly root: Maybe<string>
  readonly namespace: Maybe<string>
  readonly name: string
  readonly plan: string
  readonly incomplete: Maybe<true>
  readonly steps: readonly HistoryStepJson[]
}

/** How a Service differs between two points. */
export type MoveJson = {
  readonly file: string
  readonly root: Maybe<string>
  readonly namespace: Maybe<string>
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed'
  readonly from: Maybe<readonly TargetJson[]>
  readonly to: Maybe<readonly TargetJson[]>
  readonly stages: Maybe<{ readonly from: string; readonly to: string }>
  readonly template: Maybe<{
    readonly revisionName: Maybe<{ readonly from: Maybe<string>; readonly to: Maybe<string> }>
    readonly images: readonly { readonly from: string; readonly to: string }[]
  }>
}

type CommitJson = { readonly ref: string; readonly commit: string }

export type ComparedJson = { readonly base: CommitJson; readonly head: CommitJson | { readonly workingTree: true } }

/** What `--format json` prints, of the shape that `schemas/report.json` promises. */
export type ReportJson = {
  readonly schemaVersion: '1'
  readonly compared: Maybe<ComparedJson>
  readonly diagnostics: readonly DiagnosticJson[]
  readonly schema: Maybe<{ readonly file: string; readonly kind: string }>
  readonly silenced: Maybe<number>
  readonly changes: readonly ChangeJson[]
  readonly withheld: Maybe<readonly WithheldJson[]>
  readonly fixes: Maybe<readonly FixJson[]>
  readonly history: Maybe<readonly HistoryJson[]>
  readonly moves: Maybe<readonly MoveJson[]>
  readonly services: readonly {
    readonly file: string
    readonly line: number
    readonly namespace: Maybe<string>
    readonly name: string
    readonly root: Maybe<string>
    readonly profile: string
    readonly patch: Maybe<true>
    readonly unchanged: Maybe<true>
  }[]
}

/** An object of the repository that has a folder applied, and its settings by their fields. */
type ApplierJson = {
  readonly controller: string
  readonly kind: string
  readonly namespace: Maybe<string>
  readonly name: string
  readonly file: string
  readonly line: number
  readonly settings: Maybe<Readonly<Record<string, string>>>
}

export type StatusRowJson = {
  readonly file: string
  readonly line: number
  readonly root: Maybe<string>
  readonly appliedBy: Maybe<readonly ApplierJson[]>
  readonly namespace: Maybe<string>
  readonly name: string
  readonly plan: string
  readonly state: string
  readonly stage: Maybe<string>
  readonly shown: string
  readonly rolledBack: Maybe<{ readonly from: number; readonly to: number; readonly stage: Maybe<string> }>
  readonly stable: Maybe<RoleJson>
  readonly candidate: Maybe<RoleJson>
  readonly traffic: Maybe<readonly TargetJson[]>
  readonly tag: Maybe<string>
  readonly url: Maybe<string>
  readonly tagUrl: Maybe<string>
  readonly since: Maybe<SinceJson>
  readonly next: Maybe<NextJson>
  readonly live: Maybe<LiveJson>
}

/** What a snapshot shows of a Service. */
export type LiveJson = {
  readonly file: string
  readonly ready: Maybe<string>
  readonly reason: Maybe<string>
  readonly traffic: readonly TargetJson[]
  readonly unready: readonly { readonly revisionName: string; readonly state: string }[]
  readonly drift: readonly string[]
}

/** Seconds, and times as `2026-01-31T12:00:00Z`. */
export type SinceJson =
  | { readonly commit: string; readonly time: string; readonly seconds: number; readonly atLeast: Maybe<true> }
  | { readonly notCommitted: true }
  | { readonly unknown: string }

export type NextJson = {
  readonly stage: string
  readonly soak: Maybe<{ readonly seconds: number; readonly until: Maybe<string> }>
  readonly frozen: Maybe<{ readonly until: Maybe<string>; readonly reason: Maybe<string> }>
  readonly unsure: Maybe<true>
}

/** What `status --format json` prints, of the shape that `schemas/status.json` promises. */
export type StatusJson = {
  readonly schemaVersion: '1'
  readonly urls: { readonly domain: string; readonly template: string; readonly assumed: boolean }
  readonly counts: {
    readonly services: number
    readonly rolling: number
    readonly rolledBack: number
    readonly odd: number
  }
  readonly services: readonly StatusRowJson[]
  readonly diagnostics: readonly DiagnosticJson[]
}
