import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'

import { ownFaults } from '../manifest/live.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Range } from '../text/source.js'
import { nearest } from '../text/words.js'
import type { YamlDocument } from '../yaml/parse.js'

/** What a plan goes by in a built-in stage. */
export type KnownStage = {
  readonly name: string
  /** The candidate's share in percent that it leaves; absent where it leaves one revision alone. */
  readonly share?: number
  readonly alone?: 'stable' | 'candidate'
  /** What it can be told, `percent` among that. */
  readonly flags: readonly string[]
  /** Set where it has no place in a plan. */
  readonly isWayBack?: true
}

/** What a configuration can name. */
export type KnownNames = {
  /** The number of each code, by its number and by its name. */
  readonly codes: ReadonlyMap<string, string>
  readonly stages: readonly KnownStage[]
  /** The names of the built-in plans. */
  readonly plans: readonly string[]
  /** What of a template of URLs nobody can fill in; undefined where all is well. */
  readonly templateFault: (template: string) => string | undefined
}

/** A member of a mapping, or an item of a list, with the place to complain at where it has no value. */
export type ConfigMember = { readonly key: string; readonly value: Node | null; readonly keyRange: Range }

/** Reads the nodes of a configuration and gathers what is wrong with them. */
export class ConfigReader {
  readonly faults: Diagnostic[] = []
  /** Where the key of each member stands, by its path (`rules.KN312`). */
  readonly places = new Map<string, Range>()

  constructor(
    private readonly path: string,
    private readonly document: YamlDocument | undefined,
  ) {}

  complain(range: Range, message: string, help?: string): void {
    const { severity } = ownFaults.KN191
    this.faults.push({ code: 'KN191', severity, message, ...(help && { help }), file: this.path, range })
  }

  /** Where a complaint about the value goes: its key, where it is empty. */
  at({ value, keyRange }: ConfigMember): Range {
    return isNothing(value) ? keyRange : nodeRange(value)
  }

  /** The members of a mapping; nothing at all is an empty one. `name` is how messages call it, `prefix` what its keys get. */
  members(node: Node | null, name: string, prefix: string, keyRange?: Range): readonly ConfigMember[] {
    const mapping = this.resolved(node)
    if (isNothing(mapping)) return []
    if (!isMap(mapping)) {
      this.complain(keyRange ?? nodeRange(node), `${name} is ${nodeKind(mapping)}; must be a mapping`)
      return []
    }
    const seen = new Set<string>()
    return (mapping as YAMLMap<Node, Node | null>).items.map(({ key, value }) => {
      const text = isScalar(key) ? String(key.value) : nodeKind(key)
      if (seen.has(text)) this.complain(nodeRange(key), `\`${prefix}${text}\` is duplicated`)
      seen.add(text)
      this.places.set(`${prefix}${text}`, nodeRange(key))
      return { key: text, value, keyRange: nodeRange(key) }
    })
  }

  /** The items of a list, with their position for a key; nothing at all is an empty one. */
  items({ value, keyRange }: ConfigMember, name: string): readonly ConfigMember[] {
    const list = this.resolved(value)
    if (isNothing(list)) return []
    if (isSeq(list)) {
      return (list.items as readonly (Node | null)[]).map((item, index) => {
        return { key: String(index), value: item, keyRange: isNothing(item) ? keyRange : nodeRange(item) }
      })
    }
    this.complain(nodeRange(value), `${name} is ${nodeKind(list)}; must be a list`)
    return []
  }

  /** The text of a scalar; undefined, with a complaint, where it is none or empty. */
  text(place: ConfigMember, name: string, what: string): string | undefined {
    const node = this.resolved(place.value)
    if (isScalar(node) && !isNothing(node) && node.value !== '') return String(node.value)
    this.complain(this.at(place), `${name} is ${nodeKind(node)}; must be ${what}`)
    return undefined
  }

  /** A scalar that is one of the known words. */
  oneOf(place: ConfigMember, name: string, what: string, known: readonly string[]): string | undefined {
    const text = this.text(place, name, what)
    if (text === undefined || known.includes(text)) return text
    const help = meant(text, known, `use ${known.map((one) => `\`${one}\``).join(', ')}`)
    this.complain(this.at(place), `${name} is \`${text}\`; must be ${what}`, help)
    return undefined
  }

  isMapping({ value }: ConfigMember): boolean {
    return isMap(this.resolved(value))
  }

  resolved(node: Node | null): Node | null {
    return isAlias(node) && this.document ? (node.resolve(this.document) ?? null) : node
  }
}

export function isNothing(node: Node | null): boolean {
  return (
    node === null || (isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value)))
  )
}

export function nodeKind(node: Node | null): string {
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  return isScalar(node) && node.value !== '' ? `\`${String(node.value)}\`` : 'empty'
}

function nodeRange(node: Node | null): Range {
  const [start, end] = node?.range ?? [0, 0]
  return { start, end }
}

export function meant(word: string, known: readonly string[], otherwise?: string): string | undefined {
  const close = nearest(word, known)
  return close === undefined ? otherwise : `did you mean \`${close}\`?`
}

const units: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/** Reads a span of time (`45m`, `1h30m`, `2d`) in seconds. */
export function readDuration(reader: ConfigReader, place: ConfigMember, name: string): number | undefined {
  const what = 'a duration such as `45m`, `1h30m` or `2d`'
  const text = reader.text(place, name, what)
  if (text === undefined) return undefined
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text)
  if (parts) return Object.values(units).reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0)
  reader.complain(reader.at(place), `${name} is \`${text}\`; must be ${what}`)
  return undefined
}
