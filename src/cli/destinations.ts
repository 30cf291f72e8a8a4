import path from 'node:path'

import { reportPath } from '../io/write-report.js'
import type { Outcome } from '../pipeline/outcome.js'
import type { Format } from '../report/table.js'
import type { Loaded } from './load.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage.js'

/** Where one report goes. */
export type Destination = {
  readonly format: Format
  /** The file, absolute with links followed, and as it was typed; without one the report goes to stdout. */
  readonly file?: { readonly path: string; readonly shown: string }
  /** Set where others write to the file, too: the summary of a step. */
  readonly isShared?: true
}

/** The options that say which reports are wanted. */
export type ReportWish = {
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
      `only one report may go to stdout, but ${onStdout.join(' and ')} would; name a file for the others with --output`,
    )
  }
  const files = wanted.flatMap(({ file }) => (file ? [file] : []))
  const twice = files.find((file, index) => files.findIndex((other) => other.path === file.path) < index)
  if (twice) throw new UsageError(`two reports must not go to one file, but --output ${twice.shown} is given twice`)
  return hasSummary ? [...wanted, stepSummary(environment, workingDirectory)] : wanted
}

function stepSummary(environment: Terminal['environment'], workingDirectory: string): Destination {
  const { GITHUB_STEP_SUMMARY: file } = environment
  if (file === undefined || file === '')
    throw new UsageError(
      '--step-summary belongs into GitHub Actions: the variable GITHUB_STEP_SUMMARY must name a file',
    )
  const shown = 'GITHUB_STEP_SUMMARY'
  return {
    format: 'markdown',
    file: { path: reportPath(path.resolve(workingDirectory, file), shown), shown },
    isShared: true,
  }
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
