import type { Argv } from 'yargs'

import { LogAhead } from '../../io/history.js'
import type { Status } from '../../pipeline/status.js'
import { historiesWithBuilt } from '../history.js'
import {
  colorOption,
  configOption,
  domainOption,
  kustomizeOption,
  liveOption,
  serviceOptions,
  urlTemplateOption,
} from '../options.js'
import {
  announced,
  clockOf,
  coloursFor,
  glyphsFor,
  print,
  printText,
  refuseRepeated,
  say,
  type Terminal,
} from '../terminal.js'
import { openWorkspace } from '../workspace.js'

/** The options of `status`. */
export function statusOptions<T>(yargs: Argv<T>) {
  const own = serviceOptions(yargs)
    .option('stage', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'Show only Services in this stage, or in the state `latest` or `unrecognized`; repeatable',
    })
    .option('rolling', { type: 'boolean', default: false, describe: 'Former name of --in-progress' })
    .hide('rolling')
    .option('in-progress', {
      type: 'boolean',
      default: false,
      describe: 'Show only Services with a rollout in progress or with unrecognized traffic',
    })
    .option('git', { type: 'boolean', default: true, describe: 'Read times from Git (faster with --no-git)' })
    .option('live', liveOption)
    .option('domain', domainOption)
    .option('url-template', urlTemplateOption)
    .option('format', {
      type: 'string',
      choices: ['text', 'json', 'markdown', 'html'] as const,
      default: 'text',
      describe: 'Output format',
    })
    .option('color', colorOption)
  return configOption(own.option('kustomize', kustomizeOption))
    .example('$0', 'every Service of the repository')
    .example('$0 --in-progress', 'rollouts in progress')
    .example('$0 apps --stage preview --domain acme.dev', 'previews to test, with their URLs')
    .example('$0 --format markdown >> "$GITHUB_STEP_SUMMARY"', 'the same as a page')
    .example('$0 --format html > rollouts.html', 'a self-contained page with the traffic history')
}

export type StatusOptions = Awaited<ReturnType<typeof statusOptions>['argv']>

/** Shows where the rollout of every Service stands. Findings are no reason to fail: nothing is judged. */
export async function runStatus(options: StatusOptions, terminal: Terminal): Promise<number> {
  for (const flag of ['format', 'git', 'rolling', 'in-progress'] as const) refuseRepeated(flag, options[flag])
  const ahead = new LogAhead(terminal.environment)
  try {
    return await shownOf(options, terminal, ahead)
  } finally {
    ahead.drop()
  }
}

async function shownOf(options: StatusOptions, terminal: Terminal, ahead: LogAhead): Promise<number> {
  const now = clockOf(terminal)
  const onMarked = (files: readonly string[], root: string): void => ahead.meet(root, files)
  const [{ loaded, request }, work] = await Promise.all([
    openWorkspace(options, terminal, { scope: { isWhole: true, ...(options.git && { onMarked }) } }),
    import('./status-work.js'),
  ])
  const isPage = options.format === 'html'
  const need = { log: ahead.log, isShort: !isPage }
  const histories = options.git ? await historiesWithBuilt(loaded, terminal, need) : undefined
  const real = options.kustomize ? await (await import('../built.js')).withRealBuilds(loaded, terminal) : {}
  const whole = {
    ...request,
    ...real,
    // `odd` is the former name.
    stages: (options.stage ?? []).map((name) => (name === 'odd' ? 'unrecognized' : name)),
    rolling: options['in-progress'] || options.rolling,
    now,
    ...(histories && { histories }),
    ...(isPage && { more: 'history' as const }),
  }
  const told = await announced('reading', loaded, terminal, () => work.statusOf(loaded.sources, whole))
  const shown = work.withReading(told, loaded)
  const failed = work.exitCodeFor(told.diagnostics)
  const { scheme, isAssumed } = told
  if (options.format === 'json') {
    await print(terminal, work.statusJson(shown, now))
    return failed
  }
  await work.sayFindings(shown, terminal, options.color)
  if (failed !== 0) return failed
  const glyphs = glyphsFor(terminal)
  const colours = coloursFor(terminal.stdout, terminal, options.color)
  const width = terminal.stdout.isTTY ? terminal.stdout.columns : undefined
  const table = { colours, glyphs, now, ...(width && { width }) }
  if (options.format === 'text') await printText(terminal, work.statusText(shown, table))
  else if (isPage) await print(terminal, await pageOf(shown, options, terminal))
  else await print(terminal, work.statusMarkdown(shown, now))
  const notes = work.footnotes(shown).map((note) => `${note}\n`)
  const isGuess = isAssumed && shown.rows.some(({ url }) => url.includes(scheme.domain))
  const guess = isGuess ? [`URLs use the domain ${scheme.domain}; add --domain for yours\n`] : []
  await say(terminal, `${[...notes, ...guess].join('')}${work.statusSummary(shown)}\n`)
  return 0
}

/** The page, with links to commits where the remote is on a host that is known. */
async function pageOf(shown: Status, { git }: StatusOptions, terminal: Terminal): Promise<string> {
  const [{ statusHtml }, { commitPrefix }, { originUrl }] = await Promise.all([
    import('../../report/status-html.js'),
    import('../../report/web-links.js'),
    import('../../io/git/repository.js'),
  ])
  const remote = git ? await originUrl(terminal.workingDirectory, terminal.environment) : undefined
  const prefix = remote === undefined ? undefined : commitPrefix(remote)
  return statusHtml(shown, { now: clockOf(terminal), commitPrefix: prefix })
}
