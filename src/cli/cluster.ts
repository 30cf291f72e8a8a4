import { readNamed } from '../io/text-file.js'
import type { SourceFile } from '../text/source.js'
import { UsageError, refuseRepeated } from './usage.js'

/** The file that `--cluster` names. @throws UsageError, or IoFailure where it cannot be read. */
export function clusterFor(option: string | undefined, workingDirectory: string): { readonly cluster?: SourceFile } {
  refuseRepeated('cluster', option)
  if (option === undefined) return {}
  if (option === '') throw new UsageError('--cluster must name a file, but is empty')
  return { cluster: readNamed(option, workingDirectory) }
}
