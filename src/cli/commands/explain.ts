import type { Explanation } from '../../pipeline/explain.js'
import { jsonText } from '../../text/printable.js'
import type { ExplainOptions } from '../options.js'
import { print, refuseRepeated, type Terminal, UsageError } from '../terminal.js'

/** Explains one code, or lists them all. What it says is loaded here, so that no other command starts slower. */
export async function runExplain({ code, format }: ExplainOptions, terminal: Terminal): Promise<number> {
  refuseRepeated('format', format)
  const { explanations, explanationOf, nearestCode } = await import('../../pipeline/explain.js')
  if (code === undefined) {
    await print(terminal, format === 'json' ? jsonList(explanations()) : listed(explanations()))
    return 0
  }
  const found = explanationOf(code)
  if (!found) {
    const meant = nearestCode(code)
    const guess = meant === undefined ? '' : `did you mean \`${meant}\`? `
    throw new UsageError(`unknown code \`${code}\`; ${guess}\`kn-rollout explain\` lists all codes`)
  }
  const width = Math.min(terminal.stdout.columns ?? 80, 100)
  await print(terminal, format === 'json' ? jsonOne(found) : text(found, width))
  return 0
}

function listed(explanations: readonly Explanation[]): string {
  const width = Math.max(...explanations.map(({ name }) => name.length))
  return explanations
    .map(({ code, name, severity, title }) => {
      return `${code}  ${name.padEnd(width)}  ${severity.padEnd('warning'.length)}  ${title}\n`
    })
    .join('')
}

function text(explanation: Explanation, width: number): string {
  const { code, name, severity, optional, fixable, title, why, example, tree, source } = explanation
  const parts = [
    `${code} ${name} (${severity}${optional ? ', optional' : ''}${fixable ? ', fixable' : ''}): ${title}`,
    wrapped(why, width),
    ...(example?.before ? example.before.map((one) => `Before:\n\n${indented(one)}`) : []),
    ...(example ? [`Bad:\n\n${indented(marked(example.bad, example.marks))}`] : []),
    ...(example ? [`Good:\n\n${indented(example.good)}`] : []),
    ...(tree ? [`Bad:\n\n${indented(tree.bad)}`, `Good:\n\n${indented(tree.good)}`] : []),
    ...(source === undefined ? [] : [`Source: ${source}`]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The text with an arrow at each line that the code is reported on. */
function marked(manifest: string, lines: readonly number[]): string {
  return manifest
    .split('\n')
    .map((line, index) => (lines.includes(index + 1) ? `${line}  <-- here` : line))
    .join('\n')
}

function indented(manifest: string): string {
  return manifest.trimEnd().replaceAll(/^(?=.)/gm, '  ')
}

/** The text in lines of at most `width` characters, where its words allow. */
function wrapped(paragraph: string, width: number): string {
  const lines: string[] = []
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

function jsonList(explanations: readonly Explanation[]): string {
  const codes = explanations.map(({ code, name, severity, title, optional, fixable }) => ({
    code,
    name,
    severity,
    title,
    optional: optional === true,
    fixable: fixable === true,
  }))
  return json({ schemaVersion: '1', codes })
}

function jsonOne({ code, name, severity, title, optional, fixable, why, source, example, tree }: Explanation): string {
  const known = {
    code,
    name,
    severity,
    title,
    optional: optional === true,
    fixable: fixable === true,
    why,
    source,
    example,
    tree,
  }
  return json({ schemaVersion: '1', explanation: known })
}

function json(value: unknown): string {
  return `${jsonText(value)}\n`
}
