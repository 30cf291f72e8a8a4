import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { plural } from '../../text/words.js'
import { Attention, codeOf, isMissing, reasonOf, type Signals, type StopSignal } from '../failure.js'
import { repositoryRoot } from '../git/root.js'
import type { Environment } from '../git/run.js'
import { isInside } from '../paths.js'
import { Claim, type ClaimRefusal, type FileSystem, type Intent, patient, syncFolder, writeNew } from './claim.js'
import { besides, hashOf, type RecordedFile, roomsFor } from './record.js'

/** A file to write: where it is, what was read from it, what it is to become. A new file was nothing before. */
export type PendingFile = {
  /** Absolute, links followed. */
  readonly path: string
  readonly before: string | Uint8Array | undefined
  readonly after: string
}

/** Why a file is not written, in words for users. */
class WriteObstacle extends Error {}

const changed = 'the file was changed elsewhere after it was read; run the command again'

/** What systems say where a file system has no hard links, or no more of them, or keeps them from this user; Windows says EISDIR. */
const unlinkable = new Set(['EISDIR', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EXDEV'])

/** A file on its way to its new text. It removes nothing but what it has made. */
class Staged {
  private readonly fresh: string
  private readonly backup: string
  private readonly before: Buffer | undefined
  private readonly after: Buffer
  private readonly made = new Set<string>()
  private isReplaced = false

  constructor(
    { path: file, before, after }: PendingFile,
    { id }: Pick<RecordedFile, 'id'>,
    private readonly system: FileSystem,
  ) {
    this.path = file
    this.before = before === undefined ? undefined : Buffer.from(before)
    this.after = Buffer.from(after)
    const { fresh, backup } = besides({ path: file, id })
    this.fresh = fresh
    this.backup = backup
  }

  readonly path: string

  /** @throws Obstacle where the file is not what was read, or is now reached by a link: it may lead anywhere. */
  check(): void {
    refuseUnlessRead(this.path, this.before, this.system)
  }

  /** Writes the new text beside the file, and keeps the old one there. */
  stage(): void {
    this.check()
    const mode = this.before === undefined ? 0o666 : this.system.lstatSync(this.path).mode & 0o7777
    if ((mode & 0o222) === 0) throw new WriteObstacle('the file is read-only')
    this.write(this.fresh, this.after, mode)
    if (this.before === undefined) return
    try {
      this.link(this.path, this.backup)
    } catch (error) {
      if (!unlinkable.has(codeOf(error) ?? '')) throw error
      this.write(this.backup, this.before, mode)
    }
  }

  /** Puts the new text in the place of the file, at once. */
  replace(): void {
    this.check()
    if (this.before === undefined) this.appear()
    else this.moveIn()
    this.isReplaced = true
  }

  /** Flushes the names of the folder. */
  sync(): void {
    syncFolder(path.dirname(this.path), this.system)
  }

  /** Gives the file back its text; where it cannot, says what is on the disk. */
  putBack(): string | undefined {
    if (!this.isReplaced) return undefined
    try {
      if (!isPlain(this.path, this.system) || !this.system.readFileSync(this.path).equals(this.after))
        return `${this.path} was written, and then changed elsewhere${this.keptText()}`
      if (this.before === undefined) this.system.rmSync(this.path)
      else this.system.renameSync(this.backup, this.path)
      this.isReplaced = false
      return undefined
    } catch {
      return this.before === undefined
        ? `${this.path} was written and cannot be removed`
        : `${this.path} was written and cannot be restored${this.keptText()}`
    }
  }

  /** Removes what it has made beside the file, save for a text that is nowhere else; says whether nothing is left. */
  clean(isPutBack: boolean): boolean {
    const kept = isPutBack && this.isReplaced ? this.backup : undefined
    for (const file of this.made) {
      if (file === kept) continue
      try {
        this.system.rmSync(file, { force: true })
        this.made.delete(file)
      } catch {
        // The record of the run says what it is.
      }
    }
    return this.made.size === 0
  }

  private keptText(): string {
    return this.before === undefined ? '' : `: its former text is in ${this.backup}`
  }

  /** A new file, all of it or nothing, and never in the place of one that came in between. */
  private appear(): void {
    try {
      this.system.linkSync(this.fresh, this.path)
      return
    } catch (error) {
      if (!unlinkable.has(codeOf(error) ?? '')) throw error
    }
    // An empty file keeps the place until the text comes by a rename.
    let isOurs = false
    try {
      writeNew(this.path, Buffer.alloc(0), { mode: 0o666 }, this.system, () => (isOurs = true))
      if (this.system.lstatSync(this.path).size > 0) throw new WriteObstacle(changed)
      this.moveIn()
    } catch (error) {
      if (isOurs && !(error instanceof WriteObstacle)) this.system.rmSync(this.path, { force: true })
      throw error
    }
  }

  private moveIn(): void {
    this.system.renameSync(this.fresh, this.path)
    this.made.delete(this.fresh)
  }

  private write(file: string, bytes: Buffer, mode: number): void {
    writeNew(file, bytes, { mode, exact: this.before !== undefined }, this.system, () => this.made.add(file))
  }

  private link(from: string, to: string): void {
    this.system.linkSync(from, to)
    this.made.add(to)
  }
}

/** @throws Obstacle where a file does not hold these bytes any more, or is there though it should be new. */
function refuseUnlessRead(file: string, bytes: Uint8Array | undefined, system: FileSystem): void {
  const folder = path.dirname(file)
  if (system.realpathSync(folder) !== folder)
    throw new WriteObstacle('its directory has become a symbolic link after it was read; run the command again')
  if (bytes === undefined) {
    if (exists(file, system)) throw new WriteObstacle('the file exists already')
    return
  }
  if (!isPlain(file, system))
    throw new WriteObstacle('the file has become a symbolic link, or no file, after it was read; run the command again')
  if (!system.readFileSync(file).equals(bytes)) throw new WriteObstacle(changed)
}

function isPlain(file: string, system: FileSystem): boolean {
  return system.lstatSync(file).isFile()
}

function exists(file: string, system: FileSystem): boolean {
  try {
    system.lstatSync(file)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

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
type Ending = { readonly message: string; readonly signal?: StopSignal }

/** Writes all files or none; see `writeAll`. Gives nothing where all is done. */
export async function writeFiles(files: readonly PendingFile[], writing: Writing): Promise<Ending | undefined> {
  if (files.length === 0) return undefined
  const { system = patient(fs), environment, signals, read = [], wait } = writing
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
      if (!claim.isHeld()) throw new WriteObstacle('another run removed the lock of this one; run the command again')
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
    return `${current}: ${error instanceof WriteObstacle ? error.message : reasonOf(error)}; ${state}`
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

function refusalText(refusal: ClaimRefusal): string {
  if (refusal === 'stopped') return 'nothing was written'
  if ('closed' in refusal) return `no record of the run can be made (${refusal.closed}); nothing was written`
  const { file, record } = refusal.living
  const who = record ? ` (process ${record.owner.pid} on ${record.owner.host}, since ${record.begun})` : ''
  return `another run is writing here${who}; nothing was written; run the command again, or remove ${file} if that run is over`
}

/** A file of which only the last text counts, whoever writes it. */
export type Report = {
  /** Absolute, links followed. */
  readonly path: string
  readonly text: string
  /** The mode that it has, if it is there. */
  readonly mode?: number
}

/** Writes a file in full beside its place, and puts it there by one rename. Gives nothing where all is done. */
export async function writeOne(
  { path: file, text, mode }: Report,
  { signals, system = patient(fs) }: { readonly signals?: Signals | undefined; readonly system?: FileSystem },
): Promise<{ readonly message: string; readonly signal?: StopSignal } | undefined> {
  const attention = new Attention(signals)
  const { fresh } = besides({ path: file, id: randomBytes(6).toString('hex') })
  let isMade = false
  try {
    const modes = mode === undefined ? { mode: 0o666 } : { mode, exact: true }
    writeNew(fresh, Buffer.from(text), modes, system, () => (isMade = true))
    system.renameSync(fresh, file)
    isMade = false
    syncFolder(path.dirname(file), system)
    const signal = await attention.turn()
    return signal && { message: 'the report was written', signal }
  } catch (error) {
    if (isMade) system.rmSync(fresh, { force: true })
    return { message: `${reasonOf(error)}; the report was not written` }
  } finally {
    attention.close()
  }
}
