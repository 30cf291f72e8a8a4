import { appendFileSync, statSync } from 'node:fs'

import { IoFailure, reasonOf } from './failure.js'

/** GitHub drops the summary of a step that is larger, all of it. */
const most = 1024 * 1024

/**
 * Appends a report to the summary of a step, which other programs write to as well. Where it would be too large for
 * GitHub, a line says so in its place, if there is room even for that.
 *
 * @throws IoFailure that names the file as `shown`.
 */
export function appendSummary(file: string, shown: string, text: string): void {
  try {
    const room = most - (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
    const fitting = [`${text}\n`, 'A report of kn-rollout is left out: the summary has no room for it.\n'].find(
      (one) => Buffer.byteLength(one) <= room,
    )
    if (fitting !== undefined) appendFileSync(file, fitting)
  } catch (error) {
    throw new IoFailure(`${shown}: ${reasonOf(error)}; the report was not written`)
  }
}
