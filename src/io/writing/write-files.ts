import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { plural } from '../../text/plural.js'
import { reasonOf } from '../failure.js'
import { isInside } from '../paths.js'
import { repositoryRoot } from '../git/root.js'
import type { Environment } from '../git/run.js'
import { roomsFor } from '../record-rooms.js'
import { Attention, type Signals, type StopSignal } from '../signals.js'
import { Claim, type Intent, type Refusal } from './claim.js'
import { syncFolder, type FileSystem } from './file-system.js'
import { hashOf, type RecordedFile } from './record.js'
import { Obstacle, Staged, refuseUnlessRead, type PendingFile } from './staged.js'

/** What writing has to do with besides its files. */
export type Writing = {
  readonly environment: Environment
  /** Where signals come in; without it they end the process as ever. */
  readonly signals?: Signals | undefined
  /** Files, absolute, whose text the new texts were worked out from: they must still have it. */
  readonly read?: readonly { readonly path: string; readonly text: string }[]
  /** How long to wait for other runs, in milliseconds. */
  readonly wait?: number
  readonly system?: FileSystem
}

/** How it ended where not all went as it should: what is on the disk now, and the signal that the run was stopped by. */
export type Ending = { readonly message: string; readonly signal?: StopSignal }

/** Writes all files or none; see `writeAll`. Gives nothing where all is done. */
export async function writeFiles(files: readonly PendingFile[], writing: Writing): Promise<Ending | undefined> {
  if (files.length === 0) return undefined
  const { system = fs, environment, signals, read = [], wait } = writing
  const attention = new Attention(signals)
  try {
    const recorded = files.map(recordedOf)
    const claim = await Claim.of(intentsOf(recorded, read, environment), { attention, system, wait })
    const message =
      claim instanceof Claim
        ? await underClaim(claim, files, recorded, { read, attention, system })
        : refusalText(claim)
    const signal = await attention.turn()
    if (signal)
      return {
        message: message ?? `${plural(files.length, 'file')} ${files.length === 1 ? 'was' : 'were'} written`,
        signal,
      }
    return message === undefined ? undefined : { message }
  } finally {
    attention.close()
  }
}

type Work = Required<Pick<Writing, 'read' | 'system'>> & { readonly attention: Attention }

/** The run was told to stop before it changed anything. */
class Stopped extends Error {}

/** Why nothing was written; undefined where all was. What cannot be put in order stays on record for the next run. */
async function underClaim(
  claim: Claim,
  files: readonly PendingFile[],
  recorded: readonly RecordedFile[],
  work: Work,
): Promise<string | undefined> {
  const staged = files.map((file, index) => new Staged(file, recorded[index] ?? recordedOf(file), work.system))
  const failure = await replaceAll(staged, claim, work)
  const cleaned = staged.map((file) => file.clean(failure !== undefined))
  if (cleaned.every(Boolean)) claim.release()
  return failure
}

async function replaceAll(
  staged: readonly Staged[],
  claim: Claim,
  { read, attention, system }: Work,
): Promise<string | undefined> {
  let current = ''
  try {
    for (const file of [...read, ...staged]) {
      current = file.path
      if (file instanceof Staged) file.stage()
      else refuseUnlessRead(file.path, Buffer.from(file.text), system)
      claim.refresh()
      if (await attention.turn()) throw new Stopped()
    }
    // From here on no signal arrives: what has begun is brought to its end.
    for (const file of staged) {
      current = file.path
      if (!claim.isHeld()) throw new Obstacle('another run took this one for dead; run the command again')
      file.replace()
    }
    for (const file of new Map(staged.map((one) => [path.dirname(one.path), one.path])).values()) {
      current = file
      syncFolder(path.dirname(file), system)
    }
    return undefined
  } catch (error) {
    const lost = staged.toReversed().flatMap((file) => file.putBack() ?? [])
    const state = lost.toReversed().join('; ') || 'nothing was written'
    if (error instanceof Stopped) return state
    return `${current}: ${error instanceof Obstacle ? error.message : reasonOf(error)}; ${state}`
  }
}

function recordedOf({ path: file, before, after }: PendingFile): RecordedFile {
  const id = randomBytes(6).toString('hex')
  return { path: file, id, before: before === undefined ? null : hashOf(before), after: hashOf(after) }
}

/** One for each repository; files outside of any belong to the folder that has them all, with those that were read. */
function intentsOf(
  recorded: readonly RecordedFile[],
  read: readonly { readonly path: string }[],
  environment: Environment,
): readonly Intent[] {
  const groups = new Map<string, RecordedFile[]>()
  for (const file of recorded) {
    const root = repositoryRoot(path.dirname(file.path)) ?? ''
    const group = groups.get(root)
    if (group) group.push(file)
    else groups.set(root, [file])
  }
  return [...groups].map(([root, files]) => {
    const outside = [...recorded, ...read]
      .map((file) => path.dirname(file.path))
      .filter((one) => repositoryRoot(one) === undefined)
    const scope = root === '' ? commonFolder(outside) : root
    return { scope, files, rooms: roomsFor(scope, environment) }
  })
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    let shared = common
    while (!isInside(shared, folder)) shared = path.dirname(shared)
    return shared
  })
}

function refusalText(refusal: Refusal): string {
  if (refusal === 'stopped') return 'nothing was written'
  if ('closed' in refusal) return `no record of the run can be made (${refusal.closed}); nothing was written`
  const { file, record } = refusal.living
  const who = record ? ` (process ${record.owner.pid} on ${record.owner.host}, since ${record.begun})` : ''
  return `another run is writing here${who}; nothing was written; run the command again, or remove ${file} if that run is over`
}
