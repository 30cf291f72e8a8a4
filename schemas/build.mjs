// Turns schemas/service.json into code, so that starting the program costs no schema compilation.
//
// The schema is written for people and editors. A cluster differs in two ways, which are built in here: it reads null
// as absent, and where `x-rule` stands, a rule of this project judges the value and says more about it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

import Ajv2020 from 'ajv/dist/2020.js'
import standaloneCode from 'ajv/dist/standalone/index.js'

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

function nullable(schema) {
  return schema.type === undefined ? schema : { ...schema, type: [schema.type, 'null'].flat() }
}

const root = new URL('../', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('schemas/service.json', root), 'utf8'))
const ajv = new Ajv2020.default({
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  validateFormats: false,
  // Errors carry the names of the fields that are known at their place.
  verbose: true,
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
const code = standaloneCode.default(ajv, ajv.compile(asCluster(schema)))
mkdirSync(new URL('dist/validators/', root), { recursive: true })
writeFileSync(new URL('dist/validators/service.js', root), code)
