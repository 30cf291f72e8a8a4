/** A line of the first column that is no key as most files have it: the kind can stand anywhere then, in any spelling. */
const unusual = /[{["'?&!*<%\t\uFEFF]/
/** A key at the first column, with what follows it on its line. */
const plain = /kind[ \t]*:[ \t]+(["']?)([A-Za-z]+)\1[ \t]*(?:#.*)?(?=\r?$)/my
const marker = /---[ \t]*(?:#.*)?(?=\r?$)/my
const blank = /[ \t]*(?:#.*)?(?=\r?$)/my

function fits(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset
  return pattern.exec(text)
}

/**
 * Whether a text can hold an object of one of some kinds, by the `kind` at the top of its documents, or because it has
 * items. The `kind` of the names in a CRD is none. In time linear in the text, and far less than it takes to parse; never
 * falsely no.
 */
export function holdsKind(text: string, kinds: ReadonlySet<string>): boolean {
  let isStart = true
  for (let at = 0; at >= 0 && at < text.length; at = text.indexOf('\n', at) + 1 || -1) {
    const first = text.charAt(at)
    if (first === ' ' || first === '#' || first === '\n' || first === '\r') {
      // A document that is indented as a whole has its keys in another column.
      if (isStart && !fits(blank, text, at)) return true
    } else if (unusual.test(first)) return true
    else if (text.startsWith('---', at)) {
      if (!fits(marker, text, at)) return true
      isStart = true
    } else {
      isStart = false
      if (text.startsWith('items', at)) return true
      if (!text.startsWith('kind', at)) continue
      const kind = fits(plain, text, at)?.[2]
      if (kind === undefined ? /^kind[ \t]*:/.test(text.slice(at, at + 64)) : kind.endsWith('List') || kinds.has(kind))
        return true
    }
  }
  return false
}
