import path from 'node:path'

import { decode } from '../text/decode.js'
import { IoFailure } from './failure.js'
import type { Environment } from './git.js'
import { readObjects } from './git-objects.js'
import { runGit } from './git-process.js'
import { repositoryRoot } from './root.js'

/** A file that differs between the two sides of a change. */
export type ChangedFile = {
  /** Absolute. */
  readonly path: string
  /** Its text at the base; undefined where it was not there, or is no text. */
  readonly before?: string
  /** Its text at the head, where that is a commit; undefined where it is gone. */
  readonly after?: string
}

/** Both sides of a change. */
export type Sides = {
  /** The commit that both have in common: its full hash. */
  readonly base: string
  /** The repository's top folder. */
  readonly root: string
  readonly changed: readonly ChangedFile[]
}

const manifestFiles = ['*.yaml', '*.yml', '*.json']
const noBlob = /^0+$/

/**
 * What differs between the merge base of `since` and the head, and the head itself: the commit `head`, or the working
 * tree with its untracked files. Every old text is read by one process.
 *
 * @throws IoFailure where Git cannot tell: no repository, no such commit, no commit in common.
 */
export async function readSides(
  { since, head }: { readonly since: string; readonly head?: string },
  workingDirectory: string,
  environment: Environment,
): Promise<Sides> {
  const root = repositoryRoot(workingDirectory)
  if (root === undefined) throw new IoFailure('check must run in a Git repository, but there is none here', 'usage')
  const git = new Repository(root, environment)
  const tip = await git.commit('--since', since)
  const end = await git.commit('--head', head ?? 'HEAD')
  const base = await git.mergeBase(tip, end, since)
  const specs = ['--', ...manifestFiles]
  const options = [
    '--raw',
    '-z',
    '--no-renames',
    '--no-abbrev',
    '--no-relative',
    '--no-ext-diff',
    '--ignore-submodules',
  ]
  const raw = await git.output(['diff', ...options, base, ...(head === undefined ? [] : [end]), ...specs])
  const untracked =
    head === undefined ? await git.output(['ls-files', '-z', '--others', '--exclude-standard', ...specs]) : ''
  const entries = changesIn(raw)
  const texts = await git.texts(entries.flatMap(({ old, fresh }) => (head === undefined ? [old] : [old, fresh])))
  const changed = entries.map(({ name, old, fresh }) => {
    const [before, after] = [texts.get(old), head === undefined ? undefined : texts.get(fresh)]
    return fileOf(root, name, { ...(before !== undefined && { before }), ...(after !== undefined && { after }) })
  })
  const added = untracked.split('\0').flatMap((name) => (name === '' ? [] : [fileOf(root, name, {})]))
  return { base, root, changed: [...changed, ...added] }
}

function fileOf(root: string, name: string, texts: Omit<ChangedFile, 'path'>): ChangedFile {
  return { path: path.join(root, name), ...texts }
}

type Entry = { readonly name: string; readonly old: string; readonly fresh: string }

/** Takes `git diff --raw -z` apart: `:<modes> <old> <new> <status>`, then the name. */
function changesIn(raw: string): readonly Entry[] {
  const parts = raw.split('\0')
  const entries: Entry[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, , old = '', fresh = ''] = (parts[at] ?? '').split(' ')
    entries.push({ name: parts[at + 1] ?? '', old, fresh })
  }
  return entries
}

const fetchAll = 'fetch more history (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0` of checkout)'

class Repository {
  constructor(
    private readonly root: string,
    private readonly environment: Environment,
  ) {}

  /** The full hash of what a user names; the form with `^{commit}` is no option and no range, whatever the name is. */
  async commit(flag: string, name: string): Promise<string> {
    const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
    const found = await this.run(words)
    if (typeof found === 'object') return found.output.trim()
    throw new IoFailure(
      `not checked: ${flag} must be a commit, but Git knows no \`${name}\` here; ${fetchAll}`,
      'usage',
    )
  }

  async mergeBase(a: string, b: string, name: string): Promise<string> {
    const found = await this.run(['merge-base', a, b])
    if (typeof found === 'object') return found.output.trim()
    const isShallow = (await this.output(['rev-parse', '--is-shallow-repository'])).trim() === 'true'
    const why = isShallow ? `this shallow clone does not hold it; ${fetchAll}` : 'there is none'
    throw new IoFailure(`not checked: \`${name}\` and the head must have a commit in common, but ${why}`, 'usage')
  }

  async output(words: readonly string[]): Promise<string> {
    const ran = await this.run(words)
    if (typeof ran === 'object') return ran.output
    throw new IoFailure(`not checked: ${ran}`)
  }

  /** The texts of blobs by their ids. */
  async texts(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>()
    const wanted = [...new Set(ids)].filter((id) => !noBlob.test(id))
    const failure = await readObjects(this.root, this.environment, { ids: wanted, limit: Infinity }, (id, bytes) => {
      const decoded = decode(bytes)
      if ('text' in decoded) texts.set(id, decoded.text)
    })
    if (failure !== undefined) throw new IoFailure(`not checked: ${failure}; ${fetchAll}`)
    return texts
  }

  /** What Git prints, or why it failed. */
  private async run(words: readonly string[]): Promise<{ readonly output: string } | string> {
    const chunks: Buffer[] = []
    const failure = await runGit(this.root, this.environment, {
      arguments: ['--no-optional-locks', ...words],
      onOutput: (chunk) => chunks.push(chunk) > 0,
    })
    return failure ?? { output: Buffer.concat(chunks).toString() }
  }
}
