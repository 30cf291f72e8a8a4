/** Where go-yaml v2 refuses what YAML 1.2 allows, and where it is the other way round. */
export type Scan = {
  /** The character that ends the reading, and what go-yaml says of it. */
  readonly refused?: { readonly offset: number; readonly phrase: string }
  /**
   * Characters inside `[…]`, `{…}` and quotes that separate and nothing more: there, go-yaml minds no indentation. Those
   * before a block scalar that begins where its parent does, too.
   */
  readonly loose: readonly number[]
  /** Dashes and colons inside `[…]` and `{…}` that are text to go-yaml, and indicators to others: `[-]`, `[a:]`. */
  readonly plain: readonly number[]
}

/** Where a node begins that a `:` behind it makes a key. */
export type Key = { readonly offset: number; readonly lineStart: number }

/** How far behind its beginning the `:` of a key may stand. */
export const longestKey = 1024
