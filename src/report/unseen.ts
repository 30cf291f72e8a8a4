import type { Outcome } from '../pipeline/outcome.js'
import { plural } from '../text/plural.js'
import { unseenIn } from '../text/printable.js'
import type { Paint } from './colour.js'

const mostPlaces = 10

/** A line of a patch that holds more than one sees, by its number in the file that the patch makes or, if it leaves, was made for. */
type UnseenLine = { readonly number: number; readonly characters: readonly string[] }

/**
 * Warns of lines in the patches that are not what they look like: a patch goes out byte by byte, and terminals and web
 * pages obey such characters, or hide them. `''` where there are none.
 */
export function unseenText({ changes }: Outcome, colours: Paint): string {
  const places = changes.flatMap(({ file, patch }) =>
    unseenLines(patch).map(({ number, characters }) => {
      return `${file.path}:${number} (${[...new Set(characters)].slice(0, 3).join(', ')})`
    }),
  )
  if (places.length === 0) return ''
  const left = places.length - mostPlaces
  const list = `${places.slice(0, mostPlaces).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
  const what = `the diff has ${plural(places.length, 'line')} with characters that are hidden or change how it is displayed`
  return `${colours.warning('warning:')} ${what}: ${list}\n`
}

function unseenLines(patch: string): readonly UnseenLine[] {
  const found: UnseenLine[] = []
  let [before, after] = [0, 0]
  for (const line of patch.split('\n')) {
    const [, from, to] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line) ?? []
    if (from !== undefined) {
      before = Number(from)
      after = Number(to)
    } else if (after > 0 && /^[-+ ]/.test(line)) {
      const number = line.startsWith('-') ? before : after
      const characters = unseenIn(textOf(line, number))
      if (characters.length > 0) found.push({ number, characters })
      if (!line.startsWith('+')) before++
      if (!line.startsWith('-')) after++
    }
  }
  return found
}

/** A carriage return at the end of a line and a byte order mark at the start of a file are there for editors. */
function textOf(line: string, number: number): string {
  const text = line.slice(1).replace(/\r$/, '')
  return number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text
}
