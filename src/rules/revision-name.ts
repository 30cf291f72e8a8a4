import type { ClusterSettings } from '../config/cluster-settings.js'
import { contentEnd, trailingComment } from '../edit/tokens.js'
import { type Manifest, nodeAt, type Spot, spotAt } from '../manifest/manifest.js'
import { stemOf } from '../manifest/names.js'
import { formatPath, type Path } from '../text/path.js'
import { hasText } from '../text/source.js'
import { nearest } from '../text/words.js'
import { asPrefix, dns1035Label } from './go-values.js'
import { containers, templateText } from './places.js'
import { knative, objectAt, quoted, type Rule, shown, textField } from './rule.js'
import { ownersOfRevision } from './targets.js'
import { unspelled, type Unspelled } from './kept-name.js'

const source = 'pkg/apis/serving/v1/revision_validation.go validateRevisionName'

/** A revision is a host name's part as well as an object's name. */
const revisionNameLabel: Rule = {
  code: 'KN320',
  name: 'revision-name-format',
  severity: 'error',
  title: 'Revision name is not a DNS label',
  why: () =>
    'A revision gives its name to a Kubernetes Service, whose name is part of a host name. So Knative rejects capitals, dots and more than 63 characters. Use lower-case letters, digits and dashes, starting with a letter.',
  source,
  *check(manifest) {
    const name = templateText(manifest, 'name')
    const wrong = name && dns1035Label(name.value)
    if (!name || wrong === undefined) return
    yield {
      message: `${quoted(name.path)} is ${shown(name.value)}; must be a DNS label`,
      says: knative(`invalid value: not a DNS 1035 label: [${wrong}]`),
      help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 characters',
      path: name.path,
    }
  },
}

/** What tells a revision from the others of its Service, where the name of another one, or an older one, comes first. */
function ownPart(name: string, service: string): string {
  const [, prefix = '', last = ''] = /^(.+)-([^-]+)$/.exec(name) ?? []
  const isCopied = service.startsWith(prefix) || prefix.startsWith(service) || nearest(prefix, [service]) !== undefined
  return prefix !== '' && (isCopied || /^(?:v|r|rev)?\d/.test(last)) ? last : name
}

/** Revisions of one namespace share one space of names: the prefix keeps those of two Services apart. */
const revisionNamePrefix: Rule = {
  code: 'KN321',
  name: 'revision-name-prefix',
  severity: 'error',
  title: 'Revision name does not start with the Service name',
  why: () =>
    'The name shows to which Service a revision belongs. Knative rejects a name that does not start with the Service name, as kustomize builds it, and a dash. After you rename a Service, rename its revision too, or remove the revision name.',
  source,
  *check(manifest, neighbourhood) {
    const name = templateText(manifest, 'name')
    if (!name || dns1035Label(name.value) !== undefined) return
    const owners = ownersOfRevision(manifest, neighbourhood)
    const owner = owners.find((one) => !name.value.startsWith(`${one}-`))
    if (owner === undefined) return
    const prefix = `${owner}-`
    const built = owner === manifest.name ? '' : ` (kustomize builds \`${owner}\`)`
    const stem = ownPart(stemOf(name.value, manifest.name), owner)
    yield {
      message: `${quoted(name.path)} is ${shown(name.value)}; must start with \`${prefix}\`${built}`,
      says: knative(`invalid value: ${shown(name.value)} must have prefix "${prefix}"`),
      help:
        owners.length > 1
          ? `remove it here, and give each overlay a patch with a name such as \`${prefix}${stem}\``
          : `write \`${prefix}${stem}\`, or remove it so that Knative generates the name`,
      path: name.path,
    }
  },
}

/** The name of a generated Service is not known yet, so no revision name can start with it. */
const revisionNameGenerated: Rule = {
  code: 'KN322',
  name: 'name-with-generate-name',
  severity: 'error',
  title: 'Revision name is set, but the Service name is generated',
  why: () =>
    'A revision name starts with the name of its Service, which does not exist yet with `generateName`. Give the Service a fixed name, or let Knative name the revision.',
  source,
  *check(manifest) {
    const name = templateText(manifest, 'name')
    const parent = objectAt(manifest.value, ['metadata'])
    if (!name || !parent || textField(parent.value, 'name') !== '' || !textField(parent.value, 'generateName')) return
    yield {
      message: `${quoted(name.path)} is ${shown(name.value)}, but cannot be combined with \`metadata.generateName\``,
      says: knative('must not set the field(s)'),
      help: 'give the Service a `metadata.name`, or remove the revision name',
      path: name.path,
    }
  },
}

/** Nothing uses the prefix, but the cluster checks it. */
const revisionGenerateName: Rule = {
  code: 'KN323',
  name: 'generate-name-format',
  severity: 'error',
  title: 'Template `generateName` cannot start a DNS label',
  why: () =>
    'Knative completes this prefix to a revision name, and rejects a prefix that no such name can start with. Remove it: without one, Knative makes names from the Service name.',
  source,
  *check(manifest) {
    const prefix = templateText(manifest, 'generateName')
    const wrong = prefix && asPrefix(dns1035Label)(prefix.value)
    if (!prefix || wrong === undefined) return
    yield {
      message: `${quoted(prefix.path)} is ${shown(prefix.value)}; must be the start of a DNS label`,
      says: knative(`invalid value: not a DNS 1035 label prefix: [${wrong}]`),
      help: 'remove it; Knative generates names from the Service name',
      path: prefix.path,
    }
  },
}

/**
 * Generated names are `<name>-00001` and on, with the generation of the Configuration, which changes of the template
 * under own names count as well. Where the cluster generates a name that a file has taken, the revision cannot be made.
 */
const numberedName: Rule = {
  code: 'KN325',
  name: 'numbered-revision-name',
  severity: 'warning',
  title: 'Explicit revision name looks like a generated one',
  source:
    'pkg/reconciler/configuration/resources/revision.go MakeRevision, pkg/reconciler/configuration CheckNameAvailability',
  why: () =>
    'Knative numbers generated revision names with five digits, like `shop-00002`. It may reach an explicit name of that form, and then it cannot make the revision. Use an ending such as `-v2`.',
  *check(manifest, neighbourhood) {
    const name = templateText(manifest, 'name')
    if (!name || dns1035Label(name.value) !== undefined) return
    const owner = ownersOfRevision(manifest, neighbourhood).find((one) => name.value.startsWith(`${one}-`))
    if (owner === undefined || !/^\d{5}$/.test(name.value.slice(owner.length + 1))) return
    yield {
      message: `${quoted(name.path)} is ${shown(name.value)}, which looks like a generated name: Knative may generate it again and then build no revision`,
      help: `use a name that no generated name can equal, such as \`${owner}-v${Number(name.value.slice(-5))}\``,
      path: name.path,
    }
  },
}

const most = 6

/**
 * A trap that only the second commit falls into: the first one is admitted, and from then on every apply is refused that
 * does not change the name, an identical one included.
 */
const unspelledName: Rule = {
  code: 'KN326',
  name: 'missing-defaults',
  severity: 'warning',
  title: "Template has an explicit name but omits Knative's defaults",
  source:
    'pkg/apis/serving/v1/configuration_defaults.go (knative/serving#13565), revision_validation.go VerifyNameChange',
  why: () =>
    'A named revision never changes, and Knative compares it with every default filled in. A default that the file omits looks like a change on the next apply, which Knative rejects. Write the defaults out (`--write-defaults` does it), or remove the name. Defaults that an operator has set count if they are in `cluster` or `--cluster`.',
  *check(manifest, neighbourhood) {
    const name = templateText(manifest, 'name')
    const missing = missingDefaults(manifest, ownersOfRevision(manifest, neighbourhood), neighbourhood.cluster)
    if (!name || missing.length === 0) return
    const listed = missing
      .slice(0, most)
      .map(({ path, value }) => `\`${formatPath(path).replace(/^spec\.template\.spec\./, '')}${briefly(value)}\``)
    const rest = missing.length > most ? ` and ${missing.length - most} more` : ''
    yield {
      message: `Knative will reject every later apply that keeps the revision name \`${name.value}\`: ${missing.length === 1 ? '1 default is' : `${missing.length} defaults are`} not written out`,
      says: knative('Saw the following changes without a name change'),
      help: `write out ${listed.join(', ')}${rest} (\`--write-defaults\` does it), or remove the revision name`,
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

/** What to write there, where one line has room for it: --write-defaults writes the rest. */
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

/** A bot that bumps an image knows nothing of the name that stands beside it. */
const policyImage: Rule = {
  code: 'KN356',
  name: 'image-policy-name',
  severity: 'note',
  title: 'Image is set by Flux, but the revision name is not',
  source: 'fluxcd/image-automation-controller docs/spec; pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
  why: () =>
    'Flux image automation writes a new image at its `$imagepolicy` marker and leaves the revision name unchanged. Knative rejects a changed template under an old name. Remove the name, or run `kn-rollout release --adopt` on the branch that Flux pushes to; a marker at the name works only if the image tags are revision names.',
  *check(manifest) {
    const name = templateText(manifest, 'name')
    const mayBeSet = manifest.spotOf !== undefined || hasText(manifest.file, policySign)
    if (!name || !mayBeSet || isSetByPolicy(manifest, name.path)) return
    for (const { path } of containers(manifest)) {
      const image = [...path, 'image']
      if (!isSetByPolicy(manifest, image)) continue
      yield {
        message: `Flux updates ${quoted(image)} but keeps the revision name ${shown(name.value)}: Knative will reject the next image`,
        help: 'remove `spec.template.metadata.name`, or run `kn-rollout release --adopt` on the branch that Flux pushes to',
        path: image,
      }
    }
  },
}

const policySign = '"$imagepolicy"'

function isSetByPolicy(manifest: Manifest, path: Path): boolean {
  const { text, end } = manifest.spotOf ? spotEnd(spotAt(manifest, path)) : ownEnd(manifest, path)
  const comment = end === undefined ? undefined : trailingComment(text, end)
  return comment !== undefined && text.slice(comment.start, comment.end).includes(policySign)
}

/** A text, and where a value ends in it. */
type End = { readonly text: string; readonly end: number | undefined }

function spotEnd({ file, range }: Spot): End {
  return { text: file.text, end: hasText(file, policySign) ? range.end : undefined }
}

function ownEnd(manifest: Manifest, path: Path): End {
  const { text } = manifest.file
  const node = nodeAt(manifest, path)
  return { text, end: node && contentEnd(text, node) }
}

export const revisionNameRules: readonly Rule[] = [
  policyImage,
  revisionNameLabel,
  revisionNamePrefix,
  revisionNameGenerated,
  revisionGenerateName,
  numberedName,
  unspelledName,
]
