import { type FieldWish, wished } from '../edit/wish.js'
import type { Manifest } from '../manifest/manifest.js'
import { numberOf, ownNamePath, parseImage, stemOf } from '../manifest/names.js'
import { type Past, shapeOf, stateNaming } from '../manifest/past.js'
import { readTraffic, type Revision } from '../manifest/traffic.js'
import { highest } from '../text/collections.js'
import { md5 } from '../text/hashes.js'
import { shortCommit, thisService, withoutEnd } from '../text/words.js'
import { isList, isObject, type Json, type JsonObject, member, sameJson } from '../yaml/json.js'
import { predictName } from './predict.js'
import { type Facts, namesIn } from './roles.js'
import type { TemplateChange } from './release-fields.js'
import { isRefusal, type Refusal, type Remark, remarkOf } from './stage.js'
import { namingService, parseRevision, type RoleFlags, serviceName, severalServices } from './standing.js'
import { servingImage, type TemplateEdits } from './template-edits.js'

/** What the words of a name pattern stand for. */
type NameSource = {
  readonly service: string
  /** The image of the new revision. */
  readonly image: string | undefined
  /** `spec.template` of the new revision. */
  readonly template: Json | undefined
  /** The next number that is free between the two texts. */
  readonly next: (before: string, after: string) => number
}

const word = /\{\{\s*\.?(\w*)\s*([^}]*?)\s*\}\}/g
const words = '`{{.Service}}`, `{{.ImageTag}}`, `{{.ShortDigest}}`, `{{.Hash 7}}` and `{{.Next}}`'

/** Fills the words of a pattern in. The same file and flags always give the same name. */
export function fillName(pattern: string, source: NameSource): string | Refusal {
  let refusal: Refusal | undefined
  const fill = (whole: string, name: string, argument: string): string => {
    const value = valueOf(name, argument, source)
    if (typeof value === 'string') return value
    refusal ??= value ?? {
      code: 'KN444',
      message: `unknown word \`${whole}\` in \`--revision-name\``,
      help: `use ${words}`,
    }
    return ''
  }
  // The number depends on what stands around it, so it comes last.
  const number = /\{\{\s*\.?Next\s*\}\}/
  const [before = '', ...after] = pattern.split(number).map((part) => part.replaceAll(word, fill))
  if (refusal) return refusal
  if (after.length === 0) return before
  const [behind = '', more] = after
  if (more === undefined) return `${before}${source.next(before, behind)}${behind}`
  return { code: 'KN444', message: '`--revision-name` has `{{.Next}}` twice', help: 'remove one of them' }
}

/** The value of a word; undefined where there is no such word. */
function valueOf(name: string, argument: string, source: NameSource): string | Refusal | undefined {
  if (name === 'Hash') {
    const length = argument === '' ? 7 : Number(argument)
    if (Number.isInteger(length) && length > 0 && length <= 32) return md5(canonical(source.template)).slice(0, length)
    const message = `\`{{.Hash}}\` in \`--revision-name\` has the length \`${argument}\`; must be 1 to 32`
    return { code: 'KN444', message, help: 'write `{{.Hash 7}}`' }
  }
  if (name === 'Random' || name === 'Generation') {
    const message = `\`--revision-name\` cannot contain \`{{.${name}}}\`: ${
      name === 'Random'
        ? 'the same command twice must give the same diff'
        : 'only the cluster has the generation of a Service'
    }`
    return { code: 'KN444', message, help: 'use `{{.Hash 7}}` or `{{.Next}}`' }
  }
  if (argument !== '') return undefined
  if (name === 'Service') return source.service
  if (name !== 'ImageTag' && name !== 'ShortDigest') return undefined
  const { tag, digest } = parseImage(source.image ?? '')
  const value = name === 'ImageTag' ? tag && dnsLabel(tag) : digest?.replace(/^.*:/, '').slice(0, 7)
  if (value !== undefined && value !== '') return value
  const wanted = name === 'ImageTag' ? 'tag' : 'digest'
  const message = `cannot expand \`{{.${name}}}\` in \`--revision-name\`: the image ${JSON.stringify(source.image ?? '')} has no ${wanted}`
  return { code: 'KN444', message, help: `release an image with a ${wanted}, or use \`{{.Hash 7}}\`` }
}

/** A tag as a part of a DNS label: `1.2.0` becomes `1-2-0`. */
function dnsLabel(tag: string): string {
  return withoutEnd(
    tag
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '-')
      .replace(/^-+/, ''),
    '-',
  )
}

/** The value as a text that does not depend on the order of keys. */
function canonical(value: Json | undefined): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value ?? null)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

/** What a name is followed up by. */
type NameTrail = {
  readonly service: string
  /** The name that the template has now. */
  readonly present: string
  /** The images of the present and of the new revision. */
  readonly images: readonly [before: string | undefined, after: string | undefined]
  readonly isFree: (name: string) => boolean
}

export type OwnName = { readonly name: string; readonly decidedBy: string }

/**
 * The next name in the row of the present one: its trailing number, counted up until the name is free; or the image's
 * version, where the name ends in that.
 */
export function nextOwnName({ service, present, images, isFree }: NameTrail): OwnName | Refusal {
  const generated = fromCloudRun(service, present, isFree)
  if (generated) return generated
  const versioned = byVersion(present, images)
  if (versioned !== undefined && isFree(versioned))
    return { name: versioned, decidedBy: 'the version of the image, as before' }
  const stem = present.startsWith(`${service}-`) ? present.slice(service.length + 1) : ''
  const foreign = /^(\d{5})-[a-z]{3}$/.exec(stem)?.[1]
  if (foreign !== undefined) {
    let next = Number(foreign) + 1
    while (!isFree(`${service}-v${next}`)) next++
    return {
      name: `${service}-v${next}`,
      decidedBy: `the number after that of \`${present}\`, which Cloud Run generated`,
    }
  }
  // Behind a letter or two a number is a counter; in a longer mixture it is part of a hash.
  const [, prefix = '', digits = ''] = /^(.*-[a-z]*?)(\d+)$/.exec(present) ?? []
  const segment = present.slice(present.lastIndexOf('-') + 1)
  const isHash = segment.length >= 7 && /^[0-9a-f]+$/.test(segment) && /[a-f]/.test(segment)
  const example = 'add `--revision-name NAME`, for example `--revision-name {{.Service}}-v{{.Next}}`'
  if (!present.startsWith(`${service}-`)) {
    return {
      code: 'KN444',
      message: `cannot make the next revision name: \`${present}\` does not start with \`${service}-\``,
      help: example,
    }
  }
  if (digits === '' || isHash) {
    return {
      code: 'KN444',
      message: `cannot make the next revision name: \`${present}\` does not end in a number`,
      help: example,
    }
  }
  let number = BigInt(digits)
  let name = present
  do {
    number++
    name = numbered(service, prefix, number, digits.length)
  } while (!isFree(name))
  return { name, decidedBy: `the number in \`${present}\`, plus one` }
}

/**
 * Cloud Run generates names of five digits and three letters at random (`shop-00005-kop`): nobody can count them up, so the
 * next revision gets an explicit name with the next number.
 */
function fromCloudRun(service: string, present: string, isFree: NameTrail['isFree']): OwnName | undefined {
  const end = present.startsWith(`${service}-`) ? present.slice(service.length + 1) : ''
  const [, digits] = /^(\d{5})-[a-z]{3}$/.exec(end) ?? []
  if (digits === undefined) return undefined
  let number = Number(digits)
  let name = present
  do {
    number++
    name = `${service}-v${number}`
  } while (!isFree(name))
  return { name, decidedBy: `the number after that of \`${present}\`, which Cloud Run generated` }
}

/** Zeros in front are kept, unless the name would look like one that the cluster generates. */
function numbered(service: string, prefix: string, number: bigint, width: number): string {
  const padded = String(number).padStart(width, '0')
  return prefix === `${service}-` && padded.length === 5 ? `${prefix}${number}` : prefix + padded
}

/** A version has several parts: of `1.2.0` the trailing number alone would be misleading. */
function byVersion(present: string, images: NameTrail['images']): string | undefined {
  const [before = '', after = ''] = images.map((image) => dnsLabel(parseImage(image ?? '').tag ?? ''))
  if (!before.includes('-') || after === '' || after === before || !present.endsWith(before)) return undefined
  const stem = present.slice(0, -before.length)
  return /-[a-z]?$/.test(stem) ? stem + after : undefined
}

/** What an own name is made from. */
type NameRequest = {
  readonly manifest: Manifest
  /** The name that the cluster knows the Service by. */
  readonly service: string
  /** The name that the template has so far, or nothing. */
  readonly present: string
  /** The other edits of the template. */
  readonly fields: readonly FieldWish[]
  /** The change of an image that the file does not have. */
  readonly kustomized?: { readonly before: string; readonly after: string }
  /** The image that the present name was given for. */
  readonly former?: string
  /** The name, or a pattern with words, and the flag that gave it; without it the present name is followed up. */
  readonly pattern?: { readonly text: string; readonly flag: string }
  readonly past: Past | undefined
}

/**
 * The own name of the new revision. Never one that stands for another template: the cluster would not make the revision,
 * and its route would be frozen (`RevisionNameTaken`).
 */
function ownRevision(request: NameRequest): OwnName | Refusal {
  const { manifest, service, present, fields, kustomized, former, pattern, past } = request
  const value = valueAfter(manifest.value, fields)
  const images = kustomized
    ? ([kustomized.before, kustomized.after] as const)
    : ([former ?? servingImage(manifest), servingImage({ value })] as const)
  const inTraffic = namesIn(readTraffic(manifest) ?? [])
  const used = (name: string): boolean => {
    return past && stateNaming(past, name) ? useOf(name, value, past) !== undefined : inTraffic.includes(name)
  }
  if (!pattern) {
    return nextOwnName({
      service,
      present,
      images,
      isFree: (name) => !used(name),
    })
  }
  const { text, flag } = pattern
  const known = past ? [...past.states].map(({ templateName = '' }) => templateName) : []
  const name = fillName(text, {
    service,
    image: images[1],
    template: member(
      valueAfter(manifest.value, [...fields, { kind: 'remove', path: ownNamePath, prune: true }]),
      'spec',
      'template',
    ),
    next: (before, behind) => nextNumber([...known, ...inTraffic, present], before, behind),
  })
  if (typeof name !== 'string') return name
  const wrong = unfit(name, service, manifest.name, flag)
  if (wrong) return wrong
  const other =
    useOf(name, value, past) ?? (name === present && !isUncommitted(past) ? 'the file as it is now' : undefined)
  if (other === undefined) return { name, decidedBy: flag }
  return {
    code: 'KN445',
    message: `revision name \`${name}\` belongs to a different template (${other})`,
    help: `choose another name with \`${flag}\`, for example \`${flag} {{.Service}}-v{{.Next}}\``,
  }
}

/** The object with the wishes made. */
function valueAfter(value: JsonObject, fields: readonly FieldWish[]): JsonObject {
  const result = wished(value, fields)
  return isObject(result) ? result : value
}

/** Whether Git knows the Service, so that a name which it does not know is new. */
function isUncommitted(past: Past | undefined): boolean {
  return past !== undefined && [...past.states].some(({ life }) => life === 0)
}

/** The commit that gave a name to another template than the wished one. */
function useOf(name: string, value: JsonObject, past: Past | undefined): string | undefined {
  const state = past && stateNaming(past, name)
  if (!state) return undefined
  const named = valueAfter(value, [{ kind: 'set', path: ownNamePath, value: name }])
  return sameJson(state.template, member(named, 'spec', 'template')) ? undefined : shortCommit(state.commit)
}

/** The first number that is higher than all that stand between the two texts in known names. */
function nextNumber(names: readonly string[], before: string, behind: string): number {
  const numbers = names.flatMap((name) => {
    if (!name.startsWith(before) || !name.endsWith(behind)) return []
    const digits = name.slice(before.length, name.length - behind.length)
    return /^\d{1,15}$/.test(digits) ? [Number(digits)] : []
  })
  return Math.max(0, highest(numbers)) + 1
}

/** What may stand behind the Service's own name. */
const isStem = /^[a-z0-9-]*[a-z0-9]$/
const mostLetters = 63

/** Source: pkg/apis/serving/v1/revision_validation.go validateRevisionName. */
function unfit(name: string, service: string, inFile: string, flag: string): Refusal | undefined {
  const prefix = `${service}-`
  if (!name.startsWith(prefix)) {
    const message = `\`${flag}\` gives \`${name}\`; a revision name must start with \`${prefix}\``
    const stem = stemOf(name, inFile)
    const isFit = isStem.test(stem) && prefix.length + stem.length <= mostLetters
    return { code: 'KN444', message, help: `write \`${flag} {{.Service}}-${isFit ? stem : 'v{{.Next}}'}\`` }
  }
  if (name.length <= mostLetters && isStem.test(name.slice(prefix.length))) return undefined
  const message = `\`${flag}\` gives \`${name}\`; must be a DNS label of at most 63 characters`
  return { code: 'KN444', message, help: 'use lower-case letters, digits and `-`, with a letter or digit at the end' }
}

/** What the user says of the new revision's name. */
export type NameFlags = RoleFlags & {
  /** An own name, or a pattern with words such as `{{.Next}}`. */
  readonly revisionName?: string
}

/** The revision that a release makes, and what that takes besides the edits of its template. */
type Naming = {
  readonly candidate: { readonly revision: Revision; readonly decidedBy: string }
  readonly fields: readonly FieldWish[]
  readonly revisionName?: TemplateChange['revisionName']
  readonly remarks: readonly Remark[]
}

/**
 * Follows the file: a template with a name gets a new one, one without keeps generated names, unless the user asks for
 * own ones. `isFollowed`: the file has a tagged route to whatever is latest.
 */
export function nameRevision(
  manifest: Manifest,
  facts: Facts,
  flags: NameFlags,
  edits: TemplateEdits & { readonly isFollowed: boolean },
): Naming | Refusal {
  const flagged =
    flags.candidate === undefined ? undefined : parseRevision(flags.candidate, manifest, '--candidate', facts)
  if (flagged && isRefusal(flagged)) return flagged
  const latest =
    flagged && 'latest' in flagged
      ? { revision: flagged, decidedBy: '--candidate' }
      : edits.isFollowed && !flagged
        ? { revision: { latest: true } as const, decidedBy: '`latestRevision: true` next to a pinned target' }
        : undefined
  const name = flagged && 'name' in flagged ? flagged.name : undefined
  // A patch brings a name where what it is laid over has one.
  const templateName = shapeOf(manifest).templateName ?? facts.templateName
  const remarks = latest ? [follows] : []
  // What `images` make of the containers comes first: the other wishes are for fields inside of them.
  const fields = [...(edits.built ? [edits.built] : []), ...edits.fields]
  if (templateName !== undefined || flags.revisionName !== undefined) {
    const service = namingService(manifest, facts)
    if (typeof service !== 'string') return service
    const pattern = patternFrom(flags, name)
    const own = ownRevision({
      manifest,
      service,
      present: templateName ?? '',
      fields,
      ...(edits.template.image?.isKustomized && { kustomized: edits.template.image }),
      ...(edits.former !== undefined && { former: edits.former }),
      past: facts.past?.(),
      ...(pattern && { pattern }),
    })
    if (isRefusal(own)) return own
    if (name !== undefined && name !== own.name) return contradiction(own.name, name)
    const isNew = own.name !== templateName
    return {
      candidate: latest ?? { revision: { name: own.name }, decidedBy: own.decidedBy },
      fields: isNew ? [{ kind: 'set', path: ownNamePath, value: own.name }] : [],
      ...(isNew && { revisionName: { ...(templateName !== undefined && { before: templateName }), after: own.name } }),
      remarks,
    }
  }
  if (latest) return { candidate: latest, fields: [], remarks }
  const several = severalServices(facts)
  if (several) return several
  const service = serviceName(manifest, facts)
  if (name !== undefined) {
    if (numberOf(service, name) === undefined) return neverGenerated(service, name)
    return { candidate: { revision: { name }, decidedBy: '--candidate' }, fields: [], remarks }
  }
  return isKustomized(facts) && !facts.live ? unseen(service) : foretold(manifest, facts, flags, fields)
}

function foretold(manifest: Manifest, facts: Facts, flags: NameFlags, fields: readonly FieldWish[]): Naming | Refusal {
  const stable = flags.stable === undefined ? undefined : parseRevision(flags.stable, manifest, '--stable', facts)
  const past = facts.past?.()
  const told = predictName({
    service: serviceName(manifest, facts),
    present: shapeOf(manifest),
    template: member(wished(manifest.value, fields), 'spec', 'template'),
    ...(past && { past }),
    ...(facts.live && { live: facts.live }),
    ...(stable && 'name' in stable && { stable: stable.name }),
  })
  if (isRefusal(told)) return told
  const { name, basis, doubts } = told
  const prediction: Remark = remarkOf({
    code: 'KN447',
    message: `\`${name}\` is a prediction (${basis}): a wrong number blocks all traffic (\`RevisionMissing\`)`,
    help: 'sync every commit separately, or give revisions explicit names with `--revision-name {{.Service}}-v{{.Next}}`',
  })
  return {
    candidate: { revision: { name }, decidedBy: `prediction: ${basis}` },
    fields: [],
    remarks: [prediction, ...doubts],
  }
}

/** Whether `images` of kustomizations decide on an image of the template. */
function isKustomized({ containers = null, imageOf }: Facts): boolean {
  const images = isList(containers) ? containers.map((one) => member(one, 'image')) : []
  return images.some((image) => typeof image === 'string' && imageOf?.(image) !== undefined)
}

/** A new image in `images` makes a revision that the history of this file does not show. */
function unseen(service: string): Refusal {
  return {
    code: 'KN442',
    message: `cannot predict the next revision name: \`images\` of a kustomization made revisions of \`${service}\` that this file does not show`,
    help: 'pass a snapshot with `--live`, add `--candidate @latest`, or add `--revision-name {{.Service}}-v{{.Next}}`',
  }
}

/** The name or pattern that the user gives; `--candidate` names the revision that the template builds, too. */
function patternFrom(
  { revisionName }: NameFlags,
  candidate: string | undefined,
): { text: string; flag: string } | undefined {
  if (revisionName !== undefined) return { text: revisionName, flag: '--revision-name' }
  return candidate === undefined ? undefined : { text: candidate, flag: '--candidate' }
}

const follows: Remark = remarkOf({
  code: 'KN449',
  message: '`latestRevision: true` switches to every later revision automatically, untested ones included',
  help: `name the revision after Knative has made it: \`kn-rollout apply split ${thisService} --candidate NAME\``,
})

function contradiction(own: string, candidate: string): Refusal {
  return {
    code: 'KN444',
    message: `\`--candidate\` is \`${candidate}\`, but \`--revision-name\` is \`${own}\``,
    help: 'remove one of them',
  }
}

function neverGenerated(service: string, name: string): Refusal {
  return {
    code: 'KN444',
    message: `\`--candidate\` is \`${name}\`; must be a name that Knative can generate, such as \`${service}-00002\``,
    help: `add \`--revision-name ${name}\` to name the template so, or \`--candidate @latest\` to follow the latest revision`,
  }
}
