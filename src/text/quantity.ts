/** What Kubernetes reads as a quantity. */
export const quantity = /^(?=.)[-+]?[0-9]*(?:\.[0-9]*)?(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/

/** Whether Kubernetes reads the text as a quantity: `250m`, `512Mi`, `1.5e3`, but not `512MB` or `1 Gi`. */
export function isQuantity(text: string): boolean {
  return quantity.test(text)
}
