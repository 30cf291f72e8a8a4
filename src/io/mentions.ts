import path from 'node:path'

import type { ReadSource } from './read.js'

/** Words of a text that can name files, with and without `..` in them. */
const word = /[^\s"'[\]{},]+/g
/** What stands in quotes, or between signs and ends of lines: a name may have spaces in it. */
const phrase = /"[^"\n]+"|'[^'\n]+'|[^\n"'[\]{},]+/g

/** The places that the words of a kustomization can name; by those with `..` it leaves its folder. */
export function* mentions({ source, realPath }: ReadSource, isOutward: boolean): Generator<string> {
  const folder = path.dirname(realPath)
  const words = new Set([...(source.text.match(word) ?? []), ...spaced(source.text)])
  for (const one of words) {
    if (one.endsWith(':') || one.includes('://') || (isOutward && !one.includes('..'))) continue
    yield path.resolve(folder, one)
  }
}

/** The names with spaces that a text can hold, without the dash or the key before them and the comment behind. */
function* spaced(text: string): Generator<string> {
  for (const [found] of text.matchAll(phrase)) {
    if (!found.trim().includes(' ')) continue
    const value = found.replace(/^\s*(?:-\s+)*(?:[\w$-]+:\s+)?/, '')
    const comment = value.search(/\s#/)
    const plain = comment < 0 ? value : value.slice(0, comment)
    const name = (/^["']/.test(found) ? found.slice(1, -1) : plain).trim()
    if (name.includes(' ') && !name.startsWith('#')) yield name
  }
}
