import { IoFailure } from './failure.js'
import { Interrupted } from './signals.js'
import type { PendingFile } from './writing/staged.js'
import type { Writing } from './writing/write-files.js'

export type { PendingFile, Writing }

/**
 * Writes all files or none, and no other run at the same time. Every text is first written in full beside its target and
 * flushed; then each target is replaced by one rename. Where anything fails half-way, the originals are put back. Modes are
 * kept; a new file gets the mode of any new file, and never takes the place of one that came in between. A record of what
 * is going on lies where no pull request can put one, for the run after one that was killed.
 *
 * @throws IoFailure that names the file; all files are then as they were, or it says where the former text of one is.
 * Interrupted where a signal came: before the first rename nothing is written, after it everything.
 */
export async function writeAll(files: readonly PendingFile[], writing: Writing): Promise<void> {
  const { writeFiles } = await import('./writing/write-files.js')
  const ending = await writeFiles(files, writing)
  if (ending?.signal) throw new Interrupted(ending.signal, ending.message)
  if (ending) throw new IoFailure(ending.message)
}
