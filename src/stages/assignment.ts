/** `NAME=VALUE`, or `NAME-` for a value that is to go: how `kn` and `kubectl` write it. */
export type Assignment = { readonly name: string; readonly value: string | undefined }

/** Reads an assignment; undefined where it is none. A value may hold further `=`. */
export function parseAssignment(text: string): Assignment | undefined {
  const equals = text.indexOf('=')
  if (equals > 0) return { name: text.slice(0, equals), value: text.slice(equals + 1) }
  if (equals === 0 || !/^[^\s]+-$/.test(text)) return undefined
  return { name: text.slice(0, -1), value: undefined }
}

/** The first name that is assigned twice. */
export function assignedTwice(assignments: readonly Assignment[]): string | undefined {
  const names = assignments.map(({ name }) => name)
  return names.find((name, index) => names.indexOf(name) < index)
}
