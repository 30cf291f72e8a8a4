/** The manifests that show a code: one that has the fault, one that is fine. Only `explain` loads them. */

import generated from '#validators/examples.mjs'

/** What a code is about, shown. */
export type Example = {
  /** What was committed before, the oldest first, where the code is about a change. */
  readonly before?: readonly string[]
  readonly bad: string
  /** The lines of `bad` where the code is reported, from 1. */
  readonly marks: readonly number[]
  readonly good: string
}

/** An example for each code that text can show, by code. The bundler has it read where it is asked for. */
export function examples(): Readonly<Record<string, Example>> {
  return generated as Readonly<Record<string, Example>>
}
