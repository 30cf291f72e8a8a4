// Writes the reference of all codes, docs/rules.md, the manual page, docs/kn-rollout.1, and the codes and stages that a configuration can name into
// schemas/config.json; with --check only says whether they are up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

import { isLasting } from '../src/codes/code.js'
import { defaultKeys, featureKeys, type DefaultKind } from '../src/config/cluster-settings.js'
import { allCodes } from '../src/pipeline/codes.js'
import { settings } from '../src/config/config.js'
import { explanations, type Explanation } from '../src/pipeline/explain.js'
import { releaseFieldRows } from '../src/stages/release-fields.js'
import { stages } from '../src/stages/stages.js'
import { quantity } from '../src/text/words.js'
import { manual } from './manual.js'

const root = new URL('../', import.meta.url)

function read(name: string): string {
  const file = new URL(name, root)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function severityOf({ severity, optional, fixable }: Explanation): string {
  return `${severity}${optional ? ', optional' : ''}${fixable ? ', fixable' : ''}`
}

/** The subjects of the page, each with the first number of its codes. */
const subjects: readonly (readonly [first: number, title: string])[] = [
  [101, 'YAML and files'],
  [190, 'Ignore comments, configuration and snapshots'],
  [201, 'Schema'],
  [301, 'Traffic targets and tags'],
  [320, 'Revision names and copies of a Service'],
  [330, 'Metadata of the Service'],
  [340, 'Autoscaling'],
  [349, 'Other annotations and metadata of the template'],
  [360, 'Revision settings and feature flags'],
  [370, 'Containers'],
  [390, 'Volumes and variables'],
  [401, 'Refusals: roles, tags and percents of a stage'],
  [410, 'Refusals: files and edits'],
  [430, 'Refusals and notes: plans and revisions'],
  [440, 'Refusals and notes: releases'],
  [450, 'Refusals and notes: set, rollback and restore'],
  [460, 'Refusals and notes: overlays and controllers'],
  [501, 'Changes, from base commit to head'],
  [601, 'kustomize, Argo CD and Flux'],
]

/** The codes of each subject, in order. */
function bySubject(): readonly (readonly [title: string, rows: readonly Explanation[]])[] {
  const all = explanations()
  return subjects.map(([first, title], index) => {
    const end = subjects[index + 1]?.[0] ?? Infinity
    return [title, all.filter(({ code }) => Number(code.slice(2)) >= first && Number(code.slice(2)) < end)]
  })
}

function table(explained: readonly Explanation[]): string {
  const rows = explained.map((row) => {
    return `| [${row.code}](#${row.code.toLowerCase()}) | \`${row.name}\` | ${severityOf(row)} | ${row.title} |`
  })
  return ['| code | name | severity | title |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** The folder that holds the fixture of a code. */
function roomOf(code: string): string {
  return ['guards', 'policy'].find((room) => existsSync(new URL(`fixtures/${room}/${code}.yaml`, root))) ?? 'rules'
}

function section(explanation: Explanation): string {
  const { code, name, title, why, source, example } = explanation
  const links = [
    ...(example ? [`[Examples](../fixtures/${roomOf(code)}/${code}.yaml)`] : []),
    ...(source === undefined ? [] : [`source: \`${source}\``]),
  ]
  const parts = [`### ${code}`, `\`${name}\`, **${severityOf(explanation)}**: ${title}`, why]
  return [...parts, ...(links.length > 0 ? [links.join('; ')] : [])].join('\n\n')
}

/** The name that GitHub gives to a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}

function reference(): string {
  return `${[
    '# Rules',
    'Every code, grouped by subject: what happens, why it matters and how to fix it. A name works wherever the number does. Only `kn-rollout check` reports KN5xx. `kn-rollout explain CODE` shows the same with an example. Sources without a host are paths in [knative/serving](https://github.com/knative/serving).',
    subjects.map(([, title]) => `- [${title}](#${anchorOf(title)})`).join('\n'),
    ...bySubject().flatMap(([title, rows]) => [`## ${title}`, table(rows), ...rows.map(section)]),
  ].join('\n\n')}\n`
}

type Schema = {
  properties: {
    rules: { properties: object }
    cluster: { properties: Record<'defaults' | 'features', { properties: object }> }
  }
  definitions: Readonly<Record<'builtIn' | 'builtInWithShare' | 'builtInWithAll' | 'ownName', object>>
}

/** Words as editors offer them, and as they may be written. */
function anyCase(words: readonly string[]): readonly object[] {
  return [{ enum: words }, { type: 'string', pattern: `^(?:${words.map(eitherCase).join('|')})$` }]
}

function eitherCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (one) => `[${one.toUpperCase()}${one}]`)
}

/** How defaults of config-defaults are written. */
const forms: Readonly<Record<DefaultKind, object>> = {
  boolean: { anyOf: [{ type: 'boolean' }, ...anyCase(['true', 'false'])] },
  tristate: { anyOf: [{ type: 'boolean' }, ...anyCase(['true', 'false', 'default'])] },
  count: {
    anyOf: [
      { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 },
      { type: 'string', pattern: String.raw`^\d{1,15}$` },
    ],
  },
  quantity: { anyOf: [{ type: 'number' }, { type: 'string', pattern: quantity.source }] },
  template: { type: ['string', 'number', 'boolean'], minLength: 1 },
}

function namesOf(rows: typeof stages): readonly string[] {
  return rows.map(({ name }) => name)
}

/** What the stage of a step can be called: the ones that the table has, and any name of a plan's own. */
function stageNames(): Schema['definitions'] {
  const planned = stages.filter(({ isWayBack }) => !isWayBack)
  const waysBack = namesOf(stages.filter(({ isWayBack }) => isWayBack)).map((name) => `${name}$`)
  return {
    builtIn: { enum: namesOf(planned) },
    builtInWithShare: { enum: namesOf(planned.filter(({ flags }) => flags.includes('percent'))) },
    builtInWithAll: { enum: namesOf(planned.filter(({ share }) => share === 100)) },
    ownName: {
      type: ['string', 'integer', 'boolean'],
      minimum: 0,
      pattern: `^(?!${waysBack.join('|')})[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`,
    },
  }
}

/** JSON as the formatter has it: lists of plain values on one line. */
function inLines(schema: object): string {
  const lists = /\[\n\s+((?:(?:"(?:[^"\\]|\\.)*"|[^\s"[\]{},]+)(?:,\s+)?)+)\n\s+\]/g
  const text = `${JSON.stringify(schema, undefined, 2)}\n`
  // A list of one list, too.
  return text
    .replaceAll(lists, (_, items: string) => `[${items.replaceAll(/,\n\s+/g, ', ')}]`)
    .replaceAll(/\[\n\s+(\[[^[\]\n]*\])\n\s+\]/g, '[$1]')
}

/** The codes, the stages and the settings of a cluster that a configuration can have, so that editors offer them with what they mean. */
function withCodes(text: string): string {
  const schema = JSON.parse(text) as Schema
  schema.properties.rules.properties = Object.fromEntries(
    allCodes()
      .filter(({ code }) => !isLasting(code))
      .flatMap(({ code, name, severity, title, optional }) => {
        const description = `${title} (${optional ? 'off until it is set' : severity})`
        return [code, name].map((word) => [word, { description, enum: settings }])
      }),
  )
  const { defaults, features } = schema.properties.cluster.properties
  features.properties = Object.fromEntries(
    Object.entries(featureKeys).map(([key, { stock, values, what }]) => {
      return [key, { description: `${what} (${stock} in a default installation)`, anyOf: anyCase(values) }]
    }),
  )
  defaults.properties = Object.fromEntries(
    Object.entries(defaultKeys).map(([key, { kind, what }]) => [key, { description: what, ...forms[kind] }]),
  )
  for (const part of [features, defaults])
    part.properties = { ...part.properties, _example: { description: 'The example of a release; it has no effect.' } }
  schema.definitions = { ...schema.definitions, ...stageNames() }
  return inLines(schema)
}

/** What regular expressions of Go and others lack: looking around, going back, escapes of JavaScript alone. */
const unportable = /\(\?[=!<]|\\[1-9u0]/

/** What stands in place of patterns that only JavaScript reads: the same, but for an empty quantity. */
const portable: Readonly<Record<string, string>> = {
  quantity: String.raw`^\s*[+-]?[0-9]*(\.[0-9]*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?\s*$`,
}

/** The schema of Services for validators that are not written in JavaScript, kubeconform among them. */
function portableService(text: string): string {
  const schema = JSON.parse(text) as {
    $id: string
    $defs: Record<string, { pattern?: string }>
  }
  schema.$id = schema.$id.replace('service.json', 'serving.knative.dev/service_v1.json')
  for (const [name, definition] of Object.entries(schema.$defs)) {
    const { pattern } = definition
    if (pattern === undefined || !unportable.test(pattern)) continue
    const { [name]: wider } = portable
    if (wider === undefined) delete definition.pattern
    else definition.pattern = wider
  }
  return inLines(schema)
}

/** The schema of reports with the fields that a release sets, between the image and the revision name of a template. */
function withFields(text: string): string {
  const fields = releaseFieldRows.map(
    ({ key, reported }) => `        "${key}": {
          "description": ${JSON.stringify(reported)},
          "type": "array",
          "items": { "$ref": "#/$defs/named" }
        },
`,
  )
  const between = /(?<=\n {8}"image": \{\n(?:(?: {9}.*)?\n)* {8}\},\n)(?: {8,}.*\n)*?(?= {8}"revisionName": \{\n)/
  return text.replace(between, fields.join(''))
}

const pages: Readonly<Record<string, string>> = {
  'docs/rules.md': reference(),
  'docs/kn-rollout.1': manual(),
  'schemas/config.json': withCodes(read('schemas/config.json')),
  'schemas/report.json': withFields(read('schemas/report.json')),
  'schemas/serving.knative.dev/service_v1.json': portableService(read('schemas/service.json')),
}
for (const [name, fresh] of Object.entries(pages)) {
  if (fresh === read(name)) console.log(`${name}: up to date`)
  else if (process.argv.includes('--check')) {
    console.error(`${name}: out of date; run \`npm run docs\``)
    process.exitCode = 1
  } else {
    mkdirSync(new URL('.', new URL(name, root)), { recursive: true })
    writeFileSync(new URL(name, root), fresh)
  }
}
