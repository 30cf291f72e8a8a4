import type { Argv } from 'yargs'

import { formatNames } from '../report/table.js'
import { profileNames } from '../rules/profiles.js'

/** The option that names the configuration. */
function configOption<T>(yargs: Argv<T>) {
  return yargs.option('config', {
    // `--no-config` gives false, a second one a list.
    type: 'string',
    requiresArg: true,
    coerce: (value: unknown): unknown => value,
    describe: 'the configuration, --no-config for none (default: .kn-rollout.yaml here or above, in the repository)',
  })
}

/** The options that every command with files has. */
function fileOptions<T>(yargs: Argv<T>) {
  return configOption(yargs)
    .positional('path', {
      describe: 'files, folders or globs; - is the standard input',
      type: 'string',
      array: true,
      default: [],
      defaultDescription: 'the working directory',
    })
    .option('service', {
      alias: 's',
      type: 'string',
      nargs: 1,
      array: true,
      describe: '[NAMESPACE/]NAME of a Service, may hold * and be repeated',
    })
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
    .option('strict', { type: 'boolean', default: false, describe: 'let warnings fail the run' })
    .option('color', {
      type: 'boolean',
      describe: 'colour the output (default: on a terminal, unless NO_COLOR is set)',
    })
}

/** The options that say which revision is which. */
function roleOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('stable', {
      type: 'string',
      requiresArg: true,
      describe: 'the revision that serves today; {{.Service}} stands for the name',
    })
    .option('candidate', {
      type: 'string',
      requiresArg: true,
      describe: 'the revision being rolled out; both may be @latest, @current, @candidate, @previous',
    })
    .option('tag', { type: 'string', requiresArg: true, describe: "the name of the candidate's own route" })
    .option('live', {
      type: 'string',
      requiresArg: true,
      describe: 'what `kubectl get ksvc -o yaml` printed: tells revisions that files and Git leave open',
    })
}

/** The options of every command that changes traffic. */
function changeOptions<T>(yargs: Argv<T>) {
  return roleOptions(fileOptions(yargs))
    .option('all', { type: 'boolean', default: false, describe: 'move every Service that is found' })
    .option('write', {
      alias: 'w',
      type: 'boolean',
      default: false,
      describe: 'write the files instead of printing a patch',
    })
    .option('check', { type: 'boolean', default: false, describe: 'exit with 1 if there is anything to change' })
    .option('overlay', {
      type: 'string',
      requiresArg: true,
      describe: 'a folder with a kustomization: edit the file that decides on the traffic of its Services',
    })
    .option('shared', {
      type: 'boolean',
      default: false,
      describe: 'with --overlay: edit also what decides for other overlays',
    })
    .option('force', {
      type: 'boolean',
      default: false,
      describe: 'write also where a Service has errors of its own, or another controller owns its traffic',
    })
}

export type ChangeOptions = Awaited<ReturnType<typeof changeOptions>['argv']>

/** The options of `apply`. */
export function applyOptions<T>(yargs: Argv<T>) {
  return changeOptions(yargs)
    .positional('stage', {
      describe: 'pin, preview, split, promote, retire, rollback, or a stage of a plan',
      type: 'string',
      demandOption: true,
    })
    .option('percent', { type: 'string', requiresArg: true, describe: "the candidate's share in a split, 1 to 99" })
    .example('$0 pin shop.yaml --stable shop-00001', 'tie all traffic to the first revision')
    .example('$0 preview shop.yaml --candidate shop-00002 --tag v2', 'give the second one a route of its own')
    .example('$0 split shop.yaml --percent 10 | git apply', 'send it 10 % of the traffic')
    .example('$0 split --overlay overlays/prod', 'move one environment, in whichever file decides for it')
    .example("$0 promote --all --candidate '{{.Service}}-00002' --write", 'move every Service at once')
}

export type ApplyOptions = Awaited<ReturnType<typeof applyOptions>['argv']>

/** The options of `validate`. */
export function validateOptions<T>(yargs: Argv<T>) {
  return fileOptions(yargs)
    .example('$0', 'judge every Knative Service of the repository')
    .example('$0 apps/shop.yaml --format json', 'judge one file, report for a program')
    .example(
      '$0 --format github --format sarif --output - --output kn-rollout.sarif',
      'annotate on GitHub, and write a file for its code scanning',
    )
}

export type ValidateOptions = Awaited<ReturnType<typeof validateOptions>['argv']>

/** The options of `stages`. */
export function stagesOptions<T>(yargs: Argv<T>) {
  return configOption(yargs)
    .option('format', {
      type: 'string',
      choices: ['text', 'json'] as const,
      default: 'text',
      describe: 'how to report on stdout',
    })
    .example('$0', 'what each stage does, and the plans that they make')
}

export type StagesOptions = Awaited<ReturnType<typeof stagesOptions>['argv']>

/** The options of `explain`. */
export function explainOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('code', { describe: 'a code such as KN301; all of them are listed without', type: 'string' })
    .option('format', {
      type: 'string',
      choices: ['text', 'json'] as const,
      default: 'text',
      describe: 'how to report on stdout',
    })
    .example('$0 KN301', 'what is behind a finding, with examples')
}

export type ExplainOptions = Awaited<ReturnType<typeof explainOptions>['argv']>
