import type { Outcome, Request } from '../pipeline/outcome.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/version.js'
import type { Loaded } from './load.js'
import type { Terminal } from './terminal.js'

type Plan = (files: readonly SourceFile[], request: Request) => Outcome

/**
 * Plans, and where the files leave something open that Git may tell, reads the histories of the chosen Services' files
 * and plans once more. Git is asked at once where it `isCertain` to be.
 */
export async function withPast(
  plan: Plan,
  request: Request,
  loaded: Loaded,
  isCertain: boolean,
  terminal: Terminal,
): Promise<Outcome> {
  const { sources } = loaded
  if (isCertain && request.overlay === undefined && (request.services ?? []).length === 0)
    return plan(sources, {
      ...request,
      histories: await historiesOf(
        sources.map((file) => file.path),
        loaded,
        terminal,
      ),
    })
  const planned = plan(sources, request)
  if (!planned.needsPast) return planned
  const files = planned.services.map(({ file }) => file)
  return plan(sources, { ...request, histories: await historiesOf(files, loaded, terminal) })
}

const pipedIn: FileHistory = { versions: [], isCut: false, absence: 'it is in no file' }

/** The histories of files by the names that users know them by. The standard input has none, and says so. */
export async function historiesOf(
  files: readonly string[],
  { realPaths }: Pick<Loaded, 'realPaths'>,
  { environment }: Terminal,
): Promise<ReadonlyMap<string, FileHistory>> {
  const { readHistories } = await import('../io/history.js')
  const real = new Map([...new Set(files)].flatMap((file) => [[file, realPaths.get(file) ?? ''] as const]))
  const histories = await readHistories(
    [...real.values()].filter((place) => place !== ''),
    environment,
  )
  return new Map(
    [...real].flatMap(([file, place]) => {
      const history = place === '' ? pipedIn : histories.get(place)
      return history ? [[file, history] as const] : []
    }),
  )
}
