import type { MoveRequest } from '../stages/moves.js'
import type { RolloutPlan } from '../stages/plans.js'
import { stages } from '../stages/table.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'

/** Why a stage that is neither built in nor in any plan cannot be what the user means. */
export function unknownStage(move: MoveRequest | undefined, plans: readonly RolloutPlan[]): Diagnostic | undefined {
  if (move?.command !== 'apply') return undefined
  const own = plans.flatMap(({ steps }) => steps.map(({ stage }) => stage.name))
  const names = [...new Set([...stages.map(({ name }) => name), ...own])]
  if (names.includes(move.stage)) return undefined
  const close = nearest(move.stage, names)
  const list = `the stages are ${names.join(', ')}`
  return {
    code: 'KN424',
    severity: 'error',
    message: `unknown stage \`${move.stage}\`: it must be built in or belong to a plan`,
    help: close === undefined ? list : `did you mean \`${close}\`? ${list[0]?.toUpperCase()}${list.slice(1)}`,
    file: '',
  }
}
