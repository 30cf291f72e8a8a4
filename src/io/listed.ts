import { existsSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import { hasUnusualLine } from './candidates.js'
import type { Discovered } from './discover.js'
import { isInside, isKustomization, isManifestFile, standsAt } from './paths.js'
import { type ReadFile, realRoot, type SourceReader } from './read.js'

/** Words of a text that can name files, with and without `..` in them. */
const word = /[^\s"'[\]{},]+/g
/** What stands in quotes, or between signs and ends of lines: a name may have spaces in it. */
const phrase = /"[^"\n]+"|'[^'\n]+'|[^\n"'[\]{},]+/g

/** The words of a kustomization that can name files and folders; those `isOutward` leave its own folder. */
export function* mentions(text: string, isOutward = false): Generator<string> {
  for (const one of new Set([...(text.match(word) ?? []).flatMap(named), ...spaced(text)]))
    if (!one.endsWith(':') && !one.includes('://') && (!isOutward || one.includes('..'))) yield one
}

/** A file that a generator takes in by another key: `key=path`. */
function named(one: string): readonly string[] {
  const sign = one.indexOf('=')
  return sign < 0 ? [one] : [one, one.slice(sign + 1)]
}

/** The places of what a kustomization in a folder can name, or of that which is not below it. */
export function placesIn(text: string, folder: string, isOutward = false): readonly string[] {
  return [...mentions(text, isOutward)].map((name) => path.resolve(folder, name))
}

/** The names with spaces that a text can hold, without the dash or the key before them and the comment behind. */
function* spaced(text: string): Generator<string> {
  for (const [found] of text.matchAll(phrase)) {
    if (!found.trim().includes(' ')) continue
    const value = found.replace(/^\s*(?:-\s+)*(?:[\w$-]+:\s+)?/, '')
    const comment = value.search(/\s#/)
    const plain = comment < 0 ? value : value.slice(0, comment)
    const name = (/^["']/.test(found) ? found.slice(1, -1) : plain).trim()
    if (name.includes(' ') && !name.startsWith('#')) yield name
  }
}

/**
 * The files with names that no manifest has (`shop.txt`, `shop`) that kustomizations list as resources or patches, below the
 * folders that were searched. What reads YAML is loaded only where there may be some.
 */
export async function listedFiles(
  { listing, searched }: Pick<Discovered, 'listing' | 'searched'>,
  reader: SourceReader,
): Promise<readonly string[]> {
  const isHere = (place: string): boolean =>
    searched.some((folder) => isInside(folder, place)) && standsAt(place) === 'file'
  const telling = listing.flatMap((file) => {
    const read = reader.plain(file)
    const folder = path.dirname(file)
    return read && mayList(read.source.text, (name) => isHere(path.resolve(folder, name)))
      ? [{ file, folder, text: read.source.text }]
      : []
  })
  if (telling.length === 0) return []
  const { listedPaths } = await import('../kustomize/patch-paths.js')
  return telling.flatMap(({ file, folder, text }) => {
    const places = listedPaths(file, text).map((name) => path.resolve(folder, name))
    return places.filter((place) => hasOtherEnding(place) && isHere(place))
  })
}

/** Whether a kustomization can list such a file; a name with escapes is known by its meaning only. */
export function mayList(text: string, isThere: (name: string) => boolean): boolean {
  if (!hasUnusualLine(text)) return false
  if (/\\|!(?:!binary|<)/.test(text)) return true
  for (const name of mentions(text)) if (hasOtherEnding(name) && isThere(name)) return true
  return false
}

/** Whether a manifest that is called so is found only where a kustomization lists it. */
export function hasOtherEnding(place: string): boolean {
  return !isManifestFile(place) && !isKustomization(place)
}

/**
 * Marks the files that a kustomization names as patches. Looks into those that discovery met
 * (`kustomizations`, all that the folders `searched` hold), and beside and above every file up to the top of its repository: a file can be
 * asked for by its name alone.
 */
export async function markPatches(
  files: readonly ReadFile[],
  { kustomizations, searched }: Pick<Discovered, 'kustomizations' | 'searched'>,
  reader: SourceReader,
  workingDirectory: string,
): Promise<readonly ReadFile[]> {
  if (!files.some((file) => 'source' in file)) return files
  let wanted: ReadonlySet<string> | undefined
  const candidates = new Set(kustomizations)
  const folders = new Set<string>()
  for (const file of files) if ('source' in file) climb(file.place, searched, workingDirectory, folders)
  for (const folder of folders) for (const name of kustomizationNames) candidates.add(path.join(folder, name))
  const telling = [...candidates].flatMap((file) => {
    const read = existsSync(file) ? reader.plain(file) : undefined
    const text = read?.source.text ?? ''
    if (text === '') return []
    wanted ??= wantedNames(files)
    // A name with escapes is known by its meaning only.
    const isTelling = text.includes('\\') || [...wanted].some((name) => text.includes(name))
    return read && isTelling ? [{ file: read.place, text }] : []
  })
  if (telling.length === 0) return files
  const { patchPaths } = await import('../kustomize/patch-paths.js')
  const patches = new Set(
    telling.flatMap(({ file, text }) => {
      return patchPaths(file, text).map((name) => path.resolve(path.dirname(file), name))
    }),
  )
  return files.map((file) => {
    return 'source' in file && (patches.has(file.realPath) || patches.has(file.place))
      ? { ...file, source: { ...file.source, isPatch: true } }
      : file
  })
}

/** What the files are called, and those that links lead to. */
function wantedNames(files: readonly ReadFile[]): ReadonlySet<string> {
  return new Set(
    files.flatMap((file) => ('source' in file ? [file.realPath, file.place].map((one) => path.basename(one)) : [])),
  )
}

/** What names files beside and below it, and no others. */
const namingFiles = [...kustomizationNames, 'skaffold.yaml', 'skaffold.yml', 'clouddeploy.yaml', 'clouddeploy.yml']

/**
 * Whether a kustomization, or a configuration of skaffold or Cloud Deploy, stands beside or above one of the files, in its repository: only
 * then can it name the file.
 */
export function hasKustomization(files: readonly ReadFile[], workingDirectory: string): boolean {
  const folders = new Set<string>()
  for (const file of files) if ('source' in file) climb(file.place, [], workingDirectory, folders)
  return [...folders].some((folder) => namingFiles.some((name) => existsSync(path.join(folder, name))))
}

/** Adds the folder of a file and those above it; folders that discovery searched have no kustomization but the known. */
function climb(file: string, searched: readonly string[], workingDirectory: string, folders: Set<string>): void {
  const own = path.dirname(file)
  const inside = searched.find((folder) => own === folder || own.startsWith(folder + path.sep))
  const first = inside === undefined ? own : path.dirname(inside)
  if (folders.has(first)) return
  const top = realRoot(file, workingDirectory)
  if (inside === top) return
  for (let folder = first; !folders.has(folder); folder = path.dirname(folder)) {
    folders.add(folder)
    if (folder === top) return
  }
}
