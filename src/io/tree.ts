import path from 'node:path'

import { foldersOf } from '../text/path.js'
import { decode, type DecodeFault, sizeLimit, textIn, tooLarge } from '../text/source.js'
import { type GitRepository, modes } from './git/repository.js'
import { hasOtherEnding, mayList } from './listed.js'
import { canHold, canOwn, Skimmer } from './open.js'
import { follow, type Followed, isKustomization, isManifestFile, longestPath, type TreeEntry } from './paths.js'

/** What a blob holds: its bytes where they can be a manifest or are wanted whole, else that they cannot; or it is not here. */
export type Blob = { readonly bytes: Buffer } | { readonly fault: DecodeFault } | 'nothing' | 'lacking'

/** A kustomization of a commit: its name, its folder, and its text, or why it has none. */
export type KustomizationText = {
  readonly name: string
  readonly folder: string
  readonly text: string
  readonly fault?: DecodeFault
}

/** What a tree leaves out: kustomizations that the clone lacks, and all that is in their folders. */
type LeftOut = { readonly kustomizations: readonly string[]; readonly names: readonly string[] }

/** What the names of a commit stand for. */
type Content = {
  /** The ids of the regular files. */
  readonly files: ReadonlyMap<string, string>
  /** What the links spell. */
  readonly targets: ReadonlyMap<string, string>
  readonly submodules: readonly string[]
}

const nothingLeft: LeftOut = { kustomizations: [], names: [] }

/** The files of a commit, named from the root of the repository with `/`. */
export class CommitTree {
  private folders: ReadonlySet<string> | undefined
  private known: Promise<readonly KustomizationText[]> | undefined

  /** @param blobs What was read, by id. */
  private constructor(
    private readonly git: GitRepository,
    private readonly content: Content,
    private readonly blobs: Map<string, Blob>,
    readonly left: LeftOut = nothingLeft,
  ) {}

  /** The ids of the regular files. */
  get files(): ReadonlyMap<string, string> {
    return this.content.files
  }

  get submodules(): readonly string[] {
    return this.content.submodules
  }

  private get targets(): ReadonlyMap<string, string> {
    return this.content.targets
  }

  /**
   * The files of a commit without those that nobody can tell the use of, as the clone lacks the kustomization beside them.
   *
   * @throws IoFailure where Git cannot tell.
   */
  static async asFarAsKnown(git: GitRepository, commit: string): Promise<CommitTree> {
    const tree = await CommitTree.of(git, commit)
    const lacking = await tree.lackingKustomizations()
    return lacking.length === 0 ? tree : tree.without(lacking)
  }

  /**
   * @param like A tree that has many files in common, which need not be read again; what it leaves out is left out here, too.
   * @throws IoFailure where Git cannot tell.
   */
  static async of(git: GitRepository, commit: string, like?: CommitTree): Promise<CommitTree> {
    const files = new Map<string, string>()
    const links: (readonly [name: string, id: string])[] = []
    const submodules: string[] = []
    for (const entry of await git.list(['ls-tree', '-r', '-z', '--full-tree', commit])) {
      const tab = entry.indexOf('\t')
      const [mode = '', , id = ''] = entry.slice(0, tab).split(' ')
      const name = entry.slice(tab + 1)
      if (mode === modes.link) links.push([name, id])
      else if (mode === modes.submodule) submodules.push(name)
      else files.set(name, id)
    }
    const texts = new Map<string, string>()
    await git.readBlobs(new Map(links.map(([name, id]) => [id, name])), longestPath, {
      onObject: (id, bytes) => texts.set(id, bytes.toString()),
      // Nothing on a disk is called so.
      onLarge: () => () => undefined,
    })
    const targets = new Map(links.map(([name, id]) => [name, texts.get(id) ?? '/']))
    const tree = new CommitTree(git, { files, targets, submodules }, like?.blobs ?? new Map<string, Blob>())
    return like && like.left.names.length > 0 ? tree.without(like.left.kustomizations) : tree
  }

  private without(kustomizations: readonly string[]): CommitTree {
    const folders = kustomizations.map((name) => path.posix.dirname(name))
    const isLeft = (name: string): boolean => folders.some((folder) => folder === '.' || name.startsWith(`${folder}/`))
    const known = <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
      new Map([...entries].filter(([name]) => !isLeft(name)))
    const names = [...this.files.keys(), ...this.targets.keys()].filter(isLeft)
    const content = { ...this.content, files: known(this.files), targets: known(this.targets) }
    return new CommitTree(this.git, content, this.blobs, { kustomizations, names })
  }

  /** The names of links. */
  get links(): readonly string[] {
    return [...this.targets.keys()]
  }

  has(name: string): boolean {
    return this.files.has(name) || this.targets.has(name)
  }

  /** Whether anything can stand at a name, be it a folder, a submodule or a link that leads nowhere. */
  mayHold(name: string): boolean {
    return this.left.names.length > 0 || this.has(name) || this.submodules.includes(name) || this.stands(name)
  }

  /** Whether a name leads to something that is no folder, be it nothing that could be read. */
  private leads(name: string): boolean {
    return this.has(name) || (this.targets.size > 0 && 'name' in this.follow(name))
  }

  /** Whether a file or a folder stands at a name, links followed. */
  stands(name: string): boolean {
    const end = this.follow(name)
    return 'name' in end || end.obstacle !== 'missing'
  }

  isLink(name: string): boolean {
    return this.targets.has(name)
  }

  /** The file that a name leads to, links followed. */
  follow(name: string): Followed {
    return this.files.has(name) ? { name } : follow(name, (one) => this.entryAt(one))
  }

  private entryAt(name: string): TreeEntry {
    const target = this.targets.get(name)
    if (target !== undefined) return { target }
    if (this.files.has(name)) return 'file'
    this.folders ??= foldersOf([...this.files.keys(), ...this.targets.keys()])
    return this.folders.has(name) ? 'folder' : 'missing'
  }

  /**
   * Reads files of this tree by one process, and keeps those that can hold a manifest, or `all`.
   *
   * @throws IoFailure where Git cannot tell, or the clone lacks what it must not lack.
   */
  async read(
    names: readonly string[],
    all: 'all' | 'manifests' = 'manifests',
    mayLack: boolean = all === 'manifests',
  ): Promise<void> {
    const wanted = new Map<string, string>()
    for (const name of names) {
      const id = this.files.get(name)
      const known = this.blobs.get(id ?? '')
      if (id !== undefined && (!known || known === 'lacking' || (all === 'all' && known === 'nothing')))
        wanted.set(id, name)
    }
    await this.git.readBlobs(wanted, sizeLimit, {
      onObject: (id, bytes) => {
        if (all !== 'all' && !canHold(bytes) && !canOwn(bytes)) this.blobs.set(id, 'nothing')
        // What it is a part of would be held with it.
        else this.blobs.set(id, { bytes: bytes.length < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes })
      },
      onLarge: (id, size) => {
        const skimmer = new Skimmer()
        this.blobs.set(id, 'nothing')
        return (piece) => {
          skimmer.push(piece)
          if (skimmer.hasMet) this.blobs.set(id, { fault: tooLarge(size) })
        }
      },
      ...(mayLack && { onMissing: (id: string) => this.blobs.set(id, 'lacking') }),
    })
  }

  /** What was read of a file. */
  blob(name: string): Blob {
    return this.blobs.get(this.files.get(name) ?? '') ?? 'nothing'
  }

  /** The bytes of a blob that was read; undefined where they were not kept. */
  bytesOf(id: string): Buffer | undefined {
    const blob = this.blobs.get(id)
    return typeof blob === 'object' && 'bytes' in blob ? blob.bytes : undefined
  }

  /** The text of a file that was read; undefined where it was not kept, or is none. */
  text(name: string): string | undefined {
    const blob = this.blob(name)
    return typeof blob === 'object' && 'bytes' in blob ? textIn(blob.bytes) : undefined
  }

  /** The files that its kustomizations name as patches. */
  async patches(): Promise<ReadonlySet<string>> {
    const telling = (await this.kustomizations()).filter(({ text }) => text.includes('patches') || text.includes('\\'))
    if (telling.length === 0) return new Set()
    const { patchPaths } = await import('../kustomize/patch-paths.js')
    return new Set(
      telling.flatMap((one) => patchPaths(one.name, one.text).map((name) => path.posix.join(one.folder, name))),
    )
  }

  /** The files with names that no manifest has that its kustomizations list as resources or patches. */
  async listed(): Promise<readonly string[]> {
    const telling = (await this.kustomizations()).filter(({ folder, text }) =>
      mayList(text, (name) => this.leads(path.posix.join(folder, name))),
    )
    if (telling.length === 0) return []
    const { listedPaths } = await import('../kustomize/patch-paths.js')
    const named = telling.flatMap(({ name, folder, text }) =>
      listedPaths(name, text).map((one) => path.posix.join(folder, one)),
    )
    return [...new Set(named)].filter((name) => hasOtherEnding(name) && this.leads(name))
  }

  /** Its kustomizations, read. */
  async kustomizations(): Promise<readonly KustomizationText[]> {
    this.known ??= this.readKustomizations()
    return this.known
  }

  private kustomizationPlaces(): readonly { readonly name: string; readonly place: string }[] {
    return [...this.files.keys(), ...this.targets.keys()].filter(isKustomization).flatMap((name) => {
      const end = this.follow(name)
      return 'name' in end ? [{ name, place: end.name }] : []
    })
  }

  private async lackingKustomizations(): Promise<readonly string[]> {
    const places = this.kustomizationPlaces()
    const files = places.map(({ place }) => place)
    await this.read(files, 'all', true)
    return places.flatMap(({ name, place }) => (this.blob(place) === 'lacking' ? [name] : []))
  }

  private async readKustomizations(): Promise<readonly KustomizationText[]> {
    const places = this.kustomizationPlaces()
    const files = places.map(({ place }) => place)
    await this.read(files, 'all')
    return places.flatMap(({ name, place }) => {
      const blob = this.blob(place)
      if (blob === 'lacking') return []
      // What is too large is read for the signs of a manifest only.
      const decoded = blob === 'nothing' ? tooLarge() : 'fault' in blob ? blob.fault : decode(blob.bytes)
      const folder = path.posix.dirname(name)
      return 'text' in decoded ? [{ name, folder, ...decoded }] : [{ name, folder, text: '', fault: decoded }]
    })
  }

  /** The names that can be those of manifests, without the files that kustomizations list by other names. */
  manifestNames(): readonly string[] {
    return [...this.files.keys(), ...this.targets.keys()].filter(isManifestFile)
  }
}
