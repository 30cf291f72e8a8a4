import { type Document, isMap, isScalar, isSeq, type YAMLSeq } from 'yaml'

import type { Manifest } from '../manifest/manifest.js'
import { applyEdits, type Edit } from '../text/edit.js'
import { at, lineBreak, type SourceFile } from '../text/source.js'
import { isList, isObject, type Json, member, sameJson } from '../yaml/json.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import { appendItems, insertList } from './block.js'
import { spliceFields } from './edit-fields.js'
import { appendFlowItems, flowSequence, insertFlowMember } from './flow.js'
import { commentsOf, oddLineEnd } from './prove.js'
import { listIndent, type Splice } from './tokens.js'
import { fieldAt, isObstacle, memberOf, obstacle, type Obstacle, sharedNode } from './way.js'
import { type FieldWish, quoteOf, wished, writtenScalar } from './wish.js'

/**
 * The edits that make wishes for fields of a kustomization come true, in its own layout, or what stands in the way. Read
 * again, the edited text has these fields, and nothing else differs.
 */
export function spliceKustomization(file: SourceFile, fields: readonly FieldWish[]): Splice | Obstacle {
  const [document, second] = parseYaml(file, true).documents
  const { value, targets } = readDocument(document?.contents ?? null)
  if (!document || second || !isObject(value))
    return obstacle('KN414', 'cannot edit the kustomization: it is not one mapping', second?.contents, 'split the file')
  const whole: Manifest = {
    file,
    value,
    document,
    targets,
    root: [],
    faults: [],
    name: '',
    namespace: undefined,
    label: '',
  }
  const splice = spliceFields(whole, fields)
  if ('code' in splice) return splice
  const text = applyEdits(file.text, splice.edits)
  const [fresh, other] = parseYaml({ ...file, text }).documents
  const removed = splice.notes.flatMap((note) => (note.kind === 'removed' ? [note.text.trimEnd()] : []))
  const isProved = !other && sameJson(readDocument(fresh?.contents ?? null).value, wished(value, fields))
  if (isProved && sameJson([...commentsOf(text), ...removed].toSorted(), commentsOf(file.text).toSorted()))
    return splice
  const message = 'cannot edit the kustomization: the edit does not read back as intended'
  return obstacle('KN416', message, document.contents, 'write `images` as plain block lines')
}

const resources = fieldAt(['resources'])

/**
 * The edits that make the only document of a kustomization list one more resource behind those that it has, in the style
 * of its list; or what stands in the way. Read again, the edited text has that resource more, and nothing else differs.
 */
export function spliceResource(
  file: SourceFile,
  document: YamlDocument | undefined,
  name: string,
): readonly Edit[] | Obstacle {
  const odd = document && oddLineEnd({ file, document })
  if (odd) return odd
  const { value, targets } = readDocument(document?.contents ?? null)
  const edits = editsFor(file.text, document?.contents ?? null, name, { targets })
  if (isObstacle(edits)) return edits
  const text = applyEdits(file.text, edits)
  const [fresh, second] = parseYaml({ ...file, text }).documents
  const isProved = !second && isListed(value, readDocument(fresh?.contents ?? null).value, name)
  if (isProved && sameJson(commentsOf(file.text).toSorted(), commentsOf(text).toSorted())) return edits
  const message = 'cannot edit the kustomization: the edit does not read back as intended'
  return obstacle('KN416', message, document?.contents, 'write `resources` as a plain block list')
}

/** Whether `after` is `before` with one resource more; a path may be written `./name`. */
function isListed(before: Json, after: Json, name: string): boolean {
  const [old, fresh] = [before, after].map((value) => member(value, 'resources') ?? [])
  if (!isObject(after) || !isList(old) || !isList(fresh)) return false
  const { resources: _, ...rest } = after
  const { resources: __, ...kept } = isObject(before) ? before : {}
  const added = fresh.at(-1)
  return sameJson(kept, rest) && sameJson(old, fresh.slice(0, -1)) && (added === name || added === `./${name}`)
}

function editsFor(
  text: string,
  root: Document.Parsed['contents'],
  name: string,
  aliases: Parameters<typeof memberOf>[0],
): readonly Edit[] | Obstacle {
  if (root === null || (isMap(root) && root.items.length === 0 && !root.flow)) return [appendToNothing(text, name)]
  if (!isMap(root) || (root.flow && root.items.length === 0))
    return obstacle(
      'KN414',
      'cannot edit the kustomization: it is not a mapping with members',
      root,
      'add `resources:` to it first',
    )
  const pair = memberOf(aliases, root, 'resources')
  if (isObstacle(pair)) return pair
  const list = pair?.value
  const shared = sharedNode(aliases, root, resources) ?? sharedNode(aliases, list, resources)
  if (shared) return shared
  if (isSeq(list) && list.items.length > 0) return [append(text, list, name)]
  if (pair && !isSeq(list) && !isNothing(list))
    return obstacle('KN414', 'cannot edit `resources`: it is not a list', pair.key, 'write it as a list')
  const place = { map: root, key: 'resources', pair }
  return root.flow
    ? insertFlowMember(text, place, (style) => flowSequence([writtenScalar(name, style.quote)], style)).edits
    : insertList(text, place, [[writtenScalar(name, '')]], listIndent(text, root) ?? 0).edits
}

function isNothing(node: unknown): boolean {
  return node === null || (isScalar(node) && /^(?:|~|null|Null|NULL)$/.test(String(node.value)))
}

/** A kustomization without any member: what is there are comments. */
function appendToNothing(text: string, name: string): Edit {
  const end = lineBreak(text)
  const start = text === '' || text === '\uFEFF' || text.endsWith('\n') ? '' : end
  return { range: at(text.length), text: `${start}resources:${end}- ${writtenScalar(name, '')}${end}` }
}

function append(text: string, list: YAMLSeq, name: string): Edit {
  const quote = quoteOf(list.items.at(-1))
  const local = list.items.flatMap((item) =>
    isScalar(item) && !String(item.value).includes('://') ? [String(item.value)] : [],
  )
  const isDotted =
    local.length > 0 && local.every((item) => /^\.\.?\//.test(item)) && local.some((item) => item.startsWith('./'))
  const plain = writtenScalar(name, quote)
  const written = !isDotted ? plain : plain === name ? `./${name}` : writtenScalar(`./${name}`, quote)
  return list.flow ? appendFlowItems(text, list, [written]) : appendItems(text, list, [[written]])
}
