import type { Matcher } from '../text/automaton.js'
import { goPattern } from '../text/go-regexp.js'

/** The labels, or annotations, of an object: the text of one, undefined where it is not there. */
export type Marks = (key: string) => string | undefined

/** Whether marks meet a selector of labels; undefined where the text is no selector. */
export function meets(selector: string, marks: Marks): boolean | undefined {
  return requirementsIn(selector)?.every((requirement) => isMet(requirement, marks(requirement.key)))
}

type Requirement = {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt'
  readonly values: readonly string[]
}

const requirement =
  /\s*(?:(?<absent>!)\s*)?(?<key>[^\s(),!=<>]+)(?:\s*(?<sign>==?|!=|>|<)\s*(?<value>[^\s(),!=<>]*)|\s+(?<set>in|notin)\s*\((?<values>[^()!=<>]*)\))?\s*(?<end>,|$)/y

/** Source: k8s.io/apimachinery/pkg/labels/selector.go. */
function requirementsIn(selector: string): readonly Requirement[] | undefined {
  const found: Requirement[] = []
  requirement.lastIndex = 0
  let isOpen = selector.trim() !== ''
  while (isOpen) {
    const groups = selector.length > longestSelector ? undefined : requirement.exec(selector)?.groups
    const one = groups && requirementOf(groups)
    if (!one) return undefined
    found.push(one)
    isOpen = groups['end'] === ','
  }
  return found
}

function requirementOf(groups: Readonly<Record<string, string | undefined>>): Requirement | undefined {
  const { absent, key = '', sign, value = '', set, values = '' } = groups
  if (!qualifiedName.test(key) || (absent !== undefined && (sign ?? set) !== undefined)) return undefined
  if (absent !== undefined) return { key, operator: 'absent', values: [] }
  const texts = set === undefined ? [value] : values.split(',').map((one) => one.trim())
  if (!texts.every((text) => labelValue.test(text))) return undefined
  const isNumber = sign === '>' || sign === '<'
  if (isNumber && !/^\d+$/.test(value)) return undefined
  if (isNumber) return { key, operator: sign === '>' ? 'gt' : 'lt', values: texts }
  if (sign === '!=' || set === 'notin') return { key, operator: 'notin', values: texts }
  return { key, operator: sign === undefined && set === undefined ? 'exists' : 'in', values: texts }
}

const labelValue = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/
const qualifiedName =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/
const longestSelector = 4096

function isMet({ operator, values }: Requirement, own: string | undefined): boolean {
  if (operator === 'exists' || operator === 'absent') return (own !== undefined) === (operator === 'exists')
  if (operator === 'notin') return own === undefined || !values.includes(own)
  if (own === undefined || operator === 'in') return own !== undefined && values.includes(own)
  const [left, right] = [Number(own), Number(values[0])]
  return /^[-+]?\d+$/.test(own) && (operator === 'gt' ? left > right : left < right)
}

/** Whether one of the names fits a member of a `target` as a whole; undefined where it is no expression to Go. */
export function fitsOne(pattern: string, names: readonly string[]): boolean | undefined {
  // Hundreds of patches may each be meant for one of hundreds of objects.
  if (literalName.test(pattern)) return names.includes(pattern)
  const matcher = matcherFor(`^(?:${pattern})$`)
  return matcher && names.some((name) => name.length <= longestName && matcher.test(name))
}

/** An expression that means itself. */
const literalName = /^[\w-]{1,63}$/

/** No cluster takes a longer name, so that a pattern has no more than that to look through. */
const longestName = 253
const mostKept = 1000
const matchers = new Map<string, Matcher | undefined>()

/** Undefined where the pattern is none to Go. Patterns are asked for again with every object. */
export function matcherFor(pattern: string): Matcher | undefined {
  if (matchers.has(pattern)) return matchers.get(pattern)
  const made = goPattern(pattern)
  const matcher = 'test' in made ? made : undefined
  if (matchers.size >= mostKept) matchers.clear()
  matchers.set(pattern, matcher)
  return matcher
}
