import type { Compared, NamedCommit } from '../pipeline/request.js'
import { code } from './markdown-text.js'
import type { ComparedJson } from './public-json.js'

/** The sides of a change as programs get them, of the shape that `schemas/report.json` promises. */
export function comparedJson({ base, head }: Compared): ComparedJson {
  return { base: commitJson(base), head: head ? commitJson(head) : { workingTree: true } }
}

function commitJson({ ref, commit }: NamedCommit): ComparedJson['base'] {
  return { ref, commit }
}

/** The sides of a change in a few words: `7551c51..working tree`. */
export function comparedText({ base, head }: Compared): string {
  return `${short(base.commit)}..${head ? short(head.commit) : 'working tree'}`
}

/** The sides of a change as a sentence of Markdown: the commits, and what they were asked for as. */
export function comparedMarkdown({ base, head }: Compared): string {
  const from = `Base: ${code(short(base.commit))}${base.commit === base.ref ? '' : `, the merge base with ${code(base.ref)}`}`
  const named = head && head.commit !== head.ref ? ` (${code(head.ref)})` : ''
  return `${from}. Head: ${head ? code(short(head.commit)) : 'the working tree'}${named}.`
}

function short(commit: string): string {
  return commit.slice(0, 7)
}
