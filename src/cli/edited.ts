import { writeAll } from '../io/write.js'
import type { Outcome } from '../pipeline/outcome.js'
import { shownPatch } from '../report/colour.js'
import type { Render } from '../report/render.js'
import { stdinPath, type Loaded } from './load.js'
import type { Terminal } from './terminal.js'
import { plural } from '../text/plural.js'

/** What commands that edit do with their changes. */

/**
 * Writes all changed files or none. The other files of the run must still be what was read: what another run made of one
 * in between could have led to other changes here.
 */
export async function writeChanges({ changes }: Outcome, loaded: Loaded, terminal: Terminal): Promise<void> {
  const { realPaths, sources, surroundings } = loaded
  const pending = changes.flatMap(({ file, text }) => {
    const place = realPaths.get(file.path)
    return place === undefined ? [] : [{ path: place, before: file.text, after: text }]
  })
  const written = new Set(pending.map((one) => one.path))
  const read = [...sources, ...(surroundings?.files ?? []), ...(surroundings?.kustomizations ?? [])].flatMap((file) => {
    const place = realPaths.get(file.path) ?? ''
    return place === '' || written.has(place) ? [] : [{ path: place, text: file.text }]
  })
  await writeAll(pending, { ...terminal, read })
}

/** The data of a run for people: what `git apply` takes, or what a terminal can show of it. */
export const patches: Render = ({ changes }, { colours, isShown }) => {
  const whole = changes.map(({ patch }) => patch).join('')
  return isShown ? shownPatch(whole, colours) : whole
}

/** What `--write` makes of the standard input: a filter hands it on, changed or not. */
export const handedOn: Render = ({ files, changes }) => {
  const changed = changes.find(({ file }) => file.path === stdinPath)
  return changed?.text ?? files.find((file) => file.path === stdinPath)?.text ?? ''
}

/** How many files were written, in one line; nothing where there were none. */
export function writtenText({ changes }: Outcome): string {
  const count = changes.filter(({ file }) => file.path !== stdinPath).length
  return count > 0 ? `${plural(count, 'file')} written\n` : ''
}
