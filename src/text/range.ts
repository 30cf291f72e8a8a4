/** A half-open span `[start, end)` of UTF-16 code units in one source text. */
export type Range = { readonly start: number; readonly end: number }

/** The empty range at `offset`: where something is missing, or where text is inserted. */
export function at(offset: number): Range {
  return { start: offset, end: offset }
}
