// Texts that a stranger may put wherever a repository takes text, and what no report may do with them. The characters are
// named here by their numbers, apart from how the program names them.
import * as assert from 'uvu/assert'

/** A character that acts in place of being seen, but for line ends and tabs. */
const acting =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202F\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}\uD800-\uDFFF]/u
/** A space like any other, in the middle of those that are not. */
const narrowSpace = /\u202F/g

export const attacks: readonly string[] = [
  '\u001B]8;;http://evil.example\u0007click\u001B]8;;\u0007',
  '\u001B[2J\u001B[1;1Hall fine\u009B31m',
  'a\rb.yaml:1:1: error: forged [KN301]',
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
  const found = acting.exec(text.replaceAll(narrowSpace, ' '))
  if (found) assert.unreachable(`${about} has U+${found[0].codePointAt(0)?.toString(16)}: ${JSON.stringify(text)}`)
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
