import type { UrlSpec } from '../config/config.js'
import { type Meant, pathsAndNames } from '../io/discover.js'
import { IoFailure } from '../io/failure.js'
import { GitRepository } from '../io/git/repository.js'
import { repositoryRoot } from '../io/git/root.js'
import { readConfiguration, readNamed, savedAt } from '../io/open.js'
import { type OverlayFile, overlayKustomization } from '../io/paths.js'
import { committedConfiguration, type Sides } from '../io/sides.js'
import type { CommitTree } from '../io/tree.js'
import type { Profile } from '../manifest/profile.js'
import type { Request } from '../pipeline/request.js'
import { templateFault, templateWords } from '../stages/url.js'
import type { SourceFile } from '../text/source.js'
import { shortCommit } from '../text/words.js'
import { load, type Loaded, type Scope } from './load.js'
import { type Changed, changedFor, type Destination } from './reports.js'
import { refuseRepeated, say, type Terminal, UsageError } from './terminal.js'

/** One side of the repository as a command looks at it. */
export type Workspace = {
  readonly loaded: Loaded
  /** Which Services are meant, what judges them, and what stands around them. */
  readonly request: Request
  /** What a report shows first. */
  readonly changed: Changed
}

/** The options that say what a command looks at, and by what. A command without one of them leaves it out. */
type Given = {
  readonly service?: readonly string[] | undefined
  readonly namespace?: string | undefined
  readonly profile?: Profile | undefined
  readonly config?: unknown
  readonly cluster?: string | undefined
  readonly schema?: string | undefined
  readonly live?: string | undefined
  readonly domain?: string | undefined
  readonly 'url-template'?: string | undefined
}

/** The options that say which files those are. */
type Named = {
  readonly path?: readonly string[] | undefined
  readonly overlay?: string | undefined
  readonly shared?: boolean
  readonly init?: boolean
  readonly 'changed-since'?: string | undefined
}

/** What a command needs besides its files. */
type Opening = {
  /** How far to look around the files; without it, not at all. */
  readonly scope?: Omit<Scope, 'overlay'>
  /** The reports that are to show first what changed; without them, nobody asks what did. */
  readonly wanted?: readonly Destination[]
  /** Whether files are to change, which says where the configuration is not what `check` will go by. */
  readonly isEdit?: true
  /** Gets sources that are known before all are. */
  readonly onEarly?: (source: SourceFile) => void
  /** Reads the files where they are not those of the working tree. */
  readonly read?: () => Promise<Loaded>
  /** What the words of the command line mean, where that was found out already. */
  readonly meant?: Meant
}

/**
 * Opens what a command looks at: reads the files and what stands around them, and what they are judged by. Every command
 * asks here, so that the same files get the same answer of each.
 *
 * @throws UsageError where options contradict each other, IoFailure where a file that they name cannot be read.
 */
export async function openWorkspace(
  options: Given & Named,
  terminal: Terminal,
  { scope, wanted, isEdit, onEarly, read, meant }: Opening = {},
): Promise<Workspace> {
  const { workingDirectory, environment } = terminal
  const { paths, names } = meant ?? (await pathsAndNames(options.path ?? [], workingDirectory, environment))
  const given = { ...requestIn(options, workingDirectory), ...choiceOf(options, names) }
  const overlay = overlayIn({ ...options, path: paths }, workingDirectory)
  const around = scope && { ...scope, ...(overlay && { overlay: overlay.folder }) }
  const loading = read ? read() : load(paths, terminal, around, onEarly)
  const [schema, changed, loaded] = await Promise.all([
    schemaFor(options.schema, workingDirectory),
    wanted ? changedFor(options['changed-since'], wanted, terminal, loading) : {},
    loading,
    isEdit && sayUncommitted(options.config, given, terminal),
  ])
  const { surroundings, named } = loaded
  const request = {
    ...given,
    ...schema,
    ...(named && { named }),
    ...(surroundings && { surroundings }),
    ...(overlay && { overlay: overlay.path }),
  }
  return { loaded, changed, request }
}

/**
 * What the options say without the files: by what Services are judged.
 *
 * @throws UsageError, or IoFailure where a file that they name cannot be read.
 */
export function requestIn(options: Given, workingDirectory: string): Request {
  const { profile, config, cluster, live } = options
  refuseRepeated('profile', profile)
  const configuration = configurationFor(config, workingDirectory)
  const urls = urlsIn(options)
  const [settings, object] = [namedBy('cluster', cluster), namedBy('live', live)].map(
    (file) => file && readNamed(file, workingDirectory),
  )
  const saved = object ? savedAt(object.path, workingDirectory) : undefined
  return {
    ...(profile && { profile }),
    ...(configuration && { configuration }),
    ...(settings && { cluster: settings }),
    ...(object && { live: { ...object, ...(saved !== undefined && { savedAt: saved }) } }),
    ...(Object.keys(urls).length > 0 && { urls }),
  }
}

/**
 * Which Services are meant: those that options and words name, in the namespace that `--namespace` names.
 *
 * @throws UsageError where two namespaces are named.
 */
function choiceOf({ service = [], namespace }: Given, names: readonly string[]): Pick<Request, 'services' | 'typed'> {
  refuseRepeated('namespace', namespace)
  if (namespace !== undefined && !/^[a-z0-9*?][-a-z0-9*?]*$/.test(namespace))
    throw new UsageError(`--namespace is \`${namespace}\`; must be the name of a namespace, such as \`prod\``)
  const within = (pattern: string): string => {
    if (namespace === undefined || /:\d+$/.test(pattern)) return pattern
    const [own, ...name] = pattern.split('/')
    if (name.length === 0) return `${namespace}/${pattern}`
    if (own === namespace) return pattern
    throw new UsageError(
      `\`--namespace ${namespace}\` cannot be combined with \`${pattern}\`, which names another namespace`,
    )
  }
  const typed = new Map<string, 'word' | 'namespace'>(names.map((name) => [within(name), 'word']))
  const services = [...service.map(within), ...typed.keys()]
  if (services.length > 0 || namespace === undefined) return { services, ...(typed.size > 0 && { typed }) }
  return { services: [`${namespace}/*`], typed: new Map([[`${namespace}/*`, 'namespace']]) }
}

/** The configuration that `--config` names, none with `--no-config`, else the nearest `.kn-rollout.yaml`. */
function configurationFor(option: unknown, workingDirectory: string): SourceFile | undefined {
  if (Array.isArray(option)) {
    throw new UsageError(
      option.includes(false) ? '--config and --no-config cannot be combined' : '--config is given twice',
    )
  }
  if (option === false) return undefined
  if (option === '') throw new UsageError('--config is empty; must be a file')
  return readConfiguration(typeof option === 'string' ? option : undefined, workingDirectory)
}

/** The schema that `--schema` names, ready to judge. What compiles it is loaded only where one is named. */
async function schemaFor(option: string | undefined, workingDirectory: string): Promise<Pick<Request, 'shape'>> {
  const file = namedBy('schema', option)
  if (file === undefined) return {}
  const source = readNamed(file, workingDirectory)
  const { compileSchema } = await import('./compile-schema.js')
  const shape = compileSchema(source)
  if (typeof shape === 'string') throw new UsageError(shape)
  return { shape }
}

/** The kustomization that `--overlay` names, by its folder or itself. */
function overlayIn({ overlay, shared, init, path = [] }: Named, workingDirectory: string): OverlayFile | undefined {
  refuseRepeated('overlay', overlay)
  if (overlay === undefined) {
    if (shared) throw new UsageError('--shared needs --overlay')
    if (init) throw new UsageError('--init needs --overlay: it adds what an overlay lacks')
    return undefined
  }
  if (path.length > 0)
    throw new UsageError('--overlay and paths cannot be combined: it finds the files of the overlay itself')
  const found = overlayKustomization(overlay, workingDirectory)
  if (found) return found
  throw new UsageError(`--overlay is \`${overlay}\`; must be a directory with a kustomization`)
}

function namedBy(flag: string, option: string | undefined): string | undefined {
  refuseRepeated(flag, option)
  if (option === '') throw new UsageError(`--${flag} is empty; must be a file`)
  return option
}

/** The options that say how a cluster makes URLs. @throws UsageError where nobody can fill them in. */
function urlsIn({ domain, 'url-template': template }: Given): UrlSpec {
  for (const [flag, value] of Object.entries({ domain, 'url-template': template })) {
    refuseRepeated(flag, value)
    if (value === '') throw new UsageError(`--${flag} is empty`)
  }
  const fault = template === undefined ? undefined : templateFault(template)
  if (fault !== undefined)
    throw new UsageError(`--url-template has the unknown placeholder \`${fault}\`; use ${templateWords}`)
  return { ...(domain !== undefined && { domain }), ...(template !== undefined && { template }) }
}

/** What a run of `check` goes by. */
export type CheckPolicy = Pick<Request, 'configuration' | 'policy'>

/**
 * What `check` goes by where the operator names no configuration: that of the base, and what the change makes of it. A
 * change cannot quiet what judges it.
 *
 * @throws IoFailure where a side has a configuration that cannot be read.
 */
export async function policyOf(
  git: GitRepository,
  { base, head, tree }: Pick<Sides, 'base' | 'head' | 'tree'>,
  { workingDirectory }: Terminal,
): Promise<CheckPolicy> {
  const read = (side: string, commit: string, files?: CommitTree): Promise<SourceFile | undefined> => {
    const shown = `the ${side} commit ${shortCommit(commit)}`
    return committedConfiguration(git, { commit, shown, ...(files && { files }) }, workingDirectory)
  }
  const before = await read('base', base, tree)
  const after = head === undefined ? readConfiguration(undefined, workingDirectory) : await read('head', head)
  const sides = { ...(before && { before }), ...(after && { after }) }
  return { ...(before && { configuration: before }), policy: { base: shortCommit(base), ...sides } }
}

/**
 * Says where a command goes by a configuration that is not the committed one: `check` would come to another result. Where
 * Git cannot tell, there is nothing to say.
 */
export async function sayUncommitted(
  option: unknown,
  { configuration }: { readonly configuration?: SourceFile },
  terminal: Terminal,
): Promise<void> {
  const { workingDirectory, environment } = terminal
  if (option !== undefined || !configuration || repositoryRoot(workingDirectory) === undefined) return
  const committed = await atHead(GitRepository.around(workingDirectory, environment), workingDirectory)
  if (committed === 'unknown') return
  if (committed?.path === configuration.path && plain(committed.text) === plain(configuration.text)) return
  const how = committed ? 'differs from the committed configuration' : 'is not committed'
  const name = `\`${configuration.path}\``
  await say(terminal, `kn-rollout: ${name} ${how}: \`check\` uses the one of its base commit\n`)
}

async function atHead(git: GitRepository, workingDirectory: string): Promise<SourceFile | 'unknown' | undefined> {
  try {
    return await committedConfiguration(git, { commit: 'HEAD', shown: 'HEAD' }, workingDirectory)
  } catch (error) {
    if (error instanceof IoFailure) return 'unknown'
    throw error
  }
}

/** Git may check files out with other line ends than it keeps. */
function plain(text: string): string {
  return text.replaceAll('\r\n', '\n')
}
