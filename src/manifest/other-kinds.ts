import type { CodeRow } from '../codes/code.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { inQuotes, nearest, shellPath } from '../text/words.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { locate, type Manifest } from './manifest.js'

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

/** By group, not by kind alone: `v1` has a Service too. */
export function isKnativeService(value: JsonObject): boolean {
  const version = member(value, 'apiVersion')
  return member(value, 'kind') === 'Service' && typeof version === 'string' && version.startsWith(marker)
}

/** An `apiVersion` that is nearly the one of Knative Serving, or has no version: a regular expression for Git as well. */
export const nearVersion = String.raw`apiVersion["']?:[ \t]*["']?(?!sources\.knative|serving\.kserve)s[a-z]{3,9}\.k[a-z]{3,8}\.[a-z]{1,4}(?![\w.-])`

/** A list of traffic, which only a Knative Service has, or a Route. */
export const trafficKey = String.raw`(?<![\w-])traffic["']?:`

const nearVersionSign = new RegExp(nearVersion)
const trafficSign = new RegExp(trafficKey)
const kindSign = /kind["']?:[ \t]*["']?Service\b/i

/** Whether a text that does not spell the marker may hold what was meant for a Knative Service. */
export function hasNearSign(text: string): boolean {
  return nearVersionSign.test(text) || (trafficSign.test(text) && kindSign.test(text))
}

/** Whether it is another object of Knative Serving that sends traffic, or makes the revisions that get it. */
export function isOtherTraffic(value: JsonObject): boolean {
  const [version, kind] = [member(value, 'apiVersion'), member(value, 'kind')]
  return typeof version === 'string' && version.startsWith(marker) && (kind === 'Route' || kind === 'Configuration')
}

/** What there is to say of objects that are no Knative Service, but hold one or nearly are one: one row a code. */
export const otherKindRemarks = {
  KN115: {
    name: 'wrapped-service',
    severity: 'note',
    title: 'Not checked: Knative Service inside another object',
    why: () =>
      'Another tool extracts the Service from this object and fills in values first, so the file does not show the final manifest. `kn-rollout` neither validates nor edits it. Render the Service with that tool, and pass the result to `kn-rollout validate -`.',
  },
  KN116: {
    name: 'near-miss',
    severity: 'note',
    title: 'Not checked: object looks like a Knative Service',
    why: () =>
      'The API group and the kind together make a Knative Service. With any other spelling the API server finds no such kind, or stores a Kubernetes Service, which has no traffic to split. `kn-rollout` validated nothing in the document. If it is a Knative Service, write `apiVersion: serving.knative.dev/v1` and `kind: Service`.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** Something to be said of an object that is no Knative Service. */
export type Aside = {
  readonly code: keyof typeof otherKindRemarks
  readonly message: string
  readonly help: string
  readonly range: Range
}

/** The diagnostics of a file's asides. */
export function asideDiagnostics(
  file: SourceFile,
  { asides }: { readonly asides: readonly Aside[] },
): readonly Diagnostic[] {
  return asides.map((aside) => ({ severity: otherKindRemarks[aside.code].severity, file: file.path, ...aside }))
}

/** An object of a document that is no Knative Service, and where it is. */
type OtherObject = Pick<Manifest, 'document' | 'root' | 'targets'> & {
  readonly file: SourceFile
  readonly value: JsonObject
  /** Which document of its file it is in, where there are several. */
  readonly index: number | undefined
}

/** What there is to say of an object that is no Knative Service: nothing of most. */
export function asidesOn(object: OtherObject): readonly Aside[] {
  const missed = nearMiss(object)
  return missed ? [missed] : wrappedIn(object)
}

const wanted = '`apiVersion: serving.knative.dev/v1`, `kind: Service`'
const help = `write ${wanted} if this is a Knative Service`

/** A kind that was meant for `Service`. */
const nearKind = /^k?n?-?(?:svc|services?)$/i

function nearMiss(object: OtherObject): Aside | undefined {
  const { value } = object
  const [version, kind] = [member(value, 'apiVersion'), member(value, 'kind')]
  if (typeof version !== 'string' || typeof kind !== 'string' || !nearKind.test(kind)) return undefined
  const told = (path: Path, message: string): Aside => {
    return { code: 'KN116', message: `not checked: ${message}`, help, range: locate(object, path) }
  }
  if (version.startsWith(marker))
    return told(['kind'], `this document (\`kind\` is \`${cut(kind)}\`; a Knative Service has \`kind: Service\`)`)
  const traffic = member(value, 'spec', 'traffic')
  if (version === 'v1' && isList(traffic) && traffic.length > 0)
    return told(['apiVersion'], 'this document (it has `spec.traffic`, but `v1` makes it a Kubernetes Service)')
  const [group = ''] = version.split('/')
  if (nearest(group, groups) !== groups[0]) return undefined
  const fault = marker === `${version}/` ? 'has no version' : 'is not that of Knative Serving'
  return told(['apiVersion'], `this document (\`apiVersion\` is \`${cut(version)}\`, which ${fault})`)
}

/** The group that is meant, and those that are like it and are others. */
const groups = ['serving.knative.dev', 'sources.knative.dev', 'eventing.knative.dev', 'serving.kserve.io']

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

/** Objects whose texts are patches: what they do to Services is looked at with the kustomizations. */
function isPatching(value: JsonObject): boolean {
  const [version, kind] = [member(value, 'apiVersion'), member(value, 'kind')]
  const group = typeof version === 'string' ? version.split('/')[0] : undefined
  if (group === 'argoproj.io') return kind === 'Application' || kind === 'ApplicationSet'
  if (group === undefined) return kind === 'Kustomization' || kind === 'Component'
  return group === 'kustomize.config.k8s.io' || group === 'kustomize.toolkit.fluxcd.io' || group === 'builtin'
}

/** The Services in other objects, whole or as text. Values that aliases repeat are looked at once. */
function wrappedIn(object: OtherObject): readonly Aside[] {
  if (isPatching(object.value)) return []
  const found: Aside[] = []
  const seen = new Set<Json>()
  const kind = member(object.value, 'kind')
  const open: { readonly value: Json; readonly path: Path }[] = [{ value: object.value, path: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next
    if (typeof value === 'string') {
      if (typeof kind === 'string' && holdsManifest(value)) found.push(wrapped(object, path, 'key'))
      continue
    }
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (isObject(value) && isKnativeService(value) && isWhole(value))
      found.push(wrapped(object, path, 'value', member(value, 'metadata', 'name')))
    else
      for (const [key, part] of isList(value) ? value.entries() : Object.entries(value))
        if (key !== appliedBefore) open.push({ value: part, path: [...path, key] })
  }
  return found.toSorted((a, b) => a.range.start - b.range.start)
}

/** What kubectl keeps for itself of the object that the annotation is on. */
const appliedBefore = 'kubectl.kubernetes.io/last-applied-configuration'

/** A reference to a Service has neither. */
function isWhole(value: JsonObject): boolean {
  return isObject(member(value, 'spec')) || isObject(member(value, 'metadata'))
}

function wrapped(object: OtherObject, path: Path, part: 'key' | 'value', name?: Json): Aside {
  const { file, index, root } = object
  const kind = member(object.value, 'kind')
  const holder =
    typeof kind === 'string' && kind !== ''
      ? `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} \`${cut(kind)}\``
      : 'an object without `kind`'
  const named = typeof name === 'string' && name !== '' ? ` \`${cut(name)}\`` : ''
  const place = part === 'key' ? `the text \`${cut(formatPath(path))}\` of ${holder}` : holder
  const isTemplate = kind === 'Template' && isOpenShift(member(object.value, 'apiVersion'))
  const select = index === undefined ? '' : `select(di == ${index}) | `
  const expression = inQuotes(`${select}.${formatPath([...root, ...path])}`)
  const render = isTemplate
    ? `oc process --local -f ${shellPath(file.path)} -o yaml`
    : `yq ${expression} ${shellPath(file.path)}`
  const command = `${render} | kn-rollout validate -`
  const isTyped = file.path !== '(stdin)' && command.length <= 130
  return {
    code: 'KN115',
    message: `not checked: Knative Service${named} in ${place}`,
    help: isTyped
      ? `validate ${isTemplate ? 'its output' : 'it alone'}: \`${command}\``
      : 'render it, or save it alone, and pass the result to `kn-rollout validate -`',
    range: part === 'key' ? locate(object, path, 'key') : locate(object, [...path, 'kind']),
  }
}

/** Its group, or none in files of old. */
function isOpenShift(version: Json | undefined): boolean {
  return version === 'v1' || (typeof version === 'string' && version.startsWith('template.openshift.io/'))
}

const versionLine = /^([ \t]*(?:- +)*)["']?apiVersion["']?:[ \t]*["']?serving\.knative\.dev\//
const kindLine = /^([ \t]*(?:- +)*)["']?kind["']?:[ \t]*["']?Service["']?,?[ \t\r]*$/
const bodyLine = /^([ \t]*(?:- +)*)["']?(?:metadata|spec)["']?:/
const inOneLine = /"apiVersion":"serving\.knative\.dev\/\w+","kind":"Service","(?:metadata|spec)":/

/** Whether a text spells a Knative Service, and not only a reference to one: its lines stand side by side. */
function holdsManifest(text: string): boolean {
  if (!text.includes(marker)) return false
  if (inOneLine.test(text)) return true
  const lines = text.split('\n')
  return lines.some((line, index) => {
    const column = versionLine.exec(line)?.[1]?.length
    if (column === undefined) return false
    const beside = lines.slice(Math.max(0, index - 3), index + 4)
    return [kindLine, bodyLine].every((form) => beside.some((one) => form.exec(one)?.[1]?.length === column))
  })
}
