import type { Spot } from '../manifest/manifest.js'
import { numeral, sameJson } from '../yaml/json.js'
import { decodedBinary, resolvePlain } from '../yaml/scalar.js'
import {
  isMissing,
  isRefusal,
  type ListTree,
  mapScalars,
  type Refusal,
  scalarJson,
  type ScalarTree,
  textWithin,
  type Tree,
  treeJson,
  withEntry,
  within,
  withinLimits,
} from './tree.js'

/**
 * What the operations make of a tree (RFC 6902). kustomize has it written as JSON and read again on the way, so that a
 * number, once there, is a number.
 *
 * Source: gopkg.in/evanphx/json-patch.v4, api/filters/patchjson6902/patchjson6902.go.
 */
export function operated(tree: Tree, operations: Tree): Tree | Refusal {
  if (operations.kind !== 'list') return { refused: 'a JSON patch is not a list of operations' }
  let result: Tree | Refusal = mapScalars(tree, asWritten)
  for (const operation of operations.items) {
    result = operate(result, operation)
    if (isRefusal(result)) return result
  }
  return result
}

function operate(tree: Tree, operation: Tree): Tree | Refusal {
  const [op, pointer] = [textWithin(operation, 'op'), textWithin(operation, 'path')]
  const value = within(operation, 'value')
  const given = value && mapScalars(value, asYaml11)
  switch (op) {
    case 'add':
    case 'replace':
      return put(tree, pointer, given ?? nullAt(operation.spot), op)
    case 'remove':
      return removed(tree, pointer)
    case 'test':
      return tested(tree, pointer, given)
    case 'copy':
    case 'move': {
      const from = textWithin(operation, 'from')
      const source = found(tree, from) ?? (op === 'copy' ? unsaid(tree, from) : undefined)
      if (!source) return missing(op, from)
      const rest = op === 'move' ? removed(tree, from) : tree
      return isRefusal(rest) ? rest : withinLimits(put(rest, pointer, source, 'add'))
    }
    default:
      return { refused: `unknown operation \`${op}\` in a JSON patch`, said: 'Unexpected kind' }
  }
}

function nullAt(spot: Spot): ScalarTree {
  return { kind: 'scalar', spot, text: 'null', tag: 'null', isQuoted: false }
}

/** To copy what a mapping has not is to write a null. */
function unsaid(tree: Tree, pointer: string): Tree | undefined {
  const parent = found(tree, pointer.slice(0, Math.max(0, pointer.lastIndexOf('/'))))
  return parent?.kind === 'map' ? nullAt(parent.spot) : undefined
}

function missing(op: string, pointer: string): Refusal {
  return { refused: `\`${op}\` does not find \`${pointer}\``, said: 'missing value' }
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The index that a step means in a list of that many; a negative one counts from the end. */
function indexOf(step: string, size: number): number | undefined {
  if (!/^[-+]?\d{1,9}$/.test(step)) return undefined
  const index = Number(step)
  const own = index < 0 ? size + index : index
  return own >= 0 && own < size ? own : undefined
}

function found(tree: Tree, pointer: string): Tree | undefined {
  let here: Tree | undefined = tree
  for (const step of stepsOf(pointer)) {
    if (here?.kind === 'map') here = here.entries.get(step)?.value
    else if (here?.kind === 'list') here = here.items[indexOf(step, here.items.length) ?? -1]
    else return undefined
  }
  return here
}

/** Changes what holds the place that the pointer leads to. */
function changedParent(
  tree: Tree,
  steps: readonly string[],
  change: (parent: Tree, step: string) => Tree | undefined,
): Tree | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return undefined
  if (rest.length === 0) return change(tree, step)
  if (tree.kind === 'map') {
    const own = tree.entries.get(step)?.value
    const after = own && changedParent(own, rest, change)
    return after && withEntry(tree, step, after)
  }
  if (tree.kind !== 'list') return undefined
  const index = indexOf(step, tree.items.length)
  const own = index === undefined ? undefined : tree.items[index]
  const after = own && changedParent(own, rest, change)
  return after && index !== undefined ? { ...tree, items: tree.items.with(index, after) } : undefined
}

function put(tree: Tree, pointer: string, value: Tree, op: 'add' | 'replace'): Tree | Refusal {
  const after = changedParent(tree, stepsOf(pointer), (parent, step) => {
    // What is not in a mapping is replaced as well.
    if (parent.kind === 'map') return withEntry(parent, step, value, value.spot)
    return parent.kind === 'list' ? putInto(parent, step, value, op) : undefined
  })
  return after ?? missing(op, pointer)
}

function putInto(list: ListTree, step: string, value: Tree, op: 'add' | 'replace'): Tree | undefined {
  const { items } = list
  if (op === 'add' && step === '-') return { ...list, items: [...items, value] }
  const index = indexOf(step, op === 'add' ? items.length + 1 : items.length)
  if (index === undefined) return undefined
  return { ...list, items: op === 'add' ? items.toSpliced(index, 0, value) : items.with(index, value) }
}

function removed(tree: Tree, pointer: string): Tree | Refusal {
  const after = changedParent(tree, stepsOf(pointer), (parent, step) => {
    if (parent.kind === 'map') return parent.entries.has(step) ? withEntry(parent, step, undefined) : undefined
    const index = parent.kind === 'list' ? indexOf(step, parent.items.length) : undefined
    return parent.kind === 'list' && index !== undefined
      ? { ...parent, items: parent.items.toSpliced(index, 1) }
      : undefined
  })
  return after ?? missing('remove', pointer)
}

function tested(tree: Tree, pointer: string, wanted: Tree | undefined): Tree | Refusal {
  const own = found(tree, pointer)
  const isSame = isMissing(own)
    ? isMissing(wanted)
    : own !== undefined && wanted !== undefined && sameJson(treeJson(own), treeJson(wanted))
  return isSame ? tree : { refused: `\`test\` of \`${pointer}\` fails`, said: 'testing value failed' }
}

/** The scalar as kustomize writes and reads it in between. */
function asWritten(scalar: ScalarTree): ScalarTree {
  const value = scalarJson(scalar)
  return value === undefined ? scalar : written(scalar, value)
}

/** The scalar as YAML 1.1 has it: that is how patches of operations are read. */
function asYaml11(scalar: ScalarTree): ScalarTree {
  const { text, tag, isQuoted } = scalar
  if (tag === 'binary') return written(scalar, decodedBinary(text) ?? text)
  return written(scalar, isQuoted ? text : resolvePlain(text))
}

function written(scalar: ScalarTree, value: string | number | boolean | null): ScalarTree {
  const { spot } = scalar
  const text = typeof value === 'number' ? numeral(value) : String(value)
  const tag =
    typeof value === 'string'
      ? 'str'
      : typeof value === 'boolean'
        ? 'bool'
        : value === null
          ? 'null'
          : Number.isInteger(value)
            ? 'int'
            : 'float'
  return { kind: 'scalar', spot, text, tag, isQuoted: false }
}
