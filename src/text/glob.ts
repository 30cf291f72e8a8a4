/**
 * The expression that a pattern means: `*` stands for any run of characters but `/`, `?` for one of them, and `**` for
 * any run at all; a `**` that is a whole folder may stand for none.
 */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/|\*\*|[\\^$.*+?()[\]{}|]/g, (part) => wildcards[part] ?? `\\${part}`)
  return new RegExp(`^${source}$`)
}

const wildcards: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
