import { printable } from '../text/printable.js'

const encoder = new TextEncoder()

/** The size of a text in bytes of UTF-8: never less than what anyone counts in characters. */
export function sizeOf(text: string): number {
  return encoder.encode(text).length
}

/** The first of the blocks that fit together into so many bytes, and how many were left out. */
export function fitting(
  blocks: readonly string[],
  room: number,
  limit: number = blocks.length,
): { readonly shown: readonly string[]; readonly left: number } {
  let size = 0
  let count = 0
  for (const block of blocks.slice(0, limit)) {
    size += sizeOf(block) + 1
    if (size > room) break
    count++
  }
  return { shown: blocks.slice(0, count), left: blocks.length - count }
}

const longest = 300
const longestLine = 1000

/**
 * Text as inline code: whatever it holds, it stays one piece of text on one line, which links nowhere and calls nobody.
 * Control characters are spelled, what is very long is cut.
 */
export function code(text: string): string {
  const shown = printable(text.length > longest ? `${text.slice(0, longest)}…` : text)
  if (shown === '') return '(empty)'
  const fence = '`'.repeat(longestRun(shown) + 1)
  const padding = /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${padding}${shown}${padding}${fence}`
}

/**
 * A message as Markdown: what it quotes in back-quotes is code, and so is every other word that is more than letters and
 * common punctuation. So no name in a message can format, link, or call a person.
 */
export function prose(text: string): string {
  const cut = text.length > 3 * longest ? `${text.slice(0, 3 * longest)}…` : text
  const pieces = cut
    .split('`')
    .map((part, index) => (index % 2 === 1 ? code(part) : part.replaceAll(/\S+/g, word).replaceAll(/\s+/g, ' ')))
  // Two fences that touch would be read as one, and let out what is behind them.
  return pieces.reduce((said, piece) => said + (said.endsWith('`') && piece.startsWith('`') ? ' ' : '') + piece)
}

function isPlain(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}.,;!?'"()%…=-]+:?$|^\(?[A-Za-z]+\/[A-Za-z]+[.,;:)]*$/u.test(text)
}

/** What GitHub and GitLab link by its look: commits, tickets such as GH-1, hosts, `!1` and `%1`. */
function isLinked(text: string): boolean {
  return /^\W*(?:[0-9a-f]{7,64}|www\..*|\p{L}+-\p{N}+)\W*$|[!%]["\p{L}\p{N}]/iu.test(text)
}

function word(text: string): string {
  return isPlain(text) && !isLinked(text) ? text : code(text)
}

/** A block of code, with a fence longer than any in it. Lines keep their tabs; other control characters are spelled. */
export function fenced(language: string, lines: readonly string[]): string {
  const body = lines.map(visibleLine).join('\n')
  const fence = '`'.repeat(Math.max(3, longestRun(body) + 1))
  return `${fence}${language}\n${body}\n${fence}\n`
}

/** A line for a block of code, cut where it is very long. */
export function visibleLine(line: string): string {
  const left = line.length - longestLine
  const cut = left > 0 ? `${line.slice(0, longestLine)}… ${left} more characters` : line
  const shown = cut.replace(/\r$/, '').split('\t').map(printable).join('\t')
  // Shown in the log of a runner, such a line would be a command.
  return shown.replace(/^(\s*):(?=:)/, String.raw`$1\x3a`)
}

/** A table. What stands in the cells is Markdown on one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |\n`).join('')
}

/** In a table a bar ends a cell even in code, unless a backslash stands before it, and only one. */
function cell(markdown: string): string {
  return markdown.replaceAll(/(?<!\\)(\\*)\|/g, (_, slashes: string) => String.raw`${'\\x5c'.repeat(slashes.length)}\|`)
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}

/** `a`, `b` and `c`; of many only the first are named. */
export function series(items: readonly string[], limit: number = 5): string {
  const shown = items.slice(0, limit)
  const left = items.length - shown.length
  if (left > 0) return `${shown.join(', ')} and ${left} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
