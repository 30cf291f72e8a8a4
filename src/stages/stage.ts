import type { Revision, TrafficTarget } from '../manifest/traffic.js'
import type { StageRefusalCode } from './refusals.js'

/** Why a stage cannot be applied, and what to type instead. */
export type Refusal = { readonly code: StageRefusalCode; readonly message: string; readonly help: string }

/** What a stage has to work with. A role that could not be told is the refusal that says so. */
export type StageInput = {
  /** The targets as the file has them; empty where it leaves everything to the latest revision. */
  readonly traffic: readonly TrafficTarget[]
  /** The revision that serves today. */
  readonly stable: Revision | Refusal
  /** The revision being rolled out. */
  readonly candidate: Revision | Refusal
  /** The name of the candidate's own route. */
  readonly tag?: string
  /** The candidate's share in a split, in percent; half of everything where nobody says otherwise. */
  readonly percent?: number
  /** Whether a promotion takes the stable revision out of the list. */
  readonly dropStable?: boolean
  /** Whether a rollback keeps the other targets at 0 percent, with their tags. */
  readonly keep?: boolean
}

/** The targets that a stage wants, or why it cannot say. */
export type StageResult = readonly TrafficTarget[] | Refusal

/** The options of `apply` that only some stages take. */
export const stageFlags = ['percent', 'tag', 'keep', 'drop-stable', 'restore-template'] as const

export type StageFlag = (typeof stageFlags)[number]

/** One named step of a rollout: a pure function from traffic to wanted traffic, or to a refusal. */
export type Stage = {
  readonly name: string
  readonly summary: string
  /** The state it leaves, for the list of stages. */
  readonly result: string
  /** The candidate's share in percent that it leaves; absent where it leaves one revision alone. */
  readonly share?: number
  /** Whom it leaves alone in the list; absent where it gives the candidate a place beside the stable revision. */
  readonly alone?: 'stable' | 'candidate'
  /** Which of those it takes. */
  readonly flags: readonly StageFlag[]
  /** Set where it goes back, which is possible from everywhere and so has no place in a plan. */
  readonly isWayBack?: true
  readonly apply: (input: StageInput) => StageResult
}

export function isRefusal(result: object): result is Refusal {
  return 'code' in result
}
