import { parseImage } from '../manifest/image.js'
import { isList, isObject, type Json } from '../manifest/json.js'
import { md5 } from '../text/md5.js'
import type { Refusal } from './stage.js'
import { withoutEnd } from '../text/trim.js'

/** What the words of a name pattern stand for. */
type NameSource = {
  readonly service: string
  /** The image of the new revision. */
  readonly image: string | undefined
  /** `spec.template` of the new revision. */
  readonly template: Json | undefined
  /** The next number that is free between the two texts. */
  readonly next: (before: string, after: string) => number
}

const word = /\{\{\s*\.?(\w*)\s*([^}]*?)\s*\}\}/g
const words = '`{{.Service}}`, `{{.ImageTag}}`, `{{.ShortDigest}}`, `{{.Hash 7}}` and `{{.Next}}`'

/** Fills the words of a pattern in. The same file and flags always give the same name. */
export function fillName(pattern: string, source: NameSource): string | Refusal {
  let refusal: Refusal | undefined
  const fill = (whole: string, name: string, argument: string): string => {
    const value = valueOf(name, argument, source)
    if (typeof value === 'string') return value
    refusal ??= value ?? { code: 'KN444', message: `--revision-name must not hold \`${whole}\``, help: `use ${words}` }
    return ''
  }
  // The number depends on what stands around it, so it comes last.
  const number = /\{\{\s*\.?Next\s*\}\}/
  const [before = '', ...after] = pattern.split(number).map((part) => part.replaceAll(word, fill))
  if (refusal) return refusal
  if (after.length === 0) return before
  const [behind = '', more] = after
  if (more === undefined) return `${before}${source.next(before, behind)}${behind}`
  return { code: 'KN444', message: '--revision-name must not hold `{{.Next}}` twice', help: 'leave one of them out' }
}

/** The value of a word; undefined where there is no such word. */
function valueOf(name: string, argument: string, source: NameSource): string | Refusal | undefined {
  if (name === 'Hash') {
    const length = argument === '' ? 7 : Number(argument)
    if (Number.isInteger(length) && length > 0 && length <= 32) return md5(canonical(source.template)).slice(0, length)
    const message = `\`{{.Hash}}\` in --revision-name must have a length from 1 to 32, but has \`${argument}\``
    return { code: 'KN444', message, help: 'write {{.Hash 7}}' }
  }
  if (name === 'Random' || name === 'Generation') {
    const message = `--revision-name must not hold \`{{.${name}}}\`: ${
      name === 'Random'
        ? 'the same command twice must give the same diff'
        : 'only the cluster knows the generation of a Service'
    }`
    return { code: 'KN444', message, help: 'use `{{.Hash 7}}` or `{{.Next}}` instead' }
  }
  if (argument !== '') return undefined
  if (name === 'Service') return source.service
  if (name !== 'ImageTag' && name !== 'ShortDigest') return undefined
  const { tag, digest } = parseImage(source.image ?? '')
  const value = name === 'ImageTag' ? tag && labelOf(tag) : digest?.replace(/^.*:/, '').slice(0, 7)
  if (value !== undefined && value !== '') return value
  const wanted = name === 'ImageTag' ? 'tag' : 'digest'
  const message = `\`{{.${name}}}\` in --revision-name must have an image with a ${wanted}, but that is ${JSON.stringify(source.image ?? '')}`
  return { code: 'KN444', message, help: `release an image with a ${wanted}, or use \`{{.Hash 7}}\`` }
}

/** A tag as a part of a DNS label: `1.2.0` becomes `1-2-0`. */
export function labelOf(tag: string): string {
  return withoutEnd(
    tag
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '-')
      .replace(/^-+/, ''),
    '-',
  )
}

/** The value as a text that does not depend on the order of keys. */
function canonical(value: Json | undefined): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value ?? null)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
