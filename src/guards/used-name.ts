import { specOf, step, type MadeRevision } from '../history/cluster.js'
import { ownName, ownNamePath } from '../history/template.js'
import { sameJson } from '../manifest/json.js'
import { shortCommit } from '../text/version.js'
import type { Guard, Passage } from './guard.js'

/** The revision of that name is still on the cluster, and another one of the same name cannot be made. */
export const usedName: Guard = {
  code: 'KN510',
  name: 'revision-name-reused',
  severity: 'warning',
  title: 'a revision name must not be used again for another template',
  source: 'pkg/reconciler/configuration/configuration.go CheckNameAvailability (RevisionNameTaken)',
  why: () =>
    'The revision that had this name is still on the cluster, with another template. No second one can be made: the Service reports RevisionNameTaken, and its route is frozen with all later changes of the traffic until template and name go together again. The very same template may come back under its name.',
  isForWhole: true,
  asksCluster: true,
  *check(passage) {
    const name = ownName(passage.after)
    const made = name === undefined ? undefined : madeUnder(passage, name)
    if (!made) return
    yield {
      message: `\`spec.template.metadata.name\` must be new, but \`${name}\` was another template in ${shortCommit(made.commit)}: the cluster answers with RevisionNameTaken and freezes the whole route`,
      help: 'take a name that was never used, or bring back the very template that had this one',
      path: ownNamePath,
    }
  },
  isOpen({ before, after, cluster }) {
    const name = ownName(after)
    if (name === undefined || name === ownName(before)) return false
    return !cluster.about(name).cluster.revisions.has(name)
  },
}

/** The revision that has the name already, where it is another template's. */
function madeUnder({ cluster, after, profile, settings }: Passage, name: string): MadeRevision | undefined {
  const isAlike = cluster.under(name).every((one) => sameJson(specOf(one, settings), specOf(after, settings)))
  if (isAlike && !cluster.isOlder(name)) return undefined
  const { cluster: before } = cluster.about(name)
  const { outcome } = step(before, { commit: '', service: { ...after, isValid: true } }, { profile, settings })
  return outcome.kind === 'admitted' && outcome.revision.how === 'taken' ? before.revisions.get(name) : undefined
}
