import type { Spot } from '../manifest/manifest.js'
import {
  type BuiltObject,
  changed,
  effectiveNamespace,
  firstIdOf,
  gvkOf,
  type Gvk,
  idOf,
  isClusterScoped,
  isSelectedGvk,
} from './built-object.js'
import { changedAt, eachItem } from './field-paths.js'
import type { FieldSettings } from './field-specs.js'
import { isMissing, isRefusal, type Refusal, textWithin, type Tree, withEntry, within } from './tree.js'

/** All objects of a build by the names that they had, so that a reference is not looked for in all of them. */
export class Renamed {
  private readonly byName = new Map<string, BuiltObject[]>()

  constructor(objects: readonly BuiltObject[]) {
    for (const object of objects)
      for (const name of new Set(object.previous.map((one) => one.name))) {
        const known = this.byName.get(name)
        if (known) known.push(object)
        else this.byName.set(name, [object])
      }
  }

  named(name: string): readonly BuiltObject[] {
    return this.byName.get(name) ?? []
  }
}

/**
 * The object with the names in it that follow those of other objects.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/nameref/nameref.go.
 */
export function withNames(object: BuiltObject, settings: FieldSettings, renamed: Renamed): BuiltObject | Refusal {
  let result = object
  const first = firstIdOf(object)
  for (const target of settings.nameReference)
    for (const spec of target.referrers) {
      if (!isSelectedGvk(first, spec)) continue
      const files = new Set<BuiltObject>()
      const referral = (name: string, namespace?: string): BuiltObject | Refusal | undefined => {
        const found = referralOf(result, target, renamed.named(name), namespace)
        if (found && !isRefusal(found)) files.add(found)
        return found
      }
      const own = { ...spec, ...gvkOf(result.tree) }
      const after = changedAt(result.tree, own, { set: (field) => follow(field, referral), spot: spotOf(result) })
      if (isRefusal(after)) return after
      result = changed(result, after, ...[...files].flatMap(({ sources }) => [...sources]))
    }
  return result
}

function spotOf({ tree }: BuiltObject): Spot {
  return tree.spot
}

type Referral = (name: string, namespace?: string) => BuiltObject | Refusal | undefined

function follow(field: Tree, referral: Referral): Tree | Refusal {
  if (isMissing(field)) return field
  if (field.kind === 'list') return eachItem(field, (item) => (item.kind === 'list' ? nested : follow(item, referral)))
  if (field.kind === 'scalar') {
    const found = referral(field.text)
    if (found === undefined || isRefusal(found)) return found ?? field
    const { name } = idOf(found)
    return name === field.text ? field : { ...field, text: name, tag: '', spot: nameSpot(found, field) }
  }
  const name = textWithin(field, 'name')
  if (!field.entries.has('name'))
    return { refused: 'a reference has no `name`', said: "path config error; no 'name' field in node" }
  const found = referral(name, field.entries.has('namespace') ? textWithin(field, 'namespace') : undefined)
  if (found === undefined || isRefusal(found)) return found ?? field
  const id = idOf(found)
  if (id.name === name && id.namespace === '') return field
  const spot = nameSpot(found, field)
  const named = withEntry(field, 'name', { kind: 'scalar', text: id.name, tag: '', isQuoted: false, spot })
  if (id.namespace === '') return named
  return withEntry(named, 'namespace', { kind: 'scalar', text: id.namespace, tag: '', isQuoted: false, spot })
}

const nested: Refusal = { refused: 'a reference is a list; must be a string or a mapping' }

function nameSpot({ tree }: BuiltObject, otherwise: Tree): Spot {
  return within(tree, 'metadata', 'name')?.spot ?? otherwise.spot
}

function referralOf(
  referrer: BuiltObject,
  target: Gvk,
  candidates: readonly BuiltObject[],
  namespace: string | undefined,
): BuiltObject | Refusal | undefined {
  const own = idOf(referrer)
  const isNear = (object: BuiltObject): boolean => {
    const id = idOf(object)
    return isClusterScoped(own) || isClusterScoped(id) || effectiveNamespace(id) === effectiveNamespace(own)
  }
  const near = candidates.filter(
    (object) =>
      isNear(object) &&
      object.previous.some(({ kind }) => isSelectedGvk({ ...gvkOf(object.tree), kind }, target)) &&
      (namespace === undefined || [firstIdOf(object), idOf(object)].some((id) => effectiveNamespace(id) === namespace)),
  )
  if (near.length <= 1) return near[0]
  const alike = near.filter((object) => isBuiltAlike(object, referrer, true))
  const same = alike.length > 1 ? alike.filter((object) => isBuiltAlike(object, referrer, false)) : alike
  const [first] = same
  const isOne = same.every((object) => idOf(object).name === (first && idOf(first).name))
  return isOne
    ? first
    : {
        refused: 'a reference matches several objects',
        said: 'found multiple possible referrals',
      }
}

function isBuiltAlike(a: BuiltObject, b: BuiltObject, allowsNone: boolean): boolean {
  return (['prefixes', 'suffixes'] as const).every(
    (key) => (allowsNone && (a[key].length === 0 || b[key].length === 0)) || endsAlike(a[key], b[key]),
  )
}

function endsAlike(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length === 0) return long.length === 0
  return short.every((text, index) => text === long[index + long.length - short.length])
}
