import type { CompletionOptions } from './completion-options.js'
import { print, type Terminal } from './terminal.js'

/** Prints the script that a shell loads to complete this program's words. */
export async function completion({ shell }: CompletionOptions, terminal: Terminal): Promise<number> {
  const { completionScript } = await import('../report/completion-script.js')
  await print(terminal, completionScript(shell))
  return 0
}
