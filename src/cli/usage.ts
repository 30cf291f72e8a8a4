/** What the user typed cannot be run as it is. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What yargs has to say of the command line, in its own words. */
export class Unparsed extends Error {
  override readonly name = 'Unparsed'
}

/** yargs makes a list of a flag that is given twice. */
export function refuseRepeated(flag: string, value: unknown): void {
  if (Array.isArray(value)) throw new UsageError(`--${flag} must be given once`)
}
