import type { SourceFile } from '../text/source.js'

/** What stands around the Services of a run in their repository: it decides what becomes of an edit. */
export type Surroundings = {
  /** The kustomizations that name the Services' files, one another, or what is laid over them. */
  readonly kustomizations: readonly SourceFile[]
  /** What those name besides the files of the run: bases, and patches of any kind. */
  readonly files: readonly SourceFile[]
  /** Files in which another controller may be given the traffic. */
  readonly owners: readonly SourceFile[]
  /** Where files are, by their `path`: absolute, with `/`. One that is not in it is where its `path` says. */
  readonly places?: ReadonlyMap<string, string>
  /** Places of links, and the `path` of the file that each leads to. */
  readonly links?: ReadonlyMap<string, string>
}

/** Where a file of a run is. */
export function placeIn({ places }: Surroundings, { path }: SourceFile): string {
  return places?.get(path) ?? path
}
