import { isSeq, isScalar, visit, type Document } from 'yaml'

/**
 * Gives the scalars that go on over several lines the values they have there, in documents that were parsed from a text
 * with spaces in place of some line ends: an empty line is a line end of the value, and a backslash takes one away.
 *
 * @param parse Parses a text on its own.
 */
export function restoreFolds(
  documents: readonly Document[],
  spaced: string,
  text: string,
  parse: (text: string) => readonly Document[] | undefined,
): void {
  for (const document of documents) {
    visit(document, {
      Scalar: (_, node) => {
        const [start, end] = node.range ?? [0, 0]
        const lines = text.slice(start, end)
        if (spaced.slice(start, end) === lines) return
        const list = parse(`[${lines}]`)?.[0]?.contents
        const alone = isSeq(list) ? list.items[0] : undefined
        if (isScalar(alone)) node.value = alone.value
      },
    })
  }
}
