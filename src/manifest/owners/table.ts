import type { SourceFile } from '../../text/source.js'
import { isList, isObject, member, type Json } from '../json.js'
import { locate } from '../locate.js'
import { parseYaml } from '../parse.js'
import { readDocument } from '../read.js'
import { argoCd } from './argo-cd.js'
import { flagger } from './flagger.js'
import { kserve } from './kserve.js'
import type { Owner, OwnerKind } from './owner.js'

/** Every kind of controller that can own traffic. To add one: a file beside this one, and a row here. */
export const ownerKinds: readonly OwnerKind[] = [flagger, argoCd, kserve]

/** What the objects of a file give to other controllers. What cannot be read gives nothing. */
export function ownersIn(file: SourceFile): readonly Owner[] {
  const kinds = ownerKinds.filter(({ sign }) => file.text.includes(sign))
  if (kinds.length === 0) return []
  return parseYaml(file).documents.flatMap((document) => {
    const { value, targets } = readDocument(document.contents)
    return objects(value).flatMap(({ object, root }) =>
      kinds.flatMap(({ claims }) =>
        claims(object).map(({ path, ...claim }) => {
          return { ...claim, file, range: locate({ document, root, targets }, path) }
        }),
      ),
    )
  })
}

function objects(value: Json): readonly { readonly object: Json; readonly root: readonly (string | number)[] }[] {
  const items = member(value, 'items')
  if (!isObject(value) || !isList(items)) return [{ object: value, root: [] }]
  return items.map((object, index) => ({ object, root: ['items', index] }))
}
