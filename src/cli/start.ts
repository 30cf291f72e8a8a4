import { outputTo } from './output.js'
import { versionText } from './version.js'

/** What a loader has made of the file of the program. */
type Program = {
  readonly exports: unknown
  /** Is called when the run is over. */
  readonly keep: () => void
}

/**
 * Runs the command line of a process, and sets its exit code. What needs nothing of the program does not load it; `load`
 * gets the first word, which says what the program is needed for.
 */
export function start(host: NodeJS.Process, load: (purpose: string) => Program): void {
  void main(host, load).then((status) => {
    host.exitCode = status
  })
}

async function main(host: NodeJS.Process, load: (purpose: string) => Program): Promise<number> {
  const words = host.argv.slice(2)
  const stdout = outputTo(1, () => host.stdout)
  const stderr = outputTo(2, () => host.stderr)
  const isWritten = (text: string): Promise<boolean> =>
    new Promise((resolve) => {
      stdout.write(text, (error) => resolve(!error))
    })
  // Whatever goes wrong is reported as ever.
  if (words.length === 1 && words[0] === '--version' && (await isWritten(`${versionText}\n`))) return 0
  const program = load(words[0] ?? '')
  const { run } = program.exports as typeof import('./run.js')
  const status = await run({
    arguments: words,
    workingDirectory: host.cwd(),
    environment: host.env,
    stdin: () => host.stdin,
    stdout,
    stderr,
    signals: host,
  })
  program.keep()
  return status
}
