import type { Json } from '../yaml/json.js'
import { isList, member } from '../yaml/json.js'
import {
  type BuiltObject,
  changed,
  effectiveNamespace,
  idOf,
  idsOf,
  isSelectedGvk,
  type ResourceId,
  withNotes,
} from './built-object.js'
import { gvkIn, pathParts, textOf } from './field-specs.js'
import { hasMarks } from './selector.js'
import { matcherFor } from './selector-text.js'
import {
  emptyMap,
  isEmpty,
  isMissing,
  isNull,
  isRefusal,
  mapScalars,
  type Refusal,
  scalarJson,
  type ScalarTree,
  type Tree,
  unshared,
  withEntry,
  withinLimits,
} from './tree.js'

/**
 * What one entry of `replacements` makes of all objects: a value of one of them, put into fields of others.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/replacement/replacement.go.
 */
export function replaced(objects: readonly BuiltObject[], replacement: Json): readonly BuiltObject[] | Refusal {
  const [source, targets] = [member(replacement, 'source') ?? null, member(replacement, 'targets') ?? null]
  if (source === null || !isList(targets)) return { refused: 'a replacement has no `source` or no `targets`' }
  const sources = objects.filter((object) => hasId(object, source))
  const [from, second] = sources
  if (!from) return { refused: 'the `source` of a replacement matches no object', said: 'nothing selected' }
  if (second) return { refused: 'the `source` of a replacement matches several objects', said: 'multiple matches' }
  const value = valueOf(from, source)
  if (isRefusal(value)) return value
  const known = [...from.sources]
  let result = objects
  for (const target of targets) {
    const select = member(target, 'select') ?? null
    if (select === null) return { refused: 'a target of a replacement has no `select`' }
    const next: BuiltObject[] = []
    for (const object of result) {
      const isMeant = isSelected(object, target)
      if (typeof isMeant !== 'boolean') return isMeant
      const after = isMeant ? withTarget(object.tree, value, target) : object.tree
      if (isRefusal(after)) return after
      next.push(changed(object, after, ...known))
    }
    result = next
  }
  return result
}

function hasId(object: BuiltObject, selector: Json): boolean {
  const [gvk, name, namespace] = [gvkIn(selector), textOf(selector, 'name'), textOf(selector, 'namespace')]
  return idsOf(object).some(
    (id: ResourceId) =>
      (name === '' || name === id.name) &&
      (namespace === '' || namespace === effectiveNamespace(id)) &&
      isSelectedGvk(id, gvk),
  )
}

function isSelected(object: BuiltObject, target: Json): boolean | Refusal {
  const select = member(target, 'select') ?? null
  const isFit = hasMarks(object.tree, select)
  if (typeof isFit !== 'boolean' || !isFit) return isFit
  const rejects = member(target, 'reject')
  for (const reject of isList(rejects) ? rejects : []) {
    const isByMarks = textOf(reject, 'labelSelector') !== '' || textOf(reject, 'annotationSelector') !== ''
    const isRejected = isByMarks && hasMarks(object.tree, reject)
    if (typeof isRejected !== 'boolean') return isRejected
    if (isRejected) return false
    const isById = ['group', 'version', 'kind', 'name', 'namespace'].some((key) => textOf(reject, key) !== '')
    if (isById && hasId(object, reject)) return false
  }
  return hasId(object, select)
}

const defaultPath = 'metadata.name'

function valueOf(object: BuiltObject, source: Json): Tree | Refusal {
  const path = textOf(source, 'fieldPath') || defaultPath
  const value = lookup(
    withNotes(object),
    smartParts(path)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  if (value && isRefusal(value)) return value
  if (value === undefined || isEmpty(value)) {
    const { kind, name } = idOf(object)
    return { refused: `\`fieldPath\` leads to no value: ${kind} \`${name}\` has no \`${path}\``, said: 'is missing' }
  }
  const options = member(source, 'options')
  const delimiter = textOf(options, 'delimiter')
  if (delimiter === '') return value
  if (value.kind !== 'scalar')
    return { refused: '`delimiter` is used with a value that is not a string', said: 'scalar nodes' }
  const text = value.text.split(delimiter)[indexIn(options)]
  if (text === undefined) return { refused: `\`index\` is outside of \`${value.text}\``, said: 'out of bounds' }
  return { ...value, text }
}

function indexIn(options: Json | undefined): number {
  const index = member(options, 'index')
  return typeof index === 'number' ? index : 0
}

function lookup(tree: Tree, path: readonly string[]): Tree | Refusal | undefined {
  let here: Tree | undefined = tree
  for (const part of path) {
    if (here === undefined || isNull(here)) return undefined
    if (/^[-+]?\d{1,9}$/.test(part) || part === '-' || isListStep(part)) {
      if (here.kind !== 'list')
        return { refused: `\`${part}\` of a \`fieldPath\` does not follow a list`, said: 'wrong node kind' }
      here = part === '-' ? here.items.at(-1) : isListStep(part) ? matching(here.items, part) : here.items[Number(part)]
    } else if (part === '*') return { refused: '`fieldPath` of a source has `*`', said: 'wildcard is not supported' }
    else if (here.kind === 'map') here = here.entries.get(part)?.value
    else return { refused: `\`${part}\` of a \`fieldPath\` does not follow a mapping`, said: 'wrong node kind' }
  }
  return here
}

function isListStep(part: string): boolean {
  return part.startsWith('[') && part.endsWith(']')
}

function isIndex(part: string): boolean {
  return /^\+?\d{1,9}$/.test(part)
}

function nameAndValue(part: string): readonly [string, string] {
  const inside = part.slice(1, -1)
  const sign = inside.indexOf('=')
  return [inside.slice(0, Math.max(0, sign)), inside.slice(sign + 1)]
}

function matching(items: readonly Tree[], part: string): Tree | undefined {
  const [name, text] = nameAndValue(part)
  return items.find((item) => {
    const own = name === '' ? item : item.kind === 'map' ? item.entries.get(name)?.value : undefined
    return own?.kind === 'scalar' && own.text === text
  })
}

/** The parts of a path between dots; what stands in brackets is one. */
function smartParts(path: string): readonly string[] {
  const split = pathParts(path, '.')
  const parts: string[] = []
  for (let index = 0; index < split.length; index++) {
    let part = split[index] ?? ''
    if (!part.startsWith('[') || part.endsWith(']')) {
      parts.push(part)
      continue
    }
    while (index < split.length - 1) {
      part += `.${split[++index]}`
      if (part.endsWith(']')) break
    }
    parts.push(part.includes('=') ? part : part.replaceAll(/^[[\]]+|[[\]]+$/g, ''))
  }
  return parts
}

function withTarget(tree: Tree, value: Tree, target: Json): Tree | Refusal {
  const list = member(target, 'fieldPaths')
  const given = (isList(list) ? list : []).filter((path) => typeof path === 'string')
  const paths = given.length > 0 ? given : [defaultPath]
  const options = member(target, 'options')
  const create = member(options, 'create') === true ? value : undefined
  let result = tree
  for (const path of paths) {
    const counter = { hits: 0 }
    const set = (field: Tree): Tree | Refusal => {
      counter.hits++
      return setField(field, value, options)
    }
    const lose = (): void => void counter.hits++
    const after = withinLimits(change(result, smartParts(path), { set, lose, create }))
    if (isRefusal(after)) return after
    if (counter.hits === 0)
      return { refused: `\`${path}\` leads to no field of the target`, said: 'unable to find field' }
    result = after
  }
  return result
}

type Setting = {
  readonly set: (field: Tree) => Tree | Refusal
  /** Counts a field that is made and lost: what kustomize puts below a null stays null. */
  readonly lose: () => void
  readonly create: Tree | undefined
}

function change(tree: Tree, path: readonly string[], setting: Setting): Tree | Refusal {
  const [part, ...rest] = path
  if (part === undefined) return setting.set(tree)
  if (isNull(tree) && setting.create && !path.includes('*')) {
    setting.lose()
    return tree
  }
  if (isIndex(part)) return changeAt(tree, part, rest, setting)
  if (isListStep(part)) return changeMatching(tree, part, rest, setting)
  if (part === '*') return changeAll(tree, rest, setting)
  if (isNull(tree)) return tree
  if (tree.kind !== 'map')
    return { refused: `\`${part}\` of a field path does not follow a mapping`, said: 'wrong node kind' }
  const own = tree.entries.get(part)?.value
  const field = own ?? (setting.create && made(rest, setting.create))
  if (field === undefined) return tree
  const after = change(field, rest, setting)
  return isRefusal(after) ? after : withEntry(tree, part, after, setting.create?.spot)
}

/** What is made where nothing is, by what the next part of the path asks for. */
function made([next]: readonly string[], value: Tree): Tree {
  const { spot } = value
  const isBeforeList = next !== undefined && (isListStep(next) || isIndex(next))
  const kind = isBeforeList ? 'list' : next === undefined ? value.kind : 'map'
  if (kind === 'list') return { kind, spot, items: [] }
  return kind === 'map' ? emptyMap(spot) : { kind, spot, text: '', tag: '', isQuoted: false }
}

function changeAt(tree: Tree, part: string, rest: readonly string[], setting: Setting): Tree | Refusal {
  if (tree.kind !== 'list')
    return { refused: `\`${part}\` of a field path does not follow a list`, said: 'wrong node kind' }
  const index = Number(part)
  const isNew = index === tree.items.length && setting.create
  const own = tree.items[index] ?? (isNew ? made(rest, isNew) : undefined)
  if (!own) return { refused: `index ${index} is outside of the list of ${tree.items.length}`, said: 'elements found' }
  const after = change(own, rest, setting)
  if (isRefusal(after)) return after
  return { ...tree, items: isNew ? [...tree.items, after] : tree.items.with(index, after) }
}

function changeMatching(tree: Tree, part: string, rest: readonly string[], setting: Setting): Tree | Refusal {
  if (tree.kind !== 'list')
    return { refused: `\`${part}\` of a field path does not follow a list`, said: 'wrong node kind' }
  const [name, text] = nameAndValue(part)
  const matcher = matcherFor(text)
  if (!matcher) return { refused: `\`${text}\` of a field path is not a regular expression` }
  const isFit = (item: Tree): boolean => {
    const own = name === '' ? item : item.kind === 'map' ? item.entries.get(name)?.value : undefined
    return own?.kind === 'scalar' && matcher.test(printed(own))
  }
  const items: Tree[] = []
  let isFound = false
  for (const item of tree.items) {
    const isMeant = isFit(item)
    isFound ||= isMeant
    const after = isMeant ? (name === '' ? setting.set(item) : change(item, rest, setting)) : item
    if (isRefusal(after)) return after
    items.push(after)
  }
  if (isFound || !setting.create) return { ...tree, items }
  const { spot } = setting.create
  const scalar: ScalarTree = { kind: 'scalar', spot, text, tag: '', isQuoted: false }
  const item = name === '' ? scalar : withEntry(emptyMap(spot), name, scalar, spot)
  if (!isFit(item)) return { refused: `\`${part}\` does not match what it creates` }
  const after = name === '' ? setting.set(item) : change(item, rest, setting)
  return isRefusal(after) ? after : { ...tree, items: [...tree.items, after] }
}

function changeAll(tree: Tree, rest: readonly string[], setting: Setting): Tree | Refusal {
  if (tree.kind !== 'list') return { refused: '`*` of a field path does not follow a list', said: 'wrong node kind' }
  const items: Tree[] = []
  for (const item of tree.items) {
    const after = change(item, rest, setting)
    if (isRefusal(after)) return after
    items.push(after)
  }
  return { ...tree, items }
}

/** The scalar as YAML has it, with quotes where it needs or has them. */
function printed(scalar: ScalarTree): string {
  const isText = typeof scalarJson({ ...scalar, isQuoted: false, tag: '' }) === 'string'
  return scalar.isQuoted || (scalar.tag === 'str' && !isText) ? `"${scalar.text}"` : scalar.text
}

function setField(field: Tree, value: Tree, options: Json | undefined): Tree | Refusal {
  const delimiter = textOf(options, 'delimiter')
  const own = value.kind === 'scalar' && !isMissing(value) ? value.text : ''
  let text = value.kind === 'scalar' ? value.text : ''
  if (delimiter !== '') {
    if (field.kind !== 'scalar')
      return { refused: '`delimiter` is used with a value that is not a string', said: 'scalar nodes' }
    const parts = field.text.split(delimiter)
    const index = indexIn(options)
    if (index < 0) parts.unshift(own)
    else if (index >= parts.length) parts.push(own)
    else parts[index] = own
    text = parts.join(delimiter)
  }
  return field.kind === 'scalar' ? { ...field, text, spot: value.spot } : mapScalars(value, unshared)
}
