import type { Matcher } from '../text/automaton.js'
import { goPattern } from '../text/go-regexp.js'
import type { Json } from '../yaml/json.js'
import { member } from '../yaml/json.js'
import { type BuiltObject, effectiveNamespace, firstIdOf, gvkOf, idOf } from './built-object.js'
import { isRefusal, type Refusal, textWithin, type Tree, within } from './tree.js'

/**
 * Whether the `target` of a patch means the object, by its first or its present name. Its members are expressions that
 * must fit as a whole.
 *
 * Source: sigs.k8s.io/kustomize/api/resmap/reswrangler.go Select, api/types/selector.go.
 */
export function isTarget(target: Json, object: BuiltObject): boolean | Refusal {
  const [first, present] = [firstIdOf(object), idOf(object)]
  const gvk = gvkOf(object.tree)
  const asked: readonly (readonly [string, readonly string[]])[] = [
    ['namespace', [effectiveNamespace(first), effectiveNamespace(present)]],
    ['name', [first.name, present.name]],
    ['group', [gvk.group]],
    ['version', [gvk.version]],
    ['kind', [gvk.kind]],
  ]
  let fits = true
  for (const [key, texts] of asked) {
    const pattern = member(target, key)
    if (typeof pattern !== 'string' || pattern === '') continue
    const matcher = matcherFor(`^(?:${pattern})$`)
    if (!matcher) return { refused: `\`${key}\` is \`${pattern}\`, not a regular expression` }
    fits &&= texts.some((text) => text.length <= longestName && matcher.test(text))
  }
  return fits ? hasMarks(object.tree, target) : false
}

/** Whether labels and annotations meet the selectors that are given for them. */
export function hasMarks(tree: Tree, selector: Json): boolean | Refusal {
  for (const [key, field] of [
    ['labelSelector', 'labels'],
    ['annotationSelector', 'annotations'],
  ] as const) {
    const text = member(selector, key)
    if (typeof text !== 'string' || text === '') continue
    const requirements = requirementsIn(text)
    if (isRefusal(requirements)) return requirements
    if (!requirements.every((requirement) => isMet(requirement, within(tree, 'metadata', field)))) return false
  }
  return true
}

type Requirement = {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt'
  readonly values: readonly string[]
}

const requirement =
  /\s*(?:(?<absent>!)\s*)?(?<key>[A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?)\s*(?:(?<sign>==?|!=|>|<)\s*(?<value>[\w.-]*)\s*|(?<set>in|notin)\s*\((?<values>[^()]*)\)\s*)?(?:,|$)/y

/** Source: k8s.io/apimachinery/pkg/labels/selector.go. */
function requirementsIn(selector: string): readonly Requirement[] | Refusal {
  const found: Requirement[] = []
  requirement.lastIndex = 0
  while (requirement.lastIndex < selector.length) {
    const groups = requirement.exec(selector)?.groups
    const key = groups?.['key']
    if (!groups || key === undefined || selector.length > longestSelector)
      return { refused: `\`${selector.slice(0, 60)}\` is not a label selector` }
    const { absent, sign, value = '', set, values = '' } = groups
    const texts = set === undefined ? [value] : values.split(',').map((one) => one.trim())
    if (absent !== undefined) found.push({ key, operator: 'absent', values: [] })
    else if (sign === '>' || sign === '<') found.push({ key, operator: sign === '>' ? 'gt' : 'lt', values: texts })
    else if (sign === '!=' || set === 'notin') found.push({ key, operator: 'notin', values: texts })
    else found.push({ key, operator: sign === undefined && set === undefined ? 'exists' : 'in', values: texts })
  }
  return found
}

const longestSelector = 4096

function isMet({ key, operator, values }: Requirement, marks: Tree | undefined): boolean {
  const has = marks?.kind === 'map' && marks.entries.has(key)
  const own = textWithin(marks, key)
  if (operator === 'exists') return has
  if (operator === 'absent') return !has
  if (operator === 'in') return has && values.includes(own)
  if (operator === 'notin') return !has || !values.includes(own)
  const [left, right] = [Number(own), Number(values[0])]
  return has && /^-?\d+$/.test(own) && (operator === 'gt' ? left > right : left < right)
}

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
