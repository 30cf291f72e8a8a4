import type { Argv, Options } from 'yargs'

import { formatNames } from '../report/formats.js'
import { profileNames } from '../manifest/profile.js'

/** What `--config` takes. */
export const configurationOption = {
  // `--no-config` gives false, a second one a list.
  type: 'string',
  requiresArg: true,
  coerce: (value: unknown): unknown => value,
  describe: 'Configuration file, --no-config for none (default: .kn-rollout.yaml here or above, in the repository)',
} as const

/** What `--cluster` takes. */
export const clusterOption = {
  type: 'string',
  requiresArg: true,
  describe: 'ConfigMaps config-defaults and config-features of the cluster (`kubectl get cm -o yaml`)',
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
    'Snapshot (`kubectl get ksvc,revisions -o yaml`): shows revisions that are not ready, and where the cluster differs',
} as const

/** What `--domain` takes. */
export const domainOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Domain of the cluster, for the URLs (default: `domain` of the configuration, or example.com)',
} as const

/** What `--url-template` takes. */
export const urlTemplateOption = {
  type: 'string',
  requiresArg: true,
  describe:
    'Domain template of the cluster, for the URLs (default: `urlTemplate` of the configuration, or {{.Name}}.{{.Namespace}}.{{.Domain}})',
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

/** What `--color` takes. */
export const colorOption = {
  type: 'boolean',
  describe: 'Color the output (default: on a terminal, unless NO_COLOR is set)',
} as const

/** What `--service` takes. */
export const serviceOption = {
  alias: 's',
  type: 'string',
  nargs: 1,
  array: true,
  describe: 'Service to use, as [NAMESPACE/]NAME; may contain `*`; repeatable',
} as const

/** The words that say which Services a command is about. */
export function serviceOptions<T>(yargs: Argv<T>) {
  return pathOption(yargs).option('service', serviceOption).option('namespace', {
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
      describe: 'Output format; repeatable (default: text)',
    })
    .option('output', {
      type: 'string',
      nargs: 1,
      // An `array` of yargs would not take the value `-`.
      coerce: (value: string | readonly string[]): readonly string[] => [value].flat(),
      describe: 'File for the output, `-` for stdout; one per `--format`, in order',
    })
    .option('profile', {
      type: 'string',
      nargs: 1,
      choices: profileNames,
      describe: 'Rules to use (default: detected from each manifest)',
    })
    .option('schema', {
      type: 'string',
      requiresArg: true,
      describe: "Schema to use instead of the built-in one: a JSON schema or the cluster's CRD",
    })
    .option('changed-since', {
      type: 'string',
      requiresArg: true,
      describe: 'Report files changed since this branch, tag or commit first, if the format has a limit',
    })
    .option('config', configurationOption)
    .option('cluster', clusterOption)
    .option('step-summary', {
      type: 'boolean',
      default: false,
      describe: 'Also append the Markdown report to the summary of a GitHub Actions step',
    })
    .option('strict', { type: 'boolean', default: false, describe: 'Fail on warnings' })
    .option('color', colorOption)
}

/** What `--kustomize` is. */
export const kustomizeOption = {
  type: 'boolean',
  default: false,
  describe: 'Build roots of local files with the installed kustomize, or kubectl, and validate its result',
} as const

/** The options of `validate`. */
export function validateOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('fix', {
      type: 'boolean',
      default: false,
      describe: 'Fix what has exactly one correct value (prints the diff); report the rest',
    })
    .option('write', { alias: 'w', type: 'boolean', default: false, describe: 'With --fix: change the files' })
    .option('check', {
      type: 'boolean',
      default: false,
      describe: 'With --fix: exit with 1 if there is anything to fix',
    })
    .option('kustomize', kustomizeOption)
  return fileOptions(own)
    .example('$0', 'validate every Knative Service of the repository')
    .example('$0 apps/shop.yaml --format json', 'validate one file, report for a program')
    .example('$0 --fix | git apply', 'fix what has one correct value')
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
        'Branch or commit to compare with; the base commit is its merge base with the head (`empty`: nothing came before)',
    })
    .option('head', {
      type: 'string',
      requiresArg: true,
      describe: 'Commit to check (default: the working tree)',
    })
    .option('kustomize', kustomizeOption)
    .option('live', liveOption)
  return fileOptions(own)
    .hide('changed-since')
    .example('$0 --since origin/main', 'check what this branch changes')
    .example('$0 --since origin/main apps/shop', 'check all of a directory, changed or not')
}

export type CheckOptions = Awaited<ReturnType<typeof checkOptions>['argv']>

/** How commands report that are about no files. */
export const onStdout = {
  type: 'string',
  choices: ['text', 'json'],
  default: 'text',
  describe: 'Output format',
} as const

/** The options of `stages`. */
export function stagesOptions<T>(yargs: Argv<T>) {
  return configOption(yargs).option('format', onStdout).example('$0', 'the stages, and the plans')
}

export type StagesOptions = Awaited<ReturnType<typeof stagesOptions>['argv']>

/** The options of `explain`. */
export function explainOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('code', {
      describe: 'Code such as KN301, or its name; lists all codes without it',
      type: 'string',
    })
    .option('format', onStdout)
    .example('$0 KN301', 'explain a finding, with examples')
}

export type ExplainOptions = Awaited<ReturnType<typeof explainOptions>['argv']>

/** The options of `lsp`. What some editors add on their own is taken. */
export function lspOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('stdio', { type: 'boolean', default: true, describe: 'Use stdin and stdout; there is no other transport' })
    .option('clientProcessId', { type: 'string', describe: 'The process of the editor' })
    .hide('clientProcessId')
    .example('$0', 'what an editor starts')
}

/** The options that say which revision is which. */
function roleOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('stable', {
      type: 'string',
      requiresArg: true,
      describe: 'Stable revision: the one that serves users now; `{{.Service}}` expands to the Service name',
    })
    .option('candidate', {
      type: 'string',
      requiresArg: true,
      describe: 'Candidate revision: the one being rolled out; also `@latest`, `@current`, `@candidate`, `@previous`',
    })
    .option('tag', {
      type: 'string',
      requiresArg: true,
      describe: 'Tag of the candidate; it creates the URL to test it at',
    })
}

/** The options of every command that changes files. */
export function editOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('all', { type: 'boolean', default: false, describe: 'Change every matching Service' })
    .option('write', {
      alias: 'w',
      type: 'boolean',
      default: false,
      describe: 'Change the files instead of printing the diff',
    })
    .option('write-defaults', {
      type: 'boolean',
      default: false,
      describe: 'Write out the defaults that an explicit revision name needs',
    })
    .option('spell', { type: 'boolean', default: false, describe: 'Former name of --write-defaults' })
    .option('check', { type: 'boolean', default: false, describe: 'Exit with 1 if there is anything to change' })
    .option('overlay', {
      type: 'string',
      requiresArg: true,
      describe: 'Kustomize overlay to change; edits the file that sets its traffic',
    })
    .option('shared', {
      type: 'boolean',
      default: false,
      describe: 'With `--overlay`: also edit files that other overlays use',
    })
    .option('init', {
      type: 'boolean',
      default: false,
      describe: 'With --overlay: add a separate patch, and an `images` item, for this overlay if it has none',
    })
    .option('force', {
      type: 'boolean',
      default: false,
      describe:
        'Write even if a Service has errors, another controller manages its traffic, or a snapshot shows a target as not ready',
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
  readonly examples: readonly Example[]
}

/** A command line, with `$0` for the program and the command, and what it is for. */
type Example = { readonly line: string; readonly what: string }

/** Methods that only say something for people. */
const unread = new Set(['example', 'epilogue', 'hide'])

/** What a command declares, without yargs: that would parse and format for longer than a shell should wait. */
export function declarationsOf(declare: (yargs: Argv) => unknown): Declarations {
  const [options, positionals] = [new Map<string, Options>(), new Map<string, Options>()]
  const [others, hidden] = [new Set<string>(), new Set<string>()]
  const examples: Example[] = []
  const recorder: Argv = new Proxy({} as Argv, {
    get:
      (_, method) =>
      (name: unknown, declared: unknown): Argv => {
        if (method === 'option') options.set(String(name), declared as Options)
        else if (method === 'positional') positionals.set(String(name), declared as Options)
        else if (!unread.has(String(method))) others.add(String(method))
        if (method === 'hide') hidden.add(String(name))
        if (method === 'example') examples.push({ line: String(name), what: String(declared) })
        return recorder
      },
  })
  declare(recorder)
  return { options, positionals, others, hidden, examples }
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
