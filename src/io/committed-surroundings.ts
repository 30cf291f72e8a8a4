import path from 'node:path'

import { textIn } from '../text/decode.js'
import type { Repository } from './git/repository.js'
import { meantBy, type Named } from './committed.js'
import { mentions } from './mentions.js'
import { displayPath, slashes } from './paths.js'
import type { ReadFile } from './read.js'
import { canOwn } from './sign.js'
import { mayBeLaid, type AroundFiles } from './surroundings.js'
import type { CommitTree, KustomizationText } from './tree.js'

/**
 * What stands around the files of a commit, in that commit: the kustomizations that users name or that stand above the
 * files, what those name, and what may give the traffic to another controller.
 *
 * @throws IoFailure where Git cannot tell.
 */
export async function committedSurroundings(
  git: Repository,
  tree: CommitTree,
  named: Named,
  files: readonly ReadFile[],
): Promise<AroundFiles> {
  const sources = files.flatMap((file) => ('source' in file ? [file] : []))
  const own = new Set(sources.map(({ source }) => source.patchPath ?? source.path))
  const { met, parts } = followed(await tree.kustomizations(), tree, { own, isMeant: meantBy(git, named) })
  await tree.read([...parts], 'all')
  const patches = await tree.patches()
  const placed = (name: string, text: string) => {
    const place = path.join(git.root, name)
    const isPatch = patches.has(name) && ({ isPatch: true } as const)
    return { place, source: { path: displayPath(place, named.workingDirectory), patchPath: name, text, ...isPatch } }
  }
  const kustomizations = met.map(({ name, text }) => placed(name, text))
  const laid = [...parts].flatMap((name) => {
    const text = tree.text(name)
    return text !== undefined && mayBeLaid(text) ? [placed(name, text)] : []
  })
  const all = [...sources, ...laid, ...kustomizations]
  return {
    kustomizations: kustomizations.map(({ source }) => source),
    files: laid.map(({ source }) => source),
    owners: ownersIn(tree, meantBy(git, named)).map(({ name, text }) => placed(name, text).source),
    places: new Map(all.map(({ source, place }) => [source.path, slashes(place)])),
    realPaths: new Map(all.map(({ source, place }) => [source.path, place])),
  }
}

function ownersIn(
  tree: CommitTree,
  isMeant: (name: string) => boolean,
): readonly { readonly name: string; readonly text: string }[] {
  return tree.manifestNames().flatMap((name) => {
    const blob = isMeant(name) ? tree.blob(name) : 'nothing'
    if (blob === 'nothing' || !('bytes' in blob) || !canOwn(blob.bytes)) return []
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
