import { isList, member } from '../manifest/json.js'
import { objectAt, quoted, shown, textField } from './fields.js'
import { invalidName, qualifiedName } from './names.js'
import type { Rule } from './rule.js'

/** What holds back the deletion of an object has a name like a label. */
export const finalizers: Rule = {
  code: 'KN338',
  name: 'invalid-finalizer',
  severity: 'error',
  title: 'a finalizer must be a qualified name',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateFinalizers',
  why: () =>
    'A finalizer holds back a deletion until the controller that knows its name has removed it, so the name must be qualified like a label key. Write it like example.com/clean-up, or leave it to the controller.',
  *check({ value }) {
    const list = member(value, 'metadata', 'finalizers')
    if (!isList(list)) return
    for (const [index, item] of list.entries()) {
      const text = item ?? ''
      const wrong = typeof text === 'string' ? qualifiedName(text) : undefined
      if (wrong === undefined || typeof text !== 'string') continue
      const path = ['metadata', 'finalizers', index]
      yield {
        message: `${quoted(path)} must be a qualified name, but is ${shown(text)}: "${invalidName(text, wrong)}"`,
        help: 'write it as example.com/name',
        path,
      }
    }
    if (list.includes('orphan') && list.includes('foregroundDeletion'))
      yield {
        message: '`metadata.finalizers` must not hold both `orphan` and `foregroundDeletion`: "cannot be both set"',
        help: 'keep one of them',
        path: ['metadata', 'finalizers'],
        part: 'key',
      }
  },
}

/** Copied from a cluster, it makes the file stale at once. */
export const resourceVersion: Rule = {
  code: 'KN339',
  name: 'resource-version',
  severity: 'error',
  why: () =>
    'This number says which state of the live object was read. In a file it is stale at once: nothing can be created with it, and an update that carries it meets a conflict. Remove it.',
  fixable: true,
  title: 'a resourceVersion must not be in a file',
  source: 'k8s.io/apiserver/pkg/registry/generic/registry store.go Create',
  *check({ value }) {
    const metadata = objectAt(value, ['metadata'])
    const version = metadata && textField(metadata.value, 'resourceVersion')
    if (!version || version === '0') return
    const path = ['metadata', 'resourceVersion']
    yield {
      message: `\`metadata.resourceVersion\` must not be set, but is ${shown(version)}: "resourceVersion should not be set on objects to be created"`,
      help: 'remove it, and everything else that only the cluster sets',
      path,
      remedy: { kind: 'remove', path },
    }
  },
}
