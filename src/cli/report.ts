import manifest from '../../package.json' with { type: 'json' }
import { repositoryFolder } from '../io/git/root.js'
import { appendSummary } from '../io/step-summary.js'
import { writeReport } from '../io/write-report.js'
import type { Outcome } from '../pipeline/outcome.js'
import { paint } from '../report/colour.js'
import type { Render } from '../report/render.js'
import { formats, type Format } from '../report/table.js'
import type { Changed } from './changed.js'
import type { Destination } from './destinations.js'
import { printableLines } from '../text/printable.js'
import { coloursFor, print, printPatch, printText, type Terminal } from './terminal.js'

/** What a command has in place of the reports of some formats. */
export type OwnReports = Partial<Readonly<Record<Format, Render>>> & {
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
    const render = own[format] ?? (await formats[format].load())
    const colours = file ? paint(false) : coloursFor(terminal.stdout, terminal, options.color)
    const isShown = !file && (terminal.stdout.isTTY === true || colours.strong('x') !== 'x')
    const rendered = render(outcome, { ...shared, colours, ...(isShown && { isShown }) })
    const kind = format === 'text' ? (own.textIs ?? 'text') : format
    const text = kind === 'text' ? printableLines(rendered) : rendered
    if (file && isShared) appendSummary(file.path, file.shown, text)
    else if (file) writeReport(file.path, file.shown, text)
    else if (kind === 'text' || (kind === 'patch' && isShown)) await printText(terminal, text)
    else if (kind === 'patch') await printPatch(terminal, text)
    else await print(terminal, text)
  }
}

/** Whether people read along: then a command also talks on stderr. */
export function hasReader(wanted: readonly Destination[]): boolean {
  return wanted.some(({ format }) => format === 'text')
}
