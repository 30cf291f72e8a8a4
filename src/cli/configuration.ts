import { readConfiguration } from '../io/config.js'
import type { SourceFile } from '../text/source.js'
import { UsageError } from './usage.js'

/**
 * The configuration that `--config` names, none with `--no-config`, else the nearest `.kn-rollout.yaml`.
 *
 * @throws UsageError where the options contradict each other; IoFailure where the file cannot be read.
 */
export function configurationFor(option: unknown, workingDirectory: string): { readonly configuration?: SourceFile } {
  if (Array.isArray(option)) {
    throw new UsageError(
      option.includes(false) ? '--config and --no-config must not be given together' : '--config must be given once',
    )
  }
  if (option === false) return {}
  if (option === '') throw new UsageError('--config must name a file, but is empty')
  const configuration = readConfiguration(typeof option === 'string' ? option : undefined, workingDirectory)
  return configuration ? { configuration } : {}
}
