import type { Manifest } from '../manifest/manifest.js'
import { quoted, shown, type Place } from './fields.js'
import type { Finding } from './rule.js'
import { firstOf, templateAnnotations, type Annotations } from './template-metadata.js'

const group = 'autoscaling.knative.dev/'
const camelKeys = new Map<string, string>()

/** An autoscaling annotation by the kebab-case name; Knative falls back to the camel-case one. */
export function autoscaling(annotations: Annotations, name: string): Place<string> | undefined {
  return annotations.size === 0 ? undefined : firstOf(annotations, group + name, camelKey(name))
}

function camelKey(name: string): string {
  const known = camelKeys.get(name)
  if (known !== undefined) return known
  const key = group + name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  camelKeys.set(name, key)
  return key
}

/** The annotations of the template that are set, of these names, each with its name. */
export function* autoscalingOf(
  manifest: Manifest,
  names: Iterable<string>,
): Iterable<{ readonly name: string; readonly found: Place<string> }> {
  const annotations = templateAnnotations(manifest)
  if (annotations.size === 0) return
  for (const name of names) {
    const found = autoscaling(annotations, name)
    if (found) yield { name, found }
  }
}

/** The finding that an annotation has a wrong value. */
export function wrongValue({ value, path }: Place<string>, wanted: string, phrase: string, help?: string): Finding {
  return {
    message: `${quoted(path)} must be ${wanted}, but is ${shown(value)}: ${phrase}`,
    ...(help === undefined ? {} : { help }),
    path,
  }
}

/** What the cluster says of a value that it cannot read. */
export function invalid(value: string): string {
  return shown(`invalid value: ${value}`)
}
