import { member, sameJson } from '../manifest/json.js'
import { templateOf } from '../manifest/past-facts.js'
import { liveTemplate } from '../rules/update/live.js'
import { templateAsGo } from '../rules/update/as-go.js'
import type { Guard } from './guard.js'

/** The revision of that name is still on the cluster, and another one of the same name cannot be made. */
export const usedName: Guard = {
  code: 'KN510',
  severity: 'warning',
  title: 'a revision name must not be used again for another template',
  source: 'pkg/reconciler/configuration/configuration.go CheckNameAvailability (RevisionNameTaken)',
  *check({ before, after, past }) {
    const path = ['spec', 'template', 'metadata', 'name']
    const name = member(after.value, ...path)
    if (typeof name !== 'string' || name === '' || !past || member(before?.value, ...path) === name) return
    const state = templateOf(past, name)
    const [old, fresh] = [state?.template, member(after.value, 'spec', 'template')].map((template) =>
      member(templateAsGo(liveTemplate(template)), 'spec'),
    )
    if (!state || sameJson(old, fresh)) return
    yield {
      message: `\`spec.template.metadata.name\` must be new, but \`${name}\` was another template in ${state.commit.slice(0, 7)}: the cluster answers with RevisionNameTaken and freezes the whole route`,
      help: 'take a name that was never used, or bring back the very template that had this one',
      path,
    }
  },
}
