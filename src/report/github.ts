import { codeLabel } from '../pipeline/codes.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import { fullText, type Render, type Where, whereabouts, worstFirst } from './report.js'

const commands = [
  { severity: 'error', command: 'error', plural: 'errors' },
  { severity: 'warning', command: 'warning', plural: 'warnings' },
  { severity: 'note', command: 'notice', plural: 'notices' },
] as const satisfies readonly { severity: Severity; command: string; plural: string }[]

/** GitHub shows so many annotations of a kind in a step. All kinds together stay below its limit of 50 a job. */
const limit = 10

/**
 * Annotations for GitHub Actions as workflow commands: the worst first, and of each kind those of changed files first.
 * What GitHub would drop is left out and counted in a last line that is no command.
 */
export const githubReport: Render = (outcome, options) => {
  const where = whereabouts(outcome, options)
  const ordered = worstFirst(outcome.diagnostics, options)
  let text = ''
  const cut: string[] = []
  for (const { severity, command, plural } of commands) {
    const all = ordered.filter((diagnostic) => diagnostic.severity === severity)
    for (const diagnostic of all.slice(0, limit)) text += annotation(command, diagnostic, where(diagnostic))
    const left = all.length - limit
    if (left > 0) cut.push(`${left} more ${left === 1 ? command : plural}`)
  }
  if (cut.length === 0) return text
  return `${text}${cut.join(', ')} not shown: GitHub accepts ${limit} annotations of a kind in a step\n`
}

function annotation(command: string, diagnostic: Diagnostic, where: Where): string {
  const { file, line, endLine, column, endColumn } = where
  // GitHub takes columns only where they are on one line.
  const columns = line === endLine ? { col: column, endColumn } : {}
  const properties = { ...(file === '' ? {} : { file, line, endLine, ...columns }), title: codeLabel(diagnostic.code) }
  const spelled = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`)
  return `::${command} ${spelled.join(',')}::${data(fullText(diagnostic).split('\n').map(printable).join('\n'))}\n`
}

/** The escapes of a workflow command's message: without them a name could start a command of its own. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** The escapes of a workflow command's property, in which nothing acts on a terminal either. */
function property(text: string): string {
  return data(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
