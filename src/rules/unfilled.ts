import type { Json } from '../manifest/json.js'

/** `${NAME}`, `${NAME:-default}` and `$NAME`: what envsubst, Flux's `postBuild` and Cloud Build fill in. */
const variable = /\$\{[A-Za-z_][^{}]*\}|\$[A-Z_][A-Z0-9_]*/

/**
 * What to do about a value that is refused because it still has a variable in it. The verdict stays: the file as it is
 * would be refused. Undefined where there is no variable.
 */
export function helpToFill(value: Json | undefined): string | undefined {
  const name = typeof value === 'string' ? variable.exec(value)?.[0] : undefined
  if (name === undefined) return undefined
  return `\`${name}\` looks like a variable: fill it in first, as with \`envsubst\`, and pipe the result to \`kn-rollout validate -\``
}
