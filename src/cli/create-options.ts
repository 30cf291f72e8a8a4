import type { Argv } from 'yargs'

import { clusterOption, configuration } from './shared-options.js'

const text = { type: 'string', requiresArg: true } as const
const list = { type: 'string', nargs: 1, array: true } as const

/** The options of `create`; those that `kn service create` has are named as there. */
export function createOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('name', { describe: 'the name of the Service', type: 'string', demandOption: true })
    .option('image', { ...text, demandOption: true, describe: 'the image of its container' })
    .option('namespace', { ...text, alias: 'n', describe: 'the namespace; none leaves it to whoever applies the file' })
    .option('port', { ...text, alias: 'p', describe: '[NAME:]PORT that it listens on, as in 8080 or h2c:8080' })
    .option('env', { ...list, alias: 'e', describe: 'NAME=VALUE of an environment variable, may be repeated' })
    .option('env-from', { ...list, describe: 'config-map:NAME or secret:NAME to take variables from, may be repeated' })
    .option('request', { ...list, describe: 'what it needs, as in cpu=100m,memory=256Mi' })
    .option('limit', { ...list, describe: 'what it may use at most, as in memory=512Mi' })
    .option('scale', { ...text, describe: 'the number of its pods: N, N..M, N.. or ..M' })
    .option('scale-min', { ...text, describe: 'the least number of pods' })
    .option('scale-max', { ...text, describe: 'the largest number of pods, 0 for any' })
    .option('scale-target', { ...text, describe: 'how many requests at once a pod should get' })
    .option('concurrency-limit', { ...text, describe: 'how many requests at once a pod takes at most' })
    .option('timeout', { ...text, describe: 'how many seconds a request may take' })
    .option('service-account', { ...text, describe: 'the service account that it runs as' })
    .option('label', {
      ...list,
      alias: 'l',
      describe: 'KEY=VALUE on the Service, not on its revisions; may be repeated',
    })
    .option('annotation', {
      ...list,
      alias: 'a',
      describe: 'KEY=VALUE on the Service, not on its revisions; may be repeated',
    })
    .option('container-name', {
      ...text,
      describe: 'the name of its container (default: user-container, as in a cluster)',
    })
    .option('revision-name', {
      ...text,
      describe: 'the name of its first revision; {{.Service}} stands for NAME (default: {{.Service}}-v1)',
    })
    .option('generated-names', {
      type: 'boolean',
      default: false,
      describe: 'let the cluster name the revisions: no revision name, no traffic',
    })
    .option('output', { ...text, describe: 'the file to write, - for stdout (default: stdout)' })
    .option('force', { type: 'boolean', default: false, describe: 'replace the file of --output if it is there' })
    .option('domain', {
      ...text,
      describe: 'the domain of the cluster, for the URL that is shown (default: example.com)',
    })
    .option('url-template', {
      ...text,
      describe: "the cluster's domain-template, for the URL (default: {{.Name}}.{{.Namespace}}.{{.Domain}})",
    })
    .option('config', configuration)
    .option('cluster', clusterOption)
    .option('color', { type: 'boolean', describe: 'colour the talk (default: on a terminal, unless NO_COLOR is set)' })
    .example('$0 shop --image ghcr.io/acme/shop:1.0', 'print a manifest whose first revision is shop-v1')
    .example(
      '$0 shop --image ghcr.io/acme/shop:1.0 -n prod --output apps/shop.yaml',
      'write it, and list it in the kustomization beside it',
    )
    .example(
      '$0 shop --image ghcr.io/acme/shop:1.0 --port h2c:8080 --env LOG=debug --env-from secret:shop',
      'a port for HTTP/2, and variables',
    )
    .example(
      '$0 shop --image ghcr.io/acme/shop:1.0 --request cpu=100m,memory=256Mi --scale 1..5',
      'what it needs, and how far it scales',
    )
    .example('$0 shop --image ghcr.io/acme/shop:1.0 --generated-names', 'leave the names of revisions to the cluster')
}

export type CreateOptions = Awaited<ReturnType<typeof createOptions>['argv']>

/** The options that are given once; yargs makes lists of them otherwise. */
export const singleOptions = [
  'image',
  'namespace',
  'port',
  'scale',
  'scale-min',
  'scale-max',
  'scale-target',
  'concurrency-limit',
  'timeout',
  'service-account',
  'container-name',
  'revision-name',
  'generated-names',
  'output',
  'force',
  'domain',
  'url-template',
] as const satisfies readonly (keyof CreateOptions)[]
