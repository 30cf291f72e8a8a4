// The one comment on a pull or merge request: what it says, and how it is found again.
import { ApiFailure } from './api.js'
import { type Command, countOf, countsText, type Finished, plural, type Wish } from './program.js'

/** GitHub takes so many characters. GitLab takes more, but nobody reads them. */
export const longest = 65_536

/**
 * What a comment of a run begins with, and no other's: readers do not see it. Runs of another command or in another
 * directory have comments of their own.
 */
export function markerOf({ command, folder }: Pick<Wish, 'command' | 'folder'>): string {
  // Two dashes would end the comment of HTML.
  const place = encodeURIComponent(folder).replaceAll('-', '%2D')
  return `<!-- kn-rollout ${command} ${place} -->`
}

export type Comment = {
  readonly marker: string
  readonly text: string
  /** Set where there is nothing to say, unless an earlier comment says something else. */
  readonly isEmpty: boolean
}

const titles: Readonly<Record<Command, string>> = {
  check: 'Knative rollouts: what this change does',
  validate: 'Knative Services: validation',
  status: 'Knative rollouts: status',
  release: 'Knative rollouts: release',
  apply: 'Knative rollouts: change of stage',
  next: 'Knative rollouts: next stage',
}

/**
 * The comment of a run. Its report is Markdown in which no name of a repository can act; everything else is written here.
 * Where nothing has to be read, it is folded. A run that ended without a report only corrects an earlier comment.
 *
 * @param commit What was looked at.
 */
export function commentOf(wish: Wish, { reports }: Finished, commit: string): Comment {
  const marker = markerOf(wish)
  const head = `${marker}\n### ${titles[wish.command]}\n\n`
  const foot = /^[0-9a-f]{7,64}$/.test(commit)
    ? `\nFor commit ${commit.slice(0, 7)}. Later runs update this comment.\n`
    : ''
  if (!reports) return { marker, text: `${head}The run ended without a report: see the run.\n${foot}`, isEmpty: true }
  const { json, markdown } = reports
  const counts = `${plural(json.services.length, 'Knative Service')}: ${countsText(json)}`
  const isQuiet = countOf(json.diagnostics, 'error') + countOf(json.diagnostics, 'warning') === 0
  const around = (body: string): string => {
    const folded = `<details><summary>${counts}</summary>\n\n${body.trimEnd()}\n\n</details>\n`
    return `${head}${isQuiet ? folded : `${body.trimEnd()}\n`}${foot}`
  }
  const whole = around(markdown)
  const text =
    whole.length <= longest ? whole : around(`${counts}.\n\nThe report is too long for a comment: see the run.`)
  const isNews = wish.command === 'check' || wish.command === 'status'
  const isAboutNothing = json.services.length === 0 || !isNews
  return { marker, text, isEmpty: isAboutNothing && json.diagnostics.length === 0 && (json.changes ?? []).length === 0 }
}

/** A comment as it was found. */
export type Found = { readonly id: number; readonly text: string }

/** A comment as it was written, and its address, where it has one. */
export type Written = { readonly id: number; readonly address: string }

/** Where comments are kept. Every function throws ApiFailure where the service refuses. */
export type Comments = {
  /** A page of comments, counted from 1 and the oldest first; an empty one ends the list. */
  readonly page: (page: number) => Promise<readonly Found[]>
  /** Whether whoever holds the token has written it: a stranger can write a marker, too. */
  readonly isOwn: (found: Found) => Promise<boolean>
  readonly create: (text: string) => Promise<Written>
  readonly update: (id: number, text: string) => Promise<Written>
  readonly remove: (id: number) => Promise<void>
}

/** More pages of comments than people read. */
const mostPages = 100

/** Writes the comment, or writes it anew where it stands. Gives back its address, '' where there is none. */
export async function keepComment({ marker, text, isEmpty }: Comment, comments: Comments): Promise<string> {
  const { found, end } = await earliest(marker, comments, 1)
  if (found?.text.replaceAll('\r', '') === text) return ''
  if (found) return (await comments.update(found.id, text)).address
  if (isEmpty) return ''
  const created = await comments.create(text)
  try {
    return await onlyOne(created, await earliest(marker, comments, Math.max(1, end - 1)), text, comments)
  } catch (error) {
    if (error instanceof ApiFailure) return created.address
    throw error
  }
}

/**
 * Two runs at the same time find no comment, and both create one. Each looks again: the older one stays, and the other run
 * gives its text to that and removes its own, which it has just created. Where that fails, there are two.
 */
async function onlyOne(created: Written, { found }: Search, text: string, comments: Comments): Promise<string> {
  if (!found || found.id === created.id) return created.address
  const { address } = await comments.update(found.id, text)
  await comments.remove(created.id)
  return address
}

/** The oldest comment of this kind of run, and the page at which the list ended where there is none. */
type Search = { readonly found?: Found; readonly end: number }

async function earliest(marker: string, comments: Comments, from: number): Promise<Search> {
  for (let page = from; page <= mostPages; page++) {
    const listed = await comments.page(page)
    if (listed.length === 0) return { end: page }
    for (const found of listed)
      if (found.text.startsWith(marker) && (await comments.isOwn(found))) return { found, end: page }
  }
  return { end: mostPages }
}
