import fs from 'node:fs'
import path from 'node:path'

import type { DecodeFault } from '../text/decode.js'
import { reading, readSome, upTo } from './bytes.js'
import { repositoryRoot } from './git/root.js'
import { follow, isGitFolder, type Entry, type Obstacle } from './links.js'
import { isInside, slashes } from './paths.js'
import { Skimmer } from './sign.js'

/** Why a file is not opened at all: a link out of its tree, or no regular file. The message goes behind its name. */
export type Refusal = { readonly reason: 'link' | 'irregular'; readonly message: string }

/** Where a file is. */
export type FilePlace = {
  /** Once symbolic links are followed; `''` where it is a pipe. */
  readonly realPath: string
  /** Where its own name stands, be it that of a link, in a tree whose own folder is followed; the same without a link. */
  readonly place: string
}

/** The bytes of a file, and where it is. */
export type Opened =
  | ({ readonly bytes: Buffer; readonly fault?: undefined } & FilePlace)
  /** Where it is, if it was opened. */
  | ({ readonly fault: Refusal | DecodeFault; readonly bytes?: undefined } & Partial<FilePlace>)

const stays = 'a file behind a symbolic link must stay inside the repository, but this one leads'
const leads = 'a symbolic link must lead to a file, but this one leads'

/** What each obstacle is called. */
export const refusals: Readonly<Record<Obstacle, Refusal>> = {
  out: { reason: 'link', message: `${stays} out of it` },
  git: { reason: 'link', message: `${stays} into \`.git\`` },
  loop: { reason: 'irregular', message: `${leads} in a circle` },
  missing: { reason: 'irregular', message: `${leads} nowhere` },
  folder: { reason: 'irregular', message: 'it must be a file, but is a folder' },
  odd: { reason: 'irregular', message: 'it must be a regular file, but is a device, a pipe or a socket' },
}

/**
 * Where a file that its tree names is, links followed: a regular file of the tree, and none that Git keeps for itself. Both
 * are absolute paths, the file is below the tree.
 *
 * @throws what the system does where it does not let one look.
 */
export function placeInside(file: string, tree: string): FilePlace | { readonly fault: Refusal } {
  const top = realFolder(tree) ?? tree
  const name = path.relative(tree, file)
  const plain = path.join(top, name)
  const folder = path.dirname(plain)
  const isPlain = fs.lstatSync(plain, { throwIfNoEntry: false })?.isFile() === true && realFolder(folder) === folder
  if (isPlain && !name.split(path.sep).some(isGitFolder)) return { realPath: plain, place: plain }
  const followed = follow(slashes(name), (one) => entryAt(path.join(top, one)))
  if ('obstacle' in followed) return { fault: refusals[followed.obstacle] }
  const realPath = path.join(top, followed.name)
  const own = gitFolder(top)
  return own !== undefined && isInside(own, realPath) ? { fault: refusals.git } : { realPath, place: plain }
}

/** Whether a folder that users name is in a repository only by a link, which leads out of it or to what Git keeps. */
export function isLinkedOut(folder: string): boolean {
  const tree = repositoryRoot(path.dirname(folder))
  if (tree === undefined) return false
  const followed = placeInside(folder, tree)
  return 'fault' in followed && followed.fault.reason === 'link'
}

/**
 * Reads a file that its tree names; undefined where nothing is there, not even a link. Nothing else than a regular file is
 * ever opened: what a link leads to is looked at before, the link itself is not followed by the system, and what was opened
 * must be what was looked at. A file larger than any manifest is not read.
 *
 * @throws what the system does where it does not let one read.
 */
export function readInside(file: string, tree: string): Opened | undefined {
  const place = placeInside(file, tree)
  if ('fault' in place) return place.fault === refusals.missing && !isLink(file) ? undefined : place
  const seen = fs.lstatSync(place.realPath)
  const opened = reading(fs.openSync(place.realPath, guarded), (handle) => {
    const stats = fs.fstatSync(handle)
    if (!stats.isFile() || stats.ino !== seen.ino || stats.dev !== seen.dev) return { fault: refusals.odd }
    return upTo(stats.size, handle)
  })
  return { ...opened, ...place }
}

/**
 * Reads a file that users name, be it a pipe or a device: whatever it is, up to the size that is too large. What stands in a
 * repository may be someone else's, so that it is read as what the repository names.
 *
 * @throws what the system does where it does not let one read, or nothing is there.
 */
export function readGiven(file: string): Opened {
  if (standardInput.has(file)) return { ...upTo(undefined, 0), ...nowhere }
  const tree = repositoryRoot(path.dirname(file))
  // What Git keeps for itself nobody else can have put there.
  const isShared = tree !== undefined && !path.relative(tree, file).split(path.sep).some(isGitFolder)
  const inside = isShared ? readInside(file, tree) : undefined
  if (inside) return inside
  return reading(fs.openSync(file, 'r'), (handle) => {
    const stats = fs.fstatSync(handle)
    if (!stats.isFile()) return { ...upTo(undefined, handle), ...nowhere }
    const realPath = fs.realpathSync.native(file)
    return { ...upTo(stats.size, handle), realPath, place: realPath }
  })
}

/** Whether a file that is too large to be read, at its real path, can hold a Knative manifest. */
export function holdsSign(realPath: string): boolean {
  const skimmer = new Skimmer()
  reading(fs.openSync(realPath, guarded), (handle) => {
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    for (let count = -1; count !== 0 && !skimmer.hasMet;) {
      count = readSome(handle, buffer, 0)
      skimmer.push(buffer.subarray(0, count))
    }
  })
  return skimmer.hasMet
}

const nowhere: FilePlace = { realPath: '', place: '' }

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
/** What takes the place of a file between two looks at it is not followed, and not waited for. */
const guarded = O_RDONLY | O_NOFOLLOW | O_NONBLOCK

/** The names of the standard input, which cannot be opened by them where it is a socket. */
const standardInput: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])

const realFolders = new Map<string, string>()

/** A folder, links followed; undefined where there is none. */
export function realFolder(folder: string): string | undefined {
  const known = realFolders.get(folder)
  if (known !== undefined) return known
  try {
    const real = fs.realpathSync.native(folder)
    realFolders.set(folder, real)
    return real
  } catch {
    return undefined
  }
}

function entryAt(place: string): Entry {
  const stats = fs.lstatSync(place, { throwIfNoEntry: false })
  if (!stats) return 'missing'
  if (stats.isSymbolicLink()) return { target: slashes(fs.readlinkSync(place)) }
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'odd'
}

function isLink(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/** Where Git keeps what is its own if a file in the place of `.git` says so. */
function gitFolder(top: string): string | undefined {
  const file = path.join(top, '.git')
  try {
    const stats = fs.statSync(file)
    if (stats.isDirectory()) return fs.realpathSync.native(file)
    if (!stats.isFile()) return undefined
    const [, folder = '.git'] = /^gitdir: (.*)$/m.exec(fs.readFileSync(file, 'utf8')) ?? []
    return fs.realpathSync.native(path.resolve(top, folder))
  } catch {
    return undefined
  }
}
