import { readNamed } from '../io/text-file.js'
import type { Shape } from '../manifest/schema.js'
import { UsageError, refuseRepeated } from './usage.js'

/**
 * The schema that `--schema` names, ready to judge; nothing without the option. What compiles it is loaded only then.
 *
 * @throws UsageError, IoFailure where the file cannot be read, or is no schema that can judge a Knative Service.
 */
export async function schemaFor(
  option: string | undefined,
  workingDirectory: string,
): Promise<{ readonly shape?: Shape }> {
  if (option === undefined) return {}
  refuseRepeated('schema', option)
  if (option === '') throw new UsageError('--schema must name a file, but is empty')
  const source = readNamed(option, workingDirectory)
  const { compileSchema } = await import('./compile-schema.js')
  const shape = compileSchema(source)
  if (typeof shape === 'string') throw new UsageError(shape)
  return { shape }
}
