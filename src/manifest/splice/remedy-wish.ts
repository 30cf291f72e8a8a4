import { isScalar } from 'yaml'

import { formatPath } from '../../text/path.js'
import type { Remedy } from '../../text/remedy.js'
import { nodeAt } from '../locate.js'
import type { Manifest } from '../manifest.js'
import { textOf } from '../scalar-node.js'
import type { FieldWish } from './field-wish.js'

/** What a remedy wants of a Service, and how it is said in one line. */
export type RemedyWish = { readonly wish: FieldWish; readonly description: string }

/** The wish that a remedy comes to; undefined where the text is not as plain as it needs. */
export function wishOf(manifest: Manifest, remedy: Remedy): RemedyWish | undefined {
  const { path } = remedy
  const field = `\`${formatPath(path)}\``
  if (remedy.kind === 'remove') return { wish: { kind: 'remove', path, prune: true }, description: `remove ${field}` }
  if (remedy.kind === 'rename')
    return { wish: { kind: 'rename', path, to: remedy.to }, description: `rename ${field} to \`${remedy.to}\`` }
  if (remedy.kind === 'number') {
    const { value } = remedy
    return { wish: { kind: 'set', path, value }, description: `write ${field} as ${value}, without quotes` }
  }
  const node = nodeAt(manifest, path)
  if (!isScalar(node) || node.tag !== undefined) return undefined
  const value = textOf(node)
  return { wish: { kind: 'set', path, value }, description: `put ${field} in quotes: ${JSON.stringify(value)}` }
}
