import * as fc from 'fast-check'

/** A whole Service with a full template, its text in some layout, and the comments in it. */
export type Written = { readonly text: string; readonly remarks: readonly { readonly mark: string }[] }

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** Numbers from 0 to 1 that follow from a seed, so that a failure can be run again. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

class Writer {
  readonly remarks: { readonly mark: string }[] = []
  private readonly next: () => number

  constructor(
    seed: number,
    private readonly indent: number,
    private readonly dash: number,
    private readonly gap: number,
  ) {
    this.next = numbers(seed)
  }

  private chance(share: number): boolean {
    return this.next() < share
  }

  private comment(): string {
    const mark = `c(${this.remarks.length})`
    this.remarks.push({ mark })
    return `# ${mark} it's {a: "b"`
  }

  /** Blank lines and comments above a part. */
  private above(column: number): string {
    const blank = this.chance(0.1) ? '\n' : ''
    const place = this.chance(0.8) ? column : this.chance(0.5) ? 0 : column + 2
    return blank + (this.chance(0.12) ? `${' '.repeat(place)}${this.comment()}\n` : '')
  }

  private beside(): string {
    return this.chance(0.12) ? ` ${this.comment()}` : ''
  }

  private scalar(value: Value, isFlow: boolean): string {
    if (typeof value !== 'string') return JSON.stringify(value)
    if (/^[\d.]+$|^$|^(?:true|on)$/.test(value) || (isFlow && /[,{}[\]]/.test(value)) || this.chance(0.15))
      return this.chance(0.5) ? `'${value}'` : JSON.stringify(value)
    return value
  }

  private flow(value: Value): string {
    if (Array.isArray(value)) return `[${value.map((item: Value) => this.flow(item)).join(', ')}]`
    if (typeof value !== 'object' || value === null) return this.scalar(value, true)
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${this.flow(item)}`)
      .join(', ')}}`
  }

  /** Members as lines; the first without indentation where it stands behind a dash. */
  members(value: { readonly [key: string]: Value }, column: number, isBehindDash = false): string {
    return Object.entries(value)
      .map(([key, item], index) => {
        const isFirst = index === 0
        const lead = isFirst && isBehindDash ? '' : this.above(column) + ' '.repeat(column)
        return `${lead}${key}:${this.behind(item, column)}`
      })
      .join('')
  }

  private behind(value: Value, column: number): string {
    if (typeof value === 'string' && value.length > 3 && this.chance(0.08))
      return ` |${this.chance(0.5) ? '-' : ''}\n${' '.repeat(column + this.indent)}${value}\n`
    const isPlain = typeof value !== 'object' || value === null
    const isEmpty = !isPlain && Object.keys(value).length === 0
    if (isPlain || isEmpty || this.chance(0.1)) return ` ${this.flow(value)}${this.beside()}\n`
    const rest = `${this.beside()}\n`
    if (!Array.isArray(value))
      return rest + this.members(value as { readonly [key: string]: Value }, column + this.indent)
    return rest + value.map((item: Value) => this.item(item, column + this.dash)).join('')
  }

  private item(value: Value, column: number): string {
    const dash = `${this.above(column)}${' '.repeat(column)}-${' '.repeat(this.gap)}`
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isMapping || Object.keys(value).length === 0 || this.chance(0.1))
      return `${dash}${this.flow(value)}${this.beside()}\n`
    return dash + this.members(value as { readonly [key: string]: Value }, column + 1 + this.gap, true)
  }
}

const text = fc.constantFrom('a', 'quay.io/example/shop:v1', '8080', '', 'on', 'some words', '$(A)/b')
const env = fc.array(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: text }, { requiredKeys: ['name'] }), {
  maxLength: 3,
})
const container = fc.record(
  {
    name: fc.constantFrom('main', 'side'),
    image: text,
    args: fc.array(text, { maxLength: 3 }),
    env,
    ports: fc.array(fc.record({ containerPort: fc.nat(9000) }), { maxLength: 2 }),
    readinessProbe: fc.record({ httpGet: fc.record({ path: text }), periodSeconds: fc.nat(9) }, { requiredKeys: [] }),
    resources: fc.record({ limits: fc.record({ cpu: text }) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['image'] },
)
const annotations = fc.dictionary(fc.constantFrom('example.com/a', 'b', 'c.d'), text, { maxKeys: 3 })
const service = fc.record({
  metadata: fc.record({ name: fc.constant('shop'), annotations, labels: annotations }, { requiredKeys: ['name'] }),
  spec: fc.record({
    template: fc.record(
      {
        metadata: fc.record({ annotations }, { requiredKeys: [] }),
        spec: fc.record(
          { containers: fc.array(container, { minLength: 1, maxLength: 3 }), timeoutSeconds: fc.nat(600) },
          { requiredKeys: ['containers'] },
        ),
      },
      { requiredKeys: ['spec'] },
    ),
  }),
})

/** Services with full templates, laid out at random: comments anywhere, braces here and there, blank lines, block scalars. */
export const templates: fc.Arbitrary<Written> = fc
  .record({
    service,
    seed: fc.integer(),
    indent: fc.constantFrom(2, 2, 4, 3),
    dash: fc.constantFrom(0, 2, 2, 4),
    gap: fc.constantFrom(1, 1, 3),
    crlf: fc.boolean(),
    bom: fc.boolean(),
    ends: fc.boolean(),
  })
  .map(({ service: value, seed, indent, dash, gap, crlf, bom, ends }) => {
    const writer = new Writer(seed, indent, dash, gap)
    const rest = writer.members(value, 0)
    const head = `# The shop.\napiVersion: serving.knative.dev/v1\nkind: Service\n${rest}`
    const lines = ends ? head : head.replace(/\n$/, '')
    return { text: `${bom ? '\uFEFF' : ''}${crlf ? lines.replaceAll('\n', '\r\n') : lines}`, remarks: writer.remarks }
  })
