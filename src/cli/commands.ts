import type { Argv } from 'yargs'

import { apply } from './apply.js'
import { completionOptions, type CompletionOptions } from './completion-options.js'
import { createOptions, type CreateOptions } from './create-options.js'
import { fnOptions } from './fn-options.js'
import { next } from './next.js'
import {
  checkOptions,
  explainOptions,
  stagesOptions,
  validateOptions,
  type CheckOptions,
  type ExplainOptions,
  type StagesOptions,
  type ValidateOptions,
} from './options.js'
import { release } from './release.js'
import { releaseOptions, type ReleaseOptions } from './release-options.js'
import { applyOptions, nextOptions, type ApplyOptions, type NextOptions } from './rollout-options.js'
import { set } from './set.js'
import { setOptions, type SetOptions } from './set-options.js'
import { statusOptions, type StatusOptions } from './status-options.js'
import type { Terminal } from './terminal.js'
import { validate } from './validate.js'

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
    summary: 'write the manifest of a new Service',
    options: createOptions,
    isAboutFiles: true,
    run: async (options, terminal) => (await import('./create.js')).create(options as CreateOptions, terminal),
  },
  apply: {
    positionals: '<stage> [path..]',
    summary: 'show or write the diff of one stage',
    options: applyOptions,
    isAboutFiles: true,
    run: (options, terminal) => apply(options as ApplyOptions, terminal),
  },
  release: {
    positionals: '[path..]',
    summary: 'show or write the diff of a new revision, previewed beside the stable one',
    options: releaseOptions,
    isAboutFiles: true,
    run: (options, terminal) => release(options as ReleaseOptions, terminal),
  },
  next: {
    positionals: '[path..]',
    summary: "show or write the diff of the plan's next stage",
    options: nextOptions,
    isAboutFiles: true,
    run: (options, terminal) => next(options as NextOptions, terminal),
  },
  status: {
    positionals: '[path..]',
    summary: 'show where the rollout of every Service stands',
    options: statusOptions,
    isAboutFiles: true,
    run: async (options, terminal) => (await import('./status.js')).status(options as StatusOptions, terminal),
  },
  set: {
    positionals: '[path..]',
    summary: 'show or write shares and tags, in the words of kn',
    options: setOptions,
    isAboutFiles: true,
    run: (options, terminal) => set(options as SetOptions, terminal),
  },
  validate: {
    positionals: '[path..]',
    summary: 'judge manifests as the cluster would',
    options: validateOptions,
    isAboutFiles: true,
    run: (options, terminal) => validate(options as ValidateOptions, terminal),
  },
  check: {
    positionals: '[path..]',
    summary: 'judge a change: base against head',
    options: checkOptions,
    isAboutFiles: true,
    run: async (options, terminal) => (await import('./check.js')).check(options as CheckOptions, terminal),
  },
  fn: {
    positionals: '',
    summary: 'run as a KRM function, for kpt and kustomize',
    options: fnOptions,
    run: async (options, terminal) =>
      (await import('./fn.js')).fn(options as { readonly path?: readonly string[] }, terminal),
  },
  stages: {
    positionals: '',
    summary: 'list the stages of a rollout',
    options: stagesOptions,
    run: async (options, terminal) => (await import('./stages.js')).stages(options as StagesOptions, terminal),
  },
  explain: {
    positionals: '[code]',
    summary: 'say what is behind a code, with examples',
    options: explainOptions,
    run: async (options, terminal) => (await import('./explain.js')).explain(options as ExplainOptions, terminal),
  },
  completion: {
    positionals: '<shell>',
    summary: 'print the completion script of a shell',
    options: completionOptions,
    run: async (options, terminal) =>
      (await import('./completion.js')).completion(options as CompletionOptions, terminal),
  },
}
