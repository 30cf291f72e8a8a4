/** What the user typed cannot be run as it is. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** yargs makes a list of a flag that is given twice. */
export function refuseRepeated(flag: string, value: unknown): void {
  if (Array.isArray(value)) throw new UsageError(`--${flag} must be given once`)
}

/** Leaves out what was not given, so that an absent flag and an undefined one are the same. */
export function given<T extends object>(flags: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(flags)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
