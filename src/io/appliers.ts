import { existsSync } from 'node:fs'
import path from 'node:path'

import {
  appliersIn,
  gitSourcesIn,
  hasLayer,
  impliedIn,
  ownRepository,
  repositoriesNamedIn,
} from '../kustomize/appliers.js'
import { fluxGroup } from '../kustomize/layers/flux.js'
import type { Applied, Tree } from '../kustomize/layers/layer.js'
import { foldersOf } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { repositoryRoot } from './git/root.js'
import { askGit, type Environment } from './git/run.js'
import type { SourceReader } from './read.js'
import { slashes } from './paths.js'

/** Where the files of a run are, and who reads them. */
export type ApplierSearch = {
  /** A folder of the repository, absolute. */
  readonly start: string
  /** The folders of the Services and kustomizations at hand, absolute. */
  readonly folders: readonly string[]
  readonly reader: SourceReader
  readonly environment: Environment
}

/** What only the list of files tells: the folders that a generator finds, and what Flux takes of a plain folder. */
const listing = ['ApplicationSet', `${fluxGroup}/`]
const listPresent = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']

const overrideName = /^\.argocd-source(?:-.+)?\.yaml$/

/** What the objects of a repository have applied, as its files say that are at hand; undefined where none says anything. */
export async function appliedIn(owners: readonly SourceFile[], search: ApplierSearch): Promise<Applied | undefined> {
  const { start, folders, reader, environment } = search
  const root = repositoryRoot(start)
  const top = root ?? start
  const overrides = [...new Set(folders)].flatMap((folder) => overridesIn(folder, reader))
  const telling = owners.filter(hasLayer)
  if (telling.length === 0 && overrides.length === 0) return undefined
  const isListed = root !== undefined && telling.some(({ text }) => listing.some((sign) => text.includes(sign)))
  const [names, remotes] =
    root === undefined
      ? [[], []]
      : await Promise.all([
          isListed ? linesOf(root, environment, listPresent, '\0') : [],
          linesOf(root, environment, ['config', '--get-regexp', String.raw`^remote\..*\.url$`], '\n'),
        ])
  const tree = treeOf(names, (place) => {
    const file = path.join(top, place)
    return existsSync(file) ? reader.plain(file)?.source : undefined
  })
  const urls = remotes.map((line) => line.slice(line.indexOf(' ') + 1))
  return gathered(telling, overrides, tree, urls)
}

/** What files have applied, and what files beside manifests override for Applications that are in no file. */
export function gathered(
  telling: readonly SourceFile[],
  overrides: readonly SourceFile[],
  tree: Tree,
  remotes: readonly string[],
): Applied {
  const around = {
    tree,
    isOwn: ownRepository(remotes, repositoriesNamedIn(telling)),
    gitSource: gitSourcesIn(telling),
  }
  const all = telling.map((file) => appliersIn(file, around))
  const appliers = all.flatMap((one) => one.appliers)
  return {
    appliers: [...appliers, ...overrides.flatMap((file) => impliedIn(file, appliers, around))],
    notRead: all.flatMap(({ notRead }) => notRead),
    tree,
  }
}

/** The files of a tree by their names, which are read when they are asked for. */
export function treeOf(names: readonly string[], file: Tree['file']): Tree {
  const folders = [...foldersOf(names)]
  return { files: () => names, folders: () => folders, file }
}

/** Whether a file overrides what an Application of Argo CD says of the folder that it stands in. */
export function isOverride(name: string): boolean {
  return overrideName.test(path.posix.basename(name))
}

function overridesIn(folder: string, reader: SourceReader): readonly SourceFile[] {
  const names = reader.namesIn(folder) ?? []
  return names.filter(isOverride).flatMap((name) => reader.plain(path.join(folder, slashes(name)))?.source ?? [])
}

/** What Git prints, in parts; nothing where it cannot tell. */
async function linesOf(
  root: string,
  environment: Environment,
  words: readonly string[],
  end: string,
): Promise<readonly string[]> {
  const { how, output } = await askGit(root, environment, words)
  return how === 'done'
    ? output
        .toString()
        .split(end)
        .filter((line) => line !== '')
    : []
}
