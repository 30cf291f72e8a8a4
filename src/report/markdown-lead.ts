import type { Change, Outcome } from '../pipeline/outcome.js'
import { stageNamed } from '../stages/stages.js'
import { hasErrors } from '../text/diagnostic.js'
import { movementText, shiftsOf } from './markdown-movement.js'
import { code, prose, series } from './markdown-text.js'
import { fitting } from './room.js'
import { plural } from '../text/plural.js'

const mostSentences = 5
const mostSteps = 12
const room = 4000

/** What the change does and why, in one paragraph: the stage, the Services, what happens to the users' requests. */
export function leadText(outcome: Outcome, changes: readonly Change[]): string {
  const sentences = [...whatText(changes), ...requestsText(changes)]
  if (hasErrors(outcome.diagnostics)) sentences.push('**There are errors: read them before you merge.**')
  return `${sentences.join(' ')}\n`
}

function whatText(changes: readonly Change[]): readonly string[] {
  const names = [...new Set(changes.map(({ stage }) => stage))]
  return names.map((name) => {
    const own = changes.filter(({ stage }) => stage === name)
    const who = series(own.map(({ service }) => code(service)))
    if (name === 'release') return `Releases a new revision of ${who}, with a route of its own beside the stable one.`
    return name === 'set'
      ? `Sets shares and tags of ${who}.`
      : `Moves ${who} to the stage ${code(name)}${whyText(name, own)}.`
  })
}

/** Where the stage stands in the plan that all of them follow, else what it is for. */
function whyText(name: string, changes: readonly Change[]): string {
  const [plan, other] = new Set(changes.map((change) => change.plan))
  const index = plan?.steps.findIndex(({ stage }) => stage.name === name) ?? -1
  if (plan && !other && index >= 0) {
    const steps = plan.steps.map(({ stage }) => (stage.name === name ? `**${prose(stage.name)}**` : prose(stage.name)))
    const list = steps.length > mostSteps ? '' : ` (${steps.join(' → ')})`
    return `, step ${index + 1} of ${steps.length} of the plan ${code(plan.name)}${list}`
  }
  const summary = stageNamed(name)?.summary
  return summary === undefined ? '' : `: ${prose(summary)}`
}

function requestsText(changes: readonly Change[]): readonly string[] {
  const told = changes.slice(0, mostSentences).map(movementText)
  if (changes.length <= mostSentences && fitting(told, room).left === 0) return told
  const moved = changes.filter((change) => shiftsOf(change).length > 0).length
  const still = changes.length - moved
  const others = still > 0 ? `; those of ${plural(still, 'Service')} stay where they are` : ''
  return [moved > 0 ? `Requests of ${plural(moved, 'Service')} move${others}.` : 'No requests move.']
}
