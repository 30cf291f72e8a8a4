import { exists, step, type Cluster } from '../history/cluster.js'
import { reached } from '../history/numbers.js'
import { ownName } from '../history/template.js'
import { numberOf } from '../manifest/revision-number.js'
import type { Finding } from '../rules/rule.js'
import { namesIn } from '../stages/names.js'
import { nearest } from '../text/nearest.js'
import { hasGaps } from './gaps.js'
import type { Guard, Passage } from './guard.js'
import { placeOf, targetsOf } from './targets.js'

/** A target that does not exist holds back the whole split, until it comes true by surprise. */
export const unknownRevision: Guard = {
  code: 'KN511',
  name: 'missing-revision',
  severity: 'warning',
  title: 'traffic must go to a revision that was built',
  source: 'pkg/reconciler/route/traffic/errors.go (RevisionMissing)',
  why: () =>
    'Nothing in the file or its history says that the cluster builds this revision: one sync builds one at most. While it is missing, the whole split is held back and the old one goes on; if a later template gets the name, the split comes true by surprise. Check the spelling, or merge the template first.',
  isForWhole: true,
  isForKnative: true,
  asksCluster: true,
  *check(passage) {
    const { past } = passage
    const missing = missingNames(passage)
    if (!past || missing.length === 0 || hasGaps(past)) return
    for (const name of missing) yield missingTarget(passage, name)
  },
  isOpen: (passage) => missingNames(passage).length > 0,
}

/** The names that a change brings into the list though the cluster has no such revision. Another Service's are a rule's matter. */
function missingNames(passage: Passage): readonly string[] {
  const { after } = passage
  const atHand = new Set(namesAtHand(passage))
  const brought = namesIn(targetsOf(after)).filter((name) => name.startsWith(`${after.name}-`) && !atHand.has(name))
  // The history is looked through only where it decides.
  if (brought.length === 0) return brought
  const built = builtBy(passage, passage.cluster)
  return brought.filter((name) => !exists(built, name) || isPassedOver(passage, name))
}

function namesAtHand({ before, after }: Passage): readonly string[] {
  return [...namesIn(targetsOf(before)), ...[before, after].flatMap((side) => ownName(side) ?? [])]
}

/** The cluster once it has the newer side. */
function builtBy({ after, profile, settings }: Passage, at: Passage['cluster']): Cluster {
  return step(at.whole().cluster, { commit: '', service: { ...after, isValid: true } }, { profile, settings }).cluster
}

/** Whether the revision is surely built if each commit is synced by itself, and not surely otherwise: one sync makes one. */
function isPassedOver(passage: Passage, name: string): boolean {
  if (!passage.each) return false
  const { cluster, each, after } = passage
  const [once, stepwise] = [cluster, each].map((at) => builtBy(passage, at))
  if (!once || !stepwise || !exists(stepwise, name)) return false
  const number = numberOf(after.name, name)
  if (number === undefined) return !exists(once, name)
  return number > reached(once, after.name).least && number <= reached(stepwise, after.name).least
}

function missingTarget(passage: Passage, name: string): Finding {
  const path = placeOf(
    targetsOf(passage.after),
    (revision) => 'name' in revision && revision.name === name,
    'revisionName',
  )
  if (isPassedOver(passage, name))
    return {
      message: `\`${name}\` must be a revision that was built, but it takes the commits in between to build it: RevisionMissing holds back the split`,
      help: `merge the template that builds \`${name}\` first, and name it in a later change`,
      path,
    }
  // Of two that are as near, the later one.
  const close = nearest(name, knownNames(passage).toReversed())
  return {
    message: `\`${name}\` must be a revision that was built, but neither the template nor the history of the file knows it: the split is held back (RevisionMissing) until there is one`,
    help:
      close === undefined ? 'correct the name, or commit the template that builds it' : `did you mean \`${close}\`?`,
    path,
  }
}

/** Every name that a revision is known by, the oldest first. */
function knownNames(passage: Passage): readonly string[] {
  const { named, revisions } = passage.cluster.whole().cluster
  return [...new Set([...named.keys(), ...revisions.keys(), ...namesAtHand(passage)])]
}
