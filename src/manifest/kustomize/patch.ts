import type { Path } from '../../text/path.js'
import type { SourceFile } from '../../text/source.js'
import { isList, isObject, member, type Json, type JsonObject } from '../json.js'
import type { Manifest } from '../manifest.js'
import { parseYaml } from '../parse.js'
import { readDocument } from '../read.js'
import { entries, placeOf, type Kustomization } from './kustomization.js'

/** One patch of a kustomization: what it is laid over, and what it brings. */
export type Patch = {
  readonly kustomization: Kustomization
  /** Where the kustomization has it. */
  readonly path: Path
  /** Where its text stands, if not in the kustomization itself. */
  readonly file?: SourceFile
  /** The kustomization's `target`, where it has one. */
  readonly target?: Json
  /** A partial object, or a list of operations (RFC 6902). */
  readonly body:
    | { readonly kind: 'merge'; readonly value: JsonObject; readonly manifest?: Manifest }
    | { readonly kind: 'json'; readonly operations: readonly Json[] }
}

/** What is at hand besides kustomizations, by its place. */
export type Shelf = {
  readonly file: (place: string) => SourceFile | undefined
  readonly manifests: (file: SourceFile) => readonly Manifest[]
}

/**
 * The patches of a kustomization in the order in which kustomize lays them on: before names and namespaces change, and
 * after that.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/target/kusttarget_configplugin.go, the order of the transformers.
 */
export function patchesOf(
  kustomization: Kustomization,
  shelf: Shelf,
): { readonly early: readonly Patch[]; readonly late: readonly Patch[] } {
  const { value } = kustomization
  const read = (key: string): readonly Patch[] =>
    entries(value, key).flatMap(({ item, path }) => patchesIn(kustomization, shelf, item, path))
  return { early: [...read('patchesStrategicMerge'), ...read('patches')], late: read('patchesJson6902') }
}

/** One entry of a list of patches: a file can hold several. */
function patchesIn(kustomization: Kustomization, shelf: Shelf, item: Json, path: Path): readonly Patch[] {
  const named = typeof item === 'string' && !item.includes('\n') && !item.includes(': ') ? item : member(item, 'path')
  const target = member(item, 'target')
  const own = isObject(item) ? [...path, member(item, 'path') === undefined ? 'patch' : 'path'] : path
  const shared = { kustomization, path: own, ...(target !== undefined && target !== null && { target }) }
  if (typeof named === 'string' && named !== '') {
    const file = shelf.file(placeOf(kustomization, named))
    return file ? bodiesOf(file, shelf.manifests(file)).map((body) => ({ ...shared, file, body })) : []
  }
  const text = typeof item === 'string' ? item : member(item, 'patch')
  if (typeof text !== 'string') return []
  return bodiesOf({ path: kustomization.file.path, text }, []).map((body) => ({ ...shared, body }))
}

function bodiesOf(file: SourceFile, manifests: readonly Manifest[]): readonly Patch['body'][] {
  const bodies: Patch['body'][] = []
  for (const document of parseYaml(file).documents) {
    const { value } = readDocument(document.contents)
    if (isList(value)) bodies.push({ kind: 'json', operations: value })
    else if (isObject(value)) {
      const manifest = manifests.find((one) => one.document.range[0] === document.range[0])
      bodies.push({ kind: 'merge', value, ...(manifest && { manifest }) })
    }
  }
  return bodies
}
