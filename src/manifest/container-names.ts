/** Where the containers of a template stand. */
export const containersPath = ['spec', 'template', 'spec', 'containers']

/**
 * The names that a cluster gives to containers without one, undefined where a container has its own. Several are numbered
 * past the names in use.
 *
 * @param name What the cluster calls a single one.
 * @param others The names of the other containers of the pod.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go applyDefaultContainerNames
 */
export function defaultContainerNames(
  own: readonly (string | undefined)[],
  name: string = 'user-container',
  others: readonly (string | undefined)[] = [],
): readonly (string | undefined)[] {
  const taken = new Set([...own, ...others])
  let number = 0
  return own.map((one) => {
    if (one !== '') return undefined
    if (own.length === 1 && !taken.has(name)) return name
    while (taken.has(`${name}-${number}`)) number++
    return `${name}-${number++}`
  })
}
