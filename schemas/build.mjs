// Turns schemas/service.json into code, so that starting the program costs no schema compilation, and the fixtures into
// examples that the program can show.
//
// The schema is written for people and editors. A cluster differs in two ways, which are built in here: it reads null
// as absent, and where `x-rule` stands, a rule of this project judges the value and says more about it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

import Ajv from 'ajv'
import standaloneCode from 'ajv/dist/standalone/index.js'

import { changeOf, examplesOf } from './examples.mjs'

const judgedByRule = ['minimum', 'maximum', 'maxLength', 'pattern', 'enum']

function asCluster(schema) {
  const result = { ...schema }
  delete result.description
  if ('x-rule' in schema) for (const keyword of judgedByRule) delete result[keyword]
  for (const keyword of ['properties', '$defs']) {
    if (!schema[keyword]) continue
    result[keyword] = Object.fromEntries(
      Object.entries(schema[keyword]).map(([name, member]) => {
        return [name, schema.required?.includes(name) ? asCluster(member) : nullable(asCluster(member))]
      }),
    )
  }
  for (const keyword of ['items', 'additionalProperties'])
    if (typeof schema[keyword] === 'object') result[keyword] = nullable(asCluster(schema[keyword]))
  return result
}

/**
 * Moves every mapping with members of its own into a definition. Each becomes a function of its own, and what a manifest
 * does not use is never compiled.
 */
function hoist(schema, definitions) {
  if (typeof schema !== 'object') return schema
  const result = { ...schema }
  for (const keyword of ['$defs', '$id', '$schema', 'title']) delete result[keyword]
  for (const keyword of ['items', 'additionalProperties']) {
    if (schema[keyword] !== undefined) result[keyword] = hoist(schema[keyword], definitions)
  }
  if (!schema.properties) return result
  const members = Object.entries(schema.properties)
  result.properties = Object.fromEntries(members.map(([name, member]) => [name, hoist(member, definitions)]))
  const name = `mapping${Object.keys(definitions).length}`
  definitions[name] = result
  return { $ref: `#/$defs/${name}` }
}

/** The names of the fields of every mapping, by its path with `*` for the place of a list item or of a free key. */
function gatherFields(node, path) {
  const { $ref: ref, ...own } = node
  const schema = ref === undefined ? own : { ...cluster.$defs[ref.slice('#/$defs/'.length)], ...own }
  if (schema.properties) knownFields[path.join('.')] = Object.keys(schema.properties)
  for (const [name, member] of Object.entries(schema.properties ?? {})) gatherFields(member, [...path, name])
  for (const keyword of ['items', 'additionalProperties'])
    if (typeof schema[keyword] === 'object') gatherFields(schema[keyword], [...path, '*'])
}

function nullable(schema) {
  return schema.type === undefined ? schema : { ...schema, type: [schema.type, 'null'].flat() }
}

const root = new URL('../', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('schemas/service.json', root), 'utf8'))
const cluster = asCluster(schema)
const [definitions, knownFields, patternWords] = [{}, {}, {}]
for (const [name, definition] of Object.entries(cluster.$defs)) {
  definitions[name] = hoist(definition, definitions)
}
const hoisted = { ...hoist(cluster, definitions), $defs: definitions }
gatherFields(cluster, [])

/** Collects the words that stand beside a pattern. */
function gatherWords(node) {
  if (typeof node !== 'object' || node === null) return
  if (typeof node.pattern === 'string') patternWords[node.pattern] = { must: node['x-must'], phrase: node['x-phrase'] }
  for (const part of Object.values(node)) gatherWords(part)
}
gatherWords(cluster)
const ajv = new Ajv.default({
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  messages: false,
  inlineRefs: false,
  validateFormats: false,
  code: { source: true, esm: true },
})
ajv.addVocabulary([
  'x-rule',
  'x-must',
  'x-phrase',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
])
const code = standaloneCode.default(ajv, ajv.compile(hoisted))
rmSync(new URL('dist/', root), { recursive: true, force: true })
mkdirSync(new URL('dist/validators/', root), { recursive: true })
writeFileSync(
  new URL('dist/validators/service.mjs', root),
  [
    code,
    // Large tables that only complaints need.
    `let fields\nexport const knownFields = () => (fields ??= ${JSON.stringify(knownFields)})`,
    `export const patternWords = () => (${JSON.stringify(patternWords)})`,
  ].join('\n'),
)
writeFileSync(
  new URL('dist/validators/examples.mjs', root),
  `export default ${JSON.stringify({
    ...examplesOf(new URL('fixtures/rules/', root)),
    ...examplesOf(new URL('fixtures/guards/', root), changeOf),
    ...examplesOf(new URL('fixtures/policy/', root), changeOf),
  })}\n`,
)
