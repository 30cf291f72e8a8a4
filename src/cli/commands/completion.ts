import type { Argv } from 'yargs'

import { print, type Terminal } from '../terminal.js'

/** The options of `completion`. */
export function completionOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('shell', {
      describe: 'Shell to complete in',
      choices: ['bash', 'zsh', 'fish', 'powershell'] as const,
      demandOption: true,
    })
    .example('source <($0 bash)', 'in ~/.bashrc')
    .example('source <($0 zsh)', 'in ~/.zshrc, after compinit')
    .example('$0 fish | source', 'in ~/.config/fish/config.fish')
    .example('$0 powershell | Out-String | Invoke-Expression', 'in $PROFILE')
}

export type CompletionOptions = Awaited<ReturnType<typeof completionOptions>['argv']>

/** Prints the script that a shell loads to complete this program's words. */
export async function printCompletion({ shell }: CompletionOptions, terminal: Terminal): Promise<number> {
  const { completionScript } = await import('../../report/completion-script.js')
  await print(terminal, completionScript(shell))
  return 0
}
