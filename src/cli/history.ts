import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { IoFailure, reasonOf } from '../io/failure.js'
import type { GitLog } from '../io/git/log.js'
import type { GitRepository } from '../io/git/repository.js'
import { nameInRepository } from '../io/git/root.js'
import { readInside, refusals } from '../io/open.js'
import { displayPath, isInside, standsAt } from '../io/paths.js'
import type { ReadFile } from '../io/read.js'
import type { Sides } from '../io/sides.js'
import type { CommitTree } from '../io/tree.js'
import { nextTurn } from '../io/turn.js'
import { hasLayer } from '../kustomize/appliers.js'
import { isBroken } from '../kustomize/kustomization.js'
import { readAhead } from '../manifest/find.js'
import { hasSign } from '../manifest/other-kinds.js'
import { warmForEdits } from '../pipeline/plan.js'
import type { Base, Outcome, Request } from '../pipeline/request.js'
import { decode, type SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import type { AroundFiles } from '../io/surroundings.js'
import type { builtHistories } from './built.js'
import type { Loaded } from './load.js'
import { showProgress, type Terminal } from './terminal.js'

type Plan = (files: readonly SourceFile[], request: Request) => Outcome

/** Up to so many files Git is asked before it is known to be needed. */
const fewFiles = 20

/**
 * Plans, and where the files leave something open that Git may tell, reads the histories of the chosen Services' files
 * and plans once more. Git is asked at once where it `isCertain` to be, and where it nearly always is: about a few files
 * whose revisions have names of their own, or are given one.
 */
export async function withPast(
  plan: Plan,
  request: Request,
  loaded: Loaded,
  isCertain: boolean,
  terminal: Terminal,
): Promise<Outcome> {
  const { sources, surroundings } = loaded
  const isAlone = request.overlay === undefined && (surroundings?.kustomizations ?? []).length === 0
  const isLikely =
    sources.length <= fewFiles &&
    (namesRevision(request.move) || sources.some(({ text }) => text.includes('revisionName')))
  if (isAlone && (isLikely || (isCertain && (request.services ?? []).length === 0))) {
    const asked = historiesOf(
      sources.map((file) => file.path),
      loaded,
      terminal,
      { isShort: isCertain },
    )
    const [histories] = await Promise.all([asked, isLikely ? readMeanwhile(sources, forEdits) : undefined])
    return plan(sources, { ...request, histories })
  }
  const planned = plan(sources, request)
  if (!planned.needsPast) return planned
  const files = planned.services.map(({ file }) => file)
  const [histories, built] = await Promise.all([
    historiesOf(files, loaded, terminal, { isShort: isCertain }),
    builtBefore(planned, loaded, terminal),
  ])
  return plan(sources, { ...request, histories: new Map([...histories, ...built]) })
}

function namesRevision(move: Request['move']): boolean {
  return move?.command === 'apply' && (move.stable !== undefined || move.candidate !== undefined)
}

/** What the kustomize roots that changes have to do with built at each commit. */
async function builtBefore(
  { changes }: Outcome,
  { sources, surroundings }: Loaded,
  { workingDirectory, environment }: Terminal,
): Promise<ReadonlyMap<string, FileHistory>> {
  if (changes.length === 0 || !surroundings || surroundings.kustomizations.length === 0) return new Map()
  const { builtUpToHead } = await import('./built.js')
  const changed = new Set(changes.map(({ file }) => file.path))
  return builtUpToHead(workingDirectory, { files: sources, surroundings }, environment, changed)
}

const pipedIn: FileHistory = { versions: [], isCut: false, absence: 'it is in no file' }

/** Versions of a file: what is committed, and what it was before the last changes of each of a few Services. */
const shortAhead = 8

/** How much of histories is needed, and what there is of it. */
type HistoryNeed = {
  /** Whether little more than the newest versions will be looked at. */
  readonly isShort?: boolean
  /** What Git was asked ahead of time. */
  readonly log?: GitLog | undefined
}

/** The histories of files by the names that users know them by. The standard input has none, and says so. */
async function historiesOf(
  files: readonly string[],
  { realPaths }: Pick<Loaded, 'realPaths'>,
  { environment }: Terminal,
  { isShort = false, log }: HistoryNeed = {},
): Promise<ReadonlyMap<string, FileHistory>> {
  const { readHistories } = await import('../io/history.js')
  const real = new Map([...new Set(files)].flatMap((file) => [[file, realPaths.get(file) ?? ''] as const]))
  const histories = await readHistories(
    [...real.values()].filter((place) => place !== ''),
    environment,
    { log, ...(isShort && { ahead: shortAhead }) },
  )
  return new Map(
    [...real].flatMap(([file, place]) => {
      const history = place === '' ? pipedIn : histories.get(place)
      return history ? [[file, history] as const] : []
    }),
  )
}

/** A file as it is committed, for what is to be written in its place; undefined where no commit has it. */
export async function committedAt(file: string, place: string, terminal: Terminal): Promise<Base | undefined> {
  const histories = await historiesOf([file], { realPaths: new Map([[file, place]]) }, terminal)
  const text = histories.get(file)?.versions[0]?.text
  return text === undefined ? undefined : { files: [{ path: file, text }], histories }
}

/** The files that are reported on: those that changed; where paths are named, all that they mean. */
export function reportedOn(
  { changed, unread: lost }: Sides,
  { sources, places, diagnostics, unread: met }: Loaded,
  paths: readonly string[],
  workingDirectory: string,
): ReadonlySet<string> {
  const unread = [
    ...diagnostics.map(({ file }) => file),
    ...met.flatMap((one) => (one.why === 'git' ? [] : [one.path])),
  ]
  if (paths.length > 0) return new Set([...sources.map((source) => source.path), ...unread])
  const touched = new Set([...changed, ...lost].map((file) => file.path))
  const read = sources.filter(({ path: file }) => touched.has(places.get(file) ?? ''))
  const faulty = unread.filter((file) => touched.has(path.resolve(workingDirectory, file)))
  return new Set([...read.map((source) => source.path), ...faulty])
}

/** What a run is about: the paths that were named, and the files that this means. */
type Scope = {
  readonly about: ReadonlySet<string>
  /** The files around that are reported on as well. */
  readonly beside: readonly string[]
  readonly paths: readonly string[]
  /** What stood around the files of the base. */
  readonly around?: AroundFiles
  /** What Git was asked ahead of time. */
  readonly log?: GitLog | undefined
}

type OldFile = SourceFile & { readonly real: string }

/** The older side: what the change touched as it was, and the rest of what is reported on, which is as it was. */
export async function baseOf(
  git: GitRepository,
  sides: Sides,
  known: Pick<Loaded, 'sources' | 'realPaths' | 'places' | 'surroundings'> & Scope,
  terminal: Terminal,
): Promise<Base> {
  const { sources, realPaths, places, around, about, paths, log } = known
  const { workingDirectory, environment } = terminal
  const { changed, base } = sides
  // A link to a file is known by its own name.
  const shownAs = new Map([...places].map(([shown, place]) => [place, shown] as const))
  const shown = (file: string): string => shownAs.get(file) ?? displayPath(file, workingDirectory)
  const older = olderIn(git, sides, { sources, realPaths, places, about, shown })
  const elsewhere = elsewhereIn(sides, shownAs, { root: git.root, shown })
  const missed = missedIn(sides, paths, workingDirectory)
  const unreadable = changed.filter((file) => file.isUnreadable).map((file) => shown(file.path))
  const clear = await announce(`reading the history of ${older.length} files`, older.length, terminal)
  const files = older.map(({ real }) => real)
  const { readHistories } = await import('../io/history.js')
  const [histories, between] = await Promise.all([
    readHistories(files, environment, { start: base, log, known: (id) => sides.tree.bytesOf(id) }),
    betweenOf(git, sides, { sources, realPaths, about }, terminal),
    readMeanwhile(sources),
  ])
  const extent = {
    ...(around && { surroundings: around }),
    ...(paths.length > 0 && { isLimited: true as const }),
    touched: new Set(changed.map(({ path: place }) => shown(place))),
  }
  const built = await builtBetween(git, sides, { older, extent, known }, environment)
  await clear()
  return {
    files: older,
    ...extent,
    histories: new Map([
      ...older.flatMap(({ path: file, real }) => {
        const history = histories.get(real)
        return history ? [[file, history] as const] : []
      }),
      ...built.merged,
    ]),
    between: new Map([...between, ...built.between]),
    unreadable: new Set(unreadable),
    asked: new Set(missed.map((file) => shown(file.path))),
    elsewhere,
    ...(sides.isBaseEmpty && { isEmpty: true as const }),
  }
}

type Built = Awaited<ReturnType<typeof builtHistories>>

/** What the kustomize roots that the change has to do with built, where a side has any. */
async function builtBetween(
  git: GitRepository,
  sides: Sides,
  {
    older,
    extent,
    known: { sources, surroundings, around, about, beside },
  }: {
    readonly older: readonly OldFile[]
    readonly extent: Pick<Base, 'surroundings' | 'isLimited' | 'touched'>
    readonly known: Pick<Loaded, 'sources' | 'surroundings'> & Scope
  },
  environment: Terminal['environment'],
): Promise<Built> {
  if (![surroundings, around].some((one) => one && one.kustomizations.length > 0))
    return { merged: new Map(), between: new Map() }
  const [built, { concernedBy }] = await Promise.all([import('./built.js'), import('../pipeline/applied.js')])
  const concerned = concernedBy({ about: [...about, ...beside], base: extent, newer: surroundings })
  const newer = { files: sources, surroundings }
  const wanted = { older: { files: older, ...(around && { surroundings: around }) }, newer, concerned }
  return built.builtHistories(git, sides, wanted, environment)
}

/** The files of the older side: what the change touched as it was, and the rest of what is reported on, which is as it was. */
function olderIn(
  git: GitRepository,
  { changed, patches }: Sides,
  {
    sources,
    realPaths,
    places,
    about,
    shown,
  }: Pick<Loaded, 'sources' | 'realPaths' | 'places'> &
    Pick<Scope, 'about'> & { readonly shown: (file: string) => string },
): readonly OldFile[] {
  const touched = new Set(changed.map((file) => file.path))
  const asPatch = (place: string): { readonly isPatch?: true } => (patches.has(place) ? { isPatch: true } : {})
  return [
    ...changed.flatMap(({ path: place, before = '', stood: real = place }) => {
      return hasSign(before) ? [{ path: shown(place), text: before, real, ...asPatch(place) }] : []
    }),
    ...sources.flatMap((source) => {
      const [real, place] = [realPaths.get(source.path), places.get(source.path)]
      if (real === undefined || place === undefined) return []
      const isKept = isInside(git.root, place) && !touched.has(place) && about.has(source.path)
      return isKept ? [{ path: source.path, text: source.text, real, ...asPatch(place) }] : []
    }),
  ]
}

/** The files of the newer side that are not looked at, and may hold a Service: one may have moved there. */
function elsewhereIn(
  { changed }: Sides,
  shownAs: ReadonlyMap<string, string>,
  { root, shown }: { readonly root: string; readonly shown: (file: string) => string },
): readonly SourceFile[] {
  return changed.flatMap(({ path: place, before, after, isGone }) => {
    if (shownAs.has(place) || isGone) return []
    const text = before === undefined ? (after ?? contentOf(place, root)?.text) : after
    return text !== undefined && hasSign(text) ? [{ path: shown(place), text }] : []
  })
}

/** What held Services at the base, of what users name, and is known at the head: Services that are gone are missed there. */
function missedIn({ changed }: Sides, paths: readonly string[], workingDirectory: string): Sides['changed'] {
  const roots = (paths.length === 0 ? ['.'] : paths).flatMap((one) => realPathOf(path.resolve(workingDirectory, one)))
  return changed.filter(({ path: place, before = '', after, isGone }) => {
    const isKnown = hasSign(before) && (isGone === true || after !== undefined)
    return isKnown && roots.some((folder) => isInside(folder, place))
  })
}

/** What stood around the files of the base, where kustomizations did, or what has folders applied. */
export async function surroundingsAt(
  git: GitRepository,
  { tree, changed }: Sides,
  newer: AroundFiles | undefined,
  workingDirectory: string,
): Promise<AroundFiles | undefined> {
  const hasAppliers =
    newer?.applied !== undefined || changed.some(({ before = '' }) => hasLayer({ path: '', text: before }))
  if (!hasAppliers && (await tree.kustomizations()).length === 0) return undefined
  // What gave Services to controllers is what does now, or has changed.
  const owners = (newer?.owners ?? []).map(({ path: shown, patchPath = shown }) => patchPath)
  await tree.read([...owners, ...changed.map((file) => nameInRepository(git.root, file.path))])
  const { committedSurroundings } = await import('../io/surroundings.js')
  return committedSurroundings(git, tree, { paths: [git.root], workingDirectory }, [])
}

/**
 * What stands around the head, with the kustomizations of the base that are there but broken: what such a one names is
 * unknown, so nothing at the head leads to it. Of those that are no text, why.
 */
export async function withBroken(
  git: GitRepository,
  newer: AroundFiles | undefined,
  older: AroundFiles | undefined,
  { changed, newest }: Newer,
): Promise<{ readonly surroundings: AroundFiles | undefined; readonly garbled: readonly Garbled[] }> {
  const known = new Set((newer?.kustomizations ?? []).map(({ path: shown }) => shown))
  const touched = new Map(changed.map((file) => [nameInRepository(git.root, file.path), file] as const))
  const committed = newest && (await contentsOf(newest))
  const garbled: Garbled[] = []
  const broken = (older?.kustomizations ?? []).flatMap((one) => {
    const { path: shown, patchPath = '' } = one
    if (known.has(shown)) return []
    const change = touched.get(patchPath)
    const now = change && (committed ? committed(patchPath) : contentOf(change.path, git.root))
    if (now?.fault) {
      garbled.push({ path: shown, fault: now.fault })
      return [{ ...one, text: '', isGarbled: true as const }]
    }
    const text = change ? now?.text : one.text
    const isThere = (name: string): boolean => {
      const place = path.posix.join(path.posix.dirname(patchPath), name)
      return newest ? newest.stands(place) : existsSync(path.join(git.root, place))
    }
    return text !== undefined && isBroken({ path: shown, text }, isThere) ? [{ ...one, text }] : []
  })
  if (broken.length === 0) return { surroundings: newer, garbled }
  const { kustomizations, ...rest } = newer ?? { kustomizations: [], files: [], owners: [], realPaths: new Map() }
  return { surroundings: { ...rest, kustomizations: [...kustomizations, ...broken] }, garbled }
}

/** What a change came to: the files that it touched, and the commit that it ends with, if that is no working tree. */
export type Newer = Pick<Sides, 'changed'> & { readonly newest?: CommitTree | undefined }

type Garbled = Extract<ReadFile, { readonly fault: unknown }>

type Content = { readonly text?: string; readonly fault?: Garbled['fault'] | undefined }

/** The same of the kustomizations of a commit, by their names. */
async function contentsOf(tree: CommitTree): Promise<(name: string) => Content | undefined> {
  const known = new Map((await tree.kustomizations()).map((one) => [one.name, one] as const))
  return (name) => {
    const end = tree.has(name) ? tree.follow(name) : undefined
    if (!end || 'name' in end) return known.get(name)
    return end.obstacle === 'folder' ? undefined : { fault: refusals[end.obstacle] }
  }
}

/** The text of a file of the working tree, or why it has none; nothing where it is gone. */
function contentOf(file: string, root: string): Content | undefined {
  const opened = openedAt(file, root)
  // A link that leads nowhere is there.
  if (!opened || opened.fault === refusals.folder || (opened.fault && standsAt(file) === undefined)) return undefined
  const decoded = opened.bytes ? decode(opened.bytes) : opened.fault
  return 'text' in decoded ? decoded : { fault: decoded }
}

/** @throws IoFailure where the system does not let one look. */
function openedAt(file: string, root: string): ReturnType<typeof readInside> {
  try {
    return readInside(file, root)
  } catch (error) {
    throw new IoFailure(`${nameInRepository(root, file)}: ${reasonOf(error)}`)
  }
}

/** What the commits in between did to what is reported on, without those that left it as it is on the newer side. */
async function betweenOf(
  git: GitRepository,
  sides: Sides,
  { sources, realPaths, about }: Pick<Loaded, 'sources' | 'realPaths'> & Pick<Scope, 'about'>,
  { environment }: Terminal,
): Promise<ReadonlyMap<string, FileHistory>> {
  const { readBetween } = await import('../io/history.js')
  const own = sources.flatMap(({ path: file, text }) => {
    const real = realPaths.get(file)
    return real !== undefined && about.has(file) && isInside(git.root, real) ? [{ file, text, real }] : []
  })
  const files = own.map(({ real }) => real)
  const held = new Map(sides.changed.flatMap(({ path: place, id }) => (id === undefined ? [] : [[place, id] as const])))
  const histories = await readBetween(git, sides, files, environment, held)
  return new Map(
    own.flatMap(({ file, text, real }) => {
      const history = histories.get(real)
      if (!history) return []
      const isHeadOut = held.has(real) || history.versions[0]?.text !== text
      const versions = history.versions.slice(isHeadOut ? 0 : 1)
      return versions.length === 0 && history.failure === undefined ? [] : [[file, { ...history, versions }] as const]
    }),
  )
}

/** Where a path that was named is on the disk; what is no path is nowhere. */
function realPathOf(named: string): readonly string[] {
  return existsSync(named) ? [realpathSync.native(named)] : []
}

/** Says on a terminal what takes a while, until it is cleared. */
async function announce(what: string, size: number, terminal: Terminal): Promise<() => Promise<void>> {
  if (terminal.stderr.isTTY !== true || size < 20) return async () => undefined
  await showProgress(terminal, what)
  return () => showProgress(terminal)
}

/**
 * The histories of the files, and of what kustomize roots build; the latter are none outside of Git, and before the first
 * commit.
 */
export async function historiesWithBuilt(
  loaded: Loaded,
  terminal: Terminal,
  need: HistoryNeed = {},
): Promise<ReadonlyMap<string, FileHistory>> {
  const files = loaded.sources.map((source) => source.path)
  const clear = await announce(`reading the history of ${files.length} files`, files.length / 5, terminal)
  const [histories, built] = await Promise.all([
    historiesOf(files, loaded, terminal, need),
    builtFor(loaded, terminal),
    readMeanwhile(loaded.sources),
  ])
  await clear()
  return new Map([...histories, ...built])
}

/** In characters: what is read of texts takes up to fifty times their memory, and few runs need all of it at a time. */
const ahead = 1024 * 1024

/** How files are read, and after how many characters it is somebody else's turn. */
type Reader = { readonly read: (file: SourceFile) => unknown; readonly most: number }

const forJudging: Reader = { read: readAhead, most: 16_384 }
/** It takes some times as long. */
const forEdits: Reader = { read: warmForEdits, most: 2048 }

/** Reads files while Git runs, which is begun first, and takes in between them what Git says. */
async function readMeanwhile(sources: readonly SourceFile[], { read, most } = forJudging): Promise<void> {
  let [length, since] = [0, most]
  for (const file of sources) {
    length += file.text.length
    if (length > ahead) return
    if (since >= most) {
      since = 0
      await nextTurn()
    }
    since += file.text.length
    read(file)
  }
}

async function builtFor(
  { sources, surroundings }: Loaded,
  { workingDirectory, environment }: Terminal,
): Promise<ReadonlyMap<string, FileHistory>> {
  if (!surroundings || surroundings.kustomizations.length === 0) return new Map()
  const { builtUpToHead } = await import('./built.js')
  return builtUpToHead(workingDirectory, { files: sources, surroundings }, environment)
}
