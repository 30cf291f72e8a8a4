import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { isInside, leadsOut, slashes } from '../paths.js'
import { recordsIn, type Room } from '../record-rooms.js'
import type { Owner } from './owner.js'

/** What a run is about to write, left on the disk before it begins, so that what a killed run has done can be told. */
export type WriteRecord = {
  readonly owner: Owner
  /** When it was made: ISO 8601, UTC. */
  readonly begun: string
  /** The folder, absolute, that no two runs write below at the same time. */
  readonly scope: string
  readonly files: readonly RecordedFile[]
}

export type RecordedFile = {
  /** Absolute. */
  readonly path: string
  /** What makes the names of its two temporary files its own. */
  readonly id: string
  /** The hash of the text that it had; null for a new file. */
  readonly before: string | null
  readonly after: string
}

/** A record as it was found; without `record` the file cannot be understood. */
export type FoundRecord = {
  readonly file: string
  readonly room: Room
  /** Milliseconds since the epoch, by the clock of the disk. */
  readonly changed: number
  readonly record?: WriteRecord
}

const version = 1
/** Far more than what a run over all files of the largest repositories writes down. */
const largest = 64 * 1024 * 1024

export function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The temporary files beside a target: the text that it is to get, and the one that it had. */
export function besides({ path: file, id }: Pick<RecordedFile, 'path' | 'id'>): {
  readonly fresh: string
  readonly backup: string
} {
  const name = path.basename(file)
  // Names have at most 255 bytes.
  const stem = Buffer.byteLength(name) > 200 ? name.slice(0, 50) : name
  const base = path.join(path.dirname(file), `.${stem}.kn-rollout-${id}`)
  return { fresh: `${base}-new`, backup: `${base}-old` }
}

/** A record as a text. Its paths are relative to its scope, so that a work tree can be moved with it. */
export function recordText({ scope, files, ...rest }: WriteRecord): string {
  const relative = files.map((file) => ({ ...file, path: slashes(path.relative(scope, file.path)) }))
  return `${JSON.stringify({ version, ...rest, scope, files: relative }, undefined, 1)}\n`
}

/** All records of a room, those of living runs included. */
export function readRecords(room: Room): readonly FoundRecord[] {
  return recordsIn(room).flatMap((file) => {
    try {
      const stats = fs.lstatSync(file)
      if (!stats.isFile() || stats.size > largest) return [{ file, room, changed: stats.mtimeMs }]
      const record = parse(fs.readFileSync(file, 'utf8'), room)
      return [{ file, room, changed: stats.mtimeMs, ...(record && { record }) }]
    } catch {
      // Its run has just ended.
      return []
    }
  })
}

/** A record in which anything is odd is none: nothing is done on its word. */
function parse(text: string, { root }: Room): WriteRecord | undefined {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(found) || found['version'] !== version) return undefined
  const { owner, begun, files } = found
  const scope = root === undefined ? found['scope'] : fs.realpathSync.native(root)
  if (typeof scope !== 'string' || !path.isAbsolute(scope)) return undefined
  if (!isOwner(owner) || typeof begun !== 'string' || Number.isNaN(Date.parse(begun)) || !Array.isArray(files))
    return undefined
  const read = files.map((file: unknown) => fileIn(file, scope))
  return read.includes(undefined)
    ? undefined
    : { owner, begun, scope, files: read.filter((file) => file !== undefined) }
}

function fileIn(found: unknown, scope: string): RecordedFile | undefined {
  if (!isObject(found)) return undefined
  const { path: name, id, before, after } = found
  if (typeof name !== 'string' || typeof id !== 'string' || typeof after !== 'string') return undefined
  if (before !== null && typeof before !== 'string') return undefined
  const file = path.resolve(scope, name)
  const isBelow = file !== scope && isInside(scope, file) && !leadsOut(name)
  const isGitsOwn = path.relative(scope, file).split(path.sep)[0]?.toLowerCase() === '.git'
  if (!isBelow || isGitsOwn || !/^[0-9a-f]{12}$/.test(id)) return undefined
  return { path: file, id, before, after }
}

function isOwner(found: unknown): found is Owner {
  if (!isObject(found)) return false
  const { pid: number, host, place, start } = found
  return Number.isInteger(number) && Number(number) > 0 && [host, place, start].every((one) => typeof one === 'string')
}

function isObject(found: unknown): found is { readonly [name: string]: unknown } {
  return typeof found === 'object' && found !== null && !Array.isArray(found)
}
