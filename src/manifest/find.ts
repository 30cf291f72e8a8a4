import type { Path } from '../text/path.js'
import type { Range } from '../text/range.js'
import type { SourceFile } from '../text/source.js'
import { yamlFaults, type YamlFault } from './faults.js'
import { isList, isObject, member, type Json, type JsonObject } from './json.js'
import { hasSign, marker } from './knative-sign.js'
import { locate } from './locate.js'
import type { Manifest } from './manifest.js'
import { strayDocument } from './stray-document.js'
import { parseYaml, type YamlDocument } from './parse.js'
import { readDocument, type Reading } from './read.js'

/** What one file holds for this tool. */
export type FileReading = {
  readonly documents: readonly YamlDocument[]
  readonly manifests: readonly Manifest[]
  /** What is wrong with the file as a whole; a file with errors here has no manifests. */
  readonly faults: readonly YamlFault[]
}

const silent: FileReading = { documents: [], manifests: [], faults: [] }

/**
 * The Knative Services of a file, found by group and kind: whole ones and patches, in documents and in Lists.
 * A core `v1` Service, and everything else, is passed over in silence.
 * Only a reading for editing keeps where punctuation stands: that takes time and memory.
 */
export function findManifests(file: SourceFile, isForEditing = false): FileReading {
  if (!hasSign(file.text)) return silent
  const { documents, faults } = parseYaml(file, isForEditing)
  const manifests: Manifest[] = []
  const wrong: (readonly YamlFault[])[] = [faults]
  const others: { readonly document: YamlDocument; readonly reading: Reading | undefined }[] = []
  for (const document of documents) {
    const [start, , end] = document.range
    const isSigned = hasSign(file.text.slice(start, end))
    const reading = isSigned ? readDocument(document.contents, file.text) : undefined
    const found = reading ? objects(reading.value).filter(({ value }) => isKnativeService(value)) : []
    if (!reading || found.length === 0) {
      others.push({ document, reading })
      continue
    }
    const services = found.map(({ value, root }) => manifestOf(file, document, reading, value, root))
    manifests.push(...services)
    const own = new Set(services.flatMap((service) => service.faults))
    wrong.push(unreadable(reading).filter((fault) => !own.has(fault)))
  }
  const isBesideService = manifests.length > 0
  for (const { document, reading: known } of others) {
    const reading = known ?? (isBesideService ? readDocument(document.contents, file.text) : undefined)
    const stops = reading ? unreadable(reading) : []
    const isStray = reading && isBesideService && stops.length === 0
    wrong.push(isStray ? strayDocument(document, reading.value) : stops)
  }
  return { documents, manifests, faults: wrong.flat() }
}

/**
 * What kubectl stops at in a document that shows no Service: it may be one that cannot be read, and what stands behind it
 * is not even looked at.
 */
function unreadable({ faults }: Reading): readonly YamlFault[] {
  return faults.filter(({ code }) => yamlFaults[code].severity === 'error')
}

function objects(value: Json): readonly { readonly value: JsonObject; readonly root: Path }[] {
  if (!isObject(value)) return []
  const items = member(value, 'items')
  if (!text(member(value, 'kind'))?.endsWith('List') || !isList(items)) return [{ value, root: [] }]
  return items.flatMap((item, index) => (isObject(item) ? [{ value: item, root: ['items', index] }] : []))
}

/** By group, not by kind alone: `v1` has a Service too. */
function isKnativeService(value: JsonObject): boolean {
  const version = member(value, 'apiVersion')
  return member(value, 'kind') === 'Service' && typeof version === 'string' && version.startsWith(marker)
}

function manifestOf(
  file: SourceFile,
  document: YamlDocument,
  reading: Reading,
  value: JsonObject,
  root: Path,
): Manifest {
  const name = text(member(value, 'metadata', 'name')) ?? ''
  const namespace = text(member(value, 'metadata', 'namespace'))
  const manifest = {
    file,
    value,
    name,
    namespace,
    label: namespace === undefined ? name : `${namespace}/${name}`,
    document,
    root,
    targets: reading.targets,
    faults: reading.faults,
  }
  if (root.length === 0) return manifest
  const own = locate(manifest, [])
  return { ...manifest, faults: reading.faults.filter(({ range }) => within(range, own)) }
}

function within(inner: Range, outer: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
