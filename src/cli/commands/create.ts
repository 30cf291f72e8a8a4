import path from 'node:path'

import type { Argv } from 'yargs'

import { nameInRepository, repositoryRoot } from '../../io/git/root.js'
import { displayPath, isKustomization } from '../../io/paths.js'
import { inFolderOf, type NewFile, placeFor, writeAll } from '../../io/write.js'
import { classOf } from '../../codes/code.js'
import { findManifests } from '../../manifest/find.js'
import type { Created, Listed } from '../../pipeline/create.js'
import type { Outcome, Request } from '../../pipeline/request.js'
import { addressText, blamedText, type CreatedFacts, createdText, nextText, warningText } from '../../report/created.js'
import { diagnosticsText } from '../../report/text.js'
import { addressOf, defaultScheme, type UrlScheme } from '../../stages/url.js'
import { clusterOption, configurationOption, domainOption, urlTemplateOption } from '../options.js'
import { committedAt } from '../history.js'
import type { Loaded } from '../load.js'
import { clockOf, coloursFor, exitCode, print, refuseRepeated, say, type Terminal, UsageError } from '../terminal.js'
import { openWorkspace, requestIn, sayUncommitted } from '../workspace.js'

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
  return withExamples(outputOptions(options))
}

function outputOptions<T>(argv: Argv<T>) {
  return argv
    .option('output', { ...text, describe: 'File to write, `-` for stdout (default: stdout)' })
    .option('write', {
      alias: 'w',
      type: 'boolean',
      default: false,
      describe: 'Write the file of --output, which is what --output does alone',
    })
    .option('format', {
      type: 'string',
      choices: ['text', 'commit'] as const,
      default: 'text',
      describe: 'With --output FILE: `commit` prints the message of a commit on stdout',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file of --output if it exists' })
    .option('domain', domainOption)
    .option('url-template', urlTemplateOption)
    .option('config', configurationOption)
    .option('cluster', clusterOption)
    .option('color', {
      type: 'boolean',
      describe: 'Color the messages (default: on a terminal, unless NO_COLOR is set)',
    })
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
  'format',
  'force',
  'domain',
  'url-template',
] as const satisfies readonly (keyof CreateOptions)[]

/** Prints a new manifest, or writes it and has the kustomization beside it list it. All files are written, or none. */
export async function runCreate(options: CreateOptions, terminal: Terminal): Promise<number> {
  const shown = outputOf(options, terminal)
  const [{ builtWith, createService, listResource, namesakes }, { plan }] = await Promise.all([
    import('../../pipeline/create.js'),
    import('../../pipeline/plan.js'),
  ])
  const { workingDirectory } = terminal
  const asked = requestIn({ ...options, service: undefined }, workingDirectory)
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
  const { scheme, isAssumed } = outcome.urls ?? { scheme: defaultScheme, isAssumed: true }
  if (!place) {
    await print(terminal, created.file.text)
    await say(terminal, closing(factsOf(created, options, undefined, isAssumed), scheme))
    return 0
  }
  const kustomization = place.kustomization?.source
  const listed = kustomization && listResource(kustomization, path.basename(created.file.path))
  if (listed && !('text' in listed)) {
    const refused = { files: [kustomization], services: [], changes: [], diagnostics: listed }
    await say(terminal, diagnosticsText(refused, colours))
    return 1
  }
  const facts = factsOf(created, options, listed, isAssumed)
  const { sources, surroundings } = await neighbours(place, terminal)
  const built = kustomization && listed ? builtWith(created.file, kustomization, sources, surroundings) : undefined
  if (built !== undefined) {
    const both = `\`${created.file.path}\` and \`${built}\` would both be in \`${kustomization?.path}\``
    throw new UsageError(
      `a Service \`${options.name}\` is there already: ${both}, which kustomize rejects; use another name`,
    )
  }
  const own = { ...created.file, patchPath: nameInRepository(place.root, place.path) }
  const twice = namesakes(own, sources, surroundings?.applied?.appliers)
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
async function neighbours(
  { root, kustomization }: NewFile,
  terminal: Terminal,
): Promise<Pick<Loaded, 'sources' | 'surroundings'>> {
  if (repositoryRoot(terminal.workingDirectory) === undefined) return { sources: [] }
  const around = { scope: { isWhole: kustomization !== undefined } }
  const { loaded } = await openWorkspace({ path: [root], config: false }, terminal, around)
  return loaded
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
  if (extra !== undefined) throw new UsageError(`\`create\` needs one NAME, but gets \`${extra}\` as well`)
  const { output, force, format } = options
  if (output === undefined || output === '-') {
    if (options.write) throw new UsageError('--write needs a file: add `--output FILE`, such as `--output shop.yaml`')
    if (format === 'commit') throw new UsageError('`--format commit` needs --output FILE: stdout has the manifest')
    if (force) throw new UsageError('--force needs --output FILE')
    return undefined
  }
  if (output === '') throw new UsageError('--output is empty; must be a file, or `-` for stdout')
  if (isKustomization(output) || !/[^/\\]\.ya?ml$/i.test(output))
    throw new UsageError(`--output is \`${output}\`; must be a file in \`.yaml\` or \`.yml\``)
  return displayPath(path.resolve(workingDirectory, output), workingDirectory)
}

function factsOf(
  created: Created,
  { name, namespace }: CreateOptions,
  listed: Listed | undefined,
  isGuessedDomain: boolean,
): CreatedFacts {
  const [manifest] = findManifests(created.file).manifests
  const inherited = listed?.namespace ?? namespace
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(listed?.namespace !== undefined && { kustomizeNamespace: listed.namespace }),
    ...(created.revision !== undefined && { revision: created.revision }),
    address: addressOf(manifest?.value ?? {}, { name, ...(inherited !== undefined && { namespace: inherited }) }),
    isGuessedDomain,
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
  await inFolderOf(file, () => writeAll(pending, terminal))
}
