import type { Outcome } from '../pipeline/outcome.js'
import type { Paint } from '../report/colour.js'
import type { Render } from '../report/render.js'
import { changesText, diagnosticsText } from '../report/text.js'
import type { Stage } from '../stages/stage.js'
import { stages } from '../stages/table.js'
import { hasErrors } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { handedOn, patches, writeChanges, writtenText } from './edited.js'
import { exitCode } from './exit.js'
import { load } from './load.js'
import type { ApplyOptions } from './options.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { coloursFor, say, type Terminal } from './terminal.js'
import { UsageError, refuseRepeated } from './usage.js'

/** Shows what a stage changes as a patch, or writes it. All Services move, or none. */
export async function apply(options: ApplyOptions, terminal: Terminal): Promise<number> {
  const stage = stageNamed(options.stage)
  const { stable, candidate, tag, service, all } = options
  for (const [flag, value] of Object.entries({ stable, candidate, tag, percent: options.percent }))
    refuseRepeated(flag, value)
  const percent = options.percent === undefined ? undefined : percentFrom(options.percent)
  if (options.write && options.check) throw new UsageError('--check and --write must not be given together')
  const wanted = destinations(options, terminal.workingDirectory)
  const configuration = configurationFor(options.config, terminal.workingDirectory)
  const [loaded, { plan }] = await Promise.all([load(options.path, terminal), import('../pipeline/plan.js')])
  const planned = plan(loaded.sources, {
    all,
    services: service ?? [],
    ...profileIn(options),
    ...configuration,
    stage: { stage, ...given({ stable, candidate, tag, percent }) },
  })
  const outcome: Outcome = { ...planned, diagnostics: [...loaded.diagnostics, ...planned.diagnostics] }
  keepManifests(wanted, outcome, loaded)
  const isBlocked = options.write && blocksWriting(outcome, options.force)
  if (options.write && !isBlocked) writeChanges(outcome, loaded)
  const isRead = hasReader(wanted)
  if (isRead) await say(terminal, talkOf(outcome, coloursFor(terminal.stderr, terminal, options.color)))
  await report(outcome, wanted, options, terminal, { text: options.write ? filtered : patches })
  if (isRead) await say(terminal, closing(outcome, options, isBlocked))
  return exitCode(outcome, options)
}

function stageNamed(name: string): Stage {
  const stage = stages.find((one) => one.name === name)
  if (stage) return stage
  const names = stages.map((one) => one.name)
  const close = nearest(name, names)
  throw new UsageError(
    `unknown stage \`${name}\`${close === undefined ? '' : `; did you mean \`${close}\`?`} The stages are ${names.join(', ')}.`,
  )
}

function percentFrom(text: string): number {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  throw new UsageError(`--percent must be a number from 1 to 99, but is \`${text}\``)
}

/** Leaves out what was not given, so that an absent flag and an undefined one are the same. */
function given<T extends object>(flags: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(flags)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}

/** Refusals always block: all Services move or none. Errors that a Service had before block unless forced. */
function blocksWriting({ diagnostics }: Outcome, isForced: boolean): boolean {
  return diagnostics.some(({ severity, code }) => severity === 'error' && (!isForced || code.startsWith('KN4')))
}

function talkOf(outcome: Outcome, colours: Paint): string {
  return diagnosticsText(outcome, colours) + changesText(outcome, colours)
}

/** A filter hands on nothing that is wrong. */
const filtered: Render = (outcome, options) => (hasErrors(outcome.diagnostics) ? '' : handedOn(outcome, options))

function closing(outcome: Outcome, { write: isWriting, stage }: ApplyOptions, isBlocked: boolean): string {
  if (isBlocked)
    return 'nothing was written because of the errors above; --force writes where only the manifest itself has errors\n'
  if (outcome.changes.length > 0) return isWriting ? writtenText(outcome) : ''
  return hasErrors(outcome.diagnostics) ? '' : `nothing to change: the stage \`${stage}\` is already there\n`
}
