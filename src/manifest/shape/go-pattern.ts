/** The classes that Go's patterns have by name, as JavaScript spells them inside of brackets. */
const namedClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: String.raw`\x00-\x7F`,
  blank: String.raw`\t `,
  cntrl: String.raw`\x00-\x1F\x7F`,
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: String.raw`\t\n\v\f\r `,
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

/**
 * A pattern that is written for Go, as the API server takes it, in the words of JavaScript; JavaScript's own stay as they
 * are. Undefined where JavaScript has none.
 */
export function compilePattern(pattern: string): RegExp | undefined {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)([^]*)$/.exec(pattern) ?? []
  const source = rest
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => namedClasses[name] ?? whole)
    .replaceAll(/\\(?:\\|A|z)/g, (escape) => ({ '\\A': '^', '\\z': '$' })[escape] ?? escape)
    .replaceAll('(?P<', '(?<')
  // Without `u` the engine of V8 that takes linear time can step in; with it, `\p{…}` is understood.
  return compiled(source, /\\[pPu]\{/.test(source) ? `${flags}u` : flags) ?? compiled(source, `${flags}u`)
}

function compiled(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags)
  } catch {
    return undefined
  }
}
