import { locate, type Part } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { readDocument, type Reading } from '../yaml/read.js'
import { checkBuiltIn, type SchemaFinding, type Shape } from './check.js'
import { compile, type CompileFault, findingsOf, type Judge } from './compile.js'

/** A value and where it stands in its document. */
type ValueAt = { readonly value: JsonObject; readonly path: Path }

/** The objects of a document: itself, or the items of a List. */
function objectsIn(document: Json): readonly ValueAt[] {
  if (!isObject(document)) return []
  const items = member(document, 'items')
  if (!textAt(document, 'kind').endsWith('List') || !isList(items)) return [{ value: document, path: [] }]
  return items.flatMap((item, index) => (isObject(item) ? [{ value: item, path: ['items', index] }] : []))
}

/** Whether an object is a CustomResourceDefinition, whatever it defines. */
function isDefinition({ value }: ValueAt): boolean {
  return textAt(value, 'kind') === 'CustomResourceDefinition'
}

/** Whether a CustomResourceDefinition defines the Services of Knative. */
function definesService({ value }: ValueAt): boolean {
  return (
    textAt(value, 'spec', 'group') === 'serving.knative.dev' && textAt(value, 'spec', 'names', 'kind') === 'Service'
  )
}

/** What a CustomResourceDefinition defines, as `kubectl get crd` names it. */
function definedName({ value }: ValueAt): string {
  return textAt(value, 'metadata', 'name') || textAt(value, 'spec', 'names', 'kind') || 'no name'
}

const schemaWords = ['$schema', '$ref', 'type', 'properties', 'allOf', 'anyOf', 'oneOf', '$defs', 'definitions']

/** Whether an object is a JSON schema: it says so, or uses its words and is no Kubernetes object. */
function isJsonSchema({ value }: ValueAt): boolean {
  if (textAt(value, '$schema') !== '') return true
  return textAt(value, 'apiVersion') === '' && schemaWords.some((word) => Object.hasOwn(value, word))
}

/** Whether a JSON schema says that it is about an object of the kind Service. */
function describesService({ value }: ValueAt): boolean {
  const kind = member(value, 'properties', 'kind')
  const kinds = member(kind, 'enum')
  return member(kind, 'const') === 'Service' || (isList(kinds) && kinds.includes('Service'))
}

/** A text at the end of `keys`, or `''`. */
function textAt(value: Json, ...keys: readonly string[]): string {
  const found = member(value, ...keys)
  return typeof found === 'string' ? found : ''
}

const group = 'serving.knative.dev'

/** The judge that a CustomResourceDefinition is: each Service by the served version that it names. */
function definitionCheck({ value }: ValueAt): Shape['check'] | CompileFault {
  if (textAt(value, 'apiVersion') !== 'apiextensions.k8s.io/v1') {
    const found = JSON.stringify(textAt(value, 'apiVersion'))
    return { reason: `\`apiVersion\` is ${found}; must be \`apiextensions.k8s.io/v1\``, path: ['apiVersion'] }
  }
  const versions = member(value, 'spec', 'versions')
  const judges = new Map<string, Judge>()
  for (const [index, version] of (isList(versions) ? versions : []).entries()) {
    if (member(version, 'served') !== true) continue
    const judge = judgeOf(version, ['spec', 'versions', index])
    if ('reason' in judge) return judge
    judges.set(`${group}/${textAt(version, 'name')}`, judge)
  }
  if (judges.size === 0) return { reason: '`spec.versions` has no served version', path: ['spec', 'versions'] }
  return (manifest) => checkValue(manifest.value, judges)
}

function judgeOf(version: Json, path: Path): Judge | CompileFault {
  const at = [...path, 'schema', 'openAPIV3Schema']
  const schema = member(version, 'schema', 'openAPIV3Schema')
  if (!isObject(schema)) return { reason: 'a served version has no `schema.openAPIV3Schema`', path: at }
  const judge = compile(rootSchema(schema), true)
  return 'reason' in judge ? { ...judge, path: [...at, ...judge.path] } : judge
}

/** What every object has, the API server judges itself. */
function rootSchema(schema: JsonObject): JsonObject {
  const own = member(schema, 'properties')
  return { ...schema, properties: { ...(isObject(own) ? own : {}), apiVersion: {}, kind: {}, metadata: {} } }
}

function checkValue(value: JsonObject, judges: ReadonlyMap<string, Judge>): readonly SchemaFinding[] {
  const judge = judges.get(textAt(value, 'apiVersion'))
  if (!judge) return [unserved(value, [...judges.keys()])]
  const common = checkBuiltIn({ value }).filter(({ path }) => path[0] === 'metadata')
  return [...common, ...findingsOf(judge, completed(value), true)]
}

function unserved(value: JsonObject, served: readonly string[]): SchemaFinding {
  const found = textAt(value, 'apiVersion')
  return {
    code: 'KN204',
    message: `\`apiVersion\` is \`${found}\`; must be ${served.map((name) => `\`${name}\``).join(' or ')}`,
    says: { by: 'Kubernetes', text: `no matches for kind "Service" in version "${found}"` },
    path: ['apiVersion'],
  }
}

/** Knative's webhook writes what Go has for fields that are absent, before the API server looks for what is missing. */
function completed(value: JsonObject): JsonObject {
  return filled(value, ['spec', 'template', 'spec'])
}

function filled(value: JsonObject, [key, ...rest]: readonly string[]): JsonObject {
  if (key === undefined) return value
  const found = member(value, key) ?? {}
  return isObject(found) ? { ...value, [key]: filled(found, rest) } : value
}

/** Why a file is no schema that can judge, and where in it; without a range the whole file is meant. */
export type ShapeFault = { readonly message: string; readonly range?: Range }

/** An object of the file, and how to tell where its parts are. */
type Placed = ValueAt & { readonly rangeOf: (path: Path, part?: Part) => Range }

/**
 * Reads a schema that is to judge the shape of Services: a CustomResourceDefinition of `services.serving.knative.dev`, or
 * a JSON schema. Of several the one that fits is taken. Pure, and total: what is wrong with the file ends in a fault.
 */
export function readShape(source: SourceFile): Shape | ShapeFault {
  const { documents, faults } = parseYaml(source)
  const [fault] = faults
  if (documents.length === 0 && fault) return fault
  const read = documents.map((document) => ({ document, reading: readDocument(document.contents, source.text) }))
  const unreadable = read.flatMap(({ reading }) => reading.faults).find(({ code }) => code !== 'KN105')
  if (unreadable) return unreadable
  return choose(
    source.path,
    read.flatMap(({ document, reading }) => placed(document, reading)),
  )
}

function placed(document: YamlDocument, { value, targets }: Reading): readonly Placed[] {
  return objectsIn(value).map((found) => ({
    ...found,
    rangeOf: (path, part) => locate({ document, targets, root: found.path }, path, part),
  }))
}

function choose(file: string, objects: readonly Placed[]): Shape | ShapeFault {
  const definitions = objects.filter(isDefinition)
  const definition = definitions.find(definesService)
  if (definition) {
    const check = definitionCheck(definition)
    return 'reason' in check ? faultAt(definition, check) : { file, kind: 'CustomResourceDefinition', check }
  }
  const schemas = objects.filter(isJsonSchema)
  const schema = schemas.find(describesService) ?? schemas[0]
  if (schema) return jsonSchema(file, schema)
  const [other] = definitions
  if (!other) {
    return { message: 'is neither a JSON schema nor the CustomResourceDefinition of Knative Services' }
  }
  const names = definitions.map((one) => `\`${definedName(one)}\``)
  const message = `defines ${names.join(', ')}; must define \`services.serving.knative.dev\``
  return { message, range: other.rangeOf(['metadata', 'name']) }
}

function jsonSchema(file: string, schema: Placed): Shape | ShapeFault {
  const judge = compile(schema.value, false)
  if ('reason' in judge) return faultAt(schema, judge)
  return { file, kind: 'JSON Schema', check: ({ value }) => findingsOf(judge, value, false) }
}

function faultAt({ rangeOf }: Placed, { reason, path }: { readonly reason: string; readonly path: Path }): ShapeFault {
  return { message: reason, range: rangeOf(path, path.length === 0 ? 'key' : 'value') }
}
