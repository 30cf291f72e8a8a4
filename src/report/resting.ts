import type { Outcome } from '../pipeline/request.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import { durationText } from '../text/words.js'

/** At most this many Services are named of a kind. */
const mostNamed = 5

/** What a note says of a Service that `next` leaves as it is. */
const kinds = { KN436: 'idle', KN432: 'waiting', KN434: 'back' } as const

function kindOf({ code, severity }: Diagnostic): 'idle' | 'waiting' | 'back' | undefined {
  return severity === 'note' && Object.hasOwn(kinds, code) ? kinds[code as keyof typeof kinds] : undefined
}

/** Whether it says of a Service that it has nothing to do for now. */
export function isResting(diagnostic: Diagnostic): boolean {
  return kindOf(diagnostic) !== undefined
}

/** How many Services a scheduled run leaves as they are, in one line: `8 not in progress, 1 waits (login: 40m)`. */
export function restingText({ diagnostics }: Pick<Outcome, 'diagnostics'>): string {
  const of = (kind: string): readonly Diagnostic[] => diagnostics.filter((one) => kindOf(one) === kind)
  const [idle, waiting, back] = [of('idle'), of('waiting'), of('back')]
  const parts = [
    ...(idle.length > 0 ? [`${idle.length} not in progress`] : []),
    ...(waiting.length > 0
      ? [`${waiting.length} ${waiting.length === 1 ? 'waits' : 'wait'} (${named(waiting, waitText)})`]
      : []),
    ...(back.length > 0 ? [`${back.length} rolled back (${named(back, () => '')})`] : []),
  ]
  return parts.length > 0 ? `${parts.join(', ')}\n` : ''
}

function named(list: readonly Diagnostic[], more: (one: Diagnostic) => string): string {
  const shown = list.slice(0, mostNamed).map((one) => `${printable(one.service ?? '')}${more(one)}`)
  return `${shown.join(', ')}${list.length > shown.length ? ` and ${list.length - shown.length} more` : ''}`
}

/** Rounded up: in so long it is over. */
function waitText({ waits }: Diagnostic): string {
  return waits === undefined ? '' : `: ${durationText(waits > 60 ? Math.ceil(waits / 60) * 60 : waits)}`
}
