// Runs of the workflows of docs/.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { type Box, type Finished, outputsIn, root, runAction, type Values } from './action-runs.js'

type Step = {
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly 'continue-on-error'?: boolean
}
type Job = { readonly if?: string; readonly steps: readonly Step[] }

export const workflowNames = readdirSync(path.join(root, 'docs/workflows'))
export const jobOf = (name: string): Job => {
  const text = readFileSync(path.join(root, 'docs/workflows', name), 'utf8')
  const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, Job>> }
  const [job, ...others] = Object.values(jobs)
  assert.ok(job && others.length === 0)
  return job
}

/** Expressions as far as they are used here: names of contexts. */
function evaluated(text: string, context: Values): string {
  return text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => context[name] ?? '')
}

/** Conditions as far as they are used here: an output that is, or is not, a word. */
function holds(condition: string, context: Values): boolean {
  const [, name = '', operator, word] = /^([\w.-]+) (==|!=) '(\w*)'$/.exec(condition) ?? []
  assert.ok(operator, condition)
  return ((context[name] ?? '') === word) === (operator === '==')
}

type Run = {
  readonly github: Values
  readonly event?: object
}

/** Runs the steps of a workflow's job. */
export async function runWorkflow(box: Box, name: string, { github, event = {} }: Run): Promise<Finished> {
  let context: Values = github
  let [status, log, last] = [0, '', {} as Values]
  for (const step of jobOf(name).steps) {
    if (status !== 0) break
    if (step.if !== undefined && !holds(step.if, context)) continue
    const ran = await runStep(box, step, context, event)
    if (!ran) continue
    status = step['continue-on-error'] ? 0 : ran.status
    log += ran.log
    last = ran.outputs
    const named = Object.entries(ran.outputs).map(([key, value]) => [`steps.${step.id ?? ''}.outputs.${key}`, value])
    context = { ...context, ...Object.fromEntries(named) }
  }
  return { status, log, outputs: last, summary: '' }
}

async function runStep(box: Box, step: Step, context: Values, event: object): Promise<Finished | undefined> {
  if (step.run === undefined) {
    if (!step.uses?.includes('/kn-rollout@')) return undefined
    const given = Object.entries(step.with ?? {}).map(([key, value]) => [key, evaluated(String(value), context)])
    return runAction(box, Object.fromEntries(given) as Values, { event })
  }
  const output = box.path('.git/output')
  writeFileSync(output, '')
  const env = Object.entries(step.env ?? {}).map(([key, value]) => [key, evaluated(value, context)])
  const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run]
  const ran = await box.started('bash', words, { ...(Object.fromEntries(env) as Values), GITHUB_OUTPUT: output })
  return { ...ran, outputs: outputsIn(box.read('.git/output')), summary: '' }
}
