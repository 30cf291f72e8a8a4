import { Document, Pair, type ParsedNode, Scalar, Schema, YAMLMap, YAMLSeq } from 'yaml'

import { type BlockTable, blockTables, cell, kinds, partsOf, styleOf } from './block-table.js'

const options = { schema: new Schema({ schema: 'failsafe' }), uniqueKeys: false, logLevel: 'silent' } as const
const types: readonly Scalar.Type[] = ['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE']

/**
 * The documents of a text in block style as the parser of `yaml` reads them: the same nodes with the same ranges, in a
 * fraction of its time, but without the comments and tokens that it keeps at them. Undefined where the parser has to tell.
 *
 * @param offset Where the text begins in its file.
 */
export function blockDocuments(text: string, offset: number): readonly Document.Parsed[] | undefined {
  return blockTables(text, offset)?.map(documentOf)
}

function documentOf(table: BlockTable): Document.Parsed {
  const document = new Document(undefined, options) as Document.Parsed
  document.contents = contentsOf(table)
  document.range = [...table.range]
  return document
}

/** The nodes of a document, made anew. */
export function contentsOf(table: BlockTable): Document.Parsed['contents'] {
  return nodeOf(table, 0)
}

/** @param at Where the cells of the value begin. */
function nodeOf(table: BlockTable, at: number): ParsedNode {
  const { cells } = table
  const [start = 0, end = 0, lineEnd = 0, kind = 0] = cells.slice(at + cell.start, at + cell.next)
  const isMap = kind === kinds.map || kind === kinds.emptyMap
  if (!isMap && kind !== kinds.list && kind !== kinds.emptyList) return scalarOf(table, kind, start, end, lineEnd)
  const node = isMap ? new YAMLMap<ParsedNode, ParsedNode>(options.schema) : new YAMLSeq<ParsedNode>(options.schema)
  for (const inner of partsOf(table, at)) {
    const value = nodeOf(table, inner)
    node.items.push((isMap ? new Pair(keyOf(table, inner), value) : value) as never)
  }
  if (kind === kinds.emptyMap || kind === kinds.emptyList) node.flow = true
  node.range = [start, end, lineEnd]
  return node as ParsedNode
}

function keyOf(table: BlockTable, at: number): ParsedNode {
  const { text, offset, cells } = table
  const [start = 0, end = 0] = cells.slice(at, at + cell.start)
  return scalarOf(table, styleOf(text.charCodeAt(start - offset)), start, end, end)
}

function scalarOf({ text, offset }: BlockTable, kind: number, start: number, end: number, lineEnd: number): ParsedNode {
  const inner = kind === kinds.plain ? 0 : 1
  const source = text.slice(start - offset + inner, end - offset - inner)
  const node = new Scalar(source) as Scalar.Parsed
  node.range = [start, end, lineEnd]
  node.source = source
  node.type = types[kind] ?? 'PLAIN'
  return node
}
