/** Leaves out what was not given, so that an absent member and an undefined one are the same. */
export function given<T extends object>(members: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(members)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
