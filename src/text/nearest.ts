import { distance } from 'fastest-levenshtein'

/** The candidate that the word was most likely meant to be, or undefined where none is near: a third of its letters may differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const found = distance(word.toLowerCase(), candidate.toLowerCase())
    if (found < least && candidate !== word) [best, least] = [candidate, found]
  }
  return best
}
