/** What a flag says, or why its form is wrong: one line that says what is allowed. */
export type Read<T> = T | { readonly fault: string }

/** `KEY=VALUE` words as pairs, the value with everything behind the first `=`. A key is given once, or may be repeated. */
export function entries(
  flag: string,
  words: readonly string[] = [],
  repetition: 'once' | 'repeatable' = 'once',
): Read<readonly (readonly [key: string, value: string])[]> {
  const pairs: (readonly [string, string])[] = []
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 1) return { fault: `--${flag} must be KEY=VALUE, but is \`${word}\`` }
    const key = word.slice(0, equals)
    if (repetition === 'once' && pairs.some(([other]) => other === key))
      return { fault: `--${flag} must be given once for each key, but twice for \`${key}\`` }
    pairs.push([key, word.slice(equals + 1)])
  }
  return pairs
}

/** `cpu=100m,memory=256Mi`, in one word or in several. */
export function resources(flag: string, words: readonly string[] = []): Read<readonly (readonly [string, string])[]> {
  const parts = words.flatMap((word) => word.split(','))
  const wrong = parts.find((part) => !/^[^=]+=./.test(part))
  if (wrong !== undefined) return { fault: `--${flag} must be as cpu=100m,memory=256Mi, but has \`${wrong}\`` }
  return entries(flag, parts)
}

/** A number without a fraction. Whether it is too small or too large is not judged here. */
export function wholeNumber(flag: string, text: string | undefined, unit: string): Read<number | undefined> {
  if (text === undefined) return undefined
  return /^-?\d+$/.test(text)
    ? Number(text)
    : { fault: `--${flag} must be a whole number of ${unit}, but is \`${text}\`` }
}

/** A number that goes into an annotation, where it is a text. */
export function counted(flag: string, text: string | undefined): Read<string | undefined> {
  if (text === undefined || /^-?\d+(?:\.\d+)?$/.test(text)) return text
  return { fault: `--${flag} must be a number, but is \`${text}\`` }
}

/** `5` for both bounds, `1..5`, `1..` or `..5`. */
export function scaleRange(text: string | undefined): Read<{ readonly min?: string; readonly max?: string }> {
  if (text === undefined) return {}
  const match = /^(\d+)?(\.\.)?(\d+)?$/.exec(text)
  const [, first, dots, second] = match ?? []
  if (first !== undefined && dots === undefined && second === undefined) return { min: first, max: first }
  if (dots === undefined || (first === undefined && second === undefined))
    return { fault: `--scale must be N, N..M, N.. or ..M, but is \`${text}\`` }
  return { ...(first !== undefined && { min: first }), ...(second !== undefined && { max: second }) }
}

/** What a word stands for in a table, if it is in there. */
export function oneOf<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}
