/**
 * The text as a YAML 1.1 reader sees its lines: a lone carriage return and the line separators of Unicode end a line,
 * too. Every offset stays what it was.
 *
 * Source: go-yaml v2, yamlprivateh.go is_break.
 */
export function withPlainBreaks(text: string): string {
  return /\r(?!\n)|[\u0085\u2028\u2029]/.test(text) ? text.replaceAll(/\r(?!\n)|[\u0085\u2028\u2029]/g, '\n') : text
}

/** The offset of the first character that no YAML may hold (readerc.go: "control characters are not allowed"), or -1. */
export function controlCharacter(text: string): number {
  return text.search(/[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/)
}
