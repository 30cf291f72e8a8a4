import { objectAt, quoted, shown, textField } from './fields.js'
import { byteLength, invalidName, labelValue, qualifiedName } from './names.js'
import type { Rule } from './rule.js'
import { serviceAnnotations } from './template-metadata.js'

const keyHelp =
  'a key is a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional host name and `/` before it'

/** Objects are selected by labels, so their syntax is narrow. Those of the template are not checked until later. */
export const serviceLabels: Rule = {
  code: 'KN333',
  name: 'invalid-label',
  severity: 'error',
  title: 'a label must be well-formed',
  source: 'k8s.io/apimachinery/pkg/apis/meta/v1/validation ValidateLabels',
  why: () =>
    'Other objects find this one by its labels, so their syntax is narrow and the cluster refuses what does not fit. Free text, spaces and long values belong into an annotation.',
  *check({ value }) {
    const labels = objectAt(value, ['metadata', 'labels'])
    for (const key of Object.keys(labels?.value ?? {})) {
      const path = ['metadata', 'labels', key]
      const wrongKey = qualifiedName(key)
      if (wrongKey !== undefined)
        yield {
          message: `the key of ${quoted(path)} must be a label key: "${invalidName(key, wrongKey)}"`,
          help: keyHelp,
          path,
          part: 'key',
        }
      const text = labels && textField(labels.value, key)
      const wrong = text === undefined ? undefined : labelValue(text)
      if (wrong === undefined) continue
      yield {
        message: `${quoted(path)} must be a label value, but is ${shown(text)}: "${invalidName(text ?? '', wrong)}"`,
        help: 'use at most 63 letters, digits, `-`, `_` and `.`, or an annotation instead',
        path,
      }
    }
  },
}

const sizeLimit = 256 * 1024

/** Annotations hold anything, but their keys do not, and there is a limit to what the cluster stores. */
export const serviceAnnotationKeys: Rule = {
  code: 'KN334',
  name: 'invalid-annotation',
  severity: 'error',
  title: 'an annotation must have a well-formed key',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateAnnotations',
  why: () =>
    'An annotation may say anything, but under a proper key: a short name, with a host name and a slash before it if you like. All of them together may not exceed 256 KiB.',
  *check(manifest) {
    let size = 0
    for (const [key, { value, path }] of serviceAnnotations(manifest)) {
      size += byteLength(key) + byteLength(value)
      const wrong = qualifiedName(key.toLowerCase())
      if (wrong !== undefined)
        yield {
          message: `the key of ${quoted(path)} must be an annotation key: "${invalidName(key, wrong)}"`,
          help: keyHelp,
          path,
          part: 'key',
        }
    }
    if (size <= sizeLimit) return
    yield {
      message: `\`metadata.annotations\` must not hold more than ${sizeLimit} bytes, but hold ${size}: "Too long: may not be more than ${sizeLimit} bytes"`,
      help: 'keep large values in a ConfigMap',
      path: ['metadata', 'annotations'],
      part: 'key',
    }
  },
}
