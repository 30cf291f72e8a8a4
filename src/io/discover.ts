import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import type { LostPath, Unread, Untold } from '../pipeline/unread.js'
import { grouped, parted } from '../text/collections.js'
import { type IgnorePattern, ignorePatterns } from '../text/path.js'
import { sizeLimit } from '../text/source.js'
import { IoFailure, isMissing, reasonOf } from './failure.js'
import { isUnusual, listTracked, modes, type Tracked, trackedIn } from './git/repository.js'
import {
  anywhere,
  below,
  isNotUtf8,
  literal as literalName,
  nameInRepository,
  pathParts,
  repositoryRoot,
  spelledName,
} from './git/root.js'
import { askGit, type Ending, type Environment } from './git/run.js'
import { isLinkedOut, pattern } from './open.js'
import {
  isInside,
  isKustomization,
  isManifestFile,
  isTemplateFile,
  kindOf,
  manifestFiles,
  manifestGlob,
  slashes,
  statsAt,
  templateFiles,
} from './paths.js'
import { globOf } from './system.js'

/** What the `.gitignore` files of a folder leave out, and of those below it: for where Git itself does not tell. */
class IgnoreFiles {
  private readonly read = new Map<string, readonly IgnorePattern[]>()
  private readonly folders = new Map<string, boolean>()

  /**
   * @param top The folder where it begins, an absolute path.
   * @param workingDirectory What names in messages start from.
   */
  constructor(
    private readonly top: string,
    private readonly workingDirectory: string,
  ) {}

  /**
   * Whether a file below the top is left out, or a folder that it is in.
   *
   * @throws IoFailure where a `.gitignore` cannot be read.
   */
  leavesOut(file: string): boolean {
    return this.isIn(path.dirname(file)) || this.isNamed(file, false)
  }

  private isIn(folder: string): boolean {
    if (folder === this.top || path.dirname(folder) === folder) return false
    const known = this.folders.get(folder)
    if (known !== undefined) return known
    const isLeftOut = this.isIn(path.dirname(folder)) || this.isNamed(folder, true)
    this.folders.set(folder, isLeftOut)
    return isLeftOut
  }

  /** The last line that fits decides, of the file that stands nearest. */
  private isNamed(place: string, isFolder: boolean): boolean {
    const name = path.basename(place)
    for (let folder = path.dirname(place); ; folder = path.dirname(folder)) {
      const relative = slashes(path.relative(folder, place))
      const found = this.patternsIn(folder).findLast(
        ({ isForFolders, isPath, matcher }) => (isFolder || !isForFolders) && matcher.test(isPath ? relative : name),
      )
      if (found) return !found.isNegated
      if (folder === this.top || path.dirname(folder) === folder) return false
    }
  }

  private patternsIn(folder: string): readonly IgnorePattern[] {
    const known = this.read.get(folder)
    if (known) return known
    const patterns = ignorePatterns(this.textIn(folder))
    this.read.set(folder, patterns)
    return patterns
  }

  /** Like Git, this follows no links; what is no file says nothing. */
  private textIn(folder: string): string {
    const file = path.join(folder, '.gitignore')
    try {
      return lstatSync(file).isFile() ? readFileSync(file, 'utf8') : ''
    } catch (error) {
      if (isMissing(error)) return ''
      throw new IoFailure(`${slashes(path.relative(this.workingDirectory, file))}: ${reasonOf(error)}`)
    }
  }
}

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
export const unusualLine = String.raw`^(?![ \t]*(?:${usual.join('|')})[ \t]*\r?$)`

const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules'])

/**
 * The files that can hold manifests in a folder and below it, and the templates of such files, with whatever else is called
 * so and is no folder, without those that `.gitignore` files leave out. Undefined where a folder cannot be read.
 */
function manifestFilesBelow(top: string, ignores: IgnoreFiles): readonly string[] | undefined {
  const files: string[] = []
  const folders = [top]
  for (const folder of folders) {
    const entries = entriesOf(folder)
    if (!entries) return undefined
    for (const entry of entries) {
      const place = path.join(folder, entry.name)
      if (!entry.isDirectory()) {
        if (isManifestFile(entry.name) || isTemplateFile(entry.name)) files.push(place)
      } else if (!skipped.has(entry.name)) folders.push(place)
    }
  }
  return files.filter((file) => !ignores.leavesOut(file))
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}

/** The words of `git grep` for the names of files that can be Knative manifests, or kustomizations that name one. */
const grep = ['grep', '--no-color', '-l', '-z', '-a', '-P', '-e'] as const

/** The pathspecs of the files that it looks into. */
const kustomizationFiles = kustomizationNames.map(anywhere)
const grepped = [...manifestFiles, ...kustomizationFiles] as const

/** The words of `git grep` for the kustomizations that can list files with names that no manifest has. */
const grepListing = [
  '-c',
  'grep.fullName=false',
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
 * another way is taken. The marked ones are known before the others, and handed to `onMarked` at once.
 */
export async function gitCandidates(
  folder: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Candidates | Untold | undefined> {
  const real = realpathSync.native(folder)
  const root = repositoryRoot(real)
  if (root === undefined) return undefined
  const top = nameInRepository(root, real)
  const at = (name: string): string => path.join(folder, top === '' ? name : name.slice(top.length + 1))
  const isWithin = ({ name }: Pick<Tracked, 'name'>): boolean => top === '' || name.startsWith(`${top}/`)
  const specs = (patterns: readonly string[]): readonly string[] => ['--', ...patterns.map((one) => below(top, one))]
  const [marked, listing, { tracked, irregular }, untracked] = await Promise.all([
    namesOf(root, environment, ['-c', 'grep.fullName=false', ...grep, pattern(), ...specs(grepped)]).then((names) => {
      if (!isEnding(names)) onMarked(names.filter((name) => isManifestFile(name) && !isNotUtf8(name)).map(at))
      return names
    }),
    namesOf(root, environment, [...grepListing, ...specs(kustomizationFiles)]),
    // Looked at while Git still searches.
    askGit(root, environment, listTracked).then((answer) => {
      return { tracked: answer, irregular: irregularIn(answer.output, root, (name) => isWithin({ name })) }
    }),
    untrackedBelow(root, folder, environment, specs([...manifestFiles, ...templateFiles])),
  ])
  if (tracked.how !== 'done') return untold(tracked)
  if (isEnding(untracked)) return untold(untracked)
  // A Git without Perl's expressions cannot search; then all is looked into.
  const isAll = isEnding(marked)
  const entries = trackedIn(pathParts(tracked.output, isAll ? undefined : isUnusual))
  const here = entries.filter(isWithin)
  const [unknown, others] = parted(untracked, isManifestFile)
  const templates = trackedIn(pathParts(tracked.output, isTemplateEntry)).filter(isWithin)
  const found = isAll ? here.map(({ name }) => name).filter(isCandidate) : marked
  const readable = found.filter((name) => !isNotUtf8(name))
  return {
    marked: readable.filter(isManifestFile).map(at),
    untracked: unknown.filter((name) => !isNotUtf8(name)).map(at),
    kustomizations: readable.filter(isKustomization).map(at),
    listing: (isEnding(listing) ? here.map(({ name }) => name).filter(isKustomization) : listing)
      .filter((name) => !isNotUtf8(name))
      .map(at),
    irregular: irregular.map(at),
    unread: [
      ...unreadAmong(
        here.filter(({ mode, name }) => mode === modes.submodule || isCandidate(name)),
        root,
      ),
      ...templatesAmong([...templates.map(({ name }) => name), ...others], root),
      ...[...found, ...unknown].filter(isNotUtf8).map((name) => ({ why: 'name' as const, path: spelledName(name) })),
    ].map((one) => ({ ...one, path: at(one.path) })),
  }
}

/** All files below `folder` that Git does not ignore, as absolute paths; undefined where Git cannot tell. */
async function unignoredBelow(folder: string, environment: Environment): Promise<ReadonlySet<string> | undefined> {
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

/** Whether an entry of the index is called as templates of manifests are. */
function isTemplateEntry(output: Buffer, from: number, end: number): boolean {
  // Most end otherwise, as two letters tell.
  if (!templateEnds.has(((output[end - 2] ?? 0) << 8) | (output[end - 1] ?? 0))) return false
  return isTemplateFile(output.toString('latin1', Math.max(from, end - 20), end))
}

const templateEnds = new Set(
  templateFiles.map((spec) => (spec.charCodeAt(spec.length - 2) << 8) | spec.charCodeAt(spec.length - 1)),
)

/** The templates that make a Knative Service, as far as they can be read here. */
function templatesAmong(names: readonly string[], root: string): readonly LostPath[] {
  return names.flatMap((name) => {
    if (isNotUtf8(name) || !isTemplateFile(name) || !makesService(path.join(root, name))) return []
    return { why: 'template' as const, path: name }
  })
}

function makesService(file: string): boolean {
  const stats = statsAt(file)
  if (!stats?.isFile() || stats.size > sizeLimit) return false
  try {
    return readFileSync(file).includes('serving.knative.dev/')
  } catch {
    return false
  }
}

/** Whether an entry of the index is called as manifests are. */
function isManifestEntry(output: Buffer, _from: number, end: number): boolean {
  // Most others end otherwise, as a letter tells.
  const last = output[end - 1]
  if (last !== 0x6c && last !== 0x6e) return false
  return isManifestFile(output.toString('latin1', end - 5, end))
}

/** The tracked manifests in whose place a link stands, or anything else that is no regular file. There may be very many. */
function irregularIn(output: Buffer, root: string, isWithin: (name: string) => boolean): readonly string[] {
  const names = new Set<string>()
  for (const entry of pathParts(output, isManifestEntry)) {
    const isSubmodule = entry.startsWith(modes.submodule, entry.indexOf(' ') + 1)
    if (!isSubmodule) names.add(entry.slice(entry.indexOf('\t') + 1))
  }
  return [...names].filter((name) => {
    const stats = isWithin(name) ? statsAt(`${root}/${name}`) : undefined
    return stats !== undefined && !stats.isFile() && !stats.isDirectory() && !isNotUtf8(name)
  })
}

/** The submodules, and the files that a sparse checkout leaves out. */
function unreadAmong(tracked: readonly Tracked[], root: string): readonly LostPath[] {
  return tracked.flatMap(({ name, mode, isSkipped }) => {
    if (mode === modes.submodule) return { why: 'submodule' as const, path: spelledName(name) }
    return isSkipped && !existsSync(path.join(root, name)) ? { why: 'sparse' as const, path: spelledName(name) } : []
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
  environment: Environment,
  specs: readonly string[],
): Promise<readonly string[] | Ending> {
  const names = await namesOf(root, environment, [...listUntracked, ...specs], ignorePatience)
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
  const isWhole = ending.talk === '' && (ending.how === 'done' || ending.how === 'no')
  return isWhole ? pathParts(output) : ending
}

/** What the arguments mean. */
export type Discovered = {
  readonly files: readonly string[]
  /** Those of them that were named one by one. */
  readonly given: readonly string[]
  /** Kustomizations that were met on the way, as far as they have patches or build upon another folder. */
  readonly kustomizations: readonly string[]
  /** Those that can list files with names that no manifest has. */
  readonly listing: readonly string[]
  /** The folders that were searched whole. */
  readonly searched: readonly string[]
  /** What is meant as well, but cannot be read; `path` is absolute. */
  readonly unread: readonly Unread[]
}

/** What the words of a command line mean: files and folders, or names of Services. */
export type Meant = { readonly paths: readonly string[]; readonly names: readonly string[] }

/** `[NAMESPACE/]NAME` of a Service, with `*` and `?` in it or without. */
const serviceName = /^(?:[a-z0-9*?][-a-z0-9*?]*\/)?[a-z0-9*?][-a-z0-9*?]*$/

/**
 * Tells paths from names of Services: whatever is there, or matches something, is a path, and so is what no Service can be
 * called. `isElsewhere` knows paths that are not on the disk.
 */
export async function pathsAndNames(
  words: readonly string[],
  workingDirectory: string,
  environment: Environment,
  isElsewhere: (word: string) => Promise<boolean> = async () => false,
): Promise<Meant> {
  const paths: string[] = []
  const names: string[] = []
  for (const word of words) {
    const isName =
      serviceName.test(word) &&
      kindOf(path.resolve(workingDirectory, word), word) === undefined &&
      !(await isElsewhere(word)) &&
      !(/[*?]/.test(word) && (await isMatched(word, workingDirectory, environment)))
    ;(isName ? names : paths).push(word)
  }
  return { paths, names }
}

async function isMatched(glob: string, folder: string, environment: Environment): Promise<boolean> {
  const { files, folders } = await expand([glob], folder, folder, environment)
  return files.length + folders.length > 0
}

/**
 * The files that the arguments mean, as absolute paths in a stable order, each once. A file that is named is taken
 * whatever ignore rules say; folders and globs leave out what `.gitignore` does. `onMarked` learns early of files that
 * will be among them, so that they can be worked on while Git still looks for others.
 *
 * @throws IoFailure where an argument means nothing, or a folder cannot be read.
 */
export async function discover(
  paths: readonly string[],
  workingDirectory: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Discovered> {
  const found = new Set<string>()
  const given: string[] = []
  const kustomizations: string[] = []
  const listing: string[] = []
  const searched: string[] = []
  const unread: Unread[] = []
  const globs: string[] = []
  const search = async (folder: string): Promise<void> => {
    const walked = await walk(folder, workingDirectory, environment, onMarked)
    for (const file of walked.files) found.add(file)
    kustomizations.push(...walked.kustomizations)
    listing.push(...walked.listing)
    unread.push(...walked.unread)
    searched.push(folder)
  }
  for (const argument of paths) {
    if (argument === '') throw new IoFailure('a path is empty', 'usage')
    const absolute = path.resolve(workingDirectory, argument)
    const kind = kindOf(absolute, argument)
    if (kind === undefined) {
      if (!/[*?[\]{}!]/.test(argument)) throw new IoFailure(`${argument}: no such file or directory`, 'usage')
      globs.push(globOf(argument))
    } else if (kind === 'folder' && !isLinkedOut(absolute)) {
      await search(absolute)
    } else given.push(absolute)
  }
  const without = globs.filter((glob) => glob.startsWith('!'))
  for (const glob of globs.filter((one) => !one.startsWith('!'))) {
    const [up, rest] = upwards(glob)
    const start = path.resolve(workingDirectory, up)
    const matched = await expand([rest, ...without], start, workingDirectory, environment)
    if (matched.files.length + matched.folders.length === 0)
      throw new IoFailure(`${glob}: no file or directory matches`, 'usage')
    for (const file of matched.files) found.add(file)
    for (const folder of matched.folders) {
      if (without.length === 0) await search(folder)
      else for (const file of await leftIn(folder, start, without, environment)) found.add(file)
    }
  }
  const files = [...new Set([...found, ...given])].toSorted(byName)
  return { files, given, kustomizations, listing, searched, unread }
}

/** The manifests in a folder that a glob matched, as far as no other one leaves them out. */
async function leftIn(
  folder: string,
  start: string,
  without: readonly string[],
  environment: Environment,
): Promise<readonly string[]> {
  const inside = `${slashes(path.relative(start, folder))}/${manifestGlob}`
  return (await expand([inside, ...without], start, start, environment)).files
}

/** The order of files in a run. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

async function walk(
  folder: string,
  workingDirectory: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Omit<Discovered, 'searched' | 'given'>> {
  const candidates = await gitCandidates(folder, environment, onMarked)
  if (candidates && 'marked' in candidates) {
    const { marked, untracked, irregular, kustomizations, listing, unread } = candidates
    const fresh = untracked.filter(isKustomization)
    return {
      files: [...[...marked, ...untracked].filter((file) => existsSync(file)), ...irregular],
      kustomizations: [...kustomizations, ...fresh],
      listing: [...listing, ...fresh],
      unread,
    }
  }
  const all = candidates ? undefined : manifestFilesBelow(folder, new IgnoreFiles(folder, workingDirectory))
  const [plain, others] = all ? parted(all, isManifestFile) : []
  const files = plain ?? (await expand([manifestGlob], folder, workingDirectory, environment)).files
  const kustomizations = files.filter(isKustomization)
  const templates = (others ?? []).filter(makesService).map((file) => ({ why: 'template' as const, path: file }))
  return { files, kustomizations, listing: kustomizations, unread: candidates ? [candidates] : templates }
}

async function expand(
  patterns: readonly string[],
  folder: string,
  workingDirectory: string,
  environment: Environment,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const { globby } = await import('globby')
  try {
    const found = await globby(patterns, {
      cwd: folder,
      dot: true,
      ignore: ['**/.git/**', '**/node_modules/**'],
      followSymbolicLinks: false,
      absolute: true,
      expandDirectories: false,
      // Links and devices count, so that they are followed, or refused by their names.
      onlyFiles: false,
      objectMode: true,
    })
    const [files, folders] = [false, true].map((isFolder) => {
      return found.filter(({ dirent }) => dirent.isDirectory() === isFolder).map((one) => path.normalize(one.path))
    })
    return {
      files: await unignored(files ?? [], folder, workingDirectory, environment),
      folders: patterns.some(isDeep) ? [] : outermost(folders ?? [], folder, workingDirectory),
    }
  } catch (error) {
    if (error instanceof IoFailure) throw error
    const where = error instanceof Error && 'path' in error ? String(error.path) : folder
    throw new IoFailure(`${path.relative(workingDirectory, where) || where}: ${reasonOf(error)}`)
  }
}

/** Whether a glob matches files below folders anyway. */
function isDeep(glob: string): boolean {
  return !glob.startsWith('!') && /(?:^|\/)\*\*(?:\/|$)/.test(glob)
}

/** The folders that are in none of the others, without those that `.gitignore` files leave out. */
function outermost(folders: readonly string[], top: string, workingDirectory: string): readonly string[] {
  const ignores = new IgnoreFiles(repositoryRoot(top) ?? top, workingDirectory)
  const left: string[] = []
  for (const folder of folders.toSorted(byName)) {
    const isBelow = left.some((other) => isInside(other, folder))
    if (!isBelow && !ignores.leavesOut(path.join(folder, 'any'))) left.push(folder)
  }
  return left
}

/** Leaves out what `.gitignore` files do: as Git says, else as they say themselves. */
async function unignored(
  files: readonly string[],
  folder: string,
  workingDirectory: string,
  environment: Environment,
): Promise<readonly string[]> {
  const left = new Set<string>()
  for (const [root, own] of grouped(files, (file) => repositoryRoot(path.dirname(file)))) {
    const start = root === undefined || isInside(root, folder) ? folder : root
    const known = root === undefined ? undefined : await unignoredBelow(start, environment)
    const ignores = new IgnoreFiles(root ?? folder, workingDirectory)
    for (const file of own) if (known ? known.has(file) : !ignores.leavesOut(file)) left.add(file)
  }
  return files.filter((file) => left.has(file))
}

/** Splits `../../x/*.yaml` into the folder to start from and the rest, so that ignore files there count as well. */
function upwards(glob: string): readonly [up: string, rest: string] {
  const up = /^(?:\.\.\/)+/.exec(glob)?.[0] ?? ''
  return [up, glob.slice(up.length)]
}
