import { append } from '../../text/collections.js'
import { isTextMatched, pathMatcher } from '../../text/path.js'
import { define, isList, isObject, type Json, member } from '../../yaml/json.js'
import { applicationIn, patternOf } from './argo-cd.js'
import {
  type Applied,
  type Around,
  isKind,
  itemsOf,
  type LayerKind,
  type NotRead,
  objectsIn,
  type Part,
  partAt,
  textAt,
} from './layer.js'

/** A set of Applications that Argo CD makes from a template. */
export const applicationSet: LayerKind = {
  sign: 'argoproj.io/',
  isOf: (value) => isKind(value, 'argoproj.io', 'ApplicationSet'),
  read: (object, _file, around) => setIn(object, around),
}

/** How much text a set may fill in: a short template and a long list of values are multiplied. */
const mostText = 4 * 1024 * 1024
const mostApplications = 1000
const longestTemplate = 128 * 1024
/** Names and paths are shorter; a longer value is not filled in. */
const longestValue = 512

function setIn(object: Part, around: Around): Applied {
  const template = partAt(object, 'spec', 'template')
  const isGo = member(object.value, 'spec', 'goTemplate') === true
  const notRead: NotRead[] = []
  const appliers: Applied['appliers'][number][] = []
  if (partAt(object, 'spec', 'templatePatch').value !== null)
    notRead.push({ ...object.at(['spec', 'templatePatch']), what: '`templatePatch`', places: placesIn(template) })
  const size = JSON.stringify(template.value).length
  if (size > longestTemplate)
    return { appliers, notRead: [...notRead, { ...template.at([]), what: `a template of ${size} characters` }] }
  let left = Math.min(mostApplications, Math.ceil(mostText / size))
  for (const generator of itemsOf(object, 'spec', 'generators')) {
    const made = parametersOf(generator, isGo, around)
    if ('what' in made) notRead.push({ ...made, places: placesIn(template) })
    else if (made.length > left)
      notRead.push({
        ...generator.at([]),
        what: `${made.length} Applications of one set`,
        places: placesIn(template),
      })
    else
      for (const parameters of made) {
        const filled = { value: filledIn(template.value, parameters, isGo), at: template.at }
        const applied = applicationIn(withNamespace(filled, object), 'ApplicationSet', around)
        append(appliers, applied.appliers)
        append(notRead, applied.notRead)
        left--
      }
  }
  return { appliers, notRead: distinct(notRead) }
}

/** Where the Applications of a template may have their files. */
function placesIn(template: Part): readonly string[] {
  const sources = [partAt(template, 'spec', 'source'), ...itemsOf(template, 'spec', 'sources')]
  return sources.flatMap((source) => {
    const path = textAt(source, 'path')?.value
    return path === undefined || textAt(source, 'chart') ? [] : [patternOf(path)]
  })
}

/** An Application stands in the namespace of its set. */
function withNamespace({ value, at }: Part, object: Part): Part {
  const namespace = textAt(object, 'metadata', 'namespace')?.value
  if (namespace === undefined || !isObject(value)) return { value, at }
  const metadata = member(value, 'metadata')
  return { value: { ...value, metadata: { ...(isObject(metadata) && metadata), namespace } }, at }
}

/** A template says the same for each of its Applications. */
function distinct(notRead: readonly NotRead[]): readonly NotRead[] {
  return [...new Map(notRead.map((one) => [JSON.stringify([one.file.path, one.range, one.what]), one])).values()]
}

/** What a generator gives to the template: a set of named values for each Application. */
type Parameters = Json

function parametersOf(generator: Part, isGo: boolean, around: Around): readonly Parameters[] | NotRead {
  const kind = isObject(generator.value) ? (Object.keys(generator.value).find((key) => key !== 'selector') ?? '') : ''
  const body = partAt(generator, kind)
  if (member(generator.value, 'selector') !== undefined)
    return { ...generator.at(['selector']), what: 'a generator with a `selector`' }
  if (isObject(member(body.value, 'template')))
    return { ...body.at(['template']), what: 'a generator with a `template`' }
  if (kind === 'list') {
    if (member(body.value, 'elementsYaml') !== undefined)
      return { ...body.at(['elementsYaml']), what: 'a list generator with `elementsYaml`' }
    return itemsOf(body, 'elements').map(({ value }) => value)
  }
  if (kind === 'git') return gitParameters(body, isGo, around)
  return { ...generator.at([kind]), what: `a generator \`${kind}\`` }
}

function gitParameters(git: Part, isGo: boolean, around: Around): readonly Parameters[] | NotRead {
  const url = textAt(git, 'repoURL')
  if (url && !around.isOwn(url.value)) return { ...url.spot, what: 'a Git generator of another repository' }
  const prefix = textAt(git, 'pathParamPrefix')?.value
  const values = partAt(git, 'values').value
  const made = itemsOf(git, 'directories').length > 0 ? ofFolders(git, around) : ofFiles(git, around)
  if ('what' in made) return made
  return made.map(({ own, path }) => {
    const named: Record<string, Json> = {}
    for (const [key, value] of Object.entries(isObject(own) ? own : {})) define(named, key, value)
    if (prefix === undefined) define(named, 'path', path)
    else define(named, prefix, { path })
    return isObject(values) ? { ...named, values: filledIn(values, named, isGo) } : named
  })
}

type FromGit = { readonly own: Json; readonly path: Json }

/** Folders with a name that begins with a dot are left out, and what is below them. */
function ofFolders(git: Part, { tree }: Around): readonly FromGit[] {
  const { included, excluded } = matchers(git, 'directories', pathMatcher)
  const fitting = tree.folders().filter((place) => {
    if (place === '' || place.split('/').some((name) => name.startsWith('.'))) return false
    return isTextMatched(place, included) && !isTextMatched(place, excluded)
  })
  return fitting.toSorted().map((place) => ({ own: {}, path: pathValues(place) }))
}

/**
 * Source: argo-cd applicationset/generators/git.go generateParamsFromGitFile; a `*` in a pattern goes over slashes, as in
 * `git ls-files`, where the newer globbing is not switched on.
 */
function ofFiles(git: Part, { tree }: Around): readonly FromGit[] | NotRead {
  const { included, excluded } = matchers(git, 'files', (pattern) => pathMatcher(pattern, true))
  const fitting = tree.files().filter((place) => isTextMatched(place, included) && !isTextMatched(place, excluded))
  const made: FromGit[] = []
  for (const place of fitting.toSorted()) {
    const file = tree.file(place)
    if (!file) return { ...git.at(['files']), what: `\`${place}\`, which a Git generator reads` }
    const end = place.lastIndexOf('/')
    const folder = pathValues(end < 0 ? '.' : place.slice(0, end))
    const filename = place.slice(end + 1)
    const path = { ...folder, filename, filenameNormalized: normalized(filename) }
    const value = objectsIn(file)[0]?.value ?? {}
    for (const own of isList(value) ? value : [value]) made.push({ own, path })
  }
  return made
}

function matchers(git: Part, key: string, matcher: (pattern: string) => ReturnType<typeof pathMatcher>) {
  const entries = itemsOf(git, key).flatMap((entry) => {
    const path = textAt(entry, 'path')?.value
    return path === undefined ? [] : [{ isOut: member(entry.value, 'exclude') === true, matcher: matcher(path) }]
  })
  const of = (isOut: boolean) => entries.flatMap((one) => (one.isOut === isOut ? [one.matcher] : []))
  return { included: of(false), excluded: of(true) }
}

function pathValues(place: string): Readonly<Record<string, Json>> {
  const segments = place.split('/')
  const basename = segments.at(-1) ?? ''
  return { path: place, basename, basenameNormalized: normalized(basename), segments }
}

/** Source: argo-cd applicationset/utils/utils.go SanitizeName. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]/g, '-')
    .slice(0, 253)
    .replaceAll(/^[-.]+|[-.]+$/g, '')
}

const placeholder = /\{\{-?([^{}]{0,200}?)-?\}\}/g

/** A value of the template with its placeholders filled in; what cannot be told keeps them. */
function filledIn(value: Json, parameters: Parameters, isGo: boolean): Json {
  if (typeof value === 'string')
    return value.replaceAll(placeholder, (whole, inside: string) => parameter(inside.trim(), parameters, isGo) ?? whole)
  if (isList(value)) return value.map((item) => filledIn(item, parameters, isGo))
  if (!isObject(value)) return value
  const filled: Record<string, Json> = {}
  for (const [key, one] of Object.entries(value)) define(filled, key, filledIn(one, parameters, isGo))
  return filled
}

function parameter(inside: string, parameters: Parameters, isGo: boolean): string | undefined {
  const found = isGo ? goParameter(inside, parameters) : plainParameter(inside, parameters)
  if (found === undefined || found === null || typeof found === 'object') return undefined
  const text = String(found)
  return text.length > longestValue ? undefined : text
}

/** `.a.b`, or `index .a.b 0`. */
function goParameter(inside: string, parameters: Parameters): Json | undefined {
  const [, names, index] = /^(?:index\s+)?((?:\.\w+)+)(?:\s+(\d{1,9}))?$/.exec(inside) ?? []
  if (names === undefined || (index !== undefined) !== inside.startsWith('index')) return undefined
  const found = member(parameters, ...names.slice(1).split('.'))
  return index === undefined ? found : isList(found) ? found[Number(index)] : undefined
}

/** `a.b` is a flattened name; `path` is the folder itself, `path[0]` a part of it. */
function plainParameter(inside: string, parameters: Parameters): Json | undefined {
  if (isObject(parameters) && Object.hasOwn(parameters, inside) && typeof parameters[inside] !== 'object')
    return parameters[inside]
  const [, name = inside, index] = /^(.*)\[(\d{1,9})\]$/.exec(inside) ?? []
  const found = member(parameters, ...name.split('.'))
  if (index === undefined) return isObject(found) ? member(found, 'path') : found
  const segments = member(found, 'segments')
  return isList(segments) ? segments[Number(index)] : undefined
}
