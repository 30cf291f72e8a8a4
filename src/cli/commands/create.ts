import path from 'node:path'

import type { Argv } from 'yargs'

import { repositoryRoot } from '../../io/git/root.js'
import { type NewFile, placeFor } from '../../io/new-file.js'
import { displayPath, isKustomization } from '../../io/paths.js'
import { writeAll } from '../../io/write.js'
import { classOf } from '../../codes/code.js'
import type { Created, Listed } from '../../pipeline/create.js'
import type { Outcome } from '../../pipeline/request.js'
import { addressText, blamedText, type CreatedFacts, createdText, nextText, warningText } from '../../report/created.js'
import { diagnosticsText } from '../../report/text.js'
import { localScheme, type UrlScheme } from '../../stages/url.js'
import type { SourceFile } from '../../text/source.js'
import { clusterOption, configurationOption } from '../options.js'
import { committedAt } from '../history.js'
import { sayUncommitted } from '../policy.js'
import { clockOf, coloursFor, exitCode, print, refuseRepeated, say, type Terminal, UsageError } from '../terminal.js'
import { openWorkspace, requestIn, urlSchemeFor } from '../workspace.js'

const text = { type: 'string', requiresArg: true } as const
const repeatable = { type: 'string', nargs: 1, array: true } as const

/** The options of `create`; those that `kn service create` has are named as there. */
export function createOptions<T>(yargs: Argv<T>) {
  const options = yargs
    .positional('name', { describe: 'Name of the Service', type: 'string', demandOption: true })
    .option('image', { ...text, demandOption: true, describe: 'Image of the container' })
    .option('namespace', { ...text, alias: 'n', describe: 'Namespace (default: none in the manifest)' })
    .option('port', { ...text, alias: 'p', describe: 'Port of the container: [NAME:]PORT, as in 8080 or h2c:8080' })
    .option('env', { ...repeatable, alias: 'e', describe: 'Environment variable: NAME=VALUE; repeatable' })
    .option('env-from', {
      ...repeatable,
      describe: 'Source of variables: config-map:NAME or secret:NAME; repeatable',
    })
    .option('request', { ...repeatable, describe: 'Resource requests (`cpu=100m`)' })
    .option('limit', { ...repeatable, describe: 'Resource limits (`memory=512Mi`)' })
    .option('scale', { ...text, describe: 'Number of pods: N, N..M, N.. or ..M' })
    .option('scale-min', { ...text, describe: 'Minimum number of pods' })
    .option('scale-max', { ...text, describe: 'Maximum number of pods (0: unlimited)' })
    .option('scale-target', { ...text, describe: 'Target number of concurrent requests per pod' })
    .option('concurrency-limit', { ...text, describe: 'Maximum number of concurrent requests per pod' })
    .option('timeout', { ...text, describe: 'Maximum seconds of a request' })
    .option('service-account', { ...text, describe: 'Service account of the pods' })
    .option('label', {
      ...repeatable,
      alias: 'l',
      describe: 'KEY=VALUE on the Service, not on its revisions; repeatable',
    })
    .option('annotation', {
      ...repeatable,
      alias: 'a',
      describe: 'KEY=VALUE on the Service, not on its revisions; repeatable',
    })
    .option('container-name', { ...text, describe: 'Name of the container (default: user-container)' })
    .option('revision-name', {
      ...text,
      describe: 'Name of the first revision; `{{.Service}}` expands to NAME (default: {{.Service}}-v1)',
    })
    .option('generated-names', {
      type: 'boolean',
      default: false,
      describe: 'Let Knative generate the revision names: no revision name, no traffic',
    })
    .option('output', { ...text, describe: 'File to write, `-` for stdout (default: stdout)' })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file of --output if it exists' })
    .option('domain', {
      ...text,
      describe: 'Domain of the cluster, for the printed URL (default: example.com)',
    })
    .option('url-template', {
      ...text,
      describe: "The cluster's domain-template, for the URL (default: {{.Name}}.{{.Namespace}}.{{.Domain}})",
    })
    .option('config', configurationOption)
    .option('cluster', clusterOption)
    .option('color', {
      type: 'boolean',
      describe: 'Color the messages (default: on a terminal, unless NO_COLOR is set)',
    })
  return withExamples(options)
}

function withExamples<T>(argv: Argv<T>) {
  return argv
    .example('$0 shop --image ghcr.io/acme/shop:1.0', 'print a manifest whose first revision is shop-v1')
    .example(
      '$0 shop --image ghcr.io/acme/shop:1.0 -n prod --output apps/shop.yaml',
      'write it, and list it in the kustomization next to it',
    )
    .example(
      '$0 shop --image ghcr.io/acme/shop:1.0 --port h2c:8080 --env LOG=debug --env-from secret:shop',
      'a port for HTTP/2, and variables',
    )
    .example(
      '$0 shop --image ghcr.io/acme/shop:1.0 --request cpu=100m,memory=256Mi --scale 1..5',
      'requests, and the scale bounds',
    )
    .example('$0 shop --image ghcr.io/acme/shop:1.0 --generated-names', 'let Knative generate the revision names')
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

/** Prints a new manifest, or writes it and has the kustomization beside it list it. All files are written, or none. */
export async function runCreate(options: CreateOptions, terminal: Terminal): Promise<number> {
  const shown = outputOf(options, terminal)
  const scheme = schemeOf(options)
  const [{ createService, listResource, namesakes }, { plan }] = await Promise.all([
    import('../../pipeline/create.js'),
    import('../../pipeline/plan.js'),
  ])
  const { workingDirectory } = terminal
  const asked = requestIn({ config: options.config, cluster: options.cluster }, workingDirectory)
  await sayUncommitted(options.config, asked, terminal)
  const created = createService(options, shown ?? '(stdout)', asked)
  if ('fault' in created) throw new UsageError(`${created.fault}; see \`kn-rollout create --help\``)
  const place = shown === undefined ? undefined : placeFor(shown, workingDirectory, options.force)
  const colours = coloursFor(terminal.stderr, terminal, options.color)
  const base = place && (await committedAt(created.file.path, place.path, terminal))
  const outcome = plan([created.file], { ...asked, ...(base && { base }), now: clockOf(terminal) })
  await say(terminal, blamedText(outcome, created.origins, colours))
  const failed = exitCode(options.force ? withoutChange(outcome) : outcome, { strict: false })
  if (failed !== 0) return failed
  if (!place) {
    await print(terminal, created.file.text)
    await say(terminal, closing(factsOf(created, options, undefined), scheme))
    return 0
  }
  const kustomization = place.kustomization?.source
  const listed = kustomization && listResource(kustomization, path.basename(created.file.path))
  if (listed && !('text' in listed)) {
    const refused = { files: [kustomization], services: [], changes: [], diagnostics: listed }
    await say(terminal, diagnosticsText(refused, colours))
    return 1
  }
  const facts = factsOf(created, options, listed)
  const twice = namesakes(created.file, await neighbours(place, terminal))
  await write(place, created, listed, terminal)
  await say(terminal, warningText(facts, twice, kustomization?.path, colours))
  const list = kustomization && { path: kustomization.path, isNew: listed?.text !== kustomization.text }
  await say(terminal, createdText(created.file.path, list) + closing(facts, scheme, created.file.path))
  return 0
}

/** Who replaces a file with --force is told what the cluster refuses of the change, and goes on. */
function withoutChange(outcome: Outcome): Outcome {
  return { ...outcome, diagnostics: outcome.diagnostics.filter(({ code }) => classOf(code) !== 'base-to-head') }
}

/** The manifests of the repository; outside of any there is nothing that belongs together. */
async function neighbours({ root }: NewFile, terminal: Terminal): Promise<readonly SourceFile[]> {
  if (repositoryRoot(terminal.workingDirectory) === undefined) return []
  const { loaded } = await openWorkspace({ path: [root], config: false }, terminal)
  return loaded.sources
}

function closing(facts: CreatedFacts, scheme: UrlScheme, file?: string): string {
  return addressText(facts, scheme) + nextText(facts, file)
}

/** The file to write as users would name it, or undefined for stdout. */
function outputOf(
  options: CreateOptions & { readonly path?: readonly string[] },
  { workingDirectory }: Terminal,
): string | undefined {
  for (const flag of singleOptions) refuseRepeated(flag, options[flag])
  const [extra] = options.path ?? []
  if (extra !== undefined) throw new UsageError(`create needs one NAME, but gets \`${extra}\` as well`)
  const { output, force } = options
  if (output === undefined || output === '-') {
    if (force) throw new UsageError('--force needs --output FILE')
    return undefined
  }
  if (output === '') throw new UsageError('--output is empty; must be a file, or - for stdout')
  if (isKustomization(output) || !/[^/\\]\.ya?ml$/i.test(output))
    throw new UsageError(`--output is \`${output}\`; must be a file in \`.yaml\` or \`.yml\``)
  return displayPath(path.resolve(workingDirectory, output), workingDirectory)
}

/** A Service that only its cluster reaches has the cluster's own domain, whatever is named. */
function schemeOf(options: CreateOptions): UrlScheme {
  const scheme = urlSchemeFor(options)
  return options.label?.includes('networking.knative.dev/visibility=cluster-local') === true ? localScheme : scheme
}

function factsOf(
  created: Created,
  { name, namespace, domain }: CreateOptions,
  listed: Listed | undefined,
): CreatedFacts {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(listed?.namespace !== undefined && { kustomizeNamespace: listed.namespace }),
    ...(created.revision !== undefined && { revision: created.revision }),
    isGuessedDomain: domain === undefined,
  }
}

async function write(
  { path: file, before, kustomization }: NewFile,
  created: Created,
  listed: Listed | undefined,
  terminal: Terminal,
): Promise<void> {
  const pending = [{ path: file, before, after: created.file.text }]
  if (kustomization && listed && listed.text !== kustomization.source.text)
    pending.push({ path: kustomization.path, before: Buffer.from(kustomization.source.text), after: listed.text })
  await writeAll(pending, terminal)
}
