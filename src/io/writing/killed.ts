import fs from 'node:fs'
import path from 'node:path'

import { Attention, isMissing, reasonOf, type Signals } from '../failure.js'
import { repositoryRoot } from '../git/root.js'
import type { Environment } from '../git/run.js'
import { isInside } from '../paths.js'
import { Claim, mayBeAtWork, patient, syncFolder } from './claim.js'
import {
  besides,
  type FoundRecord,
  hashOf,
  readRecords,
  type RecordedFile,
  type Room,
  roomsFor,
  type WriteRecord,
} from './record.js'

/** What a run left that was killed while it wrote. */
export type Killed = {
  /** The record, absolute. */
  readonly file: string
  readonly room: Room
  readonly record: WriteRecord
  readonly files: readonly LeftFile[]
  readonly fate: KilledFate
  /** Temporary files, absolute. */
  readonly leftovers: readonly string[]
}

/** What is to be done: nothing was changed, or everything; some was, and can be put back; somebody has gone on since. */
type KilledFate = 'untouched' | 'finished' | 'half' | 'gone-on'

/** A target. `changed`: it has the new text; `other`: neither the new nor the old one. */
export type LeftFile = {
  readonly path: string
  readonly state: 'unchanged' | 'changed' | 'other'
  /** Whether it was not there before. */
  readonly isNew: boolean
  /** Where its old text is. */
  readonly backup?: string
}

/** What killed runs left in these rooms about files of the repositories of these folders; nothing of runs that still write. */
export function killedIn(rooms: readonly Room[], folders: readonly string[]): readonly Killed[] {
  const now = Date.now()
  const tops = folders.map((one) => repositoryRoot(one) ?? one)
  return rooms.flatMap((room) =>
    readRecords(room).flatMap((found) => {
      const { record } = found
      if (!record || mayBeAtWork(found, now)) return []
      const isAbout =
        room.root !== undefined || record.files.some((file) => tops.some((one) => isInside(one, file.path)))
      return isAbout ? [lookAt(found, record)] : []
    }),
  )
}

function lookAt({ file, room, changed }: FoundRecord, record: WriteRecord): Killed {
  const files = record.files.map(stateOf)
  const leftovers = record.files.flatMap((one) => Object.values(besides(one))).filter(isPlain)
  return { file, room, record, files, fate: fateOf(files, hasGoneOn(room, changed)), leftovers }
}

function fateOf(files: readonly LeftFile[], isElsewhere: boolean): KilledFate {
  if (files.every(({ state }) => state === 'unchanged')) return 'untouched'
  if (files.every(({ state }) => state === 'changed')) return 'finished'
  const isUndoable = files.every(
    ({ state, backup, isNew }) => state === 'unchanged' || (state === 'changed' && (isNew || backup !== undefined)),
  )
  return isUndoable && !isElsewhere ? 'half' : 'gone-on'
}

function stateOf(recorded: RecordedFile): LeftFile {
  const { path: file, before, after } = recorded
  const now = hashAt(file)
  const state = now === before ? 'unchanged' : now === after ? 'changed' : 'other'
  const { backup } = besides(recorded)
  return { path: file, state, isNew: before === null, ...(before !== null && hashAt(backup) === before && { backup }) }
}

/** The hash of a plain file that is reached by no link; null where nothing is, `''` where anything else is. */
function hashAt(file: string): string | null {
  try {
    const folder = path.dirname(file)
    const stats = fs.realpathSync(folder) === folder ? fs.lstatSync(file) : undefined
    return stats?.isFile() ? hashOf(fs.readFileSync(file)) : ''
  } catch (error) {
    return isMissing(error) ? null : ''
  }
}

function isPlain(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() === true
}

/** Whether Git has moved the work tree to another commit since: then what is there may be meant so. */
function hasGoneOn({ folder, root }: Room, since: number): boolean {
  if (root === undefined) return false
  const log = fs.statSync(path.join(path.dirname(folder), 'logs', 'HEAD'), { throwIfNoEntry: false })
  return log !== undefined && log.mtimeMs > since
}

/**
 * Puts in order what a killed run left: half a write is undone, and what lies about is removed. A file that somebody has
 * changed since is left alone, with all of its write. Gives back why it was not done, or nothing.
 */
export async function settle(
  { file, room, record: { scope } }: Killed,
  { environment, signals }: { readonly environment: Environment; readonly signals?: Signals | undefined },
): Promise<string | undefined> {
  const attention = new Attention(signals)
  try {
    const claim = await Claim.of([{ scope, files: [], rooms: roomsFor(scope, environment) }], { attention, system: fs })
    if (!(claim instanceof Claim)) return 'another run is writing here'
    try {
      // Another run may have been faster.
      const found = readRecords(room).find((one) => one.file === file)
      if (found?.record) putInOrder(lookAt(found, found.record))
      return undefined
    } finally {
      claim.release()
    }
  } catch (error) {
    return reasonOf(error)
  } finally {
    attention.close()
  }
}

function putInOrder({ file, files, fate, leftovers }: Killed): void {
  if (fate === 'gone-on') return
  const disk = patient(fs)
  const changed = fate === 'half' ? files.filter(({ state }) => state === 'changed') : []
  for (const { path: target, backup } of changed) {
    if (backup === undefined) disk.rmSync(target)
    else disk.renameSync(backup, target)
  }
  for (const folder of new Set(changed.map((one) => path.dirname(one.path)))) syncFolder(folder, fs)
  for (const one of leftovers) disk.rmSync(one, { force: true })
  disk.rmSync(file, { force: true })
}
