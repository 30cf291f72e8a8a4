import type { Scalar } from 'yaml'

import { resolvePlain, resolveTagged } from './scalar.js'

const yamlTag = 'tag:yaml.org,2002:'

/** What a scalar says; the value of a `!!binary` one is bytes by now. */
export function textOf({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '')
}

/**
 * The value of a scalar by its style and its tag: only plain ones and those with a tag of YAML's own are more than text.
 * Undefined where the text does not fit the tag.
 */
export function scalarValue(node: Scalar): boolean | null | number | string | undefined {
  const text = textOf(node)
  if (node.tag === undefined) return node.type === 'PLAIN' || node.type === undefined ? resolvePlain(text) : text
  return node.tag.startsWith(yamlTag) ? resolveTagged(node.tag.slice(yamlTag.length), text) : text
}

/** What is wrong with a scalar whose text does not fit its tag. */
export function tagMessage(node: Scalar): string {
  const tag = `!!${(node.tag ?? '').slice(yamlTag.length)}`
  return `\`${textOf(node)}\` must be of its tag \`${tag}\`, but is not: "cannot decode … as a ${tag}"`
}
