import { stages as table } from '../stages/table.js'
import type { StagesOptions } from './options.js'
import { print, type Terminal } from './terminal.js'

/** Lists the stages in the order of a rollout, with the state that each leaves. */
export async function stages(options: StagesOptions, terminal: Terminal): Promise<number> {
  if (options.format === 'json') {
    const rows = table.map(({ name, summary, result }) => ({ name, summary, result }))
    await print(terminal, `${JSON.stringify({ schemaVersion: '1', stages: rows }, undefined, 2)}\n`)
    return 0
  }
  const width = Math.max(...table.map(({ name }) => name.length))
  const rows = table.map(
    ({ name, summary, result }) => `${name.padEnd(width)}  ${summary}\n${' '.repeat(width)}  → ${result}\n`,
  )
  await print(terminal, rows.join(''))
  return 0
}
