/** A text, or its bytes. */
type Searched = { readonly includes: (name: string) => boolean; readonly toString: (encoding?: 'latin1') => string }

/** How many names are looked for one by one: most texts are asked for no more. */
const few = 16

/**
 * Tells of many names whether they may stand in a text, in a time that grows with the text and not with the names. What
 * stands there as a word of its own always counts; a part of a longer word may.
 */
export class Mentions {
  private readonly asked = new Map<string, boolean>()
  private words: ReadonlySet<string> | undefined

  /** @param read The text, or its bytes: it is not kept. */
  constructor(private readonly read: () => Searched | undefined) {}

  has(name: string): boolean {
    const known = this.asked.get(name)
    if (known !== undefined) return known
    if (this.asked.size >= few && wordOf(name)) return this.allWords().has(name)
    const isThere = this.read()?.includes(name) === true
    if (this.asked.size < few) this.asked.set(name, isThere)
    return isThere
  }

  private allWords(): ReadonlySet<string> {
    this.words ??= wordsIn(this.read())
    return this.words
  }
}

/** What names of Kubernetes are made of, and more: a name that is a value of its own ends where other signs begin. */
const word = /[\w./-]+/g

function wordOf(name: string): boolean {
  return /^[\w./-]+$/.test(name)
}

function wordsIn(text: Searched | undefined): ReadonlySet<string> {
  const words = new Set<string>()
  addWords(text, words)
  return words
}

/** Adds what stands in a text as a word of its own: a name that is a value does. */
export function addWords(text: Searched | undefined, words: Set<string>): void {
  // What V8 cuts out of a text holds on to all of it.
  for (const [found] of (text?.toString('latin1') ?? '').matchAll(word))
    if (!words.has(found)) words.add(Array.from(found).join(''))
}
