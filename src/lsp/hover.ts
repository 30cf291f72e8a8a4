import { type Hover, MarkupKind } from 'vscode-languageserver'

import { locate } from '../manifest/manifest.js'
import { readTraffic, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Status, StatusRow } from '../pipeline/status.js'
import type { TrafficHistory } from '../pipeline/traffic-history.js'
import { code } from '../report/markdown-text.js'
import { shareOf } from '../stages/place.js'
import { serviceUrl, tagUrl } from '../stages/url.js'
import { shortCommit, utcMinute } from '../text/words.js'
import type { View } from './view.js'

/** What there is to say of the target of traffic at an offset of the document; null where there is none. */
export async function hoverAt(view: View, line: number, offset: number): Promise<Hover | null> {
  const manifest = view.manifestAt(line)
  const traffic = manifest && readTraffic(manifest)
  if (!manifest || !traffic) return null
  const found = traffic.findIndex((_, index) => {
    const { start, end } = locate(manifest, ['spec', 'traffic', index])
    return start <= offset && offset <= end
  })
  const target = traffic[found]
  if (!target) return null
  const [status, rows] = [await view.status(), await view.rowsOf(manifest)]
  const place = view.places([manifest.file]).of(manifest.file.path, locate(manifest, ['spec', 'traffic', found]))
  const value = [targetText(target, rows), ...rows.map((row) => rowText(target, row, status))].join('\n\n')
  return { contents: { kind: MarkupKind.Markdown, value }, ...(place && { range: place.range }) }
}

/** The revision, its role, its percent and its tag. */
function targetText({ revision, percent, tag }: TrafficTarget, [row]: readonly StatusRow[]): string {
  const roles = (['stable', 'candidate'] as const).filter((name) => {
    const role = row?.[name]
    return role !== undefined && sameRevision(role.revision, revision)
  })
  const role = roles.length > 0 ? ` (${roles.join(', ')})` : ''
  return `${code(revisionText(revision))}${role}: ${percent}%${tag === undefined ? '' : `, tag ${code(tag)}`}`
}

/** Since when, and where it is to be found, as one root applies the Service. */
function rowText(target: TrafficTarget, row: StatusRow, { scheme, isAssumed }: Status): string {
  const { root, address, history } = row
  const url = target.tag === undefined ? serviceUrl(address, scheme) : tagUrl(address, target.tag, scheme)
  const guess = isAssumed && url.includes(scheme.domain) ? ' (assumed domain; set `domain` in `.kn-rollout.yaml`)' : ''
  const lines = [
    ...(root === undefined ? [] : [`Root: ${code(root)}`]),
    sinceText(target, history),
    `URL: ${code(url)}${guess}`,
  ]
  // Two blanks at its end break a line of Markdown.
  return lines.join('  \n')
}

/** Since which commit the revision has its percent. */
function sinceText({ revision }: TrafficTarget, history: TrafficHistory | undefined): string {
  if (!history) return 'Since: unknown (Git does not show it)'
  const [newest] = history.steps
  const percent = shareOf(newest?.traffic ?? [], revision)
  const end = history.steps.findIndex(({ traffic }) => {
    const isThere = traffic?.some((one) => sameRevision(one.revision, revision)) === true
    return !isThere || shareOf(traffic, revision) !== percent
  })
  const first = history.steps.at(end < 0 ? -1 : end - 1)
  if (end === 0 || !first) return 'Since: unknown (Git does not show it)'
  if (!first.brought) return 'Since: not committed'
  const { time, commit } = first.brought
  const isAtLeast = end < 0 && (history.isCut || history.unread > 0)
  return `Since: ${utcMinute(time)} (${shortCommit(commit)})${isAtLeast ? ' or earlier' : ''}`
}
