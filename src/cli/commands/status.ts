import type { Argv } from 'yargs'

import { unreadDiagnostics } from '../../pipeline/unread.js'
import { diagnosticsText } from '../../report/text.js'
import type { FileHistory } from '../../text/words.js'
import { historiesOf } from '../history.js'
import type { Loaded } from '../load.js'
import { configOption, serviceOptions } from '../options.js'
import {
  clockOf,
  coloursFor,
  exitCode,
  print,
  printText,
  refuseRepeated,
  say,
  showProgress,
  type Terminal,
} from '../terminal.js'
import { openWorkspace, urlSchemeFor } from '../workspace.js'

/** The options of `status`. */
export function statusOptions<T>(yargs: Argv<T>) {
  const own = serviceOptions(yargs)
    .option('stage', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'Show only Services in this stage, or in the state `latest` or `odd`; repeatable',
    })
    .option('rolling', {
      type: 'boolean',
      default: false,
      describe: 'Show only Services with a rollout in progress or with unrecognized traffic',
    })
    .option('git', { type: 'boolean', default: true, describe: 'Read times from Git; --no-git is faster' })
    .option('domain', {
      type: 'string',
      requiresArg: true,
      describe: 'Domain of the cluster, for the URLs (default: example.com)',
    })
    .option('url-template', {
      type: 'string',
      requiresArg: true,
      describe: "The cluster's domain-template, for the URLs (default: {{.Name}}.{{.Namespace}}.{{.Domain}})",
    })
    .option('format', {
      type: 'string',
      choices: ['text', 'json', 'markdown'] as const,
      default: 'text',
      describe: 'Output format',
    })
    .option('color', {
      type: 'boolean',
      describe: 'Color the output (default: on a terminal, unless NO_COLOR is set)',
    })
  return configOption(own)
    .example('$0', 'every Service of the repository')
    .example('$0 --rolling', 'rollouts in progress')
    .example('$0 apps --stage preview --domain acme.dev', 'previews to test, with their URLs')
    .example('$0 --format markdown >> "$GITHUB_STEP_SUMMARY"', 'the same as a page')
}

export type StatusOptions = Awaited<ReturnType<typeof statusOptions>['argv']>

/** Shows where the rollout of every Service stands. Findings are no reason to fail: nothing is judged. */
export async function runStatus(options: StatusOptions, terminal: Terminal): Promise<number> {
  for (const flag of ['format', 'git', 'rolling'] as const) refuseRepeated(flag, options[flag])
  const scheme = urlSchemeFor(options)
  const now = clockOf(terminal)
  const [{ loaded, request }, work] = await Promise.all([
    openWorkspace(options, terminal, { scope: { isWhole: true } }),
    import('./status-work.js'),
  ])
  const histories = options.git ? await askGit(loaded, terminal) : undefined
  const told = work.statusOf(loaded.sources, {
    ...request,
    stages: options.stage ?? [],
    rolling: options.rolling,
    scheme,
    now,
    ...(histories && { histories }),
  })
  const shown = {
    ...told,
    diagnostics: [...loaded.diagnostics, ...told.diagnostics, ...unreadDiagnostics(loaded.unread)],
  }
  const wrong = told.diagnostics.filter(({ code }) => wrongRequests.has(code))
  const failed = exitCode({ diagnostics: wrong, changes: [] }, { strict: false })
  const isAssumed = options.domain === undefined
  if (options.format === 'json') {
    await print(terminal, work.statusJson(shown, now, isAssumed))
    return failed
  }
  const talk = { files: shown.files, services: [], changes: [], diagnostics: shown.diagnostics }
  await say(terminal, diagnosticsText(talk, coloursFor(terminal.stderr, terminal, options.color)))
  if (failed !== 0) return failed
  const glyphs = speaksUtf8(terminal) ? work.unicodeGlyphs : work.asciiGlyphs
  const colours = coloursFor(terminal.stdout, terminal, options.color)
  const width = terminal.stdout.isTTY ? terminal.stdout.columns : undefined
  const table = { colours, glyphs, now, ...(width && { width }) }
  if (options.format === 'text') await printText(terminal, work.statusText(shown, table))
  else await print(terminal, work.statusMarkdown(shown, now))
  const notes = work.footnotes(shown).map((note) => `${note}\n`)
  const isGuess = isAssumed && shown.rows.some(({ url }) => url.includes(scheme.domain))
  const guess = isGuess ? [`URLs use the domain ${scheme.domain}; add --domain for yours\n`] : []
  await say(terminal, `${[...notes, ...guess].join('')}${work.statusSummary(shown)}\n`)
  return 0
}

/** A configuration that is not valid, a Service or a stage that there is not. */
const wrongRequests: ReadonlySet<string> = new Set(['KN191', 'KN420', 'KN424'])

/** The histories of the files. */
async function askGit(loaded: Loaded, terminal: Terminal): Promise<ReadonlyMap<string, FileHistory>> {
  const files = loaded.sources.map((source) => source.path)
  const isShown = terminal.stderr.isTTY === true && files.length >= 100
  if (isShown) await showProgress(terminal, `reading the history of ${files.length} files`)
  const [histories, built] = await Promise.all([historiesOf(files, loaded, terminal), builtFor(loaded, terminal)])
  if (isShown) await showProgress(terminal)
  return new Map([...histories, ...built])
}

/** The histories of what kustomize roots build; none outside of Git, and before the first commit. */
async function builtFor(
  { sources, surroundings }: Loaded,
  { workingDirectory, environment }: Terminal,
): Promise<ReadonlyMap<string, FileHistory>> {
  if (!surroundings || surroundings.kustomizations.length === 0) return new Map()
  const { builtUpToHead } = await import('../built.js')
  return builtUpToHead(workingDirectory, { files: sources, surroundings }, environment)
}

/** Told by the locale, as POSIX has it. */
function speaksUtf8({ environment }: Terminal): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '')
}
