import { isObject, member, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import { textField, type Place } from './fields.js'
import { once } from './once.js'

const metadataPath: Path = ['spec', 'template', 'metadata']

/**
 * A member of `spec.template.metadata`. The schema keeps unknown keys there and Go's JSON decoder minds no letter case,
 * so `Name` is `name` where the latter is absent.
 */
export function templateMetadata({ value }: Manifest, key: string): Place<JsonObject> | undefined {
  const metadata = member(value, 'spec', 'template', 'metadata')
  if (!isObject(metadata)) return undefined
  const spelled = Object.hasOwn(metadata, key) ? key : Object.keys(metadata).find((name) => name.toLowerCase() === key)
  return spelled === undefined ? undefined : { value: metadata, path: [...metadataPath, spelled] }
}

/** A string of `spec.template.metadata` and its path, where it is there and not empty. */
export function templateText(manifest: Manifest, key: string): Place<string> | undefined {
  const found = templateMetadata(manifest, key)
  const text = found && textField(found.value, String(found.path.at(-1)))
  return found && text ? { value: text, path: found.path } : undefined
}

/** The annotations of the template. */
export const templateAnnotations = once((manifest: Manifest): Annotations => {
  const found = templateMetadata(manifest, 'annotations')
  return found ? annotationsIn(found.value, found.path) : none
})

/** The annotations of the Service itself. */
export const serviceAnnotations = once(({ value }: Manifest): Annotations => {
  const metadata = member(value, 'metadata')
  return isObject(metadata) ? annotationsIn(metadata, ['metadata', 'annotations']) : none
})

/** Annotations by their key; null is the empty text. */
export type Annotations = ReadonlyMap<string, Place<string>>

const none: Annotations = new Map()

function annotationsIn(metadata: JsonObject, path: Path): Annotations {
  const annotations = member(metadata, String(path.at(-1)))
  if (!isObject(annotations)) return none
  const found = new Map<string, Place<string>>()
  for (const key of Object.keys(annotations)) {
    const text = textField(annotations, key)
    if (text !== undefined) found.set(key, { value: text, path: [...path, key] })
  }
  return found
}

/** The first of the keys that is there: Knative knows some annotations by an older, camel-case name as well. */
export function firstOf(annotations: Annotations, ...keys: readonly string[]): Place<string> | undefined {
  for (const key of keys) {
    const found = annotations.get(key)
    if (found) return found
  }
  return undefined
}
