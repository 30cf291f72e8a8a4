import type { Argv } from 'yargs'

import { formatNames } from '../report/table.js'

/** The options that every command with files has. */
export function fileOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('path', {
      describe: 'files, folders or globs; - is the standard input',
      type: 'string',
      array: true,
      default: [],
    })
    .option('service', {
      alias: 's',
      type: 'string',
      nargs: 1,
      array: true,
      describe: '[NAMESPACE/]NAME of a Service, may hold * and be repeated',
    })
    .option('format', { type: 'string', choices: formatNames, default: 'text', describe: 'how to report on stdout' })
    .option('strict', { type: 'boolean', default: false, describe: 'let warnings fail the run' })
    .option('color', {
      type: 'boolean',
      describe: 'colour the output (default: on a terminal, unless NO_COLOR is set)',
    })
}
