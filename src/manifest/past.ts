import { fetchMore, type FileHistory, type FileVersion } from '../text/words.js'
import type { Path } from '../text/path.js'
import { type Json, member, sameJson } from '../yaml/json.js'
import { isNamedAs, type Manifest, type Named } from './manifest.js'
import { ownNamePath } from './names.js'
import { equivalentTraffic, readTraffic, type TrafficTarget } from './traffic.js'
import { isRead, type ReadService, readingOf, type VersionReading } from './version-reading.js'

/** What the past of a Service is told by. */
export type ServiceShape = {
  readonly templateName: string | undefined
  readonly template: Json | undefined
  readonly traffic: readonly TrafficTarget[] | undefined
}

/** A version whose Services are known without reading its text: what a kustomize root built. */
export type BuiltFileVersion = FileVersion & {
  /** Undefined where it cannot be told what was built. */
  readonly services: () => readonly BuiltService[] | undefined
}

/** A Service of such a version; `manifest` where it is at hand. */
export type BuiltService = Pick<Manifest, 'value'> & { readonly manifest?: Manifest }

function isBuilt(version: FileVersion): version is BuiltFileVersion {
  return 'services' in version
}

/** The Services of a version, as far as they are at hand without reading its text. */
export function manifestsAtHand(version: FileVersion): readonly Manifest[] | undefined {
  const services = isBuilt(version) ? version.services() : undefined
  const manifests = services?.flatMap(({ manifest }) => manifest ?? [])
  return manifests && manifests.length === services?.length ? manifests : undefined
}

/** A Service of a version, without where its parts are. */
export type StoredService = Pick<Manifest, 'value'> & {
  /** The text of its document, as long as the version has one: where that is the same, so is what there is to say of it. */
  readonly text: string
}

/** A Service as a version of its file has it; `unreadable` where that cannot be told. */
function readVersion(history: FileHistory, version: FileVersion, named: Named): ServiceShape | 'absent' | 'unreadable' {
  const service = serviceIn(history, version, named)
  return typeof service === 'string' ? service : shapeOf(service)
}

/** The same with the whole of the Service. */
export function readStored(
  history: FileHistory,
  version: FileVersion,
  named: Named,
): StoredService | 'absent' | 'unreadable' {
  const service = serviceIn(history, version, named)
  if (typeof service === 'string') return service
  return {
    value: service.value,
    get text() {
      return service.documentIn(() => version.text ?? '')
    },
  }
}

/** Whether asking for a Service of the version takes neither its text nor a build. */
export function isAtHand(history: FileHistory, version: FileVersion): boolean {
  return isBuilt(version) ? builtReadings.has(version) : isRead(history, version)
}

/** @param paths Where alone it is looked at: the Service may then be that of another version with the same there. */
function serviceIn(
  history: FileHistory,
  version: FileVersion,
  named: Named,
  paths?: readonly Path[],
): ReadService | 'absent' | 'unreadable' {
  if (version.isRemoved) return 'absent'
  const reading = isBuilt(version) ? builtReading(version) : readingOf(history, version)
  if (!reading) return 'unreadable'
  const [service, second] = (paths && reading.servicesAlike?.(named, paths)) ?? reading.servicesOf(named)
  if (!service) return reading.isSound ? 'absent' : 'unreadable'
  return second || !service.isSound ? 'unreadable' : service
}

/** What is asked of a Service version by version, and hangs on some of its fields and on its keys alone: it is asked once. */
export class FieldQuestion<T> {
  private last: { readonly value: object; readonly answer: T } | undefined

  constructor(
    private readonly paths: readonly Path[],
    private readonly answerFor: (service: Pick<Manifest, 'value'>) => T,
  ) {}

  in(history: FileHistory, version: FileVersion, named: Named): T | 'absent' | 'unreadable' {
    const service = serviceIn(history, version, named, this.paths)
    if (typeof service === 'string') return service
    const { value } = service
    if (this.last?.value !== value) this.last = { value, answer: this.answerFor({ value }) }
    return this.last.answer
  }
}

/** Where a Service names revisions. */
const namingPaths: readonly Path[] = [['spec', 'traffic'], ownNamePath]

/** The names of revisions that a Service has: its template's own, and those of its targets. */
export function revisionNamesIn(service: Pick<Manifest, 'value'>): readonly string[] {
  return [...namesIn(shapeOf(service))]
}

/** These names in versions of its file. */
export function namesQuestion(): FieldQuestion<readonly string[]> {
  return new FieldQuestion(namingPaths, revisionNamesIn)
}

/** What the past compares of a Service. */
export function shapeOf(manifest: Pick<Manifest, 'value'>): ServiceShape {
  const template = member(manifest.value, 'spec', 'template')
  const name = member(template, 'metadata', 'name')
  const templateName = typeof name === 'string' && name !== '' ? name : undefined
  return { templateName, template, traffic: readTraffic(manifest) }
}

const builtReadings = new WeakMap<FileVersion, VersionReading>()

function builtReading(version: BuiltFileVersion): VersionReading | undefined {
  const earlier = builtReadings.get(version)
  if (earlier) return earlier
  const built = version.services()
  if (!built) return undefined
  const services = built.map(({ value }): ReadService => {
    const [name, namespace] = ['name', 'namespace'].map((key) => member(value, 'metadata', key))
    const named = typeof namespace === 'string' && namespace !== '' ? namespace : undefined
    const documentIn = (): string => JSON.stringify(value)
    return { name: typeof name === 'string' ? name : '', namespace: named, value, documentIn, isSound: true }
  })
  const reading = {
    servicesOf: (named: Named) => services.filter((one) => isNamedAs(one, named)),
    isSound: true,
  }
  builtReadings.set(version, reading)
  return reading
}

/** What a generator yields, made when it is first asked for and kept for whoever asks again. */
class Remembered<T, End> implements Iterable<T> {
  private readonly items: T[] = []
  private end: { readonly value: End } | undefined

  constructor(private readonly source: Iterator<T, End>) {}

  *[Symbol.iterator](): Iterator<T> {
    for (let index = 0; ; index++) {
      if (index === this.items.length && !this.advance()) return
      yield* this.items.slice(index, index + 1)
    }
  }

  /** What the generator returns; runs it to its end. */
  ending(): End {
    for (;;) {
      if (this.end) return this.end.value
      this.advance()
    }
  }

  private advance(): boolean {
    if (this.end) return false
    const next = this.source.next()
    if (next.done === true) this.end = { value: next.value }
    else this.items.push(next.value)
    return next.done !== true
  }
}

/** How a Service stood in its file for some commits, until the next state. */
export type PastState = {
  /** The first commit that has it: its full hash, */
  readonly commit: string
  /** its committer's date in seconds since 1970, */
  readonly time: number
  /** and the file's name then. */
  readonly path: string
  /** `spec.template.metadata.name`: the revision's own name, if it has one. */
  readonly templateName: string | undefined
  /** `spec.template` */
  readonly template: Json | undefined
  /** Undefined where an entry of the list cannot be read. */
  readonly traffic: readonly TrafficTarget[] | undefined
  /**
   * 0 since the file last took the Service up, 1 before it had dropped it, and so on. A cluster that prunes deleted the
   * Service in between, with its revisions, and counts from 1 again.
   */
  readonly life: number
}

/** What became of one Service. Versions are parsed only as far as one looks, and once. */
export type Past = {
  /** The name that the cluster knows the Service by. */
  readonly name: string
  /** The Service as the file has it now, committed or not. */
  readonly present: ServiceShape
  /** Newest first. A commit that touched nothing but comments, order or other Services made no state. */
  readonly states: Iterable<PastState>
  /** Whether a state since the file last took the Service up has the name for a revision; it takes less than to go through them. */
  readonly hasNamed: (revisionName: string) => boolean
  /** What is missing from the states; it takes all of them to know. */
  readonly gaps: () => PastGaps
  /** The file's versions that it was read from. */
  readonly versions: readonly FileVersion[]
}

/** What could not be read: what rests on the whole past is then not checked. */
type PastGaps = {
  /** Whether the Service was there before the oldest version that is known. */
  readonly isCut: boolean
  /** Set where it is cut because the clone is shallow: fetching more tells more. */
  readonly isShallow?: true
  /** How many versions of the file could not be read: broken YAML, templates, no UTF-8, the Service twice. */
  readonly unread: number
}

/**
 * The past of a Service: of what has its name and namespace, in its file's history. A Service of another name is another
 * one, even where it stood alone in the same file.
 */
export function pastOf(manifest: Manifest, history: FileHistory, name = manifest.name): Past {
  const states = new Remembered(statesOf(manifest, history))
  const present = shapeOf(manifest)
  const hasNamed = (revisionName: string): boolean => isNamed(manifest, history, revisionName)
  return { name, present, states, hasNamed, gaps: () => states.ending(), versions: history.versions }
}

function isNamed(manifest: Manifest, history: FileHistory, revisionName: string): boolean {
  const question = namesQuestion()
  let isAbsent = false
  for (const version of history.versions) {
    const names = question.in(history, version, manifest)
    if (names === 'unreadable') continue
    if (names === 'absent') isAbsent = true
    else if (isAbsent) return false
    else if (names.includes(revisionName)) return true
  }
  return false
}

/** Whether a name can stand in a version; never falsely no. */
export function mayMention(version: FileVersion, name: string): boolean {
  return version.mentions?.(name) ?? version.text?.includes(name) === true
}

function* statesOf(manifest: Manifest, history: FileHistory): Generator<PastState, PastGaps> {
  let state: PastState | undefined
  let [life, unread] = [0, 0]
  let [isAbsent, wasAbsent] = [false, false]
  for (const version of history.versions) {
    const shape = readVersion(history, version, manifest)
    if (shape === 'unreadable') unread++
    else if (shape === 'absent') isAbsent = wasAbsent = true
    else {
      if (isAbsent) life++
      isAbsent = false
      const { commit, time, path } = version
      if (state && state.life === life && sameShape(state, shape)) state = { ...state, commit, time, path }
      else {
        if (state) yield state
        state = { commit, time, path, ...shape, life }
      }
    }
  }
  if (state) yield state
  const isCut = history.isCut && !wasAbsent
  return { isCut, unread, ...(isCut && history.isShallow && { isShallow: true }) }
}

function sameShape(a: ServiceShape, b: ServiceShape): boolean {
  if (a.traffic && b.traffic ? !equivalentTraffic(a.traffic, b.traffic) : a.traffic !== b.traffic) return false
  return sameJson(a.template, b.template)
}

/** What to do, after what helps better where the past ends early only because the clone is shallow. */
export function fetchOr(help: string, past: Past | undefined): string {
  return past?.gaps().isShallow ? `${fetchMore}, or ${help}` : help
}

/** Since when something is as it is. */
export type Since = {
  readonly commit: string
  /** Committer's date in seconds since 1970. */
  readonly time: number
  /** Set where it may have been so for longer: the older past is not known. */
  readonly isAtLeast?: true
  /** Set where that is because the clone is shallow. */
  readonly isShallow?: true
}

/**
 * Since when the traffic is as the file has it now, whatever else changed: of a target `latestRevision` the revision may
 * have. Undefined where that is not committed yet.
 */
export function trafficSince(past: Past): Since | undefined {
  let oldest: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0 || !isPresentTraffic(past, state)) return oldest && sinceOf(oldest)
    oldest = state
  }
  const { isCut, isShallow } = past.gaps()
  return oldest && { ...sinceOf(oldest), ...(isCut && { isAtLeast: true, ...(isShallow && { isShallow }) }) }
}

/** The same of the traffic and the template of the last commit together: no more of the past is read than it takes. */
export function shapeSince(past: Past): Since | undefined {
  const [newest, older] = past.states
  if (!newest || newest.life > 0 || !isPresentTraffic(past, newest)) return undefined
  return older ? sinceOf(newest) : trafficSince(past)
}

/**
 * The template that stood under an own name, in the state that had it first: what the revision was made from. A cluster
 * refuses a later one under the same name.
 */
export function stateNaming(past: Past, revisionName: string): PastState | undefined {
  return [...presentLife(past)].findLast(({ templateName }) => templateName === revisionName)
}

/** A name of a revision that was committed. */
type KnownRevision = Since & {
  readonly name: string
  /** Whether a template had it, so that the revision was made; traffic may name what never was. */
  readonly isOwnName: boolean
  /** The newest life of the Service (`PastState.life`) that names it. */
  readonly life: number
}

/** Every name that a template or a target ever had, each with its first commit, oldest first. */
export function revisionsKnown(past: Past): readonly KnownRevision[] {
  const found = new Map<string, KnownRevision>()
  for (const state of [...past.states].toReversed()) {
    for (const name of namesIn(state)) {
      const first = found.get(name) ?? { name, ...sinceOf(state), isOwnName: false, life: state.life }
      found.set(name, { ...first, isOwnName: first.isOwnName || state.templateName === name, life: state.life })
    }
  }
  return [...found.values()]
}

function* presentLife({ states }: Past): Iterable<PastState> {
  for (const state of states) {
    if (state.life > 0) return
    yield state
  }
}

function isPresentTraffic({ present }: Past, { traffic }: PastState): boolean {
  return present.traffic !== undefined && traffic !== undefined && equivalentTraffic(present.traffic, traffic)
}

function sinceOf({ commit, time }: PastState): Since {
  return { commit, time }
}

function* namesIn({ templateName, traffic }: Pick<PastState, 'templateName' | 'traffic'>): Iterable<string> {
  if (templateName !== undefined) yield templateName
  for (const { revision } of traffic ?? []) if ('name' in revision) yield revision.name
}
