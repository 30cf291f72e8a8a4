import path from 'node:path'

import manifest from '../../package.json' with { type: 'json' }
import { repositoryFolder, repositoryRoot } from '../io/git/root.js'
import { displayPath } from '../io/paths.js'
import { appendSummary, freshPlace, reportPath, writeAll, writeReport } from '../io/write.js'
import type { Outcome } from '../pipeline/request.js'
import { paint, shownPatch } from '../report/cells.js'
import { type Format, reportFormats } from '../report/formats.js'
import type { Render } from '../report/report.js'
import { printable, printableLines } from '../text/printable.js'
import { plural } from '../text/words.js'
import { type Loaded, stdinPath } from './load.js'
import {
  coloursFor,
  print,
  printPatch,
  printText,
  refuseRepeated,
  type Terminal,
  UsageError,
  widthOf,
} from './terminal.js'

/** Where one report goes. */
export type Destination = {
  readonly format: Format
  /** The file, absolute with links followed, and as it was typed; without one the report goes to stdout. */
  readonly file?: { readonly path: string; readonly shown: string }
  /** Set where others write to the file, too: the summary of a step. */
  readonly isShared?: true
}

/** The options that say which reports are wanted. */
type ReportWish = {
  readonly format?: readonly Format[] | undefined
  readonly output?: readonly string[] | undefined
  readonly 'step-summary'?: boolean | undefined
}

/**
 * Pairs the formats with the outputs: the n-th output belongs to the n-th format, `-` and no output are stdout. Without
 * any format it is text. `--step-summary` adds a report of its own.
 *
 * @throws UsageError where they do not pair up; IoFailure where a file cannot be written there.
 */
export function destinations(
  { format, output, 'step-summary': hasSummary }: ReportWish,
  { workingDirectory, environment }: Terminal,
): readonly Destination[] {
  const formats: readonly Format[] = format ?? ['text']
  const outputs = output ?? []
  if (outputs.length > formats.length) {
    throw new UsageError(
      `every --output belongs to the --format of the same rank, but there are ${outputs.length} outputs and ${formats.length} ${formats.length === 1 ? 'format' : 'formats'}; add a --format for each`,
    )
  }
  const wanted = formats.map((one, index) => destination(one, outputs[index] ?? '-', workingDirectory))
  const onStdout = wanted.filter(({ file }) => !file).map((one) => one.format)
  if (onStdout.length > 1) {
    throw new UsageError(
      `only one report can go to stdout, but ${onStdout.map((one) => `\`${one}\``).join(' and ')} would; add --output FILE for the others`,
    )
  }
  const files = wanted.flatMap(({ file }) => (file ? [file] : []))
  const twice = files.find((file, index) => files.findIndex((other) => other.path === file.path) < index)
  if (twice) throw new UsageError(`\`--output ${twice.shown}\` is given twice; each report needs a separate file`)
  return hasSummary ? [...wanted, stepSummary(environment, workingDirectory)] : wanted
}

function stepSummary(environment: Terminal['environment'], workingDirectory: string): Destination {
  const { GITHUB_STEP_SUMMARY: file } = environment
  if (file === undefined || file === '')
    throw new UsageError('--step-summary works only in GitHub Actions: `GITHUB_STEP_SUMMARY` does not name a file')
  const shown = 'GITHUB_STEP_SUMMARY'
  return {
    format: 'markdown',
    file: { path: reportPath(path.resolve(workingDirectory, file), shown), shown },
    isShared: true,
  }
}

function destination(format: Format, output: string, workingDirectory: string): Destination {
  if (output === '-') return { format }
  if (output === '') throw new UsageError('--output is empty; must be a file, or `-` for stdout')
  return { format, file: { path: reportPath(path.resolve(workingDirectory, output), output), shown: output } }
}

/** @throws UsageError where a report would take the place of a manifest that was read. */
export function keepManifests(wanted: readonly Destination[], { services }: Outcome, { realPaths }: Loaded): void {
  const manifests = new Set(services.map(({ file }) => realPaths.get(file)))
  const lost = wanted.find(({ file }) => file && manifests.has(file.path))
  if (lost) throw new UsageError(`\`--output ${lost.file?.shown}\` is a manifest, which a report would replace`)
}

/** Files that come first where a format has limits. */
export type Changed = { readonly changed?: ReadonlySet<string> }

/**
 * The files that `--changed-since` means. Without the option, a run for GitHub takes the branch that a pull request is to
 * be merged into, where the clone has it.
 *
 * @throws UsageError where Git cannot tell what the option means.
 */
export async function changedFor(
  option: string | undefined,
  wanted: readonly Destination[],
  { workingDirectory, environment }: Terminal,
  loading: Promise<Loaded>,
): Promise<Changed> {
  refuseRepeated('changed-since', option)
  const base = environment['GITHUB_BASE_REF']
  const isImplied = option === undefined && base && wanted.some(({ format }) => format === 'github')
  const ref = isImplied ? `origin/${base}` : option
  if (ref === undefined) return {}
  if (!isImplied && /^(?:-|$)/.test(ref)) {
    throw new UsageError(`--changed-since is \`${ref}\`; must be a branch, a tag or a commit`)
  }
  const { changedSince } = await import('../io/changed.js')
  const others = async (): Promise<ReadonlySet<string>> => {
    const { sources } = await loading
    return new Set(sources.flatMap(({ patchPath }) => patchPath ?? []))
  }
  const changed = await changedSince(ref, workingDirectory, environment, others)
  if (!('reason' in changed)) return { changed: withLinks(changed, await loading, workingDirectory) }
  if (isImplied) return {}
  throw new UsageError(`\`--changed-since ${ref}\`: ${changed.reason}`)
}

/** A file changed as well by the name of a link where what the link leads to did. */
function withLinks(
  changed: ReadonlySet<string>,
  { sources, realPaths, places }: Loaded,
  workingDirectory: string,
): ReadonlySet<string> {
  const root = repositoryRoot(workingDirectory)
  const links = sources.filter(({ path: file }) => realPaths.get(file) !== places.get(file))
  const followed = links.filter(({ patchPath }) => {
    return (
      root !== undefined &&
      patchPath !== undefined &&
      changed.has(displayPath(path.join(root, patchPath), workingDirectory))
    )
  })
  return new Set([...changed, ...followed.map((source) => source.path)])
}

/** What a command has in place of the reports of some formats. */
type OwnReports = Partial<Readonly<Record<Format, Render>>> & {
  /** What its text is where it is none for people: patches, or manifests, of which every byte counts. */
  readonly textIs?: 'patch' | 'manifest'
}

/**
 * Writes every report that is wanted, the files first: stdout may be closed early. A command may have its own report in
 * place of a format's; `changed` are the files that a change touches. Only a report on stdout has colours.
 */
export async function report(
  outcome: Outcome,
  wanted: readonly Destination[],
  options: { readonly color?: boolean | undefined } & Changed,
  terminal: Terminal,
  own: OwnReports = {},
): Promise<void> {
  const shared = {
    version: manifest.version,
    folder: repositoryFolder(terminal.workingDirectory),
    ...(options.changed && { changed: options.changed }),
  }
  for (const { format, file, isShared } of wanted.toSorted((a, b) => Number(!a.file) - Number(!b.file))) {
    const render = own[format] ?? (await reportFormats[format].load())
    const colours = file ? paint(false) : coloursFor(terminal.stdout, terminal, options.color)
    const isShown = !file && (terminal.stdout.isTTY === true || colours.strong('x') !== 'x')
    const width = file ? undefined : widthOf(terminal.stdout)
    const seen = { ...(isShown && { isShown }), ...(width !== undefined && { width }) }
    const rendered = render(outcome, { ...shared, colours, ...seen })
    const kind = format === 'text' ? (own.textIs ?? 'text') : format
    const text = kind === 'text' && file ? printableLines(rendered) : rendered
    if (file && isShared) appendSummary(file.path, file.shown, text)
    else if (file) await writeReport(file.path, file.shown, text, terminal.signals)
    else if (kind === 'text' || (kind === 'patch' && isShown)) await printText(terminal, text)
    else if (kind === 'patch') await printPatch(terminal, text)
    else await print(terminal, text)
  }
}

/** Whether people read along: then a command also talks on stderr. */
export function hasReader(wanted: readonly Destination[]): boolean {
  return wanted.some(({ format }) => format === 'text')
}

/** What commands that edit do with their changes. */

/** @throws IoFailure of the kind `usage` where a file that a change makes anew is there already. */
export function refuseTaken({ changes }: Outcome, { workingDirectory }: Terminal): void {
  for (const { file, isNew } of changes) if (isNew) freshPlace(file.path, workingDirectory)
}

/**
 * Writes all changed files or none. The other files of the run must still be what was read: what another run made of one
 * in between could have led to other changes here.
 */
export async function writeChanges({ changes }: Outcome, loaded: Loaded, terminal: Terminal): Promise<void> {
  const { realPaths, sources, surroundings } = loaded
  const pending = changes.flatMap(({ file, text, isNew }) => {
    const place = isNew ? freshPlace(file.path, terminal.workingDirectory) : realPaths.get(file.path)
    return place === undefined ? [] : [{ path: place, before: isNew ? undefined : file.text, after: text }]
  })
  const written = new Set(pending.map((one) => one.path))
  const read = [...sources, ...(surroundings?.files ?? []), ...(surroundings?.kustomizations ?? [])].flatMap((file) => {
    const place = realPaths.get(file.path) ?? ''
    return place === '' || written.has(place) ? [] : [{ path: place, text: file.text }]
  })
  await writeAll(pending, { ...terminal, read })
}

/** The data of a run for people: what `git apply` takes, or what a terminal can show of it. */
export const patches: Render = ({ changes }, { colours, isShown }) => {
  const whole = changes.map(({ patch }) => patch).join('')
  return isShown ? shownPatch(whole, colours) : whole
}

/** What `--write` makes of the standard input: a filter hands it on, changed or not. */
export const handedOn: Render = ({ files, changes }) => {
  const changed = changes.find(({ file }) => file.path === stdinPath)
  return changed?.text ?? files.find((file) => file.path === stdinPath)?.text ?? ''
}

/** Which files were written, in one line; nothing where there were none. */
export function writtenText({ changes }: Outcome): string {
  const files = changes.filter(({ file }) => file.path !== stdinPath).map(({ file }) => file.path)
  return files.length > 0 ? `wrote ${plural(files.length, 'file')}: ${listed(files)}\n` : ''
}

/** What it takes to have the files written that a run only showed; nothing where `--write` changes none. */
export function unwrittenText({ changes }: Outcome, how = '--write'): string {
  const count = changes.filter(({ file }) => file.path !== stdinPath).length
  return count > 0 ? `not written: run again with \`${how}\` to change ${plural(count, 'file')}\n` : ''
}

/** At most this many files are named. */
const mostNamed = 3

function listed(files: readonly string[]): string {
  const left = files.length - mostNamed
  return `${files.slice(0, mostNamed).map(printable).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}
