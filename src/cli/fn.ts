import { Places } from '../report/position.js'
import { readStdin, stdinPath } from './load.js'
import { print, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'

/** Runs as a KRM function: a ResourceList comes in and goes out. */
export async function fn({ path }: { readonly path?: readonly string[] }, terminal: Terminal): Promise<number> {
  const [extra] = path ?? []
  if (extra !== undefined)
    throw new UsageError(`fn reads the standard input and takes no paths, but is given \`${extra}\``)
  const [{ runFunction }, { functionReport, hasFailed }, read] = await Promise.all([
    import('../pipeline/function.js'),
    import('../report/function-results.js'),
    readStdin(terminal),
  ])
  if ('fault' in read) throw new UsageError(`${stdinPath}: the input ${read.fault.message}`)
  const run = runFunction(read.source)
  if ('range' in run) {
    const { line, column } = new Places([read.source]).of(stdinPath, run.range)
    throw new UsageError(`${stdinPath}:${line}:${column}: ${run.message} [${run.code}]`)
  }
  const text = functionReport(run)
  if (text === undefined) throw new UsageError(`${stdinPath}: \`results\` must have a place at the end of the list`)
  await print(terminal, text)
  return hasFailed(run) ? 1 : 0
}
