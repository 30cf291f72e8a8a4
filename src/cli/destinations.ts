import path from 'node:path'

import { reportPath } from '../io/write-report.js'
import type { Outcome } from '../pipeline/outcome.js'
import type { Format } from '../report/table.js'
import type { Loaded } from './load.js'
import { UsageError } from './usage.js'

/** Where one report goes. */
export type Destination = {
  readonly format: Format
  /** The file, absolute with links followed, and as it was typed; without one the report goes to stdout. */
  readonly file?: { readonly path: string; readonly shown: string }
}

/** The options that say which reports are wanted. */
export type ReportWish = {
  readonly format?: readonly Format[] | undefined
  readonly output?: readonly string[] | undefined
}

/**
 * Pairs the formats with the outputs: the n-th output belongs to the n-th format, `-` and no output are stdout. Without
 * any format it is text.
 *
 * @throws UsageError where they do not pair up; IoFailure where a file cannot be written there.
 */
export function destinations({ format, output }: ReportWish, workingDirectory: string): readonly Destination[] {
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
      `only one report may go to stdout, but ${onStdout.join(' and ')} would; name a file for the others with --output`,
    )
  }
  const files = wanted.flatMap(({ file }) => (file ? [file] : []))
  const twice = files.find((file, index) => files.findIndex((other) => other.path === file.path) < index)
  if (twice) throw new UsageError(`two reports must not go to one file, but --output ${twice.shown} is given twice`)
  return wanted
}

function destination(format: Format, output: string, workingDirectory: string): Destination {
  if (output === '-') return { format }
  if (output === '') throw new UsageError('--output must name a file, or - for stdout, but is empty')
  return { format, file: { path: reportPath(path.resolve(workingDirectory, output), output), shown: output } }
}

/** @throws UsageError where a report would take the place of a manifest that was read. */
export function keepManifests(wanted: readonly Destination[], { services }: Outcome, { realPaths }: Loaded): void {
  const manifests = new Set(services.map(({ file }) => realPaths.get(file)))
  const lost = wanted.find(({ file }) => file && manifests.has(file.path))
  if (lost) throw new UsageError(`a report must not replace a manifest, but --output ${lost.file?.shown} is one`)
}
