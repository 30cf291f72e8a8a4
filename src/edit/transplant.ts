import { isMap, type Node, type Pair, type YAMLMap } from 'yaml'

import { type Manifest, nodeAt } from '../manifest/manifest.js'
import { readResourceList, type ResourceList } from '../manifest/resource-list.js'
import { applyEdits, type Edit } from '../text/edit.js'
import type { Path } from '../text/path.js'
import { at, columnOf, lineBreak, type Range } from '../text/source.js'
import { isObject, type JsonObject, sameJson } from '../yaml/json.js'
import { keyText, rangeOf } from '../yaml/read.js'
import { emit } from '../yaml/scalar.js'
import { insertFlowMember } from './flow.js'
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

/**
 * The text of a ResourceList with these results in place of what it had. Nothing else of the text changes, which has been
 * proved by reading it again: undefined where its layout does not allow that.
 */
export function withResults(list: ResourceList, results: readonly JsonObject[]): string | undefined {
  const { text } = list.file
  const root = list.document.contents
  if (!isMap(root)) return undefined
  const pair = root.items.find(({ key }) => String(key) === 'results')
  if (!pair && results.length === 0) return text
  const edited = applyEdits(text, root.flow ? flowEdits(text, root, pair, results) : [blockEdit(text, pair, results)])
  const after = readResourceList({ ...list.file, text: edited })
  const wanted = isObject(list.value) && { ...list.value, results }
  return 'value' in after && wanted && sameJson(after.value, wanted) ? edited : undefined
}

function flowEdits(
  text: string,
  map: YAMLMap,
  pair: Pair | undefined,
  results: readonly JsonObject[],
): readonly Edit[] {
  return insertFlowMember(text, { map, key: 'results', pair }, () => JSON.stringify(results)).edits
}

function blockEdit(text: string, pair: Pair | undefined, results: readonly JsonObject[]): Edit {
  const end = lineBreak(text)
  const lines = emit({ results }).replaceAll('\n', end)
  if (pair) return { range: { start: rangeOf(pair.key).start, end: pairEnd(text, pair) }, text: lines.trimEnd() }
  return { range: at(text.length), text: text.endsWith('\n') ? lines : `${end}${lines}` }
}
