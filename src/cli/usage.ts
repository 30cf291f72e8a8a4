/** What the user typed cannot be run as it is. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
