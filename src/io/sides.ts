import path from 'node:path'

import type { LostPath } from '../pipeline/unread.js'
import { globMatcher, resolvePath } from '../text/path.js'
import { decode, sizeLimit, type SourceFile, textIn, tooLarge } from '../text/source.js'
import { type Listings, listUntracked } from './candidates.js'
import { betweenCommits, type Difference, fromWorkTree } from './changed.js'
import { byName } from './discover.js'
import { IoFailure } from './failure.js'
import { type GitRepository, modes } from './git/repository.js'
import { isNotUtf8, literal, nameInRepository, spelledName } from './git/root.js'
import { canHold, configurationName, readInside, refusals } from './open.js'
import {
  displayPath,
  isEditorLock,
  isManifestFile,
  kindOf,
  leadsOut,
  longestPath,
  manifestFiles,
  mostLinks,
} from './paths.js'
import { assertionMark, type ReadFile } from './read.js'
import { CommitTree } from './tree.js'

/** What users name: files, folders and globs, from the working directory; nothing is all that is below it. */
export type Named = { readonly paths: readonly string[]; readonly workingDirectory: string }

/** Whether a file, named as its repository does, is among what users name. */
export function meantBy(
  { root }: Pick<GitRepository, 'root'>,
  { paths, workingDirectory }: Named,
): (name: string) => boolean {
  const wanted = (paths.length === 0 ? ['.'] : paths).map((one) => matcher(root, path.resolve(workingDirectory, one)))
  return (name) => wanted.some((one) => one(name))
}

function matcher(root: string, place: string): (name: string) => boolean {
  const name = nameInRepository(root, place)
  const glob = globMatcher(name)
  return (file) => name === '' || file === name || file.startsWith(`${name}/`) || glob.test(file)
}

/**
 * The files of a commit that can hold a Knative Service, as `discover` and the reader find them in the working tree.
 *
 * @throws IoFailure where a path means nothing in that commit.
 */
export async function readCommitted(
  git: GitRepository,
  tree: CommitTree,
  named: Named,
): Promise<{ readonly files: readonly ReadFile[]; readonly unread: readonly LostPath[] }> {
  const known = [...tree.files.keys(), ...tree.links, ...tree.submodules, ...tree.left.names]
  for (const shown of named.paths) {
    const isMeant = meantBy(git, { ...named, paths: [shown] })
    if (!known.some(isMeant)) throw new IoFailure(`${shown}: no such file or directory in the commit`, 'usage')
  }
  const isMeant = meantBy(git, named)
  const given = new Set(named.paths.map((one) => nameInRepository(git.root, path.resolve(named.workingDirectory, one))))
  const patches = await tree.patches()
  const listed = await tree.listed()
  const names = [...tree.manifestNames(), ...listed, ...[...given].filter((name) => tree.has(name))]
  const wanted = [...new Set(names)].filter(isMeant).toSorted(byName)
  const followed = new Map(wanted.map((name) => [name, tree.follow(name)] as const))
  await tree.read([...followed.values()].flatMap((one) => ('name' in one ? [one.name] : [])))
  const own = new Set(wanted.filter((name) => !tree.isLink(name)))
  const met = new Set<string>()
  const lacking: string[] = []
  const files = wanted.flatMap((name): readonly ReadFile[] => {
    const end = followed.get(name) ?? { obstacle: 'missing' as const }
    const shown = (): string => displayPath(path.join(git.root, name), named.workingDirectory)
    if ('obstacle' in end) {
      const isNothing =
        end.obstacle === 'folder' || (end.obstacle === 'missing' && isEditorLock(path.posix.basename(name)))
      return isNothing ? [] : [{ path: shown(), fault: refusals[end.obstacle] }]
    }
    if (isNotUtf8(name) || isNotUtf8(end.name) || met.has(end.name) || (end.name !== name && own.has(end.name)))
      return []
    met.add(end.name)
    const blob = tree.blob(end.name)
    if (blob === 'lacking') lacking.push(name)
    if (typeof blob === 'string' || ('bytes' in blob && !canHold(blob.bytes))) return []
    const decoded = 'fault' in blob ? blob.fault : decode(blob.bytes)
    if ('reason' in decoded) return [{ path: shown(), fault: decoded }]
    const isPatch = patches.has(name) || patches.has(end.name)
    const source = {
      path: shown(),
      patchPath: end.name,
      text: decoded.text,
      ...(isPatch && { isPatch: true as const }),
      ...assertionMark(path.join(git.root, name)),
    }
    return [{ source, realPath: path.join(git.root, end.name), place: path.join(git.root, name) }]
  })
  const lost = [
    ...tree.submodules.filter(isMeant).map((name) => ({ why: 'submodule' as const, name })),
    ...lacking.map((name) => ({ why: 'lacking' as const, name })),
    ...unknownRoots(tree, isMeant).map((name) => ({ why: 'lacking root' as const, name })),
    ...wanted
      .filter((name) => isNotUtf8(name) && isManifestFile(name) && tree.blob(name) !== 'nothing')
      .map((name) => {
        return { why: 'name' as const, name }
      }),
  ]
  const all = [...files, ...(await garbledIn(tree, files, { git, named }))]
  return { files: all, unread: lost.map(({ why, name }) => ({ why, path: path.join(git.root, spelledName(name)) })) }
}

/** The kustomizations around what is meant that are no text, without those that are told of as manifests. */
async function garbledIn(
  tree: CommitTree,
  files: readonly ReadFile[],
  { git, named }: { readonly git: GitRepository; readonly named: Named },
): Promise<readonly ReadFile[]> {
  const isMeant = meantBy(git, named)
  const told = new Set(files.map((file) => ('source' in file ? file.source.path : file.path)))
  const garbled = (await tree.kustomizations()).filter(({ fault }) => fault)
  const meant = garbled.length === 0 ? [] : [...tree.files.keys()].filter(isMeant)
  return garbled.flatMap(({ name, folder, fault }) => {
    const shown = displayPath(path.join(git.root, name), named.workingDirectory)
    const isAround = meant.some((file) => folder === '.' || file.startsWith(`${folder}/`))
    return fault && isAround && !told.has(shown) ? [{ path: shown, fault }] : []
  })
}

/** The kustomizations that the clone lacks, as far as one of them, or a file beside it, is meant. */
function unknownRoots({ left }: CommitTree, isMeant: (name: string) => boolean): readonly string[] {
  return left.kustomizations.filter((one) => {
    const folder = path.posix.dirname(one)
    return left.names.some((name) => isMeant(name) && (folder === '.' || name.startsWith(`${folder}/`)))
  })
}

/** What one side of a change has under a name; the name of the file whose text it is, links followed. */
type Looked =
  | { readonly state: 'read'; readonly text: string; readonly name: string }
  | { readonly state: 'absent' | 'unreadable' }

/** One side of a change, by the names of its files. A text that can hold no Service is empty. */
type View = (name: string) => Looked

/** What counts on a side. */
type Counting = {
  /** Whether a file counts by its name, or because a kustomization lists it. */
  readonly counts: (name: string) => boolean
  /** Whether a file is looked at by its own name, so that links to it are nothing. */
  readonly isOwn: (name: string) => boolean
}

const absent: Looked = { state: 'absent' }
const unreadable: Looked = { state: 'unreadable' }

/** What a commit has of some files, which are read by one process. */
async function committedView(tree: CommitTree, names: readonly string[], { counts, isOwn }: Counting): Promise<View> {
  const ends = new Map(names.map((name) => [name, tree.follow(name)] as const))
  await tree.read([...ends.values()].flatMap((end) => ('name' in end ? [end.name] : [])))
  return (name) => {
    const end = ends.get(name) ?? { obstacle: 'missing' }
    if ('obstacle' in end) return end.obstacle === 'folder' || !tree.has(name) ? absent : unreadable
    if (!counts(name) || (end.name !== name && isOwn(end.name))) return absent
    const blob = tree.blob(end.name)
    if (blob === 'lacking') return unreadable
    const isNothing = blob === 'nothing' || ('bytes' in blob && !canHold(blob.bytes))
    if (isNothing) return { state: 'read', text: '', name: end.name }
    const text = 'bytes' in blob ? textIn(blob.bytes) : undefined
    return text === undefined ? unreadable : { state: 'read', text, name: end.name }
  }
}

/** Manifests of the working tree that were read, by where their names stand, and where they are, links followed. */
export type ReadTexts = ReadonlyMap<string, { readonly text: string; readonly realPath: string }>

/** What the working tree has, each file read when it is asked for, if it was not before. */
function diskView(root: string, { counts, isOwn }: Counting, read: ReadTexts): View {
  return (name) => {
    if (isNotUtf8(name)) return unreadable
    try {
      const file = path.join(root, name)
      const known = read.get(file)
      const opened = known ?? readInside(file, root)
      if (!opened || ('fault' in opened && opened.fault === refusals.folder)) return absent
      if ('fault' in opened && opened.fault) return unreadable
      const end = nameInRepository(root, opened.realPath)
      if (!counts(name) || (end !== name && isOwn(end))) return absent
      const text = 'text' in opened ? opened.text : canHold(opened.bytes) ? textIn(opened.bytes) : ''
      return text === undefined ? unreadable : { state: 'read', text, name: end }
    } catch {
      return unreadable
    }
  }
}

/** A file that differs between the two sides of a change. */
type ChangedFile = {
  /** Absolute, below the repository's real root: where its own name stands, be it that of a link. */
  readonly path: string
  /** Its text at the base, as far as it can hold a Service; undefined where it was not there, or was no text. */
  readonly before?: string
  /** Where that text stood, links followed; absolute. */
  readonly stood?: string
  /** Set where it was there, but is no text. */
  readonly isUnreadable?: true
  /** Its text at the head; undefined where it is gone, or is no text. Of a file that is new it does not matter. */
  readonly after?: string
  /** The blob that the file is at the head, where that is known. */
  readonly id?: string
  /** Set where it is no longer there. */
  readonly isGone?: true
}

/** The two ends of a change. */
type Ends = {
  /** The commit that both have in common: its full hash; or that of the empty tree, which came before the first commit. */
  readonly base: string
  /** Set where it is the empty tree: there is no history then. */
  readonly isFromNothing?: true
  /** The commit that is judged; undefined where it is the working tree. */
  readonly head?: string
  /** That commit, or the one that the working tree stands on. */
  readonly tip: string
  /** What `GitRepository.lineAfter` tells of the base and that commit, where it was asked. */
  readonly line?: readonly string[]
}

/** Both sides of a change. */
export type Sides = Ends & {
  readonly changed: readonly ChangedFile[]
  /** What differs as well, but cannot be read: submodules, and what a sparse checkout leaves out; `path` is absolute. */
  readonly unread: readonly LostPath[]
  /** The files that kustomizations of the base name as patches: absolute paths. */
  readonly patches: ReadonlySet<string>
  /** The files of the base. */
  readonly tree: CommitTree
  /** Whether the base has no file at all. */
  readonly isBaseEmpty: boolean
}

/** What is known of the head. */
type Head = {
  /** The commit's files; undefined where it is the working tree. */
  readonly tree?: CommitTree
  /** The files with names that no manifest has that kustomizations list, as the repository names them. */
  readonly listed: () => Promise<readonly string[]>
  /** What was read of the working tree. */
  readonly read?: () => Promise<ReadTexts>
  /** What Git lists, where others ask for it as well. */
  readonly listings?: Listings
  /** Hears of files that differ, as the repository names them, before it is known what of them counts. */
  readonly onDifferent?: (names: readonly string[]) => void
}

/** @throws IoFailure where Git cannot tell: no such commit, no commit in common. */
export async function readEnds(
  git: GitRepository,
  { since, head }: { readonly since: string; readonly head?: string | undefined },
): Promise<Ends> {
  const known = await git.commits(since, head ?? 'HEAD')
  const { tip, end, empty } = known ? { tip: known[0], end: known[1] } : await oneByOne(git, since, head ?? 'HEAD')
  // Where the line of the head ends at the commit that is named, they have that one in common.
  const after = empty === undefined && tip !== end ? await git.lineAfter(tip, end) : undefined
  const isBase = tip === end || after?.at(-1)?.split(' ')[1] === tip
  const base = empty ?? (isBase ? tip : await git.mergeBase(tip, end, since))
  return {
    base,
    tip: end,
    ...(isBase && after && { line: after }),
    ...(empty !== undefined && { isFromNothing: true }),
    ...(head !== undefined && { head: end }),
  }
}

/** What two names stand for, where one of them may be that of no commit: it is said what is wrong with which. */
async function oneByOne(
  git: GitRepository,
  since: string,
  head: string,
): Promise<{ readonly tip: string; readonly end: string; readonly empty?: string | undefined }> {
  const ending = git.commit('--head', head)
  // What is wrong with the base is told first.
  ending.catch(() => undefined)
  const empty = await git.emptyTree(since)
  const tip = empty ?? (await git.commit('--since', since))
  return { tip, end: await ending, empty }
}

/**
 * What differs between the merge base and the head: a commit, or the working tree with its untracked files. A file by the
 * name of a link is what the link leads to, on each side; where that is looked at under a name of its own, the link is
 * nothing.
 *
 * @throws IoFailure where Git cannot tell; or where the system does not tell what stands at a path that is named.
 */
export async function readSides(git: GitRepository, ends: Ends, named: Named, head: Head): Promise<Sides> {
  const given = new Set(namedIn(git, named))
  const isMeant = (name: string): boolean => isManifestFile(name) || given.has(name)
  const { listings, onDifferent: onStaged } = head
  const index = { onStaged, ...(listings && { listed: async () => git.told(await listings.tracked(git.root)) }) }
  const [all, untracked, tree] = await Promise.all([
    ends.head === undefined ? fromWorkTree(git, ends.base, isMeant, index) : betweenCommits(git, ends.base, ends.head),
    ends.head === undefined ? untrackedIn(git, given, listings) : [],
    CommitTree.of(git, ends.base, head.tree),
  ])
  const left = new Set([...tree.left.names, ...(head.tree?.left.names ?? [])])
  const differences = left.size === 0 ? all : all.filter(({ name }) => !left.has(name))
  const [before, patches, listed] = await Promise.all([tree.listed(), tree.patches(), head.listed()])
  const now = head.tree
  const links = [...tree.links, ...(now?.links ?? []), ...differences.filter(isLink).map(({ name }) => name)]
  const special = new Set([...links.filter(isMeant), ...before, ...listed].filter((name) => !isNotUtf8(name)))
  const differing = new Map(differences.map((one) => [one.name, one]))
  const names = [...differences.flatMap(({ name }) => (isMeant(name) ? [name] : [])), ...special]
  const counted = meantBy(git, named)
  const isOwn = (name: string): boolean => isManifestFile(name) && counted(name)
  const counts = (known: readonly string[]) => (name: string) => isMeant(name) || known.includes(name)
  const old = await committedView(tree, names, { counts: counts(before), isOwn })
  const fresh = now
    ? await committedView(now, names, { counts: counts(listed), isOwn })
    : diskView(git.root, { counts: counts(listed), isOwn }, (await head.read?.()) ?? new Map())
  const changed = [...new Set(names)].flatMap((name) => changeOf(git.root, name, [old, fresh], differing.get(name)))
  const added = untracked.map((name) => ({ path: path.join(git.root, spelledName(name)) }))
  const unread = differences.flatMap((one) => lostIn(one, isMeant(one.name)))
  return {
    ...ends,
    changed: [...changed, ...added],
    unread: unread.map((one) => ({ ...one, path: path.join(git.root, one.path) })),
    patches: new Set([...patches].map((name) => path.join(git.root, name))),
    tree,
    isBaseEmpty: tree.files.size === 0,
  }
}

/** The manifests that Git neither tracks nor ignores, and those of the given files that it does not. */
async function untrackedIn(
  git: GitRepository,
  given: ReadonlySet<string>,
  listings: Listings | undefined,
): Promise<readonly string[]> {
  const known = given.size === 0 ? await listings?.untracked(git.root) : undefined
  if (known && !('how' in known)) return known.filter(isManifestFile)
  return git.list([...listUntracked, '--', ...manifestFiles, ...[...given].map(literal)])
}

/** The files among what users name, as the repository names them: they count whatever they are called. */
function namedIn(git: GitRepository, { paths, workingDirectory }: Named): readonly string[] {
  return paths.flatMap((one) => {
    const file = path.resolve(workingDirectory, one)
    const name = nameInRepository(git.root, file)
    return !isManifestFile(one) && kindOf(file, name) === 'file' ? [name] : []
  })
}

function isLink({ oldMode, freshMode }: Difference): boolean {
  return oldMode === modes.link || freshMode === modes.link
}

/** How a file changed; nothing where it is the same on both sides, and Git sees no difference either. */
function changeOf(
  root: string,
  name: string,
  [old, fresh]: readonly [View, View],
  difference: Difference | undefined,
): readonly ChangedFile[] {
  const [before, after] = [old(name), fresh(name)]
  if (!difference && isSame(before, after)) return []
  // What a sparse checkout leaves out is not gone.
  const isGone = after.state === 'absent' && difference?.isSkipped === undefined
  return [
    {
      path: path.join(root, spelledName(name)),
      ...(before.state === 'read' && { before: before.text, stood: path.join(root, before.name) }),
      ...(before.state === 'unreadable' && { isUnreadable: true }),
      ...(after.state === 'read' && { after: after.text }),
      ...(difference?.stored !== undefined && { id: difference.stored }),
      ...(isGone && { isGone }),
    },
  ]
}

function isSame(before: Looked, after: Looked): boolean {
  if (before.state !== 'read' || after.state !== 'read') return before.state === after.state
  return before.text === after.text
}

/** What a difference hides from whoever reads the head. */
function lostIn({ name, oldMode, freshMode, isSkipped }: Difference, isMeant: boolean): readonly LostPath[] {
  if ([oldMode, freshMode].includes(modes.submodule)) return [{ why: 'submodule', path: spelledName(name) }]
  return isSkipped && isMeant ? [{ why: 'sparse', path: spelledName(name) }] : []
}

/** A commit (a full hash), and what messages call it: `the base commit 7551c51`. */
type NamedTree = {
  readonly commit: string
  readonly shown: string
  /** Its files, where they are known already: then Git is only asked about what is there. */
  readonly files?: CommitTree
}

/** What a name stands for in the tree of a commit. */
type Entry = { readonly mode: string; readonly id: string }

const link = '120000'

/**
 * The nearest configuration in a commit, from the working directory up to the root, as `readConfiguration` finds it on the
 * disk. A link counts that leads to a file of the same commit.
 *
 * @throws IoFailure where what has the name cannot be read as text, or leads to no file of the commit.
 */
export async function committedConfiguration(
  git: GitRepository,
  tree: NamedTree,
  workingDirectory: string,
): Promise<SourceFile | undefined> {
  const names = namesAbove(nameInRepository(git.root, workingDirectory))
  if (tree.files && !names.some((one) => tree.files?.mayHold(one))) return undefined
  const entries = await entriesOf(git, [tree.commit, '--', ...names.map(literal)])
  const name = names.find((one) => entries.has(one))
  const entry = entries.get(name ?? '')
  if (name === undefined || !entry) return undefined
  const shown = displayPath(path.join(git.root, name), workingDirectory)
  const id = entry.mode === link ? await behindLinks(git, tree, name) : fileIn(entry)
  if (id === undefined) {
    const message = `not checked: \`${shown}\` of ${tree.shown} (neither a regular file of the repository nor a link to one)`
    throw new IoFailure(`${message}; replace it, or add \`--config FILE\` or \`--no-config\``, 'usage')
  }
  const blob = await git.blob(id, name, sizeLimit)
  const decoded = typeof blob === 'number' ? tooLarge(blob) : decode(blob)
  if ('reason' in decoded)
    throw new IoFailure(`not checked: \`${shown}\` of ${tree.shown}: the file ${decoded.message}`, 'usage')
  return { path: shown, patchPath: name, text: decoded.text }
}

/** The names that count for a folder (from the root of its repository, `''`), the nearest first. */
function namesAbove(folder: string): readonly string[] {
  const parts = folder === '' || leadsOut(folder) ? [] : folder.split('/')
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    [...parts.slice(0, parts.length - up), configurationName].join('/'),
  )
}

async function entriesOf(git: GitRepository, words: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
  const listed = await git.list(['ls-tree', '-z', '--full-tree', ...words])
  return new Map(
    listed.flatMap((entry) => {
      const [, mode, id, name] = /^(\d{6}) \w+ ([0-9a-f]+)\t([^]+)$/.exec(entry) ?? []
      return mode !== undefined && id !== undefined && name !== undefined ? [[name, { mode, id }] as const] : []
    }),
  )
}

function fileIn({ mode, id }: Entry): string | undefined {
  return mode.startsWith('100') ? id : undefined
}

/** The file of the commit that links lead to, as the system would follow them; undefined where there is none. */
async function behindLinks(git: GitRepository, { commit }: NamedTree, name: string): Promise<string | undefined> {
  const tree = await entriesOf(git, ['-r', '-t', commit])
  let [place, ahead] = ['', name.split('/')]
  for (let links = 0; ahead.length > 0;) {
    const [step = '', ...rest] = ahead
    const next = resolvePath(place, step)
    if (next.startsWith('..')) return undefined
    const entry = tree.get(next)
    if (entry?.mode === link) {
      const blob = await git.blob(entry.id, next, longestPath)
      const target = typeof blob === 'number' ? '' : blob.toString()
      if (target === '' || target.startsWith('/') || ++links > mostLinks) return undefined
      ahead = [...target.split('/'), ...rest]
    } else if (next !== '' && (!entry || (rest.length > 0 && entry.mode !== '040000'))) return undefined
    else [place, ahead] = [next, rest]
  }
  const end = tree.get(place)
  return end && fileIn(end)
}
