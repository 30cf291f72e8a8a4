import type { Diagnostic } from '../text/diagnostic.js'
import { plural } from '../text/words.js'
import type { ReadSource, Request } from './request.js'
import { unreadRemarks } from './unread.js'

/** Says once of the files that were named and hold nothing to validate that this is so. */
export function unvalidated(
  { named, move, base }: Request,
  readings: readonly ReadSource[],
  told: ReadonlySet<string>,
): readonly Diagnostic[] {
  if (!named || move || base) return []
  const holding = readings.filter(({ reading }) => reading.manifests.length + reading.others.length > 0)
  const full = new Set([...told, ...holding.map(({ file }) => file.path)])
  const empty = [...named].filter((file) => !full.has(file))
  const [first] = empty
  if (first === undefined) return []
  const { severity } = unreadRemarks.KN117
  const rest =
    empty.length > 1
      ? ` (nor in ${plural(empty.length - 1, 'other file')} that ${empty.length === 2 ? 'is' : 'are'} named)`
      : ''
  const message = `nothing validated: no Knative Service in \`${first}\`${rest}`
  const help = 'check the path; a Knative Service has `apiVersion: serving.knative.dev/v1` and `kind: Service`'
  return [{ code: 'KN117', severity, message, help, file: first }]
}
