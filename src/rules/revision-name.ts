import type { Path } from '../text/path.js'
import { objectAt, quoted, textField } from './fields.js'
import type { Manifest } from '../manifest/manifest.js'
import { asPrefix, dns1035Label } from './names.js'
import type { Rule } from './rule.js'

const metadata: Path = ['spec', 'template', 'metadata']
const path: Path = [...metadata, 'name']
const source = 'pkg/apis/serving/v1/revision_validation.go validateRevisionName'

/** A revision is a host name's part as well as an object's name. */
export const revisionNameLabel: Rule = {
  code: 'KN320',
  severity: 'error',
  title: 'a revision name must be a DNS label',
  source,
  *check(manifest) {
    const name = named(manifest)
    const wrong = name ? dns1035Label(name) : undefined
    if (wrong === undefined) return
    yield {
      message: `${quoted(path)} must be a DNS label, but is ${JSON.stringify(name)}: "not a DNS 1035 label: [${wrong}]"`,
      help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 in all',
      path,
    }
  },
}

/** Revisions of one namespace share one space of names: the prefix keeps those of two Services apart. */
export const revisionNamePrefix: Rule = {
  code: 'KN321',
  severity: 'error',
  title: 'a revision name must start with the name of its Service',
  source,
  *check(manifest) {
    const name = named(manifest)
    const prefix = `${manifest.name}-`
    if (!name || manifest.name === '' || dns1035Label(name) !== undefined || name.startsWith(prefix)) return
    yield {
      message: `${quoted(path)} must start with \`${prefix}\`, but is ${JSON.stringify(name)}: "must have prefix "${prefix}""`,
      help: `write \`${prefix}${name.replace(/^-+/, '')}\`, or leave the name out and have the cluster generate one`,
      path,
    }
  },
}

/** The name of a generated Service is not known yet, so no revision name can start with it. */
export const revisionNameGenerated: Rule = {
  code: 'KN322',
  severity: 'error',
  title: 'a revision must not be named where the Service is not',
  source,
  *check(manifest) {
    const name = named(manifest)
    const parent = objectAt(manifest.value, ['metadata'])
    if (!name || !parent || textField(parent.value, 'name') !== '' || !textField(parent.value, 'generateName')) return
    yield {
      message: `${quoted(path)} must not be set beside \`metadata.generateName\`, but is ${JSON.stringify(name)}: "must not set the field(s)"`,
      help: 'give the Service a `metadata.name`, or leave the name of the revision out',
      path,
    }
  },
}

/** Nothing uses the prefix, but the cluster checks it. */
export const revisionGenerateName: Rule = {
  code: 'KN323',
  severity: 'error',
  title: 'the generateName of a revision must be the start of a DNS label',
  source,
  *check(manifest) {
    const prefix = field(manifest, 'generateName')
    const wrong = prefix ? asPrefix(dns1035Label)(prefix) : undefined
    if (wrong === undefined) return
    yield {
      message: `${quoted([...metadata, 'generateName'])} must be the start of a DNS label, but is ${JSON.stringify(prefix)}: "not a DNS 1035 label prefix: [${wrong}]"`,
      help: 'remove it: the cluster generates names from that of the Service',
      path: [...metadata, 'generateName'],
    }
  },
}

function named(manifest: Manifest): string | undefined {
  return field(manifest, 'name')
}

function field({ value }: Manifest, key: string): string | undefined {
  const found = objectAt(value, metadata)
  return found && textField(found.value, key)
}
