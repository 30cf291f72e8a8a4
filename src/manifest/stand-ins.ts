import { visit, type Document } from 'yaml'

/** Characters that no text has and no reader of YAML minds, in place of those that one would take for indicators. */
const standIns: Readonly<Record<string, string>> = { '-': '\uE02D', ':': '\uE03A' }

/** The text with stand-ins for the dashes and colons at these offsets; as it is where it has such characters already. */
export function withStandIns(text: string, offsets: readonly number[]): string {
  if (offsets.length === 0 || /[\uE02D\uE03A]/.test(text)) return text
  let result = ''
  let from = 0
  for (const offset of offsets) {
    result += text.slice(from, offset) + (standIns[text.charAt(offset)] ?? text.charAt(offset))
    from = offset + 1
  }
  return result + text.slice(from)
}

/** Gives the scalars back what the stand-ins stand for. */
export function dropStandIns(documents: readonly Document[]): void {
  for (const document of documents) {
    visit(document, {
      Scalar: (_, node) => {
        if (typeof node.value === 'string') node.value = original(node.value)
        if (node.source !== undefined) node.source = original(node.source)
      },
    })
  }
}

function original(text: string): string {
  return text.replaceAll('\uE02D', '-').replaceAll('\uE03A', ':')
}
