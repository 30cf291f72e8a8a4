import type { Path } from './path.js'

/** The one right answer to a diagnostic: a field, from the root of its Service, and what must become of it. */
export type Remedy =
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'rename'; readonly path: Path; readonly to: string }
  /** The number that the text says. */
  | { readonly kind: 'number'; readonly path: Path; readonly value: number }
  /** The very text that stands there, in quotes. */
  | { readonly kind: 'quote'; readonly path: Path }
