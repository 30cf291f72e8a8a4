/** One file as it was read: every byte of it, a byte order mark and its line ends included, decoded from UTF-8. */
export type SourceFile = {
  /** How users name the file: relative to the working directory, with `/` between folders. */
  readonly path: string
  /** The name in patches, relative to the root of the repository; `path` where there is none. */
  readonly patchPath?: string
  readonly text: string
  /** Set where a kustomization names the file as a patch: what is not in it stands elsewhere. */
  readonly isPatch?: true
}
