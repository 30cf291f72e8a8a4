import type { Manifest } from '../manifest/manifest.js'
import { containersPath } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import {
  type Built,
  isNamed,
  isSelected,
  type Kustomization,
  listItems,
  referencedPath,
  type Said,
  type Word,
} from './kustomization.js'
import { isObjectText } from './patch-paths.js'

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
    listItems(value, key).flatMap(({ item, path }) => patchesIn(kustomization, shelf, item, path))
  return { early: [...read('patchesStrategicMerge'), ...read('patches')], late: read('patchesJson6902') }
}

/** One entry of a list of patches: a file can hold several. */
function patchesIn(kustomization: Kustomization, shelf: Shelf, item: Json, path: Path): readonly Patch[] {
  const named = typeof item === 'string' && !isObjectText(item) ? item : member(item, 'path')
  const target = member(item, 'target')
  const own = isObject(item) ? [...path, member(item, 'path') === undefined ? 'patch' : 'path'] : path
  const shared = { kustomization, path: own, ...(target !== undefined && target !== null && { target }) }
  if (typeof named === 'string' && named !== '') {
    const file = shelf.file(referencedPath(kustomization, named))
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

/** Whether a patch is laid over the Service. */
export function isFor({ target, body }: Patch, { ids, base }: Built): boolean {
  if (target !== undefined) return isSelected({ value: target }, ids, base)
  return body.kind === 'merge' && isNamed(body.value, ids)
}

/**
 * What a patch makes of a Service; undefined where it deletes it. kustomize knows no merge keys of Knative's lists, so
 * that a patch with `spec.traffic`, or with containers, replaces all of them.
 */
export function lay(patch: Patch, built: Built): Built | undefined {
  return patch.body.kind === 'merge'
    ? merge(patch, patch.body.value, built)
    : operate(patch, patch.body.operations, built)
}

function merge(patch: Patch, value: Json, built: Built): Built | undefined {
  const { kustomization, path, body } = patch
  if (member(value, '$patch') === 'delete') return undefined
  const spec = member(value, 'spec')
  const isOdd = [value, spec, member(spec, 'template'), member(spec, 'template', 'metadata')].some(
    (part, depth) =>
      part === null || member(part, '$patch') !== undefined || (depth > 0 && part !== undefined && !isObject(part)),
  )
  if (isOdd) {
    const unclear = { by: 'unclear', kustomization, path, why: 'it has a directive or an empty mapping' } as const
    const left = (over: Said): Said => ({ value: undefined, word: unclear, over })
    return {
      ...built,
      traffic: left(built.traffic),
      revision: left(built.revision),
      containers: left(built.containers),
    }
  }
  const manifest = body.kind === 'merge' ? body.manifest : undefined
  const word: Word = manifest
    ? { by: 'manifest', manifest, kustomization, path }
    : patch.file
      ? { by: 'unclear', kustomization, path, why: 'a patch does not name its Service' }
      : { by: 'inline', kustomization, path }
  const traffic = member(spec, 'traffic')
  const revision = member(spec, 'template', 'metadata', 'name')
  const containers = member(value, ...containersPath)
  return {
    ...built,
    ...(traffic !== undefined && { traffic: { value: traffic, word } }),
    ...(revision !== undefined && { revision: { value: revision, word } }),
    ...(containers !== undefined && { containers: { value: containers, word } }),
  }
}

const pointers = {
  traffic: '/spec/traffic',
  revision: '/spec/template/metadata/name',
  containers: `/${containersPath.join('/')}`,
} as const

function operate({ kustomization, path, file }: Patch, operations: readonly Json[], built: Built): Built {
  const word: Word = { by: 'json', kustomization, path, ...(file && { file }) }
  const after = (key: keyof typeof pointers): Said => {
    let field = built[key]
    for (const operation of operations) {
      const pointer = member(operation, 'path')
      if (typeof pointer !== 'string' || member(operation, 'op') === 'test') continue
      if (touches(pointer, pointers[key])) field = said(operation, pointer === pointers[key], word, field)
      else if (pointer.startsWith(`${pointers[key]}/`)) field = { ...field, isOperated: true }
    }
    return field
  }
  return { ...built, traffic: after('traffic'), revision: after('revision'), containers: after('containers') }
}

/**
 * Whether an operation at the pointer changes the field: it stands there, inside of it, or around it. Of the containers
 * only which ones they are, and their images, count.
 */
function touches(pointer: string, field: string): boolean {
  if (pointer === field || field.startsWith(`${pointer}/`)) return true
  if (!pointer.startsWith(`${field}/`)) return false
  return field !== pointers.containers || /^\/\d+(?:\/(?:image|name))?$/.test(pointer.slice(field.length))
}

function said(operation: Json, isWhole: boolean, word: Word, over: Said): Said {
  const [op, value] = [member(operation, 'op'), member(operation, 'value')]
  const isSet = isWhole && value !== undefined && (op === 'add' || op === 'replace')
  return isSet ? { value, word } : { value: undefined, word, over }
}
