import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import {
  asPrefix,
  byteLength,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  invalidName,
  labelValue,
  type NameCheck,
  qualifiedName,
} from './go-values.js'
import { serviceAnnotations } from './places.js'
import { knative, kubernetes, itemsAt, objectAt, quoted, type Rule, shown, textField } from './rule.js'

/** Nothing can be stored without a name. */
const serviceNameMissing: Rule = {
  code: 'KN330',
  name: 'missing-service-name',
  severity: 'error',
  title: 'Service has no name',
  source: 'k8s.io/cli-runtime/pkg/resource; k8s.io/apimachinery ValidateObjectMeta',
  why: () =>
    'Kubernetes stores an object under its name, and kubectl does not send one without a name. Add a `metadata.name` that stays the same, because Knative makes the URL from it.',
  *check({ value }) {
    const metadata = objectAt(value, ['metadata'])
    const absent = member(value, 'metadata') === undefined || member(value, 'metadata') === null
    if (!metadata && !absent) return
    if (metadata && (textField(metadata.value, 'name') !== '' || textField(metadata.value, 'generateName') !== ''))
      return
    yield {
      message: '`metadata.name` is missing',
      says: kubernetes('resource name may not be empty, name or generateName is required'),
      help: 'add a name: a DNS label of at most 63 characters',
      path: ['metadata', 'name'],
      part: 'key',
    }
  },
}

/** Only `kubectl create` sends an object without a name. */
const generatedServiceName: Rule = {
  code: 'KN355',
  name: 'generated-service-name',
  severity: 'warning',
  title: 'Service name is generated',
  source: 'k8s.io/kubectl/pkg/cmd/apply; argoproj/gitops-engine pkg/sync; fluxcd/pkg/ssa',
  why: () =>
    'With `generateName` every `kubectl create` makes another Service. `kubectl apply`, Argo CD and Flux have no name to find the object by, and fail. Give the Service a fixed name.',
  *check({ value }) {
    const metadata = objectAt(value, ['metadata'])
    if (!metadata || textField(metadata.value, 'name') !== '') return
    const start = textField(metadata.value, 'generateName')
    if (start === '') return
    yield {
      message: `\`metadata.generateName\` is ${shown(start)} without \`metadata.name\`: \`kubectl apply\`, Argo CD and Flux will reject the manifest`,
      help: 'write `metadata.name` in its place',
      path: ['metadata', 'generateName'],
    }
  },
}

/** The name becomes the first part of a host name. */
const serviceNameLabel: Rule = {
  code: 'KN331',
  name: 'service-name-format',
  severity: 'error',
  title: 'Service name is not a DNS label',
  source: 'knative.dev/pkg/apis/metadata_validation.go ValidateObjectMetadata',
  why: () =>
    'The name becomes the first part of the URL, so Knative accepts only the start of a host name. Use at most 63 lower-case letters, digits and dashes, starting with a letter.',
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
        message: `${quoted(path)} is ${shown(name)}; must be ${what}`,
        says: knative(wrong),
        help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 characters',
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
const serviceNamespace: Rule = {
  code: 'KN332',
  name: 'namespace-format',
  severity: 'error',
  title: 'Namespace is not a DNS label',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateNamespaceName',
  why: () =>
    'The namespace is part of the host name as well, and no namespace can have such a name. Use lower-case letters, digits and dashes.',
  *check({ namespace }) {
    const wrong = namespace === undefined ? undefined : dns1123Label(namespace)
    if (wrong === undefined) return
    yield {
      message: `\`metadata.namespace\` is ${shown(namespace)}; must be a DNS label`,
      says: kubernetes(invalidName(namespace ?? '', wrong)),
      help: 'use lower-case letters, digits and `-`, at most 63 characters',
      path: ['metadata', 'namespace'],
    }
  },
}

const keyHelp =
  'use a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional host name and `/` before it'

/** Objects are selected by labels, so their syntax is narrow. Those of the template are not checked until later. */
const serviceLabels: Rule = {
  code: 'KN333',
  name: 'invalid-label',
  severity: 'error',
  title: 'Label key or value is not valid',
  source: 'k8s.io/apimachinery/pkg/apis/meta/v1/validation ValidateLabels',
  why: () =>
    'Selectors find objects by their labels, so the syntax is narrow, and Kubernetes rejects other values. Put free text, spaces and long values into an annotation.',
  *check({ value }) {
    const labels = objectAt(value, ['metadata', 'labels'])
    for (const key of Object.keys(labels?.value ?? {})) {
      const path = ['metadata', 'labels', key]
      const wrongKey = qualifiedName(key)
      if (wrongKey !== undefined)
        yield {
          message: `the key of ${quoted(path)} is not a label key`,
          says: kubernetes(invalidName(key, wrongKey)),
          help: keyHelp,
          path,
          part: 'key',
        }
      const text = labels && textField(labels.value, key)
      const wrong = text === undefined ? undefined : labelValue(text)
      if (wrong === undefined) continue
      yield {
        message: `${quoted(path)} is ${shown(text)}; must be a label value`,
        says: kubernetes(invalidName(text ?? '', wrong)),
        help: 'use at most 63 letters, digits, `-`, `_` and `.`, or an annotation',
        path,
      }
    }
  },
}

const sizeLimit = 256 * 1024

/** Annotations hold anything, but their keys do not, and there is a limit to what the cluster stores. */
const serviceAnnotationKeys: Rule = {
  code: 'KN334',
  name: 'invalid-annotation',
  severity: 'error',
  title: 'Annotation key is not valid, or annotations are too large',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateAnnotations',
  why: () =>
    'The value of an annotation is free, but its key is a short name with an optional host name and slash before it. All annotations together have at most 256 KiB. Correct the key, or move large values to a ConfigMap.',
  *check(manifest) {
    let size = 0
    for (const [key, { value, path }] of serviceAnnotations(manifest)) {
      size += byteLength(key) + byteLength(value)
      const wrong = qualifiedName(key.toLowerCase())
      if (wrong !== undefined)
        yield {
          message: `the key of ${quoted(path)} is not an annotation key`,
          says: kubernetes(invalidName(key, wrong)),
          help: keyHelp,
          path,
          part: 'key',
        }
    }
    if (size <= sizeLimit) return
    yield {
      message: `\`metadata.annotations\` have ${size} bytes; must be at most ${sizeLimit}`,
      says: kubernetes(`Too long: may not be more than ${sizeLimit} bytes`),
      help: 'move large values to a ConfigMap',
      path: ['metadata', 'annotations'],
      part: 'key',
    }
  },
}

/** The garbage collector has to find every owner, and one controller at most. */
const ownerReferences: Rule = {
  code: 'KN337',
  name: 'invalid-owner-reference',
  severity: 'error',
  title: 'Owner reference is not valid',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateOwnerReferences',
  why: () =>
    'The garbage collector follows owner references to find what it may delete, so Kubernetes rejects an incomplete one. Controllers set owner references in the cluster. Remove them from files in Git.',
  *check({ value }) {
    let controller: string | undefined
    for (const owner of itemsAt(value, ['metadata', 'ownerReferences'])) {
      for (const [key, phrase] of required) {
        const text = textField(owner.value, key)
        if (text === undefined || (key === 'apiVersion' ? hasVersion(text) : text !== '')) continue
        const path = [...owner.path, key]
        yield {
          message: `${quoted(path)} ${text === '' ? 'is missing' : `is ${shown(text)}; must be the ${key} of the owner`}`,
          says: kubernetes(invalidName(text, phrase)),
          help: 'remove the owner reference; controllers set it in the cluster',
          path,
        }
      }
      if (isEvent(owner.value)) {
        yield {
          message: `${quoted(owner.path)} is an Event, which cannot be an owner`,
          says: kubernetes('/v1, Kind=Event is disallowed from being an owner'),
          help: 'remove the owner reference',
          path: owner.path,
        }
      }
      if (owner.value['controller'] !== true) continue
      if (controller !== undefined) {
        yield {
          message: `${quoted([...owner.path, 'controller'])} is true, as ${controller} already is`,
          says: kubernetes('Only one reference can have Controller set to true'),
          help: 'keep one controller',
          path: [...owner.path, 'controller'],
        }
      } else controller = quoted([...owner.path, 'controller'])
    }
  },
}

const required: readonly (readonly [key: string, phrase: string])[] = [
  ['apiVersion', 'version must not be empty'],
  ['kind', 'must not be empty'],
  ['name', 'must not be empty'],
  ['uid', 'must not be empty'],
]

/** `/v1` is the core API to Kubernetes as `v1` is. */
function isEvent(owner: JsonObject): boolean {
  return textField(owner, 'kind') === 'Event' && /^\/?v1$/.test(textField(owner, 'apiVersion') ?? '')
}

/** `v1` or `group/v1`; with more than one slash Kubernetes reads neither. */
function hasVersion(apiVersion: string): boolean {
  const parts = apiVersion.split('/')
  return parts.length <= 2 && parts.at(-1) !== ''
}

/** What holds back the deletion of an object has a name like a label. */
const finalizers: Rule = {
  code: 'KN338',
  name: 'invalid-finalizer',
  severity: 'error',
  title: 'Finalizer is not valid',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateFinalizers',
  why: () =>
    'A finalizer delays a deletion until its controller removes it, so its name is qualified like a label key. Write it like `example.com/clean-up`, or leave it to the controller.',
  *check({ value }) {
    const list = member(value, 'metadata', 'finalizers')
    if (!isList(list)) return
    for (const [index, item] of list.entries()) {
      const text = item ?? ''
      const wrong = typeof text === 'string' ? qualifiedName(text) : undefined
      if (wrong === undefined || typeof text !== 'string') continue
      const path = ['metadata', 'finalizers', index]
      yield {
        message: `${quoted(path)} is ${shown(text)}; must be a qualified name`,
        says: kubernetes(invalidName(text, wrong)),
        help: 'write a name such as `example.com/clean-up`',
        path,
      }
    }
    if (list.includes('orphan') && list.includes('foregroundDeletion'))
      yield {
        message: '`metadata.finalizers` has both `orphan` and `foregroundDeletion`',
        says: kubernetes('cannot be both set'),
        help: 'keep one of them',
        path: ['metadata', 'finalizers'],
        part: 'key',
      }
  },
}

/** Copied from a cluster, it makes the file stale at once. */
const resourceVersion: Rule = {
  code: 'KN339',
  name: 'resource-version',
  severity: 'error',
  why: () =>
    'This number shows which state of an object was read. In a file it is soon out of date: Kubernetes creates nothing with it, and an update with it fails with a conflict. Remove it.',
  fixable: true,
  title: 'Manifest sets `metadata.resourceVersion`',
  source: 'k8s.io/apiserver/pkg/registry/generic/registry store.go Create',
  *check({ value }) {
    const metadata = objectAt(value, ['metadata'])
    const version = metadata && textField(metadata.value, 'resourceVersion')
    if (!version || version === '0') return
    const path = ['metadata', 'resourceVersion']
    yield {
      message: `\`metadata.resourceVersion\` is ${shown(version)}, but only the cluster sets it`,
      says: kubernetes('resourceVersion should not be set on objects to be created'),
      help: 'remove it, and every other field that only the cluster sets',
      path,
      remedy: { kind: 'remove', path },
    }
  },
}

const annotations = ['metadata', 'annotations'] as const

const ignored = 'is set by the cluster; a copy in Git is ignored'
const immutable = 'is set by the cluster: Knative will reject an apply that changes it'

/** Why each field has no place in a file. */
const owned: readonly (readonly [path: readonly string[], why: string, said?: string])[] = [
  [['status'], 'is set by the cluster; a copy in Git is ignored and soon out of date'],
  [['metadata', 'uid'], 'is set by the cluster: Kubernetes will reject the apply to any other object'],
  [['metadata', 'creationTimestamp'], ignored],
  [['metadata', 'generation'], ignored],
  [['metadata', 'selfLink'], ignored],
  [
    ['metadata', 'managedFields'],
    'is set by the cluster: Kubernetes will reject a server-side apply',
    'metadata.managedFields must be nil',
  ],
  [[...annotations, 'serving.knative.dev/creator'], immutable, 'annotation value is immutable'],
  [[...annotations, 'serving.knative.dev/lastModifier'], `${immutable} without a change of the spec`],
  [
    [...annotations, 'kubectl.kubernetes.io/last-applied-configuration'],
    'is set by kubectl; a copy in Git has an older version of this file',
  ],
]

/** What a manifest brings along when it is copied from a cluster. `metadata.resourceVersion` is an error of its own. */
const serverOwned: Rule = {
  code: 'KN354',
  name: 'cluster-set-field',
  severity: 'warning',
  why: () =>
    'Fields that the cluster sets describe one object in it. In Git they are soon out of date: the cluster ignores them at best, and rejects the apply at worst. Remove them.',
  fixable: true,
  title: 'Manifest sets a field that only the cluster sets',
  source:
    'knative.dev/pkg/apis ValidateCreatorAndModifier, k8s.io/apimachinery/pkg/api/validation ValidateObjectMetaUpdate',
  *check({ value }) {
    for (const [path, why, said] of owned) {
      if (isEmpty(member(value, ...path))) continue
      yield {
        message: `${quoted(path)} ${why}`,
        ...(said !== undefined && { says: { by: path[1] === 'annotations' ? 'Knative' : 'Kubernetes', text: said } }),
        help: why.startsWith(immutable) ? 'remove it, unless it was applied with this file before' : 'remove it',
        path,
        part: 'key',
        // What the cluster noted of its users must neither change nor leave a file that was applied with it.
        ...(why.startsWith(immutable) ? {} : { remedy: { kind: 'remove', path } }),
      }
    }
  },
}

/** `creationTimestamp: null` and `status: {}` come from generators and say nothing. */
function isEmpty(value: Json | undefined): boolean {
  if (isObject(value)) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === 0 || (isList(value) && value.length === 0)
}

export const serviceMetadataRules: readonly Rule[] = [
  serviceNameMissing,
  generatedServiceName,
  serviceNameLabel,
  serviceNamespace,
  serviceLabels,
  serviceAnnotationKeys,
  ownerReferences,
  finalizers,
  resourceVersion,
  serverOwned,
]
