import type { Change } from '../pipeline/outcome.js'
import { revisionsOf, shiftsOf } from './markdown-movement.js'
import { code, series } from './markdown-text.js'
import { fitting } from './room.js'
import { optionWords, shellWord } from '../text/shell-word.js'

const most = 10
const room = 5000

/** What files do not tell of these changes, and what to look at before the merge. */
export function uncheckedList(changes: readonly Change[]): string {
  const lines = changes.slice(0, most).map(readiness)
  const left = changes.length - most
  if (left > 0) lines.push(`that the revisions of the other ${left} exist and are ready`)
  lines.push('that the traffic on the cluster is still what the files had before')
  const gaining = changes.flatMap((change) => {
    return shiftsOf(change).flatMap(({ revision, before, after }) => {
      return 'name' in revision && after > before ? [`${code(revision.name)} (${after} %)`] : []
    })
  })
  if (gaining.length > 0)
    lines.push(`that ${series(gaining)} can take so much: scale bounds, quotas, what they depend on`)
  return `${fitting(lines, room)
    .shown.map((line) => `- ${line}`)
    .join('\n')}\n`
}

function readiness({ name, namespace, after }: Change): string {
  const names = revisionsOf(after).flatMap((revision) => ('name' in revision ? [revision.name] : []))
  const scope = namespace === undefined ? '' : ` ${optionWords('--namespace', namespace).join(' ')}`
  if (names.length === 0) return `that the latest revision of ${code(name)} is the one that you mean`
  const end = names.some((one) => one.startsWith('-')) ? ' --' : ''
  const look = `kubectl get revision${scope}${end} ${names.slice(0, 5).map(shellWord).join(' ')}`
  const [verb, are] = names.length === 1 ? ['exists', 'is'] : ['exist', 'are']
  return `that ${series(names.map(code))} ${verb} and ${are} ready, as one that is not holds back the whole split: ${code(look)}`
}
