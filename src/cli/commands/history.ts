import type { Argv } from 'yargs'

import { historiesWithBuilt } from '../history.js'
import { colorOption, configOption, onStdout, pathOption } from '../options.js'
import { clockOf, coloursFor, glyphsFor, print, printText, refuseRepeated, type Terminal } from '../terminal.js'
import { openWorkspace } from '../workspace.js'

/** The options of `history`. */
export function historyOptions<T>(yargs: Argv<T>) {
  const own = pathOption(
    yargs.positional('service', {
      describe: '[NAMESPACE/]NAME of a Service; may have *',
      type: 'string',
      demandOption: true,
    }),
  )
    .option('format', onStdout)
    .option('color', colorOption)
  return configOption(own)
    .example('$0 shop', 'the traffic of shop, commit by commit')
    .example("$0 'prod/*' --format json", 'of every Service of a namespace, for a program')
}

export type HistoryOptions = Awaited<ReturnType<typeof historyOptions>['argv']>

/** Shows what became of the traffic of a Service, by the commits of its file, or of all that a kustomize root builds it from. */
export async function runHistory(options: HistoryOptions, terminal: Terminal): Promise<number> {
  const { service, format } = options
  for (const [flag, value] of Object.entries({ format })) refuseRepeated(flag, value)
  const [{ loaded, request }, work] = await Promise.all([
    openWorkspace({ ...options, service: [service] }, terminal, { scope: { isWhole: true } }),
    import('./status-work.js'),
  ])
  const histories = await historiesWithBuilt(loaded, terminal)
  const told = work.statusOf(loaded.sources, { ...request, histories, now: clockOf(terminal), more: 'history' })
  const shown = work.withReading(told, loaded)
  const failed = work.exitCodeFor(told.diagnostics)
  if (format === 'json') {
    await print(terminal, work.historyJson(shown))
    return failed
  }
  await work.sayFindings(shown, terminal, options.color)
  const colours = coloursFor(terminal.stdout, terminal, options.color)
  await printText(terminal, work.historyText(shown, { colours, glyphs: glyphsFor(terminal) }))
  return failed
}
