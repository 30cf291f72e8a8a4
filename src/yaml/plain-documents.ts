import { lastUpTo, Recent } from '../text/collections.js'
import type { Path } from '../text/path.js'
import type { DocumentInFile, ScalarAt } from './apart.js'
import { contentsOf } from './block-documents.js'
import { type BlockTable, blockTables, cell, kinds, lastPartOf, partsOf, styleOf } from './block-table.js'
import { scan, withStandIns } from './go-yaml-scan.js'
import { define, type Json } from './json.js'
import { needsScan } from './kubectl-text.js'
import { type PlaceCells, Places, type PlaceKind } from './places.js'
import { resolvePlain } from './scalar.js'

/** A document with nothing to say of its YAML, and what it means. */
export type PlainDocument = { readonly document: DocumentInFile; readonly value: Json }

/**
 * The documents of a text that is read without any nodes: what `parseYaml` and `readDocument` make of it, in a fraction of the
 * time and the memory. Undefined where one of them could have anything to say of the text, and where the parser has to tell
 * what it means.
 *
 * @param offset Where the text begins in its file.
 * @param known Keys that were met before, where the places outlive the text: most documents have the same.
 */
export function plainDocuments(
  text: string,
  offset = 0,
  known?: Map<string, string>,
): readonly PlainDocument[] | undefined {
  // A template may be YAML as well.
  if (/\{\{|#[@{]/.test(text)) return undefined
  const tables = blockTables(text, offset)
  if (!tables || isOdd(text)) return undefined
  const documents: PlainDocument[] = []
  for (const table of tables) {
    const value = table.cells.length > mostValues * cell.width ? undefined : valueOf(table, 0)
    if (value === undefined) return undefined
    documents.push({ document: new TableDocument(table, known), value })
  }
  return documents
}

/** With more of them, what reads documents counts them. */
const mostValues = 100_000

/** Whether readers of YAML 1.1 could refuse the text, or take something in it for something else. */
function isOdd(text: string): boolean {
  if (!needsScan(text)) return false
  const { refused, plain } = scan(text)
  return refused !== undefined || withStandIns(text, plain) !== text
}

const recent = new Recent<TableDocument, DocumentInFile['contents']>(8)

/** A document whose nodes are made when they are looked at. */
class TableDocument implements DocumentInFile {
  private found: Places | undefined

  constructor(
    private readonly table: BlockTable,
    private readonly known: Map<string, string> | undefined,
  ) {}

  get range(): DocumentInFile['range'] {
    return [...this.table.range]
  }

  get places(): Places {
    return (this.found ??= placesOf(this.table, this.known))
  }

  get contents(): DocumentInFile['contents'] {
    return recent.get(this, () => contentsOf(this.table))
  }

  scalarAt(offset: number): ScalarAt | undefined {
    return scalarIn(this.table, 0, offset, [])
  }
}

function scalarIn(table: BlockTable, at: number, offset: number, path: Path): ScalarAt | undefined {
  const { cells } = table
  const [start = 0, end = 0, , kind = 0] = cells.slice(at + cell.start, at + cell.next)
  const isMap = kind === kinds.map
  if (!isMap && kind !== kinds.list) return isScalarKind(kind) ? { start, end, path } : undefined
  const startsAt = isMap ? cell.keyStart : cell.start
  const parts = partsOf(table, at)
  const index = lastUpTo(parts, offset, (part) => cells[part + startsAt] ?? 0)
  const found = parts[index]
  const step = found === undefined ? undefined : isMap ? keyOf(table, found) : index
  return found === undefined || step === undefined || step === '<<'
    ? undefined
    : scalarIn(table, found, offset, [...path, step])
}

function isScalarKind(kind: number): boolean {
  return kind === kinds.plain || kind === kinds.double || kind === kinds.single
}

/** What a value means; undefined where there is something to say of it, as of a key that is there twice. */
function valueOf(table: BlockTable, at: number): Json | undefined {
  const { cells, text, offset } = table
  const kind = cells[at + cell.kind]
  if (kind === kinds.map) return objectOf(table, at)
  if (kind === kinds.list) return listOf(table, at)
  if (kind === kinds.emptyMap) return {}
  if (kind === kinds.emptyList) return []
  const start = (cells[at + cell.start] ?? 0) - offset
  const end = (cells[at + cell.end] ?? 0) - offset
  if (kind !== kinds.plain) return text.slice(start + 1, end - 1)
  const value = resolvePlain(text.slice(start, end))
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
}

function objectOf(table: BlockTable, at: number): Json | undefined {
  const object: Record<string, Json> = {}
  for (const inner of partsOf(table, at)) {
    const key = keyOf(table, inner)
    if (key === undefined || Object.hasOwn(object, key)) return undefined
    const value = valueOf(table, inner)
    if (value === undefined) return undefined
    define(object, key, value)
  }
  return object
}

function listOf(table: BlockTable, at: number): Json | undefined {
  const items: Json[] = []
  for (const inner of partsOf(table, at)) {
    const value = valueOf(table, inner)
    if (value === undefined) return undefined
    items.push(value)
  }
  return items
}

/** The key of a member; undefined for one that is null, which is none. */
function keyOf({ cells, text, offset }: BlockTable, at: number): string | undefined {
  const start = (cells[at + cell.keyStart] ?? 0) - offset
  const end = (cells[at + cell.keyEnd] ?? 0) - offset
  if (styleOf(text.charCodeAt(start)) !== kinds.plain) return text.slice(start + 1, end - 1)
  const source = text.slice(start, end)
  const key = resolvePlain(source)
  if (typeof key === 'number' && !Number.isFinite(key)) return source
  return key === null ? undefined : String(key)
}

const placeKinds: ReadonlyMap<number, PlaceKind> = new Map([
  [kinds.map, 'map'],
  [kinds.emptyMap, 'map'],
  [kinds.list, 'list'],
  [kinds.emptyList, 'list'],
])

/** Where the fields of a document are. */
function placesOf(table: BlockTable, known: Map<string, string> | undefined): Places {
  const { cells } = table
  const ends = extentEnds(table)
  const places: PlaceCells[] = []
  for (let at = 0; at < cells.length; at += cell.width) {
    const keyStart = cells[at + cell.keyStart] ?? -1
    places.push({
      key: keyStart < 0 ? '' : (keyOf(table, at) ?? ''),
      keyStart,
      keyEnd: cells[at + cell.keyEnd] ?? -1,
      start: cells[at + cell.start] ?? 0,
      end: ends[at / cell.width] ?? 0,
      kind: placeKinds.get(cells[at + cell.kind] ?? 0) ?? 'leaf',
      next: (cells[at + cell.next] ?? 0) / cell.width,
    })
  }
  return Places.from(places, known)
}

/** Where each value ends, without the line end behind the last of its parts. */
function extentEnds(table: BlockTable): Float64Array {
  const { cells } = table
  const ends = new Float64Array(cells.length / cell.width)
  // What is in a value stands behind it, and is known before it this way.
  for (let at = cells.length - cell.width; at >= 0; at -= cell.width) {
    const end = cells[at + cell.end] ?? 0
    const last = lastPartOf(table, at)
    const inner = last === undefined ? end : Math.max(cells[last + cell.keyEnd] ?? 0, ends[last / cell.width] ?? 0)
    ends[at / cell.width] = Math.min(inner, end)
  }
  return ends
}
