// Runs of action.yml, and of what stands around it in workflows and jobs.
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

type Action = {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string }
}
export type Values = Readonly<Record<string, string>>
export type Finished = {
  readonly status: number
  readonly log: string
  readonly outputs: Values
  readonly summary: string
}

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const action = parse(readFileSync(path.join(root, 'action.yml'), 'utf8')) as Action

/** What a run finds around it. */
export type Around = {
  /** The event, as GitHub writes it into a file. */
  readonly event?: object
  /** Where the action was checked out. */
  readonly actionPath?: string
  readonly environment?: Values
}

/** What Node compiles of the file, kept for the other runs of these tests. */
const compiled = mkdtempSync(path.join(tmpdir(), 'kn-rollout-compiled-'))
process.on('exit', () => rmSync(compiled, { recursive: true, force: true }))

/** A repository with programs of its own before those of the system. */
export class Box extends Sandbox {
  /** Puts a program there that notes its arguments, and does what lines of shell say. */
  program(name: string, script: string): void {
    mkdirSync(this.path('.git/bin'), { recursive: true })
    writeFileSync(
      this.path(`.git/bin/${name}`),
      `#!/bin/sh\nprintf '%s\\n' "$*" >>'${this.path(`.git/${name}.log`)}'\n${script}\n`,
    )
    chmodSync(this.path(`.git/bin/${name}`), 0o755)
  }

  get variables(): Values {
    const coverage = process.env['NODE_V8_COVERAGE']
    return {
      PATH: `${this.path('.git/bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: this.root,
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...(coverage === undefined ? { NODE_COMPILE_CACHE: compiled } : { NODE_V8_COVERAGE: coverage }),
    }
  }

  /** Runs a program while this process answers its requests. */
  async started(
    program: string,
    args: readonly string[],
    environment: Values,
    folder = '.',
  ): Promise<{ readonly status: number; readonly log: string }> {
    const child = spawn(program, args, {
      cwd: this.path(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.variables, ...environment },
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
    const status = await new Promise<number>((resolve) => {
      child.on('close', (code) => resolve(code ?? -1))
    })
    return { status, log }
  }
}

/** Runs the action with these inputs in a repository, as the runner does. */
export async function runAction(box: Box, given: Values, around: Around = {}): Promise<Finished> {
  for (const name of Object.keys(given)) assert.ok(action.inputs[name], `${name} is an input`)
  const inputs = Object.entries(action.inputs).map(([name, { default: value }]) => {
    return [`INPUT_${name.toUpperCase()}`, given[name] ?? (value.startsWith('${{') ? '' : value)] as const
  })
  const [output, summary, event] = ['output', 'summary', 'event.json'].map((name) => box.path(`.git/${name}`))
  for (const file of [output, summary]) writeFileSync(file ?? '', '')
  writeFileSync(event ?? '', JSON.stringify(around.event ?? {}))
  const ran = await box.started(process.execPath, [path.join(around.actionPath ?? root, action.runs.main)], {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/shop',
    RUNNER_TEMP: box.path('.git'),
    GITHUB_OUTPUT: output ?? '',
    GITHUB_STEP_SUMMARY: summary ?? '',
    GITHUB_EVENT_PATH: event ?? '',
    ...around.environment,
    ...Object.fromEntries(inputs),
  })
  return { ...ran, outputs: outputsIn(box.read('.git/output')), summary: box.read('.git/summary') }
}

/** The event of a pull request, of a fork where `from` is another repository. */
export function pullRequest(base: string, { from = 'acme/shop', head = 'a'.repeat(40) } = {}): object {
  return {
    pull_request: {
      number: 7,
      base: { sha: base, repo: { full_name: 'acme/shop' } },
      head: { sha: head, repo: { full_name: from } },
    },
  }
}

export function outputsIn(text: string): Values {
  const single = [...text.matchAll(/^(\w+)=(.*)$/gm)]
  const several = [...text.matchAll(/^(\w+)<<(.+)\n([^]*?)\n\2$/gm)].map(([, name, , value]) => ['', name, value])
  return Object.fromEntries([...single, ...several].map(([, name = '', value = '']) => [name, value]))
}

export const traffic = (stable: number): string => `  traffic:
    - revisionName: shop-v1
      percent: ${stable}
    - revisionName: shop-v2
      percent: ${100 - stable}
      tag: v2
`
export const shop = (stable: number): string => service(traffic(stable), { name: 'shop', revision: 'shop-v2' })

/** A repository whose branch `main` has one Service in its preview. */
export function repository(files: Values = {}): Box {
  const box = new Box()
  box.git('init', '--quiet')
  box.write({ 'apps/shop.yaml': shop(100), 'readme.txt': 'x', ...files })
  box.commit()
  box.git('branch', '-M', 'main')
  return box
}
