import { distance } from 'fastest-levenshtein'

/** Every candidate that `word` may have been meant to be, by the measure of `nearest`. */
export function near(word: string, candidates: Iterable<string>): readonly string[] {
  return [...candidates].filter((candidate) => nearest(word, [candidate]) !== undefined)
}

/**
 * The candidate that `word` was most likely meant to be, or undefined where none is near. Letter case counts for
 * nothing, and about one letter in three may be wrong.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const steps = distance(wanted, candidate.toLowerCase())
    if (steps >= least) continue
    best = candidate
    least = steps
  }
  return best
}
