import type { Alias, Node } from 'yaml'

import { folderOf, resolvePath, type Path } from '../../text/path.js'
import type { Range } from '../../text/range.js'
import type { SourceFile } from '../../text/source.js'
import { isList, member, type Json } from '../json.js'
import { locate, type Part } from '../locate.js'
import { parseYaml, type YamlDocument } from '../parse.js'
import { readDocument } from '../read.js'

/** A kustomization as it stands in its file. */
export type Kustomization = {
  readonly file: SourceFile
  /** The place of its folder: what its references start from. */
  readonly folder: string
  readonly value: Json
  readonly document: YamlDocument
  readonly root: Path
  readonly targets: ReadonlyMap<Alias, Node>
}

/** Something that a kustomization names, and where it does. */
export type Reference = { readonly name: string; readonly path: Path }

/** Reads the kustomization that stands at `place`; undefined where the file is none that can be read. */
export function readKustomization(file: SourceFile, place: string): Kustomization | undefined {
  const { documents } = parseYaml(file)
  const [document] = documents
  if (!document) return undefined
  const { value, targets } = readDocument(document.contents)
  return { file, folder: folderOf(place), value, document, root: [], targets }
}

/** The folder as messages name it: as the user would type it. */
export function folderName({ file }: Pick<Kustomization, 'file'>): string {
  return folderOf(file.path) || (file.path.startsWith('/') ? '/' : '.')
}

/** The texts of a list, each with its place; what is no text is passed over. */
export function references({ value }: Kustomization, key: string): readonly Reference[] {
  return entries(value, key).flatMap(({ item, path }) => (typeof item === 'string' ? [{ name: item, path }] : []))
}

/** The items of a list of the kustomization, each with its place. */
export function entries(value: Json, key: string): readonly { readonly item: Json; readonly path: Path }[] {
  const list = member(value, key)
  return isList(list) ? list.map((item, index) => ({ item, path: [key, index] })) : []
}

/** What it builds upon: resources, and the bases of old. */
export function resourcesOf(kustomization: Kustomization): readonly Reference[] {
  return [...references(kustomization, 'resources'), ...references(kustomization, 'bases')]
}

/** Whether it is only a part of others. */
export function isComponent({ value }: Kustomization): boolean {
  return member(value, 'kind') === 'Component'
}

/** Whether a reference leads to another server or repository: nothing of it is at hand. */
export function isRemote(name: string): boolean {
  if (/^\.{0,2}\//.test(name)) return false
  return /:\/\/|\?ref=|^(?:[\w-]+\.)+[a-z]{2,}\/[^/]+\//.test(name) || isLogin(name)
}

/** `git@example.com:…`, before any slash. */
function isLogin(name: string): boolean {
  const [host = ''] = name.split('/', 1)
  const at = host.indexOf('@', 1)
  return at > 0 && host.lastIndexOf(':') > at + 1
}

/** Where a reference of the kustomization leads. */
export function placeOf({ folder }: Kustomization, name: string): string {
  return folder.startsWith('/') ? `/${resolvePath(folder.slice(1), name)}` : resolvePath(folder, name)
}

/** Where a field of the kustomization stands. */
export function rangeIn(kustomization: Kustomization, path: Path, part: Part = 'value'): Range {
  return locate(kustomization, path, part)
}
