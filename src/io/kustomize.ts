import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { RealBuild } from '../kustomize/real-build.js'
import { reasonOf } from './failure.js'
import type { Environment } from './git/run.js'
import { isInside } from './paths.js'
import { runProgram } from './program.js'
import { guardedSearch, programPlaces, variable } from './system.js'

/** A program that builds folders: where it is, and the words in front of the folder. */
export type KustomizeProgram = { readonly file: string; readonly words: readonly string[] }

const programs = [
  { name: 'kustomize', words: ['build'] },
  { name: 'kubectl', words: ['kustomize'] },
]

/**
 * The kustomize, or else the kubectl, that the PATH leads to; undefined where there is none. One that is inside of the
 * repository is none: a commit could bring it along.
 */
export function findKustomize(environment: Environment, repository: string): KustomizeProgram | undefined {
  for (const { name, words } of programs)
    for (const place of programPlaces(name, variable(environment, 'PATH') ?? '')) {
      const file = programAt(place, repository)
      if (file !== undefined) return { file, words }
    }
  return undefined
}

function programAt(file: string, repository: string): string | undefined {
  try {
    const real = fs.realpathSync.native(file)
    fs.accessSync(real, fs.constants.X_OK)
    const isForeign = [file, real].every((one) => !isInside(repository, one))
    return isForeign && fs.statSync(real).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

/** Milliseconds that one root may take, and all of them together; bytes that one may print. */
const mostTime = 20_000
const mostTimeInAll = 120_000
const mostOutput = 64 * 1024 * 1024

/**
 * Builds folders (absolute) with the real kustomize. It gets an empty home, which is removed afterwards, no PATH to start
 * other programs by, and no option that would let it; only what needs no server is to be handed to it.
 */
export async function buildFolders(
  { file, words }: KustomizeProgram,
  folders: readonly string[],
): Promise<ReadonlyMap<string, RealBuild>> {
  const home = fs.mkdtempSync(path.join(fs.realpathSync.native(tmpdir()), 'kn-rollout-kustomize-'))
  const environment = {
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: home,
    TMPDIR: home,
    TEMP: home,
    ...guardedSearch(home),
    KUBECONFIG: path.join(home, 'none'),
  }
  const end = Date.now() + mostTimeInAll
  const builds = new Map<string, RealBuild>()
  const waiting = [...folders]
  const work = async (): Promise<void> => {
    for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
      const limit = Math.min(mostTime, end - Date.now())
      const late = { reason: `no time is left after ${mostTimeInAll / 1000} s for all roots` }
      builds.set(
        folder,
        limit <= 0 ? late : await buildOf({ file, words: [...words, folder] }, { home, environment, limit }),
      )
    }
  }
  try {
    await Promise.all([work(), work()])
  } finally {
    fs.rmSync(home, { recursive: true, force: true })
  }
  return builds
}

type Bounds = { readonly home: string; readonly environment: Environment; readonly limit: number }

async function buildOf({ file, words }: KustomizeProgram, { home, environment, limit }: Bounds): Promise<RealBuild> {
  const chunks: Buffer[] = []
  let size = 0
  const onOutput = (chunk: Buffer): boolean => {
    size += chunk.length
    chunks.push(chunk)
    return size <= mostOutput
  }
  const ended = await runProgram({ file, arguments: words, folder: home, environment, onOutput, limit })
  if (ended.how === 'unstarted') return { reason: `it cannot be started: ${reasonOf(ended.error)}` }
  if (ended.how === 'late') return { reason: `it has not ended after ${limit / 1000} s` }
  if (ended.how === 'enough') return { reason: `it prints more than ${mostOutput} bytes` }
  if (ended.status === 0) return { text: Buffer.concat(chunks).toString('utf8') }
  return { reason: JSON.stringify(complaintIn(ended.talk)) }
}

/** What went wrong in one line; kubectl logs a longer complaint between angles. */
function complaintIn(talk: string): string {
  const told = /err=<\n([^]*)\n\s*>/.exec(talk)?.[1] ?? talk
  const lines = told.split('\n').filter((line) => /\S/.test(line) && !line.startsWith('# Warning'))
  const line = lines
    .map((one) => one.trim())
    .join(' ')
    .replace(/^[Ee]rror: /, '')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

const longest = 100
