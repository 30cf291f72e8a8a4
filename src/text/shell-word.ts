/** One word of a shell command, quoted where a shell would read it otherwise. */
export function shellWord(text: string): string {
  if (isPlainWord(text)) return text
  if (!/\p{Cc}/u.test(text)) return inQuotes(text)
  const spelled = text.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(/\p{Cc}/gu, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `$'${spelled}'`
}

/** Whether every shell takes the text for one word as it is. */
export function isPlainWord(text: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(text)
}

/** The text in quotes, between which a POSIX shell takes every character for itself. */
export function inQuotes(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** A file as an argument: never taken for an option. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith('-') && path !== '-' ? `./${path}` : path)
}
