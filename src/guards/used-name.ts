import { member, sameJson } from '../manifest/json.js'
import { templateOf as templateNamed } from '../manifest/past-facts.js'
import type { PastState } from '../manifest/past.js'
import { shortCommit } from '../text/version.js'
import type { Guard, Passage } from './guard.js'
import { ownName, ownNamePath, revisionOf, templateOf } from '../history/template.js'

/** The revision of that name is still on the cluster, and another one of the same name cannot be made. */
export const usedName: Guard = {
  code: 'KN510',
  severity: 'warning',
  title: 'a revision name must not be used again for another template',
  source: 'pkg/reconciler/configuration/configuration.go CheckNameAvailability (RevisionNameTaken)',
  isForWhole: true,
  *check(passage) {
    const name = newName(passage)
    const state = name === undefined ? undefined : firstOf(passage, name)
    if (!state) return
    const [old, fresh] = [state.template, templateOf(passage.after)].map((one) => member(revisionOf(one), 'spec'))
    if (sameJson(old, fresh)) return
    yield {
      message: `\`spec.template.metadata.name\` must be new, but \`${name}\` was another template in ${shortCommit(state.commit)}: the cluster answers with RevisionNameTaken and freezes the whole route`,
      help: 'take a name that was never used, or bring back the very template that had this one',
      path: ownNamePath,
    }
  },
  isOpen(passage) {
    const name = newName(passage)
    return name !== undefined && firstOf(passage, name) === undefined
  },
}

/** The template's own name, where the change brings it. */
function newName({ before, after }: Passage): string | undefined {
  const name = ownName(after)
  return name === ownName(before) ? undefined : name
}

function firstOf({ past }: Passage, name: string): PastState | undefined {
  return past && templateNamed(past, name)
}
