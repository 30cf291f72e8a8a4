import type { Json } from '../yaml/json.js'
import { member } from '../yaml/json.js'
import { type BuiltObject, effectiveNamespace, firstIdOf, gvkOf, idOf } from './built-object.js'
import { fitsOne, meets } from './selector-text.js'
import { type Refusal, textWithin, type Tree, within } from './tree.js'

/** What each member of a `target` is compared with. */
const asked: readonly (readonly [key: string, textsOf: (object: BuiltObject) => readonly string[]])[] = [
  ['namespace', (object) => [effectiveNamespace(firstIdOf(object)), effectiveNamespace(idOf(object))]],
  ['name', namesOf],
  ['group', ({ tree }) => [gvkOf(tree).group]],
  ['version', ({ tree }) => [gvkOf(tree).version]],
  ['kind', ({ tree }) => [gvkOf(tree).kind]],
]

/**
 * Whether the `target` of a patch means the object, by its first or its present name. Its members are expressions that
 * must fit as a whole.
 *
 * Source: sigs.k8s.io/kustomize/api/resmap/reswrangler.go Select, api/types/selector.go.
 */
export function isTarget(target: Json, object: BuiltObject): boolean | Refusal {
  let fits = true
  for (const [key, textsOf] of asked) {
    const pattern = member(target, key)
    if (typeof pattern !== 'string' || pattern === '') continue
    // What is no expression is refused whether or not the others fit.
    const isFit = fitsOne(pattern, fits ? textsOf(object) : [])
    if (isFit === undefined) return { refused: `\`${key}\` is \`${pattern}\`, not a regular expression` }
    fits &&= isFit
  }
  return fits ? hasMarks(object.tree, target) : false
}

function namesOf({ tree, previous: [first] }: BuiltObject): readonly string[] {
  const present = textWithin(tree, 'metadata', 'name')
  return [first?.name ?? present, present]
}

/** Whether labels and annotations meet the selectors that are given for them. */
export function hasMarks(tree: Tree, selector: Json): boolean | Refusal {
  for (const [key, field] of [
    ['labelSelector', 'labels'],
    ['annotationSelector', 'annotations'],
  ] as const) {
    const text = member(selector, key)
    if (typeof text !== 'string' || text === '') continue
    const marks = within(tree, 'metadata', field)
    const isMet = meets(text, (name) =>
      marks?.kind === 'map' && marks.entries.has(name) ? textWithin(marks, name) : undefined,
    )
    if (isMet === undefined) return { refused: `\`${text.slice(0, 60)}\` is no selector of labels` }
    if (!isMet) return false
  }
  return true
}
