/** Colours for terminals, by meaning; without colour every one gives back its text. */
export type Paint = Readonly<
  Record<'added' | 'removed' | 'hunk' | 'strong' | 'error' | 'warning' | 'note', (text: string) => string>
>

const codes = {
  added: '32',
  removed: '31',
  hunk: '36',
  strong: '1',
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
    error: wrap(codes.error),
    warning: wrap(codes.warning),
    note: wrap(codes.note),
  }
}

/** A patch with its lines coloured as Git does. */
export function colourPatch(patch: string, colours: Paint): string {
  return patch
    .split('\n')
    .map((line) => {
      if (/^(?:diff |--- |\+\+\+ )/.test(line)) return colours.strong(line)
      if (line.startsWith('@@')) return colours.hunk(line)
      if (line.startsWith('+')) return colours.added(line)
      return line.startsWith('-') ? colours.removed(line) : line
    })
    .join('\n')
}

/** Text of a manifest made safe for a terminal: control characters are shown, not obeyed. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
