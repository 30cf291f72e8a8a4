import type { JsonObject } from '../manifest/json.js'
import { itemsAt, quoted, shown, textField } from './fields.js'
import { invalidName } from './names.js'
import type { Rule } from './rule.js'

/** The garbage collector has to find every owner, and one controller at most. */
export const ownerReferences: Rule = {
  code: 'KN337',
  name: 'invalid-owner-reference',
  severity: 'error',
  title: 'an owner reference must be complete',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateOwnerReferences',
  why: () =>
    'The garbage collector follows owner references to learn what may be deleted, so half of one is refused. They are set by controllers on the live object and have no place in Git: remove it.',
  *check({ value }) {
    let controller: string | undefined
    for (const owner of itemsAt(value, ['metadata', 'ownerReferences'])) {
      for (const [key, phrase] of required) {
        const text = textField(owner.value, key)
        if (text === undefined || (key === 'apiVersion' ? hasVersion(text) : text !== '')) continue
        const path = [...owner.path, key]
        yield {
          message: `${quoted(path)} must be set to the ${key} of the owner, but ${text === '' ? 'is missing' : `is ${shown(text)}`}: "${invalidName(text, phrase)}"`,
          help: 'owners are set by the controllers that own; keep them out of files',
          path,
        }
      }
      if (isEvent(owner.value)) {
        yield {
          message: `${quoted(owner.path)} must not be an Event of the core API: "/v1, Kind=Event is disallowed from being an owner"`,
          help: 'an Event is gone after an hour, and what it owns with it',
          path: owner.path,
        }
      }
      if (owner.value['controller'] !== true) continue
      if (controller !== undefined) {
        yield {
          message: `${quoted([...owner.path, 'controller'])} must not be true as ${controller} is already: "Only one reference can have Controller set to true"`,
          help: 'keep the one that owns',
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
