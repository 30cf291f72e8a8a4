import { existsSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames, mostFiles, plainFiles } from '../kustomize/folders.js'
import { hasSign } from '../manifest/other-kinds.js'
import { hasLayer } from '../kustomize/appliers.js'
import type { Surroundings } from '../pipeline/request.js'
import type { Unread } from '../pipeline/unread.js'
import { type SourceFile, textIn } from '../text/source.js'
import { appliedIn, gathered, isOverride, treeOf } from './appliers.js'
import type { gitCandidates } from './candidates.js'
import type { Discovered } from './discover.js'
import type { GitRepository } from './git/repository.js'
import { repositoryRoot } from './git/root.js'
import type { Environment } from './git/run.js'
import { markPatches, mentions, placesIn } from './listed.js'
import { canOwn } from './open.js'
import { displayPath, isInside, isKustomization, slashes, standsAt } from './paths.js'
import { append, parted } from '../text/collections.js'
import { type LocatedSource, type ReadFile, realRoot, type SourceReader } from './read.js'
import { meantBy, type Named } from './sides.js'
import type { CommitTree, KustomizationText } from './tree.js'

/** What a run knows already of the files around its Services, and how much more it needs. */
export type Search = {
  readonly files: readonly ReadFile[]
  readonly found: Pick<Discovered, 'kustomizations' | 'searched'>
  readonly reader: SourceReader
  readonly workingDirectory: string
  readonly environment: Environment
  /** What Git knows of a folder: it is handed over, since what it throws must be of the classes that the program catches. */
  readonly candidates: typeof gitCandidates
  /** The folder of an overlay that the run is about, absolute. */
  readonly overlay?: string
  /** Whether the overlays count that build upon the files from elsewhere in the repository. */
  readonly isWhole: boolean
  /** Hears of what can have a say as well, but cannot be read; `path` is absolute. */
  readonly onUnread: (unread: readonly Unread[]) => void
}

/** What stands around, and where each of its files is on the disk, links followed, by its `path`. */
export type AroundFiles = Surroundings & { readonly realPaths: ReadonlyMap<string, string> }

/** Finds what stands around the files of a run: the kustomizations that can have a say in them, and what those name. */
export async function surroundingsOf(search: Search): Promise<AroundFiles> {
  const { files, found, reader, workingDirectory } = search
  const sources = files.filter((file): file is LocatedSource => 'source' in file)
  const around = new Kustomized(reader, workingDirectory, sources)
  for (const { place } of sources) around.climb(path.dirname(place))
  if (search.overlay !== undefined) around.enter(search.overlay)
  const pool = [...found.kustomizations]
  const [first] = sources
  const start = search.overlay ?? around.folders()[0] ?? (first && path.dirname(first.place))
  if (search.isWhole && start !== undefined) append(pool, await elsewhere(start, search))
  const parts = found.searched.filter((folder) => repositoryRoot(folder) !== folder)
  around.follow()
  around.join(pool, (file) => parts.some((folder) => isInside(folder, file)))
  around.follow()
  const met = { kustomizations: around.paths(), searched: [] }
  const read = await markPatches(around.files(), met, reader, workingDirectory)
  const others = read.flatMap((file) => ('source' in file ? [file] : []))
  const placed = [...sources, ...others, ...around.inputs(), ...around.kustomizations()]
  const places = new Map(placed.map(({ source, place }) => [source.path, slashes(place)]))
  const folders = [...sources.map(({ place }) => path.dirname(place)), ...around.folders()]
  const given = new Set(sources.map(({ source }) => source.path))
  const applied = await appliedIn(reader.owners, {
    start: folders[0] ?? workingDirectory,
    folders,
    reader,
    environment: search.environment,
  })
  return {
    kustomizations: around.kustomizations().map(({ source }) => source),
    files: others.map(({ source }) => source),
    inputs: around.inputs().map(({ source }) => source),
    asked: new Set(
      around
        .kustomizations()
        .filter(({ place }) => found.searched.some((folder) => isInside(folder, place)))
        .map(({ source }) => source.path),
    ),
    refused: new Set([...reader.refused.keys()].map((shown) => slashes(path.resolve(workingDirectory, shown)))),
    owners: reader.owners,
    ...(applied && { applied }),
    askedAppliers: new Set(
      reader.owners
        .map(({ path: shown }) => shown)
        .filter(
          (shown) =>
            given.has(shown) ||
            found.searched.some((folder) => isInside(folder, path.resolve(workingDirectory, shown))),
        ),
    ),
    places,
    links: around.links,
    realPaths: new Map(placed.map(({ source, realPath }) => [source.path, realPath])),
  }
}

/** The kustomizations of the whole repository; what hands traffic to other controllers is read on the way. */
async function elsewhere(folder: string, search: Search): Promise<readonly string[]> {
  const { found, reader, environment, onUnread } = search
  const root = repositoryRoot(folder)
  if (root === undefined || found.searched.includes(root)) return []
  const candidates = await search.candidates(root, environment, () => undefined)
  if (!candidates) return []
  onUnread('marked' in candidates ? candidates.unread.filter(({ why }) => why === 'sparse') : [candidates])
  if (!('marked' in candidates)) return []
  for (const file of [...candidates.marked, ...candidates.untracked]) if (existsSync(file)) reader.read(file)
  return [...candidates.kustomizations, ...candidates.untracked.filter(isKustomization)]
}

/** What kustomize calls its files, in whatever letters: some disks find a file by others than its own. */
const anyKustomization = new RegExp(`^(?:${kustomizationNames.join('|').replaceAll('.', String.raw`\.`)})$`, 'iu')

/** The kustomizations that have to do with some files, and what they name. */
class Kustomized {
  /** Links that lead to a file of the run: the place of each, and the file's name in the run. */
  readonly links = new Map<string, string>()
  private readonly met = new Map<string, LocatedSource>()
  /** The same, as they came. */
  private readonly order: LocatedSource[] = []
  private readonly named = new Map<string, ReadFile>()
  private readonly others = new Map<string, LocatedSource>()
  /** Files that were looked into, whatever came of it. */
  private readonly looked = new Set<string>()
  private readonly climbed = new Set<string>()
  /** Whether folders have a kustomization, which is taken in once. */
  private readonly entered = new Map<string, boolean>()
  private readonly own: ReadonlySet<string>
  private readonly shown: ReadonlyMap<string, string>

  constructor(
    private readonly reader: SourceReader,
    private readonly workingDirectory: string,
    sources: readonly LocatedSource[],
  ) {
    this.own = new Set(sources.map(({ place }) => place))
    this.shown = new Map(sources.map(({ source, realPath }) => [realPath, source.path]))
  }

  kustomizations(): readonly LocatedSource[] {
    return [...this.met.values()]
  }

  paths(): readonly string[] {
    return [...this.met.keys()]
  }

  folders(): readonly string[] {
    return this.paths().map((file) => path.dirname(file))
  }

  files(): readonly ReadFile[] {
    return [...this.named.values()]
  }

  /** What was named and is none of the files. */
  inputs(): readonly LocatedSource[] {
    return [...this.others.values()]
  }

  /** Takes in the kustomizations of a folder and of those above it, up to the top of its repository. */
  climb(start: string): void {
    const top = realRoot(path.join(start, 'x'), this.workingDirectory)
    for (let folder = start; !this.climbed.has(folder) && isInside(top, folder); folder = path.dirname(folder)) {
      this.climbed.add(folder)
      this.enter(folder)
      if (folder === top) return
    }
  }

  /** Takes in the kustomization of a folder, if it has one; says whether it has. */
  enter(folder: string): boolean {
    const known = this.entered.get(folder)
    if (known !== undefined) return known
    const names = this.reader.namesIn(folder)
    // Most folders have none, and are listed for other reasons as well.
    const mayHaveOne = names === undefined || names.some((one) => anyKustomization.test(one))
    const name = mayHaveOne ? kustomizationNames.find((one) => existsSync(path.join(folder, one))) : undefined
    this.entered.set(folder, name !== undefined)
    if (name !== undefined) this.take(path.join(folder, name))
    return name !== undefined
  }

  private take(file: string): void {
    const read = this.reader.plain(file) ?? this.reader.garbledAt(file)
    if (read) this.meet(read)
  }

  private meet(read: LocatedSource): void {
    if (!this.met.has(read.place)) this.order.push(read)
    this.met.set(read.place, read)
  }

  /** Takes in those that name what is in already, and so on; and those that count in any case. */
  join(pool: readonly string[], counts: (file: string) => boolean): void {
    const naming = new Map<string, string[]>()
    for (const file of new Set(pool)) {
      if (this.met.has(file)) continue
      const { source, place: own = file } = this.reader.plain(file) ?? {}
      if (source && counts(file)) this.admit(file)
      else
        for (const place of placesIn(source?.text ?? this.reader.garbledText(file), path.dirname(own), true))
          putIn(naming, place, file)
    }
    for (const place of [...this.own, ...this.named.keys()])
      for (const file of naming.get(place) ?? []) this.admit(file)
    // Grows on the way: those that are admitted have folders, which others name.
    for (const { place } of this.order) for (const file of naming.get(path.dirname(place)) ?? []) this.admit(file)
  }

  private admit(file: string): void {
    const read = this.reader.plain(file) ?? this.reader.garbledAt(file)
    if (!read || this.met.has(read.place)) return
    this.meet(read)
    this.climb(path.dirname(read.place))
  }

  /** Reads what the kustomizations name, and what those name that they lead to. */
  follow(): void {
    // Grows on the way.
    for (const read of this.order) {
      const top = realRoot(read.place, this.workingDirectory)
      for (const place of new Set(placesIn(read.source.text, path.dirname(read.place)))) {
        if (!isInside(top, place) || this.named.has(place) || this.own.has(place)) continue
        const kind = standsAt(place)
        if (kind === 'file') this.name(place)
        if (kind === 'folder') this.enter(place)
      }
    }
  }

  /** A file with a Service or a part of one, be it that only a `target` says so, or with operations of a JSON patch. */
  private name(file: string): void {
    if (this.looked.has(file)) return
    this.looked.add(file)
    const read = this.reader.read(file) ?? this.reader.plain(file)
    if (!read) return
    if ('fault' in read) {
      this.reader.refused.set(read.path, read)
      return
    }
    const known = this.shown.get(read.realPath)
    if (known !== undefined) {
      this.links.set(slashes(file), known)
      return
    }
    const { text } = read.source
    if (mayBeLaid(text)) this.named.set(file, read)
    else this.others.set(file, read)
  }
}

/** Whether a text that a kustomization names can be a Service, a part of one, or operations of a JSON patch. */
function mayBeLaid(text: string): boolean {
  return hasSign(text) || /serving\.knative\.dev\/|\b(?:op|spec)\b|\$patch/.test(text)
}

function putIn<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

/**
 * What stands around the files of a commit, in that commit: the kustomizations that users name or that stand above the
 * files, what those name, and what may give the traffic to another controller.
 *
 * @throws IoFailure where Git cannot tell.
 */
export async function committedSurroundings(
  git: GitRepository,
  tree: CommitTree,
  named: Named,
  files: readonly ReadFile[],
): Promise<AroundFiles> {
  const sources = files.flatMap((file) => ('source' in file ? [file] : []))
  const own = new Set(sources.map(({ source }) => source.patchPath ?? source.path))
  const isMeant = meantBy(git, named)
  const { met, parts } = followed(await tree.kustomizations(), tree, { own, isMeant })
  await tree.read([...parts], 'all')
  const patches = await tree.patches()
  const placed = (name: string, text: string) => {
    const place = path.join(git.root, name)
    const isPatch = patches.has(name) && ({ isPatch: true } as const)
    return { place, source: { path: displayPath(place, named.workingDirectory), patchPath: name, text, ...isPatch } }
  }
  const kustomizations = met.map(({ name, text, fault }) => {
    const { place, source } = placed(name, text)
    return { place, source: { ...source, ...(fault && { isGarbled: true as const }) } }
  })
  const [laid, inputs] = parted(
    [...parts].flatMap((name) => {
      const text = tree.text(name)
      return text === undefined ? [] : [placed(name, text)]
    }),
    ({ source }) => mayBeLaid(source.text),
  )
  const all = [...sources, ...laid, ...inputs, ...kustomizations]
  const owners = ownersIn(tree).map(({ name, text }) => placed(name, text).source)
  return {
    ...(await committedApplied(tree, owners, (name, text) => placed(name, text).source)),
    kustomizations: kustomizations.map(({ source }) => source),
    files: laid.map(({ source }) => source),
    inputs: inputs.map(({ source }) => source),
    asked: new Set(met.filter(({ name }) => isMeant(name)).map(({ name }) => placed(name, '').source.path)),
    owners,
    places: new Map(all.map(({ source, place }) => [source.path, slashes(place)])),
    realPaths: new Map(all.map(({ source, place }) => [source.path, place])),
  }
}

/**
 * Reads the files of the folders without a kustomization that are applied, so that they can be counted.
 *
 * @throws IoFailure where Git cannot tell.
 */
export async function readPlainFolders(tree: CommitTree, { applied }: AroundFiles): Promise<void> {
  const appliers = (applied?.appliers ?? []).filter(({ controller }) => controller === 'Flux')
  const names = [...tree.files.keys()]
  const files = appliers.flatMap(({ path: folder }) => plainFiles(folder, names).files)
  await tree.read([...new Set(files)].slice(0, mostFiles), 'all')
}

/** The same of a commit. Which repository is its own, its files tell. */
async function committedApplied(
  tree: CommitTree,
  owners: readonly SourceFile[],
  placed: (name: string, text: string) => SourceFile,
): Promise<Pick<AroundFiles, 'applied'>> {
  const telling = owners.filter(hasLayer)
  const names = [...tree.files.keys()]
  const overrides = names.filter(isOverride)
  if (telling.length === 0 && overrides.length === 0) return {}
  await tree.read(overrides, 'all')
  const known = new Map<string, SourceFile | undefined>()
  const file = (name: string): SourceFile | undefined => {
    const text = known.has(name) ? undefined : tree.text(name)
    if (text !== undefined) known.set(name, placed(name, text))
    return known.get(name)
  }
  return {
    applied: gathered(
      telling,
      overrides.flatMap((name) => file(name) ?? []),
      treeOf(names, file),
      [],
    ),
  }
}

/** What hands Services to controllers stands anywhere in the repository, and is found among what was read of it. */
function ownersIn(tree: CommitTree): readonly { readonly name: string; readonly text: string }[] {
  return tree.manifestNames().flatMap((name) => {
    const blob = tree.blob(name)
    if (typeof blob === 'string' || !('bytes' in blob) || !canOwn(blob.bytes)) return []
    const text = textIn(blob.bytes)
    return text === undefined ? [] : [{ name, text }]
  })
}

/** The kustomizations that have to do with the files, and the names of the other files that they lead to. */
function followed(
  known: readonly KustomizationText[],
  tree: CommitTree,
  { own, isMeant }: { readonly own: ReadonlySet<string>; readonly isMeant: (name: string) => boolean },
): { readonly met: readonly KustomizationText[]; readonly parts: ReadonlySet<string> } {
  const byFolder = new Map(known.map((one) => [one.folder, one]))
  const above = new Set([...own].flatMap(foldersAbove))
  const met = new Set(known.filter(({ name, folder }) => isMeant(name) || above.has(folder)))
  const parts = new Set<string>()
  // Grows on the way.
  for (const { folder, text } of met)
    for (const mention of mentions(text)) {
      const name = path.posix.join(folder, mention).replace(/\/$/, '')
      const deeper = byFolder.get(name)
      if (deeper) met.add(deeper)
      else if (tree.has(name) && !own.has(name)) parts.add(name)
    }
  return { met: [...met], parts }
}

function foldersAbove(name: string): readonly string[] {
  const folder = path.posix.dirname(name)
  return folder === '.' ? [folder] : [folder, ...foldersAbove(folder)]
}
