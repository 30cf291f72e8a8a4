import { diagnosticsText, fixesText, summaryText } from '../report/text.js'
import { unseenText } from '../report/unseen.js'
import { changedFor } from './changed.js'
import { clusterFor } from './cluster.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { handedOn, patches, writeChanges, writtenText } from './edited.js'
import { exitCode } from './exit.js'
import { load, refusePiped, withUnread } from './load.js'
import type { ValidateOptions } from './options.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { schemaFor } from './schema.js'
import { coloursFor, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'

/** Shows what `validate --fix` mends as a patch, or writes it, and reports what is left. */
export async function validateAndFix(options: ValidateOptions, terminal: Terminal): Promise<number> {
  if (options.write && options.check) throw new UsageError('--check and --write must not be given together')
  const wanted = destinations(options, terminal)
  const configuration = configurationFor(options.config, terminal.workingDirectory)
  const loading = load(options.path, terminal, { isWhole: false })
  const [schema, changed, loaded, { fix }] = await Promise.all([
    schemaFor(options.schema, terminal.workingDirectory),
    changedFor(options['changed-since'], wanted, terminal, loading),
    loading,
    import('../pipeline/fix.js'),
  ])
  if (options.write) refusePiped(loaded)
  const { surroundings } = loaded
  const asked = {
    services: options.service ?? [],
    ...profileIn(options),
    ...configuration,
    ...clusterFor(options.cluster, terminal.workingDirectory),
    ...schema,
    ...(surroundings && { surroundings }),
  }
  const fixed = fix(loaded.sources, asked, options.write)
  const outcome = withUnread(fixed, loaded)
  keepManifests(wanted, outcome, loaded)
  if (options.write) await writeChanges(outcome, loaded, terminal)
  const isRead = hasReader(wanted)
  const colours = coloursFor(terminal.stderr, terminal, options.color)
  if (isRead) await say(terminal, fixesText(outcome, colours) + diagnosticsText(outcome, colours))
  const own = options.write
    ? ({ text: handedOn, textIs: 'manifest' } as const)
    : ({ text: patches, textIs: 'patch' } as const)
  await report(outcome, wanted, { ...options, ...changed }, terminal, own)
  if (isRead && !options.write) await say(terminal, unseenText(outcome, colours))
  if (isRead) await say(terminal, (options.write ? writtenText(outcome) : '') + summaryText(outcome))
  return exitCode(outcome, options)
}
