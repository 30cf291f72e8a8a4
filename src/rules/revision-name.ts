import { objectAt, quoted, shown, textField } from './fields.js'
import { stemOf } from '../manifest/revision-stem.js'
import { asPrefix, dns1035Label } from './names.js'
import { ownersOfRevision } from './owners-of-revision.js'
import type { Rule } from './rule.js'
import { templateText } from './template-metadata.js'

const source = 'pkg/apis/serving/v1/revision_validation.go validateRevisionName'

/** A revision is a host name's part as well as an object's name. */
export const revisionNameLabel: Rule = {
  code: 'KN320',
  name: 'revision-name-format',
  severity: 'error',
  title: 'a revision name must be a DNS label',
  why: () =>
    'A revision lends its name to a Kubernetes Service, whose names are parts of host names, so capitals, dots and more than 63 characters are refused. Use lower-case letters, digits and dashes, with a letter first.',
  source,
  *check(manifest) {
    const name = templateText(manifest, 'name')
    const wrong = name && dns1035Label(name.value)
    if (!name || wrong === undefined) return
    yield {
      message: `${quoted(name.path)} must be a DNS label, but is ${shown(name.value)}: "invalid value: not a DNS 1035 label: [${wrong}]"`,
      help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 in all',
      path: name.path,
    }
  },
}

/** Revisions of one namespace share one space of names: the prefix keeps those of two Services apart. */
export const revisionNamePrefix: Rule = {
  code: 'KN321',
  name: 'revision-name-prefix',
  severity: 'error',
  title: 'a revision name must start with the name of its Service',
  why: () =>
    'The cluster tells by the name whose revision it is, and refuses one that does not begin with the name of the Service, as kustomize builds it, and a dash. After renaming a Service, rename its revision too, or leave the name out.',
  source,
  *check(manifest, neighbourhood) {
    const name = templateText(manifest, 'name')
    if (!name || dns1035Label(name.value) !== undefined) return
    const owners = ownersOfRevision(manifest, neighbourhood)
    const owner = owners.find((one) => !name.value.startsWith(`${one}-`))
    if (owner === undefined) return
    const prefix = `${owner}-`
    const built = owner === manifest.name ? '' : `, as kustomize builds \`${owner}\` from this file`
    const stem = stemOf(name.value, manifest.name)
    yield {
      message: `${quoted(name.path)} must start with \`${prefix}\`${built}, but is ${shown(name.value)}: "invalid value: ${shown(name.value)} must have prefix "${prefix}""`,
      help:
        owners.length > 1
          ? `no name fits all of ${owners.length} built names: leave it out here, and give each overlay a patch with its own, such as \`${prefix}${stem}\``
          : `write \`${prefix}${stem}\`, or leave the name out and have the cluster generate one`,
      path: name.path,
    }
  },
}

/** The name of a generated Service is not known yet, so no revision name can start with it. */
export const revisionNameGenerated: Rule = {
  code: 'KN322',
  name: 'name-with-generate-name',
  severity: 'error',
  title: 'a revision must not be named where the Service is not',
  why: () =>
    'The name of a revision begins with the name of its Service, which `generateName` leaves open until the object is stored. Give the Service a name of its own, or let the cluster name the revision.',
  source,
  *check(manifest) {
    const name = templateText(manifest, 'name')
    const parent = objectAt(manifest.value, ['metadata'])
    if (!name || !parent || textField(parent.value, 'name') !== '' || !textField(parent.value, 'generateName')) return
    yield {
      message: `${quoted(name.path)} must not be set beside \`metadata.generateName\`, but is ${shown(name.value)}: "must not set the field(s)", or "must have prefix" with the name that is generated first`,
      help: 'give the Service a `metadata.name`, or leave the name of the revision out',
      path: name.path,
    }
  },
}

/** Nothing uses the prefix, but the cluster checks it. */
export const revisionGenerateName: Rule = {
  code: 'KN323',
  name: 'generate-name-format',
  severity: 'error',
  title: 'the generateName of a revision must be the start of a DNS label',
  why: () =>
    'The cluster completes this prefix to the name of a revision, and refuses a prefix that no such name can begin with. Remove it: without one, names are made from that of the Service.',
  source,
  *check(manifest) {
    const prefix = templateText(manifest, 'generateName')
    const wrong = prefix && asPrefix(dns1035Label)(prefix.value)
    if (!prefix || wrong === undefined) return
    yield {
      message: `${quoted(prefix.path)} must be the start of a DNS label, but is ${shown(prefix.value)}: "invalid value: not a DNS 1035 label prefix: [${wrong}]"`,
      help: 'remove it: the cluster generates names from that of the Service',
      path: prefix.path,
    }
  },
}
