/** What a generator yields, made when it is first asked for and kept for whoever asks again. */
export class Remembered<T, End> implements Iterable<T> {
  private readonly items: T[] = []
  private end: { readonly value: End } | undefined

  constructor(private readonly source: Iterator<T, End>) {}

  *[Symbol.iterator](): Iterator<T> {
    for (let index = 0; ; index++) {
      if (index === this.items.length && !this.advance()) return
      yield* this.items.slice(index, index + 1)
    }
  }

  /** What the generator returns; runs it to its end. */
  ending(): End {
    for (;;) {
      if (this.end) return this.end.value
      this.advance()
    }
  }

  private advance(): boolean {
    if (this.end) return false
    const next = this.source.next()
    if (next.done === true) this.end = { value: next.value }
    else this.items.push(next.value)
    return next.done !== true
  }
}
