import type { Diagnostic } from '../text/diagnostic.js'
import { plural } from '../text/words.js'
import type { ReadSource, Request } from './request.js'
import { unreadRemarks } from './unread.js'

/** Says that a change touches files that can have to do with Services, and that there is no Service to check. */
export function unchecked(
  { base, surroundings, about }: Request,
  readings: readonly ReadSource[],
  told: ReadonlySet<string>,
): readonly Diagnostic[] {
  if (!base?.touched) return []
  const around = surroundings?.kustomizations ?? []
  const files = [...readings.filter(({ file }) => about?.has(file.path) !== false).map(({ file }) => file), ...around]
  const changed = files.map(({ path }) => path).filter((path) => base.touched?.has(path))
  const [first] = changed
  if (first === undefined || changed.some((path) => told.has(path))) return []
  const { severity } = unreadRemarks.KN118
  const rest = changed.length > 1 ? ` and ${plural(changed.length - 1, 'other file')}` : ''
  const message = `nothing checked although \`${first}\`${rest} changed: no Knative Service has to do with the change`
  return [
    {
      code: 'KN118',
      severity,
      message,
      help: 'check the group and kind of the manifest, and the `resources` of its kustomization',
      file: first,
    },
  ]
}

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
