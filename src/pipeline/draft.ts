import type { Manifest } from '../manifest/manifest.js'
import type { Splice } from '../manifest/splice/block-entry.js'
import { spliceService } from '../manifest/splice/compose.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import type { Facts, Move, Wish } from '../stages/move.js'
import { isRefusal } from '../stages/stage.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import { refuse, remarkOn } from './refusal.js'
import { spellingFor } from './spelling.js'

/** The edits of one Service, worked out but not yet proved. */
export type Draft = Splice & {
  readonly manifest: Manifest
  readonly wish: Wish
  /** All that changes besides the traffic. */
  readonly fields: readonly FieldWish[]
}

/**
 * What a command wants of one Service and the edits that get there, or why not: a refusal, or a note. `isSpelled`: the
 * defaults that its own revision name needs are written out as well.
 */
export function draftFor(manifest: Manifest, move: Move, facts: Facts, isSpelled: boolean): Draft | Diagnostic {
  if (manifest.value['apiVersion'] !== 'serving.knative.dev/v1') {
    const message =
      '`apiVersion` must be `serving.knative.dev/v1` to be edited: clusters no longer serve other versions'
    return refuse(manifest, { code: 'KN410', message, help: 'move the manifest to v1 first' }, ['apiVersion'])
  }
  const wish = move(manifest, facts)
  if (wish && 'rest' in wish) return remarkOn(manifest, wish.rest)
  if (wish && isRefusal(wish)) return refuse(manifest, wish)
  const wanted = wish?.fields ?? []
  const spelling = isSpelled ? spellingFor(manifest, wanted) : []
  const fields = [...wanted, ...spelling]
  const splice = spliceService(manifest, { traffic: wish?.after ?? [], fields })
  if ('code' in splice) return { ...refuse(manifest, splice, splice.path), range: splice.range }
  if (!wish) throw new TypeError('traffic that can be spliced can be read')
  const template = {
    ...wish.template,
    ...(spelling.length > 0 && { spelled: spelling.map(({ path }) => formatPath(path)) }),
  }
  return { manifest, wish: { ...wish, template }, fields, ...splice }
}
