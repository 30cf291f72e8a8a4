import { existsSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import type { LostPath, Untold } from '../pipeline/unread.js'
import { parted } from '../text/collections.js'
import { sizeLimit } from '../text/source.js'
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
import { IgnoreFiles, manifestFilesBelow } from './ignored.js'
import { pattern } from './open.js'
import { isKustomization, isManifestFile, isTemplateFile, manifestFiles, statsAt, templateFiles } from './paths.js'

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

export function makesService(file: string): boolean {
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
