import { revisionText, sameRevision } from '../manifest/traffic.js'
import type { Finding } from '../rules/rule.js'
import { advanceOf } from './advance.js'
import type { Guard, Passage } from './guard.js'
import { hasLatest, latestShare, placeOf, targetsOf } from './targets.js'
import { isNewTemplate, ownName } from '../history/template.js'

/** Users meet a revision that nobody could have tested. */
export const skippedPreview: Guard = {
  code: 'KN514',
  name: 'skipped-preview',
  severity: 'warning',
  title: 'a new template must not get traffic in the change that brings it',
  why: () =>
    'A new template is built when the change is applied, and with a share of the traffic its first requests are those of users. Preview it at 0 percent under a tag, test it there, and give it a share in a later commit.',
  *check(passage) {
    const finding = unpreviewed(passage)
    if (finding) yield finding
  },
}

/** What is wrong where the new template of a change serves at once. */
export function unpreviewed(passage: Passage): Finding | undefined {
  if (!isNewTemplate(passage)) return undefined
  return served(passage) ?? servedAsLatest(passage)
}

function served(passage: Passage): Finding | undefined {
  const advance = advanceOf(passage)
  if (!advance || !('name' in advance.candidate)) return undefined
  const { before, after } = passage
  const { candidate, from, to } = advance
  const name = ownName(after)
  const isBuilt = name === undefined ? from < 0 : name === candidate.name && name !== ownName(before)
  if (!isBuilt) return undefined
  return {
    message: `\`${revisionText(candidate)}\` must be previewed first, but gets ${to} percent of the traffic in the change that brings its template`,
    help: 'give it `percent: 0` and a tag, and a share in a later commit',
    path: placeOf(targetsOf(after), (revision) => sameRevision(revision, candidate), 'percent'),
  }
}

/** A target for the latest revision means another one as soon as the template is built. */
function servedAsLatest({ before, after }: Passage): Finding | undefined {
  const [old, fresh] = [targetsOf(before), targetsOf(after)]
  const share = latestShare(fresh)
  if (share <= 0 || share >= 100 || !(old.length === 0 || hasLatest(old))) return undefined
  return {
    message: `the new template must be previewed first, but \`latestRevision: true\` gives it ${share} percent of the traffic in the change that brings it`,
    help: 'pin all traffic to named revisions first, and give the new one a share in a later commit',
    path: placeOf(fresh, (revision, percent) => 'latest' in revision && percent > 0, 'percent'),
  }
}
