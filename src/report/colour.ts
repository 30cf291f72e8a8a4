import { visibleParts } from '../text/printable.js'

/** Colours for terminals, by meaning; without colour every one gives back its text. */
export type Paint = Readonly<
  Record<'added' | 'removed' | 'hunk' | 'strong' | 'spelled' | 'error' | 'warning' | 'note', (text: string) => string>
>

const codes = {
  added: '32',
  removed: '31',
  hunk: '36',
  strong: '1',
  spelled: '7',
  error: '1;31',
  warning: '1;33',
  note: '1;36',
} as const

export function paint(isColoured: boolean): Paint {
  const wrap = (code: string) => (text: string) =>
    isColoured && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text
  return {
    added: wrap(codes.added),
    removed: wrap(codes.removed),
    hunk: wrap(codes.hunk),
    strong: wrap(codes.strong),
    spelled: wrap(codes.spelled),
    error: wrap(codes.error),
    warning: wrap(codes.warning),
    note: wrap(codes.note),
  }
}

/**
 * A patch as a terminal shows it: its lines coloured as Git does, and what would act on the terminal or the reader spelled
 * and set off. No tool takes this for a patch.
 */
export function shownPatch(patch: string, colours: Paint): string {
  return patch
    .split('\n')
    .map((line) => {
      const colour = colourOf(line, colours)
      return visibleParts(line.replace(/\r$/, ''))
        .map(({ text, isSpelled }) => (isSpelled ? colours.spelled(text) : colour(text)))
        .join('')
    })
    .join('\n')
}

function colourOf(line: string, colours: Paint): (text: string) => string {
  if (/^(?:diff |--- |\+\+\+ )/.test(line)) return colours.strong
  if (line.startsWith('@@')) return colours.hunk
  if (line.startsWith('+')) return colours.added
  return line.startsWith('-') ? colours.removed : (text) => text
}
