import type { PlanSpec, StepSpec } from '../config/plans.js'
import type { Stage } from './stage.js'
import { pin, preview, promote, retire, shareStage, split, stageNamed } from './stages.js'

/** One stage of a plan, with what the plan adds to it. */
export type Step = {
  readonly stage: Stage
  /** The candidate's tag, where the plan names one. */
  readonly tag?: string
  /** How long a Service stays in this stage before the next one may follow, in seconds. */
  readonly soak?: number
  /** Whether it takes the candidate's tags away. */
  readonly untag?: true
}

/** A rollout as data: the stages that follow each other, by the candidate's share. */
export type RolloutPlan = { readonly name: string; readonly steps: readonly Step[] }

/** The plan of every Service that nobody has given another one. */
export const blueGreen: RolloutPlan = {
  name: 'blue-green',
  steps: [pin, preview, split, promote, retire].map((stage) => ({ stage })),
}

/** The plans that need no configuration. To add one: a row here. */
export const builtInPlans: readonly RolloutPlan[] = [
  blueGreen,
  {
    name: 'canary',
    steps: [preview, ...[10, 25, 50].map((share) => shareStage(String(share), share)), promote, retire].map(
      (stage) => ({
        stage,
      }),
    ),
  },
]

/** A configured plan as it runs. Its stages are built in, or shares under names of its own. */
export function planOf({ name, steps }: PlanSpec): RolloutPlan {
  return { name, steps: steps.map(stepOf) }
}

function stepOf({ stage: name, percent, tag, soak, untag }: StepSpec): Step {
  const builtIn = stageNamed(name)
  const stage = percent === undefined && builtIn ? builtIn : shareStage(name, percent ?? 0)
  return {
    stage,
    ...(tag === undefined ? {} : { tag }),
    ...(soak === undefined ? {} : { soak }),
    ...(untag && { untag }),
  }
}

/** The stage of that name that a Service moves to: the one of its own plan, else the built-in one. */
export function stageIn({ steps }: RolloutPlan, name: string): Step | undefined {
  const builtIn = stageNamed(name)
  return steps.find(({ stage }) => stage.name === name) ?? (builtIn && { stage: builtIn })
}
