import type { YAMLMap, YAMLSeq } from 'yaml'

import type { Manifest } from '../manifest.js'
import { locate } from '../locate.js'
import { readTraffic, type TrafficTarget } from '../traffic.js'
import { spliceBlockEntry, type Splice } from './block-entry.js'
import { appendEntries, entryComments, entryLines, removeEntries, type EntryLines } from './block-list.js'
import { commentsIn, note } from './comments.js'
import { changesBetween } from './fields.js'
import { spliceFlowEntry } from './flow-entry.js'
import { appendFlowEntries, removeFlowItems, replaceFlowEntries } from './flow-items.js'
import { insertTraffic } from './insert.js'
import type { Obstacle } from './obstacle.js'
import { reachTraffic } from './reach.js'

/**
 * Turns the difference between a Service's traffic and the wanted one into edits of its text. Kept targets name their
 * place by `origin` and stand in the file's order; targets without one are new and come last. No difference, no edits.
 */
export function spliceTraffic(manifest: Manifest, wanted: readonly TrafficTarget[]): Splice | Obstacle {
  const reach = reachTraffic(manifest)
  if ('code' in reach) return reach
  const current = readTraffic(manifest)
  if (!current) {
    return {
      code: 'KN415',
      message: '`spec.traffic` must be a list of valid targets to be edited',
      help: 'mend what `kn-rollout validate` says about it first',
      range: locate(manifest, ['spec', 'traffic'], 'key'),
    }
  }
  const { list } = reach
  if (!list || list.items.length === 0) {
    return wanted.length === 0 ? { edits: [], notes: [] } : insertTraffic(manifest, reach, wanted)
  }
  return spliceList(manifest.file.text, list, current, wanted)
}

function spliceList(
  text: string,
  list: YAMLSeq,
  current: readonly TrafficTarget[],
  wanted: readonly TrafficTarget[],
): Splice {
  const entries = list.items as readonly YAMLMap[]
  // Between brackets a comma goes with an item, and with none kept there is nothing to put new ones behind.
  if (list.flow && wanted.length > 0 && wanted.every(({ origin }) => origin === undefined)) {
    return replaceFlowEntries(text, list, wanted)
  }
  const splices: Splice[] = []
  const kept = new Map(wanted.toReversed().map((target) => [target.origin, target]))
  for (const [index, entry] of entries.entries()) {
    const from = current[index]
    const to = kept.get(index)
    if (!from || !to) continue
    const changes = changesBetween(entry, from, to)
    splices.push(
      entry.flow ? spliceFlowEntry(text, entry, changes, entries) : spliceBlockEntry(text, entry, changes, entries),
    )
  }
  let lines: readonly EntryLines[] | undefined
  for (const { first, last } of runs(entries.map((_, index) => !kept.has(index)))) {
    lines ??= list.flow ? [] : entryLines(text, list)
    splices.push(removeRun(text, list, lines, { first, last }))
  }
  const added = wanted.filter(({ origin }) => origin === undefined)
  if (added.length > 0)
    splices.push({
      edits: [list.flow ? appendFlowEntries(text, list, added) : appendEntries(text, list, added)],
      notes: [],
    })
  return { edits: splices.flatMap(({ edits }) => edits), notes: splices.flatMap(({ notes }) => notes) }
}

function removeRun(text: string, list: YAMLSeq, lines: readonly EntryLines[], { first, last }: Run): Splice {
  if (list.flow) return removeFlowItems(text, list, first, last)
  const entries = (list.items as readonly YAMLMap[]).slice(first, last + 1)
  const notes = entries.flatMap((entry, index) => {
    const own = lines[first + index]
    const next = first + index < last ? lines[first + index + 1] : undefined
    const between = own && next ? commentsIn(text, own.end, next.lead) : []
    return own ? [...entryComments(text, own, entry), ...between.map((range) => note(text, 'removed', range))] : []
  })
  return { edits: [removeEntries(text, lines, first, last)], notes }
}

type Run = { readonly first: number; readonly last: number }

/** The stretches of neighbours that are removed together. */
function runs(removed: readonly boolean[]): readonly Run[] {
  return removed.flatMap((isRemoved, first) => {
    if (!isRemoved || removed[first - 1]) return []
    const stop = removed.indexOf(false, first)
    return [{ first, last: stop < 0 ? removed.length - 1 : stop - 1 }]
  })
}
