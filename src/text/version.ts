/** A file as one commit left it. */
export type FileVersion = {
  /** The full hash. */
  readonly commit: string
  /** The committer's date in seconds since 1970: when it came to this line of history. */
  readonly time: number
  /** As the repository names the file then, with `/` between folders. */
  readonly path: string
  /** Undefined where the commit removed the file, or left what is no text: no UTF-8, too large, a link. */
  readonly text: string | undefined
  /** Set where the commit removed the file. */
  readonly isRemoved?: true
}

/** What became of a file, commit by commit. A file that Git does not know has no versions. */
export type FileHistory = {
  /** Newest first; only commits that changed the file, its name or its mode. */
  readonly versions: readonly FileVersion[]
  /** Whether there were older versions that are not here: behind a shallow clone, a limit, a failure. */
  readonly isCut: boolean
  /** Why Git could not tell (all of) it, in one line of its own words. What rests on it is then not checked. */
  readonly failure?: string
  /** Why there can be no versions at all, where what was read is in no repository. */
  readonly absence?: string
}

/** As `git log --oneline` cites commits, and long enough for people to find them. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7)
}
