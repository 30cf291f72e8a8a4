/** A regular expression as a tree. Characters are code points. */
export type Expression = Piece & {
  /** How often the counts in it ask for one and the same part: `(a{3}){4}` for 12 times. 1 where absent. */
  readonly copies?: number
}

type Piece =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'class'; readonly has: (code: number) => boolean }
  | { readonly kind: 'place'; readonly isThere: Anchor }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly part: Expression; readonly least: number; readonly most: number }

/** Whether an expression of no width fits between two characters; -1 stands for none. */
type Anchor = (before: number, behind: number) => boolean

/** An expression that is ready to be looked for. */
export type Matcher = { readonly test: (text: string) => boolean }

/** How many steps an expression may have: what counts to a thousand in ten places fits. */
const largest = 10_000

type Step =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'class'; readonly has: (code: number) => boolean }
  | { readonly kind: 'place'; readonly isThere: Anchor }
  /** Goes on at both steps; at one where they are the same. */
  | { readonly kind: 'branch'; first: number; second: number }
  | { readonly kind: 'end' }

/**
 * Makes an expression ready: it is looked for anywhere in a text. All ways through it are followed at once, so that the
 * time grows with the text and never with the ways. Undefined where the expression is too large.
 *
 * Source: Ken Thompson, Regular Expression Search Algorithm; Russ Cox, Regular Expression Matching: the Virtual Machine
 * Approach.
 */
export function matcherOf(expression: Expression): Matcher | undefined {
  const steps: Step[] = []
  if (!emit(expression, steps)) return undefined
  steps.push({ kind: 'end' })
  return { test: (text) => new Run(steps).test(text) }
}

/** Appends the steps of an expression; false where they are too many. */
function emit(expression: Expression, steps: Step[]): boolean {
  switch (expression.kind) {
    case 'sequence':
      return expression.parts.every((part) => emit(part, steps))
    case 'choice':
      return emitChoice(expression.parts, steps)
    case 'repeat':
      return emitRepeat(expression, steps)
    default:
      return steps.push(expression) <= largest
  }
}

function branch(steps: Step[]): Extract<Step, { kind: 'branch' }> {
  const step: Step = { kind: 'branch', first: steps.length + 1, second: steps.length + 1 }
  steps.push(step)
  return step
}

function emitChoice(parts: readonly Expression[], steps: Step[]): boolean {
  const ends = []
  for (const [index, part] of parts.entries()) {
    const next = index < parts.length - 1 ? branch(steps) : undefined
    if (!emit(part, steps) || steps.length > largest) return false
    if (!next) continue
    ends.push(branch(steps))
    next.second = steps.length
  }
  for (const end of ends) end.first = end.second = steps.length
  return true
}

function emitRepeat({ part, least, most }: Extract<Expression, { kind: 'repeat' }>, steps: Step[]): boolean {
  for (let count = 0; count < least; count++) if (!emit(part, steps)) return false
  const exits = []
  const loop = steps.length
  for (let count = least; count < Math.min(most, least + 1000); count++) {
    exits.push(branch(steps))
    if (!emit(part, steps) || steps.length > largest) return false
    if (most < Infinity) continue
    branch(steps).first = loop
    const back = steps.at(-1)
    if (back?.kind === 'branch') back.second = loop
    break
  }
  for (const exit of exits) exit.second = steps.length
  return true
}

/** One look through a text. */
class Run {
  private readonly waiting: number[] = []
  /** At which character each step was last reached. */
  private readonly reached: Int32Array

  constructor(private readonly steps: readonly Step[]) {
    this.reached = new Int32Array(steps.length).fill(-1)
  }

  test(text: string): boolean {
    let current: number[] = []
    let before = -1
    for (let at = 0; ;) {
      const code = text.codePointAt(at) ?? -1
      const active: number[] = []
      for (const index of [...current, 0]) if (this.reach(index, { at, before, behind: code }, active)) return true
      if (code < 0) return false
      current = active.flatMap((index) => (fits(this.steps[index], code) ? [index + 1] : []))
      before = code
      at += code > 0xffff ? 2 : 1
    }
  }

  /** Adds the steps that wait for a character, from one on; true where the end is reached. */
  private reach(
    start: number,
    { at, before, behind }: { readonly at: number; readonly before: number; readonly behind: number },
    active: number[],
  ): boolean {
    const { waiting, reached, steps } = this
    waiting.push(start)
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (reached[index] === at) continue
      reached[index] = at
      const step = steps[index]
      if (step?.kind === 'end') return true
      if (step?.kind === 'branch') waiting.push(step.first, step.second)
      else if (step?.kind !== 'place') active.push(index)
      else if (step.isThere(before, behind)) waiting.push(index + 1)
    }
    return false
  }
}

function fits(step: Step | undefined, code: number): boolean {
  return step?.kind === 'character' ? step.code === code : step?.kind === 'class' && step.has(code)
}

/** The start of the text. */
export const atStart: Expression = { kind: 'place', isThere: (before) => before < 0 }
/** The end of the text. */
export const atEnd: Expression = { kind: 'place', isThere: (_, behind) => behind < 0 }
