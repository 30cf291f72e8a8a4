import type { Manifest } from '../manifest/manifest.js'
import { spliceTraffic } from '../manifest/splice/splice.js'
import type { Splice } from '../manifest/splice/block-entry.js'
import type { Facts, Move, Wish } from '../stages/move.js'
import { isRefusal } from '../stages/stage.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { refuse, remarkOn } from './refusal.js'

/** The edits of one Service, worked out but not yet proved. */
export type Draft = Splice & { readonly manifest: Manifest; readonly wish: Wish }

/** What a command wants of one Service and the edits that get there, or why not: a refusal, or a note. */
export function draftFor(manifest: Manifest, move: Move, facts: Facts): Draft | Diagnostic {
  if (manifest.file.isOutside) {
    const message = 'a file behind a symbolic link must stay inside the repository to be edited'
    return refuse(
      manifest,
      { code: 'KN423', message, help: 'run the command in the repository that holds the file' },
      [],
    )
  }
  if (manifest.value['apiVersion'] !== 'serving.knative.dev/v1') {
    const message =
      '`apiVersion` must be `serving.knative.dev/v1` to be edited: clusters no longer serve other versions'
    return refuse(manifest, { code: 'KN410', message, help: 'move the manifest to v1 first' }, ['apiVersion'])
  }
  const wish = move(manifest, facts)
  if (wish && 'rest' in wish) return remarkOn(manifest, wish.rest)
  if (wish && isRefusal(wish)) return refuse(manifest, wish)
  const splice = spliceTraffic(manifest, wish?.after ?? [])
  if ('code' in splice) return { ...refuse(manifest, splice), range: splice.range }
  if (!wish) throw new TypeError('traffic that can be spliced can be read')
  return { manifest, wish, ...splice }
}
