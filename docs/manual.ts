// The manual page, from the tables that `--help` and the completion of shells read.
import { type Command, commands } from '../src/cli/commands.js'
import { declarationsOf, type RecordedOption, recordedOptions } from '../src/cli/options.js'
import { about, groups } from '../src/cli/parse-words.js'
import { version } from '../src/cli/version.js'

/** The whole page, for `man`. */
export function manual(): string {
  const lines = [
    `.\\" Written by \`npm run docs\`.`,
    `.TH KN\\-ROLLOUT 1 "" "kn\\-rollout ${version}" "User Commands"`,
    '.SH NAME',
    `kn\\-rollout \\- ${text(about.purpose.replace(/^M/, 'm'))}`,
    '.SH SYNOPSIS',
    '.B kn\\-rollout',
    '.I command',
    '[\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    text('Edits and validates manifests of Knative Services in a Git repository. It reads and writes files only.'),
    text('The diff and the reports go to stdout, messages go to stderr. Without `--write`, no file changes.'),
    '.PP',
    text(about.plugin),
    '.SH COMMANDS',
    ...Object.entries(commands).flatMap(command),
    '.SH EXIT STATUS',
    ...about.exitCodes
      .replace(/^Exit codes: |\.$/g, '')
      .split(/, (?=\d)/)
      .flatMap((one) => ['.TP', `.B ${one.slice(0, 1)}`, text(one.slice(2))]),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, what]) => ['.TP', `.B ${name}`, text(what)]),
    '.SH FILES',
    '.TP',
    '.I .kn\\-rollout.yaml',
    text(
      'Plans, severities and URLs of a repository: the nearest one, from the working directory up to the repository root.',
    ),
    '.SH SEE ALSO',
    '.BR git (1),',
    '.BR kn (1),',
    '.BR kubectl (1)',
  ]
  return `${lines.join('\n')}\n`
}

const environment: readonly (readonly [name: string, what: string])[] = [
  ['NO_COLOR', 'If set, no output is colored.'],
  ['FORCE_COLOR', 'If set, output is colored also if it is no terminal.'],
  ['KN_ROLLOUT_NOW', 'The time to use, in seconds since 1970, for runs that can be repeated.'],
]

function command([name, { positionals, summary, options }]: readonly [string, Command]): readonly string[] {
  const declared = declarationsOf(options)
  const shown = recordedOptions(options)
  const known = new Set(Object.values(groups).flat())
  const ordered = [
    ...Object.values(groups).flatMap((names) => shown.filter((one) => names.includes(one.name))),
    ...shown.filter((one) => !known.has(one.name)),
  ]
  return [
    `.SS ${text(`${name} ${positionals}`.trim())}`,
    text(summary),
    ...[...declared.positionals].flatMap(([positional, { describe = '', choices }]) => [
      '.TP',
      `.I ${text(positional)}`,
      text(`${describe}${choiceText(choices)}`),
    ]),
    ...ordered.flatMap(option),
    ...(declared.examples.length > 0 ? ['.PP', 'Examples:'] : []),
    ...declared.examples.flatMap(({ line, what }) => [
      '.PP',
      '.RS',
      '.nf',
      text(line.replaceAll('$0', `kn-rollout ${name}`)),
      '.fi',
      text(what),
      '.RE',
    ]),
  ]
}

function option({ name, alias, summary, takesValue, choices }: RecordedOption): readonly string[] {
  const flags = [...(alias === undefined ? [] : [`-${alias}`]), `--${name}`].map((flag) => `\\fB${text(flag)}\\fR`)
  const value = takesValue ? ` \\fI${text(name.toUpperCase())}\\fR` : ''
  return ['.TP', `${flags.join(', ')}${value}`, text(`${summary}${choiceText(choices)}`)]
}

function choiceText(choices: unknown): string {
  return Array.isArray(choices) && choices.length > 0 ? ` (${choices.join(', ')})` : ''
}

/** Text for troff, on one line: what it quotes is bold, and nothing in it is a request. */
function text(plain: string): string {
  const escaped = plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(
      /[^\u0020-\u007E]/gu,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll(/`([^`]*)`/g, '\\fB$1\\fR')
  return escaped.replace(/^(?=[.'])/, '\\&')
}
