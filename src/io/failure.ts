/** What the outside world got in the way with: a missing file, a full disk. Its message is for users and names the file. */
export class IoFailure extends Error {
  override readonly name = 'IoFailure'

  constructor(
    message: string,
    /** `usage` where the user named something that is not there. */
    readonly kind: 'usage' | 'io' = 'io',
  ) {
    super(message)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EBUSY: 'another program has it open',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  EEXIST: 'the file exists already',
  EFBIG: 'the file would be too large',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  E2BIG: 'there are too many arguments',
}

/** The system's reason in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  if (code !== undefined) return reasons[code] ?? code
  return error instanceof Error ? error.message : String(error)
}

/** Whether the system says that a place is empty: nothing of that name, or no folder where one would have to be. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

/** The system's short name of an error: `ENOENT`. Undefined for an error that is not the system's. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
