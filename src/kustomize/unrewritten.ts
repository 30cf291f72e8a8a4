import type { Path } from '../text/path.js'
import { isList, type Json, member } from '../yaml/json.js'
import type { AppliedService, BuiltRoot, LightObject } from './built-root.js'

/** A name in a built Service that means an object whose name is another one by now. */
export type Unrewritten = {
  /** Where the Service has the name. */
  readonly path: Path
  readonly name: string
  readonly kind: 'ConfigMap' | 'Secret' | 'ServiceAccount'
  /** What the object is called once it is built. */
  readonly builtName: string
}

type Named = Pick<Unrewritten, 'path' | 'name' | 'kind'>

/**
 * The names in a built Service that kustomize did not rewrite together with the objects that they mean: of a Knative
 * Service it knows only `env[].valueFrom.secretKeyRef.name`. What these name will not exist.
 */
export function unrewritten({ manifest }: AppliedService, { objects }: BuiltRoot): readonly Unrewritten[] {
  const own = manifest.namespace ?? 'default'
  const near = objects.filter(({ namespace }) => (namespace || 'default') === own)
  const byName = new Map<string, LightObject>()
  for (const object of near) for (const name of object.previous) byName.set(`${object.kind}/${name}`, object)
  const present = new Set(near.map(({ kind, name }) => `${kind}/${name}`))
  return namesIn(manifest.value).flatMap((named) => {
    const key = `${named.kind}/${named.name}`
    const object = present.has(key) ? undefined : byName.get(key)
    return object && object.group === '' ? [{ ...named, builtName: object.name }] : []
  })
}

function namesIn(value: Json): readonly Named[] {
  const path = ['spec', 'template', 'spec']
  const spec = member(value, ...path)
  return [
    ...['containers', 'initContainers'].flatMap((key) =>
      itemsOf(spec, key, path).flatMap(({ item, path: own }) => namesInContainer(item, own)),
    ),
    ...itemsOf(spec, 'volumes', path).flatMap(({ item, path: own }) => [
      ...nameAt(item, own, 'ConfigMap', 'configMap', 'name'),
      ...nameAt(item, own, 'Secret', 'secret', 'secretName'),
      ...itemsOf(member(item, 'projected'), 'sources', [...own, 'projected']).flatMap((source) => [
        ...nameAt(source.item, source.path, 'ConfigMap', 'configMap', 'name'),
        ...nameAt(source.item, source.path, 'Secret', 'secret', 'name'),
      ]),
    ]),
    ...nameAt(spec ?? null, path, 'ServiceAccount', 'serviceAccountName'),
    ...itemsOf(spec, 'imagePullSecrets', path).flatMap(({ item, path: own }) => nameAt(item, own, 'Secret', 'name')),
  ]
}

function namesInContainer(container: Json, path: Path): readonly Named[] {
  return [
    ...itemsOf(container, 'env', path).flatMap(({ item, path: own }) => [
      ...nameAt(item, own, 'ConfigMap', 'valueFrom', 'configMapKeyRef', 'name'),
      ...nameAt(item, own, 'Secret', 'valueFrom', 'secretKeyRef', 'name'),
    ]),
    ...itemsOf(container, 'envFrom', path).flatMap(({ item, path: own }) => [
      ...nameAt(item, own, 'ConfigMap', 'configMapRef', 'name'),
      ...nameAt(item, own, 'Secret', 'secretRef', 'name'),
    ]),
  ]
}

function itemsOf(
  value: Json | undefined,
  key: string,
  path: Path,
): readonly { readonly item: Json; readonly path: Path }[] {
  const list = member(value, key)
  return isList(list) ? list.map((item, index) => ({ item, path: [...path, key, index] })) : []
}

function nameAt(value: Json, path: Path, kind: Named['kind'], ...keys: readonly string[]): readonly Named[] {
  const name = member(value, ...keys)
  return typeof name === 'string' && name !== '' ? [{ path: [...path, ...keys], name, kind }] : []
}
