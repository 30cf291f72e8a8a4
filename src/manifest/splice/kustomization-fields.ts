import { applyEdits } from '../../text/edit.js'
import type { SourceFile } from '../../text/source.js'
import { isObject, sameJson } from '../json.js'
import type { Manifest } from '../manifest.js'
import { parseYaml } from '../parse.js'
import { readDocument } from '../read.js'
import type { Splice } from './comments.js'
import { wished, type FieldWish } from './field-wish.js'
import { obstacle } from './in-the-way.js'
import type { Obstacle } from './obstacle.js'
import { commentsOf } from './prove.js'
import { spliceFields } from './splice-fields.js'

/**
 * The edits that make wishes for fields of a kustomization come true, in its own layout, or what stands in the way. Read
 * again, the edited text has these fields, and nothing else differs.
 */
export function spliceKustomization(file: SourceFile, fields: readonly FieldWish[]): Splice | Obstacle {
  const [document, second] = parseYaml(file, true).documents
  const { value, targets } = readDocument(document?.contents ?? null)
  if (!document || second || !isObject(value))
    return obstacle('KN414', 'a kustomization must be one mapping to be edited', second?.contents, 'split the file')
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
  const message = 'the layout of the kustomization must allow an exact edit, but reading it again gave something else'
  return obstacle('KN416', message, document.contents, 'write `images` as plain block lines')
}
