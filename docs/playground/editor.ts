// The manifest: a plain text area, so that every key and every screen reader works, with line numbers beside it.
import type { Diagnostic } from '../../src/index.js'
import { element } from './show.js'

const lineHeight = 20

export class Editor {
  private readonly numbers = element('div', 'numbers')
  private readonly marks = element('div', '')
  private lines = 0

  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly gutter: HTMLElement,
  ) {
    gutter.replaceChildren(element('div', 'lines', this.marks, this.numbers))
    area.addEventListener('scroll', () => {
      gutter.scrollTop = area.scrollTop
    })
  }

  /** Numbers the lines, and marks those that something was found in. */
  show(diagnostics: readonly Diagnostic[]): void {
    const text = this.area.value
    const starts = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    if (starts.length !== this.lines) {
      this.lines = starts.length
      this.numbers.textContent = starts.map((_, index) => index + 1).join('\n')
    }
    const found = new Map<number, string>()
    for (const severity of ['note', 'warning', 'error'])
      for (const { range, ...one } of diagnostics)
        if (range && one.severity === severity) found.set(lineOf(starts, range.start), severity)
    this.marks.replaceChildren(
      ...[...found].slice(0, 500).map(([line, severity]) => {
        const mark = element('div', `mark ${severity}`)
        mark.style.top = `${line * lineHeight}px`
        return mark
      }),
    )
    this.gutter.scrollTop = this.area.scrollTop
  }

  /** Selects a part of the text and brings it into view. */
  select({ start, end }: { readonly start: number; readonly end: number }): void {
    const line = this.area.value.slice(0, start).split('\n').length - 1
    this.area.focus({ preventScroll: true })
    this.area.setSelectionRange(start, end)
    this.area.scrollTop = Math.max(0, line * lineHeight - this.area.clientHeight / 3)
    this.area.scrollIntoView({ block: 'nearest' })
  }
}

function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
