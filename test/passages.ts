// A change as `check` hands it to `plan`, made up from texts.
import type { Base } from '../src/pipeline/request.js'
import type { FileHistory } from '../src/text/words.js'

/** A commit an hour. */
export const hour = 3600

/** The older side of a change after these commits of a file, the oldest first: the last one is the base. */
export function baseOf(
  texts: readonly string[],
  path: string,
  { isCut = false, isShallow = false, failure = '' } = {},
): Base {
  const versions = texts.map((text, index) => ({ commit: `${index}`.repeat(40), time: index * hour, path, text }))
  const history: FileHistory = {
    versions: versions.toReversed(),
    isCut,
    ...(isShallow && { isShallow }),
    ...(failure !== '' && { failure }),
  }
  return { files: [{ path, text: texts.at(-1) ?? '' }], histories: new Map([[path, history]]) }
}
