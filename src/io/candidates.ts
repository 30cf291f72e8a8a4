import path from 'node:path'

import { aliasedVersion, marker } from '../manifest/knative-sign.js'
import { ownerSigns } from '../manifest/owners/signs.js'
import { anywhere, partsOf } from './git/names.js'
import { askGit, type Environment } from './git/run.js'
import { isKustomization, kustomizationNames } from './kustomization-name.js'
import { isManifestFile, manifestFiles } from './manifest-name.js'

/** The marker of Knative manifests in UTF-8, and the same letters with the zero bytes that UTF-16 puts between them. */
const wideMarker = Array.from(marker, literal).join(String.raw`\x00?`)
/**
 * What kustomizations spell that have patches, or build upon another folder, and what hands traffic to other controllers.
 * The same search looks for it: one more run of Git would cost as much.
 */
const around = ['patches', '../', ...Object.values(ownerSigns)]

/** What a file holds that can be a Knative manifest, or a kustomization that names one: a Perl expression. */
const pattern = [wideMarker, ...[aliasedVersion, ...around].map(literal)].join('|')

/** The words of `git grep` for the names of files that can be Knative manifests, or kustomizations that name one. */
export const grep = ['grep', '--no-color', '-l', '-z', '-a', '-P', '-e', pattern] as const

/** The pathspecs of the files that it looks into. */
export const grepped = [...manifestFiles, ...kustomizationNames.map(anywhere)] as const

/** The words of Git for the files that it neither tracks nor ignores. */
export const listUntracked = ['ls-files', '-z', '--others', '--exclude-standard'] as const

/** What Git knows of a folder. */
export type Candidates = {
  /** Tracked files that hold the marker, and maybe others. */
  readonly marked: readonly string[]
  /** Files that Git neither tracks nor ignores: nobody has looked into them yet. */
  readonly untracked: readonly string[]
  /** Kustomizations among the tracked files that have patches, or build upon another folder. */
  readonly kustomizations: readonly string[]
}

/**
 * The files below `folder` that can hold a Knative Service, as absolute paths, found in a fraction of the time that
 * reading them all would take. Undefined where Git cannot tell, so that another way is taken. The marked ones are known
 * before the others, and handed to `onMarked` at once.
 */
export async function gitCandidates(
  folder: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Candidates | undefined> {
  const settings = ['-c', 'grep.fullName=false', '-c', 'submodule.recurse=false']
  const [found, untracked] = await Promise.all([
    namesBelow(folder, environment, [...settings, ...grep, '--', ...grepped]).then((files) => {
      const marked = files?.filter(isManifestFile)
      if (marked) onMarked(marked)
      return files && marked && { marked, kustomizations: files.filter(isKustomization) }
    }),
    namesBelow(folder, environment, [...listUntracked, '--', ...manifestFiles]),
  ])
  return found && untracked && { ...found, untracked }
}

/** All files below `folder` that Git does not ignore, as absolute paths; undefined where Git cannot tell. */
export async function unignoredBelow(
  folder: string,
  environment: Environment,
): Promise<ReadonlySet<string> | undefined> {
  const names = await namesBelow(folder, environment, [...listUntracked, '--cached'])
  return names && new Set(names)
}

/** The names that Git prints, as absolute paths. Whatever it complains of, something may be missing. */
async function namesBelow(
  folder: string,
  environment: Environment,
  words: readonly string[],
): Promise<readonly string[] | undefined> {
  const { how, talk, output } = await askGit(folder, environment, words, { isBelowTop: true })
  if (talk !== '' || (how !== 'done' && how !== 'no')) return undefined
  return partsOf(output).map((name) => path.join(folder, name))
}

function literal(text: string): string {
  return text.replaceAll(/[.*]/g, String.raw`\$&`)
}
