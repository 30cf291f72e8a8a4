import type { Argv } from 'yargs'

/** What `--config` takes. */
export const configuration = {
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
  return yargs.option('config', configuration)
}

/** The words that say which Services a command is about. */
export function serviceOptions<T>(yargs: Argv<T>) {
  return yargs
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
}
