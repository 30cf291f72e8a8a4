import path from 'node:path'

import { repositoryRoot } from '../io/git/root.js'
import { isKustomization } from '../io/kustomization-name.js'
import { displayPath } from '../io/paths.js'
import { placeFor, type Place } from '../io/place.js'
import { writeAll } from '../io/write.js'
import type { Created } from '../pipeline/create.js'
import type { Listed } from '../pipeline/list-resource.js'
import { blamedText } from '../report/blamed.js'
import { addressText, nextText, warningText, writtenText, type CreatedFacts } from '../report/created.js'
import { diagnosticsText } from '../report/text.js'
import { localScheme, type UrlScheme } from '../stages/url.js'
import type { SourceFile } from '../text/source.js'
import { singleOptions, type CreateOptions } from './create-options.js'
import { exitCode } from './exit.js'
import { sayUncommitted } from './policy.js'
import { coloursFor, print, say, type Terminal } from './terminal.js'
import { urlSchemeFor } from './url-scheme.js'
import { UsageError, refuseRepeated } from './usage.js'
import { openWorkspace, requestIn } from './workspace.js'

/** Prints a new manifest, or writes it and has the kustomization beside it list it. All files are written, or none. */
export async function create(options: CreateOptions, terminal: Terminal): Promise<number> {
  const shown = outputOf(options, terminal)
  const scheme = schemeOf(options)
  const [{ createService, listResource, namesakes }, { plan }] = await Promise.all([
    import('../pipeline/create.js'),
    import('../pipeline/plan.js'),
  ])
  const { workingDirectory } = terminal
  const asked = requestIn({ config: options.config, cluster: options.cluster }, workingDirectory)
  await sayUncommitted(options.config, asked, terminal)
  const created = createService(options, shown ?? '(stdout)', asked)
  if ('fault' in created) throw new UsageError(`${created.fault}; see \`kn-rollout create --help\``)
  const place = shown === undefined ? undefined : placeFor(shown, workingDirectory, options.force)
  const colours = coloursFor(terminal.stderr, terminal, options.color)
  const outcome = plan([created.file], asked)
  await say(terminal, blamedText(outcome, created.origins, colours))
  const failed = exitCode(outcome, { strict: false })
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
  await say(terminal, writtenText(created.file.path, list) + closing(facts, scheme, created.file.path))
  return 0
}

/** The manifests of the repository; outside of any there is nothing that belongs together. */
async function neighbours({ root }: Place, terminal: Terminal): Promise<readonly SourceFile[]> {
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
  const { output, force } = options
  if (output === undefined || output === '-') {
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
  { path: file, before, kustomization }: Place,
  created: Created,
  listed: Listed | undefined,
  terminal: Terminal,
): Promise<void> {
  const pending = [{ path: file, before, after: created.file.text }]
  if (kustomization && listed && listed.text !== kustomization.source.text)
    pending.push({ path: kustomization.path, before: Buffer.from(kustomization.source.text), after: listed.text })
  await writeAll(pending, terminal)
}
