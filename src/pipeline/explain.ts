import { examples, type Example } from '../manifest/examples.js'
import { nearest } from '../text/nearest.js'
import { codes, type CodeRow } from './codes.js'
import { whys } from './why.js'

/** A code with what there is to know about it. */
export type Explanation = CodeRow & {
  /** What happens on the cluster, and what to do. */
  readonly why: string
  /** Absent where no text can show it, or where it depends on the command. */
  readonly example?: Example
}

/** Every code, explained, in order. */
export const explanations: readonly Explanation[] = codes.map((row) => {
  const example = examples[row.code]
  return { ...row, why: whys[row.code] ?? '', ...(example && { example }) }
})

/** The explanation of a code, however its letters are cased. */
export function explanationOf(code: string): Explanation | undefined {
  return explanations.find((found) => found.code === code.toUpperCase())
}

/** The code that was most likely meant, or undefined where none is near. */
export function nearestCode(word: string): string | undefined {
  return nearest(
    word,
    codes.map(({ code }) => code),
  )
}
