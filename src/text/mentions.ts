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
  constructor(private readonly read: () => string | Buffer | undefined) {}

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

function wordsIn(text: string | Buffer | undefined): ReadonlySet<string> {
  const words = new Set<string>()
  for (const [found] of (typeof text === 'string' ? text : (text?.latin1Slice() ?? '')).matchAll(word))
    // A piece of a text holds all of it.
    if (!words.has(found)) words.add(Buffer.from(found).latin1Slice())
  return words
}
