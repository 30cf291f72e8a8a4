import type { Path } from '../../text/path.js'
import type { Range } from '../../text/range.js'
import type { SourceFile } from '../../text/source.js'
import type { Json } from '../json.js'

/** A Service as the cluster knows it, and the places in the repository that it comes from: its file, its overlays. */
export type Owned = {
  readonly name: string
  readonly namespace: string | undefined
  readonly places: readonly string[]
}

/** Something in the repository that hands the traffic of Services to another controller than the one that syncs files. */
export type Owner = {
  /** Who it is, as people know it. */
  readonly controller: string
  /** What becomes of an edit of `spec.traffic`. */
  readonly effect: string
  readonly file: SourceFile
  /** Where the file says so. */
  readonly range: Range
  readonly owns: (service: Owned) => boolean
}

/** Finds what one kind of controller owns in one object of a file. */
export type OwnerKind = {
  /** What every file with such an object spells: a text without it is never parsed. */
  readonly sign: string
  readonly claims: (value: Json) => readonly Claim[]
}

/** What an object says about Services, before its file is known. */
export type Claim = Pick<Owner, 'controller' | 'effect' | 'owns'> & {
  /** The field that says so. */
  readonly path: Path
}

/** Whether two namespaces can be one: what names none is applied to whichever. */
export function mayShare(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined || a === b
}
