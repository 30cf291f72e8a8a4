import type { Argv } from 'yargs'

import { Positions } from '../../report/report.js'
import { readStdin, stdinPath } from '../load.js'
import { print, type Terminal, UsageError } from '../terminal.js'

/** Runs as a KRM function: a ResourceList comes in and goes out. */
export async function runFn({ path }: { readonly path?: readonly string[] }, terminal: Terminal): Promise<number> {
  const [extra] = path ?? []
  if (extra !== undefined) throw new UsageError(`\`fn\` reads stdin and accepts no paths, but gets \`${extra}\``)
  const [{ runFunction }, { codeLabel }, { functionReport, hasFailed }, read] = await Promise.all([
    import('../../pipeline/function.js'),
    import('../../pipeline/codes.js'),
    import('../../report/function-results.js'),
    readStdin(terminal),
  ])
  if ('fault' in read) throw new UsageError(`${stdinPath}: ${read.fault.message}`)
  const run = runFunction(read.source)
  if ('range' in run) {
    const { line, column } = new Positions([read.source]).of(stdinPath, run.range)
    throw new UsageError(`${stdinPath}:${line}:${column}: ${run.message} [${codeLabel(run.code)}]`)
  }
  const text = functionReport(run)
  if (text === undefined) throw new UsageError(`${stdinPath}: cannot add \`results\` at the end of the list`)
  await print(terminal, text)
  return hasFailed(run) ? 1 : 0
}

/** What there is to say about `fn`: it has no options, the functionConfig says what it does. */
export function fnOptions<T>(yargs: Argv<T>) {
  return yargs
    .epilogue(
      'The functionConfig is a ConfigMap with `data`, or `kind: RolloutStage` of `kn-rollout/v1` with `spec`: stage, services, stable, candidate, tag, percent. Without a stage it only validates. See https://kpt.dev and `kustomize build --enable-alpha-plugins --enable-exec`.',
    )
    .example('$0 < resource-list.yaml', 'apply the functionConfig in the list')
    .example('kpt fn eval DIR --exec "kn-rollout fn" -- stage=split services=shop', 'move a Service of a package')
    .example('kpt fn eval DIR --exec "kn-rollout fn"', 'validate a package')
}
