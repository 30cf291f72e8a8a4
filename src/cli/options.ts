import type { Argv } from 'yargs'

import { formatNames } from '../report/table.js'
import { profileNames } from '../rules/profiles.js'
import { clusterOption, configOption, configuration, serviceOptions } from './shared-options.js'

/** The options that every command with files has. `--help` lists options as they are added: a command's own come first. */
export function fileOptions<T>(yargs: Argv<T>) {
  return serviceOptions(yargs)
    .option('format', {
      type: 'string',
      nargs: 1,
      array: true,
      choices: formatNames,
      describe: 'how to report (default: text); repeated for several reports',
    })
    .option('output', {
      type: 'string',
      nargs: 1,
      // An `array` of yargs would not take the value `-`.
      coerce: (value: string | readonly string[]): readonly string[] => [value].flat(),
      describe: 'the file of the report, - for stdout; the n-th belongs to the n-th --format',
    })
    .option('profile', {
      type: 'string',
      nargs: 1,
      choices: profileNames,
      describe: 'whose rules judge (default: each Service tells by its keys)',
    })
    .option('schema', {
      type: 'string',
      requiresArg: true,
      describe:
        "a JSON schema, or a cluster's own CRD of Knative Services, that judges shapes instead of the built-in one",
    })
    .option('changed-since', {
      type: 'string',
      requiresArg: true,
      describe:
        'a branch, tag or commit: files changed since then come first where a format has limits (github, sarif); all are still judged',
    })
    .option('config', configuration)
    .option('cluster', clusterOption)
    .option('step-summary', {
      type: 'boolean',
      default: false,
      describe: 'append the Markdown report to the summary of a GitHub Actions step as well',
    })
    .option('strict', { type: 'boolean', default: false, describe: 'let warnings fail the run' })
    .option('color', {
      type: 'boolean',
      describe: 'colour the output (default: on a terminal, unless NO_COLOR is set)',
    })
}

/** The options of `validate`. */
export function validateOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('fix', {
      type: 'boolean',
      default: false,
      describe: 'print a patch of what has exactly one right answer, and judge what is left',
    })
    .option('write', { alias: 'w', type: 'boolean', default: false, describe: 'with --fix: write the files instead' })
    .option('check', {
      type: 'boolean',
      default: false,
      describe: 'with --fix: exit with 1 if there is anything to mend',
    })
  return fileOptions(own)
    .example('$0', 'judge every Knative Service of the repository')
    .example('$0 apps/shop.yaml --format json', 'judge one file, report for a program')
    .example('$0 --fix | git apply', 'mend what has one right answer')
    .example(
      '$0 --format github --format sarif --output - --output kn-rollout.sarif',
      'annotate on GitHub, and write a file for its code scanning',
    )
}

export type ValidateOptions = Awaited<ReturnType<typeof validateOptions>['argv']>

/** The options of `check`. */
export function checkOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('since', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'the branch or commit that the change goes into; its merge base with the head is the base',
    })
    .option('head', {
      type: 'string',
      requiresArg: true,
      describe: 'the commit to judge (default: the working tree)',
    })
  return fileOptions(own)
    .hide('changed-since')
    .example('$0 --since origin/main', 'judge what this branch changes')
    .example('$0 --since origin/main apps/shop', 'judge all of a folder, changed or not')
}

export type CheckOptions = Awaited<ReturnType<typeof checkOptions>['argv']>

/** How commands report that are about no files. */
const onStdout = {
  type: 'string',
  choices: ['text', 'json'],
  default: 'text',
  describe: 'how to report on stdout',
} as const

/** The options of `stages`. */
export function stagesOptions<T>(yargs: Argv<T>) {
  return configOption(yargs)
    .option('format', onStdout)
    .example('$0', 'what each stage does, and the plans that they make')
}

export type StagesOptions = Awaited<ReturnType<typeof stagesOptions>['argv']>

/** The options of `explain`. */
export function explainOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('code', { describe: 'a code such as KN301; all of them are listed without', type: 'string' })
    .option('format', onStdout)
    .example('$0 KN301', 'what is behind a finding, with examples')
}

export type ExplainOptions = Awaited<ReturnType<typeof explainOptions>['argv']>
