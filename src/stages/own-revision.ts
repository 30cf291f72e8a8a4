import { isObject, member, sameJson, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { templateOf } from '../manifest/past-facts.js'
import type { Past } from '../manifest/past.js'
import { stemOf } from '../manifest/revision-stem.js'
import { wished, type FieldWish } from '../manifest/splice/field-wish.js'
import { readTraffic } from '../manifest/traffic.js'
import { servingImage } from './container.js'
import { fillName } from './name-words.js'
import { namesIn } from './names.js'
import { nextOwnName, type OwnName } from './own-name.js'
import type { Refusal } from './stage.js'
import { shortCommit } from '../text/version.js'

const path = ['spec', 'template', 'metadata', 'name']

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
  /** The name, or a pattern with words, and the flag that gave it; without it the present name is followed up. */
  readonly pattern?: { readonly text: string; readonly flag: string }
  readonly past: Past | undefined
}

/**
 * The own name of the new revision. Never one that stands for another template: the cluster would not make the revision,
 * and its route would be frozen (`RevisionNameTaken`).
 */
export function ownRevision(request: NameRequest): OwnName | Refusal {
  const { manifest, service, present, fields, kustomized, pattern, past } = request
  const value = after(manifest.value, fields)
  const images = kustomized
    ? ([kustomized.before, kustomized.after] as const)
    : ([servingImage(manifest), servingImage({ value })] as const)
  const inTraffic = namesIn(readTraffic(manifest) ?? [])
  const used = (name: string): boolean => {
    return past && templateOf(past, name) ? useOf(name, value, past) !== undefined : inTraffic.includes(name)
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
    template: member(after(manifest.value, [...fields, { kind: 'remove', path, prune: true }]), 'spec', 'template'),
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
    message: `a new template must have a new name, but \`${name}\` stands for the one in ${other}`,
    help: `choose another name with ${flag}, for example ${flag} {{.Service}}-v{{.Next}}`,
  }
}

/** The object with the wishes made. */
function after(value: JsonObject, fields: readonly FieldWish[]): JsonObject {
  const result = wished(value, fields)
  return isObject(result) ? result : value
}

/** Whether Git knows the Service, so that a name which it does not know is new. */
function isUncommitted(past: Past | undefined): boolean {
  return past !== undefined && [...past.states].some(({ life }) => life === 0)
}

/** The commit that gave a name to another template than the wished one. */
function useOf(name: string, value: JsonObject, past: Past | undefined): string | undefined {
  const state = past && templateOf(past, name)
  if (!state) return undefined
  const named = after(value, [{ kind: 'set', path, value: name }])
  return sameJson(state.template, member(named, 'spec', 'template')) ? undefined : shortCommit(state.commit)
}

/** The first number that is higher than all that stand between the two texts in known names. */
function nextNumber(names: readonly string[], before: string, behind: string): number {
  const numbers = names.flatMap((name) => {
    if (!name.startsWith(before) || !name.endsWith(behind)) return []
    const digits = name.slice(before.length, name.length - behind.length)
    return /^\d{1,15}$/.test(digits) ? [Number(digits)] : []
  })
  return Math.max(0, ...numbers) + 1
}

/** Source: pkg/apis/serving/v1/revision_validation.go validateRevisionName. */
function unfit(name: string, service: string, inFile: string, flag: string): Refusal | undefined {
  const prefix = `${service}-`
  if (!name.startsWith(prefix)) {
    const message = `a revision name must start with \`${prefix}\`, but ${flag} gives \`${name}\``
    const stem = stemOf(name, inFile)
    return { code: 'KN444', message, help: `write ${flag} {{.Service}}-${stem === '' ? 'v{{.Next}}' : stem}` }
  }
  if (name.length <= 63 && /^[a-z0-9-]*[a-z0-9]$/.test(name.slice(prefix.length))) return undefined
  const message = `a revision name must be a DNS label of at most 63 characters, but ${flag} gives \`${name}\``
  return { code: 'KN444', message, help: 'use lower-case letters, digits and `-`, with a letter or digit at the end' }
}
