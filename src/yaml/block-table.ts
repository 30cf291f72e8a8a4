/**
 * Line ends that are none of Linux, tabs, a byte order mark, and whatever else no text may hold, or blanks and line ends could
 * be mixed up with.
 */
const odd = /[\0-\t\v-\x1F\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/
const plainKey = String.raw`[A-Za-z0-9_][\w./-]{0,250}`
const quotedText = String.raw`"[^"\\\n]*"|'[^'\n]*'`
/** A key with its colon and the blanks behind it. */
const keyed = new RegExp(String.raw`(?:${plainKey}|"[^"\\\n]{0,250}"|'[^'\n]{0,250}'):(?: +|(?=\n)|$)`, 'y')
/** A value on its line: in quotes without escapes, empty brackets, or plain and without any sign that may mean something. */
const plainText = '(?:[^ \\n\\-?:,[\\]{}#&*!|>\'"%@`]|-(?! |\\n|$))(?:[^ \\n:]|:(?! |\\n|$)| +(?! |#|\\n|$))*'
const value = new RegExp(`${quotedText}|\\{\\}|\\[\\]|${plainText}`, 'y')
/** What may follow a value on its line. */
const lineRest = / *(?:\n|$)| +#[^\n]*(?:\n|$)/y
/** What stands behind a key whose value is below it. */
const commentRest = /#[^\n]*(?:\n|$)|(?:\n|$)/y
const separator = /--- *(?:\n|$)/y
const deepest = 100

/**
 * What is known of a value, in this order: the range of its key (-1 for an item), its own, where its line ends, its kind, and
 * where the cells of the next value begin that is not in it.
 */
export const cell = { keyStart: 0, keyEnd: 1, start: 2, end: 3, lineEnd: 4, kind: 5, next: 6, width: 7 } as const

/** The kinds of values. */
export const kinds = { plain: 0, double: 1, single: 2, map: 3, list: 4, emptyMap: 5, emptyList: 6 } as const

/** One document of a text: where everything in it stands. */
export type BlockTable = {
  readonly text: string
  /** Where the text begins in its file: ranges are in the file. */
  readonly offset: number
  /** Its values, each before those that are in it, and of each what is known. */
  readonly cells: readonly number[]
  /** Where the document begins, where its content ends with its line, and where it ends. */
  readonly range: readonly [number, number, number]
}

/** Where the cells of the parts of a collection begin, in their order. */
export function partsOf({ cells }: BlockTable, at: number): readonly number[] {
  const parts: number[] = []
  const next = cells[at + cell.next] ?? 0
  for (let part = at + cell.width; part < next; part = cells[part + cell.next] ?? next) parts.push(part)
  return parts
}

/** The same of the last part alone; undefined of what has none. */
export function lastPartOf({ cells }: BlockTable, at: number): number | undefined {
  const next = cells[at + cell.next] ?? 0
  let last: number | undefined
  for (let part = at + cell.width; part < next; part = cells[part + cell.next] ?? next) last = part
  return last
}

/** A collection that is not closed yet. */
type Frame = {
  /** Where its cells begin. */
  readonly cells: number
  readonly isList: boolean
  /** The column that its members start in. */
  readonly column: number
  /** Where its last member ends, with the line end and the comments that belong to it. */
  end: number
  /** The cells of its last member, where that is no block: comments that are further in belong to it. */
  last: number | undefined
}

/**
 * The documents of a text in the block style that nearly all manifests are written in. Undefined for any text with something
 * else in it, such as anchors, tags, texts of several lines, and for every text that may be none: then the parser has to tell.
 *
 * @param offset Where the text begins in its file.
 */
export function blockTables(text: string, offset: number): readonly BlockTable[] | undefined {
  if (odd.test(text)) return undefined
  const reader = new BlockReader(text, offset)
  while (reader.hasMore) if (!reader.readLine()) return undefined
  return reader.close() ? reader.tables : undefined
}

/** The kind of a key or of a value that is no collection, by the character that it begins with. */
export function styleOf(code: number): number {
  return code === doubleQuote ? kinds.double : code === singleQuote ? kinds.single : kinds.plain
}

class BlockReader {
  readonly tables: BlockTable[] = []
  private at = 0
  private readonly frames: Frame[] = []
  /** Those of the document that is read. */
  private cells: number[] = []
  /** The range of the key that waits for its value. */
  private keyStart = -1
  private keyEnd = -1
  /** Where the document begins; undefined where nothing of it was met. */
  private documentStart: number | undefined
  /** Whether the last key waits for its value. */
  private isOpen = false
  /** Whether blank lines or comments were met since the last content, and how far in the innermost comment stands. */
  private hasTrivia = false
  private commentColumn = -1

  constructor(
    private readonly text: string,
    private readonly offset: number,
  ) {}

  get hasMore(): boolean {
    return this.at < this.text.length
  }

  /** False where the line is none that is read here. */
  readLine(): boolean {
    const { text } = this
    const lineStart = this.at
    let at = lineStart
    while (text.charCodeAt(at) === space) at++
    const code = text.charCodeAt(at)
    if (code === hash || code === lineFeed || at >= text.length) return this.skipLine(at, code === hash)
    const column = at - lineStart
    if (column === 0 && code === dash && this.matched(separator, at) > 0) return this.startDocument(at)
    return this.readContent(at, column)
  }

  /** Ends the last document. */
  close(): boolean {
    if (this.documentStart === undefined) return this.tables.length === 0
    return this.hasRoot && this.endDocument(this.text.length)
  }

  private matched(pattern: RegExp, at: number): number {
    pattern.lastIndex = at
    return pattern.test(this.text) ? pattern.lastIndex - at : 0
  }

  /** A blank line, or one with nothing but a comment. */
  private skipLine(at: number, isComment: boolean): boolean {
    const column = at - this.at
    const end = this.text.indexOf('\n', at) + 1 || this.text.length
    this.at = end
    const frame = this.frames.at(-1)
    const isOfLast = isComment && frame && column > frame.column && this.commentColumn < 0 && !this.isOpen
    if (frame?.last !== undefined && isOfLast) {
      this.cells[frame.last + cell.lineEnd] = this.offset + end
      frame.end = end
      this.hasTrivia = false
      return true
    }
    this.hasTrivia = true
    if (isComment) this.commentColumn = Math.max(this.commentColumn, column)
    return true
  }

  private startDocument(at: number): boolean {
    if (this.documentStart !== undefined && !(this.hasRoot && this.endDocument(at))) return false
    this.documentStart = at
    this.at = at + this.matched(separator, at)
    this.forgetTrivia()
    return true
  }

  private endDocument(at: number): boolean {
    if (this.isOpen && !this.closeKey()) return false
    for (let frame = this.frames.pop(); frame; frame = this.frames.pop()) this.endFrame(frame, at)
    const { text, offset, cells } = this
    const content = cells[cell.lineEnd] ?? 0
    const end = this.hasTrivia ? offset + at : content
    this.tables.push({ text, offset, cells, range: [offset + (this.documentStart ?? 0), content, end] })
    this.cells = []
    this.forgetTrivia()
    return true
  }

  private get hasRoot(): boolean {
    return this.cells.length > 0
  }

  private forgetTrivia(): void {
    this.hasTrivia = false
    this.commentColumn = -1
  }

  /** The blank lines and comments before `at` belong to what is around the frame, unless one of them is as far in as it. */
  private endFrame(frame: Frame, at: number): void {
    const isKept = this.hasTrivia && frame.column > 0 && this.commentColumn >= frame.column
    const end = isKept ? at : frame.end
    this.cells[frame.cells + cell.end] = this.offset + frame.end
    this.cells[frame.cells + cell.lineEnd] = this.offset + end
    this.cells[frame.cells + cell.next] = this.cells.length
    if (isKept) this.forgetTrivia()
    const parent = this.frames.at(-1)
    if (!parent) return
    parent.end = end
    parent.last = undefined
  }

  /** Gives the key that waits for a value an empty one. */
  private closeKey(): boolean {
    const frame = this.frames.at(-1)
    if (!frame || frame.isList || this.hasTrivia) return false
    this.add(kinds.plain, frame.end, frame.end, frame.end)
    this.isOpen = false
    return true
  }

  /** Adds the root, the next item or the value of the last key, and tells where its cells begin. */
  private add(kind: number, start: number, end: number, lineEnd: number): number {
    const { cells, offset } = this
    const at = cells.length
    cells.push(this.keyStart, this.keyEnd, offset + start, offset + end, offset + lineEnd, kind, at + cell.width)
    this.keyStart = -1
    this.keyEnd = -1
    return at
  }

  private readContent(at: number, column: number): boolean {
    const { text } = this
    const isItem = text.charCodeAt(at) === dash && text.charCodeAt(at + 1) === space
    const key = isItem ? 0 : this.matched(keyed, at)
    if (!isItem && key === 0) return false
    if (!this.isPlaced(at, column, isItem)) return false
    this.forgetTrivia()
    if (!isItem) return this.readKey(at, key)
    let content = at + 1
    while (text.charCodeAt(content) === space) content++
    const inner = this.matched(keyed, content)
    if (inner === 0) return this.readValue(content)
    return this.startFrame(false, content, column + content - at) && this.readKey(content, inner)
  }

  /** Closes what ends before a line, and opens what begins with it. */
  private isPlaced(at: number, column: number, isItem: boolean): boolean {
    const open = this.frames.at(-1)
    if (this.isOpen && open) {
      if (column > open.column || (isItem && column === open.column)) {
        this.isOpen = false
        return this.startFrame(isItem, at, column)
      }
      if (!this.closeKey()) return false
    }
    if (!open && !this.hasRoot && column === 0) {
      this.documentStart ??= at
      return this.startFrame(isItem, at, column)
    }
    for (let frame = this.frames.at(-1); frame; frame = this.frames.at(-1)) {
      if (frame.column === column && frame.isList === isItem) return true
      if (frame.column < column || (frame.column === column && isItem)) return false
      this.frames.pop()
      this.endFrame(frame, at)
    }
    return false
  }

  private startFrame(isList: boolean, start: number, column: number): boolean {
    if (this.frames.length >= deepest) return false
    const cells = this.add(isList ? kinds.list : kinds.map, start, start, start)
    this.frames.push({ cells, isList, column, end: start, last: undefined })
    return true
  }

  /** @param length Of the key, with its colon and the blanks behind it. */
  private readKey(at: number, length: number): boolean {
    const { text } = this
    const frame = this.frames.at(-1)
    if (!frame || frame.isList) return false
    const isQuoted = styleOf(text.charCodeAt(at)) !== kinds.plain
    const colon = isQuoted ? text.indexOf(text.charAt(at), at + 1) + 1 : text.indexOf(':', at)
    this.keyStart = this.offset + at
    this.keyEnd = this.offset + colon
    const next = at + length
    const rest = this.matched(commentRest, next)
    if (rest > 0 || next >= text.length) {
      this.isOpen = true
      frame.last = undefined
      frame.end = next
      this.hasTrivia = text.charCodeAt(next) === hash
      this.at = next + rest
      return true
    }
    return this.readValue(next)
  }

  private readValue(at: number): boolean {
    const { text } = this
    const frame = this.frames.at(-1)
    const length = this.matched(value, at)
    if (!frame || length === 0) return false
    const end = at + length
    const rest = this.matched(lineRest, end)
    if (rest === 0 && end < text.length) return false
    const code = text.charCodeAt(at)
    const kind = code === brace ? kinds.emptyMap : code === bracket ? kinds.emptyList : styleOf(code)
    frame.last = this.add(kind, at, end, end + rest)
    frame.end = end + rest
    this.at = end + rest
    return true
  }
}

const [space, hash, lineFeed, dash, doubleQuote, singleQuote, brace, bracket] = Array.from(' #\n-"\'{[', (one) =>
  one.charCodeAt(0),
)
