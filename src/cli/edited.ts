import { writeAll } from '../io/write.js'
import type { Outcome } from '../pipeline/outcome.js'
import { shownPatch } from '../report/colour.js'
import type { Render } from '../report/render.js'
import { stdinPath, type Loaded } from './load.js'
import { plural } from '../text/plural.js'

/** What commands that edit do with their changes. */

/** Writes all changed files or none. */
export function writeChanges({ changes }: Outcome, { realPaths }: Loaded): void {
  writeAll(
    changes.flatMap(({ file, text }) => {
      const path = realPaths.get(file.path)
      return path === undefined ? [] : [{ path, before: file.text, after: text }]
    }),
  )
}

/** The data of a run for people: what `git apply` takes, or what a terminal can show of it. */
export const patches: Render = ({ changes }, { colours, isShown }) => {
  const whole = changes.map(({ patch }) => patch).join('')
  return isShown ? shownPatch(whole, colours) : whole
}

/** What `--write` makes of the standard input: a filter hands it on, changed or not. */
export const handedOn: Render = ({ files, changes }) => {
  const changed = changes.find(({ file }) => file.path === stdinPath)
  return changed?.text ?? files.find(({ path }) => path === stdinPath)?.text ?? ''
}

/** How many files were written, in one line; nothing where there were none. */
export function writtenText({ changes }: Outcome): string {
  const count = changes.filter(({ file }) => file.path !== stdinPath).length
  return count > 0 ? `${plural(count, 'file')} written\n` : ''
}
