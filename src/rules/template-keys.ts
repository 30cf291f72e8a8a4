import { objectIn, quoted, shown, textField } from './fields.js'
import { labelValue, qualifiedName } from './names.js'
import type { Finding, Rule } from './rule.js'
import { templateAnnotations, templateMetadata } from './template-metadata.js'

/**
 * The schema does not look into the metadata of the template, but a Revision is an object of its own: it is made with
 * these labels and annotations, and is then checked as any other object.
 */
export const templateKeys: Rule = {
  code: 'KN353',
  name: 'template-metadata',
  severity: 'warning',
  title: 'labels and annotations of the template must be ones that a Revision can have',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateObjectMeta, pkg/reconciler/configuration createRevision',
  why: () =>
    'The Service is admitted, since nobody looks into the metadata of its template. The Revision that is then made from it is refused, so nothing new ever starts: give labels and annotations the syntax that every object asks for.',
  *check(manifest) {
    const found = templateMetadata(manifest, 'labels')
    const labels = found && objectIn({ value: found.value, path: found.path.slice(0, -1) }, String(found.path.at(-1)))
    for (const key of Object.keys(labels?.value ?? {})) {
      const path = [...(labels?.path ?? []), key]
      const wrongKey = qualifiedName(key)
      if (wrongKey !== undefined) yield badKey(path, 'a label key', wrongKey)
      const text = labels && textField(labels.value, key)
      const wrong = text === undefined ? undefined : labelValue(text)
      if (wrong === undefined) continue
      yield {
        message: `${quoted(path)} must be a label value, but is ${shown(text)}: admitted, but the Revision is refused, "${wrong}"`,
        help: 'use at most 63 letters, digits, `-`, `_` and `.`, or an annotation instead',
        path,
      }
    }
    for (const [key, { path }] of templateAnnotations(manifest)) {
      const wrong = qualifiedName(key.toLowerCase())
      if (wrong !== undefined && !key.startsWith('networking.knative.dev'))
        yield badKey(path, 'an annotation key', wrong)
    }
  },
}

function badKey(path: Finding['path'], what: string, wrong: string): Finding {
  return {
    message: `the key of ${quoted(path)} must be ${what}: admitted, but the Revision is refused, "${wrong}"`,
    help: 'a key is a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional host name and `/` before it',
    path,
    part: 'key',
  }
}
