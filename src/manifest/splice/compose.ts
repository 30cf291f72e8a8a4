import { locate } from '../locate.js'
import type { Manifest } from '../manifest.js'
import type { TrafficTarget } from '../traffic.js'
import type { Splice } from './comments.js'
import type { FieldWish } from './field-wish.js'
import type { Obstacle } from './obstacle.js'
import { trafficWishes } from './traffic-wishes.js'
import { spliceFields } from './splice-fields.js'

/** What one Service is to look like: its whole traffic, and fields outside of it. Absent parts stay as they are. */
export type ServiceWish = { readonly traffic?: readonly TrafficTarget[]; readonly fields?: readonly FieldWish[] }

/** The edits of both kinds of wishes together. The field wishes must leave `spec.traffic` alone. */
export function spliceService(manifest: Manifest, wish: ServiceWish): Splice | Obstacle {
  const splice = spliceParts(manifest, wish)
  const isNothing = !('code' in splice) && splice.edits.length === 0
  const { text } = manifest.file
  if (isNothing || text.includes('\n') || !text.includes('\r')) return splice
  return {
    code: 'KN414',
    message: 'lines must end in LF or CRLF to be edited, but end in CR alone',
    help: 'convert the file first, as with `mac2unix`',
    range: locate(manifest, [], 'key'),
  }
}

function spliceParts(manifest: Manifest, { traffic, fields = [] }: ServiceWish): Splice | Obstacle {
  const own = traffic ? trafficWishes(manifest, traffic) : []
  return 'code' in own ? own : spliceFields(manifest, [...fields, ...own])
}
