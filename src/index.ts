/**
 * The pure core for programs: `plan` works on texts and knows no files, no process and no cluster. It is the very
 * function behind the command line.
 */
export { plan } from './pipeline/plan.js'
export type { Profile } from './rules/profiles.js'
export type { Change, FileChange, Outcome, Request, ServiceRow } from './pipeline/outcome.js'
export type { Severities } from './pipeline/severities.js'
export type { Surroundings } from './pipeline/surroundings.js'
export type { StageRequest } from './stages/apply-stage.js'
export type { MoveRequest } from './stages/moves.js'
export { stages } from './stages/table.js'
export { builtInPlans, type RolloutPlan, type Step } from './stages/plans.js'
export type { Wish } from './stages/move.js'
export type { Stage, StageInput, StageResult, Refusal } from './stages/stage.js'
export type { Revision, TrafficTarget } from './manifest/traffic.js'
export { applyEdits, type Edit } from './text/edit.js'
export type { Diagnostic, Severity } from './text/diagnostic.js'
export type { SourceFile } from './text/source.js'
export type { Range } from './text/range.js'
