import type { MoveRequest } from '../stages/moves.js'
import type { RolloutPlan } from '../stages/plans.js'
import { stages } from '../stages/stages.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'
import { shellPath } from '../text/shell-word.js'

/** Why a stage that is neither built in nor in any plan cannot be what the user means. */
export function unknownStage(move: MoveRequest | undefined, plans: readonly RolloutPlan[]): Diagnostic | undefined {
  if (move?.command !== 'apply') return undefined
  const own = plans.flatMap(({ steps }) => steps.map(({ stage }) => stage.name))
  const names = [...new Set([...stages.map(({ name }) => name), ...own])]
  if (names.includes(move.stage)) return undefined
  const close = isPath(move.stage) ? undefined : nearest(move.stage, names)
  const list = isPath(move.stage)
    ? `name the stage first, as in \`kn-rollout apply split ${shellPath(move.stage)}\``
    : `the stages are ${names.join(', ')}`
  return {
    code: 'KN424',
    severity: 'error',
    message: `unknown stage \`${move.stage}\`: it must be built in or belong to a plan`,
    help: close === undefined ? list : `did you mean \`${close}\`? ${list[0]?.toUpperCase()}${list.slice(1)}`,
    file: '',
  }
}

/** Whether a word was most likely meant for the files that follow a stage. */
function isPath(word: string): boolean {
  return /[/\\*]|^\.+$|\.(?:ya?ml|json)$/.test(word)
}
