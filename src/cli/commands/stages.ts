import { diagnosticsText } from '../../report/text.js'
import { builtInPlans, type RolloutPlan, type Step, stages as table } from '../../stages/stages.js'
import { jsonText } from '../../text/printable.js'
import { durationText } from '../../text/words.js'
import type { StagesOptions } from '../options.js'
import { coloursFor, print, printText, refuseRepeated, say, type Terminal } from '../terminal.js'
import { requestIn } from '../workspace.js'

/** Lists the built-in stages in the order of a rollout, with the state that each leaves, and the plans made of stages. */
export async function listStages(options: StagesOptions, terminal: Terminal): Promise<number> {
  refuseRepeated('format', options.format)
  const { configuration } = requestIn({ config: options.config }, terminal.workingDirectory)
  let plans = builtInPlans
  if (configuration) {
    const { settingsOf } = await import('../../pipeline/settings.js')
    const settings = settingsOf({ configuration })
    ;({ plans } = settings)
    const outcome = { files: [configuration], services: [], diagnostics: settings.faults, changes: [] }
    await say(terminal, diagnosticsText(outcome, coloursFor(terminal.stderr, terminal, undefined)))
    if (settings.faults.length > 0) return 2
  }
  if (options.format === 'json') await print(terminal, json(plans))
  else await printText(terminal, text(plans))
  return 0
}

function text(plans: readonly RolloutPlan[]): string {
  const rows = table.map(({ name, summary, result }) => [name, `${summary}\n${' '.repeat(10)}→ ${result}`] as const)
  return `Stages:\n${list(rows)}\nPlans:\n${list(plans.map(({ name, steps }) => [name, steps.map(stepText).join(' → ')]))}`
}

function list(rows: readonly (readonly [name: string, what: string])[]): string {
  const width = Math.max(8, ...rows.map(([name]) => name.length))
  return rows.map(([name, what]) => `${name.padEnd(width)}  ${what}\n`).join('')
}

function stepText({ stage, soak, tag }: Step): string {
  const isOwn = !table.some(({ name, share }) => name === stage.name && share === stage.share)
  const extras = [
    ...(isOwn && stage.share !== undefined && stage.name !== String(stage.share) ? [`${stage.share} %`] : []),
    ...(tag === undefined ? [] : [`tag ${tag}`]),
    ...(soak === undefined ? [] : [`soak ${durationText(soak)}`]),
  ]
  return extras.length === 0 ? stage.name : `${stage.name} (${extras.join(', ')})`
}

function json(plans: readonly RolloutPlan[]): string {
  const rows = table.map(({ name, summary, result }) => ({ name, summary, result }))
  const shown = plans.map(({ name, steps }) => {
    return {
      name,
      stages: steps.map(({ stage, tag, soak }) => ({ name: stage.name, percent: stage.share, tag, soak })),
    }
  })
  return `${jsonText({ schemaVersion: '1', stages: rows, plans: shown })}\n`
}
