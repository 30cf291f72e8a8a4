/** Why a text is no regular expression, in Go's words. */
export class PatternError extends Error {}

export function refuse(what: string, where: string): never {
  throw new PatternError(`${what}: \`${where}\``)
}

/** A place in a pattern that is read from its start to its end. */
export class Cursor {
  at = 0

  constructor(readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The character here, `''` at the end. */
  get letter(): string {
    return this.text.charAt(this.at)
  }

  /** Goes past a sign, if it stands here; says whether it does. */
  take(sign: string): boolean {
    const isThere = this.text.startsWith(sign, this.at)
    if (isThere) this.at += sign.length
    return isThere
  }

  /** What fits a sticky expression from here on, with its groups. */
  taken(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at
    const match = expression.exec(this.text) ?? undefined
    this.at += match?.[0].length ?? 0
    return match
  }

  /** The next character, -1 at the end. */
  next(): number {
    const code = this.text.codePointAt(this.at) ?? -1
    this.at += code > 0xffff ? 2 : 1
    return code
  }
}
