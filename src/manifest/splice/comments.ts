import type { Edit } from '../../text/edit.js'
import type { Range } from '../../text/range.js'

/** A comment that an edit takes away, or that stands beside a value which is no longer the same. */
export type CommentNote = {
  readonly kind: 'removed' | 'beside'
  /** The comment with its `#`. */
  readonly text: string
  readonly range: Range
}

/**
 * The comments in a stretch of text that holds nothing but white space, punctuation and comments: what stands between
 * two nodes.
 */
export function commentsIn(text: string, start: number, end: number): readonly Range[] {
  const comments: Range[] = []
  for (let at = text.indexOf('#', start); at >= 0 && at < end; at = text.indexOf('#', at)) {
    const rest = /[\r\n]/.exec(text.slice(at, end))
    const stop = rest ? at + rest.index : end
    comments.push({ start: at, end: stop })
    at = stop
  }
  return comments
}

/** Every `# …` comment behind `offset` on its line; `offset` must stand behind a value, not inside one. */
export function trailingComment(text: string, offset: number): Range | undefined {
  const match = /^[ \t,}\]]*[ \t,}\]](#[^\r\n]*)/.exec(text.slice(offset, offset + 2000))
  const comment = match?.[1]
  if (!match || comment === undefined) return undefined
  const start = offset + match[0].length - comment.length
  return { start, end: start + comment.length }
}

export function note(text: string, kind: CommentNote['kind'], range: Range): CommentNote {
  return { kind, text: text.slice(range.start, range.end), range }
}

/** Edits and what they do to comments. */
export type Splice = { readonly edits: readonly Edit[]; readonly notes: readonly CommentNote[] }
