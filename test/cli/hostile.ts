// Texts that a stranger may put wherever a repository takes text, and what no report may do with them. The characters are
// named here by their numbers, apart from how the program names them.
import * as assert from 'uvu/assert'

/** The characters that act in place of being seen, from and to, but for line ends and tabs. */
const acting: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
]

export const attacks: readonly string[] = [
  '\u001B]8;;http://evil.example\u0007click\u001B]8;;\u0007',
  '\u001B[2J\u001B[1;1Hall fine\u009B31m',
  'a\rb.yaml:1:1: error: forged [KN301 traffic-sum]',
  'access\u202E\u2066 level\u2069 \u200B\u200D\u2060x',
  `tags \u{E0041}\u{E0042}\u{E007F} \u{1D173}\u3164\uFFA0\u00AD\uFEFF`,
  'line\u2028::error::two\u2029::error::three\u0085::error::four',
  '::error file=x::pwned',
  '##vso[task.setvariable variable=x]y ##teamcity[x]',
  'x ##[error]pwned ##[group]x',
  '\u00A0 ::add-mask::e',
  '\n::stop-commands::x\n##[debug]x',
  '@someone fixes #1 GH-1 !1 owner/repo#1',
  '<img src=x onerror=alert(1)></details><!--',
  '`@someone` `` ``` | a | \\| ~~~',
  '[here](http://evil.example) \\[b](1) {0} {{1}}',
  '$(touch pwned) `touch pwned` ; touch pwned',
  ']]> &amp; &#27; \uFFFE',
]

/** Fails where a text that a report shows has something in it that acts, or a line that a runner obeys. */
export function assertQuiet(text: string, about: string, isOurs: (line: string) => boolean = () => false): void {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (acting.some(([from, to]) => code >= from && code <= to))
      assert.unreachable(`${about} has U+${code.toString(16)}: ${JSON.stringify(text)}`)
  }
  for (const line of text.split(/\r\n|[\n\r]/)) {
    if (isOurs(line)) continue
    assert.not.match(line, /^\s*::/, about)
    assert.not.match(line, /##\w*\[/, about)
  }
}

/** The text as a file name, as far as there can be such a name. */
export function asName(text: string): string {
  const possible = Array.from(text, (character) => (/[/\0\uD800-\uDFFF]/u.test(character) ? '_' : character))
  let size = 0
  return possible.filter((character) => (size += Buffer.byteLength(character)) <= 200).join('')
}

/** The text as it can stand in a comment: one line of what YAML allows. */
export function asComment(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001F\u007F-\u0084\u0086-\u009F\u2028\u2029\u0085\uFEFF\uFFFE\uFFFF\uD800-\uDFFF]/g,
    '_',
  )
}

/**
 * The commands that the runner would obey, in their order.
 *
 * Source: actions/runner ActionCommand.TryParseV2, TryParse and ActionCommandManager.TryProcessCommand.
 */
export function obeyed(log: string): readonly string[] {
  const found: string[] = []
  let token: string | undefined
  for (const line of log.split(/\r\n|[\n\r]/)) {
    const [, name = '', data = ''] =
      /^\s*::([^: ]+)[^:]*::(.*)$/.exec(line) ?? /##\[([^\] ]+)[^\]]*\](.*)$/.exec(line) ?? []
    if (name === '') continue
    if (token !== undefined) token = name === token ? undefined : token
    else if (name === 'stop-commands') token = data
    else found.push(name)
  }
  assert.is(token, undefined, 'commands are obeyed again in the end')
  return found
}
