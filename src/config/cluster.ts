import { isMap, isSeq } from 'yaml'

import { append } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { at, type SourceFile } from '../text/source.js'
import { isQuantity } from '../text/words.js'
import { parseYaml } from '../yaml/parse.js'
import {
  type ClusterSettings,
  defaultKeys,
  type DefaultKind,
  featureKeys,
  isReadableTemplate,
  numberSetting,
  stockCluster,
} from './cluster-settings.js'
import { type ConfigMember, ConfigReader, isNothing, meant } from './reader.js'

const parts = ['defaults', 'features'] as const
type Part = (typeof parts)[number]

/** What a file of saved ConfigMaps says; a ConfigMap that is not in it is left open. With faults nothing of it counts. */
type ConfigMapsReading = { readonly settings: Partial<ClusterSettings>; readonly faults: readonly Diagnostic[] }

/** Reads `cluster` of a configuration: the keys of both ConfigMaps, as they stand in a cluster. */
export function readCluster(reader: ConfigReader, place: ConfigMember): ClusterSettings {
  const settings: Record<Part, Readonly<Record<string, string>>> = { ...stockCluster }
  for (const member of reader.members(place.value, '`cluster`', 'cluster.', place.keyRange)) {
    const part = parts.find((one) => one === member.key)
    if (part) settings[part] = readPart(reader, member, part, `cluster.${part}`)
    else {
      const message = `unknown key \`cluster.${member.key}\``
      reader.complain(member.keyRange, message, meant(member.key, parts, 'use `defaults` or `features`'))
    }
  }
  return settings
}

const saving = 'run `kubectl get cm -n knative-serving config-defaults config-features -o yaml > cluster.yaml`'

/**
 * Reads what `kubectl get cm -o yaml` or `-o json` printed: a List, several documents, or one ConfigMap. Other ConfigMaps
 * are passed over. Pure and total.
 */
export function readConfigMaps(file: SourceFile): ConfigMapsReading {
  const { documents, faults } = parseYaml(file)
  const found: Diagnostic[] = []
  const settings: { -readonly [Key in Part]?: ClusterSettings[Key] } = {}
  const unread = new ConfigReader(file.path, undefined)
  for (const { message, help, range } of faults) unread.complain(range, message, help)
  append(found, unread.faults)
  for (const document of documents) {
    const reader = new ConfigReader(file.path, document)
    const root: ConfigMember = { key: '', value: document.contents, keyRange: at(0) }
    for (const object of [root, ...itemsOf(reader, root)]) {
      const part = partOf(reader, object)
      const data = part && memberOf(reader, object, 'data')
      if (part) settings[part] = data ? readPart(reader, data, part, `data`) : {}
    }
    append(found, reader.faults)
  }
  if (found.length === 0 && Object.keys(settings).length === 0) {
    const message = `\`${file.path}\` has neither the ConfigMap \`config-defaults\` nor \`config-features\``
    unread.complain(at(0), message, saving)
    append(found, unread.faults)
  }
  return { settings, faults: found }
}

/** Which of the two ConfigMaps an object is, if any. */
function partOf(reader: ConfigReader, object: ConfigMember): Part | undefined {
  const metadata = memberOf(reader, object, 'metadata')
  const [kind, name] = [memberOf(reader, object, 'kind'), metadata && memberOf(reader, metadata, 'name')]
  if (textOf(reader, kind) !== 'ConfigMap') return undefined
  return parts.find((part) => textOf(reader, name) === `config-${part}`)
}

function memberOf(reader: ConfigReader, object: ConfigMember, key: string): ConfigMember | undefined {
  return reader.isMapping(object) ? reader.members(object.value, '', '').find((one) => one.key === key) : undefined
}

function itemsOf(reader: ConfigReader, root: ConfigMember): readonly ConfigMember[] {
  const items = memberOf(reader, root, 'items')
  return items && isSeq(reader.resolved(items.value)) ? reader.items(items, '`items`') : []
}

function textOf(reader: ConfigReader, place: ConfigMember | undefined): string | undefined {
  const node = place && reader.resolved(place.value)
  return node && !isMap(node) && !isSeq(node) && 'value' in node ? String(node.value) : undefined
}

function readPart(
  reader: ConfigReader,
  place: ConfigMember,
  part: Part,
  name: string,
): Readonly<Record<string, string>> {
  const read: Record<string, string> = {}
  const places = new Map<string, ConfigMember>()
  for (const member of reader.members(place.value, `\`${name}\``, `${name}.`, place.keyRange)) {
    const { key } = member
    // The ConfigMaps of a release explain themselves in it.
    if (key === '_example') continue
    const known = Object.keys(part === 'features' ? featureKeys : defaultKeys)
    if (!known.includes(key)) {
      const message = `unknown key \`${name}.${key}\``
      reader.complain(member.keyRange, message, meant(key, known, `remove it; docs/configuration.md lists the keys`))
      continue
    }
    const value = part === 'features' ? readFeature(reader, member, name) : readDefault(reader, member, name)
    if (value !== undefined) read[key] = value
    places.set(key, member)
  }
  if (part === 'defaults') checkBounds(reader, places, { ...stockCluster, defaults: read })
  return read
}

const spelledAs: Readonly<Record<string, string>> = { allowrootbounded: 'AllowRootBounded' }

function readFeature(reader: ConfigReader, place: ConfigMember, name: string): string | undefined {
  const values = featureKeys[place.key]?.values ?? []
  const words = values.map((one) => spelledAs[one] ?? one)
  const what = `${words.slice(0, -1).map(quote).join(', ')} or ${quote(words.at(-1) ?? '')}`
  const text = reader.text(place, `\`${name}.${place.key}\``, what)
  if (text === undefined || values.includes(text.toLowerCase())) return text?.toLowerCase()
  reader.complain(
    reader.at(place),
    `\`${name}.${place.key}\` is \`${text}\`; must be ${what}`,
    meant(text.toLowerCase(), words),
  )
  return undefined
}

function quote(word: string): string {
  return `\`${word}\``
}

type Kind = { readonly what: string; readonly takes: (text: string) => boolean }

const kinds: Readonly<Record<DefaultKind, Kind>> = {
  boolean: { what: '`true` or `false`', takes: (text) => /^(?:true|false)$/i.test(text) },
  tristate: { what: '`true`, `false` or `default`', takes: (text) => /^(?:true|false|default)$/i.test(text) },
  count: { what: 'a whole number', takes: (text) => /^\d{1,15}$/.test(text) },
  quantity: { what: 'a quantity such as `100m` or `256Mi`', takes: isQuantity },
  template: {
    what: 'a name; `{{.Name}}` and `{{.Namespace}}` expand to those of the Service',
    takes: isReadableTemplate,
  },
}

function readDefault(reader: ConfigReader, place: ConfigMember, name: string): string | undefined {
  const kind = defaultKeys[place.key]?.kind ?? 'template'
  const { what, takes } = kinds[kind]
  const text = reader.text(place, `\`${name}.${place.key}\``, what)
  if (text === undefined || takes(text)) return kind === 'boolean' || kind === 'tristate' ? text?.toLowerCase() : text
  const help = kind === 'template' ? 'remove it: a container whose name is written does not need it' : undefined
  reader.complain(reader.at(place), `\`${name}.${place.key}\` is \`${text}\`; must be ${what}`, help)
  return undefined
}

/** The ConfigMap's own webhook refuses numbers that contradict each other. */
function checkBounds(reader: ConfigReader, places: ReadonlyMap<string, ConfigMember>, settings: ClusterSettings): void {
  for (const [key, limit] of [
    ['revision-timeout-seconds', 'max-revision-timeout-seconds'],
    ['revision-response-start-timeout-seconds', 'revision-timeout-seconds'],
    ['revision-idle-timeout-seconds', 'revision-timeout-seconds'],
    ['container-concurrency', 'container-concurrency-max-limit'],
  ] as const) {
    const place = places.get(key) ?? places.get(limit)
    const [own, most] = [numberSetting(settings, key), numberSetting(settings, limit)]
    if (place && own > most && !isNothing(place.value))
      reader.complain(reader.at(place), `\`${key}\` (${own}) is greater than \`${limit}\` (${most})`)
  }
}
