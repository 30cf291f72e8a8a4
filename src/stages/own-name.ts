import { labelOf } from './name-words.js'
import { parseImage } from '../manifest/image.js'
import type { Refusal } from './stage.js'

/** What a name is followed up by. */
type NameTrail = {
  readonly service: string
  /** The name that the template has now. */
  readonly present: string
  /** The images of the present and of the new revision. */
  readonly images: readonly [before: string | undefined, after: string | undefined]
  readonly isFree: (name: string) => boolean
}

export type OwnName = { readonly name: string; readonly decidedBy: string }

/**
 * The next name in the row of the present one: its trailing number, counted up until the name is free; or the image's
 * version, where the name ends in that.
 */
export function nextOwnName({ service, present, images, isFree }: NameTrail): OwnName | Refusal {
  const versioned = byVersion(present, images)
  if (versioned !== undefined && isFree(versioned))
    return { name: versioned, decidedBy: 'the version of the image, as before' }
  // Behind a letter or two a number is a counter; in a longer mixture it is part of a hash.
  const [, prefix = '', digits = ''] = /^(.*-[a-z]*?)(\d+)$/.exec(present) ?? []
  const segment = present.slice(present.lastIndexOf('-') + 1)
  const isHash = segment.length >= 7 && /^[0-9a-f]+$/.test(segment) && /[a-f]/.test(segment)
  const example = 'name the new revision with --revision-name, for example --revision-name {{.Service}}-v{{.Next}}'
  if (!present.startsWith(`${service}-`)) {
    return {
      code: 'KN444',
      message: `\`spec.template.metadata.name\` must start with \`${service}-\` to be followed up, but is \`${present}\``,
      help: example,
    }
  }
  if (digits === '' || isHash) {
    return {
      code: 'KN444',
      message: `\`spec.template.metadata.name\` must end in a number to be followed up, but is \`${present}\``,
      help: example,
    }
  }
  let number = BigInt(digits)
  let name = present
  do {
    number++
    name = numbered(service, prefix, number, digits.length)
  } while (!isFree(name))
  return { name, decidedBy: `\`${present}\`, counted up` }
}

/** Zeros in front are kept, unless the name would look like one that the cluster generates. */
function numbered(service: string, prefix: string, number: bigint, width: number): string {
  const padded = String(number).padStart(width, '0')
  return prefix === `${service}-` && padded.length === 5 ? `${prefix}${number}` : prefix + padded
}

/** A version has several parts: of `1.2.0` the trailing number alone would be misleading. */
function byVersion(present: string, images: NameTrail['images']): string | undefined {
  const [before = '', after = ''] = images.map((image) => labelOf(parseImage(image ?? '').tag ?? ''))
  if (!before.includes('-') || after === '' || after === before || !present.endsWith(before)) return undefined
  const stem = present.slice(0, -before.length)
  return /-[a-z]?$/.test(stem) ? stem + after : undefined
}
