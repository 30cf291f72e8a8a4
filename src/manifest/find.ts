import { globMatcher, type Path } from '../text/path.js'
import { lineNumber, type Range, type SourceFile } from '../text/source.js'
import { type YamlFault, yamlFaults } from '../yaml/faults.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { readDocument, type Reading } from '../yaml/read.js'
import { extent, locate, type Manifest } from './manifest.js'

/** What every Knative manifest spells. Searches look for it as well, so it stands apart from what reads YAML. */
export const marker = 'serving.knative.dev/'

/**
 * An `apiVersion` by alias. Anchors end with their document, so where the marker stands in another one, or nowhere, the
 * cluster cannot tell what this document is, and no more can we.
 */
export const aliasedVersion = 'apiVersion: *'

/** The marker as `!!binary` has it: the first letters of its base64, whatever comes behind it. */
const encodedMarker = 'c2VydmluZy5rbmF0aXZlLmRl'

/** The letters of a text, each as it is or as an escape of a text in double quotes, as a regular expression. */
function spellings(text: string): readonly string[] {
  return Array.from(text, (letter) => {
    const digits = letter.charCodeAt(0).toString(16).replace(/[a-f]/, eitherCase)
    const plain = letter === '/' ? String.raw`\\?/` : letter === '.' ? String.raw`\.` : letter
    return String.raw`(?:${plain}|\\(?:x|u00|U000000)${digits})`
  })
}

/** A digit of a number in base 16, as a regular expression. */
export function eitherCase(digit: string): string {
  return `[${digit}${digit.toUpperCase()}]`
}

/** A line that ends with a backslash goes on with the first letter of the next one. Go-yaml knows more ends of lines. */
const fold = String.raw`\\(?:\r\n?|[\n\u0085\u2028\u2029])`
let spelled: RegExp | undefined
let encoded: RegExp | undefined

/**
 * Whether a text can hold a Knative manifest, in whatever spelling YAML and JSON have for its `apiVersion`, be it one that
 * says what it is by an alias that leads nowhere. In time linear in the text.
 */
export function hasSign(text: string): boolean {
  return text.includes(marker) || text.includes(aliasedVersion) || hasOddSign(text)
}

/** Whether a text can hold a manifest that does not spell the marker letter by letter. */
export function hasOddSign(text: string): boolean {
  if (text.includes('\\')) {
    spelled ??= new RegExp(spellings(marker).join(String.raw`(?:${fold}[ \t]*)*`))
    if (spelled.test(text)) return true
  }
  // The tag has spellings of its own, with a `%` in each of them.
  if (!text.includes('binary') && !text.includes('%')) return false
  encoded ??= new RegExp(spellings(encodedMarker).join(String.raw`(?:\s|${fold})*`))
  return encoded.test(text)
}

/**
 * A document beside a Service that no tool can apply, since it does not say what it is. An empty one is passed over.
 *
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/unstructured UnstructuredJSONScheme.
 */
function strayDocument({ contents }: YamlDocument, value: Json): readonly YamlFault[] {
  const reason = value === null ? undefined : isObject(value) ? reasonOf(value) : notAnObject(value)
  if (reason === undefined) return []
  const { start, end } = extent(contents)
  return [
    {
      code: 'KN111',
      message: `a document beside a Service must be a Kubernetes object, but ${reason}`,
      help: 'say what it is, or keep it in a file of its own',
      range: { start, end: Math.max(end, start + 1) },
    },
  ]
}

function reasonOf(value: Json): string | undefined {
  const kind = member(value, 'kind')
  if (kind === undefined || kind === null || kind === '') return 'has no `kind`: "Object \'Kind\' is missing"'
  if (typeof kind !== 'string') return 'its `kind` is no text: "Object \'Kind\' is missing"'
  const version = member(value, 'apiVersion')
  if (version === undefined) return 'has no `apiVersion`: "Object \'apiVersion\' is missing"'
  if (version === null || typeof version === 'string') return undefined
  return `its \`apiVersion\` is no text: "cannot unmarshal ${goTypeOf(version)} into Go struct field"`
}

function notAnObject(value: Json): string {
  return `is none: "cannot unmarshal ${goTypeOf(value)} into Go value"`
}

/** The name that Go's JSON reader has for the type of a value. */
function goTypeOf(value: Json): string {
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** What one file holds for this tool. */
export type FileReading = {
  readonly documents: readonly YamlDocument[]
  readonly manifests: readonly Manifest[]
  /** What is wrong with the file as a whole; a file with errors here has no manifests. */
  readonly faults: readonly YamlFault[]
}

const assertion: YamlFault = {
  code: 'KN115',
  message: 'skipped: a test of kuttl or chainsaw compares live objects with it, and nobody applies it',
  range: { start: 0, end: 0 },
}

const silent: FileReading = { documents: [], manifests: [], faults: [] }

/**
 * The Knative Services of a file, found by group and kind: whole ones and patches, in documents and in Lists.
 * A core `v1` Service, and everything else, is passed over in silence.
 * Only a reading for editing keeps where punctuation stands: that takes time and memory.
 */
export function findManifests(file: SourceFile, isForEditing = false): FileReading {
  if (!hasSign(file.text)) return silent
  if (file.isAssertion) return { ...silent, faults: [assertion] }
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
  if (!textIn(member(value, 'kind'))?.endsWith('List') || !isList(items)) return [{ value, root: [] }]
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
  const name = textIn(member(value, 'metadata', 'name')) ?? ''
  const namespace = textIn(member(value, 'metadata', 'namespace'))
  const manifest = {
    file,
    value,
    name,
    namespace,
    label: labelOf(namespace, name === '' ? (textIn(member(value, 'metadata', 'generateName')) ?? '') : name),
    document,
    root,
    targets: reading.targets,
    faults: reading.faults,
  }
  if (root.length === 0) return manifest
  const own = locate(manifest, [])
  return { ...manifest, faults: reading.faults.filter(({ range }) => within(range, own)) }
}

function labelOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

function within(inner: Range, outer: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * The manifests that a `[NAMESPACE/]NAME` pattern means, in which `*` stands for any run of characters but `/` and `?`
 * for one; a pattern without a namespace matches in all of them. `FILE:LINE` means the one that stands there.
 */
export function matchManifests(manifests: readonly Manifest[], pattern: string): readonly Manifest[] {
  return manifests.filter(manifestMatcher(pattern))
}

/** Whether a manifest is one that the pattern means: for one pattern and manifests that come one by one. */
export function manifestMatcher(pattern: string): (manifest: Manifest) => boolean {
  const matcher = globMatcher(pattern)
  const isWhole = pattern.includes('/')
  const place = /^(.+):(\d{1,9})$/.exec(pattern)
  if (place) {
    const [, path = '', line] = place
    return (manifest) => manifest.file.path === path.replace(/^\.\//, '') && hasLine(manifest, Number(line))
  }
  return ({ name, label }) => matcher.test(isWhole ? label : name)
}

/** Whether a Service stands in the line, or its document does, where that holds no other one. */
function hasLine(manifest: Manifest, line: number): boolean {
  const { file, document, root } = manifest
  const [start, , end] = document.range
  const range = root.length > 0 ? locate(manifest, []) : { start, end }
  const [first, last] = [range.start, Math.max(range.start, range.end - 1)].map((at) => lineNumber(file.text, at))
  return first !== undefined && last !== undefined && first <= line && line <= last
}

const most = 8
const recent = new Map<string, readonly Manifest[]>()

/**
 * The Services of a text, which is not read again while it is one of the last few: the Services of a file ask for the same
 * versions of it, one after the other.
 */
export function recentManifests({ path, text }: Pick<SourceFile, 'path' | 'text'>): readonly Manifest[] {
  const key = `${path}\n${text}`
  const known = recent.get(key) ?? findManifests({ path, text }).manifests
  recent.delete(key)
  recent.set(key, known)
  for (const [oldest] of recent) {
    if (recent.size <= most) break
    recent.delete(oldest)
  }
  return known
}
