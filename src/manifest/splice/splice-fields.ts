import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'

import { inOrder, type Edit } from '../../text/edit.js'
import type { Path } from '../../text/path.js'
import { countBelow } from '../../text/sorted.js'
import type { Json } from '../json.js'
import { locate } from '../locate.js'
import type { Manifest } from '../manifest.js'
import { rangeOf } from '../read.js'
import type { Splice } from './comments.js'
import { startsLine } from './block-lines.js'
import { commentTokens } from './comment-tokens.js'
import { note, trailingComment, type CommentNote } from './comments.js'
import { fateOf, type Fate, type ListFate, type MappingFate } from './fate.js'
import { waysOf, type FieldWish } from './field-wish.js'
import { quoteOf } from './fields.js'
import { flowStyle } from './flow-parts.js'
import { startOf } from './flow-text.js'
import { fieldAt, insideOf, obstacle, type Field } from './in-the-way.js'
import type { Obstacle } from './obstacle.js'
import { blockStyle, itemEdits, memberEdits, type Around } from './part-edits.js'
import { isObstacle, mapsIn, stepTo, type Step } from './step.js'
import { contentEnd, dashOf } from './tokens.js'
import { markOf, writeAt, type Slot } from './write-at.js'
import { scalarOf } from './write-value.js'

/** An edit, and how deep in the object the collection is that it changes: 0 for the object itself. */
export type PlacedEdit = Edit & { readonly depth: number }
export type FieldSplice = Splice & { readonly edits: readonly PlacedEdit[] }

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
  if (fate.kind === 'kept') return { edits: [], notes: [] }
  const splicer = new FieldSplicer(manifest, wishes)
  splicer.start(fate)
  const { obstacle: refused, edits, beside } = splicer
  return refused ?? { edits, notes: [...removedComments(manifest.file.text, edits), ...beside] }
}

type Context = Around & { readonly path: Path }

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
    if (overlap(this.edits)) this.refuse('must leave room between the edits', this.object, [])
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
    const edits = memberEdits(map, removed, fate.added, this.styleAt(map), context)
    this.push(edits ?? [], context)
  }

  private list(list: YAMLSeq, fate: ListFate, context: Context): void {
    const removed = new Set<number>()
    const first = dashOf(list, 0)
    if (first !== undefined && !startsLine(this.text, first))
      return this.refuse('must not begin on the line of another list', list, context.path)
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
    if (edits) this.push(edits, context)
    else this.refuse('must end with a line end to take another item', list.items.at(-1), context.path)
  }

  /** Changes what stands in a slot, or says that it is to be removed. */
  private part(from: YAMLMap | YAMLSeq, slot: Slot, fate: Fate | undefined, path: Path, context: Context): boolean {
    if (fate?.kind === 'removed') {
      this.obstacle ??= this.named(insideOf(this.manifest, slot.node, this.field(path)), path)
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
    if (isScalar(node) && node.tag !== undefined) return this.refuse('must not have a tag to be edited', node, path)
    this.push(writeAt(this.text, slot, value, this.styleAt(node), flow), { path: path.slice(0, -1) })
    const isThere = isScalar(node) && node.range?.[0] !== node.range?.[1]
    const comment = isThere ? trailingComment(this.text, contentEnd(this.text, node)) : undefined
    if (comment) this.beside.push(note(this.text, 'beside', comment))
  }

  private styleAt(node: Node | null): ReturnType<typeof blockStyle> {
    return blockStyle(this.manifest, this.object ?? undefined, node)
  }

  private step(from: Node | null | undefined, step: string | number, path: Path): Step | undefined {
    const found = stepTo(this.manifest, from, step, this.field(path))
    if (!isObstacle(found)) return found
    this.obstacle ??= this.named(found, path)
    return undefined
  }

  private push(edits: readonly Edit[], { path }: Pick<Context, 'path'>): void {
    this.edits.push(...edits.map((edit) => ({ ...edit, depth: path.length })))
  }

  private refuse(message: string, node: unknown, path: Path): void {
    const help = 'write it as plain block lines, or make the change by hand'
    this.obstacle ??= { ...obstacle('KN414', `${this.field(path).name} ${message}`, node, help), path }
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
