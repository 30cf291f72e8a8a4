import type { Change, FileChange, Outcome } from '../pipeline/outcome.js'
import { backCommand, nextCommand, type Commands } from './commands.js'
import { checkMarkdown } from './markdown-check.js'
import { changeSection } from './markdown-change.js'
import { countsText, findingsTable } from './markdown-findings.js'
import { leadText } from './markdown-lead.js'
import { code, fenced, visibleLine } from './markdown-text.js'
import { uncheckedList } from './markdown-unchecked.js'
import { Places } from './position.js'
import type { Render } from './render.js'
import { fitting, sizeOf } from './room.js'
import { plural } from '../text/plural.js'

/** GitHub takes 65,536 characters; each part has its share, and the diff what is left. All are bytes. */
const room = { all: 64_000, services: 20_000, findings: 10_000, commands: 3000 }
const mostServices = 50
/** A longer command is no command to copy. */
const longestCommand = 500

/**
 * The body of a pull request in GitHub's Markdown: what moves and why, each Service before and after, what to look at,
 * what nobody has checked, the next command and the way back, and the diff. Without changes it is the findings.
 */
export const markdownReport: Render = (outcome, options) => {
  const all = outcome.changes.flatMap((file) => file.changes.map((change) => ({ file, change })))
  if (outcome.compared) return checkMarkdown(outcome, options, room.all)
  if (all.length === 0) {
    const findings = outcome.diagnostics.length > 0 ? `\n${findingsTable(outcome, options, room.all - 1000)}` : ''
    return `Nothing is changed. ${countsText(outcome)}.\n${findings}`
  }
  const changes = all.map(({ change }) => change)
  const parts = [
    leadText(outcome, changes),
    services(outcome, all),
    ...(outcome.diagnostics.length > 0 ? [`### Findings\n\n${findingsTable(outcome, options, room.findings)}`] : []),
    `### Not checked\n\nFiles do not tell:\n\n${uncheckedList(changes)}`,
    commands('Next', 'No stage of the plan follows.', all, nextCommand),
    commands('Way back', 'Reverting the commit is the way back: `git revert`.', all, backCommand),
  ]
  const body = parts.join('\n')
  return `${body}\n${diff(outcome, room.all - sizeOf(body))}`
}

type One = { readonly file: FileChange; readonly change: Change }

function services({ files, changes }: Outcome, all: readonly One[]): string {
  const places = new Places(files)
  const sections = all.slice(0, mostServices).map(({ file, change }) => changeSection(file, change, changes, places))
  const { shown } = fitting(sections, room.services)
  const left = all.length - shown.length
  return [...shown, ...(left > 0 ? [`… ${left} more Services: run ${code('git diff')}\n`] : [])].join('\n')
}

function commands(
  title: string,
  none: string,
  all: readonly One[],
  commandsOf: (file: FileChange['file'], change: Change) => Commands,
): string {
  const lines = all.flatMap(({ file, change }) => commandsOf(change.trafficIn ?? file.file, change))
  if (lines.length === 0) return `### ${title}\n\n${none}\n`
  const copyable = lines.filter((line) => line.length <= longestCommand)
  const { shown } = fitting(copyable, room.commands, mostServices)
  const left = lines.length - shown.length
  const rest = left > 0 ? [`# … ${left} more`] : []
  return `### ${title}\n\n${fenced('sh', [...shown, ...rest])}`
}

function diff({ changes }: Outcome, size: number): string {
  const lines = changes.flatMap(({ patch }) => patch.replace(/\n$/, '').split('\n'))
  const { shown, left } = fitting(lines.map(visibleLine), size - 3000)
  const rest = left > 0 ? `\n… ${plural(left, 'more line')}: run ${code('git diff')}\n` : ''
  return `<details><summary>The diff</summary>\n\n${fenced('diff', lines.slice(0, shown.length))}${rest}\n</details>\n`
}
