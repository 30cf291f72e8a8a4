import type { Argv } from 'yargs'

import { configOption, serviceOptions } from './shared-options.js'

/** The options of `status`. */
export function statusOptions<T>(yargs: Argv<T>) {
  const own = serviceOptions(yargs)
    .option('stage', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'only Services in this stage, or in the state `latest` or `odd`; may be repeated',
    })
    .option('rolling', {
      type: 'boolean',
      default: false,
      describe: 'only Services whose rollout is under way, or whose state is odd',
    })
    .option('git', { type: 'boolean', default: true, describe: 'ask Git for times; --no-git takes less time' })
    .option('domain', {
      type: 'string',
      requiresArg: true,
      describe: 'the domain of the cluster, for the URLs (default: example.com)',
    })
    .option('url-template', {
      type: 'string',
      requiresArg: true,
      describe: "the cluster's domain-template, for the URLs (default: {{.Name}}.{{.Namespace}}.{{.Domain}})",
    })
    .option('format', {
      type: 'string',
      choices: ['text', 'json', 'markdown'] as const,
      default: 'text',
      describe: 'how to report on stdout',
    })
    .option('color', {
      type: 'boolean',
      describe: 'colour the output (default: on a terminal, unless NO_COLOR is set)',
    })
  return configOption(own)
    .example('$0', 'every Service of the repository')
    .example('$0 --rolling', 'what is under way')
    .example('$0 apps --stage preview --domain acme.dev', 'what waits for a test, and where')
    .example('$0 --format markdown >> "$GITHUB_STEP_SUMMARY"', 'the same as a page')
}

export type StatusOptions = Awaited<ReturnType<typeof statusOptions>['argv']>
