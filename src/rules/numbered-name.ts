import { quoted, shown } from './fields.js'
import { dns1035Label } from './names.js'
import { ownersOfRevision } from './owners-of-revision.js'
import type { Rule } from './rule.js'
import { templateText } from './template-metadata.js'

/**
 * Generated names are `<name>-00001` and on, with the generation of the Configuration, which changes of the template
 * under own names count as well. Where the cluster generates a name that a file has taken, the revision cannot be made.
 */
export const numberedName: Rule = {
  code: 'KN325',
  name: 'numbered-revision-name',
  severity: 'warning',
  title: "a revision's own name must not look like a generated one",
  source:
    'pkg/reconciler/configuration/resources/revision.go MakeRevision, pkg/reconciler/configuration CheckNameAvailability',
  why: () =>
    'Left to itself the cluster numbers revisions with five digits, like shop-00002. A name of your own of that shape may be reached by its counter, and the revision that finds its name taken is never made: use an ending such as -v2.',
  *check(manifest, neighbourhood) {
    const name = templateText(manifest, 'name')
    if (!name || dns1035Label(name.value) !== undefined) return
    const owner = ownersOfRevision(manifest, neighbourhood).find((one) => name.value.startsWith(`${one}-`))
    if (owner === undefined || !/^\d{5}$/.test(name.value.slice(owner.length + 1))) return
    yield {
      message: `${quoted(name.path)} must not end in five digits, but is ${shown(name.value)}: the cluster generates such names, and a revision that finds its name taken is never made`,
      help: `use a name that no number can become, such as ${owner}-v${Number(name.value.slice(-5))}`,
      path: name.path,
    }
  },
}
