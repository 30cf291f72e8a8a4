import { existsSync } from 'node:fs'
import path from 'node:path'

import { nameOf } from './names.js'

const known = new Map<string, string | undefined>()

/** The top folder of the Git work tree that holds `folder` (an absolute path), or undefined outside of any. */
export function repositoryRoot(folder: string): string | undefined {
  if (known.has(folder)) return known.get(folder)
  const parent = path.dirname(folder)
  const root = existsSync(path.join(folder, '.git')) ? folder : parent === folder ? undefined : repositoryRoot(parent)
  known.set(folder, root)
  return root
}

/** `folder` as its repository names it: `apps/shop`, or `''` at the root and outside of any. */
export function repositoryFolder(folder: string): string {
  const root = repositoryRoot(folder)
  return root === undefined ? '' : nameOf(root, folder)
}
