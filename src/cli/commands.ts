import type { Argv } from 'yargs'

import { applyOptions, type ApplyOptions, nextOptions, type NextOptions, runApply, runNext } from './commands/apply.js'
import { completionOptions, type CompletionOptions } from './commands/completion.js'
import { createOptions, type CreateOptions } from './commands/create.js'
import { diffOptions, type DiffOptions } from './commands/diff.js'
import { fnOptions } from './commands/fn.js'
import { historyOptions, type HistoryOptions } from './commands/history.js'
import { releaseOptions, type ReleaseOptions, runRelease } from './commands/release.js'
import { runSet, setOptions, type SetOptions } from './commands/set.js'
import { statusOptions, type StatusOptions } from './commands/status.js'
import { runValidate } from './commands/validate.js'
import {
  checkOptions,
  type CheckOptions,
  explainOptions,
  type ExplainOptions,
  lspOptions,
  stagesOptions,
  type StagesOptions,
  validateOptions,
  type ValidateOptions,
} from './options.js'
import type { Terminal } from './terminal.js'

/** One command: the words behind its name, what it is for, its options, what it does. */
export type Command = {
  readonly positionals: string
  readonly summary: string
  readonly options: (yargs: Argv) => Argv
  /** Set where it looks at files of a repository, or writes them. */
  readonly isAboutFiles?: true
  readonly run: (options: unknown, terminal: Terminal) => Promise<number>
}

/** Every command, in the order of a rollout. yargs has checked the options against the builder of their own row, so the row may name their type. */
export const commands: Readonly<Record<string, Command>> = {
  create: {
    positionals: '<name>',
    summary: 'Write the manifest of a new Service',
    options: createOptions,
    isAboutFiles: true,
    run: async (options, terminal) =>
      (await import('./commands/create.js')).runCreate(options as CreateOptions, terminal),
  },
  apply: {
    positionals: '<stage> [path..]',
    summary: 'Move traffic to a stage (prints the diff; `--write` changes the files)',
    options: applyOptions,
    isAboutFiles: true,
    run: (options, terminal) => runApply(options as ApplyOptions, terminal),
  },
  release: {
    positionals: '[path..]',
    summary: 'Release a new revision and preview it at 0%',
    options: releaseOptions,
    isAboutFiles: true,
    run: (options, terminal) => runRelease(options as ReleaseOptions, terminal),
  },
  next: {
    positionals: '[path..]',
    summary: 'Move rollouts to the next stage of their plan',
    options: nextOptions,
    isAboutFiles: true,
    run: (options, terminal) => runNext(options as NextOptions, terminal),
  },
  status: {
    positionals: '[path..]',
    summary: 'Show the rollout status of every Service',
    options: statusOptions,
    isAboutFiles: true,
    run: async (options, terminal) =>
      (await import('./commands/status.js')).runStatus(options as StatusOptions, terminal),
  },
  history: {
    positionals: '<service> [path..]',
    summary: 'show the traffic of a Service, commit by commit',
    options: historyOptions,
    isAboutFiles: true,
    run: async (options, terminal) =>
      (await import('./commands/history.js')).runHistory(options as HistoryOptions, terminal),
  },
  diff: {
    positionals: '[from] [to]',
    summary: 'show which traffic changed between two commits, or since one',
    options: diffOptions,
    isAboutFiles: true,
    run: async (options, terminal) => (await import('./commands/diff.js')).runDiff(options as DiffOptions, terminal),
  },
  set: {
    positionals: '[path..]',
    summary: "Set percents and tags directly, with kn's syntax",
    options: setOptions,
    isAboutFiles: true,
    run: (options, terminal) => runSet(options as SetOptions, terminal),
  },
  validate: {
    positionals: '[path..]',
    summary: "Validate manifests against Knative's schema and rules",
    options: validateOptions,
    isAboutFiles: true,
    run: (options, terminal) => runValidate(options as ValidateOptions, terminal),
  },
  check: {
    positionals: '[path..]',
    summary: 'Check what a change does to rollouts, from base commit to head',
    options: checkOptions,
    isAboutFiles: true,
    run: async (options, terminal) => (await import('./commands/check.js')).runCheck(options as CheckOptions, terminal),
  },
  fn: {
    positionals: '',
    summary: 'Run as a KRM function, for kpt and kustomize',
    options: fnOptions,
    run: async (options, terminal) =>
      (await import('./commands/fn.js')).runFn(options as { readonly path?: readonly string[] }, terminal),
  },
  lsp: {
    positionals: '',
    summary: 'Serve an editor with the Language Server Protocol',
    options: lspOptions,
    run: async (_, terminal) => (await import('./commands/lsp.js')).runLsp(terminal),
  },
  stages: {
    positionals: '',
    summary: 'List the stages of a rollout',
    options: stagesOptions,
    run: async (options, terminal) =>
      (await import('./commands/stages.js')).listStages(options as StagesOptions, terminal),
  },
  explain: {
    positionals: '[code]',
    summary: 'Explain a code, with examples',
    options: explainOptions,
    run: async (options, terminal) =>
      (await import('./commands/explain.js')).runExplain(options as ExplainOptions, terminal),
  },
  completion: {
    positionals: '<shell>',
    summary: 'Print the completion script of a shell',
    options: completionOptions,
    run: async (options, terminal) =>
      (await import('./commands/completion.js')).printCompletion(options as CompletionOptions, terminal),
  },
}
