import { Positions } from '../report/report.js'
import type { Shape } from '../schema/check.js'
import { readShape } from '../schema/file.js'
import type { SourceFile } from '../text/source.js'

/** Compiles the schema in a file, or says why it cannot judge a Knative Service, with the place in front. */
export function compileSchema(source: SourceFile): Shape | string {
  const shape = readShape(source)
  if ('check' in shape) return shape
  const { line, column } = new Positions([source]).of(source.path, shape.range)
  const place = shape.range ? `${source.path}:${line}:${column}` : source.path
  return `${place}: ${shape.message}`
}
