/** The items by their keys, each group in their order. */
export function grouped<Item, Key>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** How many of the numbers, which are in order, are less than one. */
export function countBelow(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Leaves out what was not given, so that an absent member and an undefined one are the same. */
export function given<T extends object>(members: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(members)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}

/** All numbers together; none are 0. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** The highest of some numbers, however many; `-Infinity` where there are none. */
export function highest(numbers: Iterable<number>): number {
  let most = -Infinity
  for (const number of numbers) most = Math.max(most, number)
  return most
}

/** The items for which it holds, and the others, each in their order. */
export function parted<Item>(
  items: readonly Item[],
  holds: (item: Item) => boolean,
): readonly [held: readonly Item[], others: readonly Item[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))]
}

/** The index of the last of some things in their order that begins up to an offset; -1 if none does. */
export function lastUpTo<One>(sorted: readonly One[], offset: number, placeOf: (one: One) => number): number {
  let [low, high] = [-1, sorted.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const one = sorted[middle]
    if (one !== undefined && placeOf(one) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Adds to a list, however much: the stack ends where one call is given a hundred thousand things. */
export function append<Item>(list: Item[], more: Iterable<Item>): void {
  for (const item of more) list.push(item)
}

/** Gives the same answer each time, found when it is first asked for. */
export function onlyOnce<Answer>(find: () => Answer): () => Answer {
  let known: { readonly answer: Answer } | undefined
  return () => (known ??= { answer: find() }).answer
}

/**
 * The answers for the keys that were asked for last. Its slots are written over: a map that grows and shrinks holds on to
 * what has left it, for as long as V8 does not look at what is old.
 */
export class Recent<Key, Answer> {
  private readonly slots: ({ readonly key: Key; readonly answer: Answer } | undefined)[]

  /**
   * @param most How many are kept.
   * @param isSame Tells keys apart; by default, by what they are.
   */
  constructor(
    most: number,
    private readonly isSame: (a: Key, b: Key) => boolean = (a, b) => a === b,
  ) {
    this.slots = Array.from({ length: most })
  }

  get(key: Key, find: () => Answer): Answer {
    const { slots, isSame } = this
    const place = slots.findIndex((slot) => slot !== undefined && isSame(slot.key, key))
    const slot = slots[place] ?? { key, answer: find() }
    const end = place < 0 ? slots.length - 1 : place
    slots.copyWithin(1, 0, end)
    slots[0] = slot
    return slot.answer
  }
}
