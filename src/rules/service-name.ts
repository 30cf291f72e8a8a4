import { member } from '../manifest/json.js'
import { objectAt, quoted, shown, textField } from './fields.js'
import { asPrefix, dns1035Label, dns1123Label, dns1123Subdomain, invalidName, type NameCheck } from './names.js'
import type { Rule } from './rule.js'

/** Nothing can be stored without a name. */
export const serviceNameMissing: Rule = {
  code: 'KN330',
  name: 'missing-service-name',
  severity: 'error',
  title: 'a Service must have a name',
  source: 'k8s.io/cli-runtime/pkg/resource; k8s.io/apimachinery ValidateObjectMeta',
  why: () =>
    'The cluster stores an object under its name, and kubectl does not even send one that has none. Write a `metadata.name` that stays the same, since the URL is made from it.',
  *check({ value }) {
    const metadata = objectAt(value, ['metadata'])
    const absent = member(value, 'metadata') === undefined || member(value, 'metadata') === null
    if (!metadata && !absent) return
    if (metadata && (textField(metadata.value, 'name') !== '' || textField(metadata.value, 'generateName') !== ''))
      return
    yield {
      message:
        '`metadata.name` must be set, but is missing: "resource name may not be empty", "name or generateName is required"',
      help: 'give the Service a name: a DNS label of at most 63 characters',
      path: ['metadata', 'name'],
      part: 'key',
    }
  },
}

/** The name becomes the first part of a host name. */
export const serviceNameLabel: Rule = {
  code: 'KN331',
  name: 'service-name-format',
  severity: 'error',
  title: 'the name of a Service must be a DNS label',
  source: 'knative.dev/pkg/apis/metadata_validation.go ValidateObjectMetadata',
  why: () =>
    'The name becomes the first part of the URL, so the cluster takes only what a host name can begin with. Use at most 63 lower-case letters, digits and dashes, and begin with a letter.',
  *check({ value }) {
    const metadata = objectAt(value, ['metadata'])
    if (!metadata) return
    const named = textField(metadata.value, 'name') !== ''
    const checks: readonly (readonly [key: string, check: NameCheck, what: string])[] = [
      ['name', label, 'a DNS label'],
      ['generateName', named ? prefix : completed, 'the start of a DNS label'],
    ]
    for (const [key, check, what] of checks) {
      const name = textField(metadata.value, key)
      const wrong = name ? check(name) : undefined
      if (wrong === undefined) continue
      const path = ['metadata', key]
      yield {
        message: `${quoted(path)} must be ${what}, but is ${shown(name)}: "${wrong}"`,
        help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 in all',
        path,
      }
    }
  },
}

/** Any object's name must be a subdomain, which the API server sees to before Knative asks for a label. */
const label: NameCheck = (name) => asked(name, '', dns1123Subdomain(name), dns1035Label(name))
const prefix: NameCheck = (name) =>
  asked(name, ' prefix', asPrefix(dns1123Subdomain)(name), asPrefix(dns1035Label)(name))

function asked(name: string, kind: string, noName?: string, noLabel?: string): string | undefined {
  if (noName !== undefined) return invalidName(name, noName)
  return noLabel === undefined ? undefined : `not a DNS 1035 label${kind}: [${noLabel}]`
}

/** Where there is no name, the cluster appends five characters to the first 58 before Knative looks at it. */
const completed: NameCheck = (name) => prefix(name) ?? label(`${name.slice(0, 58)}x4k2p`)

/** Namespaces are named like hosts, too. */
export const serviceNamespace: Rule = {
  code: 'KN332',
  name: 'namespace-format',
  severity: 'error',
  title: 'a namespace must be a DNS label',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateNamespaceName',
  why: () =>
    'The namespace is a part of the host name as well, and no namespace with such a name can be made. Use lower-case letters, digits and dashes.',
  *check({ namespace }) {
    const wrong = namespace === undefined ? undefined : dns1123Label(namespace)
    if (wrong === undefined) return
    yield {
      message: `\`metadata.namespace\` must be a DNS label, but is ${shown(namespace)}: "${invalidName(namespace ?? '', wrong)}"`,
      help: 'use lower-case letters, digits and `-`, at most 63 in all',
      path: ['metadata', 'namespace'],
    }
  },
}
