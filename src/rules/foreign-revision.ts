import type { Manifest } from '../manifest/manifest.js'
import { quoted, shown, textField } from './fields.js'
import { dns1035Label, qualifiedName } from './names.js'
import { namespaceOf } from './neighbours.js'
import { shellWord } from '../text/shell-word.js'
import { trafficTargets } from './parts.js'
import type { Neighbourhood, Rule } from './rule.js'
import { templateText } from './template-metadata.js'

/**
 * A target that names what cannot be a revision of the Service. Its own revisions start with `<name>-`, generated ones
 * and those named by the template; only a name of more than 56 characters is cut and hashed. Any other revision is
 * missing, or another Service's, and holds back the whole split.
 */
export const foreignRevision: Rule = {
  code: 'KN312',
  name: 'foreign-revision',
  severity: 'warning',
  title: 'a target must name a revision of its own Service',
  source: 'pkg/reconciler/route/traffic/traffic.go addRevisionTarget (knative/serving#16294)',
  why: () =>
    'A route only sends requests to revisions of its own Service. One that is missing or belongs to another Service holds back the whole split, and the old traffic stays as it was: take a name from `kubectl get revisions` for this Service.',
  *check(manifest, neighbourhood) {
    const { name } = manifest
    if (dns1035Label(name) !== undefined) return
    const template = templateText(manifest, 'name')?.value
    for (const target of trafficTargets(manifest)) {
      const revision = textField(target.value, 'revisionName')
      if (!revision || revision === template || qualifiedName(revision) !== undefined) continue
      const owner = generator(manifest, revision, neighbourhood)
      if (owner === undefined && couldBeOf(name, revision)) continue
      const path = [...target.path, 'revisionName']
      yield {
        message:
          owner === undefined
            ? `${quoted(path)} must start with \`${name}-\`, as every revision of this Service does, but is ${shown(revision)}: a revision that is missing or another Service's (RevisionNotOwned) holds back the whole split`
            : `${quoted(path)} must not be ${shown(revision)}, which looks like a generated revision of the Service ${shown(owner)}: unless it belongs to this Service, RevisionNotOwned holds back the whole split (Knative 1.21 and later)`,
        help: `name a revision that \`kubectl get revisions -l ${shellWord(`serving.knative.dev/service=${name}`)}\` lists`,
        path,
      }
    }
  },
}

/** The Service of the neighbourhood, other than this one, that generates such a name: `shop-api-00003` of `shop-api`. */
function generator(manifest: Manifest, revision: string, neighbourhood: Neighbourhood): string | undefined {
  const name = /^(.+)-\d{5,}$/.exec(revision)?.[1]
  if (name === undefined || name === manifest.name) return undefined
  return namespaceOf(manifest, neighbourhood).services.has(name) ? name : undefined
}

/** A `namePrefix` of kustomize comes before the name in the file, so the name may stand in the middle. */
function couldBeOf(name: string, revision: string): boolean {
  if (revision.startsWith(`${name}-`) || revision.includes(`-${name}-`)) return true
  const hashed = /^(.{1,25})[0-9a-f]{32}-\d{5,}$/.exec(revision)?.[1]
  return name.length > 56 && hashed !== undefined && name.startsWith(hashed)
}
