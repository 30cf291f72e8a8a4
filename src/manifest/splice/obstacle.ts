import type { RefusalRow } from '../../codes/code.js'
import type { Path } from '../../text/path.js'
import type { Range } from '../../text/range.js'

/** What can stand in the way of an exact edit: one row a code. */
export const obstacles = {
  KN411: {
    name: 'edit-alias',
    title: 'an alias or a merge key stands where the edit must go',
    why: () =>
      'What would have to be edited is written somewhere else and only repeated here. An edit there might change more than was asked for, so none is made: write the value out where it is used.',
  },
  KN412: {
    name: 'edit-anchor',
    title: 'what must be edited is shared through an anchor',
    why: () =>
      'An anchor lets other places of the file repeat this very text, and they would change along with it. Write the value out where it is repeated, so that an edit here stays here.',
  },
  KN413: {
    name: 'edit-duplicate-key',
    title: 'a key stands twice on the way to what must be edited',
    why: () =>
      'Tools differ on which of two equal keys counts, so an edit of one might change nothing on the cluster. Keep one of them, then run the command again.',
  },
  KN414: {
    name: 'edit-layout',
    title: 'the layout leaves no exact place for the edit',
    why: () =>
      'The edit could not be put in without touching what stands around it. Write `spec.traffic`, or the `resources` of a kustomization, as a plain block list, then run the command again.',
  },
  KN415: {
    name: 'unreadable-traffic',
    title: '`spec.traffic` cannot be read',
    why: () =>
      'A stage starts from the traffic as it is, and here it cannot be told what that is. See what `kn-rollout validate` says about the file and mend that first.',
  },
  KN416: {
    name: 'edit-not-proved',
    title: 'the edit could not be proved',
    why: () =>
      'Each edit is read again before it is shown, and this one did not come out as exactly what was wanted with all else unchanged. Nothing is written; a plain block list always works.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>

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
