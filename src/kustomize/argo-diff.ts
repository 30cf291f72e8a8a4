import type { Path } from '../text/path.js'
import { isList, type Json, member } from '../yaml/json.js'

/** Where an object of Argo CD holds what an Application is made of. */
const places: ReadonlyMap<string, Path> = new Map([
  ['Application', []],
  ['ApplicationSet', ['spec', 'template']],
])
const options = 'argocd.argoproj.io/compare-options'

/** The places in an object of Argo CD that decide on how the Services of its Applications are compared. */
type ArgoDiff = {
  /** Whether what an apply would change is asked of the cluster: then no spelling is out of sync. */
  readonly isServerSide: boolean
  /**
   * The option that applies on the server's side, where the comparison is not: Argo CD then compares the file with all
   * that the server owns, and is OutOfSync with every Knative Service.
   */
  readonly mismatch: Path | undefined
}

/**
 * How an Application, or those of an ApplicationSet, compare what they sync; undefined for any other object.
 *
 * Source: argo-cd docs/user-guide/diff-strategies.md, docs/user-guide/sync-options.md
 */
export function argoDiff(object: Json): ArgoDiff | undefined {
  const [version, kind] = ['apiVersion', 'kind'].map((key) => member(object, key))
  const root = typeof kind === 'string' ? places.get(kind) : undefined
  if (!root || typeof version !== 'string' || !version.startsWith('argoproj.io/')) return undefined
  const at = root.map(String)
  const compared = member(object, ...at, 'metadata', 'annotations', options)
  const isServerSide = has(typeof compared === 'string' ? compared.split(',') : [], 'ServerSideDiff=true')
  const path = [...at, 'spec', 'syncPolicy', 'syncOptions']
  const list = member(object, ...path)
  const index = isList(list) ? list.findIndex((one) => has([one], 'ServerSideApply=true')) : -1
  return { isServerSide, mismatch: isServerSide || index < 0 ? undefined : [...path, index] }
}

function has(words: readonly Json[], wanted: string): boolean {
  return words.some((word) => typeof word === 'string' && word.trim() === wanted)
}
