import { Document, Pair, type ParsedNode, Scalar, Schema, YAMLMap, YAMLSeq } from 'yaml'

const options = { schema: new Schema({ schema: 'failsafe' }), uniqueKeys: false, logLevel: 'silent' } as const

/** Line ends that are none of Linux, tabs, a byte order mark, and whatever else blanks and line ends could be mixed up with. */
const odd = /[\0-\t\v-\x1F\x7F\u0085\u2028\u2029\uFEFF]/
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

/** A collection that is not closed yet. */
type Frame = {
  readonly node: YAMLMap<ParsedNode, ParsedNode> | YAMLSeq<ParsedNode>
  readonly start: number
  /** The column that its members start in. */
  readonly column: number
  /** Where its last member ends, with the line end and the comments that belong to it. */
  end: number
  /** Its last member, where that is no block: comments that are further in belong to it. */
  last: ParsedNode | undefined
}

/**
 * The documents of a text in the block style that nearly all manifests are written in, as the parser of `yaml` reads them:
 * the same nodes with the same ranges, in a fraction of its time, but without the comments and tokens that it keeps at them.
 * Undefined for any text with something else in it, such as anchors, tags, texts of several lines, and for every text that
 * may be none: then the parser has to tell.
 *
 * @param offset Where the text begins in its file.
 */
export function blockDocuments(text: string, offset: number): readonly Document.Parsed[] | undefined {
  if (odd.test(text)) return undefined
  const reader = new BlockReader(text, offset)
  while (reader.hasMore) if (!reader.readLine()) return undefined
  return reader.close() ? reader.documents : undefined
}

class BlockReader {
  readonly documents: Document.Parsed[] = []
  private at = 0
  private readonly frames: Frame[] = []
  private root: Frame['node'] | undefined
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
    if (this.documentStart === undefined) return this.documents.length === 0
    return this.root !== undefined && this.endDocument(this.text.length)
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
    const range = frame?.last?.range
    const isOfLast = isComment && frame && column > frame.column && this.commentColumn < 0 && !this.isOpen
    if (frame && range && isOfLast) {
      range[2] = this.offset + end
      frame.end = end
      this.hasTrivia = false
      return true
    }
    this.hasTrivia = true
    if (isComment) this.commentColumn = Math.max(this.commentColumn, column)
    return true
  }

  private startDocument(at: number): boolean {
    if (this.documentStart !== undefined && !(this.root && this.endDocument(at))) return false
    this.documentStart = at
    this.at = at + this.matched(separator, at)
    this.forgetTrivia()
    return true
  }

  private endDocument(at: number): boolean {
    if (this.isOpen && !this.closeKey()) return false
    for (let frame = this.frames.pop(); frame; frame = this.frames.pop()) this.endFrame(frame, at)
    const root = this.root
    const content = root?.range?.[2]
    if (!root || content === undefined || content === null) return false
    const document = new Document(undefined, options) as Document.Parsed
    document.contents = root as Document.Parsed['contents']
    const end = this.hasTrivia ? this.offset + at : content
    document.range = [this.offset + (this.documentStart ?? 0), content, end]
    this.documents.push(document)
    this.root = undefined
    this.forgetTrivia()
    return true
  }

  private forgetTrivia(): void {
    this.hasTrivia = false
    this.commentColumn = -1
  }

  /** The blank lines and comments before `at` belong to what is around the frame, unless one of them is as far in as it. */
  private endFrame(frame: Frame, at: number): void {
    const isKept = this.hasTrivia && frame.column > 0 && this.commentColumn >= frame.column
    const end = isKept ? at : frame.end
    frame.node.range = [this.offset + frame.start, this.offset + frame.end, this.offset + end]
    if (isKept) this.forgetTrivia()
    const parent = this.frames.at(-1)
    if (!parent) return
    parent.end = end
    parent.last = undefined
  }

  /** Gives the key that waits for a value an empty one. */
  private closeKey(): boolean {
    const frame = this.frames.at(-1)
    if (!frame || !(frame.node instanceof YAMLMap) || this.hasTrivia) return false
    const pair = frame.node.items.at(-1)
    if (!pair) return false
    pair.value = this.scalar('', 'PLAIN', frame.end, frame.end, frame.end)
    this.isOpen = false
    return true
  }

  private scalar(text: string, type: Scalar.Type, start: number, end: number, lineEnd: number): ParsedNode {
    const node = new Scalar(text) as Scalar.Parsed
    node.range = [this.offset + start, this.offset + end, this.offset + lineEnd]
    node.source = text
    node.type = type
    return node
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
    return this.startFrame(this.collection(false), content, column + content - at) && this.readKey(content, inner)
  }

  /** Closes what ends before a line, and opens what begins with it. */
  private isPlaced(at: number, column: number, isItem: boolean): boolean {
    const open = this.frames.at(-1)
    if (this.isOpen && open) {
      if (column > open.column || (isItem && column === open.column)) {
        this.isOpen = false
        return this.startFrame(this.collection(isItem), at, column)
      }
      if (!this.closeKey()) return false
    }
    if (!open && !this.root && column === 0) {
      this.documentStart ??= at
      return this.startFrame(this.collection(isItem), at, column)
    }
    for (let frame = this.frames.at(-1); frame; frame = this.frames.at(-1)) {
      const isList = frame.node instanceof YAMLSeq
      if (frame.column === column && isList === isItem) return true
      if (frame.column < column || (frame.column === column && isItem)) return false
      this.frames.pop()
      this.endFrame(frame, at)
    }
    return false
  }

  private collection(isItem: boolean): Frame['node'] {
    return (isItem ? new YAMLSeq(options.schema) : new YAMLMap(options.schema)) as Frame['node']
  }

  private startFrame(node: Frame['node'], start: number, column: number): boolean {
    if (this.frames.length >= deepest) return false
    this.put(node as ParsedNode)
    this.frames.push({ node, start, column, end: start, last: undefined })
    return true
  }

  /** Makes a node the root, the next item or the value of the last key. */
  private put(node: ParsedNode): void {
    const parent = this.frames.at(-1)?.node
    if (!parent) this.root = node as Frame['node']
    else if (parent instanceof YAMLSeq) parent.items.push(node)
    else {
      const pair = parent.items.at(-1)
      if (pair) pair.value = node
    }
  }

  /** @param length Of the key, with its colon and the blanks behind it. */
  private readKey(at: number, length: number): boolean {
    const { text } = this
    const frame = this.frames.at(-1)
    if (!frame || !(frame.node instanceof YAMLMap)) return false
    const quote = text.charCodeAt(at)
    const isQuoted = quote === doubleQuote || quote === singleQuote
    const colon = isQuoted ? text.indexOf(text.charAt(at), at + 1) + 1 : text.indexOf(':', at)
    const own = isQuoted ? text.slice(at + 1, colon - 1) : text.slice(at, colon)
    const key = this.scalar(own, typeOf(quote), at, colon, colon)
    frame.node.items.push(new Pair<ParsedNode, ParsedNode>(key))
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
    const type = typeOf(code)
    const isEmpty = code === brace || code === bracket
    const own = type === 'PLAIN' ? text.slice(at, end) : text.slice(at + 1, end - 1)
    const node = isEmpty ? this.empty(code === bracket, at, end + rest) : this.scalar(own, type, at, end, end + rest)
    this.put(node)
    frame.last = node
    frame.end = end + rest
    this.at = end + rest
    return true
  }

  /** `{}` or `[]`. */
  private empty(isList: boolean, start: number, lineEnd: number): ParsedNode {
    const node = this.collection(isList)
    node.flow = true
    node.range = [this.offset + start, this.offset + start + 2, this.offset + lineEnd]
    return node as ParsedNode
  }
}

const [space, hash, lineFeed, dash, doubleQuote, singleQuote, brace, bracket] = Array.from(' #\n-"\'{[', (one) =>
  one.charCodeAt(0),
)

function typeOf(code: number): Scalar.Type {
  return code === doubleQuote ? 'QUOTE_DOUBLE' : code === singleQuote ? 'QUOTE_SINGLE' : 'PLAIN'
}
