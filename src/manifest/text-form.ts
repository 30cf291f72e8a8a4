/**
 * The text as a YAML 1.1 reader sees its lines: a lone carriage return and the line separators of Unicode end a line,
 * too. Every offset stays what it was.
 *
 * Source: go-yaml v2, yamlprivateh.go is_break.
 */
export function withPlainBreaks(text: string): string {
  return /\r(?!\n)|[\u0085\u2028\u2029]/.test(text) ? text.replaceAll(/\r(?!\n)|[\u0085\u2028\u2029]/g, '\n') : text
}

/** The offset of the first character that no YAML may hold (readerc.go: "control characters are not allowed"), or -1. */
export function controlCharacter(text: string): number {
  return text.search(/[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/)
}

/**
 * The text without what stands between a line `...` and the next `---`: kubectl reads one document from each part of a
 * file, and never sees the rest. Line ends stay, so that every offset does.
 */
export function withoutTails(text: string): string {
  return text.includes('...') && /^\.\.\.(?=\s|$)/m.test(text)
    ? text.replaceAll(tail, (_, end: string, rest: string) => end + blank(rest))
    : text
}

const tail = /^(\.\.\.(?=\s|$))([\s\S]*?)(?=^---|(?![\s\S]))/gm

function blank(text: string): string {
  return text.replaceAll(/[^\r\n]/g, ' ')
}

/** A line of three dashes and at most a comment, which stands close behind them or behind a blank of Unicode. */
type OddMarker = {
  readonly offset: number
  readonly line: string
  /** Whether kubectl leaves it in the text, as it does where it separates nothing: at the start, and behind another one. */
  readonly isText: boolean
}

/**
 * To kubectl such lines are separators as `---` is, to YAML they are text.
 *
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLReader.
 */
export function oddMarkers(text: string): readonly OddMarker[] {
  if (!odd.test(text)) return []
  const markers: OddMarker[] = []
  let empty = 0
  for (const { 0: whole, index: offset } of text.matchAll(/^---[^\S\n]*(?:#.*)?(?:\n|$(?!\n))/gm)) {
    const isText = offset === empty
    empty = isText ? -1 : offset + whole.length
    const line = whole.trimEnd()
    if (odd.test(whole)) markers.push({ offset, line, isText })
  }
  return markers
}

const odd = /^---(?:#|[^\S \t\r\n])/m

/** The text with blanks in place of what such a line has behind its dashes, where it separates. */
export function withPlainMarkers(text: string): string {
  let result = ''
  let from = 0
  for (const { offset, line, isText } of oddMarkers(text)) {
    if (isText) continue
    result += `${text.slice(from, offset)}---${blank(line.slice(3))}`
    from = offset + line.length
  }
  return result + text.slice(from)
}

/** The text with spaces at these offsets, which are in order. */
export function withSpaces(text: string, offsets: readonly number[]): string {
  let result = ''
  let from = 0
  for (const offset of offsets) {
    result += `${text.slice(from, offset)} `
    from = offset + 1
  }
  return result + text.slice(from)
}

/** Whether a text that is fine as YAML 1.2 has anything that go-yaml could refuse. */
export function needsScan(text: string): boolean {
  return /[\t?]|[[{,:]\s*:|[[{,][^[\]{},\n]*\n|-[\]},]|[^"'\s]:[\]},{[]/.test(text)
}
