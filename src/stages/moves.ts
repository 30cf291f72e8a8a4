import { applyStage, type StageRequest } from './apply-stage.js'
import type { Move } from './move.js'
import { nextStage, type NextRequest } from './next-stage.js'
import { setTraffic, type SetRequest } from './set.js'
import { release, type ReleaseRequest } from './release.js'

/** What is asked of the Services, as plain data: the command, and its own options. */
export type MoveRequest =
  | ({ readonly command: 'apply' } & StageRequest)
  | ({ readonly command: 'next' } & NextRequest)
  | ({ readonly command: 'set' } & SetRequest)
  | ({ readonly command: 'release' } & ReleaseRequest)

/** The move that a request means. To add a command: a file beside this one, and a row here. */
export function moveOf(request: MoveRequest): Move {
  if (request.command === 'next') return nextStage(request)
  if (request.command === 'release') return release(request)
  return request.command === 'set' ? setTraffic(request) : applyStage(request)
}
