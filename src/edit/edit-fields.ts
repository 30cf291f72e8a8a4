import { isCollection, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'

import { locate, type Manifest } from '../manifest/manifest.js'
import { isEncrypted, isSealed, isSealedWhole } from '../manifest/unfilled.js'
import { append, countBelow } from '../text/collections.js'
import { type Edit, inOrder } from '../text/edit.js'
import type { Path } from '../text/path.js'
import { columnOf, nextLine, type Range } from '../text/source.js'
import type { Json } from '../yaml/json.js'
import { isMergeKey, rangeOf } from '../yaml/read.js'
import { scalarText } from '../yaml/scalar.js'
import {
  type Addition,
  dashGap,
  emptyLines,
  entryLines,
  memberLinesOf,
  replaceLines,
  spliceLines,
  startsLine,
} from './block.js'
import { flowStyle, spliceFlow, startOf } from './flow.js'
import { oddLineEnd } from './prove.js'
import {
  type CommentNote,
  commentsIn,
  commentTokens,
  contentEnd,
  dashIndent,
  dashOf,
  deeperBelow,
  isBlankLine,
  isExplicitKey,
  memberIndent,
  note,
  type Splice,
  trailingComment,
} from './tokens.js'
import {
  type Field,
  fieldAt,
  type FoundStep,
  insideOf,
  isObstacle,
  mapsIn,
  obstacle,
  type Obstacle,
  stepTo,
} from './way.js'
import {
  type Fate,
  fateOf,
  type FieldWish,
  keyOfPair,
  type ListFate,
  type MappingFate,
  quoteOf,
  waysOf,
} from './wish.js'
import {
  type BlockStyle,
  flowPair,
  type FlowStyle,
  flowValue,
  itemLines,
  markOf,
  memberLines,
  scalarOf,
  siblingQuote,
  type Slot,
  writeAt,
} from './write-value.js'

/** The order in which every object and every template has them. */
const usual = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

/**
 * The position of the member that a new key follows, or undefined where it comes first: as in the mappings beside it, in
 * the usual order of objects, else at the end.
 *
 * @param keys The keys there are; undefined for those that go, and those that have no place of their own.
 */
function memberPlace(
  key: string,
  keys: readonly (string | undefined)[],
  siblings: readonly YAMLMap[],
): number | undefined {
  const model = siblings.map((map) => map.items.map((pair) => keyOfPair(pair))).find((order) => order.includes(key))
  const order = model ?? usual
  const rank = order.indexOf(key)
  const last = keys.findLastIndex((one) => one !== undefined)
  if (rank < 0) return last
  const isAhead = (one: string | undefined): boolean => one !== undefined && order.indexOf(one) > rank
  if (!keys.some(isAhead)) return last
  const before = keys.findLastIndex((one) => one !== undefined && order.includes(one) && order.indexOf(one) < rank)
  const first = keys.findIndex((one) => one !== undefined)
  if (before >= 0) return before
  const ahead = keys.findIndex(isAhead)
  return ahead === first ? undefined : keys.findLastIndex((one, index) => one !== undefined && index < ahead)
}

/** What stands around a collection. */
type CollectionContext = {
  readonly manifest: Manifest
  /** The offset behind the colon or the dash that the collection follows. */
  readonly mark: number
  /** How the flow collection is written that it is in. */
  readonly flow?: FlowStyle
  /** The mappings beside it in its list. */
  readonly siblings: readonly YAMLMap[]
}

/** How new block lines are written at a node, or where it is missing. */
function blockStyle(manifest: Manifest, object: Node | undefined, node: Node | null | undefined): BlockStyle {
  const { text } = manifest.file
  const near = [node, object, manifest.document.contents].flatMap((one) => one ?? [])
  const model = isSeq(near[0]) ? near[0].items.findLast((item) => isMap(item)) : near[0]
  const keyQuote = isMap(model) ? quoteOf(model.items[0]?.key) : ''
  const indent = memberIndent(text, near)
  const dash = near[0] ? dashIndent(manifest, object ?? near[0]) : 2
  return { indent, dash, keyQuote }
}

/** Takes members out of a mapping and puts others in. Undefined where the layout has no exact place for them. */
function memberEdits(
  map: YAMLMap,
  removed: ReadonlySet<number>,
  added: ReadonlyMap<string, Json>,
  style: BlockStyle,
  around: CollectionContext,
): readonly Edit[] | undefined {
  const { text } = around.manifest.file
  const keys = map.items.map((pair, index) => (removed.has(index) || isMergeKey(pair) ? undefined : keyOfPair(pair)))
  const siblings = around.siblings.filter((one) => one !== map)
  const flow = map.flow ? flowStyle(text, map, around.flow) : undefined
  const after = (key: string): number | undefined => {
    const place = memberPlace(key, keys, siblings)
    return place === -1 ? map.items.length - 1 : place
  }
  if (flow) {
    const additions = [...added].map(([key, value]) => {
      const quote = flow.keyQuote === '"' ? flow.keyQuote : siblingQuote(key, siblings)
      return { after: after(key), text: flowPair(key, value, flow, quote) }
    })
    return spliceFlow(text, map, removed, additions)
  }
  const column = columnOf(text, rangeOf(map.items[0]?.key).start)
  const additions = [...added].map(([key, value]) => {
    return { after: after(key), lines: memberLines(key, value, column, style, siblingQuote(key, siblings)) }
  })
  return lineEdits(text, map, removed, additions, around.mark)
}

/** Takes items out of a list and puts others behind them. Undefined where the layout has no exact place for them. */
function itemEdits(
  list: YAMLSeq,
  removed: ReadonlySet<number>,
  added: readonly Json[],
  style: BlockStyle,
  around: CollectionContext,
): readonly Edit[] | undefined {
  const { text } = around.manifest.file
  const after = list.items.findLastIndex((_, index) => !removed.has(index))
  if (list.flow) {
    const own = itemStyle(text, list, flowStyle(text, list, around.flow))
    return spliceFlow(
      text,
      list,
      removed,
      added.map((value) => ({ after, text: flowValue(value, own) })),
    )
  }
  const [model, siblings] = [list.items.at(-1), list.items.filter((item) => isMap(item))]
  const entries = entryLines(text, list)
  const [last, before] = [entries.at(-1)?.dash ?? 0, entries.at(-2)]
  const isSpaced = before !== undefined && removed.size === 0 && isBlankLine(text, nextLine(text, before.end))
  const gap = dashGap(text, last)
  const additions = added.map((value) => {
    const lines =
      isMap(model) && model.flow
        ? [`-${gap}${flowValue(value, flowStyle(text, model, undefined))}`]
        : itemLines(value, columnOf(text, last), gap, style, siblings)
    return { after, lines, isSpaced }
  })
  return lineEdits(text, list, removed, additions, around.mark)
}

/** How new items of a list in brackets are written: on one line where the last mapping among its items is. */
function itemStyle(text: string, list: YAMLSeq, style: FlowStyle): FlowStyle {
  const model = list.items.findLast((item) => isMap(item))
  const { lines: isSpread, ...own } = model ? flowStyle(text, model, style) : style
  return isSpread && style.lines ? { ...own, lines: style.lines } : own
}

function lineEdits(
  text: string,
  block: YAMLMap | YAMLSeq,
  removed: ReadonlySet<number>,
  additions: readonly Addition[],
  mark: number,
): readonly Edit[] | undefined {
  if (removed.size < block.items.length) return spliceLines(text, block, removed, additions)
  if (additions.length === 0) return emptyLines(text, block, mark)
  const parts = additions.map(({ lines }) => lines)
  return [replaceLines(text, block, parts)]
}

/** An edit, and how deep in the object the collection is that it changes: 0 for the object itself. */
type PlacedEdit = Edit & { readonly depth: number }
type FieldSplice = Splice & { readonly edits: readonly PlacedEdit[] }

/**
 * Turns wishes for fields of a Service into edits of its text, in the layout that stands around them. What is so already
 * needs none. Of edits at one place the deeper one comes first.
 */
export function spliceFields(manifest: Manifest, wishes: readonly FieldWish[]): FieldSplice | Obstacle {
  const fate = fateOf(manifest.value, wishes)
  if ('message' in fate) {
    const { path, message, help } = fate
    return { code: 'KN414', message, help, path, range: locate(manifest, path, 'key') }
  }
  // Which fields the file has already depends on the reader too.
  const odd = oddLineEnd(manifest)
  if (odd) return odd
  if (fate.kind === 'kept') return { edits: [], notes: [] }
  const whole = sealed(manifest)
  if (whole) return whole
  const splicer = new FieldSplicer(manifest, wishes)
  splicer.start(fate)
  const { obstacle: refused, edits, beside } = splicer
  if (refused) return refused
  const removed = removedComments(manifest.file.text, edits)
  const named = new Set(removed.map(({ range }) => range.start))
  const others = beside.filter(({ range }) => !named.has(range.start) && named.add(range.start))
  return { edits, notes: [...removed, ...others] }
}

const throughSops = 'make the change with `sops edit` or `sops set`'

function sealed(manifest: Manifest): Obstacle | undefined {
  if (!isSealedWhole(manifest.value)) return undefined
  const message = 'cannot edit values that sops has signed: sops would refuse the file'
  return { code: 'KN419', message, help: throughSops, path: ['sops'], range: locate(manifest, ['sops'], 'key') }
}

type Context = CollectionContext & { readonly path: Path }

class FieldSplicer {
  readonly edits: PlacedEdit[] = []
  readonly beside: CommentNote[] = []
  obstacle: Obstacle | undefined
  private readonly text: string
  private ways: ReadonlyMap<string, Path> | undefined

  constructor(
    private readonly manifest: Manifest,
    private readonly wishes: readonly FieldWish[],
    private object: Node | null | undefined = manifest.document.contents,
  ) {
    this.text = manifest.file.text
  }

  start(fate: Fate): void {
    for (const step of this.manifest.root) this.object = this.step(this.object, step, [])?.node
    const context = { manifest: this.manifest, mark: 0, siblings: [], path: [] }
    if (!this.obstacle) this.inside(this.object, fate, context)
    if (overlap(this.edits)) this.refuse('the changes overlap', this.object, [])
  }

  private inside(node: Node | null | undefined, fate: Fate, context: Context): void {
    if (isMap(node) && fate.kind === 'mapping') this.mapping(node, fate, context)
    else if (isSeq(node) && fate.kind === 'list') this.list(node, fate, context)
  }

  private mapping(map: YAMLMap, fate: MappingFate, context: Context): void {
    const removed = new Set<number>()
    for (const key of new Set([...fate.members.keys(), ...fate.renamed.keys(), ...fate.added.keys()])) {
      const pair = this.step(map, key, [...context.path, key])?.pair
      if (this.obstacle) return
      if (!pair) continue
      const name = fate.renamed.get(key)
      const written = name === undefined ? '' : scalarOf(name, quoteOf(pair.key), map.flow === true)
      if (name !== undefined) this.push([{ range: rangeOf(pair.key), text: written }], context)
      const slot: Slot = { kind: 'member', pair, node: pair.value as Node | null }
      if (this.part(map, slot, fate.members.get(key), [...context.path, key], context))
        removed.add(map.items.indexOf(pair))
    }
    if (removed.size + fate.added.size === 0) return
    const odd = map.items.find(isExplicitKey)
    if (odd) return this.refuse('a key next to it is written with `?`', odd.key, context.path)
    const edits = memberEdits(map, removed, fate.added, this.styleAt(map), context)
    this.push(edits ?? [], context)
    this.remark(map, removed, context)
  }

  private list(list: YAMLSeq, fate: ListFate, context: Context): void {
    const removed = new Set<number>()
    const first = dashOf(list, 0)
    if (first !== undefined && !startsLine(this.text, first))
      return this.refuse('it starts on the line of another list', list, context.path)
    const siblings = mapsIn(list)
    for (const [index, item] of fate.items) {
      const path = [...context.path, index]
      const node = this.step(list, index, path)?.node ?? null
      if (this.obstacle) return
      const slot: Slot = { kind: 'item', node, dash: dashOf(list, index) ?? startOf(list, index) ?? 0, siblings }
      if (this.part(list, slot, item, path, { ...context, siblings })) removed.add(index)
    }
    if (removed.size + fate.added.length === 0) return
    const edits = itemEdits(list, removed, fate.added, this.styleAt(list), context)
    this.remark(list, removed, context)
    if (edits) this.push(edits, context)
    else this.refuse('its last line has no line end', list.items.at(-1), context.path)
  }

  /** Changes what stands in a slot, or says that it is to be removed. */
  private part(from: YAMLMap | YAMLSeq, slot: Slot, fate: Fate | undefined, path: Path, context: Context): boolean {
    if (fate?.kind === 'removed') {
      this.obstacle ??= this.named(insideOf(this.manifest, slot.node, this.field(path), 'leaves'), path)
      return !this.obstacle
    }
    const flow = from.flow ? flowStyle(this.text, from, context.flow) : undefined
    if (fate?.kind === 'written') this.write(slot, fate.value, path, flow)
    else if (fate) {
      const siblings = slot.kind === 'item' ? slot.siblings : []
      this.inside(slot.node, fate, {
        manifest: this.manifest,
        path,
        mark: markOf(slot),
        siblings,
        ...(flow && { flow }),
      })
    }
    return false
  }

  private write(slot: Slot, value: Json, path: Path, flow: Context['flow']): void {
    const { node } = slot
    if (isScalar(node) && node.tag !== undefined) return this.refuse('it has a YAML tag', node, path)
    if (isScalar(node) && isSealed(this.manifest.value) && isEncrypted(scalarText(node))) {
      const message = `cannot edit ${this.field(path).name}: sops has encrypted it`
      this.obstacle ??= { ...obstacle('KN419', message, node, throughSops), path }
      return
    }
    this.push(writeAt(this.text, slot, value, this.styleAt(node), flow), { path: path.slice(0, -1) })
    const isThere = node !== null && rangeOf(node).start !== rangeOf(node).end
    const mark = markOf(slot)
    if (isThere) this.besides(commentsIn(this.text, mark, rangeOf(node).start))
    if (isCollection(node)) this.besides(commentsIn(this.text, rangeOf(node).start, rangeOf(node).end))
    this.besides(trailingComment(this.text, isThere ? contentEnd(this.text, node) : mark))
  }

  /** Names the comments that speak of parts which are no longer there, or of all that there was. */
  private remark(collection: YAMLMap | YAMLSeq, removed: ReadonlySet<number>, { mark }: Context): void {
    const { text } = this
    const isWhole = removed.size === collection.items.length
    if (collection.flow) return isWhole ? this.besides(trailingComment(text, rangeOf(collection).end)) : undefined
    const parts = isMap(collection) ? memberLinesOf(text, collection) : entryLines(text, collection)
    if (isWhole) this.besides(commentsIn(text, mark, parts[0]?.dash ?? mark))
    for (const index of removed) {
      const part = parts[index]
      if (part) this.besides(deeperBelow(text, part.end, columnOf(text, part.dash)))
    }
  }

  private besides(comments: Range | readonly Range[] | undefined): void {
    for (const comment of [comments ?? []].flat()) this.beside.push(note(this.text, 'beside', comment))
  }

  private styleAt(node: Node | null): ReturnType<typeof blockStyle> {
    return blockStyle(this.manifest, this.object ?? undefined, node)
  }

  private step(from: Node | null | undefined, step: string | number, path: Path): FoundStep | undefined {
    const found = stepTo(this.manifest, from, step, this.field(path))
    if (!isObstacle(found)) return found
    this.obstacle ??= this.named(found, path)
    return undefined
  }

  private push(edits: readonly Edit[], { path }: Pick<Context, 'path'>): void {
    append(
      this.edits,
      edits.map((edit) => ({ ...edit, depth: path.length })),
    )
  }

  private refuse(message: string, node: unknown, path: Path): void {
    const help = 'write it as plain block lines, or make the change manually'
    this.obstacle ??= { ...obstacle('KN414', `cannot edit ${this.field(path).name}: ${message}`, node, help), path }
  }

  private named(found: Obstacle | undefined, path: Path): Obstacle | undefined {
    return found && { ...found, path: this.wishAt(path) }
  }

  private field(path: Path): Field {
    return fieldAt(this.wishAt(path))
  }

  /** The path of the first wish that leads through a place. */
  private wishAt(path: Path): Path {
    this.ways ??= waysOf(this.wishes)
    return this.ways.get(JSON.stringify(path.map(String))) ?? path
  }
}

/** The comments that edits take away. */
function removedComments(text: string, edits: readonly Edit[]): readonly CommentNote[] {
  const cuts = inOrder(edits.filter(({ range }) => range.end > range.start)).map(({ range }) => range)
  if (!cuts.some(({ start, end }) => text.slice(start, end).includes('#'))) return []
  const starts = cuts.map(({ start }) => start)
  return commentTokens(text).flatMap((comment) => {
    const cut = cuts[countBelow(starts, comment.start + 1) - 1]
    return cut && comment.end <= cut.end ? [note(text, 'removed', comment)] : []
  })
}

function overlap(edits: readonly Edit[]): boolean {
  const ordered = inOrder(edits)
  return ordered.some(({ range }, index) => range.start < (ordered[index - 1]?.range.end ?? 0))
}
