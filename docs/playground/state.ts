// What the page shows, as data, and as the fragment of a link: compressed, and read as what a stranger wrote.
import { stages } from '../../src/index.js'

/** The fields of the form that are text, and those that are ticked. */
export const textFields = ['service', 'image', 'revisionName', 'stable', 'candidate', 'percent', 'tag'] as const
export const tickFields = ['keep', 'dropStable', 'untag'] as const
export type TextField = (typeof textFields)[number]
export type TickField = (typeof tickFields)[number]

/** `validate`, `release`, or the name of a stage. */
export type State = {
  readonly manifest: string
  readonly step: string
  readonly texts: Readonly<Record<TextField, string>>
  readonly ticks: Readonly<Record<TickField, boolean>>
}

/** The largest manifest that the page takes, in UTF-16 units: what a link unpacks to ends there. */
export const mostText = 512 * 1024

export const steps: readonly string[] = ['validate', ...stages.map(({ name }) => name), 'release']

const example = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  namespace: acme
spec:
  template:
    metadata:
      name: shop-v2
    spec:
      containers:
        - name: user-container
          image: ghcr.io/acme/shop:1.1
          readinessProbe:
            successThreshold: 1
            tcpSocket: {}
  traffic:
    - revisionName: shop-v1
      percent: 100 # the users
    - revisionName: shop-v2
      percent: 0
      tag: v2 # https://v2-shop.acme.example.com
`

/** What the page starts with. */
export function firstState(): State {
  return stateOf({ manifest: example, step: 'split' })
}

/** A state of whatever was found: what is no text, no known step or too long is left out. */
function stateOf(found: Readonly<Record<string, unknown>>): State {
  const step = text(found['step'], 40)
  const texts = Object.fromEntries(textFields.map((name) => [name, text(found[name], 1000)]))
  const ticks = Object.fromEntries(tickFields.map((name) => [name, found[name] === true]))
  return {
    manifest: text(found['manifest'], mostText),
    step: steps.includes(step) ? step : 'validate',
    texts: texts as Record<TextField, string>,
    ticks: ticks as Record<TickField, boolean>,
  }
}

function text(value: unknown, most: number): string {
  return typeof value === 'string' ? value.slice(0, most) : ''
}

/** The fragment of a link to a state, without its `#`. */
export async function fragmentOf({ manifest, step, texts, ticks }: State): Promise<string> {
  const set = Object.entries({ ...texts, ...ticks }).filter(([, value]) => value !== '' && value !== false)
  const json = JSON.stringify({ manifest, step, ...Object.fromEntries(set) })
  const packed = await through(new TextEncoder().encode(json), new CompressionStream('deflate-raw'), Infinity)
  const binary = Array.from(packed, (byte) => String.fromCharCode(byte)).join('')
  return `1.${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/**
 * The state that a fragment holds; undefined where there is none.
 *
 * @throws where the fragment is none of this page, or cut off, or unpacks to more than the page takes.
 */
export async function stateIn(fragment: string): Promise<State | undefined> {
  if (fragment === '') return undefined
  const [, data] = /^1\.([\w-]+)$/.exec(fragment) ?? []
  if (data === undefined) throw new Error('the link is not one of this page, or is cut off')
  const bytes = Uint8Array.from(atob(data.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
  const unpacked = await through(bytes, new DecompressionStream('deflate-raw'), 4 * mostText)
  const found: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(unpacked))
  return stateOf(typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>) : {})
}

/** Bytes as a stream makes them of others, as long as there are no more than `most`. */
async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length
    if (size > most) {
      await reader.cancel()
      throw new Error('the link holds more than this page takes')
    }
    parts.push(part.value)
  }
  const whole = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
