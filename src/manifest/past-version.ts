import type { FileHistory, FileVersion } from '../text/version.js'
import { yamlFaults, type YamlFault } from './faults.js'
import { findManifests, type FileReading } from './find.js'
import { member, type Json } from './json.js'
import type { Manifest } from './manifest.js'
import { readTraffic, type TrafficTarget } from './traffic.js'

/** What the past of a Service is told by. */
export type ServiceShape = {
  readonly templateName: string | undefined
  readonly template: Json | undefined
  readonly traffic: readonly TrafficTarget[] | undefined
}

type Named = Pick<Manifest, 'name' | 'namespace'>
/** The Services of a text without the YAML that they were read from. */
type Reading = {
  readonly services: readonly (Named & ServiceShape & StoredService & { readonly isSound: boolean })[]
  readonly isSound: boolean
}

/** A Service of a version, without where its parts are. */
export type StoredService = Pick<Manifest, 'value'> & {
  /** The text of its document: where that is the same, so is what there is to say of it. */
  readonly text: string
}

/** By text, since commits go back and forth, and a file's Services share its history. */
const known = new WeakMap<FileHistory, Map<string, Reading>>()

/** A Service as a version of its file has it; `unreadable` where that cannot be told. */
export function readVersion(
  history: FileHistory,
  version: FileVersion,
  { name, namespace }: Named,
): ServiceShape | 'absent' | 'unreadable' {
  const service = serviceIn(history, version, { name, namespace })
  if (typeof service === 'string') return service
  const { templateName, template, traffic } = service
  return { templateName, template, traffic }
}

/** The same with the whole of the Service. */
export function readStored(
  history: FileHistory,
  version: FileVersion,
  named: Named,
): StoredService | 'absent' | 'unreadable' {
  const service = serviceIn(history, version, named)
  return typeof service === 'string' ? service : { value: service.value, text: service.text }
}

function serviceIn(
  history: FileHistory,
  version: FileVersion,
  { name, namespace }: Named,
): Reading['services'][number] | 'absent' | 'unreadable' {
  if (version.isRemoved) return 'absent'
  if (version.text === undefined) return 'unreadable'
  const { services, isSound } = readingOf(history, version.path, version.text)
  const [service, second] = services.filter((one) => one.name === name && one.namespace === namespace)
  if (!service) return isSound ? 'absent' : 'unreadable'
  return second || !service.isSound ? 'unreadable' : service
}

/** What the past compares of a Service. */
export function shapeOf(manifest: Pick<Manifest, 'value'>): ServiceShape {
  const template = member(manifest.value, 'spec', 'template')
  const name = member(template, 'metadata', 'name')
  const templateName = typeof name === 'string' && name !== '' ? name : undefined
  return { templateName, template, traffic: readTraffic(manifest) }
}

/** Hands over what a text was read as, so that a version with the same text is not read again. */
export function rememberReading(history: FileHistory, text: string, reading: FileReading): void {
  readingsOf(history).set(text, withoutYaml(reading))
}

function readingOf(history: FileHistory, path: string, text: string): Reading {
  const readings = readingsOf(history)
  const earlier = readings.get(text)
  if (earlier) return earlier
  const reading = withoutYaml(findManifests({ path, text }))
  readings.set(text, reading)
  return reading
}

function readingsOf(history: FileHistory): Map<string, Reading> {
  const readings = known.get(history) ?? new Map<string, Reading>()
  known.set(history, readings)
  return readings
}

function withoutYaml({ manifests, faults }: FileReading): Reading {
  const services = manifests.map((manifest) => {
    const { name, namespace, value, document, file } = manifest
    return {
      name,
      namespace,
      value,
      text: file.text.slice(document.range[0], document.range[2]),
      ...shapeOf(manifest),
      isSound: manifest.faults.every(isHarmless),
    }
  })
  return { services, isSound: faults.every(isHarmless) }
}

/** A template is no fault, but what it says is not known. */
function isHarmless({ code }: YamlFault): boolean {
  return yamlFaults[code].severity !== 'error' && code !== 'KN103'
}
