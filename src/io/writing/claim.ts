import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { type Attention, codeOf, reasonOf } from '../failure.js'
import { isInside } from '../paths.js'
import { patiently, type System } from '../system.js'
import {
  type FoundRecord,
  isLiving,
  isTrustworthy,
  readRecords,
  type RecordedFile,
  recordText,
  type Room,
  thisProcess,
} from './record.js'

/** The calls that writing needs, so that tests can let each of them fail. */
export type FileSystem = Pick<
  typeof fs,
  | 'openSync'
  | 'writeSync'
  | 'fchmodSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'rmSync'
  | 'linkSync'
  | 'lstatSync'
  | 'realpathSync'
  | 'readFileSync'
  | 'utimesSync'
  | 'existsSync'
>

/** What systems say that cannot open or flush a folder. */
const unsyncable = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** Flushes the names in a folder, where the system can do that: without it a power cut may take a rename back. */
export function syncFolder(folder: string, system: FileSystem): void {
  try {
    const handle = system.openSync(folder, 'r')
    try {
      system.fsyncSync(handle)
    } finally {
      system.closeSync(handle)
    }
  } catch (error) {
    if (!unsyncable.has(codeOf(error) ?? '')) throw error
  }
}

/**
 * Writes a file that is not there yet in full, and flushes it. `onMade` is called once it is there: from then on it is
 * the caller's to remove. With `exact` the mode is the very one, else what the user's mask leaves of it.
 */
export function writeNew(
  file: string,
  bytes: Uint8Array,
  { mode, exact }: { readonly mode: number; readonly exact?: boolean },
  system: FileSystem,
  onMade: () => void,
): void {
  const handle = system.openSync(file, 'wx', exact ? 0o600 : mode)
  onMade()
  try {
    for (let written = 0; written < bytes.length;) written += system.writeSync(handle, bytes, written)
    if (exact) system.fchmodSync(handle, mode)
    system.fsyncSync(handle)
  } finally {
    system.closeSync(handle)
  }
}

/** What one run is going to write below one folder. */
export type Intent = {
  /** Absolute, links followed: no other run writes below it meanwhile. */
  readonly scope: string
  readonly files: readonly RecordedFile[]
  /** Where the record may lie, the best place first. */
  readonly rooms: readonly Room[]
}

/** Why nothing was claimed: another run is at work, no room takes a record, or a signal came. */
export type ClaimRefusal = { readonly living: FoundRecord } | { readonly closed: string } | 'stopped'

type Means = { readonly attention: Attention; readonly system: FileSystem; readonly wait?: number | undefined }

/** How long a run waits for others, in milliseconds. They take seconds at most. */
const patience = 10_000

/** How old a record that cannot be understood must be not to be one that is being written, in milliseconds. */
const writtenWithin = 10_000

/** How long a record is not refreshed, in milliseconds. */
const refreshedAfter = 10_000

/**
 * The sole right to write below some folders. Each run lays down a record under a name that nobody else has, and only then
 * looks for others: of two that come at the same time at least one sees the other, and withdraws. Nothing that is not its
 * own is ever removed for that, so a right cannot be taken from a run that lives, and the record of a dead one is no obstacle.
 */
export class Claim {
  private refreshed = Date.now()

  private constructor(
    private readonly records: readonly OwnRecord[],
    private readonly system: FileSystem,
  ) {}

  static async of(
    intents: readonly Intent[],
    { attention, system, wait = patience }: Means,
  ): Promise<Claim | ClaimRefusal> {
    for (const deadline = Date.now() + wait; ;) {
      let living = otherAtWork(intents, [])
      if (!living) {
        const records: OwnRecord[] = []
        const closed = layDownAll(intents, system, records)
        const claim = new Claim(records, system)
        living = otherAtWork(intents, records)
        if (closed === undefined && !living) return claim
        claim.release()
        if (closed !== undefined && !living) return { closed }
      }
      if (living && Date.now() >= deadline) return { living }
      // Two that have met do not meet again at the same time.
      await new Promise((resolve) => void setTimeout(resolve, 15 + Math.random() * 45))
      if ((await attention.turn()) !== undefined) return 'stopped'
    }
  }

  /** Shows those who cannot ask for this process that it is at work. */
  refresh(): void {
    const now = Date.now()
    if (now - this.refreshed < refreshedAfter) return
    this.refreshed = now
    for (const { file } of this.records) quietly(() => this.system.utimesSync(file, now / 1000, now / 1000))
  }

  /** Whether all records are still there: where a clock is wrong, another system may have taken them for abandoned. */
  isHeld(): boolean {
    return this.records.every(({ file }) => this.system.existsSync(file))
  }

  /** Removes the records, and the folders that were made for them where they are empty again. */
  release(): void {
    for (const { file, made } of this.records) {
      quietly(() => this.system.rmSync(file, { force: true }))
      quietly(() => removeEmpty(path.dirname(file), made))
    }
  }
}

/** A record of this run, and the topmost folder that was made for it. */
type OwnRecord = { readonly file: string; readonly made: string | undefined }

/** Lays down a record for each intent in the first room that takes it; says why where none does. */
function layDownAll(intents: readonly Intent[], system: FileSystem, records: OwnRecord[]): string | undefined {
  for (const { scope, files, rooms } of intents) {
    const text = recordText({ owner: thisProcess(), begun: new Date().toISOString(), scope, files })
    const reasons: string[] = []
    for (const room of rooms) {
      const laid = layDown(room, text, system)
      if (typeof laid === 'string') reasons.push(`${room.folder}: ${laid}`)
      else records.push(laid)
      if (typeof laid !== 'string') break
    }
    if (reasons.length === rooms.length) return reasons.join(', ')
  }
  return undefined
}

function layDown(room: Room, text: string, system: FileSystem): OwnRecord | string {
  const file = path.join(room.folder, `${randomBytes(8).toString('hex')}.json`)
  for (let attempt = 1; ; attempt++) {
    let [isMade, made]: [boolean, string | undefined] = [false, undefined]
    try {
      made = fs.mkdirSync(room.folder, { recursive: true, ...(room.root === undefined && { mode: 0o700 }) })
      if (made !== undefined && room.root !== undefined) openAsParent(room.folder)
      if (!isTrustworthy(room)) return 'it is not a directory of this user alone'
      writeNew(file, Buffer.from(text), { mode: 0o644 }, system, () => (isMade = true))
      syncFolder(room.folder, system)
      return { file, made }
    } catch (error) {
      if (isMade) quietly(() => fs.rmSync(file, { force: true }))
      quietly(() => removeEmpty(room.folder, made))
      // A run that ends may just have removed an empty room.
      if (codeOf(error) !== 'ENOENT' || attempt === 3) return reasonOf(error)
    }
  }
}

/** A repository that a group shares is to take the records of each of them. */
function openAsParent(folder: string): void {
  quietly(() => fs.chmodSync(folder, fs.statSync(path.dirname(folder)).mode & 0o777))
}

function removeEmpty(room: string, made: string | undefined): void {
  fs.rmdirSync(room)
  if (made === undefined || made === room) return
  for (let folder = path.dirname(room); isInside(made, folder); folder = path.dirname(folder)) fs.rmdirSync(folder)
}

/** A record of another run that may be at work below the same folders. */
function otherAtWork(intents: readonly Intent[], own: readonly OwnRecord[]): FoundRecord | undefined {
  for (const { scope, rooms } of intents) {
    const found = rooms.flatMap(readRecords)
    const isOwn = ({ file }: FoundRecord): boolean => own.some((one) => one.file === file)
    // The clock of the disk, where it can be told: that of another system may be wrong.
    const now = found.find(isOwn)?.changed ?? Date.now()
    const other = found.find((one) => !isOwn(one) && mayBeAtWork(one, now) && isAbout(one, scope))
    if (other) return other
  }
  return undefined
}

function isAbout({ record }: FoundRecord, scope: string): boolean {
  return record === undefined || isInside(scope, record.scope) || isInside(record.scope, scope)
}

/** Whether the run of a record may not have ended yet. `now` is in milliseconds. */
export function mayBeAtWork({ record, changed }: FoundRecord, now: number): boolean {
  return record ? isLiving(record.owner, now - changed) : now - changed < writtenWithin
}

function quietly(attempt: () => void): void {
  try {
    attempt()
  } catch {
    // What is left of a record is no obstacle to anyone.
  }
}

/** A file system whose files other programs may have open for a moment: on Windows, replacing and removing is tried again. */
export function patient(system: FileSystem, kind?: System, pause?: (milliseconds: number) => void): FileSystem {
  const again = (call: () => void): void => patiently(call, codeOf, kind, pause)
  return {
    ...system,
    renameSync: (from, to) => again(() => system.renameSync(from, to)),
    rmSync: (file, options) => again(() => system.rmSync(file, options)),
  }
}
