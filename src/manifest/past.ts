import type { FileHistory, FileVersion } from '../text/version.js'
import type { Manifest } from './manifest.js'
import { sameJson, type Json } from './json.js'
import { readVersion, shapeOf, type ServiceShape } from './past-version.js'
import { Remembered } from './remembered.js'
import { equivalentTraffic } from './equivalent-traffic.js'
import type { TrafficTarget } from './traffic.js'

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
  /** What is missing from the states; it takes all of them to know. */
  readonly gaps: () => PastGaps
  /** The file's versions that it was read from. */
  readonly versions: readonly FileVersion[]
}

/** What could not be read: what rests on the whole past is then not checked. */
export type PastGaps = {
  /** Whether the Service was there before the oldest version that is known. */
  readonly isCut: boolean
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
  return { name, present, states, gaps: () => states.ending(), versions: history.versions }
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
  return { isCut: history.isCut && !wasAbsent, unread }
}

function sameShape(a: ServiceShape, b: ServiceShape): boolean {
  if (a.traffic && b.traffic ? !equivalentTraffic(a.traffic, b.traffic) : a.traffic !== b.traffic) return false
  return sameJson(a.template, b.template)
}
