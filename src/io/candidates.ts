import { existsSync, lstatSync, realpathSync, type Stats } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import type { LostPath, Untold } from '../pipeline/unread.js'
import { append, parted } from '../text/collections.js'
import { sizeLimit } from '../text/source.js'
import { listTracked, modes, type Tracked, trackedIn, unusualEntry } from './git/repository.js'
import { codeOf } from './failure.js'
import {
  anywhere,
  below,
  bytesOf,
  isNotUtf8,
  literal as literalName,
  nameInRepository,
  type PartStart,
  partsForEach,
  pathParts,
  repositoryRoot,
  spelledName,
} from './git/root.js'
import { askGit, type Ending, type Environment, runGit } from './git/run.js'
import { IgnoreFiles, manifestFilesBelow } from './ignored.js'
import { patterns, readRegular } from './open.js'
import { isKustomization, isManifestFile, isTemplateFile, manifestFiles, templateFiles } from './paths.js'

/** Names of files that say nothing of their own: every manifest has such an ending. */
const plainName = String.raw`[\w./-]+\.(?:yaml|yml|json)`

/** What lines of a kustomization are that list nothing but such files, or nothing at all. */
const usual = [
  '(?:#.*)?',
  '---',
  '(?:- )?[A-Za-z]+:',
  `- ${plainName}`,
  `(?:- )?path: ${plainName}`,
  String.raw`(?:- )?(?:apiVersion|kind|name|namespace|namePrefix|nameSuffix|newName|newTag|digest): ["']?[\w./:@-]+["']?`,
]

/**
 * Any other line: a kustomization with one may list files with other names. The same for Perl and for JavaScript, there
 * with `m`.
 */
const unusualLine = String.raw`^(?![ \t]*(?:${usual.join('|')})[ \t]*\r?$)`

const unusual = new RegExp(unusualLine, 'm')

/** Whether the text of a kustomization has such a line. */
export function hasUnusualLine(text: string): boolean {
  return unusual.test(text)
}

/**
 * The words of `git grep` for the names of files that can neither be Knative manifests nor kustomizations that name one.
 * Whatever it does not look into, such as what is no regular file any more, is not among them.
 */
const grepOthers = ['-c', 'grep.fullName=false', 'grep', '--no-color', '-L', '-z', '-a', '-P']

/**
 * In how many threads it looks: beside other runs of Git, more than there are processors get in each other's way more than
 * they help.
 */
function threads(): readonly string[] {
  return ['-c', `grep.threads=${Math.min(8, Math.max(1, availableParallelism() - 1))}`]
}

/** The pathspecs of the files that it looks into. */
const kustomizationFiles = kustomizationNames.map(anywhere)
const grepped = [...manifestFiles, ...kustomizationFiles] as const

/** The words of `git grep` for the kustomizations that can list files with names that no manifest has. */
const grepListing = [
  '-c',
  'grep.fullName=false',
  '-c',
  'grep.threads=1',
  'grep',
  '--no-color',
  '-l',
  '-z',
  '-a',
  '-P',
  '-e',
  unusualLine,
] as const

/** The words of Git for the files that it neither tracks nor ignores. */
export const listUntracked = ['ls-files', '-z', '--others', '--exclude-standard'] as const

/** Hears of files, absolute, and of the top of their repository. */
export type OnMarked = (files: readonly string[], root: string) => void

/** What Git lists of repositories, each list asked for once, and told to all that ask for it later in the run. */
export class Listings {
  private readonly index = new Map<string, ReturnType<typeof askGit>>()
  private readonly others = new Map<string, ReturnType<typeof namesOf>>()

  constructor(private readonly environment: Environment) {}

  /** The answer to `listTracked`. */
  tracked(root: string): ReturnType<typeof askGit> {
    const asked = this.index.get(root) ?? askGit(root, this.environment, listTracked)
    this.index.set(root, asked)
    return asked
  }

  /**
   * The manifests in a folder, as its repository names it, that Git neither tracks nor ignores, and templates of some; or why
   * it does not tell in a short time.
   */
  untracked(root: string, folder = ''): ReturnType<typeof namesOf> {
    const place = `${root}\0${folder}`
    const specs = [...manifestFiles, ...templateFiles].map((one) => below(folder, one))
    const asked =
      this.others.get(place) ?? namesOf(root, this.environment, [...listUntracked, '--', ...specs], ignorePatience)
    this.others.set(place, asked)
    return asked
  }
}

/** What Git knows of a folder. */
type Candidates = {
  /** Tracked files that hold the marker, and maybe others. */
  readonly marked: readonly string[]
  /** Files that Git neither tracks nor ignores: nobody has looked into them yet. */
  readonly untracked: readonly string[]
  /** Kustomizations among the tracked files that have patches, or build upon another folder. */
  readonly kustomizations: readonly string[]
  /** Kustomizations among the tracked files that can list files with names that no manifest has. */
  readonly listing: readonly string[]
  /** What stands in the place of tracked manifests and is no regular file: Git does not look into it. */
  readonly irregular: readonly string[]
  /** What can hold Services, but cannot be read from here; `path` is absolute. */
  readonly unread: readonly LostPath[]
}

/**
 * The files below `folder` (an absolute path) that can hold a Knative Service, as absolute paths, found in a fraction of
 * the time that reading them all would take. Undefined outside of any repository; where Git cannot tell, why, so that
 * another way is taken. The marked ones are handed to `onMarked` as they are found, before the others are known.
 */
export async function gitCandidates(
  folder: string,
  environment: Environment,
  onMarked: OnMarked,
  listings = new Listings(environment),
): Promise<Candidates | Untold | undefined> {
  const real = realpathSync.native(folder)
  const root = repositoryRoot(real)
  if (root === undefined) return undefined
  const top = nameInRepository(root, real)
  const at = (name: string): string => path.join(folder, top === '' ? name : name.slice(top.length + 1))
  const isBelow = (name: string): boolean => top === '' || name.startsWith(`${top}/`)
  const specs = (names: readonly string[]): readonly string[] => ['--', ...names.map((one) => below(top, one))]
  const sought = patterns().flatMap((one) => ['-e', one])
  const onLeft = (names: readonly string[]): void =>
    onMarked(names.filter((name) => isManifestFile(name) && !isNotUtf8(name)).map(at), root)
  const tracking = listings.tracked(root)
  const indexed = tracking.then(({ output }) => indexedIn(output, isBelow))
  const known = indexed.then(({ names }) => names)
  const [tracked, { odd, templates }, found, listing, untracked] = await Promise.all([
    tracking,
    indexed,
    candidatesBelow(root, environment, [...threads(), ...grepOthers, ...sought, ...specs(grepped)], {
      known,
      onLeft,
    }),
    indexed.then((index) => listingAmong(index, { root, environment }, specs(kustomizationFiles))),
    untrackedBelow(root, folder, listings.untracked(root, top)),
  ])
  if (tracked.how !== 'done') return untold(tracked)
  if (isEnding(untracked)) return untold(untracked)
  const seen = new Set([...found.marked, ...found.irregular])
  const assumed = odd.filter(({ name, isAssumed }) => isAssumed && isCandidate(name) && !seen.has(name))
  const names = assumed.map(({ name }) => name)
  const { marked, irregular } = merged([found, lookedAt(names, root)])
  const [unknown, others] = parted(untracked, isManifestFile)
  const readable = marked.filter((name) => !isNotUtf8(name))
  return {
    marked: readable.filter(isManifestFile).map(at),
    untracked: unknown.filter((name) => !isNotUtf8(name)).map(at),
    kustomizations: readable.filter(isKustomization).map(at),
    listing: listing.filter((name) => isBelow(name) && !isNotUtf8(name)).map(at),
    irregular: irregular.map(at),
    unread: [
      ...unreadAmong(odd, root),
      ...templatesAmong([...templates, ...others], root),
      ...[...marked, ...unknown].filter(isNotUtf8).map((name) => ({ why: 'name' as const, path: spelledName(name) })),
    ].map((one) => ({ ...one, path: at(one.path) })),
  }
}

/** To look into so many files takes less time than to begin a run of Git. */
const quicklyRead = 50

/**
 * The kustomizations among tracked files that can list files with names that no manifest has, as they are on the disk; where
 * Git should tell, and cannot, all of them. It passes over those that the index has as `odd`.
 */
async function listingAmong(
  { names: all, odd }: Indexed,
  { root, environment }: { readonly root: string; readonly environment: Environment },
  specs: readonly string[],
): Promise<readonly string[]> {
  const names = all.filter(isKustomization)
  const lists = (name: string): boolean => !isNotUtf8(name) && mayListOthers(path.join(root, name))
  if (names.length <= quicklyRead) return names.filter(lists)
  const found = await namesOf(root, environment, [...grepListing, ...specs])
  const others = odd.flatMap(({ name }) => (isKustomization(name) && lists(name) ? [name] : []))
  return isEnding(found) ? names : [...new Set([...found, ...others])]
}

function mayListOthers(file: string): boolean {
  const bytes = smallFile(file)
  return bytes !== undefined && hasUnusualLine(bytes.toString('latin1'))
}

/** All files below `folder` that Git does not ignore, as absolute paths; undefined where Git cannot tell. */
export async function unignoredBelow(
  folder: string,
  environment: Environment,
): Promise<ReadonlySet<string> | undefined> {
  const real = realpathSync.native(folder)
  const root = repositoryRoot(real)
  if (root === undefined) return undefined
  const top = nameInRepository(root, real)
  const words = [...listUntracked, '--cached', '--', ...(top === '' ? [] : [literalName(top)])]
  const names = await namesOf(root, environment, words, ignorePatience)
  if (isEnding(names)) return undefined
  return new Set(names.map((name) => path.join(folder, top === '' ? name : name.slice(top.length + 1))))
}

function isCandidate(name: string): boolean {
  return isManifestFile(name) || isKustomization(name)
}

/** The names in the index that are those of templates of manifests. */
const templateName: PartStart = (bytes, from, end) => {
  // Most end otherwise, as two letters tell.
  if (!templateEnds.has(bytes.slice(end - 2, end)) || !isTemplateFile(bytes.slice(Math.max(from, end - 20), end)))
    return undefined
  return bytes.indexOf('\t', from) + 1
}

const templateEnds = new Set(templateFiles.map((spec) => spec.slice(-2)))

/** The templates that make a Knative Service, as far as they can be read here. */
function templatesAmong(names: readonly string[], root: string): readonly LostPath[] {
  return names.flatMap((name) => {
    if (isNotUtf8(name) || !isTemplateFile(name) || !makesService(path.join(root, name))) return []
    return { why: 'template' as const, path: name }
  })
}

export function makesService(file: string): boolean {
  return smallFile(file)?.includes('serving.knative.dev/') === true
}

/** What a regular file holds; undefined of one that is too large to be looked into, and of what cannot be read. */
function smallFile(file: string): Buffer | undefined {
  try {
    return readRegular(file, sizeLimit)
  } catch {
    return undefined
  }
}

/** The names in the index that are those of manifests or kustomizations. */
const candidateName: PartStart = (bytes, from, end) => {
  // Most others end otherwise, as a letter tells.
  const last = bytes.charCodeAt(end - 1)
  if ((last !== 0x6c && last !== 0x6e) || bytes.startsWith(modes.submodule, from + 2)) return undefined
  const start = bytes.indexOf('\t', from) + 1
  return isManifestFile(bytes.slice(end - 5, end)) || isKustomization(bytes.slice(start, end)) ? start : undefined
}

/** What the index holds that is looked at here. */
type Indexed = {
  /** The names of manifests and kustomizations, each once; submodules have none. */
  readonly names: readonly string[]
  /** See `unusualEntry`. */
  readonly odd: readonly Tracked[]
  /** The names of templates of manifests, each once. */
  readonly templates: ReadonlySet<string>
}

/** @param isBelow Whether a name is one of those that are wanted. */
function indexedIn(output: Buffer, isBelow: (name: string) => boolean): Indexed {
  const [names = [], odd = [], templates = []] = partsForEach(output, [candidateName, unusualEntry, templateName])
  return {
    // A conflict has three entries, one after the other.
    names: names.filter((name, at) => name !== names[at - 1] && isBelow(name)),
    odd: trackedIn(odd).filter(({ name }) => isBelow(name)),
    templates: new Set(templates.filter(isBelow)),
  }
}

/**
 * Files that Git looks into one after the other, and names those in which it has found nothing: whatever it goes by without
 * a word is left, be it that it found something, or did not look.
 */
export class Sieve {
  private next = 0
  private readonly odd = new Set<string>()

  constructor(private readonly names: readonly string[]) {}

  /** Takes the next names that Git tells, and gives back those that it went by before. */
  pass(passed: readonly string[]): readonly string[] {
    const left: string[] = []
    for (const name of passed) {
      const at = this.odd.size > 0 ? -1 : this.names.indexOf(name, this.next)
      if (at < 0) this.odd.add(name)
      else {
        append(left, this.names.slice(this.next, at))
        this.next = at + 1
      }
    }
    return left
  }

  /** The rest. Should Git ever tell them in another order than that of the index, some were told to be left before. */
  end(): { readonly left: readonly string[]; readonly passed: ReadonlySet<string> } {
    return { left: this.names.slice(this.next).filter((name) => !this.odd.has(name)), passed: this.odd }
  }
}

type Sifted = {
  /** The names of the files, in the order of the index. */
  readonly known: Promise<readonly string[]>
  /** Learns of marked files while Git still searches. */
  readonly onLeft: (names: readonly string[]) => void
}

/** Which of the known files Git does not pass over; all of them with a Git that has no Perl expressions and cannot search. */
async function candidatesBelow(
  root: string,
  environment: Environment,
  words: readonly string[],
  { known, onLeft }: Sifted,
): Promise<Looked> {
  let sieve: Sieve | undefined
  // What came before the names were known, or ends within one.
  let pending: Buffer[] = []
  const found: Looked[] = []
  const sift = (): void => {
    const bytes = Buffer.concat(pending)
    const end = bytes.lastIndexOf(0) + 1
    pending = [bytes.subarray(end)]
    const looked = lookedAt(sieve?.pass(pathParts(bytes.subarray(0, end))) ?? [], root)
    found.push(looked)
    onLeft(looked.marked)
  }
  const search = runGit(root, environment, {
    arguments: words,
    onOutput: (chunk) => {
      pending.push(chunk)
      if (sieve) sift()
      return true
    },
  })
  const names = await known
  sieve = new Sieve(names)
  const ending = await search
  if (!isWhole(ending)) return lookedAt(names, root)
  sift()
  const { left, passed } = sieve.end()
  const last = lookedAt(left, root)
  found.push(last)
  onLeft(last.marked)
  const { marked, irregular } = merged(found)
  const isLeft = (name: string): boolean => !passed.has(name)
  return { marked: marked.filter(isLeft), irregular: irregular.filter(isLeft) }
}

/** What stands at some names. */
type Looked = Pick<Candidates, 'marked' | 'irregular'>

function merged(looked: readonly Looked[]): Looked {
  return {
    marked: looked.flatMap(({ marked }) => marked),
    irregular: looked.flatMap(({ irregular }) => irregular),
  }
}

/** Which files are there, and in the place of which manifests a link stands, or anything else that is no regular file. */
function lookedAt(names: readonly string[], root: string): Looked {
  const [marked, irregular]: [string[], string[]] = [[], []]
  for (const name of names) {
    const place = isNotUtf8(name) ? Buffer.concat([Buffer.from(`${root}/`), bytesOf(name)]) : `${root}/${name}`
    const stats = seenAt(place)
    // Whoever reads it says why it cannot be read.
    if (stats === 'closed' || stats?.isFile()) marked.push(name)
    else if (stats && !stats.isDirectory() && isManifestFile(name) && !isNotUtf8(name)) irregular.push(name)
  }
  return { marked, irregular }
}

/** What the system tells of a place; `closed` where a folder on the way is. */
function seenAt(place: string | Buffer): Stats | 'closed' | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false })
  } catch (error) {
    return codeOf(error) === 'EACCES' ? 'closed' : undefined
  }
}

/** The submodules, and the files that a sparse checkout leaves out. */
function unreadAmong(tracked: readonly Tracked[], root: string): readonly LostPath[] {
  return tracked.flatMap(({ name, mode, isSkipped }) => {
    if (mode === modes.submodule) return { why: 'submodule' as const, path: spelledName(name) }
    const isLeft = isSkipped && isCandidate(name) && !existsSync(path.join(root, name))
    return isLeft ? { why: 'sparse' as const, path: spelledName(name) } : []
  })
}

function isEnding(answer: readonly unknown[] | Ending): answer is Ending {
  return !Array.isArray(answer)
}

function untold({ reason, help, talk }: Ending): Untold {
  return { why: 'git', reason: reason || (talk.split('\n', 1)[0] ?? ''), ...(help !== undefined && { help }) }
}

/**
 * In milliseconds. Before 2.41, Git can take forever over one line of a `.gitignore` with many `*`; where it takes that
 * long, the files are gone through without it.
 */
const ignorePatience = 5000

/** The files that Git neither tracks nor ignores, as its repository names them; others too, where Git takes too long. */
async function untrackedBelow(
  root: string,
  folder: string,
  asked: ReturnType<typeof namesOf>,
): Promise<readonly string[] | Ending> {
  const names = await asked
  if (!isEnding(names) || names.how !== 'late') return names
  const real = realpathSync.native(folder)
  const files = manifestFilesBelow(real, new IgnoreFiles(root, real))
  return files?.map((file) => nameInRepository(root, file)) ?? names
}

/** The names that Git prints. Whatever it complains of, something may be missing. */
async function namesOf(
  root: string,
  environment: Environment,
  words: readonly string[],
  limit?: number,
): Promise<readonly string[] | Ending> {
  const { output, ...ending } = await askGit(root, environment, words, limit === undefined ? {} : { limit })
  return isWhole(ending) ? pathParts(output) : ending
}

function isWhole({ talk, how }: Ending): boolean {
  return talk === '' && (how === 'done' || how === 'no')
}
