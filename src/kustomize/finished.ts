import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isObject } from '../yaml/json.js'
import type { AppliedService, LightObject, NotBuilt, Variables } from './built-root.js'
import { type BuiltObject, idOf, idsOf, isKnativeService, named, remembered, withTexts } from './built-object.js'
import { changedAt } from './field-paths.js'
import type { FieldSettings } from './field-specs.js'
import { hashOf } from './generators.js'
import { type Id, type Kustomization } from './kustomization.js'
import { Renamed, withNames } from './name-references.js'
import { isRefusal, type Refusal, textWithin, type Tree, within } from './tree.js'
import { spotIn, treeDocument, treeJson, unwritable } from './tree-json.js'

type End = {
  readonly services: readonly AppliedService[]
  readonly objects: readonly LightObject[]
  readonly unclear: readonly NotBuilt[]
}

/** Hashes and references, which come once for all of a root, and what is left after that. */
export function finished(
  root: Kustomization,
  sum: {
    readonly objects: readonly BuiltObject[]
    readonly settings: FieldSettings
    readonly variables: readonly Variables[]
  },
): End | Refusal {
  const hashed = sum.objects.map(withHash)
  const renamed = new Renamed(hashed)
  const services: AppliedService[] = []
  const objects: LightObject[] = []
  const unclear: NotBuilt[] = []
  for (const object of hashed) {
    if (isLocal(object.tree)) continue
    if (!isKnativeService(object.tree)) {
      objects.push(lightOf(object))
      continue
    }
    const after = withNames(object, sum.settings, renamed)
    if (isRefusal(after)) return after
    const tree = withTexts(after.tree, 'annotations')
    const odd = unwritable(tree)
    if (odd) return { refused: `\`${odd.text}\` does not fit its type \`${odd.tag}\``, said: 'cannot decode' }
    services.push(serviceOf(root, { ...after, tree }))
    unclear.push(...variablesIn(tree, sum))
  }
  return { services, objects, unclear }
}

function withHash(object: BuiltObject): BuiltObject {
  if (!object.needsHash) return object
  const { name } = idOf(object)
  const spot = within(object.tree, 'metadata', 'name')?.spot ?? object.tree.spot
  return { ...remembered(object), tree: named(object.tree, `${name}-${hashOf(object)}`, spot) }
}

function isLocal(tree: Tree): boolean {
  const mark = within(tree, 'metadata', 'annotations', 'config.kubernetes.io/local-config')
  return mark?.kind === 'scalar' && mark.text !== 'false'
}

function lightOf(object: BuiltObject): LightObject {
  const { group, kind, name, namespace } = idOf(object)
  return { group, kind, name, namespace, previous: [...new Set(object.previous.map((one) => one.name))] }
}

function serviceOf(root: Kustomization, object: BuiltObject): AppliedService {
  const { tree } = object
  const ids: Id[] = []
  for (const { name, namespace } of idsOf(object)) {
    const last = ids.at(-1)
    // What had no namespace is remembered as one of `default`.
    const own = namespace === 'default' && textWithin(tree, 'metadata', 'namespace') === '' ? '' : namespace
    if (last?.name !== name || last.namespace !== own) ids.push({ name, namespace: own })
  }
  const file: SourceFile = {
    path: root.file.path,
    text: '',
    ...(root.file.patchPath !== undefined && { patchPath: root.file.patchPath }),
  }
  const manifest = manifestOf(tree, file)
  const base = object.base ?? manifest
  return { root, base, ids, manifest, sources: [...object.sources] }
}

function manifestOf(tree: Tree, file: SourceFile): Manifest {
  const json = treeJson(tree)
  const name = textWithin(tree, 'metadata', 'name')
  const namespace = textWithin(tree, 'metadata', 'namespace') || undefined
  let document: Manifest['document'] | undefined
  return {
    file,
    value: isObject(json) ? json : {},
    name,
    namespace,
    label: namespace === undefined ? name : `${namespace}/${name}`,
    get document() {
      document ??= treeDocument(tree)
      return document
    },
    root: [],
    targets: new Map(),
    faults: [],
    spotOf: (path: Path, part) => spotIn(tree, path, part),
  }
}

/** Whether a variable of old stands where kustomize would put its value. */
function variablesIn(
  tree: Tree,
  { settings, variables }: { readonly settings: FieldSettings; readonly variables: readonly Variables[] },
): readonly NotBuilt[] {
  if (variables.length === 0 || tree.kind !== 'map') return []
  const texts: string[] = []
  const note = (field: Tree): Tree => {
    texts.push(JSON.stringify(treeJson(field)))
    return field
  }
  for (const spec of settings.varReference) changedAt(tree, spec, { set: note, spot: tree.spot })
  return variables.flatMap(({ at, names }) =>
    names
      .filter((name) => name !== '' && texts.some((text) => text.includes(`$(${name})`)))
      .map((name) => ({ at, path: ['vars'], why: 'vars' as const, name })),
  )
}
