import { readConfiguration, readNamed } from '../io/open.js'
import { type OverlayFile, overlayKustomization } from '../io/overlay.js'
import type { Request } from '../pipeline/request.js'
import type { Profile } from '../rules/rule.js'
import { defaultScheme, templateFault, type UrlScheme } from '../stages/url.js'
import type { SourceFile } from '../text/source.js'
import { load, type Loaded, type Scope } from './load.js'
import { sayUncommitted } from './policy.js'
import { type Changed, changedFor, type Destination } from './reports.js'
import { refuseRepeated, type Terminal, UsageError } from './terminal.js'

/** One side of the repository as a command looks at it. */
type Workspace = {
  readonly loaded: Loaded
  /** Which Services are meant, what judges them, and what stands around them. */
  readonly request: Request
  /** What a report shows first. */
  readonly changed: Changed
}

/** The options that say what a command looks at, and by what. A command without one of them leaves it out. */
type Given = {
  readonly service?: readonly string[] | undefined
  readonly profile?: Profile | undefined
  readonly config?: unknown
  readonly cluster?: string | undefined
  readonly schema?: string | undefined
  readonly live?: string | undefined
}

/** The options that say which files those are. */
type Named = {
  readonly path?: readonly string[] | undefined
  readonly overlay?: string | undefined
  readonly shared?: boolean
  readonly 'changed-since'?: string | undefined
}

/** What a command needs besides its files. */
type Opening = {
  /** How far to look around the files; without it, not at all. */
  readonly scope?: Pick<Scope, 'isWhole'>
  /** The reports that are to show first what changed; without them, nobody asks what did. */
  readonly wanted?: readonly Destination[]
  /** Whether files are to change, which says where the configuration is not what `check` will go by. */
  readonly isEdit?: true
  /** Gets sources that are known before all are. */
  readonly onEarly?: (source: SourceFile) => void
  /** Reads the files where they are not those of the working tree. */
  readonly read?: () => Promise<Loaded>
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
  { scope, wanted, isEdit, onEarly, read }: Opening = {},
): Promise<Workspace> {
  const { workingDirectory } = terminal
  const given = requestIn(options, workingDirectory)
  const overlay = overlayIn(options, workingDirectory)
  const around = scope && { ...scope, ...(overlay && { overlay: overlay.folder }) }
  const loading = read ? read() : load(options.path ?? [], terminal, around, onEarly)
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
 * What the options say without the files: which Services are meant, and by what they are judged.
 *
 * @throws UsageError, or IoFailure where a file that they name cannot be read.
 */
export function requestIn({ service, profile, config, cluster, live }: Given, workingDirectory: string): Request {
  refuseRepeated('profile', profile)
  const configuration = configurationFor(config, workingDirectory)
  const [settings, object] = [namedBy('cluster', cluster), namedBy('live', live)].map(
    (file) => file && readNamed(file, workingDirectory),
  )
  return {
    services: service ?? [],
    ...(profile && { profile }),
    ...(configuration && { configuration }),
    ...(settings && { cluster: settings }),
    ...(object && { live: object }),
  }
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
function overlayIn({ overlay, shared, path = [] }: Named, workingDirectory: string): OverlayFile | undefined {
  refuseRepeated('overlay', overlay)
  if (overlay === undefined) {
    if (shared) throw new UsageError('--shared needs --overlay')
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

/** The options that say how a cluster makes URLs. */
type SchemeOptions = { readonly domain?: string | undefined; readonly 'url-template'?: string | undefined }

/** How URLs are made: Knative's defaults where nobody says otherwise. @throws UsageError where nobody can fill them in. */
export function urlSchemeFor({ domain, 'url-template': template }: SchemeOptions): UrlScheme {
  for (const [flag, value] of Object.entries({ domain, 'url-template': template })) {
    refuseRepeated(flag, value)
    if (value === '') throw new UsageError(`--${flag} is empty`)
  }
  const fault = template === undefined ? undefined : templateFault(template)
  if (fault !== undefined) {
    const words = '{{.Name}}, {{.Namespace}}, {{.Domain}} and {{.Tag}}'
    throw new UsageError(`--url-template has the unknown placeholder \`${fault}\`; use ${words}`)
  }
  return { domain: domain ?? defaultScheme.domain, template: template ?? defaultScheme.template }
}
