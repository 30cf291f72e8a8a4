import { grouped } from '../text/collections.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, sameJson } from '../yaml/json.js'
import { type FieldWish, isVacant, wished } from './wish.js'

/** What becomes of one value: all wishes that reach it, laid together. */
export type Fate =
  | { readonly kind: 'kept' }
  | { readonly kind: 'removed'; readonly prunes: boolean }
  | { readonly kind: 'written'; readonly value: Json }
  | MappingFate
  | ListFate

export type MappingFate = {
  readonly kind: 'mapping'
  /** Those that do not stay as they are. */
  readonly members: ReadonlyMap<string, Fate>
  readonly renamed: ReadonlyMap<string, string>
  readonly added: ReadonlyMap<string, Json>
}

export type ListFate = {
  readonly kind: 'list'
  readonly items: ReadonlyMap<number, Fate>
  readonly added: readonly Json[]
}

/** Why the wishes cannot be made of this value, however it is written. */
type Conflict = { readonly path: Path; readonly message: string; readonly help: string }

/** What becomes of the object. */
export function fateOf(value: JsonObject, wishes: readonly FieldWish[]): Fate | Conflict {
  const conflicts: Conflict[] = []
  const fate = new Fates(conflicts).of(
    value,
    wishes.map((wish) => ({ wish, rest: wish.path })),
    [],
  )
  return conflicts[0] ?? (fate.kind === 'removed' ? { kind: 'kept' } : fate)
}

/** A wish, and how far it still is to its place. */
type Pending = { readonly wish: FieldWish; readonly rest: Path }

const kept: Fate = { kind: 'kept' }

class Fates {
  constructor(private readonly conflicts: Conflict[]) {}

  of(value: Json | undefined, own: readonly Pending[], path: Path): Fate {
    if (own.length === 0) return kept
    if (isVacant(value)) return this.filled(value, own, path)
    const set = own.findLast(({ wish, rest }) => wish.kind === 'set' && rest.length === 0)?.wish
    const others = own.filter(({ wish, rest }) => wish.kind !== 'set' || rest.length > 0)
    if (set?.kind === 'set' && !sameJson(value, set.value)) return this.replaced(value, set.value, path)
    if (isObject(value)) return this.mapping(value, others, path)
    if (isList(value)) return this.list(value, others, path)
    const deeper = others.find(({ wish }) => creates(wish))
    return deeper ? this.conflict(path, deeper.wish, deeper.wish.kind === 'append' ? 'a list' : 'a mapping') : kept
  }

  private filled(value: Json | undefined, own: readonly Pending[], path: Path): Fate {
    const making = own.filter(({ wish }) => creates(wish))
    const counted = making.find(({ rest }) => rest.some((step) => typeof step === 'number'))
    if (counted) {
      const keys = counted.rest.findIndex((step) => typeof step === 'number')
      return this.conflict([...path, ...counted.rest.slice(0, keys)], counted.wish, 'a list with that item')
    }
    const result = wished(
      value ?? null,
      making.map(({ wish, rest }) => ({ ...wish, path: rest })),
    )
    return making.length === 0 || (value !== undefined && sameJson(value, result))
      ? kept
      : { kind: 'written', value: result }
  }

  private replaced(value: Json | undefined, by: Json, path: Path): Fate {
    if (isScalarValue(value) && isScalarValue(by)) return { kind: 'written', value: by }
    const message = `cannot edit ${named(path)}: it is not ${isScalarValue(by) ? 'a single value' : 'empty'}`
    this.conflicts.push({ path, message, help: 'remove it, and run the command again' })
    return kept
  }

  private mapping(value: JsonObject, own: readonly Pending[], path: Path): Fate {
    const [members, renamed, added] = [new Map<string, Fate>(), new Map<string, string>(), new Map<string, Json>()]
    const here = own.find(({ rest }) => rest.length === 0)
    if (here) return this.conflict(path, here.wish, 'a list')
    for (const [key, steps] of grouped(own, ({ rest }) => String(rest[0]))) {
      const place = [...path, key]
      const isThere = Object.hasOwn(value, key)
      const [gone, name] = [last(steps, 'remove'), last(steps, 'rename')]
      const inside = steps.filter(({ rest, wish }) => rest.length > 1 || creates(wish)).map(further)
      const fate = gone ? this.removal(gone, inside, place) : this.of(isThere ? value[key] : undefined, inside, place)
      if (fate.kind === 'written' && !isThere) added.set(key, fate.value)
      else if (fate.kind !== 'kept' && isThere) members.set(key, fate)
      if (!isThere || name?.kind !== 'rename' || name.to === key || fate.kind === 'removed') continue
      if (Object.hasOwn(value, name.to) || [...renamed.values()].includes(name.to))
        this.taken(place, [...path, name.to])
      renamed.set(key, name.to)
    }
    for (const [key, to] of renamed) if (added.has(to)) this.taken([...path, key], [...path, to])
    if (members.size + renamed.size + added.size === 0) return kept
    const stays = Object.keys(value).some((key) => members.get(key)?.kind !== 'removed')
    const empties = !stays && added.size === 0 && [...members.values()].some(prunes)
    return empties ? { kind: 'removed', prunes: true } : { kind: 'mapping', members, renamed, added }
  }

  private list(value: readonly Json[], own: readonly Pending[], path: Path): Fate {
    const items = new Map<number, Fate>()
    const added = own.flatMap(({ wish, rest }) => (wish.kind === 'append' && rest.length === 0 ? [wish.value] : []))
    for (const [step, steps] of grouped(own, ({ rest }) => rest[0])) {
      const [first] = steps
      if (step === undefined || !first) continue
      const isItem = typeof step === 'number' && step < value.length
      if (!isItem && !steps.some(({ wish }) => creates(wish))) continue
      if (!isItem) return this.conflict(path, first.wish, typeof step === 'number' ? 'long enough' : 'a mapping')
      const gone = last(steps, 'remove')
      const inside = steps.filter(({ rest, wish }) => rest.length > 1 || creates(wish)).map(further)
      const place = [...path, step]
      const fate = gone ? this.removal(gone, inside, place) : this.of(value[step], inside, place)
      if (fate.kind !== 'kept') items.set(step, fate)
    }
    if (items.size + added.length === 0) return kept
    const stays = value.some((_, index) => items.get(index)?.kind !== 'removed')
    const empties = !stays && added.length === 0 && [...items.values()].some(prunes)
    return empties ? { kind: 'removed', prunes: true } : { kind: 'list', items, added }
  }

  private removal(wish: FieldWish, inside: readonly Pending[], path: Path): Fate {
    if (inside.some((one) => creates(one.wish))) {
      const message = `cannot edit ${named(path)}: one change writes it, another removes it`
      this.conflicts.push({ path, message, help: 'choose one of them' })
    }
    return { kind: 'removed', prunes: wish.kind === 'remove' && wish.prune === true }
  }

  private conflict(path: Path, wish: FieldWish, shape: string): Fate {
    const message = `cannot write ${named(wish.path)}: ${named(path)} is not ${shape}`
    this.conflicts.push({ path, message, help: 'fix the findings of `kn-rollout validate` first' })
    return kept
  }

  private taken(path: Path, to: Path): void {
    const message = `cannot rename ${named(path)}: ${named(to)} exists already`
    this.conflicts.push({ path, message, help: 'remove one of them' })
  }
}

function further({ wish, rest }: Pending): Pending {
  return { wish, rest: rest.slice(1) }
}

function last(steps: readonly Pending[], kind: FieldWish['kind']): FieldWish | undefined {
  return steps.findLast(({ wish, rest }) => wish.kind === kind && rest.length === 1)?.wish
}

function creates({ kind }: FieldWish): boolean {
  return kind === 'set' || kind === 'append'
}

function prunes(fate: Fate): boolean {
  return fate.kind === 'removed' && fate.prunes
}

function isScalarValue(value: Json | undefined): boolean {
  return !isObject(value) && !isList(value)
}

function named(path: Path): string {
  return path.length === 0 ? 'the object' : `\`${formatPath(path)}\``
}
