import { isInOtherList, locate, type Manifest } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import { lineNumber } from '../text/source.js'
import { type JsonObject, member } from '../yaml/json.js'
import { profileOf } from '../manifest/profile.js'
import { knative, type Neighbourhood, quoted, type Rule } from './rule.js'
import { changesUnderName } from './kept-name.js'

/** Worked out once for all Services of a neighbourhood. */
const known = new WeakMap<Neighbourhood['manifests'], ReadonlyMap<Manifest, Manifest>>()

/**
 * The document before this one that is about the same object, in the same file: kubectl applies both, in this order. Other
 * files may be for other clusters, patches are parts of one object, and lists of KRM functions say by annotations which files
 * they came from.
 */
function documentBefore(manifest: Manifest, { manifests }: Neighbourhood): Manifest | undefined {
  const found = known.get(manifests) ?? repeated(manifests)
  known.set(manifests, found)
  return found.get(manifest)
}

function repeated(manifests: readonly Manifest[]): ReadonlyMap<Manifest, Manifest> {
  const last = new Map<string, Manifest>()
  const found = new Map<Manifest, Manifest>()
  for (const manifest of manifests) {
    if (isInOtherList(manifest) || manifest.file.isPatch || manifest.name === '') continue
    const key = JSON.stringify([manifest.file.path, manifest.namespace, manifest.name])
    const before = last.get(key)
    if (before) found.set(manifest, before)
    last.set(key, manifest)
  }
  return found
}

const namePath = ['metadata', 'name']
const removeOne = 'remove one of the two, or give it a separate name or namespace'

/** Most often a copy that was meant to become another Service. */
const repeatedService: Rule = {
  code: 'KN328',
  name: 'duplicate-service',
  severity: 'warning',
  title: 'File defines the same Service twice',
  source: 'sigs.k8s.io/kustomize/api/resmap/reswrangler.go Append',
  why: () =>
    'The two documents are one object, and the tool chooses which one is deployed: kubectl and Argo CD use the last one, while kustomize, Flux and Helm reject both. It is often a copy that was to become another Service. Rename or remove one.',
  *check(manifest, neighbourhood) {
    const before = documentBefore(manifest, neighbourhood)
    if (!before || refusedAt(before, manifest, neighbourhood)) return
    yield {
      message: `\`metadata.name\` is \`${manifest.name}\` as in line ${lineOfName(before)}: kubectl keeps the last document, kustomize and Flux will reject the file`,
      says: { by: 'kustomize', text: 'may not add resource with an already registered id' },
      help: removeOne,
      path: namePath,
    }
  },
}

/** kubectl applies the documents of a file one after the other, so the second is an update of the first. */
const repeatedRevision: Rule = {
  code: 'KN329',
  name: 'duplicate-service-update',
  severity: 'error',
  title: 'Second copy of the Service would be rejected as an update',
  source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
  why: () =>
    'kubectl applies the documents of a file in order, so the second one is an update of the first. A revision with an explicit name never changes, and an omitted default looks like a change, too. Knative rejects the second document.',
  *check(manifest, neighbourhood) {
    const before = documentBefore(manifest, neighbourhood)
    const changed = before && refusedAt(before, manifest, neighbourhood)
    if (!before || !changed) return
    yield {
      message: `\`metadata.name\` is \`${manifest.name}\` as in line ${lineOfName(before)}: this update keeps the revision name but changes \`${formatPath(changed)}\``,
      says: knative('Saw the following changes without a name change'),
      help: removeOne,
      path: namePath,
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
  return lineNumber(manifest.file.text, locate(manifest, namePath).start)
}

const shapes = new Map([
  ['runLatest', 'move its `configuration.revisionTemplate` to `spec.template`, and leave `spec.traffic` out'],
  ['pinned', 'move its `configuration.revisionTemplate` to `spec.template`, and its revision to `spec.traffic`'],
  [
    'release',
    'move its `configuration.revisionTemplate` to `spec.template`, and its `revisions` with `rolloutPercent` to `spec.traffic`',
  ],
  ['manual', 'write a Configuration and a Route instead, or a `spec.template`'],
])

/** Where what a Service of the first version has belongs today; undefined for one without a mode. */
export function oldShapeHelp(spec: JsonObject): string | undefined {
  for (const [key, help] of shapes) if ((member(spec, key) ?? null) !== null) return helpFor(key, help)
  return undefined
}

function helpFor(key: string, help: string): string {
  return key === 'manual' ? help : `${help}; \`container\` becomes \`spec.containers\` with one item`
}

/** How Services were written before `v1`. That the field is unknown is said elsewhere; here, what became of it. */
const oldShape: Rule = {
  code: 'KN327',
  name: 'v1alpha1-field',
  severity: 'note',
  title: 'Field belongs to the removed v1alpha1 API',
  source: 'pkg/apis/serving/v1alpha1/service_types.go of releases that still had it',
  why: () =>
    'In its first API version a Service had modes such as `runLatest`, which no cluster reads any more. Move their content to `spec.template` and `spec.traffic`.',
  *check({ value }) {
    for (const [key, help] of shapes) {
      if ((member(value, 'spec', key) ?? null) === null) continue
      const path = ['spec', key]
      yield {
        message: `${quoted(path)} belongs to the removed v1alpha1 API`,
        help: helpFor(key, help),
        path,
        part: 'key',
      }
    }
  },
}

export const repeatedServiceRules: readonly Rule[] = [repeatedService, repeatedRevision, oldShape]
