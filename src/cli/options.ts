import type { Argv, Options } from 'yargs'

import { formatNames } from '../report/formats.js'
import { profileNames } from '../manifest/profile.js'

/** What `--config` takes. */
export const configurationOption = {
  // `--no-config` gives false, a second one a list.
  type: 'string',
  requiresArg: true,
  coerce: (value: unknown): unknown => value,
  describe: 'the configuration, --no-config for none (default: .kn-rollout.yaml here or above, in the repository)',
} as const

/** What `--cluster` takes. */
export const clusterOption = {
  type: 'string',
  requiresArg: true,
  describe:
    'the ConfigMaps config-defaults and config-features of the cluster, as `kubectl get cm -o yaml` printed them',
} as const

/** The option that names the configuration. */
export function configOption<T>(yargs: Argv<T>) {
  return yargs.option('config', configurationOption)
}

/** What `--live` takes. */
export const liveOption = {
  type: 'string',
  requiresArg: true,
  describe:
    'what `kubectl get ksvc,revisions -o yaml` printed: shows revisions that are not ready, and where the cluster differs',
} as const

/** What `--domain` takes. */
export const domainOption = {
  type: 'string',
  requiresArg: true,
  describe: 'domain of the cluster, for the URLs (default: `domain` of the configuration, or example.com)',
} as const

/** What `--url-template` takes. */
export const urlTemplateOption = {
  type: 'string',
  requiresArg: true,
  describe:
    'domain-template of the cluster, for the URLs (default: `urlTemplate` of the configuration, or {{.Name}}.{{.Namespace}}.{{.Domain}})',
} as const

/** The words that say which files a command is about. */
export function pathOption<T>(yargs: Argv<T>) {
  return yargs.positional('path', {
    describe: 'Files, directories, globs or names of Services; `-` reads stdin',
    type: 'string',
    array: true,
    default: [],
    defaultDescription: 'the working directory',
  })
}

/** The words that say which Services a command is about. */
export function serviceOptions<T>(yargs: Argv<T>) {
  return pathOption(yargs)
    .option('service', {
      alias: 's',
      type: 'string',
      nargs: 1,
      array: true,
      describe: '[NAMESPACE/]NAME of a Service, may hold * and be repeated',
    })
    .option('namespace', {
      alias: 'n',
      type: 'string',
      requiresArg: true,
      describe: 'Only Services of this namespace',
    })
}

/** The options that every command with files has. `--help` lists options as they are added: a command's own come first. */
function fileOptions<T>(yargs: Argv<T>) {
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
    .option('config', configurationOption)
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

/** What `--kustomize` is. */
export const kustomizeOption = {
  type: 'boolean',
  default: false,
  describe: 'have the installed kustomize, or kubectl, build roots of local files as well; what it builds counts',
} as const

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
    .option('kustomize', kustomizeOption)
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
      describe:
        'the branch or commit that the change goes into; its merge base with the head is the base (`empty`: there was nothing before)',
    })
    .option('head', {
      type: 'string',
      requiresArg: true,
      describe: 'the commit to judge (default: the working tree)',
    })
    .option('kustomize', kustomizeOption)
    .option('live', liveOption)
  return fileOptions(own)
    .hide('changed-since')
    .example('$0 --since origin/main', 'judge what this branch changes')
    .example('$0 --since origin/main apps/shop', 'judge all of a folder, changed or not')
}

export type CheckOptions = Awaited<ReturnType<typeof checkOptions>['argv']>

/** How commands report that are about no files. */
export const onStdout = {
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
    .positional('code', {
      describe: 'a code such as KN301, or its name; all of them are listed without',
      type: 'string',
    })
    .option('format', onStdout)
    .example('$0 KN301', 'what is behind a finding, with examples')
}

export type ExplainOptions = Awaited<ReturnType<typeof explainOptions>['argv']>

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
}

/** The options of every command that changes files. */
export function editOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('all', { type: 'boolean', default: false, describe: 'move every Service that is found' })
    .option('write', {
      alias: 'w',
      type: 'boolean',
      default: false,
      describe: 'write the files instead of printing a patch',
    })
    .option('write-defaults', {
      type: 'boolean',
      default: false,
      describe: 'write out the defaults that a revision name of your own needs for later commits',
    })
    .option('spell', { type: 'boolean', default: false, describe: 'the former name of --write-defaults' })
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
    .option('init', {
      type: 'boolean',
      default: false,
      describe: 'with --overlay: give the overlay a patch, and an image entry, of its own where it has none',
    })
    .option('force', {
      type: 'boolean',
      default: false,
      describe:
        'write also where a Service has errors of its own, another controller owns its traffic, or a snapshot shows a target as not ready',
    })
    .option('live', liveOption)
    .option('domain', domainOption)
    .option('url-template', urlTemplateOption)
  return fileOptions(own).hide('spell')
}

export type EditOptions = Awaited<ReturnType<typeof editOptions>['argv']>

/** The options of every command that moves a rollout. */
export function changeOptions<T>(yargs: Argv<T>) {
  return editOptions(roleOptions(yargs))
}

/** An option as a command declares it. */
export type RecordedOption = {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  readonly choices: readonly string[]
  readonly takesValue: boolean
  /** Whether it can be given more than once. */
  readonly isList: boolean
}

/** What a command declares, word by word. */
type Declarations = {
  readonly options: ReadonlyMap<string, Options>
  readonly positionals: ReadonlyMap<string, Options>
  /** What it says besides of how its words are read, by the name of the method. */
  readonly others: ReadonlySet<string>
  readonly hidden: ReadonlySet<string>
}

/** Methods that only say something for people. */
const unread = new Set(['example', 'epilogue', 'hide'])

/** What a command declares, without yargs: that would parse and format for longer than a shell should wait. */
export function declarationsOf(declare: (yargs: Argv) => unknown): Declarations {
  const [options, positionals] = [new Map<string, Options>(), new Map<string, Options>()]
  const [others, hidden] = [new Set<string>(), new Set<string>()]
  const recorder: Argv = new Proxy({} as Argv, {
    get:
      (_, method) =>
      (name: unknown, declared: unknown): Argv => {
        if (method === 'option') options.set(String(name), declared as Options)
        else if (method === 'positional') positionals.set(String(name), declared as Options)
        else if (!unread.has(String(method))) others.add(String(method))
        if (method === 'hide') hidden.add(String(name))
        return recorder
      },
  })
  declare(recorder)
  return { options, positionals, others, hidden }
}

/** The options that a command declares and shows. */
export function recordedOptions(declare: (yargs: Argv) => unknown): readonly RecordedOption[] {
  const { options, hidden } = declarationsOf(declare)
  return [...options].filter(([name]) => !hidden.has(name)).map(([name, declared]) => recorded(name, declared))
}

function recorded(name: string, { alias, describe, type, choices, array, coerce }: Options): RecordedOption {
  return {
    name,
    ...(typeof alias === 'string' && { alias }),
    summary: describe ?? '',
    choices: Array.isArray(choices) ? choices.map(String) : [],
    takesValue: type !== 'boolean',
    isList: array === true || (coerce !== undefined && name === 'output'),
  }
}
