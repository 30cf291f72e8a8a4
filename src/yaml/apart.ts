import { type Node, visit } from 'yaml'

import { Recent } from '../text/collections.js'
import type { Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { parseYaml, type YamlDocument } from './parse.js'
import type { Places } from './places.js'

/** A document of a file, whose nodes may be parsed anew each time that they are looked at. */
export type DocumentInFile = Pick<YamlDocument, 'contents' | 'range'> & {
  /** Where its fields are, known without its nodes. */
  readonly places?: Places
  /** Set on a document that was read without nodes, so that nothing in it stands for something else: see `ScalarAt`. */
  readonly scalarAt?: (offset: number) => ScalarAt | undefined
}

/** The last value that begins up to an offset, or whose key does, unless it is a collection; and the path that leads there. */
export type ScalarAt = { readonly start: number; readonly end: number; readonly path: Path }

export const separator = '---\n'

/**
 * The texts between separators, or undefined where the parts of a text may mean something else than they do together. They
 * are pieces of the text: whoever holds one for longer than the whole is to copy it.
 */
export function documentTexts(text: string): readonly string[] | undefined {
  if (/^%|\r|^\uFEFF|^\.\.\.|^---(?!\n)|\{\{/m.test(text)) return undefined
  const texts: string[] = []
  for (let start = startOf(text), end = 0; end >= 0; start = end + 1 + separator.length) {
    end = text.indexOf(`\n${separator}`, start)
    // A piece takes no memory for its letters, as one with a line end put behind it would.
    texts.push(text.slice(start, end < 0 ? text.length : end + 1))
  }
  return texts.some((one) => /^\s*[{[]/.test(one)) ? undefined : texts
}

/** Where the first part begins. */
export function startOf(text: string): number {
  return text.startsWith(separator) ? separator.length : 0
}

/** In characters. The nodes of a text take twenty times its memory, and those of one document are looked at at a time. */
const large = 512 * 1024

/** Whether a text is that large. */
export function isLarge(text: string): boolean {
  return text.length > large
}

/** Where the documents of a large text are, each with its separator; undefined where it is better read as a whole. */
export function documentRanges({ text }: SourceFile): readonly Range[] | undefined {
  const texts = isLarge(text) ? documentTexts(text) : undefined
  if (!texts || texts.length < 2) return undefined
  let end = startOf(text)
  return texts.map((own, index) => {
    const start = index === 0 ? 0 : end
    end += own.length + (index === 0 ? 0 : separator.length)
    return { start, end }
  })
}

/** Parses a part of a file by itself, with offsets into the whole; undefined where there is something to say of it. */
export function parseApart(file: SourceFile, { start, end }: Range): readonly YamlDocument[] | undefined {
  const { documents, faults } = parseYaml({ ...file, text: file.text.slice(start, end) })
  if (faults.length > 0 || documents.length > 1) return undefined
  for (const document of start === 0 ? [] : documents) {
    visit(document, { Node: (_, node) => shift(node, start) })
    document.range = moved(document.range, start)
  }
  return documents
}

function shift(node: Node, by: number): void {
  if (node.range) node.range = moved(node.range, by)
}

function moved([start, value, end]: YamlDocument['range'], by: number): YamlDocument['range'] {
  return [start + by, value + by, end + by]
}

const recent = new Recent<LazyDocument, YamlDocument['contents']>(8)

/** A document without anchors that is parsed when its nodes are looked at. */
export class LazyDocument implements DocumentInFile {
  constructor(
    private readonly file: SourceFile,
    private readonly part: Range,
    readonly range: YamlDocument['range'],
    readonly places: Places,
  ) {}

  get contents(): YamlDocument['contents'] {
    return recent.get(this, () => parseApart(this.file, this.part)?.[0]?.contents ?? null)
  }
}
