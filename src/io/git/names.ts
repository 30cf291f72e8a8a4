import path from 'node:path'

import { slashes } from '../paths.js'

/**
 * The parts of what Git prints with `-z`: each ends with a zero byte, so names stand in it as they are. Where there are
 * many, those that are not `wanted` by how they begin and end cost next to nothing.
 */
export function partsOf(
  output: Buffer,
  wanted?: (output: Buffer, from: number, end: number) => boolean,
): readonly string[] {
  const parts: string[] = []
  let from = 0
  for (let end = output.indexOf(0); end >= 0; end = output.indexOf(0, from)) {
    if (end > from && (!wanted || wanted(output, from, end))) parts.push(textOf(output.subarray(from, end)))
    from = end + 1
  }
  if (from < output.length) parts.push(textOf(output.subarray(from)))
  return parts
}

/**
 * Bytes of Git as text. A name that is no UTF-8 is no less a name, and must not be taken for another one: each of its
 * bytes beyond ASCII becomes a lone surrogate, U+DC80 to U+DCFF, which no other text holds.
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\uFFFD') || Buffer.from(text).equals(bytes)) return text
  return bytes
    .toString('latin1')
    .replaceAll(/[\u0080-\u00FF]/g, (byte) => String.fromCharCode(0xdc_00 + byte.charCodeAt(0)))
}

/** Whether a name is no UTF-8: nothing can be opened by it. */
export function isOdd(name: string): boolean {
  return /\p{Surrogate}/u.test(name)
}

/** A name as it can be shown: bytes that are no UTF-8 as Git spells them, `\377`. */
export function spelled(name: string): string {
  return name.replaceAll(/\p{Surrogate}/gu, (byte) => `\\${(byte.charCodeAt(0) - 0xdc_00).toString(8)}`)
}

/** A file as its repository names it: from the root, with slashes. */
export function nameOf(root: string, file: string): string {
  return slashes(path.relative(root, file))
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
