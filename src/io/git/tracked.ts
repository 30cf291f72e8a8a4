/** What the index holds under one name. */
export type Tracked = {
  /** As the repository names it; see `textOf` for one that is no UTF-8. */
  readonly name: string
  /** Six octal digits, as in a tree. */
  readonly mode: string
  readonly id: string
  /** Set where the work tree need not have it: it is outside the sparse checkout. */
  readonly isSkipped?: true
}

/** The mode of a submodule, of a link, and of what is not there. */
export const modes = { submodule: '160000', link: '120000', absent: '000000' } as const

/** The words of Git for all that the index holds, with what a sparse checkout leaves out. The disk is not looked at. */
export const listTracked = ['ls-files', '-z', '-t', '--stage'] as const

/** Takes the answer to `listTracked` apart: `<tag> <mode> <id> <stage>`, a tab, the name. A conflict is in it once. */
export function trackedIn(parts: readonly string[]): readonly Tracked[] {
  const found = new Map<string, Tracked>()
  for (const part of parts) {
    const tab = part.indexOf('\t')
    const [tag, mode = '', id = ''] = part.slice(0, tab).split(' ')
    const name = part.slice(tab + 1)
    found.set(name, { name, mode, id, ...(tag === 'S' && { isSkipped: true }) })
  }
  return [...found.values()]
}

/** Whether an entry is no file that is checked out, by its tag and its mode. */
export function isUnusual(output: Buffer, from: number): boolean {
  return output[from] !== 0x48 || output[from + 3] !== 0x30
}
