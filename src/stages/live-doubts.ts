import { isList, isObject, type Json } from '../manifest/json.js'
import type { LiveService } from '../manifest/live.js'
import { formatPath, type Path } from '../text/path.js'
import { remark, type Remark } from './remark.js'

/** What a saved live object says against counting on from it: its template is not the one that was committed last. */
export function liveDoubts(live: LiveService, template: Json | undefined): readonly Remark[] {
  const other = difference(template ?? {}, live.template, ['spec', 'template'])
  if (!other) return []
  const message = `the template in \`${live.file}\` must be the committed one to count on from it, but differs at \`${formatPath(other)}\``
  return [
    remark({
      code: 'KN448',
      message,
      help: 'wait until the last commit is synced, then save the live object again',
    }),
  ]
}

/** The first thing that the file says and the cluster does not have. What only the cluster has may be its defaults. */
function difference(wanted: Json, found: Json | undefined, path: Path): Path | undefined {
  if (isVacant(wanted)) return undefined
  if (isList(wanted)) {
    if (!isList(found) || found.length !== wanted.length) return path
    return first(wanted.map((item, index) => difference(item, found[index], [...path, index])))
  }
  if (!isObject(wanted)) return wanted === found || isQuantity(path) ? undefined : path
  if (!isObject(found)) return path
  return first(Object.entries(wanted).map(([key, item]) => difference(item, found[key], [...path, key])))
}

/** `1000m` and `1` are one amount: the cluster keeps the spelling of its own. */
function isQuantity(path: Path): boolean {
  return path.includes('resources')
}

function isVacant(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0)
}

function first(paths: readonly (Path | undefined)[]): Path | undefined {
  return paths.find((path) => path !== undefined)
}
