import { existsSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import { codeOf, IoFailure, isMissing, reasonOf } from './failure.js'

/** A path with `/` between its parts. */
export function slashes(file: string): string {
  return path.sep === '/' ? file : file.split(path.sep).join('/')
}

/** What a path may have that says the same in more words than it takes. */
const wordy = /\/(?:\.{0,2}(?:\/|$))/

/** `path.relative` of two absolute paths: where one is plainly below the other, as nearly always, in a fraction of the time. */
export function relativePath(from: string, to: string): string {
  const isBelow = path.sep === '/' && to.startsWith('/') && to.startsWith(from) && to.charAt(from.length) === '/'
  return isBelow && from !== '' && !wordy.test(to) ? to.slice(from.length + 1) : path.relative(from, to)
}

/** Relative to the working directory, with slashes, as users would type it. */
export function displayPath(file: string, workingDirectory: string): string {
  return slashes(relativePath(workingDirectory, file)) || file
}

/** Whether `file` stands in `folder`, below it, or is the folder itself. */
export function isInside(folder: string, file: string): boolean {
  return !leadsOut(relativePath(folder, file))
}

/** Whether a relative path does not stay below where it starts. */
export function leadsOut(relative: string): boolean {
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
}

/**
 * What stands at a place (an absolute path), links followed; undefined where nothing does, as below a file. `shown` is its
 * name in messages.
 *
 * @throws IoFailure where the system does not tell: a folder that is closed, links in circles.
 */
export function kindOf(place: string, shown: string): 'file' | 'folder' | 'other' | undefined {
  try {
    const stats = statSync(place)
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other'
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
}

/** What the system tells of a place itself, be it a link; undefined where it tells nothing. */
export function statsAt(place: string | Buffer): Stats | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Whether a folder stands at a place, links followed, or anything else, be it a link that leads nowhere. */
export function standsAt(place: string): 'file' | 'folder' | undefined {
  try {
    const stats = statSync(place, { throwIfNoEntry: false }) ?? lstatSync(place, { throwIfNoEntry: false })
    return stats && (stats.isDirectory() ? 'folder' : 'file')
  } catch (error) {
    // Nothing is called so, or the links go in a circle.
    return codeOf(error) === 'ELOOP' ? 'file' : undefined
  }
}

/** The pathspecs of the files that can hold manifests, for Git. */
export const manifestFiles = ['*.yaml', '*.yml', '*.json'] as const

/** The same for globs. */
export const manifestGlob = '**/*.{yaml,yml,json}'

/** Whether a file can hold manifests, by its name. */
export function isManifestFile(file: string): boolean {
  return /\.(?:yaml|yml|json)$/.test(file)
}

/** What template engines put behind the name of the manifest that they make. */
const engines = ['tpl', 'tmpl', 'gotmpl', 'tftpl', 'template', 'j2', 'jinja', 'jinja2', 'erb', 'ejs', 'mustache', 'hbs']

/** The pathspecs of the templates of manifests, for Git. */
export const templateFiles = engines.map((engine) => `*.${engine}`)

const templateName = new RegExp(String.raw`\.(?:yaml|yml|json)\.(?:${engines.join('|')})$`)

/** Whether a file makes a manifest, by its name. */
export function isTemplateFile(file: string): boolean {
  return templateName.test(file)
}

/** What a kustomization's name ends with, be there slashes behind it. */
const kustomizationEnd = new RegExp(`(?:${kustomizationNames.join('|')})[\\\\/]*$`)

/** Whether a file is a kustomization. */
export function isKustomization(file: string): boolean {
  // Nearly all files are called otherwise, which is quick to see.
  return kustomizationEnd.test(file) && kustomizationNames.some((name) => name === path.basename(file))
}

/** What stands at a name of a tree: of the working tree, or of a commit. */
export type TreeEntry = 'file' | 'folder' | 'missing' | 'odd' | { readonly target: string }

/** Why a name leads to no file of the tree. */
export type DeadEnd = 'out' | 'git' | 'loop' | 'missing' | 'folder' | 'odd'

/** The name of a regular file, as the tree has it: no part of it is a link. */
export type Followed = { readonly name: string } | { readonly obstacle: DeadEnd }

/** As many links as Linux follows. */
export const mostLinks = 40

/** In bytes: nothing on a disk has a longer name. */
export const longestPath = 4096

/**
 * Where a name (from the top of a tree, with `/`) leads, links in any part of it followed: in a commit as on the disk. A
 * link that is absolute, or leaves the tree and comes back, leads out: where it ends depends on the machine.
 */
export function follow(name: string, entryAt: (name: string) => TreeEntry): Followed {
  const parts = name.split('/')
  const walked: string[] = []
  let links = 0
  let entry: TreeEntry = 'folder'
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === '' || part === '.') continue
    if (entry !== 'folder') return { obstacle: entry === 'odd' ? 'odd' : 'missing' }
    if (part === '..') {
      if (walked.pop() === undefined) return { obstacle: 'out' }
      continue
    }
    if (isGitFolder(part)) return { obstacle: 'git' }
    const next = entryAt([...walked, part].join('/'))
    if (typeof next === 'object') {
      if (++links > mostLinks) return { obstacle: 'loop' }
      if (/^(?:\/|[A-Za-z]:)/.test(next.target)) return { obstacle: 'out' }
      parts.unshift(...next.target.split('/'))
      continue
    }
    walked.push(part)
    entry = next
  }
  return entry === 'file' ? { name: walked.join('/') } : { obstacle: entry }
}

/**
 * Whether a part of a name is where Git keeps what is its own, on any system that may read it: some do not tell letters apart
 * by case, Windows drops dots and spaces at an end, has a short name and streams of a file, and macOS passes over signs that
 * nobody sees. Git itself refuses the same names.
 */
export function isGitFolder(part: string): boolean {
  const seen = /[^\0-\x7F]/.test(part) ? part.replaceAll(/[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g, '') : part
  return /^(?:\.git|git~1)[ .]*(?:$|:)/i.test(seen)
}

/** Whether a link that leads nowhere is called as Emacs calls the lock of a file that someone edits. */
export function isEditorLock(name: string): boolean {
  return name.startsWith('.#')
}

/** The kustomization of an overlay as users name it, and its folder, absolute, symbolic links followed. */
export type OverlayFile = { readonly path: string; readonly folder: string }

/**
 * The kustomization of a folder, or the very file; undefined where there is none.
 *
 * @throws IoFailure where the system does not tell.
 */
export function overlayKustomization(name: string, workingDirectory: string): OverlayFile | undefined {
  const wanted = path.resolve(workingDirectory, name)
  const kind = name === '' ? undefined : kindOf(wanted, name)
  if (kind === undefined) return undefined
  const candidates = kind === 'folder' ? kustomizationNames.map((one) => path.join(wanted, one)) : [wanted]
  const file = candidates.find((one) => isKustomization(one) && existsSync(one))
  if (file === undefined) return undefined
  const place = realpathSync.native(file)
  return { path: slashes(path.relative(workingDirectory, place)), folder: path.dirname(place) }
}
