import type { Shape } from '../manifest/schema.js'
import { readShape } from '../manifest/shape/schema-file.js'
import { Places } from '../report/position.js'
import type { SourceFile } from '../text/source.js'

/** Compiles the schema in a file, or says why it cannot judge a Knative Service, with the place in front. */
export function compileSchema(source: SourceFile): Shape | string {
  const shape = readShape(source)
  if ('check' in shape) return shape
  const { line, column } = new Places([source]).of(source.path, shape.range)
  const place = shape.range ? `${source.path}:${line}:${column}` : source.path
  return `${place}: ${shape.message}`
}
