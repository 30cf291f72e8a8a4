import { aliasedVersion, eitherCase, hasOddSign, marker } from '../manifest/knative-sign.js'
import { ownerSigns } from '../manifest/owners/signs.js'
import { isPointer, pointerSign } from '../text/decode.js'

const wideMarker = Buffer.from(marker, 'utf16le')
const manifestSigns = [Buffer.from(marker), Buffer.from(aliasedVersion), wideMarker, wideMarker.subarray(1)]
const ownSigns = Object.values(ownerSigns).map((sign) => Buffer.from(sign))

/** Whether a file can hold a Knative manifest, be it one in UTF-16, which nothing reads, or kept by Git LFS elsewhere. */
export function canHold(bytes: Buffer): boolean {
  if (manifestSigns.some((sign) => bytes.includes(sign)) || isPointer(bytes)) return true
  return (bytes.includes('\\') || bytes.includes('binary') || bytes.includes('%')) && hasOddSign(bytes.toString())
}

/** Whether a file may give the traffic of a Service to another controller. */
export function canOwn(bytes: Buffer): boolean {
  return ownSigns.some((sign) => bytes.includes(sign))
}

/** More than what a manifest can be known by takes, with every letter as an escape and line ends between them. */
const overlap = 4096

/** Looks for a Knative manifest in what is too large to be held at once, piece by piece. */
export class Skimmer {
  private rest: Buffer = Buffer.alloc(0)
  private found = false

  /** Whether there has been one. */
  get hasMet(): boolean {
    return this.found
  }

  push(piece: Buffer): void {
    if (this.found) return
    const bytes = Buffer.concat([this.rest, piece])
    this.found = canHold(bytes)
    this.rest = bytes.subarray(Math.max(0, bytes.length - overlap))
  }
}

/**
 * What kustomizations spell that have patches, or build upon another folder, and what hands traffic to other controllers.
 * The same search looks for it: one more run of Git would cost as much.
 */
const around = ['patches', '../', ...Object.values(ownerSigns), pointerSign]

/** What an escape of one of the marker's letters begins with, and a line that ends within it: Git looks at one line at a time. */
function escaped(): string {
  const codes = [...new Set(marker)].map((letter) => letter.charCodeAt(0).toString(16).replace(/[a-f]/, eitherCase))
  const letters = String.raw`(?:x|u00|U000000)(?:${codes.join('|')})`
  return String.raw`\\(?:${letters}|(?<=v\\)/|(?<=[a-z.]\\)(?:\r?$|[\r\xc2\xe2]))`
}

/** The tags that say `!!binary`: what is behind them is looked at in the file. */
const tags = [String.raw`!(?:!binary|<\S{0,40}binary|\S{0,99}%[0-9A-Fa-f]{2})`, '%TAG']

/** What a file holds that can be a Knative manifest, or a kustomization that names one: a Perl expression. */
export function pattern(): string {
  // The marker in UTF-8, and the same letters with the zero bytes that UTF-16 puts between them.
  const wide = Array.from(marker, literal).join(String.raw`\x00?`)
  return [wide, ...[aliasedVersion, ...around].map(literal), escaped(), ...tags].join('|')
}

function literal(text: string): string {
  return text.replaceAll(/[.*]/g, String.raw`\$&`)
}
