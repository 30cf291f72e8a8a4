import { printable } from './printable.js'

/**
 * One word of a shell command, quoted where bash or zsh would read it otherwise. It is the same text for every program
 * that gets it, on one line that a report shows as it is.
 */
export function shellWord(text: string): string {
  return isPlainWord(text) ? text : inQuotes(text)
}

/** Whether every shell takes the text for one word as it is. zsh takes what follows a `=` for the name of a program. */
export function isPlainWord(text: string): boolean {
  return /^(?!=)[\w@%+=:,./-]+$/.test(text)
}

/** The text in quotes, between which a shell takes every character for itself. */
export function inQuotes(text: string): string {
  // A report would spell these, or end its own quotes with them, and then the word would be another one.
  if (printable(text) === text && !text.includes('`')) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  const spelled = Array.from(text, (character) => (isLiteral(character) ? character : bytesOf(character)))
  return `$'${spelled.join('')}'`
}

/** A file as an argument: never taken for an option. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith('-') && path !== '-' ? `./${path}` : path)
}

/** An option with its value, as words: a value that begins with a dash is not taken for another option. */
export function optionWords(option: string, value: string): readonly string[] {
  return value.startsWith('-') ? [shellWord(`${option}=${value}`)] : [option, shellWord(value)]
}

/** What stays as it is between `$'` and `'`; an exclamation mark could call up a command from the history of a bash. */
function isLiteral(character: string): boolean {
  return printable(character) === character && !/[\\'`!#]/.test(character)
}

const encoder = new TextEncoder()

/** Bytes, as shells differ in which characters they can name. */
function bytesOf(character: string): string {
  return [...encoder.encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
