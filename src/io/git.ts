import { spawn } from 'node:child_process'
import path from 'node:path'

import { aliasedVersion, marker } from '../manifest/knative-sign.js'
import { ownerSigns } from '../manifest/owners/signs.js'
import { isKustomization, kustomizationNames } from './kustomization-name.js'
import { isManifestFile } from './walk.js'

/** The marker of Knative manifests in UTF-8, and the same letters with the zero bytes that UTF-16 puts between them. */
const wideMarker = Array.from(marker, literal).join(String.raw`\x00?`)
const manifestFiles = ['*.yaml', '*.yml', '*.json']
/**
 * What kustomizations spell that have patches, or build upon another folder, and what hands traffic to other controllers.
 * The same search looks for it: one more run of Git would cost as much.
 */
const around = ['patches', '../', ...Object.values(ownerSigns)]

/** What a file holds that can be a Knative manifest, or a kustomization that names one: a Perl expression. */
export const candidatePattern = [wideMarker, ...[aliasedVersion, ...around].map(literal)].join('|')

/** The variables that a program is started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What Git knows of a folder. */
export type Candidates = {
  /** Tracked files that hold the marker, and maybe others. */
  readonly marked: readonly string[]
  /** Files that Git neither tracks nor ignores: nobody has looked into them yet. */
  readonly untracked: readonly string[]
  /** Kustomizations among the tracked files that have patches, or build upon another folder. */
  readonly kustomizations: readonly string[]
}

/**
 * The files below `folder` that can hold a Knative Service, as absolute paths, found in a fraction of the time that
 * reading them all would take. Undefined where Git cannot tell, so that another way is taken. The marked ones are known
 * before the others, and handed to `onMarked` at once.
 */
export async function gitCandidates(
  folder: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Candidates | undefined> {
  const [found, untracked] = await Promise.all([
    git(folder, environment, [
      '-c',
      'grep.fullName=false',
      '-c',
      'submodule.recurse=false',
      'grep',
      '--no-color',
      '-l',
      '-z',
      '-a',
      '-P',
      '-e',
      candidatePattern,
      '--',
      ...manifestFiles,
      ...kustomizationNames.map((name) => `:(glob)**/${name}`),
    ]).then((files) => {
      const marked = files?.filter(isManifestFile)
      if (marked) onMarked(marked)
      return files && marked && { marked, kustomizations: files.filter(isKustomization) }
    }),
    git(folder, environment, ['ls-files', '-z', '--others', '--exclude-standard', '--', ...manifestFiles]),
  ])
  return found && untracked && { ...found, untracked }
}

/** The names that a Git command prints. `git grep` ends with 1 where nothing matched; any complaint is a failure. */
async function git(
  folder: string,
  environment: Environment,
  args: readonly string[],
): Promise<readonly string[] | undefined> {
  const ran = await runGit(folder, environment, args)
  if (!ran || ran.hasComplained || ran.status > 1) return undefined
  return namesIn(ran.output).map((name) => path.join(folder, name))
}

/** What a run of Git gave. */
export type GitRun = { readonly status: number; readonly output: string; readonly hasComplained: boolean }

/** Runs Git in a folder; undefined where it cannot be run. */
export function runGit(folder: string, environment: Environment, args: readonly string[]): Promise<GitRun | undefined> {
  return new Promise((resolve) => {
    const child = spawn('git', args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: withoutRepository(environment),
    })
    const output: Buffer[] = []
    let hasComplained = false
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', () => (hasComplained = true))
    child.on('error', () => resolve(undefined))
    child.on('close', (status) => {
      resolve(status === null ? undefined : { status, output: Buffer.concat(output).toString(), hasComplained })
    })
  })
}

/** The names in what Git prints with `-z`. */
export function namesIn(output: string): readonly string[] {
  return output.split('\0').filter((name) => name !== '')
}

/** Git tells its hooks by variables which repository and index they run for; here the folder says that. */
export function withoutRepository(environment: Environment): Environment {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || name === 'GIT_EXEC_PATH')
  return Object.fromEntries(kept)
}

function literal(text: string): string {
  return text.replaceAll(/[.*]/g, String.raw`\$&`)
}
