// Everything that a repository holds is written by strangers: file names, names of Services and tags, comments, keys. What
// of it acts on whoever reads a report, in place of being seen, is spelled here, once for all formats.

/**
 * What a reader does not see, or sees elsewhere: controls (of terminals, too), bidirectional controls, characters without
 * width, tags, line separators, fillers, halves of characters. A selector that gives a pictograph its colour is none.
 */
const unseen = String.raw`(?<!\p{Extended_Pictographic})\uFE0F|(?!\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`
/**
 * The number sign of what CI runners obey wherever it stands in a line: `##[error]`, `##vso[…]`.
 *
 * Source: actions/runner ActionCommand.TryParse, azure-pipelines-agent Command.TryParse.
 */
const sign = String.raw`#(?=#\w{0,40}\[)`

// V8 reads a pattern where it is written, and these classes have thousands of ranges: so they are written where they are needed.
const patterns = new Map<string, RegExp>()
function pattern(source: string, flags: string): RegExp {
  const known = patterns.get(`${flags} ${source}`) ?? new RegExp(source, flags)
  patterns.set(`${flags} ${source}`, known)
  return known
}
const unsafe = (): RegExp => pattern(`${unseen}|${sign}`, 'gu')
const unseenAnywhere = (): RegExp => pattern(unseen, 'gu')

/** One line of text as a report shows it: what would act on a terminal, a reader or a runner is spelled, as `\u202e`. */
export function printable(text: string): string {
  return isPlain(text) ? text : text.replaceAll(unsafe(), spelled)
}

/**
 * Whether there is nothing to look for in a text, as in most: it has only what is seen in ASCII, and the arrows, dashes and
 * dots of this program's own words.
 */
function isPlain(text: string): boolean {
  return plainLine.test(text) && !text.includes('##')
}

const plain = String.raw`\u0020-\u007E\u00D7\u2013\u2026\u2192`
const plainLine = new RegExp(`^[${plain}]*$`)
const plainLines = new RegExp(`^[\\n\\t${plain}]*$`)

/** How the character at an offset of a text is spelled there, or undefined where it is shown as it is. */
export function spelledAt(text: string, offset: number): string | undefined {
  const here = pattern(`${unseen}|${sign}`, 'uy')
  here.lastIndex = offset
  const [found] = here.exec(text) ?? []
  return found === undefined ? undefined : spelled(found)
}

/** The characters of a line that nobody sees, as they are spelled; a tab is none. */
export function unseenIn(line: string): readonly string[] {
  if (isPlain(line)) return []
  return [...line.matchAll(unseenAnywhere())].flatMap(([found]) => (found === '\t' ? [] : [spelled(found)]))
}

/** The line in parts: what is shown as it is, and what is spelled in its place. Tabs stay. */
export function visibleParts(line: string): readonly { readonly text: string; readonly isSpelled: boolean }[] {
  const parts: { readonly text: string; readonly isSpelled: boolean }[] = []
  let end = 0
  for (const { 0: found, index } of line.matchAll(unseenAnywhere())) {
    if (found === '\t') continue
    if (index > end) parts.push({ text: line.slice(end, index), isSpelled: false })
    parts.push({ text: spelled(found), isSpelled: true })
    end = index + found.length
  }
  return end < line.length ? [...parts, { text: line.slice(end), isSpelled: false }] : parts
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code > 0xffff) return `\\u{${hex}}`
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`
}

/** What sets the colours that this program gives to its own words. */
const colour = String.raw`\u001B\[[\d;]*m`
const kept = new RegExp(`(${colour}|[\\n\\t])`)
/**
 * What a runner takes for a command at the beginning of a line, whatever white space stands before it.
 *
 * Source: actions/runner ActionCommand.TryParseV2.
 */
const command = new RegExp(`^((?:[^\\S\\n]|${colour})*):(?=:)`, 'gm')

/**
 * A whole report as it leaves the program: lines, tabs and colours stay, everything else is as `printable` has it, and no line
 * begins with what a runner obeys. What the parts of a report have spelled already does not change.
 */
export function printableLines(text: string): string {
  // Thousands of findings are one text: taken apart as a whole it would take many times its memory.
  const pieces: string[] = []
  let isSame = true
  for (let from = 0; from < text.length;) {
    const lineEnd = text.indexOf('\n', from + piece)
    const end = lineEnd < 0 ? text.length : lineEnd + 1
    const own = text.slice(from, end)
    const shown = shownLines(own)
    isSame &&= shown === own
    pieces.push(shown)
    from = end
  }
  return isSame ? text : pieces.join('')
}

/** About so many characters are looked at together, up to the end of a line. */
const piece = 16_384

function shownLines(text: string): string {
  if (plainLines.test(text) && !text.includes('##') && !text.includes('::')) return text
  const parts = text.split(kept)
  const seen = parts.map((part, index) => (index % 2 === 1 ? part : printable(part))).join('')
  return seen.replaceAll(command, String.raw`$1\x3a`)
}

/** Whether a runner that reads the text line by line would find something to obey. */
export function hasCommands(text: string): boolean {
  return /##\w{0,40}\[/.test(text) || text.split(/[\n\r]/).some((line) => /^\s*::/.test(line))
}

/**
 * A value as JSON: every reader gets it as it is, yet nothing in the text acts on a terminal or a runner that it is shown
 * by.
 */
export function jsonText(value: unknown): string {
  return quiet(JSON.stringify(value, undefined, 2))
}

/** The same on one line. */
export function jsonLine(value: unknown): string {
  return quiet(JSON.stringify(value))
}

function quiet(json: string): string {
  return json.replaceAll(unsafe(), (found) => {
    if (found === '\n') return found
    const units = Array.from({ length: found.length }, (_, index) => found.charCodeAt(index))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
  })
}
