import { unreadDiagnostics } from '../pipeline/unread.js'
import { diagnosticsText } from '../report/text.js'
import type { FileHistory } from '../text/version.js'
import { clockOf } from './clock.js'
import { exitCode } from './exit.js'
import type { Loaded } from './load.js'
import { historiesOf } from './past.js'
import type { StatusOptions } from './status-options.js'
import { coloursFor, print, printText, say, showProgress, type Terminal } from './terminal.js'
import { urlSchemeFor } from './url-scheme.js'
import { refuseRepeated } from './usage.js'
import { openWorkspace } from './workspace.js'

/** Shows where the rollout of every Service stands. Findings are no reason to fail: nothing is judged. */
export async function status(options: StatusOptions, terminal: Terminal): Promise<number> {
  for (const flag of ['format', 'git', 'rolling'] as const) refuseRepeated(flag, options[flag])
  const scheme = urlSchemeFor(options)
  const now = clockOf(terminal)
  const [{ loaded, request }, work] = await Promise.all([openWorkspace(options, terminal), import('./status-work.js')])
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
  const guess = isGuess ? [`URLs assume the domain ${scheme.domain}: name yours with --domain\n`] : []
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
  const histories = await historiesOf(files, loaded, terminal)
  if (isShown) await showProgress(terminal)
  return histories
}

/** Told by the locale, as POSIX has it. */
function speaksUtf8({ environment }: Terminal): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '')
}
