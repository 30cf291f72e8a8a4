import path from 'node:path'

import type { Argv } from 'yargs'

import { repositoryRoot } from '../../io/git/root.js'
import { type NewFile, placeFor } from '../../io/new-file.js'
import { displayPath, isKustomization } from '../../io/paths.js'
import { writeAll } from '../../io/write.js'
import { classOf } from '../../codes/code.js'
import type { Created, Listed } from '../../pipeline/create.js'
import type { Outcome, Request } from '../../pipeline/request.js'
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
    .positional('name', { describe: 'the name of the Service', type: 'string', demandOption: true })
    .option('image', { ...text, demandOption: true, describe: 'the image of its container' })
    .option('namespace', { ...text, alias: 'n', describe: 'the namespace; none leaves it to whoever applies the file' })
    .option('port', { ...text, alias: 'p', describe: '[NAME:]PORT that it listens on, as in 8080 or h2c:8080' })
    .option('env', { ...repeatable, alias: 'e', describe: 'NAME=VALUE of an environment variable, may be repeated' })
    .option('env-from', {
      ...repeatable,
      describe: 'config-map:NAME or secret:NAME to take variables from, may be repeated',
    })
    .option('request', { ...repeatable, describe: 'what it needs, as in cpu=100m,memory=256Mi' })
    .option('limit', { ...repeatable, describe: 'what it may use at most, as in memory=512Mi' })
    .option('scale', { ...text, describe: 'the number of its pods: N, N..M, N.. or ..M' })
    .option('scale-min', { ...text, describe: 'the least number of pods' })
    .option('scale-max', { ...text, describe: 'the largest number of pods, 0 for any' })
    .option('scale-target', { ...text, describe: 'how many requests at once a pod should get' })
    .option('concurrency-limit', { ...text, describe: 'how many requests at once a pod takes at most' })
    .option('timeout', { ...text, describe: 'how many seconds a request may take' })
    .option('service-account', { ...text, describe: 'the service account that it runs as' })
    .option('label', {
      ...repeatable,
      alias: 'l',
      describe: 'KEY=VALUE on the Service, not on its revisions; may be repeated',
    })
    .option('annotation', {
      ...repeatable,
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
  return withExamples(outputOptions(options))
}

function outputOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('output', { ...text, describe: 'the file to write, - for stdout (default: stdout)' })
    .option('format', {
      type: 'string',
      choices: ['text', 'commit'] as const,
      default: 'text',
      describe: 'with --output FILE: `commit` prints the message of a commit on stdout',
    })
    .option('force', { type: 'boolean', default: false, describe: 'replace the file of --output if it is there' })
    .option('domain', {
      ...text,
      describe: 'the domain of the cluster, for the URL that is shown (default: example.com)',
    })
    .option('url-template', {
      ...text,
      describe: "the cluster's domain-template, for the URL (default: {{.Name}}.{{.Namespace}}.{{.Domain}})",
    })
    .option('config', configurationOption)
    .option('cluster', clusterOption)
    .option('color', { type: 'boolean', describe: 'colour the talk (default: on a terminal, unless NO_COLOR is set)' })
}

function withExamples<T>(argv: Argv<T>) {
  return argv
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
  'format',
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
  if (options.format === 'commit') await print(terminal, await messageOf(created, asked))
  return 0
}

/** The message of the commit that brings the file. */
async function messageOf({ file }: Created, asked: Request): Promise<string> {
  const [{ statusOf }, { createdCommit }] = await Promise.all([
    import('../../pipeline/status.js'),
    import('../../report/commit.js'),
  ])
  return statusOf([file], asked).rows.map(createdCommit).join('')
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
  if (extra !== undefined) throw new UsageError(`one NAME must be given, but \`${extra}\` follows it`)
  const { output, force, format } = options
  if (output === undefined || output === '-') {
    if (format === 'commit')
      throw new UsageError('--format commit must be given with --output FILE: stdout has the manifest')
    if (force) throw new UsageError('--force must be given with --output FILE: nothing else can be replaced')
    return undefined
  }
  if (output === '') throw new UsageError('--output must name a file, or - for stdout, but is empty')
  if (isKustomization(output) || !/[^/\\]\.ya?ml$/i.test(output))
    throw new UsageError(`--output must name a manifest, a file in \`.yaml\` or \`.yml\`, but is \`${output}\``)
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
