import path from 'node:path'

/** Words of a text that can name files, with and without `..` in them. */
const word = /[^\s"'[\]{},]+/g
/** What stands in quotes, or between signs and ends of lines: a name may have spaces in it. */
const phrase = /"[^"\n]+"|'[^'\n]+'|[^\n"'[\]{},]+/g

/** The words of a kustomization that can name files and folders; those `isOutward` leave its own folder. */
export function* mentions(text: string, isOutward = false): Generator<string> {
  for (const one of new Set([...(text.match(word) ?? []), ...spaced(text)]))
    if (!one.endsWith(':') && !one.includes('://') && (!isOutward || one.includes('..'))) yield one
}

/** The places of what a kustomization in a folder can name, or of that which is not below it. */
export function placesIn(text: string, folder: string, isOutward = false): readonly string[] {
  return [...mentions(text, isOutward)].map((name) => path.resolve(folder, name))
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
