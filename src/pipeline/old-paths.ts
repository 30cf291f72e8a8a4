import { isList, isObject, type Json } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'

type Valued = Pick<Manifest, 'value'>

/** Finds the fields of a Service in what it was before: items of lists are known by what tells them apart. */
export class OldPaths {
  private readonly matches = new WeakMap<readonly Json[], readonly (number | undefined)[]>()

  /** The path that a field has at the base, where items of lists may have stood in other places; undefined where it is new. */
  pathOf(after: Valued, before: Valued, path: Path): Path | undefined {
    const old: (string | number)[] = []
    let [from, to]: (Json | undefined)[] = [before.value, after.value]
    for (const step of path) {
      const own = typeof step === 'number' && isList(from) && isList(to) ? this.matchesOf(from, to)[step] : step
      if (own === undefined) return undefined
      old.push(own)
      from = child(from, own)
      to = child(to, step)
    }
    return old
  }

  /** For each item of the newer list, the place of the same one in the older list. */
  private matchesOf(from: readonly Json[], to: readonly Json[]): readonly (number | undefined)[] {
    const known = this.matches.get(to)
    if (known) return known
    const old = placesOf(from)
    const fresh = new Set(to.map(nameOf))
    const met = new Map<string, number>()
    const matches = to.map((item, index) => {
      const name = nameOf(item)
      const rank = met.get(name) ?? 0
      met.set(name, rank + 1)
      const same = old.get(name)?.[rank]
      if (same !== undefined) return same
      // Another item in the place of one that has left is the same field with another value.
      const replaced = from[index]
      return replaced !== undefined && !fresh.has(nameOf(replaced)) ? index : undefined
    })
    this.matches.set(to, matches)
    return matches
  }
}

function child(value: Json | undefined, step: string | number): Json | undefined {
  if (isList(value)) return typeof step === 'number' ? value[step] : undefined
  return isObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined
}

/** What tells the items of a list apart, whatever their order. */
const names = ['name', 'revisionName', 'latestRevision', 'tag', 'mountPath', 'containerPort']

function nameOf(item: Json): string {
  const key = isObject(item) ? names.find((one) => (item[one] ?? null) !== null) : undefined
  return JSON.stringify(key === undefined ? (isObject(item) ? null : item) : [key, child(item, key)])
}

/** Where items stand in a list, by their name. */
function placesOf(list: readonly Json[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [index, item] of list.entries()) {
    const name = nameOf(item)
    const own = places.get(name)
    if (own) own.push(index)
    else places.set(name, [index])
  }
  return places
}
