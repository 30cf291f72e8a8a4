import type { Argv } from 'yargs'

import type { GitRepository } from '../../io/git/repository.js'
import type { NamedCommit } from '../../pipeline/request.js'
import type { Status } from '../../pipeline/status.js'
import { globMatcher } from '../../text/path.js'
import { load, type Loaded } from '../load.js'
import { colorOption, configOption, onStdout, serviceOption } from '../options.js'
import { coloursFor, print, printText, refuseRepeated, say, type Terminal, UsageError } from '../terminal.js'
import { openWorkspace } from '../workspace.js'

/** The options of `diff`. */
export function diffOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .positional('from', { describe: 'Branch, tag or commit (default: HEAD)', type: 'string' })
    .positional('to', { describe: 'Branch, tag or commit (default: the working tree)', type: 'string' })
    .option('service', serviceOption)
    .option('format', onStdout)
    .option('color', colorOption)
  return configOption(own)
    .example('$0', 'what moved since the last commit')
    .example('$0 HEAD~10', 'what moved in ten commits, and what is not committed yet')
    .example('$0 v1.4.0 v1.5.0 --service prod/*', 'what a release of the repository moved in a namespace')
}

export type DiffOptions = Awaited<ReturnType<typeof diffOptions>['argv']>

/** Says in words what moved between two points in Git, as each side applies its Services. Nothing is judged. */
export async function runDiff(options: DiffOptions, terminal: Terminal): Promise<number> {
  const { from = 'HEAD', to, format } = options
  refuseRepeated('format', format)
  const { workingDirectory, environment } = terminal
  const { GitRepository } = await import('../../io/git/repository.js')
  const git = GitRepository.around(workingDirectory, environment, 'diff')
  const base = { ref: from, commit: await git.commit('FROM', from) }
  const head = to === undefined ? undefined : { ref: to, commit: await git.commit('TO', to) }
  const work = await import('./status-work.js')
  const [older, newer] = await Promise.all([sideOf(git, base, options, terminal), sideOf(git, head, options, terminal)])
  const statuses = [older, newer]
  const compared = { base, ...(head && { head }) }
  const isMeant = meant(options.service ?? [], statuses)
  const moved = work.movedBetween(older.rows, newer.rows).filter(({ row }) => isMeant(row))
  // What is wrong on both sides is said once, as it is on the newer one.
  const files = new Set(newer.diagnostics.map(({ file, code }) => `${code} ${file}`))
  const shown = {
    files: [...newer.files, ...older.files.filter(({ path }) => !newer.files.some((file) => file.path === path))],
    diagnostics: [...newer.diagnostics, ...older.diagnostics.filter(({ file, code }) => !files.has(`${code} ${file}`))],
  }
  const failed = work.exitCodeFor(shown.diagnostics)
  if (format === 'json') {
    await print(terminal, work.movedJson(moved, compared, shown))
    return failed
  }
  await work.sayFindings(shown, terminal, options.color)
  await printText(terminal, work.movedText(moved, coloursFor(terminal.stdout, terminal, options.color)))
  if (failed === 0) await say(terminal, work.movedSummary(moved, compared))
  return failed
}

/** Where every Service stands on one side: at a commit, or in the working tree. */
async function sideOf(
  git: GitRepository,
  at: NamedCommit | undefined,
  { config }: DiffOptions,
  terminal: Terminal,
): Promise<Pick<Status, 'rows' | 'files' | 'diagnostics'>> {
  const read = (): Promise<Loaded> =>
    at ? loadCommitted(git, at.commit, terminal) : load([], terminal, { isWhole: true })
  const [{ loaded, request }, work] = await Promise.all([
    openWorkspace({ config }, terminal, { scope: { isWhole: true }, read }),
    import('./status-work.js'),
  ])
  return work.withReading(work.statusOf(loaded.sources, { ...request, more: 'template' }), loaded)
}

async function loadCommitted(git: GitRepository, commit: string, { workingDirectory }: Terminal): Promise<Loaded> {
  const { loadCommit } = await import('../built.js')
  return (await loadCommit(git, commit, { paths: [], workingDirectory })).loaded
}

type Row = Status['rows'][number]

/** @throws UsageError where a pattern means no Service of either side. */
function meant(patterns: readonly string[], sides: readonly Pick<Status, 'rows'>[]): (row: Row) => boolean {
  const matchers = patterns.map((pattern) => {
    const matcher = globMatcher(pattern)
    return (row: Row): boolean => matcher.test(pattern.includes('/') ? row.label : row.name)
  })
  for (const [index, isMatched] of matchers.entries())
    if (!sides.some(({ rows }) => rows.some(isMatched)))
      throw new UsageError(`--service is \`${patterns[index] ?? ''}\`, but no Service of either side has that name`)
  return (row) => matchers.length === 0 || matchers.some((isMatched) => isMatched(row))
}
