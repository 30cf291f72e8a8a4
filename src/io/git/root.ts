import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { isInside, relativePath, slashes } from '../paths.js'
import { nameForGit } from '../system.js'

/**
 * The parts of what Git prints with `-z`: each ends with a zero byte, so names stand in it as they are.
 *
 * @param startOf Where in a part what is wanted of it begins; undefined where it is not wanted. It is asked about bytes, a
 *   letter each, and what is not wanted costs next to nothing.
 */
export function pathParts(output: Buffer, startOf: PartStart = wholePart): readonly string[] {
  return partsForEach(output, [startOf])[0] ?? []
}

const wholePart: PartStart = (_, from) => from

/** What `pathParts` gives for each of several questions, in one look. */
export function partsForEach(output: Buffer, starts: readonly PartStart[]): readonly (readonly string[])[] {
  // A text is looked through several times as fast as a buffer.
  const bytes = output.toString('latin1')
  const lists = starts.map((startOf) => ({ startOf, parts: new Array<string>() }))
  for (let from = 0; from < bytes.length;) {
    const next = bytes.indexOf('\0', from)
    const end = next < 0 ? bytes.length : next
    for (const { startOf, parts } of lists) {
      const start = startOf(bytes, from, end)
      if (start === undefined || start >= end) continue
      const part = bytes.slice(start, end)
      parts.push(beyondAscii.test(part) ? decodedName(output.subarray(start, end)) : part)
    }
    from = end + 1
  }
  return lists.map(({ parts }) => parts)
}

export type PartStart = (bytes: string, from: number, end: number) => number | undefined

const beyondAscii = /[\u0080-\u00ff]/

/**
 * Bytes of Git as text. A name that is no UTF-8 is no less a name, and must not be taken for another one: each of its
 * bytes beyond ASCII becomes a lone surrogate, U+DC80 to U+DCFF, which no other text holds.
 */
function decodedName(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\uFFFD') || Buffer.from(text).equals(bytes)) return text
  return bytes
    .toString('latin1')
    .replaceAll(/[\u0080-\u00FF]/g, (byte) => String.fromCharCode(0xdc_00 + byte.charCodeAt(0)))
}

/** A part of what Git prints, as `decodedName` has it. */
export function nameAt(output: Buffer, start: number, end: number): string {
  const name = output.toString('latin1', start, end)
  return beyondAscii.test(name) ? decodedName(output.subarray(start, end)) : name
}

/** The bytes of a name that is no UTF-8. */
export function bytesOf(name: string): Buffer {
  const bytes = name.replaceAll(/\p{Surrogate}/gu, (byte) => String.fromCharCode(byte.charCodeAt(0) - 0xdc_00))
  return Buffer.from(bytes, 'latin1')
}

/** Whether a name is no UTF-8: nothing can be opened by it. */
export function isNotUtf8(name: string): boolean {
  return /\p{Surrogate}/u.test(name)
}

/** A name as it can be shown: bytes that are no UTF-8 as Git spells them, `\377`. */
export function spelledName(name: string): string {
  return name.replaceAll(/\p{Surrogate}/gu, (byte) => `\\${(byte.charCodeAt(0) - 0xdc_00).toString(8)}`)
}

/** A file as its repository names it: from the root, with slashes. */
export function nameInRepository(root: string, file: string): string {
  return nameForGit(slashes(relativePath(root, file)))
}

/** The pathspec of the one file of that name, whatever signs are in it. */
export function literal(name: string): string {
  return `:(top,literal)${name}`
}

/** The pathspec of the files that are called so in any folder. */
export function anywhere(name: string): string {
  return `:(glob)**/${name}`
}

/** A pathspec, plain or made by `anywhere`, of which only files in a folder (as its repository names it) are meant. */
export function below(folder: string, pathspec: string): string {
  if (folder === '') return pathspec
  const [, magic = ':(top)', pattern = ''] = /^(:\(glob\))?([^]*)$/.exec(pathspec) ?? []
  return `${magic}${folder.replaceAll(/[*?[\\]/g, String.raw`\$&`)}/${pattern}`
}

const known = new Map<string, string | undefined>()

/** Forgets which folders are in which repository: for a program that outlives what it has seen. */
export function forgetRoots(): void {
  known.clear()
}

/**
 * The top folder of the Git work tree that holds `folder` (an absolute path), or undefined outside of any. Where a link leads
 * out of a work tree, what it leads to is none of its own: any commit can bring a link along.
 */
export function repositoryRoot(folder: string): string | undefined {
  if (known.has(folder)) return known.get(folder)
  const parent = path.dirname(folder)
  const around = parent === folder ? undefined : repositoryRoot(parent)
  const isTop = existsSync(path.join(folder, '.git')) && (around === undefined || leadsInto(around, folder))
  const root = isTop ? folder : around
  known.set(folder, root)
  return root
}

/** Whether a folder below another one is so with links followed, too. */
function leadsInto(around: string, folder: string): boolean {
  return isInside(realpathSync.native(around), realpathSync.native(folder))
}

/** `folder` as its repository names it: `apps/shop`, or `''` at the root and outside of any. */
export function repositoryFolder(folder: string): string {
  const root = repositoryRoot(folder)
  return root === undefined ? '' : nameInRepository(root, folder)
}
