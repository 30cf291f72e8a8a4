import path from 'node:path'

import { slashes } from '../paths.js'

/** The parts of what Git prints with `-z`: each ends with a zero byte, so names stand in it as they are. */
export function partsOf(output: string): readonly string[] {
  return output.split('\0').filter((part) => part !== '')
}

/** A file as its repository names it: from the root, with slashes. */
export function nameOf(root: string, file: string): string {
  return slashes(path.relative(root, file))
}

/** The pathspec of the one file of that name, wherever Git runs and whatever signs are in the name. */
export function literal(name: string): string {
  return `:(top,literal)${name}`
}

/** The pathspec of the files that are called so in any folder. */
export function anywhere(name: string): string {
  return `:(glob)**/${name}`
}
