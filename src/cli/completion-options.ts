import type { Argv } from 'yargs'

/** The options of `completion`. */
export function completionOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('shell', {
      describe: 'the shell that is to complete',
      choices: ['bash', 'zsh', 'fish'] as const,
      demandOption: true,
    })
    .example('source <($0 bash)', 'in ~/.bashrc')
    .example('source <($0 zsh)', 'in ~/.zshrc, behind compinit')
    .example('$0 fish | source', 'in ~/.config/fish/config.fish')
}

export type CompletionOptions = Awaited<ReturnType<typeof completionOptions>['argv']>
