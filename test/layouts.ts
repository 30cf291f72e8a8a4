import * as fc from 'fast-check'

/** One entry of `spec.traffic` as it is meant: the revision by name, or `@latest`. */
export type Target = { readonly revision: string; readonly percent: number; readonly tag?: string }

/** A comment that the text holds, and what it speaks of. Each carries a mark that occurs nowhere else. */
export type Remark = {
  readonly mark: string
  readonly service: number
  /** Absent for what stands outside the entries. */
  readonly entry?: number
  readonly place?: 'above' | 'inside' | 'below' | 'beside'
  /** The key that a comment stands beside. */
  readonly key?: string
}

/** A Service of the text: what its traffic is, and where an edit of it may go. */
export type Service = {
  readonly name: string
  readonly targets: readonly Target[]
  readonly hasTraffic: boolean
  /** The `traffic` member with its comments, or the value of `spec` where there is none. */
  readonly region: { readonly start: number; readonly end: number }
  readonly look: ServiceLook
}

export type Layout = {
  readonly text: string
  readonly services: readonly Service[]
  readonly remarks: readonly Remark[]
  readonly look: FileLook
}

// --- how things look --------------------------------------------------------------------------------------------

type Quote = '' | "'" | '"'
type Line = { readonly column: 'own' | 'zero' | 'deep'; readonly flavour: number }
type EntryLook = {
  readonly flow: boolean
  readonly order: number
  /** Whether defaults are written out: `latestRevision: true`, `latestRevision: false`, `percent: 0`. */
  readonly spelled: boolean
  readonly form: 'plain' | 'hex' | 'float'
  readonly above: readonly Line[]
  readonly inside: Line | undefined
  readonly below: readonly Line[]
  readonly beside: readonly (number | undefined)[]
  readonly onDash: number | undefined
  /** White space behind the first line. */
  readonly trail: '' | ' ' | '\t'
  /** Blank lines above, which may hold white space. */
  readonly blanks: number
  readonly blank: '' | '  '
}
type TrafficLook = {
  readonly entries: readonly { readonly target: Target; readonly look: EntryLook }[]
  readonly empty: 'absent' | 'nothing' | '[]' | '[ ]' | '~' | 'null'
  readonly style: 'block' | 'flow' | 'spread'
  readonly flush: boolean
  readonly gap: number
  readonly keyQuote: Quote
  readonly valueQuote: Quote
  readonly colon: number
  readonly beside: number | undefined
  readonly above: readonly Line[]
  readonly below: readonly Line[]
  readonly blanksAbove: number
  readonly blanksBelow: number
  readonly trailingComma: boolean
  readonly leadingComma: boolean
  readonly padded: boolean
  readonly spreadEntries: boolean
  readonly closesFlush: boolean
}
export type ServiceLook = {
  readonly style: 'block' | 'flow spec' | 'flow' | 'spread' | 'json' | 'minified'
  readonly indent: number
  readonly flush: boolean
  readonly gap: number
  readonly trafficFirst: boolean
  readonly order: 'usual' | 'spec first' | 'metadata last'
  readonly status: boolean
  readonly ownName: boolean
  readonly tail: 'env' | 'volumes' | '|' | '|-' | '|+' | '>' | 'anchors'
  readonly quote: Quote
  readonly remarks: readonly (number | undefined)[]
  readonly traffic: TrafficLook
}
export type FileLook = {
  readonly crlf: boolean
  readonly bom: boolean
  readonly finalNewline: boolean
  readonly opens: boolean
  readonly separator: '---' | '--- # next' | '...\n---'
  readonly closes: '' | '...' | '---\n# the end'
  readonly list: boolean
  readonly others: readonly { readonly at: number; readonly kind: keyof typeof foreign }[]
  readonly services: readonly ServiceLook[]
}

const foreign = {
  core: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  ports:\n  - port: 80 # not Knative\n',
  config:
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: manifests\ndata:\n    shop.yaml: |\n        apiVersion: serving.knative.dev/v1\n        kind: Service\n        spec:\n          traffic:\n          - percent: 100\n',
  comment: '# nothing but a comment\n',
  empty: '',
} as const

export const revisions = ['shop-00001', 'shop-00002', 'shop-00003'] as const
const imageName = 'quay.io/example/shop:v1'
const [regionStart, regionEnd] = ['\uE000', '\uE001']

// --- arbitraries: the plainest choice first, so that failures shrink to it ---------------------------------------------

const rarely = (weight: number): fc.Arbitrary<boolean> =>
  fc.nat({ max: weight }).map((found) => weight > 0 && found === weight)
const flavour = fc.nat({ max: 6 })
const seldomRemark = fc
  .tuple(rarely(4), flavour)
  .map(([isThere, found]): number | undefined => (isThere ? found : undefined))
const line: fc.Arbitrary<Line> = fc.record({ column: fc.constantFrom('own', 'zero', 'deep'), flavour })
const lines = fc
  .tuple(rarely(2), fc.array(line, { minLength: 1, maxLength: 2 }))
  .map(([areThere, found]): readonly Line[] => (areThere ? found : []))
const quote = fc.constantFrom<Quote>('', '', '', "'", '"')

const entryLook: fc.Arbitrary<EntryLook> = fc.record({
  flow: rarely(5),
  order: fc.nat({ max: 5 }),
  spelled: fc.boolean(),
  form: fc.constantFrom('plain', 'plain', 'plain', 'plain', 'hex', 'float'),
  above: lines,
  inside: fc.tuple(rarely(4), line).map(([isThere, found]) => (isThere ? found : undefined)),
  below: lines,
  beside: fc.array(seldomRemark, { minLength: 4, maxLength: 4 }),
  onDash: fc.tuple(rarely(9), flavour).map(([isThere, found]) => (isThere ? found : undefined)),
  trail: fc.constantFrom('', '', '', '', ' ', '\t'),
  blanks: fc.constantFrom(0, 0, 0, 1, 2),
  blank: fc.constantFrom('', '', '', '  '),
})

/** States of a rollout, with bystanders and with revisions that have several targets. Nearly all sum to 100. */
export const targets: fc.Arbitrary<readonly Target[]> = fc
  .record({
    names: fc.array(fc.constantFrom(...revisions.slice(0, 2), ...revisions, '@latest'), {
      minLength: 1,
      maxLength: 4,
    }),
    share: fc.constantFrom(100, 0, 50, 10, 99),
    tags: fc.array(fc.constantFrom(undefined, 'v2', undefined, 'on', 'candidate'), { minLength: 4, maxLength: 4 }),
    odd: rarely(24),
  })
  .map(({ names, share, tags, odd }) => {
    const leading = names[0]
    const other = names.findIndex((name) => name !== leading)
    return names.map((revision, index): Target => {
      const tag = tags[index]
      const percent = index === 0 ? (other < 0 ? 100 : share) : index === other ? 100 - share : 0
      const isNew = tag !== undefined && tags.indexOf(tag) === index
      return { revision, percent: percent + (odd && index === 0 ? 1 : 0), ...(isNew ? { tag } : {}) }
    })
  })

const trafficLook = (states: fc.Arbitrary<readonly Target[]>): fc.Arbitrary<TrafficLook> =>
  fc.record({
    entries: fc.tuple(states, fc.array(entryLook, { minLength: 4, maxLength: 4 })).map(([found, looks]) =>
      found.flatMap((target, index) => {
        const look = looks[index]
        return look ? [{ target, look }] : []
      }),
    ),
    empty: fc.constantFrom('absent', 'absent', 'absent', 'absent', 'nothing', '[]', '[ ]', '~', 'null'),
    style: fc.constantFrom('block', 'block', 'block', 'block', 'flow', 'spread'),
    flush: fc.boolean(),
    gap: fc.constantFrom(1, 1, 1, 3, 2),
    keyQuote: fc.constantFrom<Quote>('', '', '', '', "'", '"'),
    valueQuote: quote,
    colon: fc.constantFrom(1, 1, 1, 3),
    beside: seldomRemark,
    above: lines,
    below: lines,
    blanksAbove: fc.constantFrom(0, 0, 0, 0, 1),
    blanksBelow: fc.constantFrom(0, 0, 0, 1),
    trailingComma: fc.boolean(),
    leadingComma: rarely(7),
    padded: fc.boolean(),
    spreadEntries: rarely(3),
    closesFlush: fc.boolean(),
  })

const serviceLook = (states: fc.Arbitrary<readonly Target[]>): fc.Arbitrary<ServiceLook> =>
  fc.record({
    style: fc.constantFrom(
      'block',
      'block',
      'block',
      'block',
      'block',
      'block',
      'flow spec',
      'flow',
      'spread',
      'json',
      'json',
      'minified',
    ),
    indent: fc.constantFrom(2, 2, 1, 3, 4),
    flush: fc.boolean(),
    gap: fc.constantFrom(1, 1, 3),
    trafficFirst: rarely(2),
    order: fc.constantFrom('usual', 'usual', 'spec first', 'metadata last'),
    status: rarely(4),
    ownName: rarely(5),
    tail: fc.constantFrom('env', 'volumes', '|', '|-', '|+', '>', 'anchors'),
    quote,
    remarks: fc.array(seldomRemark, { minLength: 4, maxLength: 4 }),
    traffic: trafficLook(states),
  })

const fileLook = (states: fc.Arbitrary<readonly Target[]>): fc.Arbitrary<FileLook> =>
  fc.record({
    crlf: rarely(3),
    bom: rarely(5),
    finalNewline: rarely(2).map((isMissing) => !isMissing),
    opens: rarely(2),
    separator: fc.constantFrom('---', '---', '--- # next', '...\n---'),
    closes: fc.constantFrom('', '', '', '...', '---\n# the end'),
    list: rarely(7),
    others: fc.array(
      fc.record({
        at: fc.nat({ max: 2 }),
        kind: fc.constantFrom<keyof typeof foreign>('core', 'config', 'comment', 'empty'),
      }),
      { maxLength: 1 },
    ),
    services: fc.oneof(
      { withCrossShrink: true },
      { weight: 5, arbitrary: fc.array(serviceLook(states), { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(serviceLook(states), { minLength: 2, maxLength: 3 }) },
    ),
  })

/** A file of Knative Services in some layout that people and tools write; free of aliases in the way of an edit. */
export const layouts: fc.Arbitrary<Layout> = fileLook(
  fc.oneof({ weight: 2, arbitrary: targets }, { weight: 1, arbitrary: fc.constant([]) }),
).map(write)

/** The same with a promoted second revision: the first can be retired. */
export const promoted: fc.Arbitrary<Layout> = fileLook(
  fc
    .shuffledSubarray([...revisions, revisions[0]], { minLength: 2 })
    .filter((found) => found.includes(revisions[1]))
    .map((found) =>
      found.map((revision, index): Target => {
        const tag = revision === revisions[0] && index === 0 ? { tag: 'old' } : {}
        return { revision, percent: revision === revisions[1] ? 100 : 0, ...tag }
      }),
    ),
).map(write)

// --- the text ---------------------------------------------------------------------------------------------------------

const flavours: readonly ((mark: string) => string)[] = [
  (mark) => `# ${mark}`,
  (mark) => `#${mark}`,
  (mark) => `# ${mark} was: percent: 50 # twice`,
  (mark) => `#- revisionName: old # ${mark}`,
  (mark) => `## {${mark}}, it's "so" ]`,
  (mark) => `# ${mark} größer 🎉`,
  (mark) => `#traffic: ${mark}  `,
]

const gaps: readonly string[] = [' ', '  ', ' ', '\t', '   ', ' ', ' \t']

type Owner = Omit<Remark, 'mark'>

/** Hands out comments and remembers them. */
class Page {
  readonly remarks: Remark[] = []

  comment(kind: number, owner: Owner): string {
    const mark = `c(${this.remarks.length})`
    this.remarks.push({ mark, ...owner })
    return (flavours[kind] ?? flavours[0])?.(mark) ?? ''
  }

  /** Behind something on its line. */
  beside(kind: number | undefined, owner: Owner): string {
    return kind === undefined ? '' : `${gaps[kind] ?? ' '}${this.comment(kind, owner)}`
  }

  /** Lines of comments. Those above an entry speak of it unless indented deeper, those below it only if so. */
  lines(found: readonly Line[], column: number, { entry, place, ...rest }: Owner): string {
    const other = place === 'above' ? 'deep' : place === 'below' ? 'zero' : undefined
    const isOwn = !found.some((one) => one.column === other)
    const owner = isOwn && entry !== undefined && place !== undefined ? { ...rest, entry, place } : rest
    return found
      .map((one) => {
        const indent = one.column === 'zero' ? 0 : column + (one.column === 'deep' ? 2 : 0)
        return `${blanks(indent)}${this.comment(one.flavour, owner)}\n`
      })
      .join('')
  }
}

type Member = { readonly key: string; readonly value: string }

/** The members of one entry. Tags such as `on` are quoted wherever they stand. */
function membersOf(target: Target, look: EntryLook, style: ValueStyle): readonly Member[] {
  const { revision, percent, tag } = target
  const members = new Map<string, Member[]>([
    ['revision', []],
    ['percent', []],
    ['tag', tag === undefined ? [] : [{ key: 'tag', value: style.text(tag) }]],
  ])
  const own = members.get('revision')
  if (revision !== '@latest') own?.push({ key: 'revisionName', value: style.text(revision) })
  if (look.spelled) own?.push({ key: 'latestRevision', value: String(revision === '@latest') })
  if (percent !== 0 || look.spelled || (own?.length === 0 && tag === undefined))
    members.get('percent')?.push({ key: 'percent', value: numberText(percent, style.isJson ? 'plain' : look.form) })
  return (orders[look.order] ?? []).flatMap((key) => members.get(key) ?? [])
}

const orders: readonly (readonly string[])[] = [
  ['revision', 'percent', 'tag'],
  ['percent', 'revision', 'tag'],
  ['tag', 'revision', 'percent'],
  ['revision', 'tag', 'percent'],
  ['percent', 'tag', 'revision'],
  ['tag', 'percent', 'revision'],
]

function numberText(value: number, form: EntryLook['form']): string {
  if (form === 'hex') return `0x${value.toString(16)}`
  return form === 'float' ? `${value}.0` : String(value)
}

type ValueStyle = {
  readonly keyQuote: Quote
  readonly text: (value: string) => string
  readonly isJson: boolean
}

function styleOf(look: ServiceLook): ValueStyle {
  const isJson = look.style === 'json' || look.style === 'minified'
  const { keyQuote, valueQuote } = look.traffic
  const usual = isJson ? '"' : valueQuote
  return {
    isJson,
    keyQuote: isJson ? '"' : keyQuote,
    text: (value) => quoted(value, usual === '' && /^(?:on|\d.*)$/.test(value) ? '"' : usual),
  }
}

function quoted(value: string, mark: Quote): string {
  return `${mark}${value}${mark}`
}

function blanks(count: number): string {
  return ' '.repeat(count)
}

// --- block style ------------------------------------------------------------------------------------------------------

function blockService(page: Page, look: ServiceLook, service: number, name: string, column: number): string {
  const { indent, remarks } = look
  const pad = blanks(column)
  const beside = (index: number): string => page.beside(remarks[index], { service })
  const members: Readonly<Record<string, () => string>> = {
    apiVersion: () => `${pad}apiVersion: ${quoted('serving.knative.dev/v1', look.quote)}${beside(0)}\n`,
    kind: () => `${pad}kind: Service\n`,
    metadata: () =>
      `${pad}metadata:${beside(1)}\n${blanks(column + indent)}name: ${quoted(name, look.quote)}\n` +
      (look.order === 'metadata last'
        ? `${blanks(column + indent)}annotations:\n${blanks(column + 2 * indent)}note: ${literal(look.tail, column + 3 * indent)}`
        : ''),
    spec: () =>
      `${pad}spec:${look.style === 'flow spec' ? ' ' : `${beside(2)}\n`}${specText(page, look, service, column)}`,
    status: () =>
      look.status
        ? `${pad}status:\n${blanks(column + indent)}latestReadyRevisionName: shop-00001${beside(3)}\n${blanks(column + indent)}traffic:\n${blanks(column + indent)}- percent: 100\n`
        : '',
  }
  const order = {
    usual: ['apiVersion', 'kind', 'metadata', 'spec', 'status'],
    'spec first': ['spec', 'apiVersion', 'kind', 'metadata', 'status'],
    'metadata last': ['apiVersion', 'kind', 'spec', 'status', 'metadata'],
  }[look.order]
  return order.map((key) => members[key]?.() ?? '').join('')
}

function specText(page: Page, look: ServiceLook, service: number, column: number): string {
  if (look.style === 'flow spec') return `${flowSpec(page, look, service, column)}\n`
  const at = column + look.indent
  const template = (): string => templateText(look, at)
  const traffic = (): string => trafficText(page, look, service, at)
  const text = look.trafficFirst ? traffic() + template() : template() + traffic()
  return text.includes(regionStart) ? text : `${regionStart}${text}${regionEnd}`
}

function templateText(look: ServiceLook, column: number): string {
  const { indent } = look
  const [one, two] = [blanks(column + indent), blanks(column + 2 * indent)]
  const dash = column + indent + (look.flush ? 0 : indent) + indent
  const dashes = blanks(dash)
  const inner = blanks(dash + 1 + look.gap)
  const name = look.ownName ? `${one}metadata:\n${two}name: shop-00002\n` : ''
  const value = blanks(dash + 1 + look.gap + (look.flush ? 0 : indent))
  const env = `${inner}env:\n${value}- name: MODE\n${value}  value: `
  const containers = `${two}containers:\n${dashes}-${blanks(look.gap)}image: ${imageName}\n`
  const tail = {
    env: `${env}"yes" # not a number: c\n`,
    volumes: `${two}volumes:\n${dashes}- name: conf\n${dashes}  configMap:\n${dashes}      name: conf\n${dashes}      defaultMode: 0644\n`,
    anchors: `${env}&mode on\n${value}- name: OTHER\n${value}  value: *mode\n`,
  }
  const last = look.tail
  const end =
    last === 'env' || last === 'volumes' || last === 'anchors'
      ? tail[last]
      : `${env}${literal(last, dash + 8 + look.gap + indent)}`
  return `${blanks(column)}template:\n${name}${one}spec:\n${containers}${end}`
}

function literal(header: ServiceLook['tail'], column: number): string {
  if (!/^[|>]/.test(header)) return "'on'\n"
  const pad = blanks(column)
  return `${header}\n${pad}first: line\n${pad}# no comment\n\n${pad}last line\n${header === '|+' ? '\n' : ''}`
}

function trafficText(page: Page, look: ServiceLook, service: number, column: number): string {
  const { traffic } = look
  const style = styleOf(look)
  const key = `${regionStart}${blanks(column)}${quoted('traffic', style.keyQuote)}:`
  const beside = (): string => page.beside(traffic.beside, { service })
  if (traffic.entries.length === 0) {
    if (traffic.empty === 'absent') return ''
    const value = traffic.empty === 'nothing' ? '' : ` ${traffic.empty}`
    return `${key}${value}${beside()}\n${page.lines(traffic.below, column, { service })}${regionEnd}`
  }
  const dash = column + (traffic.flush ? 0 : look.indent)
  const above = (): string => page.lines(traffic.above, dash, { service })
  const list =
    traffic.style === 'block'
      ? `${beside()}\n${above()}${blockEntries(page, look, service, dash)}`
      : ` ${flowList(page, look, service, column, traffic.style === 'spread')}${beside()}\n`
  const below = page.lines(traffic.below, column, { service }) + '\n'.repeat(traffic.blanksBelow)
  return `${key}${list}${below}${regionEnd}`
}

function blockEntries(page: Page, look: ServiceLook, service: number, dash: number): string {
  return look.traffic.entries
    .map(({ target, look: own }, entry) => {
      const blank = `${own.blank}\n`.repeat(entry === 0 ? look.traffic.blanksAbove : own.blanks)
      return `${blank}${blockEntry(page, look, { target, look: own }, { service, entry }, dash)}`
    })
    .join('')
}

function blockEntry(
  page: Page,
  look: ServiceLook,
  { target, look: own }: TrafficLook['entries'][number],
  owner: Owner,
  dash: number,
): string {
  const { traffic } = look
  const style = styleOf(look)
  const above = page.lines(own.above, dash, { ...owner, place: 'above' })
  const column = dash + 1 + traffic.gap
  const opening = `${blanks(dash)}-${blanks(traffic.gap)}`
  const members = membersOf(target, own, style)
  if (own.flow) {
    const beside = page.beside(own.beside[0], { ...owner, place: 'beside', key: '' })
    return `${above}${opening}${flowEntry(
      members.map((member) => bare(memberText(member, look))),
      look,
      false,
      0,
    )}${beside}\n`
  }
  const onDash =
    own.onDash === undefined ? '' : `${page.comment(own.onDash, { ...owner, place: 'inside' })}\n${blanks(column)}`
  const texts = members.map(({ key, value }, index) => {
    const beside = page.beside(own.beside[index], { ...owner, place: 'beside', key })
    const below =
      index === 0 && own.inside && members.length > 1
        ? page.lines([own.inside], column, { ...owner, place: 'inside' })
        : ''
    const trail = index === 0 && beside === '' ? own.trail : ''
    return `${quoted(key, style.keyQuote)}:${blanks(traffic.colon)}${value}${beside}${trail}\n${below}`
  })
  const joined = texts.map((text, index) => (index === 0 ? text : blanks(column) + text)).join('')
  return `${above}${opening}${onDash}${joined}${page.lines(own.below, column, { ...owner, place: 'below' })}`
}

// --- flow style -------------------------------------------------------------------------------------------------------

type Piece = { readonly text: string; readonly above: string; readonly beside: string; readonly below: string }
type Brackets = {
  readonly pair: readonly [string, string]
  readonly spread: boolean
  /** Where the members of a spread collection stand, and its end. */
  readonly column: number
  readonly end: number
  readonly tight: boolean
  readonly padded: boolean
  readonly trailingComma: boolean
  readonly leadingComma: boolean
}

function brackets(pieces: readonly Piece[], how: Brackets): string {
  const [open, close] = how.pair
  if (!how.spread) {
    const pad = how.padded && !how.tight ? ' ' : ''
    return `${open}${pad}${pieces.map(({ text }) => text).join(how.tight ? ',' : ', ')}${how.trailingComma ? ',' : ''}${pad}${close}`
  }
  const rows = pieces.map(({ text, above, beside, below }, index) => {
    const isLast = index === pieces.length - 1
    const before = how.leadingComma && index > 0 ? ', ' : ''
    const after = how.leadingComma ? '' : isLast && !how.trailingComma ? '' : ','
    return `${above}${blanks(how.column)}${before}${text}${after}${beside}\n${below}`
  })
  return `${open}\n${rows.join('')}${blanks(how.end)}${close}`
}

function bare(text: string): Piece {
  return { text, above: '', beside: '', below: '' }
}

function memberText({ key, value }: Member, look: ServiceLook): string {
  return `${flowKey(look, key)}${value}`
}

function flowEntry(members: readonly Piece[], look: ServiceLook, spread: boolean, column: number): string {
  const { traffic } = look
  return brackets(members, {
    pair: ['{', '}'],
    spread,
    column: column + look.indent,
    end: column,
    tight: look.style === 'minified',
    padded: traffic.padded,
    trailingComma: traffic.trailingComma && !styleOf(look).isJson,
    leadingComma: false,
  })
}

function flowList(page: Page, look: ServiceLook, service: number, column: number, spread: boolean): string {
  const { traffic } = look
  const style = styleOf(look)
  const isSpread = spread && look.style !== 'minified'
  const at = column + look.indent
  const pieces = traffic.entries.map(({ target, look: own }, entry): Piece => {
    const isPlain = !isSpread || style.isJson
    const isDeep = isSpread && traffic.spreadEntries
    const above = isPlain ? '' : page.lines(own.above, at, { service, entry, place: 'above' })
    const members = membersOf(target, own, style).map((member, index): Piece => {
      const text = memberText(member, look)
      if (isPlain || !isDeep) return bare(text)
      const owner = { service, entry, place: 'inside' } as const
      const inner = own.inside && index > 0 ? page.lines([own.inside], at + look.indent, owner) : ''
      return {
        text,
        above: inner,
        beside: page.beside(own.beside[index], { ...owner, place: 'beside', key: member.key }),
        below: '',
      }
    })
    const text = flowEntry(members, look, isDeep, at)
    const behind = isDeep ? own.onDash : own.beside[0]
    const beside = isPlain ? '' : page.beside(behind, { service, entry, place: 'beside', key: '' })
    return { text, above, beside, below: '' }
  })
  const last = pieces.at(-1)
  const ended =
    last && isSpread && !style.isJson
      ? [...pieces.slice(0, -1), { ...last, below: page.lines(traffic.below, at, { service }) }]
      : pieces
  return brackets(ended, {
    pair: ['[', ']'],
    spread: isSpread,
    column: at,
    end: traffic.closesFlush || style.isJson || look.style === 'spread' ? column : at,
    tight: look.style === 'minified',
    padded: traffic.padded,
    trailingComma: traffic.trailingComma && !style.isJson,
    leadingComma: traffic.leadingComma && !style.isJson,
  })
}

function flowSpec(page: Page, look: ServiceLook, service: number, column: number): string {
  const { traffic } = look
  const { isJson } = styleOf(look)
  const isSpread = look.style === 'spread' || look.style === 'json'
  const at = column + (isSpread ? look.indent : 0)
  const [key, end] = [flowKey(look, 'traffic'), regionEnd]
  const nothing = isJson ? 'null' : ''
  const isBare = traffic.entries.length === 0 && traffic.empty === 'nothing' && !isJson
  const empty = { absent: '', nothing, '[]': '[]', '[ ]': '[ ]', '~': isJson ? 'null' : '~', null: 'null' }[
    traffic.empty
  ]
  const template = `${flowKey(look, 'template')}${flowValue({ ...(look.ownName ? { metadata: { name: 'shop-00002' } } : {}), spec: { containers: [{ image: imageName }] } }, look, at)}`
  const list = (): string => flowList(page, look, service, at, isSpread)
  const hasMember = traffic.entries.length > 0 || traffic.empty !== 'absent'
  const member = hasMember
    ? [`${regionStart}${isBare ? key.trimEnd() : key}${traffic.entries.length > 0 ? list() : empty}${end}`]
    : []
  const members = (look.trafficFirst ? [...member, template] : [template, ...member]).map(bare)
  const text = brackets(members, flowDocument(look, column))
  return hasMember ? text : `${regionStart}${text}${regionEnd}`
}

function flowDocument(look: ServiceLook, column: number): Brackets {
  const isSpread = look.style === 'spread' || look.style === 'json'
  return {
    pair: ['{', '}'],
    spread: isSpread,
    column: column + look.indent,
    end: column,
    tight: look.style === 'minified',
    padded: look.traffic.padded,
    trailingComma: look.traffic.trailingComma && !styleOf(look).isJson,
    leadingComma: false,
  }
}

function flowKey(look: ServiceLook, key: string): string {
  return `${quoted(key, styleOf(look).keyQuote)}:${look.style === 'minified' ? '' : ' '}`
}

type Value = string | number | { readonly [key: string]: Value } | readonly Value[]

function flowValue(value: Value, look: ServiceLook, column: number): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return styleOf(look).text(value)
  const how = flowDocument(look, column)
  const isList = Array.isArray(value)
  const pieces = Object.entries(value).map(([key, item]: [string, Value]) =>
    bare(`${isList ? '' : flowKey(look, key)}${flowValue(item, look, how.spread ? how.column : column)}`),
  )
  return brackets(pieces, { ...how, pair: isList ? ['[', ']'] : ['{', '}'] })
}

function flowService(page: Page, look: ServiceLook, service: number, name: string): string {
  const isSpread = look.style === 'spread' || look.style === 'json'
  const at = isSpread ? look.indent : 0
  const members = [
    ['apiVersion', flowValue('serving.knative.dev/v1', look, at)],
    ['kind', flowValue('Service', look, at)],
    ['metadata', flowValue({ name }, look, at)],
    ['spec', flowSpec(page, look, service, at)],
    ...(look.status ? [['status', flowValue({ observedGeneration: 1 }, look, at)]] : []),
  ].map(([key = '', value = '']) => bare(`${flowKey(look, key)}${value}`))
  return `${brackets(members, flowDocument(look, 0))}\n`
}

// --- the file ---------------------------------------------------------------------------------------------------------

function write(look: FileLook): Layout {
  const page = new Page()
  const [only] = look.services
  const isJson = look.services.length === 1 && only !== undefined && styleOf(only).isJson
  const isBlock = look.services.every(({ style }) => style === 'block' || style === 'flow spec')
  const documents =
    look.list && isBlock
      ? [listText(page, look.services)]
      : look.services.map((one, service) =>
          one.style === 'block' || one.style === 'flow spec'
            ? blockService(page, one, service, 'shop', 0)
            : flowService(page, one, service, 'shop'),
        )
  if (!isJson) for (const { at, kind } of look.others) documents.splice(at, 0, foreign[kind])
  const opensFlow = !isJson && /^[\uE000\uE001]*\{/.test(documents[0] ?? '')
  const opening = (look.opens || opensFlow) && !isJson ? '---\n' : ''
  const joined = `${opening}${documents.map((text, index) => text + endOf(look, text, index === documents.length - 1, isJson)).join('')}`
  const ended = look.finalNewline ? joined : joined.replace(/\n(?=[\uE000\uE001]*$)/, '')
  return finish(look, page, `${look.bom ? '\uFEFF' : ''}${look.crlf ? ended.replaceAll('\n', '\r\n') : ended}`)
}

/** What stands behind a document. A `...` needs one that is more than comments. */
function endOf(look: FileLook, text: string, isLast: boolean, isJson: boolean): string {
  const sign = isLast ? look.closes : look.separator
  if (sign === '' || (isJson && isLast)) return ''
  const isEmpty = text === foreign.empty || text === foreign.comment
  return `${isEmpty && sign.startsWith('...') ? (isLast ? '# the end' : '---') : sign}\n`
}

function listText(page: Page, services: readonly ServiceLook[]): string {
  const [first] = services
  const dash = first?.flush === true ? 0 : (first?.indent ?? 2)
  const items = services.map((look, service) => {
    const column = dash + 1 + look.gap
    return `${blanks(dash)}-${blanks(look.gap)}${blockService(page, look, service, 'shop', column).slice(column)}`
  })
  return `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`
}

/** Takes the signs of the regions out of the text and remembers where they stood. */
function finish(look: FileLook, page: Page, marked: string): Layout {
  const regions: { start: number; end: number }[] = []
  let [text, start] = ['', 0]
  for (const character of marked) {
    if (character === regionStart) start = text.length
    else if (character === regionEnd) regions.push({ start, end: text.length })
    else text += character
  }
  const services = look.services.map((one, index): Service => {
    return {
      name: 'shop',
      targets: one.traffic.entries.map(({ target }) => target),
      hasTraffic: one.traffic.entries.length > 0 || one.traffic.empty !== 'absent',
      region: regions[index] ?? { start: 0, end: 0 },
      look: one,
    }
  })
  return { text, services, remarks: page.remarks, look }
}
