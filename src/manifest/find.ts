import { parted, Recent } from '../text/collections.js'
import { globMatcher, type Path } from '../text/path.js'
import { lineNumber, type Range, type SourceFile } from '../text/source.js'
import { type DocumentInFile, documentRanges, LazyDocument, parseApart } from '../yaml/apart.js'
import { type YamlFault, yamlFaults } from '../yaml/faults.js'
import { goTypeOf, isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { extent, Places } from '../yaml/places.js'
import { type PlainDocument, plainDocuments } from '../yaml/plain-documents.js'
import { readDocument, type Reading } from '../yaml/read.js'
import { locate, type Manifest } from './manifest.js'
import { type Aside, asidesOn, hasNearSign, hasSign, isKnativeService, isOtherTraffic } from './other-kinds.js'

/**
 * A document beside a Service that no tool can apply, since it does not say what it is. An empty one is passed over.
 *
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/unstructured UnstructuredJSONScheme.
 */
export function strayDocument(document: DocumentInFile, value: Json): readonly YamlFault[] {
  const reason = value === null ? undefined : isObject(value) ? reasonOf(value) : notAnObject(value)
  if (reason === undefined) return []
  const { start, end } = extent(document.contents)
  return [
    {
      code: 'KN111',
      message: `document next to a Service is not a Kubernetes object: ${reason.what}`,
      help: 'add `apiVersion` and `kind`, or move it to a separate file',
      says: { by: 'kubectl', text: reason.said },
      range: { start, end: Math.max(end, start + 1) },
    },
  ]
}

/** What is wrong with a document, and what kubectl prints. */
type Reason = { readonly what: string; readonly said: string }

function reasonOf(value: Json): Reason | undefined {
  const kind = member(value, 'kind')
  const said = "Object 'Kind' is missing"
  if (kind === undefined || kind === null || kind === '') return { what: 'it has no `kind`', said }
  if (typeof kind !== 'string') return { what: 'its `kind` is not a string', said }
  const version = member(value, 'apiVersion')
  if (version === undefined) return { what: 'it has no `apiVersion`', said: "Object 'apiVersion' is missing" }
  if (version === null || typeof version === 'string') return undefined
  const what = 'its `apiVersion` is not a string'
  return { what, said: `cannot unmarshal ${goTypeOf(version)} into Go struct field` }
}

function notAnObject(value: Json): Reason {
  const type = goTypeOf(value)
  return { what: `it is ${type === 'array' ? 'a list' : `a ${type}`}`, said: `cannot unmarshal ${type} into Go value` }
}

/** What one file holds for this tool. */
export type FileReading = {
  readonly documents: readonly DocumentInFile[]
  readonly manifests: readonly Manifest[]
  /** What is wrong with the file as a whole; a file with errors here has no manifests. */
  readonly faults: readonly YamlFault[]
  /** Its Routes and Configurations: they are validated or named, and never edited. */
  readonly others: readonly Manifest[]
  /** What there is to say of objects that only hold a Service, or nearly are one. */
  readonly asides: readonly Aside[]
}

const assertion: YamlFault = {
  code: 'KN125',
  message: 'not checked: this file (a kuttl or chainsaw test compares objects with it)',
  range: { start: 0, end: 0 },
}

const silent: FileReading = { documents: [], manifests: [], faults: [], others: [], asides: [] }

/** The file of objects that nearly are Services: what else is wrong with it is nobody's business here. */
function nearMisses(file: SourceFile): FileReading {
  const documents = parseYaml(file, false).documents.map((document) => ({ document }))
  const placed = placesOf(file, documents).filter(({ sign }) => sign === 'near')
  const asides = placed.flatMap((one) => besideServices(one, readDocument(one.document.contents, file.text)).asides)
  return { ...silent, asides }
}

/** A document of a file: which one it is where there are several, and whether it can hold a Service, or something near. */
type Placed = Given & {
  readonly file: SourceFile
  readonly index: number | undefined
  readonly sign: 'own' | 'near' | 'none'
}

/** A document, and what it means where that is known. */
type Given = { readonly document: DocumentInFile; readonly given?: Reading }

function placesOf(file: SourceFile, documents: readonly Given[]): readonly Placed[] {
  return documents.map(({ document, given }, index) => {
    const text = file.text.slice(document.range[0], document.range[2])
    const sign = hasSign(text) ? 'own' : hasNearSign(text) ? 'near' : 'none'
    return { file, document, ...(given && { given }), index: documents.length > 1 ? index : undefined, sign }
  })
}

const noTargets: Reading['targets'] = new Map()

function givenBy({ document, value }: PlainDocument): Given {
  return { document, given: { value, faults: [], targets: noTargets } }
}

type Beside = Pick<FileReading, 'others' | 'asides'>

/** What a document holds besides Services. Where it cannot be read, that is said, and nothing else. */
function besideServices(placed: Placed, reading: Reading): Beside {
  if (unreadable(reading).length > 0) return { others: [], asides: [] }
  const { file, document } = placed
  const { targets } = reading
  const left = objects(reading.value).filter(({ value }) => !isKnativeService(value))
  return {
    others: left.flatMap(({ value, root }) =>
      isOtherTraffic(value) ? [manifestOf(file, document, reading, value, root)] : [],
    ),
    asides: left.flatMap((object) => (isOtherTraffic(object.value) ? [] : asidesOn({ ...placed, ...object, targets }))),
  }
}

const readBefore = new WeakMap<SourceFile, FileReading>()

/** Reads a file before anything is asked of it, in time that would be spent waiting. */
export function readAhead(file: SourceFile): FileReading {
  const known = findManifests(file)
  readBefore.set(file, known)
  return known
}

/**
 * The Knative Services of a file, found by group and kind: whole ones and patches, in documents and in Lists.
 * A core `v1` Service, and everything else, is passed over in silence.
 * Only a reading for editing keeps where punctuation stands: that takes time and memory.
 */
export function findManifests(file: SourceFile, isForEditing = false): FileReading {
  const known = isForEditing ? undefined : readBefore.get(file)
  if (known) return known
  if (file.isAssertion && hasSign(file.text)) return { ...silent, faults: [assertion] }
  if (!hasSign(file.text)) return hasNearSign(file.text) ? nearMisses(file) : silent
  const ranges = isForEditing ? undefined : documentRanges(file)
  const apart = ranges && readApart(file, ranges)
  if (apart) return gathered(file, apart, [])
  const plain = isForEditing ? undefined : plainDocuments(file.text)
  const { documents, faults } = plain ? { documents: plain.map(givenBy), faults: [] } : parsedIn(file, isForEditing)
  return gathered(
    file,
    placesOf(file, documents).map((placed) => readPlaced(placed)),
    faults,
  )
}

function parsedIn(
  file: SourceFile,
  isForEditing: boolean,
): { readonly documents: readonly Given[]; readonly faults: readonly YamlFault[] } {
  const { documents, faults } = parseYaml(file, isForEditing)
  return { documents: documents.map((document) => ({ document })), faults }
}

/** What was read of a document: its Services, what else it holds, and what it means where it holds no Service. */
type ReadDocument = Beside & {
  readonly document: DocumentInFile
  readonly services: readonly Manifest[]
  readonly reading: Reading | undefined
  /** What it means, where that was known before. */
  readonly given: Reading | undefined
}

function readPlaced({ document, ...placed }: Placed, held: DocumentInFile = document): ReadDocument {
  const { file, sign, given } = placed
  const reading = sign === 'none' ? undefined : (given ?? readDocument(document.contents, file.text))
  const found = reading ? objects(reading.value).filter(({ value }) => isKnativeService(value)) : []
  const isNear = sign === 'near' && found.length === 0
  return {
    document: held,
    services: reading ? found.map(({ value, root }) => manifestOf(file, held, reading, value, root)) : [],
    reading: isNear ? undefined : reading,
    given,
    ...(reading ? besideServices({ ...placed, document: held }, reading) : { others: [], asides: [] }),
  }
}

/** A document of a large file that was read without nodes: where it began, what it means, and where its fields are. */
type KnownDocument = { readonly start: number; readonly given: Reading; readonly places: Places } & Pick<
  DocumentInFile,
  'range'
>

/**
 * The documents of the last few large files by their paths, each by its text: who reads another version of a file, as `check`
 * does of its base, finds most of them in it again, and holds them once.
 */
const lately = new Recent<string, { documents: ReadonlyMap<string, KnownDocument> }>(4)

/** Reads one document after the other, so that the nodes of one are there at a time; undefined where one has faults. */
function readApart(file: SourceFile, ranges: readonly Range[]): readonly ReadDocument[] | undefined {
  const read: ReadDocument[] = []
  const keys = new Map<string, string>()
  const before = lately.get(file.path, () => ({ documents: new Map() }))
  const known = new Map<string, KnownDocument>()
  for (const range of ranges) {
    const text = file.text.slice(range.start, range.end)
    // Documents that are alike in one version stay apart.
    const met = known.has(text) ? undefined : before.documents.get(text)
    const documents = met ? [knownIn(file, range, met)] : documentsApart(file, range, keys)
    if (!documents) return undefined
    for (const placed of placesOf(file, documents)) {
      const { document, given } = placed
      const places = document.places ?? Places.of(document, keys)
      const held = places ? new LazyDocument(file, range, document.range, places) : document
      if (given && places) known.set(text, { start: range.start, given, places, range: document.range })
      // What a document without a Service means is not held.
      read.push({ ...readPlaced({ ...placed, index: read.length }, held), given: undefined })
    }
  }
  before.documents = known
  return read
}

/** A document that was in another version of a file. */
function knownIn(file: SourceFile, part: Range, { start, given, places, range }: KnownDocument): Given {
  const by = part.start - start
  const [first, value, end] = range
  const document = new LazyDocument(file, part, [first + by, value + by, end + by], places.movedBy(by))
  return { document, given }
}

function documentsApart(file: SourceFile, range: Range, keys: Map<string, string>): readonly Given[] | undefined {
  const plain = plainDocuments(file.text.slice(range.start, range.end), range.start, keys)
  if (plain) return plain.length > 1 ? undefined : plain.map(givenBy)
  return parseApart(file, range)?.map((document) => ({ document }))
}

function gathered(file: SourceFile, read: readonly ReadDocument[], faults: readonly YamlFault[]): FileReading {
  const isBesideService = read.some(({ services }) => services.length > 0)
  const faultsOf = ({ document, services, reading: known, given }: ReadDocument): readonly YamlFault[] => {
    if (services.length > 0 && known) {
      const said = new Set(services.flatMap((service) => service.faults))
      return unreadable(known).filter((fault) => !said.has(fault))
    }
    const reading = known ?? (isBesideService ? (given ?? readDocument(document.contents, file.text)) : undefined)
    const stops = reading ? unreadable(reading) : []
    const isStray = reading && isBesideService && stops.length === 0
    return isStray ? strayDocument(document, reading.value) : stops
  }
  const [own, left] = parted(read, ({ services }) => services.length > 0)
  return {
    documents: read.map(({ document }) => document),
    manifests: read.flatMap(({ services }) => services),
    faults: [...faults, ...own.flatMap(faultsOf), ...left.flatMap(faultsOf)],
    others: read.flatMap(({ others }) => others),
    asides: read.flatMap(({ asides }) => asides),
  }
}

/**
 * What kubectl stops at in a document that shows no Service: it may be one that cannot be read, and what stands behind it
 * is not even looked at.
 */
export function unreadable({ faults }: Pick<Reading, 'faults'>): readonly YamlFault[] {
  return faults.filter(({ code }) => yamlFaults[code].severity === 'error')
}

type Found = { readonly value: JsonObject; readonly root: Path }

/** The objects of a document. Lists in Lists are as flat to kubectl as one. */
function objects(value: Json, root: Path = []): readonly Found[] {
  if (!isObject(value)) return []
  const items = member(value, 'items')
  if (!textIn(member(value, 'kind'))?.endsWith('List') || !isList(items)) return [{ value, root }]
  return items.flatMap((item, index) => objects(item, [...root, 'items', index]))
}

/** The objects of a document, those of Lists among them. */
export function objectsIn(value: Json): readonly JsonObject[] {
  return objects(value).map((found) => found.value)
}

function manifestOf(
  file: SourceFile,
  document: DocumentInFile,
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

const recent = new Recent<string, readonly Manifest[]>(8)

/**
 * The Services of a text, which is not read again while it is one of the last few: the Services of a file ask for the same
 * versions of it, one after the other.
 */
export function recentManifests({ path, text }: Pick<SourceFile, 'path' | 'text'>): readonly Manifest[] {
  return recent.get(`${path}\n${text}`, () => findManifests({ path, text }).manifests)
}
