import type { Matcher } from '../../text/automaton.js'
import { goPattern } from '../../text/go-pattern.js'
import { isObject, member, type Json } from '../json.js'
import type { Manifest } from '../manifest.js'

/** One name that an object had on its way through kustomizations; an absent namespace is `''`. */
export type Id = { readonly name: string; readonly namespace: string }

/** What a patch is for, as the kustomization's `target` says it. */
export type Selector = { readonly value: Json }

const group = 'serving.knative.dev'

/**
 * Whether a `target` means the Service under any of its names. Its members are expressions that must fit as a whole.
 *
 * Source: sigs.k8s.io/kustomize/api/resmap/reswrangler.go Select, api/types/selector.go.
 */
export function isSelected({ value }: Selector, ids: readonly Id[], base: Manifest): boolean {
  const { apiVersion } = base.value
  const version = typeof apiVersion === 'string' ? apiVersion.slice(group.length + 1) : ''
  return (
    fits(value, 'group', [group]) &&
    fits(value, 'version', [version]) &&
    fits(value, 'kind', ['Service']) &&
    fits(
      value,
      'name',
      ids.map(({ name }) => name),
    ) &&
    fits(
      value,
      'namespace',
      ids.map(({ namespace }) => namespace || 'default'),
    ) &&
    isLabelled(member(value, 'labelSelector'), member(base.value, 'metadata', 'labels')) &&
    isLabelled(member(value, 'annotationSelector'), member(base.value, 'metadata', 'annotations'))
  )
}

/** Whether a patch without a `target` is for the Service: its own name is one that the Service has or had. */
export function isNamed(patch: Json, ids: readonly Id[]): boolean {
  const version = member(patch, 'apiVersion')
  if (typeof version !== 'string' || !version.startsWith(`${group}/`) || member(patch, 'kind') !== 'Service')
    return false
  const name = member(patch, 'metadata', 'name')
  const namespace = member(patch, 'metadata', 'namespace') ?? ''
  return ids.some((id) => id.name === name && (id.namespace || 'default') === (namespace || 'default'))
}

function fits(value: Json, key: string, texts: readonly string[]): boolean {
  const pattern = member(value, key)
  if (typeof pattern !== 'string' || pattern === '') return true
  const matcher = matcherFor(pattern)
  return matcher !== undefined && texts.some((text) => text.length <= longestName && matcher.test(text))
}

/** No cluster takes a longer name, so that a pattern has no more than that to look through. */
const longestName = 253

const mostKept = 1000
const matchers = new Map<string, Matcher | undefined>()

/** Undefined where the pattern is none to Go. Patterns are asked for again with every Service. */
function matcherFor(pattern: string): Matcher | undefined {
  if (matchers.has(pattern)) return matchers.get(pattern)
  const made = goPattern(`^(?:${pattern})$`)
  const matcher = 'test' in made ? made : undefined
  if (matchers.size >= mostKept) matchers.clear()
  matchers.set(pattern, matcher)
  return matcher
}

/** The requirements with `=`, `!=` and bare keys; of `in (…)` it is taken that they are met. */
function isLabelled(selector: Json | undefined, labels: Json | undefined): boolean {
  if (typeof selector !== 'string' || selector.includes('(')) return true
  const own = isObject(labels) ? labels : {}
  return selector.split(',').every((requirement) => {
    const [key = '', value] = requirement.split(/!?==?/).map((part) => part.trim())
    if (requirement.includes('!=')) return own[key] !== value
    if (value !== undefined) return own[key] === value
    return key.startsWith('!') ? own[key.slice(1)] === undefined : key === '' || own[key] !== undefined
  })
}
