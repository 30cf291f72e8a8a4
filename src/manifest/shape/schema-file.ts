import type { Path } from '../../text/path.js'
import type { Range } from '../../text/range.js'
import type { SourceFile } from '../../text/source.js'
import { locate, type Part } from '../locate.js'
import { parseYaml, type YamlDocument } from '../parse.js'
import { readDocument, type Reading } from '../read.js'
import type { Shape } from '../schema.js'
import { definedName, definesService, describesService, isDefinition, isJsonSchema, objectsIn } from './choose.js'
import type { Found } from './choose.js'
import { compile } from './compile.js'
import { definitionCheck } from './definition.js'
import { findingsOf } from './verdict.js'

/** Why a file is no schema that can judge, and where in it; without a range the whole file is meant. */
export type ShapeFault = { readonly message: string; readonly range?: Range }

/** An object of the file, and how to tell where its parts are. */
type Placed = Found & { readonly rangeOf: (path: Path, part?: Part) => Range }

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
    return { message: 'must be a JSON schema or the CustomResourceDefinition of Knative Services, but is neither' }
  }
  const names = definitions.map((one) => `\`${definedName(one)}\``)
  const message = `must define \`services.serving.knative.dev\`, but defines ${names.join(', ')}`
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
