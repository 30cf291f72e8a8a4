import { isMap, type Node, type YAMLMap } from 'yaml'

import { type Manifest, nodeAt } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import { columnOf, lineBreak, type Range } from '../text/source.js'
import { keyText, rangeOf } from '../yaml/read.js'
import { commentTokens, note, pairEnd, type Splice } from './tokens.js'

/** An edit that brings text from elsewhere, and the comments that come with it. */
export type Transplant = Splice & { readonly added: readonly string[] }

/**
 * Puts a member in the place of the same one, as the other text has it: byte for byte, but for line ends and for
 * indentation where the two stand in different columns. No edit where it is so already; undefined where one of the two
 * is missing, or only one of them is written in braces. Whoever asks has to prove the result by reading it again.
 */
export function transplant(to: Manifest, from: Manifest, path: Path): Transplant | undefined {
  const [own, other] = [memberAt(to, path), memberAt(from, path)]
  if (!own || !other || (own.map.flow === true) !== (other.map.flow === true)) return undefined
  const [text, source] = [to.file.text, from.file.text]
  const shift = own.map.flow ? 0 : columnOf(text, own.range.start) - columnOf(source, other.range.start)
  const moved = shifted(source.slice(other.range.start, other.range.end), shift)
  if (moved === undefined) return undefined
  const written = moved.replaceAll(/\r?\n/g, lineBreak(text, own.range.start))
  if (written === text.slice(own.range.start, own.range.end)) return { edits: [], notes: [], added: [] }
  const [gone, come] = [commentsIn(text, own.range), commentsIn(source, other.range)]
  const left = come.map((range) => source.slice(range.start, range.end))
  const notes = gone.flatMap((range) => {
    const kept = left.indexOf(text.slice(range.start, range.end))
    if (kept < 0) return [note(text, 'removed', range)]
    left.splice(kept, 1)
    return []
  })
  return { edits: [{ range: own.range, text: written }], notes, added: left }
}

function memberAt(manifest: Manifest, path: Path): { readonly map: YAMLMap; readonly range: Range } | undefined {
  const map = nodeAt(manifest, path.slice(0, -1))
  if (!isMap(map)) return undefined
  const follow = (alias: Parameters<Parameters<typeof keyText>[1]>[0]): Node | undefined => manifest.targets.get(alias)
  const pair = map.items.findLast((one) => keyText(one.key, follow) === String(path.at(-1)))
  if (!pair) return undefined
  return { map, range: { start: rangeOf(pair.key).start, end: pairEnd(manifest.file.text, pair) } }
}

/** The lines behind the first one, so many columns further in; undefined where one has not that many to lose. */
function shifted(text: string, columns: number): string | undefined {
  const [first = '', ...rest] = text.split('\n')
  const lines = rest.map((line) => {
    if (line.trim() === '' || columns === 0) return line
    if (columns > 0) return ' '.repeat(columns) + line
    return /^ *$/.test(line.slice(0, -columns)) ? line.slice(-columns) : undefined
  })
  return lines.includes(undefined) ? undefined : [first, ...lines].join('\n')
}

function commentsIn(text: string, { start, end }: Range): readonly Range[] {
  return commentTokens(text).filter((comment) => start <= comment.start && comment.end <= end)
}
