import { existsSync } from 'node:fs'
import path from 'node:path'

const known = new Map<string, string | undefined>()

/** The top folder of the Git work tree that holds `folder` (an absolute path), or undefined outside of any. */
export function repositoryRoot(folder: string): string | undefined {
  if (known.has(folder)) return known.get(folder)
  const parent = path.dirname(folder)
  const root = existsSync(path.join(folder, '.git')) ? folder : parent === folder ? undefined : repositoryRoot(parent)
  known.set(folder, root)
  return root
}

/** Whether `file` stands in `folder` or below it. */
export function isInside(folder: string, file: string): boolean {
  return !leadsOut(path.relative(folder, file))
}

/** Whether a relative path does not stay below where it starts. */
export function leadsOut(relative: string): boolean {
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
}

/** `folder` as its repository names it: `apps/shop`, or `''` at the root and outside of any. */
export function repositoryFolder(folder: string): string {
  const root = repositoryRoot(folder)
  return root === undefined ? '' : path.relative(root, folder).split(path.sep).join('/')
}
