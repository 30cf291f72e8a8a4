import { isList, isObject, member, type Json } from '../manifest/json.js'
import { quoted } from './fields.js'
import type { Rule } from './rule.js'

const annotations = ['metadata', 'annotations'] as const

const ignored = 'the cluster sets it and ignores what a file says'
const immutable = 'the cluster sets it, and an apply that would change it is refused'

/** Why each field has no place in a file. */
const owned: readonly (readonly [path: readonly string[], why: string])[] = [
  [['status'], 'the cluster reports in it and drops what a file says, so it is out of date'],
  [['metadata', 'uid'], 'it names one live object, and an apply to any other one is refused'],
  [['metadata', 'creationTimestamp'], ignored],
  [['metadata', 'generation'], ignored],
  [['metadata', 'selfLink'], ignored],
  [['metadata', 'managedFields'], 'server-side apply refuses it: "metadata.managedFields must be nil"'],
  [[...annotations, 'serving.knative.dev/creator'], `${immutable}: "annotation value is immutable"`],
  [[...annotations, 'serving.knative.dev/lastModifier'], `${immutable} unless the spec changes, too`],
  [
    [...annotations, 'kubectl.kubernetes.io/last-applied-configuration'],
    'kubectl keeps an older version of this very file in it',
  ],
]

/** What a manifest brings along when it is copied from a cluster. `metadata.resourceVersion` is an error of its own. */
export const serverOwned: Rule = {
  code: 'KN354',
  name: 'cluster-set-field',
  severity: 'warning',
  why: () =>
    'What the cluster writes into an object describes that live object. In Git it is out of date with the next change, is ignored at best, and makes an apply fail at worst: remove it.',
  fixable: true,
  title: 'what only the cluster sets must not be in a file',
  source:
    'knative.dev/pkg/apis ValidateCreatorAndModifier, k8s.io/apimachinery/pkg/api/validation ValidateObjectMetaUpdate',
  *check({ value }) {
    for (const [path, why] of owned) {
      if (isEmpty(member(value, ...path))) continue
      yield {
        message: `${quoted(path)} must not be set: ${why}`,
        help: why.startsWith(immutable) ? 'leave it out, unless it was applied with this file before' : 'remove it',
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
