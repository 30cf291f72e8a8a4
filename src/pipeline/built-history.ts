import { isKustomizationFile } from '../kustomize/folders.js'
import { findManifests } from '../manifest/find.js'
import type { BuiltFileVersion, BuiltService } from '../manifest/past.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory, FileVersion } from '../text/words.js'
import { appliedAt, AppliedServices, filesAround, isTold } from './applied.js'
import type { Surroundings } from './request.js'

/** A line of history. */
export type Line = {
  /** The newest first. */
  readonly commits: readonly string[]
  /** What they did to files, by the path of each at its newest end. */
  readonly histories: ReadonlyMap<string, FileHistory>
  /** What controllers lay over the builds; it is taken to have been so at each commit. */
  readonly applied: Surroundings['applied']
  /** Files at hand: what was read of them need not be read again. */
  readonly files: readonly SourceFile[]
  /** What stands around at the newest commit, where that is known: what is built there need not be built again. */
  readonly newest?: Surroundings | undefined
}

/** A file at one commit: where it stood, and its text; undefined where it is no text that can be read. */
type Stood = { readonly path: string; readonly text: string | undefined }

/**
 * What a kustomize root built at each commit that touched something of it, as if the build were a file: its text holds
 * the Services, one document each. A commit is built when someone asks for its text.
 *
 * @param root The path of the root's kustomization.
 * @param parts The paths of all that it is built from, at whatever commit.
 * @param older What came before the line, where that is one of its own.
 */
export function builtHistory(root: string, parts: Iterable<string>, line: Line, older?: Line): FileHistory {
  const own = [...parts].flatMap((path) => {
    const [newer, past] = [line.histories.get(path), older?.histories.get(path)]
    return newer || past ? [{ path, newer: newer?.versions ?? [], past: past?.versions ?? [] }] : []
  })
  const { places, interned } = lineIndex(line)
  const touching = new Map<string, FileVersion>()
  for (const { newer } of own) for (const version of newer) touching.set(version.commit, version)
  const ordered = [...touching.values()]
    .filter(({ commit }) => places.has(commit))
    .toSorted((a, b) => (places.get(a.commit) ?? 0) - (places.get(b.commit) ?? 0))
  const versions = ordered.map((version, index): FileVersion => {
    const at = places.get(version.commit) ?? 0
    const stood = (): readonly Stood[] =>
      own.flatMap(({ newer, past }) => {
        const found = newer.find(({ commit }) => (places.get(commit) ?? Infinity) >= at) ?? past[0]
        return !found || found.isRemoved ? [] : [{ path: found.path, text: found.text }]
      })
    return new BuiltVersion(version, root, {
      stood,
      make: (files) =>
        builtServices(pathAt(root, own, at, places), files, {
          interned,
          applied: line.applied,
          newest: index === 0 ? line.newest : undefined,
        }),
    })
  })
  const all = own.flatMap(({ path }) => line.histories.get(path) ?? [])
  const failure = all.find((history) => history.failure !== undefined)?.failure
  return { versions, isCut: all.some(({ isCut }) => isCut), ...(failure !== undefined && { failure }) }
}

/** What all roots share of a line: where each commit is in it, and files that were met. */
type LineIndex = { readonly places: ReadonlyMap<string, number>; readonly interned: Map<string, SourceFile> }

const indices = new WeakMap<Line, LineIndex>()

function lineIndex(line: Line): LineIndex {
  const known = indices.get(line)
  if (known) return known
  const places = new Map(line.commits.map((commit, index) => [commit, index] as const))
  const interned = new Map(line.files.map((file) => [`${file.path}\n${file.text}`, file] as const))
  const index = { places, interned }
  indices.set(line, index)
  return index
}

/** What the root's kustomization was called then. */
function pathAt(
  root: string,
  own: readonly { readonly path: string; readonly newer: readonly FileVersion[] }[],
  at: number,
  places: ReadonlyMap<string, number>,
): string {
  const versions = own.find(({ path }) => path === root)?.newer ?? []
  return versions.find(({ commit }) => (places.get(commit) ?? Infinity) >= at)?.path ?? root
}

/** A version that is built when it is first asked for. */
class BuiltVersion implements BuiltFileVersion {
  readonly commit: string
  readonly time: number
  private known: { readonly services: readonly BuiltService[] | undefined } | undefined

  constructor(
    { commit, time }: FileVersion,
    readonly path: string,
    private readonly from: {
      readonly stood: () => readonly Stood[]
      readonly make: (files: readonly Stood[]) => readonly BuiltService[] | undefined
    },
  ) {
    this.commit = commit
    this.time = time
  }

  readonly services = (): readonly BuiltService[] | undefined => {
    this.known ??= { services: this.from.make(this.from.stood()) }
    return this.known.services
  }

  get text(): string | undefined {
    const services = this.services()
    return services && documentsOf(services.map(({ value }) => value))
  }

  /** What is built has no names but those of its files. */
  readonly mentions = (name: string): boolean =>
    this.from.stood().some(({ text }) => text === undefined || text.includes(name))
}

/** The Services that the root builds of some files; of files without a kustomization, those that stand in them. */
function builtServices(
  root: string,
  stood: readonly Stood[],
  { interned, applied, newest }: Pick<LineIndex, 'interned'> & Pick<Line, 'applied' | 'newest'>,
): readonly BuiltService[] | undefined {
  if (stood.some(({ text }) => text === undefined)) return undefined
  const beside = newest && knownBuild(root, stood, newest)
  if (beside) return beside
  // What was read of a file once is known by it: commits and roots share most of theirs.
  const files = stood.map(({ path, text = '' }): SourceFile => {
    const key = `${path}\n${text}`
    const known = interned.get(key) ?? { path, text }
    interned.set(key, known)
    return known
  })
  if (!files.some(({ path }) => path === root)) {
    const plain = files
      .filter((file) => !isKustomizationFile(file.path))
      .flatMap((file) => findManifests(file).manifests)
    return plain.map(({ value }) => ({ value }))
  }
  const surroundings: Surroundings = {
    kustomizations: files.filter(({ path }) => isKustomizationFile(path)),
    files: files.filter((file) => !isKustomizationFile(file.path)),
    owners: [],
    ...(applied && { applied }),
  }
  const built = new AppliedServices(surroundings, []).rootsAt(new Set([root]))
  if (!built.every(isTold)) return undefined
  return built.flatMap(({ services }) => services.map(({ manifest }) => ({ value: manifest.value })))
}

/** What a root builds of files that are those of a side that is built already; undefined where they are others. */
function knownBuild(root: string, stood: readonly Stood[], side: Surroundings): readonly BuiltService[] | undefined {
  const applied = appliedAt(side)
  if (!applied) return undefined
  const texts = textsOf(side)
  if (!stood.every(({ path, text }) => texts.get(path) === text)) return undefined
  const built = applied.rootsAt(new Set([root]))
  if (built.length === 0 || !built.every(isTold)) return undefined
  return built.flatMap(({ services }) => services.map(({ manifest }) => ({ value: manifest.value, manifest })))
}

const textsByPath = new WeakMap<Surroundings, ReadonlyMap<string, string>>()

function textsOf(side: Surroundings): ReadonlyMap<string, string> {
  const texts = textsByPath.get(side) ?? new Map(filesAround(side).map(({ path, text }) => [path, text] as const))
  textsByPath.set(side, texts)
  return texts
}

function documentsOf(values: readonly unknown[]): string {
  return values.map((value) => `---\n${JSON.stringify(value)}\n`).join('')
}
