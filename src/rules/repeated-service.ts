import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { lineNumber } from '../text/lines.js'
import { formatPath, type Path } from '../text/path.js'
import { profileOf } from './profiles.js'
import { documentBefore } from './repeated.js'
import type { Neighbourhood, Rule } from './rule.js'
import { changesUnderName } from './update/name-change.js'

const path = ['metadata', 'name']
const help = 'remove one of the two, or give it a name or a namespace of its own'

/** Most often a copy that was meant to become another Service. */
export const repeatedService: Rule = {
  code: 'KN328',
  name: 'duplicate-service',
  severity: 'warning',
  title: 'a file must not hold one Service twice',
  source: 'sigs.k8s.io/kustomize/api/resmap/reswrangler.go Append',
  why: () =>
    'The two documents are one object, and which of them is deployed depends on the tool: kubectl and Argo CD let the last one win, kustomize, Flux and Helm refuse both. It is most often a copy that was meant to become another Service.',
  *check(manifest, neighbourhood) {
    const before = documentBefore(manifest, neighbourhood)
    if (!before || refusedAt(before, manifest, neighbourhood)) return
    yield {
      message: `\`metadata.name\` must not be \`${manifest.name}\` twice in one file and namespace, as in line ${lineOfName(before)}: kubectl applies both and the last one stays, kustomize and Flux refuse them: "may not add resource with an already registered id"`,
      help,
      path,
    }
  },
}

/** kubectl applies the documents of a file one after the other, so the second is an update of the first. */
export const repeatedRevision: Rule = {
  code: 'KN329',
  name: 'duplicate-service-update',
  severity: 'error',
  title: 'a Service that stands twice in a file must not change its template under the same name',
  source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
  why: () =>
    'kubectl applies the documents of a file in order, so the second is an update of the first. A revision with a name of its own never changes, and defaults that are not spelled look like a change, too: the webhook refuses the second document.',
  *check(manifest, neighbourhood) {
    const before = documentBefore(manifest, neighbourhood)
    const changed = before && refusedAt(before, manifest, neighbourhood)
    if (!before || !changed) return
    yield {
      message: `\`metadata.name\` must not be \`${manifest.name}\` twice in one file and namespace, as in line ${lineOfName(before)}: the second is applied as an update that keeps \`spec.template.metadata.name\`, and is refused for \`${formatPath(changed)}\`: "Saw the following changes without a name change"`,
      help,
      path,
    }
  },
}

/** The first field for which the webhook refuses the second document. Cloud Run fills in defaults whatever the name. */
function refusedAt(
  before: Manifest,
  manifest: Manifest,
  { profile = profileOf(manifest), cluster }: Neighbourhood,
): Path | undefined {
  return profile === 'knative' ? changesUnderName(before, manifest, cluster)[0] : undefined
}

function lineOfName(manifest: Manifest): number {
  return lineNumber(manifest.file.text, locate(manifest, path).start)
}
