import { sameJson } from '../manifest/json.js'
import { numberOf } from '../manifest/revision-number.js'
import type { PastState } from '../manifest/past.js'
import { namesIn } from '../stages/names.js'
import type { Passage } from './guard.js'
import { isNewTemplate } from '../history/template.js'

/**
 * The highest number that a generated name can have once the change is applied, as far as Git tells. The number counts
 * the changes of the template, own names included; the first template is number 1, if Git saw the Service come to be.
 * A number that was ever named had been reached by then, and each change since makes one more; the commit that named it
 * may have changed the template too, after the revision that it named. Undefined where no number was named: anybody may
 * have counted on before Git did.
 */
export function highestNumber(passage: Passage): number | undefined {
  const { before, past } = passage
  if (!past) return undefined
  const states = present(past.states)
  let [changes, highest, isNamed] = [0, 0, false]
  for (const [index, state] of states.entries()) {
    const older = states[index + 1]
    // What the state's own commit did to the template; of the oldest one nobody can say.
    if (!older || !sameJson(older.template, state.template)) changes++
    for (const number of numbersIn(state, before.name)) {
      isNamed = true
      highest = Math.max(highest, number + changes)
    }
  }
  if (!isNamed) return undefined
  return Math.max(highest, changes) + (isNewTemplate(passage) ? 1 : 0)
}

/** The states since the file took the Service up, newest first. */
function present(states: Iterable<PastState>): readonly PastState[] {
  return [...states].filter(({ life }) => life === 0)
}

function numbersIn({ templateName, traffic = [] }: PastState, service: string): readonly number[] {
  return [templateName, ...namesIn(traffic)].flatMap((name) => {
    return name === undefined ? [] : (numberOf(service, name) ?? [])
  })
}
