import type { Manifest } from '../manifest/manifest.js'
import type { Outcome } from '../pipeline/request.js'
import type { Status } from '../pipeline/status.js'
import type { MoveRequest } from '../stages/apply.js'
import type { RolloutPlan } from '../stages/plans.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'

/**
 * What the commands say of one document, with the texts of all open documents in place of what the disk has. Nothing is
 * written. Each may throw what a command throws that cannot read or be run.
 */
export type Snapshot = {
  /** The document as a file of the run; absent where it cannot hold a Service. */
  readonly file?: SourceFile
  /** As `validate FILE` says, each finding that can be fixed with the edits of its fix. */
  readonly validate: () => Promise<Outcome>
  /** As `validate --fix FILE` says. */
  readonly fix: () => Promise<Outcome>
  /** What a move of the Service in a line, counted from 1, would write with `--write`; absent where it would write nothing. */
  readonly move: (move: MoveRequest, line: number, more?: { readonly isSpelled: true }) => Promise<Outcome | undefined>
  /** As `status FILE` says, with the history of the traffic. */
  readonly status: () => Promise<Status>
  /** What Git knows of the file, and of what kustomize builds from it, by `path`. */
  readonly histories: () => Promise<ReadonlyMap<string, FileHistory>>
  readonly planFor: (manifest: Manifest) => RolloutPlan
  /** The URI of a file of the run; undefined where it is none. */
  readonly uriOf: (path: string) => string | undefined
  /** The time in seconds since 1970. */
  readonly now: () => number
}

/** What an editor has open, and where. */
export type Desk = {
  /** The texts of the open documents by their URIs. */
  readonly texts: ReadonlyMap<string, string>
  /** The URIs of the folders that are open. */
  readonly folders: readonly string[]
}

/** How documents are looked at. */
export type Repository = {
  readonly open: (uri: string, desk: Desk) => Promise<Snapshot>
  /** Forgets what was read of the disk, which has changed. */
  readonly forget: () => void
}
