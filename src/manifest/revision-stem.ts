/**
 * What stands behind the Service's name in the name of a revision: `v1` of `shop-v1`, and of `dev-shop-v1`, where a prefix
 * comes first. All of it where the Service is not in there.
 */
export function stemOf(revision: string, service: string): string {
  const at = service === '' ? -1 : `-${revision}`.lastIndexOf(`-${service}-`)
  return at < 0 ? revision : revision.slice(at + service.length + 1)
}
