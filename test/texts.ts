// The texts in a source file, for tests about words: its string literals and its comments, each with its line.

/** A text of a source file. What a template fills in is `…`. */
export type SourceText = {
  readonly text: string
  readonly line: number
  /** The code before it. */ readonly before: string
}

/** The literals and comments of TypeScript, by a small scanner: good enough for formatted code. */
export function textsOf(source: string): {
  readonly literals: readonly SourceText[]
  readonly comments: readonly SourceText[]
} {
  const scanner = new Scanner(source)
  scanner.code(false)
  return scanner
}

class Scanner {
  readonly literals: SourceText[] = []
  readonly comments: SourceText[] = []
  private at = 0

  constructor(private readonly source: string) {}

  /** Code up to its end, or to the brace that ends what a template fills in. */
  code(isInTemplate: boolean): void {
    let depth = 0
    while (this.at < this.source.length) {
      const character = this.source.charAt(this.at)
      if (character === "'" || character === '"') this.string(character)
      else if (character === '`') this.template()
      else if (character === '/' && this.comment()) continue
      else if (character === '/' && this.isRegex()) this.regex()
      else if (isInTemplate && character === '}' && depth === 0) return
      else {
        if (character === '{') depth++
        if (character === '}') depth--
        this.at++
      }
    }
  }

  private placeOf(offset: number): Omit<SourceText, 'text'> {
    const all = this.source.slice(0, offset)
    return { line: all.split('\n').length, before: all.slice(-60) }
  }

  private string(quote: string): void {
    const start = this.at++
    while (this.at < this.source.length && this.source.charAt(this.at) !== quote)
      this.at += this.source.charAt(this.at) === '\\' ? 2 : 1
    const text = this.source.slice(start + 1, this.at++).replaceAll(/\\(.)/g, '$1')
    this.literals.push({ text, ...this.placeOf(start) })
  }

  private template(): void {
    const start = this.at++
    let text = ''
    while (this.at < this.source.length && this.source.charAt(this.at) !== '`') {
      if (this.source.startsWith('${', this.at)) {
        this.at += 2
        this.code(true)
        this.at++
        text += '…'
      } else {
        const length = this.source.charAt(this.at) === '\\' ? 2 : 1
        text += this.source.slice(this.at + length - 1, this.at + length)
        this.at += length
      }
    }
    this.at++
    this.literals.push({ text, ...this.placeOf(start) })
  }

  private comment(): boolean {
    const start = this.at
    const next = this.source.charAt(start + 1)
    if (next !== '/' && next !== '*') return false
    const end = next === '/' ? this.source.indexOf('\n', start) : this.source.indexOf('*/', start) + 2
    this.at = end < start + 2 ? this.source.length : end
    this.comments.push({ text: this.source.slice(start, this.at), ...this.placeOf(start) })
    return true
  }

  private isRegex(): boolean {
    return /(?:[(,=:[!&|?{};>]|\breturn|^)\s*$/.test(this.source.slice(Math.max(0, this.at - 40), this.at))
  }

  private regex(): void {
    this.at++
    let isClass = false
    while (this.at < this.source.length) {
      const character = this.source.charAt(this.at)
      if (character === '\n' || (character === '/' && !isClass)) break
      if (character === '[') isClass = true
      if (character === ']') isClass = false
      this.at += character === '\\' ? 2 : 1
    }
    this.at++
  }
}
