import type { ClusterSettings } from '../manifest/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Splice } from '../manifest/splice/comments.js'
import { spliceService } from '../manifest/splice/compose.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import type { Facts, Move, Wish } from '../stages/move.js'
import { isRefusal } from '../stages/stage.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { inOrder } from '../text/edit.js'
import { formatPath } from '../text/path.js'
import { refuse, remarkOn } from './refusal.js'
import { restoreTemplate } from './restore-template.js'
import { spellingFor } from './spelling.js'

/** The edits of one Service, worked out but not yet proved. */
export type Draft = Splice & {
  readonly manifest: Manifest
  readonly wish: Wish
  /** All that changes besides the traffic. */
  readonly fields: readonly FieldWish[]
  /** Comments that come with text from elsewhere. */
  readonly added?: readonly string[]
}

export type DraftOptions = {
  /** Whether the defaults that an own revision name needs are written out as well. */
  readonly isSpelled: boolean
  /** The files that decide on the template of a Service in the end, where kustomizations have a say. */
  readonly templateFiles: (manifest: Manifest) => readonly string[]
  /** The newest commit whose template the cluster took under an explicit revision name of the Service. */
  readonly admittedUnder: (manifest: Manifest, name: string) => string | undefined
  /** What an operator has set in the cluster. */
  readonly settings?: ClusterSettings | undefined
}

/** What a command wants of one Service and the edits that get there, or why not: a refusal, or a note. */
export function draftFor(
  manifest: Manifest,
  move: Move,
  facts: Facts,
  { isSpelled, templateFiles, admittedUnder, settings }: DraftOptions,
): Draft | Diagnostic {
  if (manifest.value['apiVersion'] !== 'serving.knative.dev/v1') {
    const message =
      '`apiVersion` must be `serving.knative.dev/v1` to be edited: clusters no longer serve other versions'
    return refuse(manifest, { code: 'KN410', message, help: 'move the manifest to v1 first' }, ['apiVersion'])
  }
  const wish = move(manifest, facts)
  if (wish && 'rest' in wish) return remarkOn(manifest, wish.rest)
  if (wish && isRefusal(wish)) return refuse(manifest, wish)
  const wanted = wish?.fields ?? []
  // A template that is put back brings its defaults.
  const spelling = isSpelled && !wish?.restoresTemplate ? spellingFor(manifest, wanted, facts, settings) : []
  const fields = [...wanted, ...spelling]
  const splice = spliceService(manifest, { traffic: wish?.after ?? [], fields })
  if ('code' in splice) return { ...refuse(manifest, splice, splice.path), range: splice.range }
  if (!wish) throw new TypeError('traffic that can be spliced can be read')
  if (wish.restoresTemplate) {
    const ofService = (name: string): string | undefined => admittedUnder(manifest, name)
    const known = { decidedIn: templateFiles(manifest), admittedUnder: ofService, settings }
    return withTemplate({ manifest, wish, fields, ...splice }, facts, known)
  }
  const template = {
    ...wish.template,
    ...(spelling.length > 0 && { spelled: spelling.map(({ path }) => formatPath(path)) }),
  }
  return { manifest, wish: { ...wish, template }, fields, ...splice }
}

/** The draft with the template that the stable revision was made from. */
function withTemplate(draft: Draft, facts: Facts, known: Parameters<typeof restoreTemplate>[3]): Draft | Diagnostic {
  const { manifest, wish, edits, notes } = draft
  const restored = restoreTemplate(manifest, wish, facts, known)
  if ('code' in restored) return refuse(manifest, restored, ['spec', 'template'])
  return {
    ...draft,
    wish: { ...wish, template: restored.template },
    fields: restored.fields,
    edits: inOrder([...edits, ...restored.edits]),
    notes: [...notes, ...restored.notes],
    added: restored.added,
  }
}
