// Files in the layouts of people and tools, with what was once read or edited wrongly put into them, through every way that
// edits: nothing may throw, no edit may fail its proof, and what is called no YAML must be none for kubectl either.
import * as fc from 'fast-check'

import { fix } from '../../src/pipeline/fix.js'
import { runFunction } from '../../src/pipeline/function.js'
import { plan } from '../../src/pipeline/plan.js'
import type { Outcome, Request } from '../../src/pipeline/request.js'
import type { MoveRequest } from '../../src/stages/apply.js'
import type { FileHistory } from '../../src/text/words.js'
import { hasKubectl, readByKubectl } from '../kubectl.js'
import { layouts } from '../layouts.js'
import { templates } from '../templates.js'
import { Random } from './random.js'

/** What came of a run, for people to read and for tests to ask. */
export type EditingReport = {
  readonly counts: Readonly<Record<string, number>>
  /** What must not be, each with the text and the command that shows it. */
  readonly lines: readonly string[]
  /** In how many of a hundred files each construct is, and each command. */
  readonly shares: ReadonlyMap<string, number>
}

type Pick = (below: number) => number

/** Changes one of the places where the pattern fits; undefined where it fits nowhere. */
function at(text: string, pattern: RegExp, pick: Pick, by: (found: RegExpExecArray) => string): string | undefined {
  const all = [...text.matchAll(new RegExp(pattern, 'gm'))] as unknown as readonly RegExpExecArray[]
  const found = all[pick(Math.max(all.length, 1))]
  return found && text.slice(0, found.index) + by(found) + text.slice(found.index + found[0].length)
}

type Construct = (text: string, pick: Pick) => string | undefined

const start =
  'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - image: quay.io/example/shop:v1\n'
const ends = ['\r', '\u0085', '\u2028', '\u2029'] as const
const lists = [
  '[\n    {revisionName: shop-00001, percent: 75},\n    {revisionName: shop-00002, percent: 25}\n  ]',
  '[\n    { "revisionName": "shop-00001", "percent": 75 }\n    , { "revisionName": "shop-00002", "percent": 25 }\n  ] # c',
  '[{revisionName: shop-00001,percent: 100,tag: old},{revisionName: shop-00002,percent: 0}]',
] as const
const values = [
  '[] # nobody yet',
  'null # c',
  '~',
  '# c',
  '\n    # c\n    []',
  '\n    # c\n    ~ # d',
  '[ # a\n  ] # b',
] as const
const entry = '    - revisionName: shop-00001\n      percent: 100\n'

const listStart = 'apiVersion: v1\nkind: List\nitems:\n'
const placeholders = [
  '{{ .Values.x }}',
  '"{{ .Values.x }}"',
  'a{{ .Values.x }}b',
  '${X}',
  '$X',
  '${{ parameters.x }}',
  '$(params.x)',
  '"#{x}#"',
  '<path:a#b>',
  '<%= x %>',
  '[[ x ]]',
  '"@VAR@"',
  '__VAR__',
  '"%VAR%"',
  'x #@ data.values.x',
  '(( grab x ))',
  '<VAR>',
] as const
const owners = ['# {"$imagepolicy": "flux-system:shop"}', '# kpt-set: ${share}', '# {"$kpt-set":"share"}'] as const
const routed = `  traffic:\n${entry}    - revisionName: shop-00002\n      percent: 0\n`

/** A whole Service with this behind its template. */
const ending =
  (...texts: readonly string[]): Construct =>
  (_, pick) =>
    start + (texts[pick(texts.length)] ?? '')

/** What the laws of editing once knew nothing of. Those that begin a new file come first. */
const constructs: Readonly<Record<string, Construct>> = {
  'list in brackets over lines': ending(...lists.slice(0, 2).map((list) => `  traffic: ${list}\n`)),
  'tight braces': (_, pick) => {
    const list = ['[]', lists[2], '~', '[{"revisionName":"shop-00001","percent":100}]'][pick(4)]
    return `${start.slice(0, start.indexOf('spec:'))}spec: {template: {spec: {containers: [{image: "a/b:c"}]}},traffic: ${list}}\n`
  },
  'empty list with comments': (_, pick) => `${start}  traffic: ${values[pick(values.length)]}\n`,
  'end inside a block scalar': (_, pick) => {
    const header = ['|-', '>-', '|', '|+', '>2-'][pick(5)] ?? '|'
    return pick(2) === 0
      ? `${start}          env:\n            - name: A\n              value: ${header}\n                x`
      : `${start}  traffic:\n${entry}    - percent: 0\n      revisionName: ${header.replace('2', '')}\n        shop-00002`
  },
  'name in a block scalar': ending(
    `  traffic:\n    - revisionName: |- # c\n        shop-00001\n      percent: 0\n    - revisionName: shop-00002\n      percent: 100\n`,
  ),
  'alias of a name': (_, pick) => {
    const own = start.replace('name: shop', 'name: shop\n  annotations:\n    a: &rev shop-00001')
    return `${own}  traffic:\n${entry.replace('shop-00001', '*rev').replace('100', String(pick(2) * 100))}    - revisionName: shop-00002\n      percent: 0\n`
  },
  'commented field below a blank line': ending(
    `  traffic:\n${entry.replace('100', '0')}\n      # tag: old\n    - revisionName: shop-00002\n      percent: 100\n`,
    `  traffic:\n    - revisionName: shop-00002\n      percent: 100\n${entry.replace('100', '0')}\n      # tag: old\n`,
  ),
  'tag on the dash': ending(
    `  traffic:\n    -  tag: v2\n# c\n       percent: 100\n       revisionName: shop-00001\n    -  revisionName: shop-00002\n       percent: 0\n`,
  ),
  'name of a Configuration': ending(`  traffic:\n    - configurationName: shop\n      percent: 100\n`),
  'environment in braces': ending(
    `          env:\n            - {name: LOG, value: debug}\n            - {name: MODE, value: a}\n`,
  ),
  'Service twice in a List': () => {
    const item = (start + routed)
      .trimEnd()
      .split('\n')
      .map((line, index) => `${index === 0 ? '- ' : '  '}${line}\n`)
    return listStart + [...item, ...item].join('')
  },
  'name to be generated': () => start.replace('  name: shop', '  generateName: shop-') + routed,
  'annotations that are dropped or owned': (_, pick) => {
    const own = ['a: ~', 'serving.knative.dev/creator: me', 'client.knative.dev/user-image: quay.io/example/shop:v1']
    return start.replace('  name: shop', `  name: shop\n  annotations:\n    ${own[pick(3)]}`) + routed
  },
  'file that sops has signed': (_, pick) => {
    const only = pick(2) === 0 ? '  mac_only_encrypted: true\n' : ''
    const value = 'ENC[AES256_GCM,data:a=,iv:b=,tag:c=,type:str]'
    return `${start}          env:\n            - name: A\n              value: ${value}\n${routed}sops:\n${only}  mac: ${value}\n  version: 3.8.1\n`
  },
  placeholder: (text, pick) =>
    at(
      text,
      /^( *(?:- )?(?:image|value|percent|revisionName|name|namespace): +)\S.*$/,
      pick,
      (found) => `${found[1]}${placeholders[pick(placeholders.length)]}`,
    ),
  'value that a bot sets': (text, pick) =>
    at(text, /^ *(?:- )?(?:image|percent): +[\w./:-]+$/, pick, ([found]) => `${found} ${owners[pick(3)]}`),
  'number that JSON lacks': (text, pick) =>
    text.endsWith('\n') ? `${text}---\na: ${['.inf', '-.INF', '.nan'][pick(3)]}\n` : undefined,
  'odd line end': (text, pick) => at(text, /\n/, pick, () => ends[pick(4)] ?? '\r'),
  'odd character in a comment': (text, pick) =>
    at(text, /(: +[\w./-]+)$/, pick, ([found]) => `${found} # a${ends[1 + pick(3)]} # b`),
  'question mark key': (text, pick) =>
    at(
      text,
      /^( *)(containers|template|traffic|name):(?= *$)/,
      pick,
      (found) => `${found[1]}? ${found[2]}\n${found[1]}:`,
    ),
  'comment between key and value': (text, pick) =>
    at(
      text,
      /^( *)(namespace|name|percent|image): +(\S+)$/,
      pick,
      (found) => `${found[1]}${found[2]}:\n\n# c\n${found[1]}  ${found[3]}`,
    ),
  'comment with a brace behind a colon': (text, pick) =>
    at(text, /^( *)(spec|traffic|metadata|template):$/, pick, ([found]) => `${found} #{old: 1}`),
  'comment in plain text between braces': (text, pick) =>
    at(text, /\{name: [A-Z]+, value: /, pick, ([found]) => `${found}a # c\n  b`) ??
    `${start}          args: [{note: a # c\n  b}]\n`,
  'end marker': (text, pick) =>
    text.endsWith('\n') ? text + ['---\r\n...\r\n', '... \n', '...\n', '---\n'][pick(4)] : undefined,
  'tag on a value': (text, pick) =>
    at(
      text,
      /^( *(?:- )?(?:percent|revisionName|image|name): +)(?=\w)/,
      pick,
      ([found]) => `${found}!!${['str', 'int'][pick(2)]} `,
    ),
  'no value': (text, pick) => {
    const value = ['.inf', '.nan', '~', ''][pick(4)] ?? ''
    return (
      at(text, /((?:percent|periodSeconds|containerPort): +)\d+/, pick, (found) => `${found[1]}${value}`) ??
      `${start}  traffic:\n${entry.replace('100', value)}`
    )
  },
  'quoted number': (text, pick) =>
    at(text, /(percent: +)(\d+)/, pick, (found) => `${found[1]}"${found[2]}"`) ??
    `${start}  traffic:\n${entry.replace('100', '"100"')}`,
  CRLF: (text) => text.replaceAll(/\r?\n/g, '\r\n'),
}
const names = Object.keys(constructs)

const roles = [{ stable: 'shop-00001', candidate: 'shop-00002' }, { stable: 'shop-00001' }, {}] as const
const texts = ['https://x.io/a?b=1', 'a', 'on', '1.2.3', 'a: b # c', '{x}', "it's", '?', 'x\u2028y', ''] as const

function moveFor(pick: Pick): { readonly name: string; readonly move: MoveRequest } {
  const who = roles[pick(3)] ?? {}
  const kind = ['apply', 'set', 'release', 'next'][pick(4)] ?? 'apply'
  if (kind === 'next') return { name: kind, move: { command: 'next', ready: pick(2) === 0, ignoreSoak: true } }
  if (kind === 'release') {
    const value = texts[pick(texts.length)] ?? ''
    const given = [{ env: [{ name: 'MODE', value }] }, { annotations: [{ name: 'a/b', value }] }, {}][pick(3)]
    const candidate = [{ candidate: '@latest' }, { revisionName: '{{.Service}}-v9' }, {}][pick(3)]
    return {
      name: kind,
      move: { command: 'release', image: 'a/b:v9', tag: 'next', stable: 'shop-00001', ...given, ...candidate },
    }
  }
  if (kind === 'apply') {
    const stage = ['pin', 'preview', 'split', 'promote', 'retire', 'rollback'][pick(6)] ?? 'pin'
    return { name: kind, move: { command: 'apply', stage, tag: 'v2', ...who } }
  }
  const target = ['shop-00001', '@latest', 'shop-00009', 'v2'][pick(4)] ?? ''
  const shares = [
    [{ target, percent: 100 }],
    [
      { target, percent: 30 },
      { target: 'shop-00002', percent: 70 },
    ],
    undefined,
  ][pick(3)]
  const rest = { untag: pick(3) === 0 ? ['v2'] : [], tags: pick(3) === 0 ? [{ revision: '@latest', tag: 'new' }] : [] }
  return { name: kind, move: { command: 'set', allowUnknown: true, ...rest, ...(shares && { shares }) } }
}

const path = 'shop.yaml'

function historyOf(text: string, pick: Pick): ReadonlyMap<string, FileHistory> {
  const older = [`${start}  traffic:\n${entry}`, text.replaceAll('100', '0'), start, text]
  const versions = older.slice(pick(3)).map((one, index) => {
    return { commit: index.toString(16).padEnd(40, '0'), time: index * 60, path, text: one }
  })
  return new Map([[path, { versions: versions.toReversed(), isCut: pick(2) === 0 }]])
}

const live = {
  path: 'live.yaml',
  text: `${start}status:\n  latestCreatedRevisionName: shop-00002\n  latestReadyRevisionName: shop-00002\n  traffic:\n    - revisionName: shop-00001\n      percent: 100\n`,
}

const inline = [
  `resources: [shop.yaml]\npatches:\n- target: {kind: Service, name: shop}\n  patch: |-\n    - op: replace\n      path: /spec/traffic/0/percent\n      value: 50\n`,
  `resources:\n- shop.yaml\npatches:\n- patch: |\n    apiVersion: serving.knative.dev/v1\n    kind: Service\n    metadata: {name: shop}\n    spec:\n      traffic:\n      - revisionName: shop-00001\n        percent: 100\n`,
  `resources:\n- shop.yaml\nimages:\n- name: quay.io/example/shop\n  newTag: 2.3.1\n`,
] as const

/** One way that edits a text, and what came of it. */
function drive(text: string, pick: Pick): { readonly name: string; readonly run: () => Driven } {
  const { name, move } = moveFor(pick)
  const files = [{ path, text }]
  const asked = (request: Request): Driven => ({
    asked: JSON.stringify(move),
    ...outcomeOf(plan(files, { all: true, move, ...request })),
  })
  switch (pick(13)) {
    case 0:
      return { name: 'fix', run: () => ({ asked: 'fix', ...outcomeOf(fix(files, {})) }) }
    case 1:
      return { name: 'fn', run: () => functionOf(text, pick) }
    case 2:
    case 6:
    case 7:
      return { name: `${name} --live`, run: () => asked({ live }) }
    case 3:
    case 4:
      return { name: `${name} with Git`, run: () => asked({ histories: historyOf(text, pick), now: 9_000_000 }) }
    case 5:
    case 8:
    case 9: {
      const file = { path: 'kustomization.yaml', text: inline[pick(3)] ?? '' }
      const surroundings = { kustomizations: [file], files: [], owners: [] }
      return { name: `${name} beside patches`, run: () => asked({ surroundings, overlay: file.path, shared: true }) }
    }
    default:
      return { name, run: () => asked({ spell: pick(4) === 0 }) }
  }
}

type Driven = { readonly asked: string; readonly codes: readonly string[]; readonly isChanged: boolean }

function outcomeOf({ diagnostics, changes }: Outcome): Omit<Driven, 'asked'> {
  return { codes: diagnostics.map(({ code }) => code), isChanged: changes.length > 0 }
}

/** The Service as the item of a ResourceList. */
function functionOf(text: string, pick: Pick): Driven {
  const item = text.replace('\uFEFF', '').split(/^---.*$/m)[0] ?? ''
  const lines = item
    .trimEnd()
    .split('\n')
    .map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
  const stage = ['pin', 'split', 'promote'][pick(3)]
  const config = `functionConfig:\n  kind: ConfigMap\n  data: {stage: ${stage}, stable: shop-00001, candidate: shop-00002, services: "*"}\n`
  const list = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n${config}items:\n${lines.join('\n')}\n`
  const run = runFunction({ path: 'stdin.yaml', text: list })
  if ('code' in run) return { asked: `fn ${list}`, codes: [], isChanged: false }
  return { asked: `fn ${list}`, ...outcomeOf(run.outcome) }
}

/** Whether kubectl has read a Service among what it read. */
function isServiceFor(objects: readonly unknown[] | undefined): boolean {
  return (objects ?? []).some((one) => /"apiVersion":"serving\.knative\.dev/.test(JSON.stringify(one)))
}

/**
 * @param runs How many files.
 * @param seed The same gives the same files.
 */
export function soakEditing(runs: number, seed: number): EditingReport {
  const random = new Random(seed)
  const pick = (below: number): number => random.below(below)
  const counts: Record<string, number> = {
    changed: 0,
    refused: 0,
    threw: 0,
    KN416: 0,
    'no YAML': 0,
    'no YAML to us alone': 0,
  }
  const shares = new Map<string, number>()
  const lines: string[] = []
  const add = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1)
  let bases: readonly string[] = []
  for (let index = 0; index < runs; index++) {
    if (index % 500 === 0) {
      const numRuns = Math.min(500, runs - index)
      bases = fc.sample(fc.oneof(layouts, layouts, templates), { seed: seed + index, numRuns }).map(({ text }) => text)
    }
    let text = bases[index % 500] ?? start
    const put = new Set<string>()
    for (let count = pick(5); count > 0; count--) {
      const name = names[pick(names.length)] ?? ''
      const changed = constructs[name]?.(text, pick)
      if (changed === undefined) continue
      const isWhole = changed.startsWith(start.slice(0, 60)) || changed.startsWith(listStart)
      if (isWhole && !text.startsWith(changed.slice(0, 200))) put.clear()
      text = changed
      put.add(name)
    }
    const way = drive(text, pick)
    for (const name of [...put, way.name]) shares.set(name, (shares.get(name) ?? 0) + 1)
    let found: Driven
    try {
      found = way.run()
    } catch (error) {
      add('threw')
      lines.push(`threw: ${String(error)} ${way.name} ${JSON.stringify(text)}`)
      continue
    }
    if (found.isChanged) add('changed')
    for (const code of new Set(found.codes)) if (code.startsWith('KN4')) add(code)
    if (found.codes.includes('KN416'))
      lines.push(`KN416: ${[...put].join(', ')} ${found.asked} ${JSON.stringify(text)}`)
    const isEmpty = found.codes.includes('KN421') && !found.codes.some((code) => code.startsWith('KN1'))
    if (isEmpty && hasKubectl && isServiceFor(readByKubectl(text))) {
      add('no Service to us alone')
      lines.push(`KN421: ${[...put].join(', ')} ${JSON.stringify(text)}`)
    }
    if (found.codes.includes('KN101')) {
      add('no YAML')
      if (hasKubectl && way.name !== 'fn' && readByKubectl(text)) {
        add('no YAML to us alone')
        lines.push(`KN101: ${[...put].join(', ')} ${JSON.stringify(text)}`)
      }
    }
  }
  return { counts, lines, shares: new Map([...shares].map(([name, count]) => [name, (100 * count) / runs])) }
}
