import type { Code } from '../codes/code.js'
import { type Example, examples } from '../codes/examples.js'
import { nearest } from '../text/words.js'
import { allCodes } from './codes.js'
import { type ExampleTree, exampleTrees } from './example-trees.js'

/** A code with what there is to know about it. */
export type Explanation = Omit<Code, 'why'> & {
  /** What happens on the cluster, and what to do. */
  readonly why: string
  /** Absent where no text can show it, or where it depends on the command. */
  readonly example?: Example
  /** An example of several files, where one manifest cannot show it. */
  readonly tree?: ExampleTree
}

/** Every code, explained, in order. */
export function explanations(): readonly Explanation[] {
  const shown = examples()
  return allCodes().map((row) => {
    const example = shown[row.code]
    const tree = exampleTrees[row.code]
    return { ...row, why: row.why(), ...(example && { example }), ...(tree && { tree }) }
  })
}

/** The explanation of a code by its number, however its letters are cased, or by its name. */
export function explanationOf(word: string): Explanation | undefined {
  return explanations().find(({ code, name }) => code === word.toUpperCase() || name === word.toLowerCase())
}

/** The code or name that was most likely meant, or undefined where none is near. */
export function nearestCode(word: string): string | undefined {
  return nearest(
    word,
    allCodes().flatMap(({ code, name }) => [code, name]),
  )
}
