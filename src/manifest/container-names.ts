/** Where the containers of a template stand. */
export const containersPath = ['spec', 'template', 'spec', 'containers']

/**
 * The names that a cluster gives to containers without one, undefined where a container has its own. Several are numbered
 * past the names in use.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go.
 */
export function defaultContainerNames(own: readonly (string | undefined)[]): readonly (string | undefined)[] {
  const taken = new Set(own)
  let number = 0
  return own.map((name) => {
    if (name !== '') return undefined
    if (own.length === 1) return 'user-container'
    while (taken.has(`user-container-${number}`)) number++
    return `user-container-${number++}`
  })
}
