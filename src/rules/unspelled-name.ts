import type { ClusterSettings } from '../manifest/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { formatPath } from '../text/path.js'
import { quoted } from './fields.js'
import { dns1035Label } from './names.js'
import { ownersOfRevision } from './owners-of-revision.js'
import type { Rule } from './rule.js'
import { templateText } from './template-metadata.js'
import { unspelled, type Unspelled } from './unspelled.js'

const most = 6

/**
 * A trap that only the second commit falls into: the first one is admitted, and from then on every apply is refused that
 * does not change the name, an identical one included.
 */
export const unspelledName: Rule = {
  code: 'KN326',
  name: 'missing-defaults',
  severity: 'warning',
  title: 'a template with its own name must spell the defaults, or no later commit can keep the name',
  source:
    'pkg/apis/serving/v1/configuration_defaults.go (knative/serving#13565), revision_validation.go VerifyNameChange',
  why: () =>
    "A named revision can never change, and the cluster compares it with every default filled in. What the file leaves out looks like a change on the next apply, which is refused: spell the defaults (`--spell` does it), or drop the name. An operator's own defaults count where `cluster` or `--cluster` states them.",
  *check(manifest, neighbourhood) {
    const name = templateText(manifest, 'name')
    const missing = missingDefaults(manifest, ownersOfRevision(manifest, neighbourhood), neighbourhood.cluster)
    if (!name || missing.length === 0) return
    const listed = missing.slice(0, most).map(({ path, value }) => `\`${formatPath(path)}${briefly(value)}\``)
    const rest = missing.length > most ? ` and ${missing.length - most} more` : ''
    yield {
      message: `${quoted(name.path)} must change with every commit, or the defaults must be spelled: ${listed.join(', ')}${rest}; else each later apply is refused: "Saw the following changes without a name change"`,
      help: 'spell them (`kn-rollout apply`, `next`, `set` and `release` do it with --spell), or leave the name out and have the cluster generate one',
      path: name.path,
    }
  },
}

/** What has to be spelled, where the template has a name of its own that the cluster takes for one of these Services. */
export function missingDefaults(
  manifest: Manifest,
  owners: readonly string[],
  settings?: ClusterSettings,
): readonly Unspelled[] {
  const name = templateText(manifest, 'name')
  if (!name || dns1035Label(name.value) !== undefined) return []
  if (!owners.some((owner) => name.value.startsWith(`${owner}-`))) return []
  return unspelled(manifest, settings)
}

/** What to write there, where one line has room for it: --spell writes the rest. */
function briefly(value: unknown): string {
  const written = flow(value)
  return written.length > 60 ? '' : `: ${written}`
}

/** A value as YAML on one line. */
function flow(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  const members = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
  return members.length === 0 ? '{}' : `{${members.join(', ')}}`
}
