import { applyStage, type StageRequest } from './apply-stage.js'
import type { Move } from './move.js'
import { release, type ReleaseRequest } from './release.js'

/** What is asked of the Services, as plain data: the command, and its own options. */
export type MoveRequest =
  | ({ readonly command: 'apply' } & StageRequest)
  | ({ readonly command: 'release' } & ReleaseRequest)

/** The move that a request means. To add a command: a file beside this one, and a row here. */
export function moveOf(request: MoveRequest): Move {
  return request.command === 'apply' ? applyStage(request) : release(request)
}
