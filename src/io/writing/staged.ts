import path from 'node:path'

import { codeOf, isMissing } from '../failure.js'
import { syncFolder, writeNew, type FileSystem } from './file-system.js'
import { besides, type RecordedFile } from './record.js'

/** A file to write: where it is, what was read from it, what it is to become. A new file was nothing before. */
export type PendingFile = {
  /** Absolute, links followed. */
  readonly path: string
  readonly before: string | Uint8Array | undefined
  readonly after: string
}

/** Why a file is not written, in words for users. */
export class Obstacle extends Error {}

const changed = 'the file was changed by someone else since it was read; run the command again'

/** What systems say where a file system has no hard links, or no more of them, or keeps them from this user. */
const unlinkable = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EXDEV'])

/** A file on its way to its new text. It removes nothing but what it has made. */
export class Staged {
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
    if ((mode & 0o222) === 0) throw new Obstacle('the file is read-only')
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
        return `${this.path} was written, and then changed by someone else${this.keptText()}`
      if (this.before === undefined) this.system.rmSync(this.path)
      else this.system.renameSync(this.backup, this.path)
      this.isReplaced = false
      return undefined
    } catch {
      return this.before === undefined
        ? `${this.path} was written and cannot be removed`
        : `${this.path} was written and cannot be put back${this.keptText()}`
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
      if (this.system.lstatSync(this.path).size > 0) throw new Obstacle(changed)
      this.moveIn()
    } catch (error) {
      if (isOurs && !(error instanceof Obstacle)) this.system.rmSync(this.path, { force: true })
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
export function refuseUnlessRead(file: string, bytes: Uint8Array | undefined, system: FileSystem): void {
  const folder = path.dirname(file)
  if (system.realpathSync(folder) !== folder)
    throw new Obstacle('its folder has become a symbolic link since it was read; run the command again')
  if (bytes === undefined) {
    if (exists(file, system)) throw new Obstacle('the file is there already')
    return
  }
  if (!isPlain(file, system))
    throw new Obstacle(
      'the file has become a symbolic link, or no file at all, since it was read; run the command again',
    )
  if (!system.readFileSync(file).equals(bytes)) throw new Obstacle(changed)
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
