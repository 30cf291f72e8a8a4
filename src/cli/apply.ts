import type { Argv } from 'yargs'

import { writeAll } from '../io/write.js'
import { plan } from '../pipeline/plan.js'
import type { Outcome } from '../pipeline/outcome.js'
import { colourPatch } from '../report/colour.js'
import { jsonReport } from '../report/json.js'
import { changesText, diagnosticsText } from '../report/text.js'
import type { Stage } from '../stages/stage.js'
import { stages } from '../stages/table.js'
import { nearest } from '../text/nearest.js'
import { exitCode } from './exit.js'
import { load, stdinPath, type Loaded } from './load.js'
import { fileOptions } from './options.js'
import { coloursFor, print, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'

export const applyOptions = <T>(yargs: Argv<T>) =>
  fileOptions(yargs)
    .positional('stage', {
      describe: 'pin, preview, split, promote, retire or rollback',
      type: 'string',
      demandOption: true,
    })
    .option('stable', {
      type: 'string',
      requiresArg: true,
      describe: 'the revision that serves today; {{.Service}} stands for the name',
    })
    .option('candidate', { type: 'string', requiresArg: true, describe: 'the revision being rolled out, or @latest' })
    .option('tag', { type: 'string', requiresArg: true, describe: "the name of the candidate's own route" })
    .option('percent', { type: 'number', requiresArg: true, describe: "the candidate's share in a split, 1 to 99" })
    .option('all', { type: 'boolean', default: false, describe: 'move every Service that is found' })
    .option('write', {
      alias: 'w',
      type: 'boolean',
      default: false,
      describe: 'write the files instead of printing a patch',
    })
    .option('check', { type: 'boolean', default: false, describe: 'exit with 1 if there is anything to change' })
    .option('force', { type: 'boolean', default: false, describe: 'write also where a Service has errors of its own' })
    .example('$0 apply pin shop.yaml --stable shop-00001', 'tie all traffic to the first revision')
    .example('$0 apply preview shop.yaml --candidate shop-00002 --tag v2', 'give the second one a route of its own')
    .example('$0 apply split shop.yaml --percent 10 | git apply', 'send it 10 % of the traffic')
    .example("$0 apply promote --all --candidate '{{.Service}}-00002' --write", 'move every Service at once')

type Options = Awaited<ReturnType<typeof applyOptions>['argv']>

/** Shows what a stage changes as a patch, or writes it. All Services move, or none. */
export async function apply(options: Options, terminal: Terminal): Promise<number> {
  const stage = stageNamed(options.stage)
  const { stable, candidate, tag, percent, service, all } = options
  if (percent !== undefined && Number.isNaN(percent)) throw new UsageError('--percent must be a number from 1 to 99')
  const loaded = await load(options.path, terminal)
  const planned = plan(loaded.sources, {
    all,
    services: service ?? [],
    stage: { stage, ...given({ stable, candidate, tag, percent }) },
  })
  const outcome: Outcome = { ...planned, diagnostics: [...loaded.diagnostics, ...planned.diagnostics] }
  const isBlocked = options.write && blocksWriting(outcome, options.force)
  if (options.write && !isBlocked) write(outcome, loaded)
  await report(outcome, options, terminal)
  if (options.format === 'text') await say(terminal, closing(outcome, options, isBlocked))
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

function write({ changes }: Outcome, { realPaths }: Loaded): void {
  writeAll(
    changes.flatMap(({ file, text }) => {
      const path = realPaths.get(file.path)
      return path === undefined ? [] : [{ path, before: file.text, after: text }]
    }),
  )
}

async function report(outcome: Outcome, options: Options, terminal: Terminal): Promise<void> {
  if (options.format === 'json') return print(terminal, jsonReport(outcome))
  const talk = coloursFor(terminal.stderr, terminal, options.color)
  await say(terminal, diagnosticsText(outcome, talk) + changesText(outcome, talk))
  const fromStdin = outcome.changes.find(({ file }) => file.path === stdinPath)
  if (options.write) return fromStdin && print(terminal, fromStdin.text)
  const patch = outcome.changes.map((change) => change.patch).join('')
  return print(terminal, colourPatch(patch, coloursFor(terminal.stdout, terminal, options.color)))
}

function closing({ changes, diagnostics }: Outcome, { write: isWriting, stage }: Options, isBlocked: boolean): string {
  if (isBlocked)
    return 'nothing was written because of the errors above; --force writes where only the manifest itself has errors\n'
  const files = `${changes.length} file${changes.length === 1 ? '' : 's'}`
  if (changes.length > 0) return isWriting ? `${files} written\n` : ''
  return diagnostics.some(({ severity }) => severity === 'error')
    ? ''
    : `nothing to change: the stage \`${stage}\` is already there\n`
}
