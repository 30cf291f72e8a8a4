/** What every Knative manifest spells. Searches look for it as well, so it stands apart from what reads YAML. */
export const marker = 'serving.knative.dev/'

/**
 * An `apiVersion` by alias. Anchors end with their document, so where the marker stands in another one, or nowhere, the
 * cluster cannot tell what this document is, and no more can we.
 */
export const aliasedVersion = 'apiVersion: *'

/** Whether a text can hold a Knative manifest, be it one that says what it is by an alias that leads nowhere. */
export function hasSign(text: string): boolean {
  return text.includes(marker) || text.includes(aliasedVersion)
}
