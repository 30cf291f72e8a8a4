import type { Path } from '../../text/path.js'
import type { Range } from '../../text/range.js'

/** What can stand in the way of an exact edit: one row a code. */
export const obstacles = {
  KN411: 'an alias or a merge key stands where the edit must go',
  KN412: 'what must be edited is shared through an anchor',
  KN413: 'a key stands twice on the way to what must be edited',
  KN414: 'the layout leaves no exact place for the edit',
  KN415: '`spec.traffic` cannot be read',
  KN416: 'the edit could not be proved',
} as const

export type ObstacleCode = keyof typeof obstacles

/** Why a manifest cannot be edited exactly, where that shows, and what to do about it. */
export type Obstacle = {
  readonly code: ObstacleCode
  readonly message: string
  readonly help: string
  readonly range: Range
  /** The field that could not be edited, where it is not `spec.traffic`. */
  readonly path?: Path
}
