import type { Argv } from 'yargs'

import { fileOptions } from './options.js'

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
    .option('spell', {
      type: 'boolean',
      default: false,
      describe: 'write out the defaults that a revision name of your own needs for later commits',
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
    .option('live', {
      type: 'string',
      requiresArg: true,
      describe: 'what `kubectl get ksvc -o yaml` printed: tells revisions that files and Git leave open',
    })
  return fileOptions(own)
}

export type EditOptions = Awaited<ReturnType<typeof editOptions>['argv']>

/** The options of every command that moves a rollout. */
export function changeOptions<T>(yargs: Argv<T>) {
  return editOptions(roleOptions(yargs))
}
