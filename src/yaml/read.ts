import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'

import type { Range } from '../text/source.js'
import { firstSeen, type YamlCode, type YamlFault } from './faults.js'
import { define, isList, isObject, type Json } from './json.js'
import { resolvePlain, scalarText, scalarValue, tagFault } from './scalar.js'

/** What a YAML document means to the API server, and what it says on the way there. */
export type Reading = {
  readonly value: Json
  readonly faults: readonly YamlFault[]
  /** The node that each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>
}

/** More values than any manifest has: beyond them an alias bomb is at work (go-yaml refuses it as well). */
const expansionLimit = 200_000

/**
 * Reads one document as kubectl, Argo CD and everything else on sigs.k8s.io/yaml does: YAML 1.1 scalars, merge keys,
 * the last of equal keys, string keys only. Values behind aliases are shared, so the cost does not grow with a bomb.
 * Only who shows the faults has to give the text that the document stands in.
 */
export function readDocument(contents: Node | null, text = ''): Reading {
  const reader = new Reader(text)
  const { value } = reader.read(contents)
  return { value, faults: [...reader.faults, ...new Set(reader.numbers)], targets: reader.targets }
}

const mergeMessage = 'merge key `<<` is neither a mapping nor a list of mappings'

type Sized = { readonly value: Json; readonly size: number }
/** A node with a name, and what it means once it has been read. */
type Anchor = { readonly node: Node; result?: Sized; numbers?: readonly YamlFault[] }
const nothing: Sized = { value: null, size: 1 }

class Reader {
  readonly faults: YamlFault[] = []
  /** Faults of numbers that JSON has not: they do no harm where the value is overwritten. */
  readonly numbers: YamlFault[] = []
  readonly targets = new Map<Alias, Node>()
  private readonly anchors = new Map<string, Anchor>()
  private tooMany = false

  constructor(private readonly text: string) {}

  read(node: unknown): Sized {
    if (isAlias(node)) return this.readAlias(node)
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return nothing
    const anchor = node.anchor ? this.anchor(node.anchor, node) : undefined
    const numbers = this.numbers.length
    const result = isScalar(node) ? this.readScalar(node) : isMap(node) ? this.readMap(node) : this.readList(node.items)
    if (anchor) {
      anchor.result = result
      if (this.numbers.length > numbers) anchor.numbers = this.numbers.slice(numbers)
    }
    return result
  }

  private anchor(name: string, node: Node): Anchor {
    const anchor: Anchor = { node }
    this.anchors.set(name, anchor)
    const message = `anchor \`&${name}\` is not a name of letters, digits, \`-\` and \`_\``
    if (!/^[\w-]+$/.test(name))
      this.fault('KN107', message, node, 'did not find expected alphabetic or numeric character')
    return anchor
  }

  private readAlias(alias: Alias): Sized {
    const anchor = this.anchors.get(alias.source)
    if (!anchor)
      return this.fault('KN107', `alias \`*${alias.source}\` has no anchor \`&${alias.source}\` before it`, alias)
    this.targets.set(alias, anchor.node)
    if (!anchor.result) return this.fault('KN107', `alias \`*${alias.source}\` is inside its own anchor`, alias)
    // Where what the anchor marks is overwritten, the number is still here; once is enough to say so.
    const first = anchor.numbers?.[0]
    if (first) this.numbers.push(first)
    return anchor.result
  }

  private readScalar(node: Scalar): Sized {
    const value = scalarValue(node)
    if (value === undefined) return this.fault('KN108', ...tagFault(node))
    if (typeof value === 'number' && !Number.isFinite(value)) {
      const message = `\`${scalarText(node)}\` is a number that JSON does not have`
      const says = { by: 'kubectl', text: 'unsupported value' } as const
      this.numbers.push({ code: 'KN108', message, says, range: rangeOf(node) })
      return nothing
    }
    return { value, size: 1 }
  }

  private readList(items: readonly unknown[]): Sized {
    const value: Json[] = []
    let size = 1
    for (const item of items) {
      const read = this.read(item)
      size += read.size
      if (this.overflows(size, item)) return nothing
      value.push(read.value)
    }
    return { value, size }
  }

  private readMap(map: YAMLMap): Sized {
    const value: Record<string, Json> = {}
    let size = 1
    const own = new Map<string, readonly YamlFault[] | undefined>()
    for (const pair of map.items) {
      if (isMergeKey(pair)) {
        size += this.merge(pair.value, value)
        continue
      }
      const key = keyText(pair.key, (alias) => this.targetOf(alias))
      if (key === undefined) {
        this.fault(
          'KN106',
          'mapping key is a list, a mapping or null; must be a string',
          isMap(pair.key) || isSeq(pair.key) || isScalar(pair.key) ? pair.key : map,
        )
        continue
      }
      if (isScalar(pair.key) && scalarValue(pair.key) === undefined) this.fault('KN108', ...tagFault(pair.key))
      if (own.has(key)) this.repeated(key, pair.key, own.get(key))
      const numbers = this.numbers.length
      const read = this.read(pair.value)
      own.set(key, this.numbers.length > numbers ? this.numbers.slice(numbers) : undefined)
      size += read.size
      if (this.overflows(size, pair.key)) return nothing
      define(value, key, read.value)
    }
    return { value, size }
  }

  private repeated(key: string, node: unknown, harmless: readonly YamlFault[] = []): void {
    const message = `key \`${key}\` appears twice in one mapping: kubectl uses the last one, kustomize rejects the file`
    this.fault('KN105', message, node)
    for (const fault of harmless) this.numbers.splice(this.numbers.indexOf(fault), 1)
  }

  /**
   * go-yaml v2 lays merged members over what stands before the `<<`, and lets what follows win. Of several mappings the
   * first one wins.
   */
  private merge(source: unknown, into: Record<string, Json>): number {
    const { value, size } = this.read(source)
    const parts = isSeq(source) && isList(value) ? value.toReversed() : [value]
    for (const part of parts) {
      if (isObject(part)) for (const [key, item] of Object.entries(part)) define(into, key, item)
      else this.fault('KN107', mergeMessage, source, 'map merge requires map or sequence of maps as the value')
    }
    return size
  }

  private targetOf(alias: Alias): Node | undefined {
    const node = this.anchors.get(alias.source)?.node
    if (node) this.targets.set(alias, node)
    return node
  }

  private overflows(size: number, node: unknown): boolean {
    if (size <= expansionLimit) return this.tooMany
    if (!this.tooMany) this.fault('KN107', `aliases expand to more than ${expansionLimit} values`, node)
    this.tooMany = true
    return true
  }

  private fault(code: YamlCode, message: string, node: unknown, said?: string): Sized {
    const range = rangeOf(node)
    // A key that is not there is shown at its colon.
    const start = range.end > range.start ? range.start : firstSeen(this.text, range.start)
    const says = said === undefined ? {} : { says: { by: 'kubectl', text: said } as const }
    this.faults.push({ code, message, ...says, range: { start, end: Math.max(range.end, start + 1) } })
    return nothing
  }
}

/** Where the text of a node stands, without its anchor, its tag and what follows it. */
export function rangeOf(node: unknown): Range {
  const range = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 }
}

const mergeTag = 'tag:yaml.org,2002:merge'

/** Whether the pair is a `<<` that merges, not a key in quotes. */
export function isMergeKey(pair: Pair): boolean {
  const { key } = pair
  if (!isScalar(key)) return false
  return key.tag === mergeTag ? scalarText(key) === '<<' : key.type === 'PLAIN' && key.value === '<<'
}

/** A key as the cluster sees it: numbers and booleans become their text. Undefined for what is no key in JSON. */
export function keyText(key: unknown, follow: (alias: Alias) => Node | undefined): string | undefined {
  const node = isAlias(key) ? follow(key) : key
  if (!isScalar(node)) return undefined
  const text = scalarText(node)
  const value = node.type === 'PLAIN' && node.tag === undefined ? resolvePlain(text) : text
  if (value === null) return undefined
  return typeof value === 'number' && !Number.isFinite(value) ? text : String(value)
}
